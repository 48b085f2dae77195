/*
 * A growable run of bytes for building text and payloads. Always followed by a
 * NUL that does not count, so that text can be used as a C string.
 *
 * Out of memory ends the process. Whoever fills a buffer from outside bounds it.
 */
#ifndef OV_COMMON_BUF_H
#define OV_COMMON_BUF_H

#include <stddef.h>

#include "common/text.h"

struct buf {
    char *data; /* never NULL: "" when empty */
    size_t len;
    size_t size; /* of the memory behind data; 0 = none yet */
};

void buf_init(struct buf *buf);   /* no memory yet */
void buf_finish(struct buf *buf); /* frees the memory; the buffer is as after init */
void buf_clear(struct buf *buf);  /* empty, keeps the memory */

void buf_append(struct buf *buf, const void *bytes, size_t len);
void buf_append_char(struct buf *buf, char c);
void buf_append_text(struct buf *buf, struct text text);
void buf_append_string(struct buf *buf, const char *string);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_truncate(struct buf *buf, size_t len); /* to at most len bytes */

/* Hands the memory over to the caller, who frees it; the buffer is empty then. */
char *buf_take(struct buf *buf);

#endif
