/*
 * Text from outside and text for people: slices, strict numbers, names, UTF-8,
 * escaping. Pure: no locale, no allocation.
 */
#ifndef OV_COMMON_TEXT_H
#define OV_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes somebody else owns; not NUL-terminated. */
struct text {
    const char *s;
    size_t len;
};

#define TEXT_OF(literal) ((struct text){(literal), sizeof(literal) - 1})

struct text text_of(const char *string); /* NULL gives an empty text */
bool text_equal(struct text a, const char *b);

/* Copies at most size-1 bytes and a NUL; false when it did not fit (dst then
 * holds the part that did). */
bool text_copy(char *dst, size_t size, struct text src);

/* The whole text as a number, in the "C" locale whatever the process' locale:
 * decimal notation with optional sign, fraction and exponent. Refuses
 * surrounding space, trailing junk, hexadecimal, NaN, infinity and overflow. */
bool text_to_double(struct text t, double *ret_number);
bool text_to_uint64(struct text t, uint64_t *ret_number);
bool text_to_int64(struct text t, int64_t *ret_number);

#define NUMBER_SIZE 32
/* The shortest decimal text that reads back as the same double. Returns buf. */
const char *text_from_double(double number, char buf[NUMBER_SIZE]);
const char *text_from_uint64(uint64_t number, char buf[NUMBER_SIZE]); /* much faster than printf() */

/* Names as fixed by oversight-protocol(7). */
#define ORG_CODE_MAX 10    /* [A-Z0-9]{1,10} */
#define NAME_MAX_LEN 64    /* measures, frameworks, programmes, triggers: [a-z0-9_.-]{1,64} */
#define SOURCE_MAX 64      /* [A-Za-z0-9._-]{1,64} */
#define WORD_MAX 64        /* rating words: bytes of UTF-8 */
#define FREE_TEXT_MAX 1000 /* bytes of UTF-8 without control characters */
bool text_is_org_code(struct text t);
bool text_is_name(struct text t);
bool text_is_source(struct text t);
bool text_is_free(struct text t, size_t max_bytes); /* valid UTF-8, no control characters, within max */
bool text_is_utf8(struct text t);
/* Bytes of the UTF-8 sequence at the start of text; 0 when there is none (too
 * short, longer than needed, a surrogate, beyond U+10FFFF). */
size_t text_utf8_sequence(const char *text, size_t len, uint32_t *ret_point);

/* A printable ASCII rendering for logs and errors: control and non-ASCII bytes
 * become \xNN, backslash doubles, and what does not fit ends in "...".
 * Returns dst. */
const char *text_escape(char *dst, size_t size, struct text src);

#endif
