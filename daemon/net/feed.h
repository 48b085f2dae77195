/*
 * The state of one subscribed feed: in which order its messages go on, when a
 * gap is waited for, asked for and given up, when the feed counts as stale or
 * restarted. Pure: no sockets, no clock, no decoding; time is an argument and
 * everything outward goes through struct feed_operations.
 *
 * Two numbers rule it: the position (last seq taken or given up) and the seq
 * known to exist (from live messages and heartbeats). While the position is
 * behind, an incident is open: one gap event at its start, one recovered
 * event at its end that says what was lost.
 */
#ifndef OV_NET_FEED_H
#define OV_NET_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed;

enum delivery {
    DELIVERY_APPLIED, /* taken, duplicates included; first and last set */
    DELIVERY_GAP,     /* not taken: seqs are missing before or inside it; first, last and expected set */
    DELIVERY_REFUSED  /* refused whole: uses up no seq; nothing set */
};

struct delivery_range {
    uint64_t first, last; /* seqs of the message */
    uint64_t expected;    /* DELIVERY_GAP: the first missing seq */
};

enum feed_event_kind { FEED_EVENT_GAP, FEED_EVENT_STALE, FEED_EVENT_RESTARTED, FEED_EVENT_RECOVERED };

struct feed_event {
    enum feed_event_kind kind;
    enum feed_event_kind ended; /* FEED_EVENT_RECOVERED: what is over */
    uint64_t first, last;       /* gap: the missing range as known; otherwise our last seq and the feed's */
    uint64_t lost;              /* end of a gap: seqs given up, 0 when all were replayed */
    const char *text;           /* a sentence for people, without the source's name; lives for the call */
};

struct feed_operations {
    /* Decodes and applies one message. allow_gap: take it although seqs are
     * missing; then only APPLIED and REFUSED are expected. Must not call the feed. */
    enum delivery (*deliver)(void *context, const void *payload, size_t len, bool allow_gap,
                             struct delivery_range *ret_range);
    /* Asks for a replay; a request still open is void. NULL: the feed has no replay. */
    void (*request)(void *context, uint64_t first, uint64_t last);
    void (*event)(void *context, const struct feed_event *event);
};

struct feed_settings {
    int64_t stale_after_ms;
    int64_t gap_timeout_ms;    /* without progress */
    int64_t replay_timeout_ms; /* without progress, then the request is repeated */
    size_t hold_messages, hold_bytes;
};

struct feed_state {
    uint64_t position; /* 0: nothing seen yet */
    uint64_t known;
    bool alive; /* heard since the daemon began */
    bool gap, stale, restarted, replaying;
    size_t held_messages, held_bytes;
    int64_t heard; /* time of the last sign of life */
    uint64_t gaps, stales, restarts, lost, refused, discarded, overflow, requests, replay_failures;
};

struct feed *feed_create(const struct feed_settings *settings, const struct feed_operations *operations, void *context,
                         int64_t now);
void feed_destroy(struct feed *feed);

/* Where the source stands according to the store, or was reset to by an
 * operator. Drops what is held and ends every incident; only the end
 * of a restart is an event. */
void feed_set_position(struct feed *feed, uint64_t last, int64_t now);

void feed_live(struct feed *feed, const void *payload, size_t len, int64_t now);
void feed_heartbeat(struct feed *feed, uint64_t last, int64_t now);
void feed_replayed(struct feed *feed, const void *payload, size_t len, int64_t now);
void feed_replay_end(struct feed *feed, uint64_t first_kept, uint64_t last_kept, int64_t now);

/* Acts on what is due. Call at or after feed_deadline(). */
void feed_tick(struct feed *feed, int64_t now);
int64_t feed_deadline(const struct feed *feed);

/* Reading was paused until now: silence in that time was ours. */
void feed_resume(struct feed *feed, int64_t now);

void feed_state(const struct feed *feed, struct feed_state *ret_state);

#endif
