/* Numbers as text: shortest, and without the locale. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

const char *text_from_uint64(uint64_t number, char buf[NUMBER_SIZE]) {
    char digits[NUMBER_SIZE], *at = digits + sizeof(digits);
    *--at = '\0';
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    return memcpy(buf, at, (size_t)(digits + sizeof(digits) - at));
}

/* The digits of a whole number, trailing zeros dropped; the value is 0.d1d2d3... * 10^point * 10^decimals. */
static size_t whole_digits(uint64_t whole, int decimals, char digits[NUMBER_SIZE], int *ret_point) {
    char backwards[NUMBER_SIZE];
    size_t count = 0, zeros = 0;
    for (; whole % 10 == 0; whole /= 10)
        zeros++;
    for (; whole; whole /= 10)
        backwards[count++] = (char)('0' + whole % 10);
    for (size_t i = 0; i < count; i++)
        digits[i] = backwards[count - 1 - i];
    *ret_point = (int)(count + zeros) - decimals;
    return count;
}

/* As shortest_digits(), of figures of a few decimals, as most are: a whole number of up to
 * 15 digits over a power of ten, both exact as doubles, so that their quotient
 * is what the decimal reads as. 0 when it is none. */
static size_t few_decimals(double number, char digits[NUMBER_SIZE], int *ret_point) {
    static const double powers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    for (size_t decimals = 0; decimals < sizeof powers / sizeof *powers && number * powers[decimals] < 1e15;
         decimals++) {
        uint64_t whole = (uint64_t)(number * powers[decimals] + 0.5);
        if (whole != 0 && (double)whole / powers[decimals] == number)
            return whole_digits(whole, (int)decimals, digits, ret_point);
    }
    return 0;
}

/* The same of what is left that is of a usual size, such as differences of such
 * figures. The number is m / 2^shift, so its first 15 to 17 digits are
 * m * 10^decimals / 2^shift, rounded, all in whole numbers; they read back as
 * the number when what they are off by is less than half of what one more in m
 * would be. 0 where that is not so on both sides (m a power of two), or where
 * 128 bits are too few or not to be had. */
static size_t scaled_digits(double number, char digits[NUMBER_SIZE], int *ret_point) {
#ifdef __SIZEOF_INT128__
    static const double powers[] = {1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11};
    uint64_t bits, hidden = UINT64_C(1) << 52;
    int decimals = 15 + 3;
    memcpy(&bits, &number, sizeof bits);
    if (number < 1e-4 || number >= 1e12 || (bits & (hidden - 1)) == 0)
        return 0;
    for (size_t i = 0; i < sizeof powers / sizeof *powers && number >= powers[i]; i++)
        decimals--;
    int shift = 1075 - (int)(bits >> 52); /* it is not negative, so this is its exponent */
    unsigned __int128 m = (bits & (hidden - 1)) | hidden, scale = 1, half = (unsigned __int128)1 << (shift - 1);
    for (int i = 0; i < decimals; i++)
        scale *= 10;
    for (int precision = 15; precision <= 17; precision++, decimals++, scale *= 10) {
        unsigned __int128 exact = m * scale, rest = exact & (2 * half - 1);
        uint64_t whole = (uint64_t)(exact >> shift);
        bool up = rest > half || (rest == half && (whole & 1));
        unsigned __int128 off = 2 * (up ? 2 * half - rest : rest);
        if (off < scale) /* never equal: what lies halfway between two doubles has more digits */
            return whole_digits(whole + up, decimals, digits, ret_point);
    }
#else
    (void)number, (void)digits, (void)ret_point;
#endif
    return 0;
}

/* The digits of "%.*e" without the decimal point of the locale, trailing
 * zeros dropped; the value is 0.d1d2d3... * 10^point. */
static size_t shortest_digits(double number, char digits[NUMBER_SIZE], int *ret_point) {
    char text[NUMBER_SIZE];
    size_t count = few_decimals(number, digits, ret_point);
    if (!count)
        count = scaled_digits(number, digits, ret_point);
    if (count)
        return count;
    /* 15 digits survive the way to a double and back, unless it is subnormal. */
    for (int precision = number < 2.3e-308 ? 1 : 15; precision <= 17; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision - 1, number);
        if (strtod(text, NULL) == number)
            break;
        /* Above a power of two the doubles lie wider than below it: the next
         * decimal up may read back where the nearest does not. */
        char *last = strchr(text, 'e') - 1;
        if (precision == 16 && *last != '9' && (++*last, strtod(text, NULL) == number))
            break;
    }
    char *at = text;
    for (; *at != 'e'; at++) {
        if (is_digit(*at))
            digits[count++] = *at;
    }
    *ret_point = (int)strtol(at + 1, NULL, 10) + 1;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return count;
}

static char *append(char *at, const char *bytes, size_t count) {
    memcpy(at, bytes, count);
    return at + count;
}

static char *append_zeros(char *at, int count) {
    memset(at, '0', (size_t)count);
    return at + count;
}

const char *text_from_double(double number, char buf[NUMBER_SIZE]) {
    char digits[NUMBER_SIZE], *at = buf;
    int point;
    if (!isfinite(number))
        return strcpy(buf, isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
    if (number == 0)
        return strcpy(buf, "0");
    if (number < 0)
        *at++ = '-';
    int count = (int)shortest_digits(fabs(number), digits, &point);
    if (point > 17 || point < -4) { /* d.ddde[-]x */
        *at++ = digits[0];
        if (count > 1) {
            *at++ = '.';
            at = append(at, digits + 1, (size_t)count - 1);
        }
        snprintf(at, 13, "e%d", point - 1);
        return buf;
    }
    if (point <= 0) {
        at = append(at, "0.", 2);
        at = append_zeros(at, -point);
        at = append(at, digits, (size_t)count);
    } else if (point >= count) {
        at = append(at, digits, (size_t)count);
        at = append_zeros(at, point - count);
    } else {
        at = append(at, digits, (size_t)point);
        *at++ = '.';
        at = append(at, digits + point, (size_t)(count - point));
    }
    *at = '\0';
    return buf;
}
