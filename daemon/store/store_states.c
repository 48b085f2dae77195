#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/os/loop.h"
#include "daemon/store/epoch_file.h"
#include "daemon/store/store_private.h"

#define EMPTIED_LEASES 3 /* the leader of an emptied store has so many times the lease to fill it again */
#define RELEASE_MS 500   /* for the last words to Redis at stop */

void store_set_state(struct store *store, enum store_state state, const char *text) {
    /* Lost and foreign are final; stopping is told by its end only. */
    bool final = store->state == STORE_LOST || store->state == STORE_FOREIGN;
    bool fixed = (final && state != STORE_STOPPING && state != STORE_STOPPED) ||
                 (store->state == STORE_STOPPING && state != STORE_STOPPED) || store->state == STORE_STOPPED;
    if (fixed || (store->state == state && strcmp(store->text, text) == 0))
        return;
    store->state = state;
    snprintf(store->text, sizeof(store->text), "%s", text);
    if (store->callbacks.on_state)
        store->callbacks.on_state(store->context, state, store->text);
}

/* The state of a store that cannot be used just now. */
static void set_away(struct store *store, const char *text) {
    store_set_state(store, store->loaded ? STORE_DEGRADED : STORE_CONNECTING, text);
}

static void explain_away(struct store *store, const char *text) {
    store->explained = true;
    set_away(store, text);
}

/* For good: state is STORE_LOST or STORE_FOREIGN. */
static void give_up(struct store *store, enum store_state state, const char *text) {
    lease_pause(store->lease);
    if (store->standby)
        standby_pause(store->standby);
    alerts_pause(store->alerts);
    store_set_state(store, state, text);
}

static void set_ready(struct store *store) {
    redis_link_settled(store->link);
    alerts_keep_trimmed(store->alerts, lease_epoch_text(store->lease));
    if (!flight_is_refilling(store->flight))
        store_set_state(store, STORE_READY, "");
}

/* A part met an error on the connection: the connection starts over, which
 * meets the cause at its root or finds it gone. */
static void on_trouble(void *context, enum trouble trouble, const char *text) {
    struct store *store = context;
    if (trouble == TROUBLE_FENCED || trouble == TROUBLE_FORMAT) {
        /* A daemon that had this store has been followed by a newer one. */
        bool foreign = trouble == TROUBLE_FORMAT && !store->loaded;
        give_up(store, foreign ? STORE_FOREIGN : STORE_LOST, text);
        return;
    }
    if (trouble == TROUBLE_REFUSED && !store->loaded) {
        store->explained = true;
        store_set_state(store, STORE_REFUSED, text);
    } else {
        explain_away(store, text);
    }
    redis_link_drop(store->link, text, trouble == TROUBLE_REFUSED);
}

/* ---- Link and session ------------------------------------------------------------- */

static void on_up(void *context) {
    struct store *store = context;
    store->connects++;
    if (store->state != STORE_LOST && store->state != STORE_FOREIGN)
        session_start(store->session);
}

static void on_down(void *context, const char *reason) {
    struct store *store = context;
    lease_pause(store->lease);
    if (store->standby)
        standby_pause(store->standby);
    alerts_pause(store->alerts);
    flight_close(store->flight);
    loop_timer_stop(store->retry);
    bool begins = store->server && !store->loaded;
    if (begins && private_server_is_young(store->server))
        return;
    char text[sizeof(store->text)];
    snprintf(text, sizeof(text), "%s: %s", begins ? "the private Redis server does not answer yet" : "Redis", reason);
    /* What the server itself had to say is the better explanation. */
    if (!store->explained)
        set_away(store, text);
}

static void find(void *context) {
    struct store *store = context;
    sentinel_ask(store->sentinel);
}

static void on_master(void *context, const struct address *address) {
    struct store *store = context;
    redis_link_found(store->link, address);
}

static void on_no_master(void *context, const char *reason) {
    struct store *store = context;
    redis_link_not_found(store->link, reason);
}

const struct redis_link_callbacks store_link_callbacks = {.on_up = on_up, .on_down = on_down};
const struct redis_link_callbacks store_found_link_callbacks = {.on_up = on_up, .on_down = on_down, .find = find};
const struct sentinel_callbacks store_sentinel_callbacks = {on_master, on_no_master};

/* Does another daemon come first? */
static bool yields(const struct store *store) {
    return loop_monotonic(store->loop) < store->yield_until;
}

