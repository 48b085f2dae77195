/*
 * JSON text written front to back into a buffer: commas, escapes and numbers
 * are looked after here, the nesting by the caller. Keys are literals of ours;
 * values may be anything: bytes that are not UTF-8 become U+FFFD.
 */
#ifndef OV_COMMON_JSON_WRITE_H
#define OV_COMMON_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/text.h"

struct json_writer {
    struct buf *buf;
    bool comma; /* the next value needs one before it */
};

void json_init(struct json_writer *writer, struct buf *buf);

/* key: NULL inside an array or at the top. */
void json_object(struct json_writer *writer, const char *key); /* opens { */
void json_object_end(struct json_writer *writer);
void json_array(struct json_writer *writer, const char *key); /* opens [ */
void json_array_end(struct json_writer *writer);
void json_text(struct json_writer *writer, const char *key, struct text value);
void json_string(struct json_writer *writer, const char *key, const char *value); /* NULL writes null */
void json_number(struct json_writer *writer, const char *key, double value);      /* not finite: null */
void json_uint(struct json_writer *writer, const char *key, uint64_t value);
void json_int(struct json_writer *writer, const char *key, int64_t value);
void json_bool(struct json_writer *writer, const char *key, bool value);
void json_null(struct json_writer *writer, const char *key);
void json_raw(struct json_writer *writer, const char *key, struct text json); /* a JSON value already in text */

#endif
