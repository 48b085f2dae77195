#include "daemon/store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/os/loop.h"
#include "daemon/store/epoch_file.h"
#include "daemon/store/store_private.h"

#define LEASE_MS_MIN 300

const char *store_state_name(enum store_state state) {
    static const char *const names[] = {"idle",     "connecting", "refused", "waiting",  "loading", "ready",
                                        "degraded", "foreign",    "lost",    "stopping", "stopped"};
    return names[state];
}

const char *store_durability_name(enum store_durability durability) {
    static const char *const names[] = {"memory", "redis", "fsync"};
    return names[durability];
}

/* ---- Create ------------------------------------------------------------------------- */

static void set_defaults(struct store_options *options) {
#define DEFAULT(option, value) options->option = options->option ? options->option : (value)
    DEFAULT(redis_server, "redis-server");
    DEFAULT(instance, "oversightd");
    DEFAULT(connect_ms, 2000);
    DEFAULT(deadline_ms, 5000);
    DEFAULT(back_off_ms, 5000);
    DEFAULT(lease_ms, 3000);
    DEFAULT(stop_ms, 10000);
    DEFAULT(steps_in_flight, 16);
    DEFAULT(steps_bound, 65536);
    DEFAULT(bytes_bound, UINT64_C(256) << 20);
    DEFAULT(alerts_keep, 1000000);
#undef DEFAULT
}

static bool check_options(const struct store_options *options, char *ret_error, size_t size) {
    if (options->lease_ms < LEASE_MS_MIN) {
        snprintf(ret_error, size, "lease_ms = %" PRId64 ": expected at least %d", options->lease_ms, LEASE_MS_MIN);
        return false;
    }
    if (options->user && options->user[0] && !(options->password_file && options->password_file[0])) {
        snprintf(ret_error, size, "store_user = \"%s\": expected store_password_file with it", options->user);
        return false;
    }
    return true;
}

static bool create_server(struct store *store, const struct store_options *options, char *ret_error, size_t size) {
    if (!options->state_dir || !options->state_dir[0]) {
        snprintf(ret_error, size, "store = \"private\": expected state_dir with it");
        return false;
    }
    const struct private_server_options server = {
        .state_dir = options->state_dir, .program = options->redis_server, .stop_ms = options->stop_ms};
    store->server = private_server_create(store->loop, &server, &store_server_callbacks, store, ret_error, size);
    if (!store->server)
        return false;
    store->address.kind = ADDRESS_UNIX;
    /* Its length was checked with the folder's. */
    text_copy(store->address.path, sizeof(store->address.path), text_of(private_server_socket(store->server)));
    return true;
}

static void create_parts(struct store *store, const struct store_options *options) {
    const struct redis_link_options link = {.address = &store->address,
                                            .connect_ms = options->connect_ms,
                                            .deadline_ms = options->deadline_ms,
                                            /* Our own server comes back in a moment. */
                                            .back_off_ms = store->server ? 250 : options->back_off_ms};
    if (store->address.kind == ADDRESS_SENTINEL)
        store->sentinel =
            sentinel_create(store->loop, &store->address, options->insecure, &store_sentinel_callbacks, store);
    store->link = redis_link_create(store->loop, &link,
                                    store->sentinel ? &store_found_link_callbacks : &store_link_callbacks, store);
    const struct session_options session = {.user = store->user, .password_file = store->password_file};
    store->session = session_create(store->link, &session, &store_session_callbacks, store);
    const struct lease_options lease = {.instance = store->instance,
                                        .lease_ms = options->lease_ms,
                                        .alone = store->server != NULL,
                                        .epoch_known = store->state_dir ? epoch_file_read(store->state_dir) : 0};
    store->lease = lease_create(store->loop, store->link, &lease, &store_lease_callbacks, store);
    store->standby = standby_create(store->loop, store->link, store->instance, options->lease_ms, &store->callbacks,
                                    store->context, &store_standby_callbacks, store);
    store->flight = flight_create(store->loop, store->link, options->steps_in_flight, &store_flight_callbacks, store);
}

static void on_kept_turn(void *context);

static void on_retry(void *context) {
    struct store *store = context;
    flight_reopen(store->flight);
}

