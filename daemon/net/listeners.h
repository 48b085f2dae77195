/*
 * Who listens to what: the subscriptions that an XPUB socket hands up, kept by
 * the key that the ZAP handler named. Pure.
 */
#ifndef OV_NET_LISTENERS_H
#define OV_NET_LISTENERS_H

#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "common/zcurve.h"

#define LISTENERS_MAX 1000      /* keys remembered */
#define LISTENER_TOPICS_MAX 16  /* of each key, the newest */
#define LISTENER_TOPIC_SIZE 132 /* escaped; a longer one is cut, and fits no event */

struct listener {
    char user[ZKEY_SIZE];
    uint64_t subscriptions; /* since the start of the daemon */
    int64_t last;           /* wall-clock ms of the newest */
    char *topics[LISTENER_TOPICS_MAX];
    size_t topic_count;
};

enum subscription { SUBSCRIPTION_MALFORMED, SUBSCRIPTION_BEGINS, SUBSCRIPTION_ENDS };

struct listeners;

struct listeners *listeners_create(void);
void listeners_destroy(struct listeners *listeners);

/* Reads a frame as libzmq passes it on, and remembers what begins; what ends
 * stays remembered, for the end of a connection names no key. Nobody is
 * remembered without a key (user empty). */
enum subscription listeners_take(struct listeners *listeners, struct text frame, const char *user, int64_t now);

size_t listeners_count(const struct listeners *listeners);
const struct listener *listeners_at(const struct listeners *listeners, size_t index);

#endif
