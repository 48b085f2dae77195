#include "daemon/net/zap_decide.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/net/keys.h"

/* Frames of a request, RFC 27. */
enum { VERSION, REQUEST_ID, DOMAIN, ADDRESS, IDENTITY, MECHANISM, CREDENTIALS };

const char *zap_result_name(enum zap_result result) {
    static const char *const names[ZAP_RESULT_COUNT] = {
        [ZAP_ACCEPTED] = "accepted",     [ZAP_UNKNOWN_KEY] = "unknown-key",
        [ZAP_WRONG_ROLE] = "wrong-role", [ZAP_WRONG_MECHANISM] = "wrong-mechanism",
        [ZAP_MALFORMED] = "malformed",   [ZAP_TOO_MANY] = "too-many",
    };
    return names[result];
}

/* The roles that open a socket; 0 for a domain that is none of ours. */
static unsigned roles_of(struct text domain) {
    if (text_equal(domain, ZAP_DOMAIN_SUBMIT))
        return KEY_SUBMIT;
    if (text_equal(domain, ZAP_DOMAIN_QUERY))
        return KEY_QUERY | KEY_ADMIN;
    if (text_equal(domain, ZAP_DOMAIN_PUBLISH))
        return KEY_CONSUME;
    return 0;
}

static int compare(const void *key, const void *entry) {
    return memcmp(key, ((const struct zap_entry *)entry)->public_key, ZKEY_LEN);
}

static enum zap_result decide_plain(const struct zap_question *question, char user[ZKEY_SIZE]) {
    if (!text_equal(question->frames[MECHANISM], "NULL"))
        return ZAP_WRONG_MECHANISM;
    text_copy(user, ZKEY_SIZE, text_of(ZAP_USER_PLAIN));
    return ZAP_ACCEPTED;
}

enum zap_result zap_decide(const struct zap_question *question, const struct zap_entry *entries, size_t count,
                           char user[ZKEY_SIZE]) {
    user[0] = '\0';
    if (question->count <= MECHANISM || !text_equal(question->frames[VERSION], "1.0"))
        return ZAP_MALFORMED;
    if (text_equal(question->frames[DOMAIN], ZAP_DOMAIN_PLAIN))
        return decide_plain(question, user);
    unsigned wanted = roles_of(question->frames[DOMAIN]);
    if (!text_equal(question->frames[MECHANISM], "CURVE"))
        return ZAP_WRONG_MECHANISM;
    struct text bytes = question->frames[CREDENTIALS];
    if (wanted == 0 || question->count != CREDENTIALS + 1 || bytes.len != 32)
        return ZAP_MALFORMED;
    char key[ZKEY_SIZE];
    if (zmq_z85_encode(key, (const uint8_t *)bytes.s, bytes.len) == NULL)
        return ZAP_MALFORMED;
    const struct zap_entry *entry = count > 0 ? bsearch(key, entries, count, sizeof *entries, compare) : NULL;
    if (entry == NULL)
        return ZAP_UNKNOWN_KEY;
    text_copy(user, ZKEY_SIZE, (struct text){key, ZKEY_LEN});
    return (entry->roles & wanted) != 0 ? ZAP_ACCEPTED : ZAP_WRONG_ROLE;
}
