/*
 * What strangers send to the ZAP handler, and files of keys. The first byte says
 * which; frames of a request are cut at 0xff.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/net/keys.h"
#include "daemon/net/zap_decide.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decide(const char *bytes, size_t len) {
    static const struct zap_entry entries[] = {{"0000000000000000000000000000000000000000", 31}};
    struct zap_question question = {.count = 0};
    char user[ZKEY_SIZE];
    while (question.count < ZAP_FRAMES_MAX) {
        const char *end = len > 0 ? memchr(bytes, 0xff, len) : NULL;
        size_t taken = end != NULL ? (size_t)(end - bytes) : len;
        question.frames[question.count++] = (struct text){bytes, taken};
        if (end == NULL)
            break;
        bytes += taken + 1;
        len -= taken + 1;
    }
    enum zap_result result = zap_decide(&question, entries, 1, user);
    size_t named = strlen(user);
    bool plain = text_equal(question.frames[2], ZAP_DOMAIN_PLAIN);
    if (result == ZAP_ACCEPTED ? strcmp(user, plain ? ZAP_USER_PLAIN : "0000000000000000000000000000000000000000") != 0
                               : named != 0)
        abort();
}

static bool speaks_for_all(const struct key *key) {
    return key->sources != NULL && strcmp(key->sources, "*") == 0;
}

static void parse(const char *bytes, size_t len) {
    char *text = alloc_copy_bytes(bytes, len);
    struct problems *problems = problems_create();
    struct keys *keys = keys_parse("keys", text, problems);
    if ((keys == NULL) != (problems_count(problems) > 0))
        abort();
    for (size_t i = 0; keys != NULL && i < keys_count(keys); i++) {
        const struct key *key = keys_at(keys, i);
        if (keys_find(keys, key->public_key) != key || keys_named(keys, key->name) != key ||
            !zkey_is_valid(text_of(key->public_key)) || key_may_speak_for(key, TEXT_OF("a b")) != speaks_for_all(key))
            abort();
    }
    keys_destroy(keys);
    problems_destroy(problems);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0)
        (data[0] == 'z' ? decide : parse)((const char *)data + 1, size - 1);
    return 0;
}
