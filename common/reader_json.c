/* RFC 8259, nothing more: no leading zeros, no raw control characters, no
 * lone surrogates, no comments, no trailing commas. */
#include <math.h>
#include <string.h>

#include "common/reader_impl.h"

static bool at_char(const struct reader *reader, char c) {
    return reader->at < reader->end && *reader->at == c;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void json_read_space(struct reader *reader) {
    while (reader->at < reader->end &&
           (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r'))
        reader->at++;
}

/* "expected <what>, found <the bytes there>". */
static bool fail_expected(struct reader *reader, const char *what) {
    char found[24];
    size_t left = (size_t)(reader->end - reader->at);
    if (left == 0)
        return reader_fail(reader, reader->at, "expected %s, found the end", what);
    text_escape(found, sizeof(found), (struct text){reader->at, left < 8 ? left : 8});
    return reader_fail(reader, reader->at, "expected %s, found %s", what, found);
}

/* The text up to its closing quote or first escape; at is behind the opening
 * quote, and stays where the plain run ends. */
static bool plain_run(struct reader *reader) {
    const char *at = reader->at;
    for (; at < reader->end; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\')
            break;
        if (c >= 0x20 && c < 0x80)
            continue;
        uint32_t point = 0;
        size_t size = c < 0x80 ? 0 : text_utf8_sequence(at, (size_t)(reader->end - at), &point);
        if (c < 0x20)
            return reader_fail(reader, at, "control character 0x%02x in a string, expected an escape", (unsigned)c);
        if (size == 0)
            return reader_fail(reader, at, "a string that is not UTF-8");
        at += size - 1;
    }
    if (at == reader->end)
        return reader_fail(reader, at, "expected the closing quote of a string, found the end");
    reader->at = at;
    return true;
}

static bool read_hex4(struct reader *reader, uint32_t *ret_unit) {
    uint32_t unit = 0;
    if (reader->end - reader->at < 4)
        return fail_expected(reader, "four hexadecimal digits");
    for (int i = 0; i < 4; i++) {
        char c = reader->at[i];
        unsigned digit = is_digit(c)            ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                : 16U;
        if (digit > 15)
            return fail_expected(reader, "four hexadecimal digits");
        unit = unit << 4 | digit;
    }
    reader->at += 4;
    *ret_unit = unit;
    return true;
}

/* Behind "\u": one code point, from two units where the first is a surrogate. */
static bool read_unicode(struct reader *reader, uint32_t *ret_point) {
    const char *start = reader->at - 2;
    uint32_t high, low;
    if (!read_hex4(reader, &high))
        return false;
    if (high >= 0xd800 && high <= 0xdbff && reader->end - reader->at >= 2 && reader->at[0] == '\\' &&
        reader->at[1] == 'u') {
        reader->at += 2;
        if (!read_hex4(reader, &low))
            return false;
        if (low >= 0xdc00 && low <= 0xdfff) {
            *ret_point = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            return true;
        }
    }
    if (high >= 0xd800 && high <= 0xdfff)
        return reader_fail(reader, start, "half of a surrogate pair in a string");
    *ret_point = high;
    return true;
}

static char *put_utf8(char *out, uint32_t point) {
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    if (point < 0x80) {
        *out++ = (char)point;
        return out;
    }
    int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    *out++ = (char)(lead[more] | point >> 6 * more);
    while (more-- > 0)
        *out++ = (char)(0x80U | (point >> 6 * more & 0x3fU));
    return out;
}

/* Behind the backslash. */
static bool read_escape(struct reader *reader, char **out) {
    static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    uint32_t point = 0;
    const char *name = reader->at < reader->end && *reader->at ? strchr(names, *reader->at) : NULL;
    if (name) {
        *(*out)++ = bytes[name - names];
        reader->at++;
        return true;
    }
    if (!at_char(reader, 'u'))
        return fail_expected(reader, "an escape");
    reader->at++;
    if (!read_unicode(reader, &point))
        return false;
    *out = put_utf8(*out, point);
    return true;
}

/* A closing quote that no backslash hides, or the end: bounds what the
 * unescaped text can need. */
static const char *closing_quote(const struct reader *reader) {
    const char *at = reader->at;
    while (at < reader->end && *at != '"')
        at += *at == '\\' && reader->end - at > 1 ? 2 : 1;
    return at;
}

static bool read_string(struct reader *reader, struct text *ret_text) {
    if (!at_char(reader, '"'))
        return fail_expected(reader, "a string");
    const char *start = ++reader->at;
    if (!plain_run(reader))
        return false;
    if (*reader->at == '"') {
        *ret_text = (struct text){start, (size_t)(reader->at++ - start)};
        return true;
    }
    char *text = scratch_alloc(reader->scratch, (size_t)(closing_quote(reader) - start) + 1), *out = text;
    for (;;) {
        memcpy(out, start, (size_t)(reader->at - start));
        out += reader->at - start;
        if (*reader->at++ == '"')
            break;
        if (!read_escape(reader, &out))
            return false;
        start = reader->at;
        if (!plain_run(reader))
            return false;
    }
    *ret_text = (struct text){text, (size_t)(out - text)};
    return true;
}

static bool skip_digits(struct reader *reader) {
    if (reader->at == reader->end || !is_digit(*reader->at))
        return fail_expected(reader, "a digit");
    while (reader->at < reader->end && is_digit(*reader->at))
        reader->at++;
    return true;
}

static bool read_number(struct reader *reader, struct token *ret_token) {
    const char *start = reader->at;
    bool negative = *start == '-';
    reader->at += negative;
    const char *digits = reader->at;
    if (!skip_digits(reader))
        return false;
    if (*digits == '0' && reader->at - digits > 1)
        return reader_fail(reader, digits, "a number with a leading zero");
    struct text whole = {digits, (size_t)(reader->at - digits)};
    bool integer = true;
    if (at_char(reader, '.')) {
        integer = false;
        reader->at++;
        if (!skip_digits(reader))
            return false;
    }
    if (at_char(reader, 'e') || at_char(reader, 'E')) {
        integer = false;
        reader->at++;
        reader->at += at_char(reader, '+') || at_char(reader, '-');
        if (!skip_digits(reader))
            return false;
    }
    ret_token->type = TOKEN_NUMBER;
    ret_token->negative = negative;
    ret_token->integer = integer && text_to_uint64(whole, &ret_token->magnitude);
    if (ret_token->integer)
        ret_token->number = negative ? -(double)ret_token->magnitude : (double)ret_token->magnitude;
    else if (!text_to_double((struct text){start, (size_t)(reader->at - start)}, &ret_token->number))
        ret_token->number = negative ? -INFINITY : INFINITY;
    return true;
}

static bool read_word(struct reader *reader, const char *word) {
    size_t len = strlen(word);
    if ((size_t)(reader->end - reader->at) < len || memcmp(reader->at, word, len) != 0)
        return fail_expected(reader, "a value");
    reader->at += len;
    return true;
}

bool json_read_value(struct reader *reader, struct token *ret_token) {
    json_read_space(reader);
    char c = reader->at < reader->end ? *reader->at : '\0';
    switch (c) {
    case '{':
    case '[':
        ret_token->type = c == '{' ? TOKEN_MAP : TOKEN_ARRAY;
        if (!reader_open(reader, c == '{', 0))
            return false;
        reader->at++;
        return true;
    case '"':
        ret_token->type = TOKEN_TEXT;
        return read_string(reader, &ret_token->text);
    case 't':
    case 'f':
        ret_token->type = TOKEN_BOOLEAN;
        ret_token->boolean = c == 't';
        return read_word(reader, c == 't' ? "true" : "false");
    case 'n':
        ret_token->type = TOKEN_NULL;
        return read_word(reader, "null");
    default:
        if (c == '-' || is_digit(c))
            return read_number(reader, ret_token);
        return fail_expected(reader, "a value");
    }
}

bool json_read_more(struct reader *reader, bool *ret_more) {
    struct reader_level *level = &reader->levels[reader->depth - 1];
    json_read_space(reader);
    if (at_char(reader, level->map ? '}' : ']')) {
        reader->at++;
        reader_close(reader);
        *ret_more = false;
        return true;
    }
    if (!level->first) {
        if (!at_char(reader, ','))
            return fail_expected(reader, level->map ? "a comma or }" : "a comma or ]");
        reader->at++;
    }
    level->first = false;
    *ret_more = true;
    return true;
}

bool json_read_key(struct reader *reader, struct text *ret_key) {
    json_read_space(reader);
    if (!at_char(reader, '"'))
        return fail_expected(reader, "a key in quotes");
    if (!read_string(reader, ret_key))
        return false;
    json_read_space(reader);
    if (!at_char(reader, ':'))
        return fail_expected(reader, "a colon");
    reader->at++;
    return true;
}
