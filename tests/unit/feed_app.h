/*
 * An application as simple as can be behind a feed: messages are "first-last"
 * or, with a hole inside, "first-missing-last". It refuses gaps and notes what
 * it took, what was asked for and what was reported.
 */
#ifndef OV_TESTS_UNIT_FEED_APP_H
#define OV_TESTS_UNIT_FEED_APP_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/net/feed.h"

#define SEQ_MAX 4096

struct app {
    struct feed *feed;
    uint64_t last;       /* 0: source unknown */
    uint64_t start;      /* first seq ever taken */
    char taken[SEQ_MAX]; /* 1: taken */
    size_t deliveries, gap_answers;
    uint64_t asked_first, asked_last;
    size_t asked;
    size_t events[4]; /* by kind */
    size_t recovered_from[4];
    bool open[4];  /* incident raised and not recovered */
    bool doubled;  /* an incident was raised twice, or recovered without being raised */
    uint64_t lost; /* as reported */
    uint64_t late; /* taken although the feed had given it up */
    struct feed_event newest;
};

static inline enum delivery app_deliver(void *context, const void *payload, size_t len, bool allow_gap,
                                        struct delivery_range *ret_range) {
    struct app *app = context;
    char text[64] = "";
    uint64_t first, second, third = 0;
    app->deliveries++;
    memcpy(text, payload, len < sizeof text ? len : sizeof text - 1);
    int fields = sscanf(text, "%" SCNu64 "-%" SCNu64 "-%" SCNu64, &first, &second, &third);
    if (fields < 2)
        return DELIVERY_REFUSED;
    uint64_t last = fields == 3 ? third : second, hole = fields == 3 ? second : 0;
    uint64_t expected = app->last != 0 && first > app->last + 1 ? app->last + 1 : hole > app->last ? hole : 0;
    *ret_range = (struct delivery_range){first, last, expected};
    if (expected != 0 && !allow_gap) {
        app->gap_answers++;
        return DELIVERY_GAP;
    }
    if (app->start == 0)
        app->start = first;
    struct feed_state state;
    feed_state(app->feed, &state);
    for (uint64_t seq = first; seq <= last; seq++) {
        if (seq <= app->last || seq == hole)
            continue;
        app->taken[seq] = 1;
        app->late += seq <= state.position;
    }
    if (last > app->last)
        app->last = last;
    return DELIVERY_APPLIED;
}

static inline void app_request(void *context, uint64_t first, uint64_t last) {
    struct app *app = context;
    app->asked++;
    app->asked_first = first;
    app->asked_last = last;
}

static inline void app_event(void *context, const struct feed_event *event) {
    struct app *app = context;
    app->events[event->kind]++;
    app->newest = *event;
    app->newest.text = NULL;
    if (event->kind == FEED_EVENT_RECOVERED) {
        app->recovered_from[event->ended]++;
        app->doubled = app->doubled || !app->open[event->ended];
        app->open[event->ended] = false;
        app->lost += event->lost;
        return;
    }
    app->doubled = app->doubled || app->open[event->kind];
    app->open[event->kind] = true;
}

static const struct feed_settings app_settings = {
    .stale_after_ms = 5000,
    .gap_timeout_ms = 3000,
    .replay_timeout_ms = 1000,
    .hold_messages = 8,
    .hold_bytes = 1000,
};

static inline void app_start(struct app *app, bool replay, const struct feed_settings *settings) {
    const struct feed_operations operations = {
        .deliver = app_deliver,
        .request = replay ? app_request : NULL,
        .event = app_event,
    };
    memset(app, 0, sizeof *app);
    app->feed = feed_create(settings, &operations, app, 0);
}

static inline void app_stop(struct app *app) {
    feed_destroy(app->feed);
}

static inline void app_live(struct app *app, const char *text, int64_t now) {
    feed_live(app->feed, text, strlen(text), now);
}

static inline void app_replayed(struct app *app, const char *text, int64_t now) {
    feed_replayed(app->feed, text, strlen(text), now);
}

static inline struct feed_state app_state(const struct app *app) {
    struct feed_state state;
    feed_state(app->feed, &state);
    return state;
}

#endif
