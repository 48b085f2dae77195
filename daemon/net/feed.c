#include "daemon/net/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "daemon/net/hold.h"

struct feed {
    struct feed_settings settings;
    struct feed_operations operations;
    void *context;

    uint64_t position;  /* last seq taken or given up; 0: nothing seen yet */
    uint64_t known;     /* highest seq known to exist */
    uint64_t live_last; /* highest seq that came by itself: what a heartbeat must not fall behind */
    struct hold hold;

    bool incident;    /* a gap is open */
    uint64_t missing; /* the first missing seq of it */
    uint64_t incident_lost;
    int64_t gap_deadline;

    bool replaying; /* a request is open */
    bool again;     /* the last one came too early: ask again at replay_deadline */
    uint64_t requested_last;
    int64_t replay_deadline;

    bool stale, restarted;
    int64_t heard;
    struct feed_state counts; /* only its counters */
};

struct feed *feed_create(const struct feed_settings *settings, const struct feed_operations *operations, void *context,
                         int64_t now) {
    struct feed *feed = alloc_zero(1, sizeof *feed);
    feed->settings = *settings;
    feed->operations = *operations;
    feed->context = context;
    feed->heard = now;
    hold_init(&feed->hold, settings->hold_messages, settings->hold_bytes);
    return feed;
}

void feed_destroy(struct feed *feed) {
    if (feed == NULL)
        return;
    hold_finish(&feed->hold);
    free(feed);
}

static void raise(struct feed *feed, struct feed_event event) {
    feed->operations.event(feed->context, &event);
}

static void recovered(struct feed *feed, enum feed_event_kind ended, uint64_t lost, const char *text) {
    raise(feed, (struct feed_event){.kind = FEED_EVENT_RECOVERED,
                                    .ended = ended,
                                    .first = feed->position,
                                    .last = feed->known,
                                    .lost = lost,
                                    .text = text});
}

/* ---- Delivery ----------------------------------------------------------------- */

/* Hands one message up. What misses only seqs that were given up is taken. */
static enum delivery deliver(struct feed *feed, const void *payload, size_t len, bool allow_gap,
                             struct delivery_range *ret_range) {
    *ret_range = (struct delivery_range){0};
    enum delivery result = feed->operations.deliver(feed->context, payload, len, allow_gap, ret_range);
    if (result == DELIVERY_GAP && !allow_gap) {
        bool given_up = ret_range->expected <= feed->position;
        if (given_up && ret_range->first > feed->position + 1)
            ret_range->expected = feed->position + 1;
        if (!given_up || ret_range->first > feed->position + 1)
            return DELIVERY_GAP;
        result = feed->operations.deliver(feed->context, payload, len, true, ret_range);
    }
    if (result != DELIVERY_APPLIED) {
        feed->counts.refused++;
        return DELIVERY_REFUSED;
    }
    if (ret_range->last > feed->position)
        feed->position = ret_range->last;
    if (feed->position > feed->known)
        feed->known = feed->position;
    return DELIVERY_APPLIED;
}

/* True when the held message has a hole inside rather than before it. */
static bool holed(const struct feed *feed, const struct held *held) {
    return held->tried == feed->position && held->missing >= held->first;
}

/* Delivers held messages as far as they follow on. Leaves in feed->missing
 * the first seq that is missing, if any is. */
static void flush(struct feed *feed) {
    struct held *held;
    while ((held = hold_first(&feed->hold)) != NULL) {
        struct delivery_range range;
        if (holed(feed, held)) {
            feed->missing = held->missing;
            return;
        }
        if (held->first > feed->position + 1)
            break;
        if (deliver(feed, held->payload, held->len, false, &range) == DELIVERY_GAP) {
            held->tried = feed->position;
            held->missing = range.expected;
            continue;
        }
        hold_drop_first(&feed->hold);
    }
    feed->missing = feed->position + 1;
}

static bool behind(const struct feed *feed) {
    return feed->hold.count > 0 || feed->position < feed->known;
}

/* The last seq of the gap that starts at feed->missing. */
static uint64_t gap_end(const struct feed *feed) {
    const struct held *held = hold_first(&feed->hold);
    if (held == NULL)
        return feed->known;
    return held->first > feed->missing ? held->first - 1 : held->last;
}

/* ---- Gaps ------------------------------------------------------------------------ */

static void request(struct feed *feed, int64_t now) {
    feed->replaying = true;
    feed->again = false;
    feed->requested_last = gap_end(feed);
    feed->replay_deadline = now + feed->settings.replay_timeout_ms;
    feed->counts.requests++;
    feed->operations.request(feed->context, feed->missing, feed->requested_last);
}

