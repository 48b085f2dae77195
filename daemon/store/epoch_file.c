#include "daemon/store/epoch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/text.h"

#define NAME "epoch"

static bool path_of(const char *state_dir, const char *name, char path[PATH_MAX]) {
    int len = snprintf(path, PATH_MAX, "%s/%s", state_dir, name);
    return len > 0 && len < PATH_MAX;
}

uint64_t epoch_file_read(const char *state_dir) {
    char path[PATH_MAX], line[32];
    uint64_t epoch = 0;
    if (!path_of(state_dir, NAME, path))
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t len = read(fd, line, sizeof(line));
    close(fd);
    if (len > 0 && line[len - 1] == '\n')
        len--;
    return len > 0 && text_to_uint64((struct text){line, (size_t)len}, &epoch) ? epoch : 0;
}

static bool write_synced(const char *path, const char *line) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    size_t len = strlen(line);
    bool good = write(fd, line, len) == (ssize_t)len && fsync(fd) == 0;
    return close(fd) == 0 && good;
}

void epoch_file_write(const char *state_dir, uint64_t epoch) {
    char path[PATH_MAX], next[PATH_MAX], line[32];
    snprintf(line, sizeof(line), "%" PRIu64 "\n", epoch);
    if ((mkdir(state_dir, 0700) != 0 && errno != EEXIST) || !path_of(state_dir, NAME, path) ||
        !path_of(state_dir, NAME ".new", next) || !write_synced(next, line) || rename(next, path) != 0)
        log_warning("store", "%s/%s cannot be written, so that an emptied store may look like a new one: %m", state_dir,
                    NAME);
}
