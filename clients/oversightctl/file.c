#include "clients/oversightctl/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"

#define CHUNK 65536

char *file_read(const char *path, size_t max, size_t *ret_len, struct problems *problems) {
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    const char *name = fd == STDIN_FILENO ? "standard input" : path;
    char chunk[CHUNK];
    struct buf buf;
    ssize_t n;

    if (fd < 0) {
        problems_add(problems, name, 0, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    buf_init(&buf);
    while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            problems_add(problems, name, 0, "cannot be read: %s", strerror(errno));
            break;
        }
        if ((size_t)n > max - buf.len) {
            problems_add(problems, name, 0, "more than %zu bytes", max);
            n = -1;
            break;
        }
        buf_append(&buf, chunk, (size_t)n);
    }
    if (fd != STDIN_FILENO)
        close(fd);
    if (n < 0) {
        buf_finish(&buf);
        return NULL;
    }
    buf_append_char(&buf, '\0'); /* so that there is memory even for an empty file */
    *ret_len = buf.len - 1;
    return buf_take(&buf);
}
