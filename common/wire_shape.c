#include "common/wire_shape.h"

#include <string.h>

#include "common/reader_impl.h"

#define WORD sizeof(uint64_t)
#define SHORT_TEXT 0xa0 /* its length is in the mark */

void wire_shape_learn(struct wire_shape *shape, const uint8_t *fields, size_t count) {
    shape->count = count <= WIRE_SHAPE_KEYS ? count : 0;
    shape->present = 0;
    for (size_t i = 0; i < shape->count; i++) {
        const char *name = wire_field_name((enum wire_field)fields[i]);
        size_t len = strlen(name), in_word = len < WORD - 1 ? len : WORD - 1;
        unsigned char head[WORD] = {(unsigned char)(SHORT_TEXT | len)}, mask[WORD] = {0};
        struct wire_shape_key *key = &shape->keys[i];
        memcpy(head + 1, name, in_word);
        memset(mask, 0xff, in_word + 1);
        memcpy(&key->head, head, WORD);
        memcpy(&key->mask, mask, WORD);
        key->rest = name + in_word;
        key->rest_len = (uint8_t)(len - in_word);
        key->len = (uint8_t)(len + 1);
        key->field = fields[i];
        shape->present |= UINT32_C(1) << fields[i];
    }
}

static bool is_key(const struct wire_shape_key *key, const char *at, size_t left) {
    uint64_t word = 0;
    if (left >= WORD)
        memcpy(&word, at, WORD);
    else
        memcpy(&word, at, left); /* no byte of a key is 0: what is missing differs */
    if ((word ^ key->head) & key->mask)
        return false;
    return key->rest_len == 0 || (left >= key->len && memcmp(at + WORD, key->rest, key->rest_len) == 0);
}

static uint64_t big_endian(const char *at) {
    const unsigned char *b = (const unsigned char *)at;
    return (uint64_t)b[0] << 56 | (uint64_t)b[1] << 48 | (uint64_t)b[2] << 40 | (uint64_t)b[3] << 32 |
           (uint64_t)b[4] << 24 | (uint64_t)b[5] << 16 | (uint64_t)b[6] << 8 | (uint64_t)b[7];
}

/* The values that most updates are made of; the reader reads the others. */
static bool read_value(struct reader *reader, struct token *ret_token) {
    const char *at = reader->at;
    size_t left = (size_t)(reader->end - at);
    unsigned mark = left > 0 ? (unsigned char)*at : 0xc1; /* a type there is not */
    if ((mark & 0xe0) == SHORT_TEXT && left > (mark & 0x1f)) {
        ret_token->type = TOKEN_TEXT;
        ret_token->text = (struct text){at + 1, mark & 0x1f};
        reader->at = at + 1 + (mark & 0x1f);
        return true;
    }
    if (mark == 0xcb && left > WORD) {
        uint64_t bits = big_endian(at + 1);
        ret_token->type = TOKEN_NUMBER;
        ret_token->integer = false;
        memcpy(&ret_token->number, &bits, WORD);
        reader->at = at + 1 + WORD;
        return true;
    }
    if (mark < 0x80 || (mark == 0xcf && left > WORD)) {
        ret_token->type = TOKEN_NUMBER;
        ret_token->integer = true;
        ret_token->negative = false;
        ret_token->magnitude = mark < 0x80 ? mark : big_endian(at + 1);
        ret_token->number = (double)ret_token->magnitude;
        reader->at = at + (mark < 0x80 ? 1 : 1 + WORD);
        return true;
    }
    return msgpack_read_value(reader, ret_token) && ret_token->type != TOKEN_ARRAY && ret_token->type != TOKEN_MAP;
}

bool wire_shape_read(const struct wire_shape *shape, struct reader *reader, struct wire_fields *fields) {
    const char *start = reader->at;
    unsigned depth = reader->depth;
    if (reader->json || reader->levels[depth - 1].left != shape->count || shape->count == 0)
        return false;
    for (size_t i = 0; i < shape->count; i++) {
        const struct wire_shape_key *key = &shape->keys[i];
        bool same = is_key(key, reader->at, (size_t)(reader->end - reader->at));
        reader->at += same ? key->len : 0;
        if (!same || !read_value(reader, &fields->tokens[key->field])) {
            reader->at = start;
            reader->depth = depth;
            return false;
        }
    }
    fields->present = shape->present;
    reader_close(reader);
    return true;
}
