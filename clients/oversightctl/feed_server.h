/*
 * The outward side of a feed, oversight-protocol(7), "Subscribed feeds": live
 * messages, heartbeats while there is nothing to say, and the newest messages
 * kept for who asks for them again. Bounded: messages kept, requests under way.
 */
#ifndef OV_CTL_FEED_SERVER_H
#define OV_CTL_FEED_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/zsock.h"

struct feed_server;

struct feed_server_settings {
    const char *source;
    struct zendpoint live, replay; /* replay.address NULL: none */
    size_t keep;                   /* messages, at least 1 */
    uint64_t last;                 /* seq before the first message */
    const char *secret_key;        /* NULL: no encryption */
    const char *client_key;        /* with it: the public key of the one client that is let in */
};

struct feed_server_counts {
    uint64_t messages, heartbeats, requests, replayed, malformed, refused;
    size_t subscriptions; /* for updates, now */
};

/* NULL on failure, with the reason in error. Strings are not copied. */
struct feed_server *feed_server_create(const struct feed_server_settings *settings, char *error, size_t size);
/* Waits up to a second for what is on its way. NULL is accepted. */
void feed_server_destroy(struct feed_server *server);

/* Sends and keeps a message. Takes over payload, from malloc(). */
void feed_server_publish(struct feed_server *server, uint64_t first, uint64_t last, char *payload, size_t len);

/* Answers, sends heartbeats, and waits up to timeout_ms for one of the
 * descriptors (-1: none) to be readable; one bit per descriptor that is. */
#define FEED_SERVER_FDS 2
unsigned feed_server_wait(struct feed_server *server, const int fds[FEED_SERVER_FDS], int timeout_ms);

/* No request is under way. */
bool feed_server_idle(const struct feed_server *server);
const struct feed_server_counts *feed_server_counts(const struct feed_server *server);

/* Monotonic. */
int64_t feed_server_now(void);

#endif