struct store *store_create(struct loop *loop, const struct store_options *given,
                           const struct store_callbacks *callbacks, void *context, char *ret_error, size_t size) {
    struct store_options options = *given;
    set_defaults(&options);
    struct store *store = alloc_zero(1, sizeof(*store));
    store->loop = loop;
    store->callbacks = *callbacks;
    store->context = context;
    store->stop_ms = options.stop_ms;
    store->back_off_ms = options.back_off_ms;
    store->lease_ms = options.lease_ms;
    store->yield_ms = options.yield_ms;
    store->no_standby = options.no_standby;
    store->steps_bound = options.steps_bound;
    store->bytes_bound = options.bytes_bound;
    store->instance = alloc_copy(options.instance);
    store->state_dir = options.state_dir && options.state_dir[0] ? alloc_copy(options.state_dir) : NULL;
    store->user = options.user && options.user[0] ? alloc_copy(options.user) : NULL;
    store->password_file = options.password_file && options.password_file[0] ? alloc_copy(options.password_file) : NULL;

    errno = 0;
    if (!check_options(&options, ret_error, size) || !address_parse(options.where, &store->address, ret_error, size) ||
        (store->address.kind == ADDRESS_PRIVATE && !create_server(store, &options, ret_error, size))) {
        int reason = errno;
        store_destroy(store);
        errno = reason;
        return NULL;
    }
    if (store->address.kind != ADDRESS_NONE)
        create_parts(store, &options);
    const struct alerts_options alerts = {.keep = options.alerts_keep, .keep_ms = options.alerts_keep_ms};
    store->alerts = alerts_create(loop, store->link, &alerts);
    store->retry_wait = STORE_FIRST_RETRY_MS;
    store->retry = loop_timer_create(loop, LOOP_NORMAL, on_retry, store);
    store->turn = loop_timer_create(loop, LOOP_NORMAL, on_kept_turn, store);
    store->stop = loop_timer_create(loop, LOOP_NORMAL, store_on_stop_deadline, store);
    return store;
}

void store_destroy(struct store *store) {
    if (!store)
        return;
    redis_link_destroy(store->link);
    sentinel_destroy(store->sentinel);
    session_destroy(store->session);
    lease_destroy(store->lease);
    standby_destroy(store->standby);
    flight_destroy(store->flight);
    alerts_destroy(store->alerts);
    private_server_destroy(store->server);
    while (store->kept_first) {
        struct store_step *step = store->kept_first;
        store->kept_first = step->next;
        step_destroy(step);
    }
    loop_timer_destroy(store->retry);
    loop_timer_destroy(store->turn);
    loop_timer_destroy(store->stop);
    free(store->instance);
    free(store->state_dir);
    free(store->user);
    free(store->password_file);
    free(store);
}

/* ---- "none" ----------------------------------------------------------------------------- */

static void start_kept(struct store *store) {
    const struct store_alert_range range = {{0}, {0}};
    /* Nothing is remembered, so the clock must keep the ids of two runs apart. */
    store->kept_epoch = (uint64_t)loop_wall(store->loop) / 1000;
    store->loaded = true;
    store_set_state(store, STORE_READY, "nothing is stored: store = \"none\"");
    if (store->callbacks.on_loaded)
        store->callbacks.on_loaded(store->context, store->kept_epoch, &range);
}

static void on_kept_turn(void *context) {
    struct store *store = context;
    if (store->state == STORE_CONNECTING)
        start_kept(store);
    struct store_step *last = store->kept_last;
    while (store->kept_first) {
        struct store_step *step = store->kept_first;
        store->kept_first = step->next;
        if (!store->kept_first)
            store->kept_last = NULL;
        store->kept_confirmed++;
        store_tell_confirmed(store, step);
        bool was_last = step == last;
        step_destroy(step);
        if (was_last)
            break; /* what came meanwhile waits for the next turn */
    }
    if (store->kept_first)
        loop_timer_start(store->turn, 0);
    else if (store->state == STORE_STOPPING)
        store_finish_stop(store);
}

static void keep(struct store *store, struct store_step *step) {
    if (store->kept_last)
        store->kept_last->next = step;
    else
        store->kept_first = step;
    store->kept_last = step;
    loop_timer_start(store->turn, 0);
}

/* ---- Start and stop ------------------------------------------------------------------------ */

static void count(const struct store *store, struct flight_counts *ret_counts) {
    *ret_counts = (struct flight_counts){.confirmed = store->kept_confirmed};
    if (store->flight)
        flight_count(store->flight, ret_counts);
}

