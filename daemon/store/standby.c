#include "daemon/store/standby.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "daemon/os/loop.h"
#include "daemon/store/hand_out.h"
#include "daemon/store/library.h"
#include "daemon/store/load.h"

#define POLL_MS 100    /* between looks at the changes and the lease */
#define RELOAD_MS 1000 /* between two times of starting over, at least */

enum standby_goal { GOAL_NONE, GOAL_WAIT, GOAL_FINISH };
enum standby_phase { PHASE_FRESH, PHASE_LOADING, PHASE_FOLLOWING };

struct standby {
    struct loop *loop;
    struct redis_link *link;
    char *name;
    int64_t lease_ms;
    const struct store_callbacks *sink;
    void *sink_context;
    struct standby_callbacks callbacks;
    void *context;

    enum standby_goal goal;
    enum standby_phase phase;
    bool warm;
    bool placed;  /* there is a place to follow from; else the state was loaded under our own lease */
    bool lost;    /* the place went away while loading */
    bool alone;   /* it went away with the leader; what is in memory may be all that there is */
    bool kept;    /* and it is: nothing is read any more */
    bool asking;  /* one question at a time */
    bool reading; /* it was for changes, not only to keep the place */
    char place[48];
    int64_t begun; /* the last load */
    struct hand_out *out;
    struct load *load;
    struct loop_timer *timer;
};

static void ask(struct standby *standby);

static void on_load_done(void *context);
static void on_load_trouble(void *context, enum trouble trouble, const char *text);
static const struct load_callbacks load_callbacks = {on_load_done, on_load_trouble};

/* ---- The whole state ------------------------------------------------------------------ */

static void drop_load(struct standby *standby) {
    load_destroy(standby->load);
    hand_out_destroy(standby->out);
    standby->load = NULL;
    standby->out = NULL;
}

static void begin_load(struct standby *standby) {
    standby->phase = PHASE_LOADING;
    standby->lost = false;
    standby->begun = loop_monotonic(standby->loop);
    standby->out = hand_out_create(standby->sink, standby->sink_context);
    standby->load = load_create(standby->link, standby->out, &load_callbacks, standby);
    load_continue(standby->load);
}

static void loaded(struct standby *standby) {
    standby->goal = GOAL_NONE;
    loop_timer_stop(standby->timer);
    drop_load(standby);
    standby->callbacks.on_loaded(standby->context);
}

/* Forgets what was read. It is read again at once, or when there has been a pause. */
static void start_over(struct standby *standby) {
    drop_load(standby);
    standby->phase = PHASE_FRESH;
    standby->placed = standby->alone = false;
    standby->place[0] = '\0';
    if (standby->warm)
        standby->callbacks.on_cold(standby->context);
    standby->warm = false;
    if (standby->sink->on_load_reset)
        standby->sink->on_load_reset(standby->sink_context);
    if (standby->goal == GOAL_FINISH) {
        begin_load(standby);
        return;
    }
    int64_t wait = standby->begun + RELOAD_MS - loop_monotonic(standby->loop);
    loop_timer_start(standby->timer, wait > 0 ? wait : 0);
}

static void on_load_done(void *context) {
    struct standby *standby = context;
    if (standby->lost) {
        start_over(standby);
        return;
    }
    standby->phase = PHASE_FOLLOWING;
    if (standby->goal == GOAL_FINISH && !standby->placed)
        loaded(standby);
    else
        ask(standby);
}

static void on_load_trouble(void *context, enum trouble trouble, const char *text) {
    struct standby *standby = context;
    standby->callbacks.on_trouble(standby->context, trouble, text);
}

/* ---- The changes ---------------------------------------------------------------------- */

/* False: they cannot be followed. */
static bool apply(struct standby *standby, const redisReply *change) {
    for (size_t i = 0; i < change->elements; i++) {
        const redisReply *part = change->element[i];
        if (part->type != REDIS_REPLY_ARRAY || part->elements != 3 || part->element[0]->type != REDIS_REPLY_STRING ||
            part->element[1]->type != REDIS_REPLY_STRING || part->element[1]->len != 1)
            return false;
        struct text key = {part->element[0]->str, part->element[0]->len};
        if (!hand_out_part(standby->out, key, part->element[1]->str[0], part->element[2]))
            return false;
    }
    return true;
}

