#include "clients/lib/follow.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define BACKOFF_FIRST_MS 250
#define BACKOFF_LAST_MS 8000

struct pending {
    struct oversight_id id;
    char *json;
    size_t len;
};

struct follow {
    struct follow_handlers handlers;
    void *arg;

    bool placed; /* the position is known */
    struct oversight_id position;
    struct oversight_id known; /* the newest alert we have heard of */

    bool want_snapshot;
    bool want_alerts; /* ask even though nothing newer is known of: after a resume */
    bool lost;        /* the snapshot wanted replaces alerts we will never see */
    bool backwards;   /* ... because the daemon's numbers are below ours */
    int below;        /* heartbeats in a row below the position */
    int unanswered;   /* answers in a row that lacked what we know exists */

    struct follow_request open; /* kind FOLLOW_NOTHING when none is */
    struct oversight_id known_then;
    struct oversight_id position_then;
    uint64_t numbers;
    int failures;
    int64_t not_before;

    struct pending pending[FOLLOW_PENDING_MAX]; /* ordered by id, all after the position */
    size_t pending_count, pending_bytes;
};

struct follow *follow_create(const struct follow_handlers *handlers, void *arg, bool resume,
                             struct oversight_id after) {
    struct follow *follow = alloc_zero(1, sizeof(*follow));

    follow->handlers = *handlers;
    follow->arg = arg;
    follow->placed = resume;
    follow->want_alerts = resume;
    follow->want_snapshot = !resume;
    if (resume)
        follow->position = follow->known = after;
    return follow;
}

static void drop_pending(struct follow *follow, size_t count) {
    for (size_t i = 0; i < count; i++) {
        follow->pending_bytes -= follow->pending[i].len;
        free(follow->pending[i].json);
    }
    follow->pending_count -= count;
    memmove(follow->pending, follow->pending + count, follow->pending_count * sizeof(*follow->pending));
}

void follow_destroy(struct follow *follow) {
    if (follow == NULL)
        return;
    drop_pending(follow, follow->pending_count);
    free(follow);
}

static bool is_next(struct oversight_id position, struct oversight_id id) {
    return id.epoch == position.epoch && id.seq == position.seq + 1;
}

static void note_known(struct follow *follow, struct oversight_id id) {
    if (oversight_id_compare(id, follow->known) > 0)
        follow->known = id;
}

static void deliver(struct follow *follow, struct oversight_id id, const char *json, size_t len, bool replayed) {
    follow->position = id;
    note_known(follow, id);
    follow->handlers.deliver(follow->arg, id, json, len, replayed);
}

/* Live alerts that waited for those before them. */
static void deliver_pending(struct follow *follow) {
    while (follow->placed && follow->pending_count > 0) {
        struct pending first = follow->pending[0];

        if (oversight_id_compare(first.id, follow->position) <= 0) {
            drop_pending(follow, 1);
            continue;
        }
        if (!is_next(follow->position, first.id))
            return;
        follow->pending[0].json = NULL; /* ours now: the handler sees it after the list has let go */
        drop_pending(follow, 1);
        deliver(follow, first.id, first.json, first.len, false);
        free(first.json);
    }
}

static void keep_pending(struct follow *follow, struct oversight_id id, const char *json, size_t len) {
    size_t at = follow->pending_count;

    while (at > 0 && oversight_id_compare(follow->pending[at - 1].id, id) > 0)
        at--;
    if (at > 0 && oversight_id_compare(follow->pending[at - 1].id, id) == 0)
        return;
    /* Full: not kept. It is known of, so it will be asked for. */
    if (follow->pending_count == FOLLOW_PENDING_MAX || len > FOLLOW_PENDING_BYTES - follow->pending_bytes)
        return;
    memmove(follow->pending + at + 1, follow->pending + at, (follow->pending_count - at) * sizeof(*follow->pending));
    follow->pending[at] = (struct pending){id, alloc_copy_bytes(json, len), len};
    follow->pending_count++;
    follow->pending_bytes += len;
}

void follow_live(struct follow *follow, struct oversight_id id, const char *json, size_t len) {
    if (follow->placed && oversight_id_compare(id, follow->position) <= 0)
        return;
    follow->below = 0;
    note_known(follow, id);
    if (follow->placed && !follow->want_snapshot && is_next(follow->position, id)) {
        deliver(follow, id, json, len, false);
        deliver_pending(follow);
        return;
    }
    keep_pending(follow, id, json, len);
}

void follow_heartbeat(struct follow *follow, struct oversight_id last, struct oversight_id newest) {
    if (!follow->placed)
        return;
    if (oversight_id_compare(last, follow->position) >= 0) {
        follow->below = 0;
        note_known(follow, last);
        return;
    }
    /* While the store is away a leader publishes ahead of what it has stored. A store put back to before its last
     * take-over, or emptied in its first, gives the epoch that we know once more: its newest tells the two apart. */
    if (oversight_id_compare(newest, follow->position) >= 0)
        return;
    /* One may be a late leader's last words; many in a row mean that the
     * history we followed is gone. */
    if (++follow->below >= FOLLOW_BACKWARDS) {
        follow->below = 0;
        follow->want_snapshot = follow->lost = follow->backwards = true;
    }
}

