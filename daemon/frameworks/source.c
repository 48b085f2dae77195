#include "daemon/frameworks/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/alloc.h"

/* Reads until the end of the file or until the buffer is full. */
static ssize_t read_all(int fd, char *buf, size_t size) {
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(fd, buf + len, size - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

char *source_read(const char *path, size_t max, struct problems *problems, size_t *ret_len) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0) {
        problems_add(problems, path, 0, "cannot be opened: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    /* One byte more than a regular file holds: a longer read shows that it grew past the limit. */
    bool regular = S_ISREG(status.st_mode);
    size_t size = regular && (size_t)status.st_size < max ? (size_t)status.st_size + 1 : max + 1;
    char *bytes = alloc_zero(size + 1, 1);
    ssize_t got = read_all(fd, bytes, size);
    int error = errno;
    close(fd);
    if (got < 0)
        problems_add(problems, path, 0, "cannot be read: %s", strerror(error));
    else if ((size_t)got > max)
        problems_add(problems, path, 0, "file too large: expected at most %zu bytes", max);
    if (got < 0 || (size_t)got > max) {
        free(bytes);
        return NULL;
    }
    *ret_len = (size_t)got;
    return bytes;
}

uint64_t source_digest(const char *bytes, size_t len) {
    uint64_t digest = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return digest;
}
