/*
 * A strict pull reader over one payload, the same for JSON (RFC 8259) and
 * MessagePack: values come one after another, nothing is built in memory.
 *
 * Refused as not well formed: anything the syntax does not know, keys that are
 * not text or stand twice in a map, nesting beyond READER_DEPTH, more than
 * READER_KEYS keys in a map, JSON text that is not UTF-8, a count that the
 * bytes left cannot hold, and bytes after the end. After a failure only
 * reader_error() may be called.
 */
#ifndef OV_COMMON_READER_H
#define OV_COMMON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/scratch.h"
#include "common/text.h"

#define READER_DEPTH 8
#define READER_KEYS 64
#define READER_ERROR_SIZE 160

enum token_type {
    TOKEN_NULL,
    TOKEN_BOOLEAN,
    TOKEN_NUMBER,
    TOKEN_TEXT,
    TOKEN_ARRAY, /* opened: its elements follow */
    TOKEN_MAP,   /* opened: its keys and values follow */
    TOKEN_OTHER  /* MessagePack binary and extension types */
};

struct token {
    enum token_type type;
    bool boolean;
    bool integer; /* written as an integer whose magnitude fits */
    bool negative;
    uint64_t magnitude; /* of an integer, exact */
    double number;      /* of any number; may be infinite or NaN */
    struct text text;   /* in the payload, or in scratch where it had escapes */
};

struct reader_level {
    bool map, first;
    uint32_t left;     /* MessagePack: elements or pairs still to come */
    uint32_t keys;     /* keys seen in this map, the last of reader.keys */
    uint64_t key_bits; /* a bit per kind of key seen: most keys need no comparison */
};

struct reader {
    const char *start, *at, *end;
    bool json;
    struct scratch *scratch;
    unsigned depth;
    struct reader_level levels[READER_DEPTH];
    size_t key_count;
    struct text keys[READER_DEPTH * READER_KEYS];
    char error[READER_ERROR_SIZE];
};

/* The first byte tells the encoding: '{' or '[', a MessagePack map or array. */
bool reader_init(struct reader *reader, const void *payload, size_t len, struct scratch *scratch);

/* The next value. Arrays and maps are opened by it. */
bool reader_value(struct reader *reader, struct token *ret_token);

/* Inside an array or map: whether another element follows; if not, it is closed. */
bool reader_more(struct reader *reader, bool *ret_more);

/* Inside a map, when there is more: the key; its value comes next. */
bool reader_key(struct reader *reader, struct text *ret_key);

/* Reads on to the end of the array or map that token opened; nothing for others. */
bool reader_skip(struct reader *reader, const struct token *token);

/* After the one value of the payload: nothing may follow (JSON: but white space). */
bool reader_end(struct reader *reader);

/* Printable ASCII, with the offset: "byte 17: expected ...". */
const char *reader_error(const struct reader *reader);

#endif
