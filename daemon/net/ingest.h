/*
 * The subscribed feeds: a SUB socket each, and a DEALER for replay where the
 * feed has one, around the state machine of feed.h. Decoding and applying are
 * the application's: it gets the payloads in order.
 */
#ifndef OV_NET_INGEST_H
#define OV_NET_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/zcurve.h"
#include "common/zsock.h"
#include "daemon/net/counters.h"
#include "daemon/net/feed.h"
#include "daemon/os/loop.h"

struct ingest;

struct ingest_feed {
    const char *source;
    struct zendpoint connect;
    struct zendpoint replay; /* address NULL or "": none */
    const char *server_key;  /* of both; NULL or "": no encryption */
};

struct ingest_settings {
    struct loop *loop;
    void *zmq;                       /* context */
    const struct ingest_feed *feeds; /* copied */
    size_t feed_count;
    const struct zkeys *keys; /* our own, for feeds with a server_key; must outlive it */
    size_t max_message;       /* bytes of a payload */
    int queue;                /* messages libzmq keeps per feed; what goes beyond is lost and found as a gap */
    struct feed_settings feed;
    /* As in struct feed_operations, with the feed's source. A payload lives
     * until the callback returns. May call ingest_pause(). */
    enum delivery (*on_deliver)(void *context, const char *source, const void *payload, size_t len, bool allow_gap,
                                struct delivery_range *ret_range);
    void (*on_event)(void *context, const char *source, const struct feed_event *event);
    void *context;
    struct net_counters *counters;
};

/* Connects and starts reading in the next turn of the loop; set positions
 * before that. NULL on failure, with the reason in error. */
struct ingest *ingest_create(const struct ingest_settings *settings, char *error, size_t size);
void ingest_destroy(struct ingest *ingest);

/* The stored position of a source at start, or the one an operator reset it
 * to. False when no feed has this source. */
bool ingest_set_position(struct ingest *ingest, const char *source, uint64_t last);

/* Stops and resumes reading all feeds; time-outs rest meanwhile. */
void ingest_pause(struct ingest *ingest, bool paused);
/* Is a message there, unread, though reading is not paused? For the watchdog. */
bool ingest_waits(const struct ingest *ingest);

struct ingest_status {
    const char *source, *connect, *replay; /* replay NULL: none */
    struct feed_state state;
    int64_t silent_ms; /* since the last sign of life */
};
size_t ingest_count(const struct ingest *ingest);
void ingest_status(const struct ingest *ingest, size_t index, struct ingest_status *ret_status);

#endif
