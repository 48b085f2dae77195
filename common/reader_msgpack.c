/* MessagePack: every length is held against the bytes left before it is
 * believed. */
#include <string.h>

#include "common/reader_impl.h"

static bool fail_end(struct reader *reader) {
    return reader_fail(reader, reader->end, "expected more, found the end");
}

/* An unsigned integer of size bytes, big-endian. */
static bool read_uint(struct reader *reader, size_t size, uint64_t *ret_number) {
    uint64_t number = 0;
    if ((size_t)(reader->end - reader->at) < size)
        return fail_end(reader);
    for (size_t i = 0; i < size; i++)
        number = number << 8 | (unsigned char)*reader->at++;
    *ret_number = number;
    return true;
}

static bool read_bytes(struct reader *reader, uint64_t len, struct text *ret_text) {
    if ((uint64_t)(reader->end - reader->at) < len)
        return reader_fail(reader, reader->at, "a length of %llu, but %zu bytes are left", (unsigned long long)len,
                           (size_t)(reader->end - reader->at));
    *ret_text = (struct text){reader->at, (size_t)len};
    reader->at += len;
    return true;
}

static bool open_container(struct reader *reader, bool map, uint64_t count, struct token *ret_token) {
    /* An element takes a byte at least, a pair two. */
    if ((uint64_t)(reader->end - reader->at) / (map ? 2 : 1) < count)
        return reader_fail(reader, reader->at, "%s of %llu, but %zu bytes are left", map ? "a map" : "an array",
                           (unsigned long long)count, (size_t)(reader->end - reader->at));
    ret_token->type = map ? TOKEN_MAP : TOKEN_ARRAY;
    return reader_open(reader, map, (uint32_t)count);
}

static bool integer(struct token *ret_token, bool negative, uint64_t magnitude) {
    ret_token->type = TOKEN_NUMBER;
    ret_token->integer = true;
    ret_token->negative = negative;
    ret_token->magnitude = magnitude;
    ret_token->number = negative ? -(double)magnitude : (double)magnitude;
    return true;
}

static bool read_signed(struct reader *reader, size_t size, struct token *ret_token) {
    uint64_t number = 0;
    if (!read_uint(reader, size, &number))
        return false;
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    bool negative = (number & sign) != 0;
    return integer(ret_token, negative, negative ? 0 - (number | (0 - sign)) : number);
}

static bool read_float(struct reader *reader, bool wide, struct token *ret_token) {
    uint64_t bits = 0;
    if (!read_uint(reader, wide ? 8 : 4, &bits))
        return false;
    ret_token->type = TOKEN_NUMBER;
    ret_token->integer = false;
    if (wide) {
        memcpy(&ret_token->number, &bits, 8);
    } else {
        uint32_t narrow = (uint32_t)bits;
        float number;
        memcpy(&number, &narrow, 4);
        ret_token->number = (double)number;
    }
    return true;
}

/* Binary and extension types: only their length matters. */
static bool read_other(struct reader *reader, uint64_t len, struct token *ret_token) {
    ret_token->type = TOKEN_OTHER;
    return read_bytes(reader, len, &ret_token->text);
}

static bool read_text(struct reader *reader, uint64_t len, struct token *ret_token) {
    ret_token->type = TOKEN_TEXT;
    return read_bytes(reader, len, &ret_token->text);
}

static bool boolean(struct token *ret_token, bool value) {
    ret_token->type = TOKEN_BOOLEAN;
    ret_token->boolean = value;
    return true;
}

/* The types of one byte and of a length that follows: 0xc0 to 0xdf. */
static bool read_marked(struct reader *reader, unsigned char mark, struct token *ret_token) {
    uint64_t len = 0;
    switch (mark) {
    case 0xc0:
        ret_token->type = TOKEN_NULL;
        return true;
    case 0xc2:
    case 0xc3:
        return boolean(ret_token, mark == 0xc3);
    case 0xc4: /* bin 8, 16, 32 */
    case 0xc5:
    case 0xc6:
        return read_uint(reader, (size_t)1 << (mark - 0xc4), &len) && read_other(reader, len, ret_token);
    case 0xc7: /* ext 8, 16, 32 */
    case 0xc8:
    case 0xc9:
        return read_uint(reader, (size_t)1 << (mark - 0xc7), &len) && read_other(reader, len + 1, ret_token);
    case 0xca:
    case 0xcb:
        return read_float(reader, mark == 0xcb, ret_token);
    case 0xcc: /* uint 8 to 64 */
    case 0xcd:
    case 0xce:
    case 0xcf:
        return read_uint(reader, (size_t)1 << (mark - 0xcc), &len) && integer(ret_token, false, len);
    case 0xd0: /* int 8 to 64 */
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return read_signed(reader, (size_t)1 << (mark - 0xd0), ret_token);
    case 0xd4: /* fixext 1 to 16 */
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
        return read_other(reader, (UINT64_C(1) << (mark - 0xd4)) + 1, ret_token);
    case 0xd9: /* str 8, 16, 32 */
    case 0xda:
    case 0xdb:
        return read_uint(reader, (size_t)1 << (mark - 0xd9), &len) && read_text(reader, len, ret_token);
    case 0xdc: /* array 16, 32; map 16, 32 */
    case 0xdd:
    case 0xde:
    case 0xdf:
        return read_uint(reader, mark & 1 ? 4 : 2, &len) && open_container(reader, mark >= 0xde, len, ret_token);
    default:
        return reader_fail(reader, reader->at - 1, "0x%02x is no MessagePack type", (unsigned)mark);
    }
}

bool msgpack_read_value(struct reader *reader, struct token *ret_token) {
    if (reader->at == reader->end)
        return fail_end(reader);
    unsigned char mark = (unsigned char)*reader->at++;
    if (mark < 0x80)
        return integer(ret_token, false, mark);
    if (mark < 0x90)
        return open_container(reader, true, mark & 0x0f, ret_token);
    if (mark < 0xa0)
        return open_container(reader, false, mark & 0x0f, ret_token);
    if (mark < 0xc0)
        return read_text(reader, mark & 0x1f, ret_token);
    if (mark >= 0xe0)
        return integer(ret_token, true, 256U - mark);
    return read_marked(reader, mark, ret_token);
}

bool msgpack_read_key(struct reader *reader, struct text *ret_key) {
    struct token key;
    const char *at = reader->at;
    size_t left = (size_t)(reader->end - at), len = left ? (unsigned char)*at ^ 0xa0U : 0x20;
    if (len < 0x20 && len < left) { /* a short text, as nearly every key is */
        *ret_key = (struct text){at + 1, len};
        reader->at += 1 + len;
        return true;
    }
    if (!msgpack_read_value(reader, &key))
        return false;
    if (key.type != TOKEN_TEXT)
        return reader_fail(reader, at, "a key that is not text");
    *ret_key = key.text;
    return true;
}