static void open_incident(struct feed *feed, int64_t now) {
    char text[160];
    uint64_t first = feed->missing, last = gap_end(feed);
    feed->incident = true;
    feed->incident_lost = 0;
    feed->gap_deadline = now + feed->settings.gap_timeout_ms;
    feed->counts.gaps++;
    snprintf(text, sizeof text, "seq %" PRIu64 " to %" PRIu64 " missing: %s", first, last,
             feed->operations.request != NULL ? "asked for again" : "waiting, the feed has no replay");
    raise(feed, (struct feed_event){.kind = FEED_EVENT_GAP, .first = first, .last = last, .text = text});
}

static void close_incident(struct feed *feed) {
    char text[160];
    feed->incident = feed->replaying = feed->again = false;
    if (feed->incident_lost == 0)
        snprintf(text, sizeof text, "complete again up to seq %" PRIu64, feed->position);
    else
        snprintf(text, sizeof text, "going on at seq %" PRIu64 " without %" PRIu64 " lost before it", feed->position,
                 feed->incident_lost);
    recovered(feed, FEED_EVENT_GAP, feed->incident_lost, text);
}

static void count_lost(struct feed *feed, uint64_t lost) {
    feed->incident_lost += lost;
    feed->counts.lost += lost;
}

/* Goes on without the first gap, as far as seq through. */
static void give_up(struct feed *feed, uint64_t through) {
    struct held *held = hold_first(&feed->hold);
    if (held != NULL && holed(feed, held)) {
        struct delivery_range range;
        deliver(feed, held->payload, held->len, true, &range);
        count_lost(feed, 1); /* at least */
        hold_drop_first(&feed->hold);
    } else {
        if (held != NULL && held->first - 1 < through)
            through = held->first - 1;
        if (through > feed->position) {
            count_lost(feed, through - feed->position);
            feed->position = through;
        }
    }
    flush(feed);
}

static void give_up_all(struct feed *feed) {
    while (behind(feed))
        give_up(feed, feed->known);
    if (feed->incident)
        close_incident(feed);
}

/* After anything that may have moved the position or the seq known to exist. */
static void settle(struct feed *feed, uint64_t position_before, int64_t now) {
    flush(feed);
    if (!behind(feed)) {
        if (feed->incident)
            close_incident(feed);
        return;
    }
    if (!feed->incident)
        open_incident(feed, now);
    if (feed->position == 0) /* a hole in the very first message: nothing older is known to wait for */
        give_up_all(feed);
    else if (feed->position > position_before)
        feed->gap_deadline = now + feed->settings.gap_timeout_ms;
    if (feed->incident && feed->operations.request != NULL && !feed->replaying && !feed->again)
        request(feed, now);
}

/* A message that cannot be held. A replay brings it again; without one it is
 * time to go on, so that no more is lost than is missing already. */
static void no_room(struct feed *feed, const void *payload, size_t len, const struct delivery_range *range,
                    int64_t now) {
    feed->counts.overflow++;
    if (feed->operations.request != NULL)
        return;
    if (!feed->incident) {
        feed->missing = range->expected;
        open_incident(feed, now);
    }
    while (feed->hold.count > 0)
        give_up(feed, feed->known);
    if (range->first > feed->position + 1)
        count_lost(feed, range->first - feed->position - 1);
    struct delivery_range taken;
    deliver(feed, payload, len, true, &taken);
}

static void hold_back(struct feed *feed, const void *payload, size_t len, const struct delivery_range *range,
                      int64_t now) {
    /* The application may know more than we do, by another way in. */
    if (range->expected <= range->first && range->expected > feed->position + 1)
        feed->position = range->expected - 1;
    if (range->last > feed->known)
        feed->known = range->last;
    struct held message = {
        .first = range->first,
        .last = range->last,
        .missing = range->expected,
        .tried = feed->position,
        .payload = (char *)payload,
        .len = len,
    };
    if (!hold_add(&feed->hold, &message))
        no_room(feed, payload, len, range, now);
}

/* ---- What comes in ----------------------------------------------------------------- */

static void heard(struct feed *feed, int64_t now) {
    feed->heard = now;
    feed->counts.alive = true;
    if (!feed->stale)
        return;
    feed->stale = false;
    recovered(feed, FEED_EVENT_STALE, 0, "heard again");
}

void feed_live(struct feed *feed, const void *payload, size_t len, int64_t now) {
    heard(feed, now);
    if (feed->restarted) {
        feed->counts.discarded++;
        return;
    }
    struct delivery_range range;
    uint64_t before = feed->position;
    enum delivery result = deliver(feed, payload, len, false, &range);
    if (result == DELIVERY_GAP)
        hold_back(feed, payload, len, &range, now);
    if (range.last > feed->live_last)
        feed->live_last = range.last;
    settle(feed, before, now);
}