static void tell_waiting(struct store *store) {
    char text[256];
    snprintf(text, sizeof(text), "%s holds the lease; the state is %s", store->leader,
             standby_is_warm(store->standby) ? "in memory and followed" : "being loaded");
    store_set_state(store, STORE_WAITING, text);
}

static void wait_behind(struct store *store, const char *holder) {
    redis_link_settled(store->link);
    snprintf(store->leader, sizeof(store->leader), "%s", holder);
    tell_waiting(store);
    standby_wait(store->standby);
}

static void on_session_ready(void *context, const struct session_facts *facts) {
    struct store *store = context;
    store->facts = *facts;
    store->explained = false;
    if (store->server)
        store->facts.durability = STORE_DURABILITY_FSYNC;
    if (lease_epoch(store->lease) != 0)
        lease_claim(store->lease, flight_confirmed_number(store->flight), store->last_alert);
    else if (!lease_is_unsure(store->lease) && (yields(store) || standby_has_begun(store->standby)))
        wait_behind(store, store->leader[0] ? store->leader : "nobody yet");
    else
        lease_take(store->lease);
}

const struct session_callbacks store_session_callbacks = {on_session_ready, on_trouble};

static void on_server_running(void *context) {
    struct store *store = context;
    redis_link_open(store->link);
}

static void on_server_text(void *context, const char *text) {
    explain_away(context, text);
}

const struct private_server_callbacks store_server_callbacks = {on_server_running, on_server_text};

/* ---- Lease --------------------------------------------------------------------------- */

static void on_taken(void *context, uint64_t epoch, bool lost) {
    struct store *store = context;
    if (store->state_dir)
        epoch_file_write(store->state_dir, epoch);
    if (lost) /* as take() notes in the store: a copy that is put back later must not take that away */
        snprintf(store->last_alert, sizeof(store->last_alert), "%" PRIu64 "-9007199254740991", epoch - 1);
    redis_link_settled(store->link);
    store_set_state(store, STORE_LOADING, "");
    store->kept = lost && standby_keep(store->standby);
    if (!store->kept)
        standby_finish(store->standby);
}

static void on_held(void *context, const char *holder) {
    wait_behind(context, holder);
}

static void on_refill(void *context) {
    struct store *store = context;
    struct flight_counts before, after;
    flight_count(store->flight, &after);
    do {
        before = after;
        if (store->callbacks.on_refill && flight_wants_refill(store->flight))
            store->callbacks.on_refill(store->context);
        flight_count(store->flight, &after);
    } while (after.queued > before.queued);
}

static void write_anew(struct store *store, const char *found) {
    char text[256];
    snprintf(text, sizeof(text), "the store has lost what it had confirmed and is written anew; found: %s", found);
    flight_behind(store->flight);
    flight_open(store->flight, lease_epoch_text(store->lease), flight_confirmed_number(store->flight));
    set_ready(store);
    store_set_state(store, STORE_DEGRADED, text);
    if (store->callbacks.on_behind)
        store->callbacks.on_behind(store->context, text);
    if (store->callbacks.on_refill)
        on_refill(store);
    else if (!store->callbacks.on_behind)
        store_refilled(store);
}

static void on_claimed(void *context, uint64_t at, const char *behind) {
    struct store *store = context;
    if (behind && !store->loaded && !store->kept) {
        give_up(store, STORE_LOST, "the store was changed while it was being loaded");
        return;
    }
    if (!store->loaded) {
        store_set_state(store, STORE_LOADING, "");
        standby_finish(store->standby);
        return;
    }
    if (!behind) {
        flight_open(store->flight, lease_epoch_text(store->lease), at);
        set_ready(store);
        return;
    }
    write_anew(store, behind);
}

const struct lease_callbacks store_lease_callbacks = {on_taken, on_held, on_claimed, on_trouble};

/* ---- Load and follow -------------------------------------------------------------------- */

static void on_free(void *context) {
    struct store *store = context;
    if (!yields(store))
        lease_take(store->lease);
}

/* The leader has it all in memory and comes back: it goes first. */
static void on_emptied(void *context) {
    struct store *store = context;
    store->yield_until = loop_monotonic(store->loop) + EMPTIED_LEASES * store->lease_ms;
}

static void on_leader(void *context, const char *holder, int64_t left) {
    struct store *store = context;
    int64_t known = left == -1 ? store->lease_ms : left > 0 ? left : 0; /* -1: it has no end */
    store->leader_until = loop_monotonic(store->loop) + known;
    if (!holder[0])
        return;
    lease_saw(store->lease, holder);
    store->yield_until = 0; /* who was let go first has it: we are next */
    if (strcmp(store->leader, holder) == 0)
        return;
    snprintf(store->leader, sizeof(store->leader), "%s", holder);
    tell_waiting(store);
}

