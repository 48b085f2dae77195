#include "daemon/store/lease.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/alloc.h"
#include "daemon/os/loop.h"
#include "daemon/store/library.h"

enum lease_state { LEASE_PAUSED, LEASE_TAKING, LEASE_CLAIMING, LEASE_HELD };

struct lease {
    struct loop *loop;
    struct redis_link *link;
    struct lease_callbacks callbacks;
    void *context;
    char *instance;
    char holder[128]; /* unlike any other process' */
    int64_t lease_ms;
    uint64_t epoch_known;
    bool alone;

    enum lease_state state;
    uint64_t epoch;
    char epoch_text[24];
    char epochs[2048]; /* the last ones of the store, up to ours; "": not known */
    int64_t losses;    /* of the store in this epoch, as far as we were told */
    bool taking;       /* an attempt is under way */
    bool unsure;       /* whether the last attempt got it */
    char standby[128];
    bool renewing; /* a renewal is under way: only one at a time, or asked would be the wrong one's */
    int64_t asked; /* when the command under way was sent: the lease counts from there */
    int64_t until;
    struct loop_timer *timer; /* renews */
};

static struct text number_text(int64_t number, char buf[24]) {
    int len = snprintf(buf, 24, "%" PRId64, number);
    return (struct text){buf, (size_t)len};
}

static void call(struct lease *lease, const struct text *args, size_t count, redis_link_reply callback) {
    lease->asked = loop_monotonic(lease->loop);
    redis_link_send(lease->link, args, count, 0, callback, lease);
}

static bool check(struct lease *lease, const redisReply *reply) {
    if (!reply)
        return false;
    char text[TROUBLE_TEXT_SIZE];
    enum trouble found = trouble_of(reply, text, sizeof(text));
    if (found != TROUBLE_NONE)
        lease->callbacks.on_trouble(lease->context, found, text);
    return found == TROUBLE_NONE;
}

static void hold(struct lease *lease) {
    lease->state = LEASE_HELD;
    lease->until = lease->asked + lease->lease_ms;
    loop_timer_start(lease->timer, lease->lease_ms / 3);
}

static bool is_pair(const redisReply *reply) {
    return reply->type == REDIS_REPLY_ARRAY && reply->elements >= 2 && reply->element[0]->type == REDIS_REPLY_INTEGER &&
           reply->element[1]->type == REDIS_REPLY_STRING;
}

static void unexpected(struct lease *lease) {
    lease->callbacks.on_trouble(lease->context, TROUBLE_RECONNECT, "Redis answers our functions in an unknown form");
}

/* ---- Take ------------------------------------------------------------------------ */

static void tell_other(struct lease *lease, const redisReply *reply) {
    char other[128];
    text_escape(other, sizeof(other), (struct text){reply->element[1]->str, reply->element[1]->len});
    lease->callbacks.on_held(lease->context, other);
}

/* A list with its end cut off would be one of another history. */
static void keep_epochs(struct lease *lease, const redisReply *reply) {
    struct text list = {"", 0};
    if (reply->elements > 3 && reply->element[3]->type == REDIS_REPLY_STRING)
        list = (struct text){reply->element[3]->str, reply->element[3]->len};
    if (memchr(list.s, '\0', list.len) || !text_copy(lease->epochs, sizeof(lease->epochs), list))
        lease->epochs[0] = '\0';
}

static void on_take(void *context, const redisReply *reply) {
    struct lease *lease = context;
    lease->taking = false;
    if (!check(lease, reply))
        return;
    if (!is_pair(reply)) {
        unexpected(lease);
        return;
    }
    lease->unsure = false;
    if (reply->element[0]->integer == 0) {
        tell_other(lease, reply);
        return;
    }
    uint64_t epoch = 0;
    if (!text_to_uint64((struct text){reply->element[1]->str, reply->element[1]->len}, &epoch) || epoch == 0) {
        unexpected(lease);
        return;
    }
    lease->epoch = epoch;
    snprintf(lease->epoch_text, sizeof(lease->epoch_text), "%" PRIu64, epoch);
    keep_epochs(lease, reply);
    hold(lease);
    lease->callbacks.on_taken(lease->context, epoch, reply->elements > 2 && reply->element[2]->integer == 1);
}

void lease_saw(struct lease *lease, const char *held) {
    const char *space = strrchr(held, ' ');
    uint64_t epoch = 0;
    if (space && text_to_uint64(text_of(space + 1), &epoch) && epoch <= INT64_MAX && epoch > lease->epoch_known)
        lease->epoch_known = epoch;
}

void lease_take(struct lease *lease) {
    char ttl[24], known[24], now[24];
    if (lease->taking)
        return;
    lease->state = LEASE_TAKING;
    lease->taking = lease->unsure = true;
    const struct text args[] = {TEXT_OF("FCALL"),
                                TEXT_OF(FUNCTION_TAKE),
                                TEXT_OF("3"),
                                TEXT_OF(KEY_META),
                                TEXT_OF(KEY_LEASE),
                                TEXT_OF(KEY_ALERTS),
                                text_of(lease->holder),
                                number_text(lease->lease_ms, ttl),
                                text_of(lease->alone ? "1" : "0"),
                                text_of(lease->instance),
                                TEXT_OF(STORE_FORMAT),
                                number_text((int64_t)lease->epoch_known, known),
                                number_text(loop_wall(lease->loop) / 1000, now)};
    call(lease, args, sizeof(args) / sizeof(args[0]), on_take);
}