static void on_meta(void *context, const redisReply *reply) {
    struct standby *standby = context;
    char text[TROUBLE_TEXT_SIZE];
    if (!reply || standby->goal != GOAL_FINISH)
        return;
    struct state_key meta = {.kind = KIND_META};
    enum trouble found = trouble_of(reply, text, sizeof(text));
    if (found != TROUBLE_NONE) {
        standby->callbacks.on_trouble(standby->context, found, text);
        return;
    }
    hand_out_key(standby->out, &meta, reply);
    loaded(standby);
}

/* Taking the lease may have left marks there that are no step. */
static void read_meta(struct standby *standby) {
    const struct text args[] = {TEXT_OF("HGETALL"), TEXT_OF(KEY_META)};
    redis_link_send(standby->link, args, 2, 0, on_meta, standby);
}

static void caught_up(struct standby *standby) {
    if (standby->goal == GOAL_FINISH) {
        read_meta(standby);
        return;
    }
    if (!standby->warm) {
        standby->warm = true;
        standby->callbacks.on_warm(standby->context);
    }
    loop_timer_start(standby->timer, POLL_MS);
}

static void take_changes(struct standby *standby, const redisReply *changes) {
    for (size_t i = 0; i < changes->elements; i++)
        if (changes->element[i]->type != REDIS_REPLY_ARRAY || !apply(standby, changes->element[i])) {
            start_over(standby);
            return;
        }
    if (changes->elements > 0)
        ask(standby);
    else
        caught_up(standby);
}

/* The place we asked for is there no more, or we had none yet. */
static void take_place(struct standby *standby, const char *place) {
    if (standby->alone) {
        loop_timer_start(standby->timer, POLL_MS);
        return;
    }
    snprintf(standby->place, sizeof(standby->place), "%s", place);
    if (standby->phase == PHASE_FRESH) {
        standby->placed = true;
        begin_load(standby);
        loop_timer_start(standby->timer, POLL_MS);
    } else if (standby->phase == PHASE_LOADING) {
        standby->lost = true;
        loop_timer_start(standby->timer, POLL_MS);
    } else {
        start_over(standby);
    }
}

static bool is_answer(const redisReply *reply) {
    static const int types[] = {REDIS_REPLY_STRING, REDIS_REPLY_INTEGER, REDIS_REPLY_STRING, REDIS_REPLY_INTEGER,
                                REDIS_REPLY_ARRAY};
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 5)
        return false;
    for (size_t i = 0; i < 5; i++)
        if (reply->element[i]->type != types[i])
            return false;
    return true;
}

static void tell_leader(struct standby *standby, const redisReply *answer) {
    char holder[128];
    text_escape(holder, sizeof(holder), (struct text){answer->element[0]->str, answer->element[0]->len});
    standby->callbacks.on_leader(standby->context, holder, answer->element[1]->integer);
}

static void on_answer(void *context, const redisReply *reply) {
    struct standby *standby = context;
    char text[TROUBLE_TEXT_SIZE];
    standby->asking = false;
    /* What was loaded under our own lease needs no place. */
    if (!reply || standby->goal == GOAL_NONE || (standby->goal == GOAL_FINISH && !standby->placed))
        return;
    enum trouble found = trouble_of(reply, text, sizeof(text));
    if (found != TROUBLE_NONE || !is_answer(reply)) {
        standby->callbacks.on_trouble(standby->context, found != TROUBLE_NONE ? found : TROUBLE_RECONNECT,
                                      found != TROUBLE_NONE ? text : "Redis answers our functions in an unknown form");
        return;
    }
    bool follows = reply->element[3]->integer == 1;
    if (standby->goal == GOAL_WAIT)
        tell_leader(standby, reply);
    bool is_free = standby->goal == GOAL_WAIT && reply->element[0]->len == 0;
    bool was_alone = standby->alone;
    standby->alone = is_free && !follows && standby->warm;
    if (is_free && !follows && standby->phase != PHASE_FRESH && !was_alone)
        standby->callbacks.on_emptied(standby->context);
    if (follows)
        snprintf(standby->place, sizeof(standby->place), "%s", reply->element[2]->str);
    if (!follows || standby->phase == PHASE_FRESH) /* any place will do to begin at */
        take_place(standby, reply->element[2]->str);
    else if (standby->reading)
        take_changes(standby, reply->element[4]);
    else if (standby->phase == PHASE_FOLLOWING)
        ask(standby); /* loaded meanwhile */
    else
        loop_timer_start(standby->timer, POLL_MS);
    if (is_free)
        standby->callbacks.on_free(standby->context);
}

