#include "common/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/reader_impl.h"

bool reader_fail(struct reader *reader, const char *at, const char *format, ...) {
    va_list arguments;
    int len = snprintf(reader->error, sizeof(reader->error), "byte %zu: ", (size_t)(at - reader->start));
    va_start(arguments, format);
    vsnprintf(reader->error + len, sizeof(reader->error) - (size_t)len, format, arguments);
    va_end(arguments);
    return false;
}

const char *reader_error(const struct reader *reader) {
    return reader->error;
}

static bool is_msgpack_container(unsigned char byte) {
    return (byte >= 0x80 && byte <= 0x9f) || (byte >= 0xdc && byte <= 0xdf);
}

bool reader_init(struct reader *reader, const void *payload, size_t len, struct scratch *scratch) {
    reader->start = reader->at = payload;
    reader->end = reader->start + len;
    reader->scratch = scratch;
    reader->depth = 0;
    reader->key_count = 0;
    reader->error[0] = '\0';
    if (len == 0)
        return reader_fail(reader, reader->at, "empty payload, expected a JSON or MessagePack map or array");
    reader->json = *reader->at == '{' || *reader->at == '[';
    if (!reader->json && !is_msgpack_container((unsigned char)*reader->at))
        return reader_fail(reader, reader->at, "starts with 0x%02x, expected a JSON or MessagePack map or array",
                           (unsigned)(unsigned char)*reader->at);
    return true;
}

bool reader_open(struct reader *reader, bool map, uint32_t count) {
    if (reader->depth == READER_DEPTH)
        return reader_fail(reader, reader->at, "nested deeper than %d levels", READER_DEPTH);
    reader->levels[reader->depth++] = (struct reader_level){.map = map, .first = true, .left = count};
    return true;
}

void reader_close(struct reader *reader) {
    reader->key_count -= reader->levels[--reader->depth].keys;
}

bool reader_value(struct reader *reader, struct token *ret_token) {
    return reader->json ? json_read_value(reader, ret_token) : msgpack_read_value(reader, ret_token);
}

bool reader_more(struct reader *reader, bool *ret_more) {
    if (reader->json)
        return json_read_more(reader, ret_more);
    struct reader_level *level = &reader->levels[reader->depth - 1];
    *ret_more = level->left > 0;
    if (level->left > 0)
        level->left--;
    else
        reader_close(reader);
    return true;
}

static bool remember_key(struct reader *reader, const char *at, struct text key) {
    struct reader_level *level = &reader->levels[reader->depth - 1];
    unsigned kind = (unsigned)key.len;
    if (key.len > 0)
        kind += (unsigned)(unsigned char)key.s[0] * 7 + (unsigned)(unsigned char)key.s[key.len - 1] * 3;
    uint64_t bit = UINT64_C(1) << kind % 64;
    if (level->key_bits & bit) {
        for (size_t i = reader->key_count - level->keys; i < reader->key_count; i++) {
            char name[48];
            if (reader->keys[i].len == key.len && memcmp(reader->keys[i].s, key.s, key.len) == 0)
                return reader_fail(reader, at, "key \"%s\" stands twice in a map",
                                   text_escape(name, sizeof(name), key));
        }
    }
    if (level->keys == READER_KEYS)
        return reader_fail(reader, at, "more than %d keys in a map", READER_KEYS);
    level->key_bits |= bit;
    level->keys++;
    reader->keys[reader->key_count++] = key;
    return true;
}

bool reader_key(struct reader *reader, struct text *ret_key) {
    struct text key;
    const char *at = reader->at;
    if (!(reader->json ? json_read_key(reader, &key) : msgpack_read_key(reader, &key)) ||
        !remember_key(reader, at, key))
        return false;
    *ret_key = key;
    return true;
}

bool reader_skip(struct reader *reader, const struct token *token) {
    if (token->type != TOKEN_ARRAY && token->type != TOKEN_MAP)
        return true;
    for (unsigned outside = reader->depth - 1; reader->depth > outside;) {
        bool map = reader->levels[reader->depth - 1].map, more = false;
        struct text key;
        struct token inner;
        if (!reader_more(reader, &more) ||
            (more && ((map && !reader_key(reader, &key)) || !reader_value(reader, &inner))))
            return false;
    }
    return true;
}

bool reader_end(struct reader *reader) {
    if (reader->json)
        json_read_space(reader);
    if (reader->at < reader->end)
        return reader_fail(reader, reader->at, "%zu bytes after the end", (size_t)(reader->end - reader->at));
    return true;
}