/* ---- Claim ------------------------------------------------------------------------ */

static void on_claim(void *context, const redisReply *reply) {
    struct lease *lease = context;
    if (!check(lease, reply))
        return;
    uint64_t at = 0;
    bool current = is_pair(reply) && reply->element[0]->integer == 1;
    if (!is_pair(reply) ||
        (current && !text_to_uint64((struct text){reply->element[1]->str, reply->element[1]->len}, &at))) {
        unexpected(lease);
        return;
    }
    hold(lease);
    lease->losses += !current;
    char found[128];
    text_escape(found, sizeof(found), (struct text){reply->element[1]->str, reply->element[1]->len});
    lease->callbacks.on_claimed(lease->context, at, current ? NULL : found);
}

void lease_claim(struct lease *lease, uint64_t step, const char *alert) {
    char ttl[24], number[24], losses[24];
    lease->state = LEASE_CLAIMING;
    const struct text args[] = {TEXT_OF("FCALL"),
                                TEXT_OF(FUNCTION_CLAIM),
                                TEXT_OF("2"),
                                TEXT_OF(KEY_META),
                                TEXT_OF(KEY_LEASE),
                                text_of(lease->holder),
                                number_text(lease->lease_ms, ttl),
                                text_of(lease->epoch_text),
                                number_text((int64_t)step, number),
                                text_of(alert),
                                text_of(lease->instance),
                                TEXT_OF(STORE_FORMAT),
                                number_text(lease->losses, losses),
                                text_of(lease->epochs)};
    call(lease, args, sizeof(args) / sizeof(args[0]), on_claim);
}

/* ---- Renew, release ----------------------------------------------------------------- */

static void on_renewed(void *context, const redisReply *reply) {
    struct lease *lease = context;
    lease->renewing = false;
    if (!check(lease, reply))
        return;
    lease->until = lease->asked + lease->lease_ms;
    bool named =
        reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 && reply->element[0]->type == REDIS_REPLY_STRING;
    text_escape(lease->standby, sizeof(lease->standby),
                named ? (struct text){reply->element[0]->str, reply->element[0]->len} : (struct text){"", 0});
}

static void renew(struct lease *lease) {
    char ttl[24];
    const struct text args[] = {
        TEXT_OF("FCALL"),          TEXT_OF(FUNCTION_RENEW), TEXT_OF("3"),           TEXT_OF(KEY_META),
        TEXT_OF(KEY_LEASE),        TEXT_OF(KEY_STANDBY),    text_of(lease->holder), number_text(lease->lease_ms, ttl),
        text_of(lease->epoch_text)};
    loop_timer_start(lease->timer, lease->lease_ms / 3);
    if (lease->renewing)
        return;
    lease->renewing = true;
    call(lease, args, sizeof(args) / sizeof(args[0]), on_renewed);
}

static void on_timer(void *context) {
    struct lease *lease = context;
    if (lease->state == LEASE_HELD)
        renew(lease);
}

bool lease_release(struct lease *lease, redis_link_reply callback, void *context) {
    if (lease->state != LEASE_HELD)
        return false;
    lease_pause(lease);
    lease->until = 0;
    const struct text args[] = {TEXT_OF("FCALL"),  TEXT_OF(FUNCTION_RELEASE), TEXT_OF("2"),
                                TEXT_OF(KEY_META), TEXT_OF(KEY_LEASE),        text_of(lease->holder)};
    return redis_link_send(lease->link, args, sizeof(args) / sizeof(args[0]), 0, callback, context);
}

void lease_pause(struct lease *lease) {
    lease->state = LEASE_PAUSED;
    lease->renewing = lease->taking = false;
    loop_timer_stop(lease->timer);
}

/* ---- Life ------------------------------------------------------------------------------ */

static void make_holder(struct lease *lease) {
    uint64_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        random = (uint64_t)loop_wall(lease->loop);
    snprintf(lease->holder, sizeof(lease->holder), "%.64s/%ld/%016" PRIx64, lease->instance, (long)getpid(), random);
    /* The holder is one word of the lease. */
    for (char *c = lease->holder; *c; c++) {
        if (*c <= ' ' || *c > '~')
            *c = '_';
    }
}

struct lease *lease_create(struct loop *loop, struct redis_link *link, const struct lease_options *options,
                           const struct lease_callbacks *callbacks, void *context) {
    struct lease *lease = alloc_zero(1, sizeof(*lease));
    lease->loop = loop;
    lease->link = link;
    lease->callbacks = *callbacks;
    lease->context = context;
    lease->instance = alloc_copy(options->instance);
    lease->lease_ms = options->lease_ms;
    lease->epoch_known = options->epoch_known;
    lease->alone = options->alone;
    make_holder(lease);
    lease->timer = loop_timer_create(loop, LOOP_URGENT, on_timer, lease);
    return lease;
}

void lease_destroy(struct lease *lease) {
    if (!lease)
        return;
    loop_timer_destroy(lease->timer);
    free(lease->instance);
    free(lease);
}

bool lease_is_unsure(const struct lease *lease) {
    return lease->unsure;
}

uint64_t lease_epoch(const struct lease *lease) {
    return lease->epoch;
}

struct text lease_epoch_text(const struct lease *lease) {
    return text_of(lease->epoch_text);
}

int64_t lease_left(const struct lease *lease) {
    int64_t left = lease->until - loop_monotonic(lease->loop);
    return lease->epoch && left > 0 ? left : 0;
}

const char *lease_standby(const struct lease *lease) {
    return lease->standby;
}
