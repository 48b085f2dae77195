#include "daemon/net/reply.h"

#include <stdio.h>
#include <string.h>

#define CLOSING "\"}}"

/* The bytes of the UTF-8 character at text; 1 for what is none. */
static size_t character_length(const char *text) {
    unsigned char first = (unsigned char)*text;
    size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    return strnlen(text, len);
}

size_t reply_error(char *buf, size_t size, const char *code, const char *message) {
    size_t end = size - sizeof CLOSING;
    size_t at = (size_t)snprintf(buf, size, "{\"error\":{\"code\":\"%.40s\",\"message\":\"", code);
    for (const char *p = message; *p != '\0';) {
        char piece[8];
        size_t taken = character_length(p), len = taken;
        unsigned char c = (unsigned char)*p;
        if (c < 0x20 || c == 0x7f) {
            len = (size_t)snprintf(piece, sizeof piece, "\\u%04x", c);
        } else if (c == '"' || c == '\\') {
            piece[0] = '\\';
            piece[1] = (char)c;
            len = 2;
        } else {
            memcpy(piece, p, taken);
        }
        if (at + len > end)
            break;
        memcpy(buf + at, piece, len);
        at += len;
        p += taken;
    }
    memcpy(buf + at, CLOSING, sizeof CLOSING);
    return at + strlen(CLOSING);
}