void store_start(struct store *store) {
    store_set_state(store, STORE_CONNECTING, "");
    store->yield_until = loop_monotonic(store->loop) + store->yield_ms;
    if (!store->link)
        loop_timer_start(store->turn, 0);
    else if (store->server)
        private_server_start(store->server);
    else
        redis_link_open(store->link);
}

void store_stop(struct store *store, store_stopped done, void *context) {
    store->stopped = done;
    store->stopped_context = context;
    bool drain = store->loaded && store->state != STORE_LOST;
    store_set_state(store, STORE_STOPPING, "");
    if (!store->link) {
        store->clean = true;
        loop_timer_start(store->turn, 0);
        return;
    }
    loop_timer_start(store->stop, drain ? store->stop_ms : 0);
    if (drain) {
        store_drain(store);
        return;
    }
    struct flight_counts counts;
    count(store, &counts);
    store->clean = counts.queued == 0;
}

/* ---- Steps ------------------------------------------------------------------------------------ */

bool store_has_room(const struct store *store) {
    struct flight_counts counts;
    count(store, &counts);
    return counts.queued < store->steps_bound && counts.bytes < store->bytes_bound;
}

bool store_is_busy(const struct store *store) {
    struct flight_counts counts;
    count(store, &counts);
    return counts.queued > 0;
}

struct store_step *store_step_begin(struct store *store) {
    return step_create(store, false);
}

struct store_step *store_refill_begin(struct store *store) {
    return step_create(store, true);
}

void store_step_decision(struct store_step *step, const char *org, const struct store_field *fields,
                         size_t field_count) {
    struct store *store = step->store;
    char id[48];
    uint64_t epoch = store->lease ? lease_epoch(store->lease) : store->kept_epoch;
    snprintf(id, sizeof(id), "%" PRIu64 "-%" PRIu64, epoch, ++store->decisions);
    step_decision(step, org, id, fields, field_count);
}

void store_step_commit(struct store_step *step, void *tag) {
    struct store *store = step->store;
    step->has_tag = true;
    step->tag = tag;
    if (store->flight)
        flight_add(store->flight, step);
    else
        keep(store, step);
}

void store_refilled(struct store *store) {
    if (!store->flight || !flight_is_refilling(store->flight))
        return;
    struct store_step *step = store_refill_begin(store);
    store_step_meta(step, "refilling", TEXT_OF("0"));
    flight_refilled(store->flight);
    flight_add(store->flight, step);
}

/* ---- Reading ------------------------------------------------------------------------------------ */

void store_alerts_after(struct store *store, const char *after, size_t limit, store_alerts_read callback,
                        void *context) {
    alerts_read(store->alerts, after, limit, callback, context);
}

void store_alerts_newest(struct store *store, size_t limit, store_alerts_read callback, void *context) {
    alerts_read(store->alerts, NULL, limit, callback, context);
}

void store_status(const struct store *store, struct store_status *ret_status) {
    struct flight_counts counts;
    count(store, &counts);
    struct store_status status = {
        .state = store->state,
        .text = store->text,
        .durability = store->facts.durability,
        .epoch = store->lease ? lease_epoch(store->lease) : store->kept_epoch,
        .steps_queued = counts.queued,
        .steps_in_flight = counts.in_flight,
        .bytes_queued = counts.bytes,
        .steps_confirmed = counts.confirmed,
        .steps_repeated = counts.repeated,
        .connects = store->connects,
        .server_starts = store->server ? private_server_starts(store->server) : 0,
        .standby = store->lease ? lease_standby(store->lease) : "",
        .kept = store->kept,
        .warm = store->state == STORE_WAITING && standby_is_warm(store->standby),
        .taking_over =
            store->state == STORE_LOADING ||
            (store->state == STORE_WAITING && store->leader_until - loop_monotonic(store->loop) < store->lease_ms / 2),
        .oldest_ms = counts.queued && counts.oldest ? loop_monotonic(store->loop) - counts.oldest : 0,
    };
    memcpy(status.version, store->facts.version, sizeof(status.version));
    *ret_status = status;
}

int64_t store_lease_left(const struct store *store) {
    if (store->state == STORE_LOST)
        return 0;
    return store->lease && !store->server && !store->no_standby ? lease_left(store->lease) : INT64_MAX;
}
