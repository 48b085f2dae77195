#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text text_of(const char *string) {
    return string ? (struct text){string, strlen(string)} : (struct text){"", 0};
}

bool text_equal(struct text a, const char *b) {
    /* An empty text may have no bytes to point at. */
    return strlen(b) == a.len && (a.len == 0 || memcmp(a.s, b, a.len) == 0);
}

bool text_copy(char *dst, size_t size, struct text src) {
    if (size == 0)
        return false;
    size_t len = src.len < size ? src.len : size - 1;
    if (len > 0)
        memcpy(dst, src.s, len);
    dst[len] = '\0';
    return len == src.len;
}

bool text_to_uint64(struct text t, uint64_t *ret_number) {
    uint64_t number = 0;
    if (t.len == 0)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        unsigned digit = (unsigned)(unsigned char)t.s[i] - '0';
        if (digit > 9 || number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

bool text_to_int64(struct text t, int64_t *ret_number) {
    bool negative = t.len > 0 && t.s[0] == '-';
    uint64_t magnitude;
    if (negative || (t.len > 0 && t.s[0] == '+')) {
        t.s++;
        t.len--;
    }
    if (!text_to_uint64(t, &magnitude) || magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *ret_number = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

/* Digits that decide the nearest double: 767 are enough for any, whatever
 * follows only matters by being zero or not. */
#define DIGITS_MAX 780
#define EXPONENT_MAX 100000 /* beyond any double, whatever the digits */

struct decimal {
    char digits[DIGITS_MAX + 1];
    size_t count;
    int64_t exponent; /* value = digits * 10^exponent */
    bool inexact;     /* digits were cut off that are not all zero */
    bool negative;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t take_digits(struct decimal *decimal, struct text t, size_t at, bool fraction) {
    for (; at < t.len && is_digit(t.s[at]); at++) {
        if (decimal->count == 0 && t.s[at] == '0') {
            decimal->exponent -= fraction;
        } else if (decimal->count < DIGITS_MAX) {
            decimal->digits[decimal->count++] = t.s[at];
            decimal->exponent -= fraction;
        } else {
            decimal->inexact |= t.s[at] != '0';
            decimal->exponent += !fraction;
        }
    }
    return at;
}

/* [eE][+-]?digits up to the end of the text. */
static bool take_exponent(struct decimal *decimal, struct text t, size_t at) {
    if (at == t.len)
        return true;
    if (t.s[at] != 'e' && t.s[at] != 'E')
        return false;
    at++;
    bool negative = at < t.len && t.s[at] == '-';
    if (at < t.len && (t.s[at] == '-' || t.s[at] == '+'))
        at++;
    int64_t exponent = 0;
    if (at == t.len)
        return false;
    for (; at < t.len && is_digit(t.s[at]); at++) {
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (t.s[at] - '0');
    }
    decimal->exponent += negative ? -exponent : exponent;
    return at == t.len;
}

static bool decimal_parse(struct text t, struct decimal *ret_decimal) {
    size_t at = 0;
    ret_decimal->count = 0;
    ret_decimal->exponent = 0;
    ret_decimal->inexact = false;
    ret_decimal->negative = t.len > 0 && t.s[0] == '-';
    if (t.len > 0 && (t.s[0] == '-' || t.s[0] == '+'))
        at++;
    size_t start = at;
    at = take_digits(ret_decimal, t, at, false);
    size_t digits = at - start;
    if (at < t.len && t.s[at] == '.') {
        start = ++at;
        at = take_digits(ret_decimal, t, at, true);
        digits += at - start;
    }
    return digits > 0 && take_exponent(ret_decimal, t, at);
}

/* Up to 15 digits and a power of ten up to 22 are exact as doubles, so one
 * multiplication or division rounds once, as it should. */
static bool decimal_small(const struct decimal *decimal, double *ret_number) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    uint64_t mantissa = 0;
    if (decimal->count > 15 || decimal->exponent < -22 || decimal->exponent > 22)
        return false;
    for (size_t i = 0; i < decimal->count; i++)
        mantissa = mantissa * 10 + (uint64_t)(decimal->digits[i] - '0');
    *ret_number = decimal->exponent < 0 ? (double)mantissa / powers[-decimal->exponent]
                                        : (double)mantissa * powers[decimal->exponent];
    return true;
}

bool text_to_double(struct text t, double *ret_number) {
    struct decimal decimal;
    double number = 0;
    if (!decimal_parse(t, &decimal))
        return false;
    if (decimal.count > 0 && !decimal_small(&decimal, &number)) {
        /* Without a decimal point strtod() depends on no locale. */
        char plain[DIGITS_MAX + 32];
        int64_t exponent = decimal.exponent - decimal.inexact;
        if (exponent > EXPONENT_MAX)
            exponent = EXPONENT_MAX;
        if (exponent < -EXPONENT_MAX - DIGITS_MAX)
            exponent = -EXPONENT_MAX - DIGITS_MAX;
        memcpy(plain, decimal.digits, decimal.count);
        snprintf(plain + decimal.count, sizeof(plain) - decimal.count, "%se%d", decimal.inexact ? "1" : "",
                 (int)exponent);
        number = strtod(plain, NULL);
        if (!isfinite(number))
            return false;
    }
    *ret_number = decimal.negative ? -number : number;
    return true;
}

enum { CLASS_UPPER = 1, CLASS_LOWER = 2, CLASS_DIGIT = 4, CLASS_MARK = 8 }; /* marks: _ . - */

static const unsigned char classes_of[256] = {
    ['-'] = CLASS_MARK,          ['.'] = CLASS_MARK,          ['_'] = CLASS_MARK,
    ['0' ... '9'] = CLASS_DIGIT, ['A' ... 'Z'] = CLASS_UPPER, ['a' ... 'z'] = CLASS_LOWER,
};

static bool made_of(struct text t, size_t max, unsigned classes) {
    if (t.len == 0 || t.len > max)
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (!(classes_of[(unsigned char)t.s[i]] & classes))
            return false;
    return true;
}

bool text_is_org_code(struct text t) {
    return made_of(t, ORG_CODE_MAX, CLASS_UPPER | CLASS_DIGIT);
}

bool text_is_name(struct text t) {
    return made_of(t, NAME_MAX_LEN, CLASS_LOWER | CLASS_DIGIT | CLASS_MARK);
}

bool text_is_source(struct text t) {
    return made_of(t, SOURCE_MAX, CLASS_UPPER | CLASS_LOWER | CLASS_DIGIT | CLASS_MARK);
}

size_t text_utf8_sequence(const char *text, size_t len, uint32_t *ret_point) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)text;
    if (len == 0)
        return 0;
    size_t size = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf8 ? 4 : 0;
    if (size == 0 || size > len)
        return 0;
    uint32_t point = size == 1 ? s[0] : s[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (s[i] & 0x3fU);
    }
    if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    *ret_point = point;
    return size;
}

static bool check_utf8(struct text t, bool controls) {
    for (size_t at = 0; at < t.len;) {
        uint32_t point;
        size_t size = text_utf8_sequence(t.s + at, t.len - at, &point);
        if (size == 0 || (!controls && (point < 0x20 || (point >= 0x7f && point < 0xa0))))
            return false;
        at += size;
    }
    return true;
}

bool text_is_utf8(struct text t) {
    return check_utf8(t, true);
}

bool text_is_free(struct text t, size_t max_bytes) {
    return t.len <= max_bytes && check_utf8(t, false);
}

static size_t escape_byte(char c, char out[5]) {
    if (c == '\\')
        return (size_t)snprintf(out, 5, "\\\\");
    if (c < 0x20 || c > 0x7e)
        return (size_t)snprintf(out, 5, "\\x%02x", (unsigned)(unsigned char)c);
    out[0] = c;
    return 1;
}

const char *text_escape(char *dst, size_t size, struct text src) {
    size_t used = 0, fits = 0; /* fits: how much stays when "..." must follow */
    if (size == 0)
        return dst;
    for (size_t i = 0; i < src.len; i++) {
        char out[5];
        size_t count = escape_byte(src.s[i], out);
        if (used + count >= size) {
            size_t dots = size - 1 - fits < 3 ? size - 1 - fits : 3;
            memcpy(dst + fits, "...", dots);
            dst[fits + dots] = '\0';
            return dst;
        }
        memcpy(dst + used, out, count);
        used += count;
        if (used + 4 <= size)
            fits = used;
    }
    dst[used] = '\0';
    return dst;
}
