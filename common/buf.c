#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define FIRST_SIZE 256

static char nothing[1]; /* only ever read: size 0 says that there is no room */

/* Room for count more bytes and the NUL. */
static void buf_reserve(struct buf *buf, size_t count) {
    size_t needed = buf->len + count + 1;
    if (needed <= buf->size)
        return;
    size_t size = buf->size ? buf->size : FIRST_SIZE;
    while (size < needed)
        size *= 2;
    buf->data = alloc_resize(buf->size ? buf->data : NULL, size, 1);
    buf->size = size;
}

void buf_init(struct buf *buf) {
    buf->data = nothing;
    buf->len = 0;
    buf->size = 0;
}

void buf_finish(struct buf *buf) {
    if (buf->size)
        free(buf->data);
    buf_init(buf);
}

void buf_clear(struct buf *buf) {
    buf_truncate(buf, 0);
}

void buf_truncate(struct buf *buf, size_t len) {
    if (len < buf->len) {
        buf->len = len;
        buf->data[len] = '\0';
    }
}

void buf_append(struct buf *buf, const void *bytes, size_t len) {
    if (len == 0)
        return;
    buf_reserve(buf, len);
    memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_append_char(struct buf *buf, char c) {
    buf_reserve(buf, 1);
    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
}

void buf_append_text(struct buf *buf, struct text text) {
    buf_append(buf, text.s, text.len);
}

void buf_append_string(struct buf *buf, const char *string) {
    buf_append(buf, string, strlen(string));
}

void buf_printf(struct buf *buf, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len <= 0)
        return;
    buf_reserve(buf, (size_t)len);
    va_start(arguments, format);
    vsnprintf(buf->data + buf->len, (size_t)len + 1, format, arguments);
    va_end(arguments);
    buf->len += (size_t)len;
}

char *buf_take(struct buf *buf) {
    buf_reserve(buf, 0);
    buf->data[buf->len] = '\0';
    char *data = buf->data;
    buf_init(buf);
    return data;
}