static void ask(struct standby *standby) {
    char ttl[24];
    if (standby->asking)
        return;
    standby->reading = standby->phase == PHASE_FOLLOWING;
    snprintf(ttl, sizeof(ttl), "%" PRId64, standby->goal == GOAL_WAIT ? standby->lease_ms : 0);
    const struct text args[] = {TEXT_OF("FCALL"),
                                TEXT_OF(FUNCTION_FOLLOW),
                                TEXT_OF("4"),
                                TEXT_OF(KEY_META),
                                TEXT_OF(KEY_LEASE),
                                TEXT_OF(KEY_STANDBY),
                                TEXT_OF(KEY_CHANGES),
                                text_of(standby->name),
                                text_of(ttl),
                                text_of(standby->place),
                                text_of(standby->reading ? "64" : "0"),
                                TEXT_OF(STORE_FORMAT)};
    standby->asking = redis_link_send(standby->link, args, sizeof(args) / sizeof(args[0]), 0, on_answer, standby);
}

static void on_timer(void *context) {
    struct standby *standby = context;
    if (standby->goal != GOAL_NONE)
        ask(standby);
}

/* ---- Calls ----------------------------------------------------------------------------- */

void standby_wait(struct standby *standby) {
    bool resumed = standby->goal == GOAL_NONE;
    standby->goal = GOAL_WAIT;
    if (!resumed)
        return;
    if (standby->phase == PHASE_LOADING)
        load_continue(standby->load);
    ask(standby);
}

void standby_finish(struct standby *standby) {
    bool resumed = standby->goal == GOAL_NONE;
    standby->goal = GOAL_FINISH;
    if (standby->kept)
        loaded(standby);
    else if (standby->phase == PHASE_FRESH)
        begin_load(standby);
    else if (standby->phase == PHASE_LOADING && resumed)
        load_continue(standby->load);
    else if (standby->phase == PHASE_FOLLOWING && !standby->placed)
        loaded(standby);
    else if (standby->phase == PHASE_FOLLOWING)
        ask(standby);
}

bool standby_keep(struct standby *standby) {
    if (!standby->warm)
        return false;
    standby->kept = true;
    loaded(standby);
    return true;
}

void standby_pause(struct standby *standby) {
    standby->goal = GOAL_NONE;
    standby->asking = false;
    loop_timer_stop(standby->timer);
}

bool standby_has_begun(const struct standby *standby) {
    return standby->phase != PHASE_FRESH;
}

bool standby_is_warm(const struct standby *standby) {
    return standby->warm;
}

struct standby *standby_create(struct loop *loop, struct redis_link *link, const char *name, int64_t lease_ms,
                               const struct store_callbacks *sink, void *sink_context,
                               const struct standby_callbacks *callbacks, void *context) {
    struct standby *standby = alloc_zero(1, sizeof(*standby));
    standby->loop = loop;
    standby->link = link;
    standby->name = alloc_copy(name);
    standby->lease_ms = lease_ms;
    standby->sink = sink;
    standby->sink_context = sink_context;
    standby->callbacks = *callbacks;
    standby->context = context;
    standby->timer = loop_timer_create(loop, LOOP_NORMAL, on_timer, standby);
    return standby;
}

void standby_destroy(struct standby *standby) {
    if (!standby)
        return;
    drop_load(standby);
    loop_timer_destroy(standby->timer);
    free(standby->name);
    free(standby);
}
