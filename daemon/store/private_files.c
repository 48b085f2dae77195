#include "daemon/store/private_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/text.h"
#include "daemon/store/address.h"

#define LOG_MAX (1024 * 1024)

static bool make_dir(const char *path, char *ret_error, size_t size) {
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return true;
    snprintf(ret_error, size, "%s: cannot be made: %s", path, strerror(errno));
    return false;
}

bool private_files_init(struct private_files *files, const char *state_dir, char *ret_error, size_t size) {
    char real[PRIVATE_PATH_SIZE];
    if (!make_dir(state_dir, ret_error, size))
        return false;
    /* Absolute: the server changes its working folder. */
    if (!realpath(state_dir, real)) {
        snprintf(ret_error, size, "%s: %s", state_dir, strerror(errno));
        return false;
    }
    size_t len = strlen(real) + strlen("/redis/socket");
    if (len > ADDRESS_PATH_MAX) {
        snprintf(
            ret_error, size,
            "state_dir = \"%s\": too long for the unix socket in it, whose path would have %zu bytes of at most %d",
            state_dir, len, ADDRESS_PATH_MAX);
        return false;
    }
    for (const char *c = real; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            snprintf(ret_error, size, "state_dir: expected a path without control characters");
            return false;
        }
    }
    int n = snprintf(files->dir, sizeof(files->dir), "%s/redis", real);
    int dir = n > 0 && n < ADDRESS_PATH_MAX ? n : 0;
    snprintf(files->config, sizeof(files->config), "%.*s/redis.conf", dir, files->dir);
    snprintf(files->socket, sizeof(files->socket), "%.*s/socket", dir, files->dir);
    snprintf(files->log, sizeof(files->log), "%.*s/log", dir, files->dir);
    snprintf(files->lock, sizeof(files->lock), "%.*s/lock", dir, files->dir);
    return make_dir(files->dir, ret_error, size);
}

/* A directive with a path, quoted the way Redis reads it. */
static void put_path(FILE *file, const char *directive, const char *path) {
    fprintf(file, "%s \"", directive);
    for (; *path; path++) {
        if (*path == '"' || *path == '\\')
            fputc('\\', file);
        fputc(*path, file);
    }
    fputs("\"\n", file);
}

bool private_files_write_config(const struct private_files *files, char *ret_error, size_t size) {
    int fd = open(files->config, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        snprintf(ret_error, size, "%s: cannot be written: %s", files->config, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    fputs("# Written by oversightd at every start; changes here are lost.\n", file);
    put_path(file, "dir", files->dir);
    put_path(file, "unixsocket", files->socket);
    put_path(file, "logfile", files->log);
    fputs("unixsocketperm 700\n"
          "port 0\n"
          "daemonize no\n"
          "supervised no\n"
          "loglevel notice\n"
          "always-show-logo no\n"
          "databases 1\n"
          /* Confirmed means on the disk, also while the file is being rewritten. */
          "save \"\"\n"
          "appendonly yes\n"
          "appendfsync always\n"
          "no-appendfsync-on-rewrite no\n"
          "aof-load-truncated yes\n"
          /* A figure in a longer one is found by going through all: half of what a step costs at 250 organisations. */
          "hash-max-listpack-entries 64\n"
          "auto-aof-rewrite-percentage 100\n"
          "auto-aof-rewrite-min-size 64mb\n"
          "maxmemory 0\n"
          "maxmemory-policy noeviction\n"
          "enable-debug-command no\n"
          "enable-module-command no\n",
          file);
    bool failed = ferror(file);
    if (fclose(file) != 0 || failed) {
        snprintf(ret_error, size, "%s: cannot be written: %s", files->config, strerror(errno));
        return false;
    }
    return true;
}

int private_files_lock(const struct private_files *files) {
    int fd = open(files->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int kept = errno;
        close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}

const char *private_files_last_words(const struct private_files *files, char *dst, size_t size) {
    char tail[1024];
    dst[0] = '\0';
    int fd = open(files->log, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return dst;
    off_t end = lseek(fd, 0, SEEK_END);
    off_t from = end > (off_t)sizeof(tail) ? end - (off_t)sizeof(tail) : 0;
    ssize_t got = pread(fd, tail, sizeof(tail), from);
    close(fd);
    size_t len = got > 0 ? (size_t)got : 0;
    while (len > 0 && (tail[len - 1] == '\n' || tail[len - 1] == '\r'))
        len--;
    const char *newline = memrchr(tail, '\n', len);
    const char *line = newline ? newline + 1 : tail;
    return text_escape(dst, size, (struct text){line, len - (size_t)(line - tail)});
}

void private_files_rotate_log(const struct private_files *files) {
    struct stat st;
    char old[PRIVATE_PATH_SIZE + 8];
    snprintf(old, sizeof(old), "%s.old", files->log);
    /* A log that cannot be moved away just goes on growing. */
    if (stat(files->log, &st) == 0 && st.st_size > LOG_MAX && rename(files->log, old) != 0)
        return;
}

bool private_files_find_program(const char *program, char *ret_path, size_t size) {
    if (strchr(program, '/'))
        return (size_t)snprintf(ret_path, size, "%s", program) < size && access(ret_path, X_OK) == 0;
    const char *path = getenv("PATH");
    path = path && path[0] ? path : "/usr/local/bin:/usr/bin:/bin";
    while (*path) {
        size_t len = strcspn(path, ":");
        if (len > 0 && (size_t)snprintf(ret_path, size, "%.*s/%s", (int)len, path, program) < size &&
            access(ret_path, X_OK) == 0)
            return true;
        path += len;
        path += *path == ':';
    }
    return false;
}
