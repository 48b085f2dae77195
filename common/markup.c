#include "common/markup.h"

#include <string.h>

static const char *entity(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Characters that XML has no place for, C1 controls among them. */
static bool is_control(uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xfffe || point == 0xffff;
}

void markup_text(struct buf *buf, struct text text) {
    for (size_t i = 0; i < text.len;) {
        uint32_t point = 0;
        size_t len = text_utf8_sequence(text.s + i, text.len - i, &point);
        const char *name = entity(text.s[i]);

        if (len == 0)
            buf_append_string(buf, "\xef\xbf\xbd");
        else if (is_control(point))
            buf_append_char(buf, ' ');
        else if (name)
            buf_append_string(buf, name);
        else
            buf_append(buf, text.s + i, len);
        i += len ? len : 1;
    }
}

void markup_string(struct buf *buf, const char *string) {
    markup_text(buf, text_of(string));
}

void markup_attribute(struct buf *buf, const char *name, const char *value) {
    buf_append_char(buf, ' ');
    buf_append_string(buf, name);
    buf_append_string(buf, "=\"");
    markup_string(buf, value);
    buf_append_char(buf, '"');
}

void markup_number(struct buf *buf, const char *name, double number) {
    char text[NUMBER_SIZE];

    markup_attribute(buf, name, text_from_double(number, text));
}

void markup_url(struct buf *buf, const char *string) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (; *string != '\0'; string++) {
        if (strchr(plain, *string))
            buf_append_char(buf, *string);
        else
            buf_printf(buf, "%%%02X", (unsigned)(unsigned char)*string);
    }
}
