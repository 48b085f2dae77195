/*
 * The reply to {"get":"status"}: facts of the running daemon, which the caller
 * gathers, beside those of the engine.
 */
#ifndef OV_RENDER_STATUS_H
#define OV_RENDER_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "daemon/engine/engine.h"

struct status_feed {
    const char *source, *endpoint; /* source may be NULL until it is known */
    const char *state;             /* "live", "stale", "gap", "connecting", ... */
    uint64_t last;                 /* seq applied */
    int64_t silent_ms;             /* since it was heard; negative = never */
};

struct status_subscriber {
    const char *name; /* of its key */
    uint64_t subscriptions;
    int64_t last_ms;           /* time of the newest */
    const char *const *topics; /* the newest last */
    size_t topic_count;
};

struct status_counter {
    const char *name;
    uint64_t value;
};

struct status_facts {
    const char *version, *instance;
    const char *role;       /* "leader", "standby" */
    const char *durability; /* "fsync", "redis", "memory" */
    const char *store;      /* state of the store in a word; NULL = absent */
    int64_t now_ms, started_ms;
    struct alert_id last; /* newest alert known to be stored: where a snapshot stands */
    double lag_ms;        /* age of the oldest update not yet acknowledged */
    const struct status_feed *feeds;
    size_t feed_count;
    const struct status_subscriber *subscribers; /* who is known by a key */
    size_t subscriber_count;
    const struct status_counter *counters;
    size_t counter_count;
};

void render_status(const struct engine *engine, const struct status_facts *facts, struct buf *buf);

#endif