/* ---- Requests ---------------------------------------------------------------- */

static bool is_behind(const struct follow *follow) {
    return follow->want_alerts || oversight_id_compare(follow->known, follow->position) > 0;
}

struct follow_request follow_next_request(struct follow *follow, int64_t now_ms) {
    struct follow_request request = {.kind = FOLLOW_NOTHING};

    if (follow->open.kind != FOLLOW_NOTHING || now_ms < follow->not_before)
        return request;
    if (follow->want_snapshot)
        request.kind = FOLLOW_SNAPSHOT;
    else if (is_behind(follow))
        request.kind = FOLLOW_ALERTS;
    else
        return request;
    request.number = ++follow->numbers;
    request.after = follow->position;
    request.limit = FOLLOW_PAGE;
    follow->open = request;
    follow->known_then = follow->known;
    follow->position_then = follow->position;
    return request;
}

static bool close_request(struct follow *follow, uint64_t number, enum follow_request_kind kind) {
    if (follow->open.kind != kind || follow->open.number != number)
        return false;
    follow->open.kind = FOLLOW_NOTHING;
    return true;
}

static void back_off(struct follow *follow, int64_t now_ms) {
    int64_t wait = follow->failures < 5 ? (int64_t)BACKOFF_FIRST_MS << follow->failures : BACKOFF_LAST_MS;

    follow->failures++;
    follow->not_before = now_ms + wait;
}

void follow_answer_snapshot(struct follow *follow, uint64_t number, struct oversight_id last,
                            struct oversight_id newest) {
    bool lost = follow->lost;

    if (!close_request(follow, number, FOLLOW_SNAPSHOT))
        return;
    follow->failures = follow->unanswered = 0;
    follow->want_snapshot = follow->lost = false;
    if (follow->placed && follow->backwards && oversight_id_compare(newest, follow->position) >= 0) {
        /* A false alarm: our position is part of this history after all. */
        follow->backwards = false;
        note_known(follow, last);
        deliver_pending(follow);
        return;
    }
    if (!follow->placed || follow->backwards || oversight_id_compare(last, follow->position) > 0)
        follow->position = last;
    else if (lost && follow->pending_count > 0)
        /* What is missing is not there to be had; what came after it must not wait for ever. */
        follow->position = (struct oversight_id){follow->pending[0].id.epoch, follow->pending[0].id.seq - 1};
    follow->placed = true;
    follow->backwards = follow->want_alerts = false;
    follow->known = follow->position;
    if (follow->pending_count > 0)
        note_known(follow, follow->pending[follow->pending_count - 1].id);
    follow->handlers.snapshot(follow->arg, follow->position, lost);
    deliver_pending(follow);
}

bool follow_answer_begin(struct follow *follow, uint64_t number, bool truncated) {
    if (follow->open.kind != FOLLOW_ALERTS || follow->open.number != number)
        return false;
    if (!truncated)
        return true;
    follow->open.kind = FOLLOW_NOTHING;
    /* What came live since may have closed the gap; else the next answer says so again. */
    if (oversight_id_compare(follow->position, follow->position_then) == 0)
        follow->want_snapshot = follow->lost = true;
    return false;
}

void follow_answer_alert(struct follow *follow, struct oversight_id id, const char *json, size_t len) {
    if (oversight_id_compare(id, follow->position) > 0)
        deliver(follow, id, json, len, true);
}

bool follow_answer_end(struct follow *follow, bool more, int64_t now_ms) {
    bool progress = oversight_id_compare(follow->position, follow->position_then) > 0;

    follow->open.kind = FOLLOW_NOTHING;
    if (more) {
        if (progress)
            follow->failures = 0;
        else
            back_off(follow, now_ms);
        return true;
    }
    follow->want_alerts = false;
    /* A take-over announces its epoch with seq 0: there is no alert of that id to wait for. */
    if (follow->known_then.seq == 0 && oversight_id_compare(follow->known_then, follow->position) > 0)
        follow->position = follow->known_then;
    deliver_pending(follow);
    if (progress || oversight_id_compare(follow->known_then, follow->position) <= 0) {
        follow->failures = follow->unanswered = 0;
        return true;
    }
    /* The answer lacks alerts that we have heard of: perhaps not stored yet. */
    if (++follow->unanswered >= FOLLOW_UNANSWERED)
        follow->want_snapshot = follow->lost = true;
    else
        back_off(follow, now_ms);
    return false;
}

void follow_failed(struct follow *follow, uint64_t number, int64_t now_ms) {
    if (follow->open.kind == FOLLOW_NOTHING || follow->open.number != number)
        return;
    follow->open.kind = FOLLOW_NOTHING;
    back_off(follow, now_ms);
}

int follow_wait(const struct follow *follow, int64_t now_ms) {
    if (follow->open.kind != FOLLOW_NOTHING || !(follow->want_snapshot || is_behind(follow)))
        return -1;
    if (now_ms >= follow->not_before)
        return 0;
    return (int)(follow->not_before - now_ms);
}

struct oversight_id follow_position(const struct follow *follow) {
    return follow->position;
}

bool follow_caught_up(const struct follow *follow) {
    return follow->placed && !follow->want_snapshot && !is_behind(follow);
}
