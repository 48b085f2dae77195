#include "common/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

static void *checked(void *memory, size_t count, size_t size) {
    if (memory)
        return memory;
    log_error("memory", "no memory for %zu times %zu bytes: giving up", count, size);
    log_stop_queue();
    abort();
}

void *alloc_zero(size_t count, size_t size) {
    return checked(calloc(count ? count : 1, size ? size : 1), count, size);
}

void *alloc_resize(void *memory, size_t count, size_t size) {
    size = size ? size : 1;
    count = count ? count : 1;
    if (count > SIZE_MAX / size)
        return checked(NULL, count, size);
    return checked(realloc(memory, count * size), count, size);
}

char *alloc_copy(const char *string) {
    return string ? alloc_copy_bytes(string, strlen(string)) : NULL;
}

char *alloc_copy_bytes(const void *bytes, size_t len) {
    char *copy = alloc_resize(NULL, len + 1, 1);
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *alloc_printf(const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = NULL;
    int len = vasprintf(&text, format, args);
    va_end(args);
    return checked(len < 0 ? NULL : text, 1, strlen(format));
}
