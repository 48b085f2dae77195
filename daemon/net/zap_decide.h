/*
 * The decision of the ZAP handler: one request against the keys. Pure, so that
 * it can be tested and fuzzed without a socket.
 */
#ifndef OV_NET_ZAP_DECIDE_H
#define OV_NET_ZAP_DECIDE_H

#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "common/zcurve.h"

/* One domain per kind of socket, besides ZAP_DOMAIN_PLAIN. */
#define ZAP_DOMAIN_SUBMIT "submit"
#define ZAP_DOMAIN_QUERY "query"
#define ZAP_DOMAIN_PUBLISH "publish"

/* The user id of peers on plain endpoints; that of others is their public key. */
#define ZAP_USER_PLAIN "plain"

#define ZAP_FRAMES_MAX 10

enum zap_result {
    ZAP_ACCEPTED,
    ZAP_UNKNOWN_KEY,
    ZAP_WRONG_ROLE, /* the key may not use this socket */
    ZAP_WRONG_MECHANISM,
    ZAP_MALFORMED, /* not a request as libzmq makes them */
    ZAP_TOO_MANY,  /* connections to this socket; not by zap_decide() */
    ZAP_RESULT_COUNT
};

const char *zap_result_name(enum zap_result result); /* "accepted", "unknown-key", ... */

/* What the handler knows of a key. */
struct zap_entry {
    char public_key[ZKEY_LEN];
    uint8_t roles; /* of enum key_role */
};

struct zap_question {
    struct text frames[ZAP_FRAMES_MAX]; /* from the version on */
    size_t count;
};

/* entries in order of public key. user is set when the result is ZAP_ACCEPTED,
 * and to the key when it is known but may not. */
enum zap_result zap_decide(const struct zap_question *question, const struct zap_entry *entries, size_t count,
                           char user[ZKEY_SIZE]);

#endif
