#include "common/json_write.h"

#include <math.h>
#include <string.h>

void json_init(struct json_writer *writer, struct buf *buf) {
    *writer = (struct json_writer){.buf = buf};
}

static void put_escaped(struct buf *buf, unsigned char c) {
    static const char bytes[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *known = c ? strchr(bytes, c) : NULL;
    if (known) {
        buf_append_char(buf, '\\');
        buf_append_char(buf, names[known - bytes]);
    } else {
        buf_printf(buf, "\\u%04x", (unsigned)c);
    }
}

/* ASCII that stands for itself. */
static const bool plain[256] = {[' '] = true, ['!'] = true, ['#' ... '['] = true, [']' ... '~'] = true};

static void put_text(struct buf *buf, struct text value) {
    size_t from = 0; /* start of a run that needs no escape */
    buf_append_char(buf, '"');
    for (size_t at = 0; at < value.len;) {
        unsigned char c = (unsigned char)value.s[at];
        uint32_t point;
        if (plain[c]) {
            at++;
            continue;
        }
        size_t size = c < 0x80 ? 1 : text_utf8_sequence(value.s + at, value.len - at, &point);
        if (size > 0 && c >= 0x80) {
            at += size;
            continue;
        }
        buf_append(buf, value.s + from, at - from);
        if (size > 0)
            put_escaped(buf, c);
        else
            buf_append_string(buf, "\xef\xbf\xbd");
        from = ++at;
    }
    buf_append(buf, value.s + from, value.len - from);
    buf_append_char(buf, '"');
}

/* The comma and key in front of a value. */
static void begin(struct json_writer *writer, const char *key) {
    if (writer->comma)
        buf_append_char(writer->buf, ',');
    writer->comma = true;
    if (key) {
        put_text(writer->buf, text_of(key));
        buf_append_char(writer->buf, ':');
    }
}

static void open_with(struct json_writer *writer, const char *key, char bracket) {
    begin(writer, key);
    buf_append_char(writer->buf, bracket);
    writer->comma = false;
}

static void close_with(struct json_writer *writer, char bracket) {
    buf_append_char(writer->buf, bracket);
    writer->comma = true;
}

void json_object(struct json_writer *writer, const char *key) {
    open_with(writer, key, '{');
}

void json_object_end(struct json_writer *writer) {
    close_with(writer, '}');
}

void json_array(struct json_writer *writer, const char *key) {
    open_with(writer, key, '[');
}

void json_array_end(struct json_writer *writer) {
    close_with(writer, ']');
}

void json_text(struct json_writer *writer, const char *key, struct text value) {
    begin(writer, key);
    put_text(writer->buf, value);
}

void json_string(struct json_writer *writer, const char *key, const char *value) {
    if (value)
        json_text(writer, key, text_of(value));
    else
        json_null(writer, key);
}

void json_number(struct json_writer *writer, const char *key, double value) {
    char number[NUMBER_SIZE];
    begin(writer, key);
    buf_append_string(writer->buf, isfinite(value) ? text_from_double(value, number) : "null");
}

static void put_whole(struct buf *buf, uint64_t value) {
    char number[NUMBER_SIZE];
    buf_append_string(buf, text_from_uint64(value, number));
}

void json_uint(struct json_writer *writer, const char *key, uint64_t value) {
    begin(writer, key);
    put_whole(writer->buf, value);
}

void json_int(struct json_writer *writer, const char *key, int64_t value) {
    begin(writer, key);
    if (value < 0)
        buf_append_char(writer->buf, '-');
    put_whole(writer->buf, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_bool(struct json_writer *writer, const char *key, bool value) {
    begin(writer, key);
    buf_append_string(writer->buf, value ? "true" : "false");
}

void json_null(struct json_writer *writer, const char *key) {
    begin(writer, key);
    buf_append_string(writer->buf, "null");
}

void json_raw(struct json_writer *writer, const char *key, struct text json) {
    begin(writer, key);
    buf_append_text(writer->buf, json);
}
