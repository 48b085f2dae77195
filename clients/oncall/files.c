#include "clients/oncall/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/buf.h"
#include "common/log.h"

bool files_write(int fd, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

bool files_sync_folder(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

bool files_replace(const char *folder, const char *name, struct text text) {
    char *path = alloc_printf("%s/%s", folder, name), *fresh = alloc_printf("%s/%s.new", folder, name);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 && files_write(fd, text.s, text.len) && fsync(fd) == 0;
    if (fd >= 0)
        good = close(fd) == 0 && good;
    good = good && rename(fresh, path) == 0 && files_sync_folder(folder);
    free(fresh);
    free(path);
    return good;
}

int files_lock(const char *folder) {
    char *path = alloc_printf("%s/lock", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        log_error("state", "%s: cannot be opened: %m", path);
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        log_error("state", "%s: %s", path,
                  errno == EWOULDBLOCK ? "another oversight-oncall works here" : strerror(errno));
        close(fd);
        fd = -1;
    }
    free(path);
    return fd;
}

/* ---- Position ------------------------------------------------------------------ */

enum position_result position_read(const char *folder, struct oversight_id *ret_id) {
    char text[OVERSIGHT_ID_SIZE + 2] = "", *path = alloc_printf("%s/position", folder);
    enum position_result result = POSITION_FOUND;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd < 0 && errno == ENOENT) {
        result = POSITION_NONE;
    } else if (len < 0) {
        log_error("position", "%s: cannot be read: %m", path);
        result = POSITION_BAD;
    } else if (!oversight_id_parse(text, strcspn(text, "\n"), ret_id)) {
        log_error("position", "%s: got \"%s\", expected the id of an alert, such as 3-127", path, text);
        result = POSITION_BAD;
    }
    if (fd >= 0)
        close(fd);
    free(path);
    return result;
}

bool position_write(const char *folder, struct oversight_id id) {
    char text[OVERSIGHT_ID_SIZE], line[OVERSIGHT_ID_SIZE + 1];
    int len = snprintf(line, sizeof line, "%s\n", oversight_id_format(id, text));
    return files_replace(folder, "position", (struct text){line, (size_t)len});
}

/* ---- Logs that turn over --------------------------------------------------------- */

struct turning {
    char *path, *old;
    int fd;
    size_t size, max;
    struct buf waiting;
};

static bool open_file(struct turning *turning) {
    struct stat info;
    turning->fd = open(turning->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (turning->fd < 0 || fstat(turning->fd, &info) != 0) {
        log_error("state", "%s: cannot be opened: %m", turning->path);
        return false;
    }
    turning->size = (size_t)info.st_size;
    return true;
}

struct turning *turning_open(const char *folder, const char *name, size_t max) {
    struct turning *turning = alloc_zero(1, sizeof *turning);
    turning->path = alloc_printf("%s/%s", folder, name);
    turning->old = alloc_printf("%s/%s.1", folder, name);
    turning->max = max;
    buf_init(&turning->waiting);
    if (open_file(turning))
        return turning;
    turning_close(turning);
    return NULL;
}

void turning_close(struct turning *turning) {
    if (!turning)
        return;
    turning_flush(turning);
    if (turning->fd >= 0)
        close(turning->fd);
    buf_finish(&turning->waiting);
    free(turning->path);
    free(turning->old);
    free(turning);
}

void turning_add(struct turning *turning, const char *line, size_t len) {
    buf_append(&turning->waiting, line, len);
    buf_append_char(&turning->waiting, '\n');
}

static void turn_over(struct turning *turning) {
    close(turning->fd);
    if (rename(turning->path, turning->old) != 0)
        log_error("state", "%s: cannot be renamed: %m", turning->path);
    open_file(turning);
}

void turning_flush(struct turning *turning) {
    if (turning->waiting.len == 0)
        return;
    if (turning->fd < 0 && !open_file(turning)) {
        buf_clear(&turning->waiting); /* reported; what is delivered must not depend on it */
        return;
    }
    if (turning->size > 0 && turning->size + turning->waiting.len > turning->max)
        turn_over(turning);
    if (turning->fd >= 0 && !files_write(turning->fd, turning->waiting.data, turning->waiting.len))
        log_error("state", "%s: cannot be written: %m", turning->path);
    turning->size += turning->waiting.len;
    buf_clear(&turning->waiting);
}
