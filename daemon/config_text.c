#include "daemon/config_text.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/alloc.h"
#include "common/buf.h"

char *config_text_read(const char *path, struct problems *problems) {
    struct stat info;
    FILE *stream = fopen(path, "re");
    if (!stream || fstat(fileno(stream), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size > CONFIG_FILE_MAX) {
        if (!stream)
            problems_add(problems, path, 0, "cannot be read: %s", strerror(errno));
        else
            problems_add(problems, path, 0, "cannot be read: expected a file of at most %d bytes", CONFIG_FILE_MAX);
        if (stream)
            fclose(stream);
        return NULL;
    }
    char *text = alloc_zero(1, CONFIG_FILE_MAX + 1);
    size_t len = fread(text, 1, CONFIG_FILE_MAX, stream);
    if (ferror(stream) || memchr(text, '\0', len)) {
        problems_add(problems, path, 0, "cannot be read: %s",
                     ferror(stream) ? strerror(errno) : "it holds a NUL, expected text");
        free(text);
        text = NULL;
    }
    fclose(stream);
    return text;
}

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '*' ||
           c == '.' || c == '-' || c == '+';
}

/* Length of what is no number at the start of text: a comment or a string; 0 if neither. */
static size_t skipped(const char *text) {
    const char *end = NULL;
    if (text[0] == '#' || (text[0] == '/' && text[1] == '/'))
        return strcspn(text, "\n");
    if (text[0] == '/' && text[1] == '*') {
        end = strstr(text + 2, "*/");
        return end ? (size_t)(end - text) + 2 : strlen(text);
    }
    if (text[0] != '"')
        return 0;
    size_t i = 1;
    while (text[i] && text[i] != '"')
        i += text[i] == '\\' && text[i + 1] ? 2 : 1;
    return text[i] ? i + 1 : i;
}

/* A whole number, decimal or hexadecimal, that needs more than 32 bits. */
static bool is_wide(const char *word, size_t len) {
    char copy[64], *end;
    if (len >= sizeof copy)
        return false;
    memcpy(copy, word, len);
    copy[len] = '\0';
    bool hexadecimal = copy[0] == '0' && (copy[1] == 'x' || copy[1] == 'X');
    errno = 0;
    long long number = strtoll(copy, &end, hexadecimal ? 16 : 10);
    return *end == '\0' && end != copy && (errno != 0 || number > INT_MAX || number < INT_MIN);
}

char *config_text_widen(const char *text) {
    struct buf out;
    buf_init(&out);
    while (*text) {
        size_t len = skipped(text);
        if (len == 0)
            while (is_word(text[len]))
                len++;
        bool wide = len > 0 && text[0] != '"' && is_wide(text, len);
        len = len > 0 ? len : 1;
        buf_append(&out, text, len);
        if (wide)
            buf_append_char(&out, 'L');
        text += len;
    }
    return buf_take(&out);
}
