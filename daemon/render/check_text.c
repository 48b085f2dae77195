/* The check of an event that is still a text of our own writer: without a tree of it. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/render/check.h"
#include "daemon/render/check_mix.h"

#define DEPTH_MAX 16
#define MEMBERS_MAX 64
#define EXACT_DIGITS 15 /* of a whole number that is the same as a double */

/* A value, or the name of a member, which its value follows. */
struct token {
    char kind; /* the byte it starts with */
    struct text text;
    size_t next; /* the token after all that is inside */
};

struct tokens {
    struct token *items;
    size_t count, size;
    const char *at, *end;
};

/* ---- The text as a row of tokens ---- */

static bool take_value(struct tokens *tokens, unsigned depth);

static bool take_byte(struct tokens *tokens, char byte) {
    if (tokens->at == tokens->end || *tokens->at != byte)
        return false;
    tokens->at++;
    return true;
}

static struct token *add_token(struct tokens *tokens) {
    if (tokens->count == tokens->size) {
        tokens->size = tokens->size ? tokens->size * 2 : 256;
        tokens->items = alloc_resize(tokens->items, tokens->size, sizeof *tokens->items);
    }
    struct token *token = &tokens->items[tokens->count++];
    *token = (struct token){.kind = *tokens->at, .text.s = tokens->at};
    return token;
}

static bool take_string(struct tokens *tokens) {
    if (tokens->at == tokens->end || *tokens->at != '"')
        return false;
    struct token *token = add_token(tokens);
    const char *start = tokens->at + 1, *close = memchr(start, '"', (size_t)(tokens->end - start));
    if (!close)
        return false;
    token->text = (struct text){start, (size_t)(close - start)};
    token->next = tokens->count;
    tokens->at = close + 1;
    return true;
}

/* A number, true, false or null. */
static bool take_word(struct tokens *tokens) {
    struct token *token = add_token(tokens);
    while (tokens->at < tokens->end && !strchr(",]}", *tokens->at))
        tokens->at++;
    token->text.len = (size_t)(tokens->at - token->text.s);
    token->next = tokens->count;
    return token->text.len > 0;
}

static bool take_inside(struct tokens *tokens, bool named, char close, unsigned depth) {
    if (take_byte(tokens, close))
        return true;
    do
        if ((named && (!take_string(tokens) || !take_byte(tokens, ':'))) || !take_value(tokens, depth))
            return false;
    while (take_byte(tokens, ','));
    return take_byte(tokens, close);
}

static bool take_value(struct tokens *tokens, unsigned depth) {
    if (tokens->at == tokens->end || depth == DEPTH_MAX)
        return false;
    bool object = *tokens->at == '{';
    if (*tokens->at == '"')
        return take_string(tokens);
    if (!object && *tokens->at != '[')
        return take_word(tokens);
    size_t index = tokens->count;
    add_token(tokens);
    tokens->at++;
    if (!take_inside(tokens, object, object ? '}' : ']', depth + 1))
        return false;
    tokens->items[index].next = tokens->count;
    return true;
}

/* ---- Mixed ---- */

static bool mix_token(uint64_t *hash, const struct tokens *tokens, size_t index, int depth);

static void mix_text(uint64_t *hash, struct text text) {
    check_mix(hash, text.s, text.len);
    check_mix(hash, "", 1);
}

static bool precedes(struct text a, struct text b) {
    int order = memcmp(a.s, b.s, a.len < b.len ? a.len : b.len);
    return order < 0 || (order == 0 && a.len < b.len);
}

static bool mix_members(uint64_t *hash, const struct tokens *tokens, size_t index, int depth) {
    const struct token *items = tokens->items;
    size_t members[MEMBERS_MAX], count = 0;
    for (size_t name = index + 1; name < items[index].next; name = items[name + 1].next) {
        size_t at = count++;
        if (count > MEMBERS_MAX)
            return false;
        for (; at > 0 && precedes(items[name].text, items[members[at - 1]].text); at--)
            members[at] = members[at - 1];
        members[at] = name;
    }
    mix_text(hash, text_of("{"));
    for (size_t i = 0; i < count; i++) {
        struct text name = items[members[i]].text;
        if (depth == CHECK_DEPTH_DATA && (text_equal(name, "check") || text_equal(name, "durability")))
            continue;
        mix_text(hash, name);
        if (!mix_token(hash, tokens, members[i] + 1,
                       depth == 0 && text_equal(name, "data") ? CHECK_DEPTH_DATA : depth + 2))
            return false;
    }
    mix_text(hash, text_of("}"));
    return true;
}

/* As text_from_double() writes it: so do all of our numbers but large whole ones. */
static bool mix_number(uint64_t *hash, struct text text) {
    char number[NUMBER_SIZE];
    double value;
    if (text.len > EXACT_DIGITS && !memchr(text.s, '.', text.len)) {
        if (!text_to_double(text, &value))
            return false;
        text = text_of(text_from_double(value, number));
    }
    mix_text(hash, text);
    return true;
}

static bool mix_token(uint64_t *hash, const struct tokens *tokens, size_t index, int depth) {
    const struct token *token = &tokens->items[index];
    switch (token->kind) {
    case '{':
        return mix_members(hash, tokens, index, depth);
    case '[':
        mix_text(hash, text_of("["));
        for (size_t i = index + 1; i < token->next; i = tokens->items[i].next)
            if (!mix_token(hash, tokens, i, depth + 2))
                return false;
        mix_text(hash, text_of("]"));
        return true;
    case '"':
        mix_text(hash, text_of("\""));
        break;
    case 't':
    case 'f':
    case 'n':
        break;
    default:
        return mix_number(hash, token->text);
    }
    mix_text(hash, token->text);
    return true;
}

/* ---- Calls ---- */

static bool mix_parsed(uint64_t *hash, struct text event) {
    cJSON *tree = cJSON_ParseWithLength(event.s, event.len);
    if (tree)
        check_mix_tree(hash, tree);
    cJSON_Delete(tree);
    return tree != NULL;
}

bool render_check_text(struct text event, char buf[RENDER_CHECK_SIZE]) {
    struct tokens tokens = {.at = event.s, .end = event.s + event.len};
    uint64_t hash = CHECK_MIX_START;
    /* What has escapes in it is read by who knows them all. */
    bool done = !memchr(event.s, '\\', event.len) && take_value(&tokens, 0) && tokens.at == tokens.end &&
                mix_token(&hash, &tokens, 0, 0);
    free(tokens.items);
    if (!done) {
        hash = CHECK_MIX_START;
        if (!mix_parsed(&hash, event))
            return false;
    }
    snprintf(buf, RENDER_CHECK_SIZE, "%016" PRIx64, hash);
    return true;
}