static void on_warmth(void *context) {
    struct store *store = context;
    if (store->state == STORE_WAITING)
        tell_waiting(store);
}

static void on_range(void *context, const struct store_alerts_page *page) {
    struct store *store = context;
    if (!page)
        return;
    if (page->error) { /* asked again with the next connection */
        on_trouble(store, TROUBLE_WAIT, page->error);
        return;
    }
    store->loaded = true;
    standby_destroy(store->standby);
    store->standby = NULL;
    if (!store->last_alert[0])
        text_copy(store->last_alert, sizeof(store->last_alert), page->known_to);
    store_set_state(store, STORE_READY, "");
    if (store->callbacks.on_loaded)
        store->callbacks.on_loaded(store->context, lease_epoch(store->lease), &page->range);
    if (store->kept) {
        write_anew(store, "emptied or older, and the leader dead; memory has what was followed");
        store->kept = false;
        return;
    }
    flight_open(store->flight, lease_epoch_text(store->lease), 0);
    set_ready(store);
}

static void on_load_done(void *context) {
    struct store *store = context;
    alerts_read(store->alerts, "", 1, on_range, store);
}

const struct standby_callbacks store_standby_callbacks = {
    .on_free = on_free,
    .on_emptied = on_emptied,
    .on_leader = on_leader,
    .on_warm = on_warmth,
    .on_cold = on_warmth,
    .on_loaded = on_load_done,
    .on_trouble = on_trouble,
};

/* ---- Steps -------------------------------------------------------------------------------- */

void store_tell_confirmed(struct store *store, const struct store_step *step) {
    store->retry_wait = STORE_FIRST_RETRY_MS;
    if (step->last_alert[0])
        memcpy(store->last_alert, step->last_alert, sizeof(store->last_alert));
    if (step->has_tag && store->callbacks.on_step)
        store->callbacks.on_step(store->context, step->tag);
}

static void on_step(void *context, struct store_step *step) {
    struct store *store = context;
    if (store->state == STORE_DEGRADED)
        set_ready(store);
    store_tell_confirmed(store, step);
    if (store->state == STORE_STOPPING)
        store_drain(store);
}

static void on_refilled(void *context) {
    struct store *store = context;
    set_ready(store);
    if (store->state == STORE_STOPPING)
        store_drain(store); /* no step may be left that would end it */
}

static void on_step_trouble(void *context, enum trouble trouble, const char *text) {
    struct store *store = context;
    if (trouble != TROUBLE_WAIT) {
        on_trouble(store, trouble, text);
        return;
    }
    explain_away(store, text);
    loop_timer_start(store->retry, store->retry_wait);
    int64_t doubled = store->retry_wait * 2;
    store->retry_wait = doubled < store->back_off_ms ? doubled : store->back_off_ms;
}

const struct flight_callbacks store_flight_callbacks = {on_step, on_refill, on_refilled, on_step_trouble};

/* ---- Stop ------------------------------------------------------------------------------------ */

void store_finish_stop(struct store *store) {
    loop_timer_stop(store->stop);
    store_set_state(store, STORE_STOPPED, "");
    store_stopped stopped = store->stopped;
    store->stopped = NULL;
    if (stopped)
        stopped(store->stopped_context, store->clean);
}

static void on_server_ended(void *context) {
    store_finish_stop(context);
}

static void end_parts(struct store *store) {
    redis_link_close(store->link);
    if (store->server)
        private_server_stop(store->server, on_server_ended);
    else
        store_finish_stop(store);
}

static void on_released(void *context, const redisReply *reply) {
    struct store *store = context;
    (void)reply;
    if (store->releasing)
        loop_timer_start(store->stop, 0);
}

void store_drain(struct store *store) {
    struct flight_counts counts = {0};
    flight_count(store->flight, &counts);
    if (counts.queued > 0 || store->releasing)
        return;
    store->clean = true;
    store->releasing = true;
    bool sent = lease_release(store->lease, on_released, store);
    loop_timer_start(store->stop, sent ? RELEASE_MS : 0);
}

/* The drain took too long, or the lease is given back. */
void store_on_stop_deadline(void *context) {
    struct store *store = context;
    if (store->ended)
        return;
    if (!store->releasing) {
        store->releasing = true;
        if (lease_release(store->lease, on_released, store)) {
            loop_timer_start(store->stop, RELEASE_MS);
            return;
        }
    }
    store->ended = true;
    end_parts(store);
}