void feed_heartbeat(struct feed *feed, uint64_t last, int64_t now) {
    heard(feed, now);
    if (feed->restarted || feed->position == 0)
        return; /* before the first update there is no start that something could be missing from */
    if (last < feed->live_last) {
        char text[160];
        give_up_all(feed);
        feed->restarted = true;
        feed->counts.restarts++;
        snprintf(text, sizeof text, "numbering restarted at %" PRIu64 " after %" PRIu64 ", ignored until it is reset",
                 last, feed->position);
        raise(feed,
              (struct feed_event){.kind = FEED_EVENT_RESTARTED, .first = feed->position, .last = last, .text = text});
        return;
    }
    feed->live_last = last;
    if (last > feed->known)
        feed->known = last;
    settle(feed, feed->position, now);
}

/* Replays come in order: a replayed message of the range asked for that leaves
 * a gap before it shows that the gap is not kept any more. */
void feed_replayed(struct feed *feed, const void *payload, size_t len, int64_t now) {
    if (feed->restarted)
        return;
    struct delivery_range range;
    uint64_t before = feed->position;
    enum delivery result = deliver(feed, payload, len, false, &range);
    if (feed->replaying)
        feed->replay_deadline = now + feed->settings.replay_timeout_ms;
    if (result == DELIVERY_GAP && feed->replaying && range.first > range.expected &&
        range.first <= feed->requested_last) {
        count_lost(feed, range.first - range.expected);
        deliver(feed, payload, len, true, &range);
    } else if (result == DELIVERY_GAP) {
        hold_back(feed, payload, len, &range, now);
    }
    settle(feed, before, now);
}

void feed_replay_end(struct feed *feed, uint64_t first_kept, uint64_t last_kept, int64_t now) {
    if (!feed->replaying)
        return;
    uint64_t before = feed->position;
    feed->replaying = false;
    bool lags = first_kept <= last_kept && last_kept > 0 && last_kept < feed->missing; /* behind the live messages */
    bool closed = feed->missing > feed->requested_last; /* the next gap is asked for by settle() */
    feed->again = lags && !closed;
    feed->replay_deadline = now + feed->settings.replay_timeout_ms;
    if (!lags && !closed)
        give_up(feed, feed->requested_last);
    settle(feed, before, now);
}

void feed_set_position(struct feed *feed, uint64_t last, int64_t now) {
    bool was_restarted = feed->restarted;
    hold_clear(&feed->hold);
    feed->position = feed->known = feed->live_last = last;
    feed->missing = last + 1;
    feed->incident = feed->replaying = feed->again = feed->restarted = false;
    feed->heard = now;
    if (was_restarted)
        recovered(feed, FEED_EVENT_RESTARTED, 0, "reset by an operator");
}

/* ---- Time ---------------------------------------------------------------------------- */

static void tick_gap(struct feed *feed, int64_t now) {
    if (feed->incident && now >= feed->gap_deadline) {
        feed->counts.replay_failures += feed->replaying;
        give_up_all(feed);
    }
    if (!feed->incident || !(feed->replaying || feed->again) || now < feed->replay_deadline)
        return;
    feed->counts.replay_failures += feed->replaying;
    request(feed, now);
}

void feed_tick(struct feed *feed, int64_t now) {
    tick_gap(feed, now);
    if (feed->stale || now - feed->heard < feed->settings.stale_after_ms)
        return;
    char text[80];
    feed->stale = true;
    feed->counts.stales++;
    snprintf(text, sizeof text, "nothing heard for %" PRId64 " s", (now - feed->heard) / 1000);
    raise(feed,
          (struct feed_event){.kind = FEED_EVENT_STALE, .first = feed->position, .last = feed->position, .text = text});
}

int64_t feed_deadline(const struct feed *feed) {
    int64_t deadline = feed->stale ? INT64_MAX : feed->heard + feed->settings.stale_after_ms;
    if (feed->incident && feed->gap_deadline < deadline)
        deadline = feed->gap_deadline;
    if (feed->incident && (feed->replaying || feed->again) && feed->replay_deadline < deadline)
        deadline = feed->replay_deadline;
    return deadline;
}

void feed_resume(struct feed *feed, int64_t now) {
    feed->heard = now;
    feed->gap_deadline = now + feed->settings.gap_timeout_ms;
    feed->replay_deadline = now + feed->settings.replay_timeout_ms;
}

void feed_state(const struct feed *feed, struct feed_state *ret_state) {
    *ret_state = feed->counts;
    ret_state->position = feed->position;
    ret_state->known = feed->known;
    ret_state->gap = feed->incident;
    ret_state->stale = feed->stale;
    ret_state->restarted = feed->restarted;
    ret_state->replaying = feed->replaying;
    ret_state->held_messages = feed->hold.count;
    ret_state->held_bytes = feed->hold.bytes;
    ret_state->heard = feed->heard;
}
