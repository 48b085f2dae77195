#include "daemon/app.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "common/log.h"
#include "common/zsock.h"
#include "daemon/app_audit.h"
#include "daemon/app_http.h"
#include "daemon/app_metrics.h"
#include "daemon/app_refill.h"
#include "daemon/app_state.h"
#include "daemon/app_stream.h"
#include "daemon/app_watchdog.h"
#include "daemon/render/request.h"

#define MINUTE_MS 60000
#define DESCRIPTORS_WANTED 65536
#define YIELD_LEASES 2       /* after handing over the other daemon has so many times the lease to take it */
#define SUBMISSION_BYTES 512 /* that an unanswered submission holds beside its updates, about */

void app_fail(struct app *app, int exit_status) {
    app->exit_status = exit_status;
    loop_stop(app->loop);
}

void app_flow(struct app *app) {
    /* Who hands over still reads, to send clients to the other daemon. */
    bool paused = (app->stopping && !app->handing_over) || !store_has_room(app->store);

    if (app->handing_over && app->ingest)
        ingest_pause(app->ingest, true);

    if (!app->serving || paused == app->paused)
        return;
    app->paused = paused;
    submit_pause(app->submit, paused);
    if (app->ingest && !app->handing_over)
        ingest_pause(app->ingest, paused);
    if (!paused)
        parts_resume(app);
    if (!app->stopping)
        log_notice("input", paused ? "reading stops until the store has room" : "reading goes on");
}

static size_t on_heartbeat(void *context, char *buf, size_t size) {
    struct app *app = context;
    char id[ALERT_ID_SIZE], newest[ALERT_ID_SIZE], time[OV_TIME_SIZE];
    int len;

    if (!app->serving || store_lease_left(app->store) <= 0)
        return 0; /* another daemon may lead, and say otherwise */
    len = snprintf(buf, size, "{\"last\":\"%s\",\"newest\":\"%s\",\"time\":\"%s\"}",
                   alert_id_format(app->confirmed, id), alert_id_format(engine_last_alert_id(app->engine), newest),
                   date_format_time(loop_wall(app->loop), time));

    return len < 0 || (size_t)len >= size ? 0 : (size_t)len;
}

/* ---- Serving ---- */

static bool open_feeds(struct app *app, char *error, size_t size) {
    const struct config *config = app->config;
    struct ingest_settings settings = {.loop = app->loop,
                                       .zmq = app->zmq,
                                       .feed_count = config->feeds.count,
                                       .keys = access_own(app->access),
                                       .max_message = (size_t)config->max_message_bytes,
                                       .queue = 10000,
                                       .feed = {.stale_after_ms = config->feed_stale_after,
                                                .gap_timeout_ms = config->gap_timeout,
                                                .replay_timeout_ms = config->gap_timeout / 3 + 1,
                                                .hold_messages = (size_t)config->gap_hold,
                                                .hold_bytes = (size_t)config->memory_bound},
                                       .on_deliver = app_on_deliver,
                                       .on_event = app_on_feed_event,
                                       .context = app,
                                       .counters = &app->net};
    struct ingest_feed *feeds;

    if (!config->feeds.count)
        return true;
    feeds = calloc(config->feeds.count, sizeof *feeds);
    if (!feeds)
        abort();
    for (size_t i = 0; i < config->feeds.count; i++)
        feeds[i] =
            (struct ingest_feed){config->feeds.items[i].source, config->feeds.items[i].connect,
                                 config->feeds.items[i].replay, access_feed_key(app->access, &config->feeds.items[i])};
    settings.feeds = feeds;
    app->ingest = ingest_create(&settings, error, size);
    for (size_t i = 0; app->ingest && i < config->feeds.count; i++)
        ingest_set_position(app->ingest, feeds[i].source, engine_source_last(app->engine, text_of(feeds[i].source)));
    free(feeds);
    return app->ingest != NULL;
}

static bool open_sockets(struct app *app, char *error, size_t size) {
    const struct config *config = app->config;
    struct publish_settings publish = {.loop = app->loop,
                                       .zmq = app->zmq,
                                       .endpoints = config->publish.items,
                                       .endpoint_count = config->publish.count,
                                       .curve = access_server(app->access, ACCESS_PUBLISH),
                                       .queue = (int)config->publish_hwm,
                                       .heartbeat_ms = 1000,
                                       .on_heartbeat = on_heartbeat,
                                       .context = app,
                                       .counters = &app->net};
    struct query_settings query = {.loop = app->loop,
                                   .zmq = app->zmq,
                                   .endpoints = config->query.items,
                                   .endpoint_count = config->query.count,
                                   .curve = access_server(app->access, ACCESS_QUERY),
                                   .max_request = REQUEST_BYTES_MAX,
                                   .max_outstanding = (size_t)config->query_waiting,
                                   .limits = {.client_bytes = (size_t)config->client_reply_bytes,
                                              .total_bytes = (size_t)config->reply_bytes,
                                              .rate = config->query_rate},
                                   .on_query = app_on_query,
                                   .context = app,
                                   .counters = &app->net};
    struct submit_settings submit = {
        .loop = app->loop,
        .zmq = app->zmq,
        .endpoints = config->submit.items,
        .endpoint_count = config->submit.count,
        .curve = access_server(app->access, ACCESS_SUBMIT),
        .max_message = (size_t)config->max_message_bytes,
        .max_outstanding = (size_t)config->memory_bound / SUBMISSION_BYTES,
        .limits = {.client_bytes = (size_t)config->client_reply_bytes, .total_bytes = (size_t)config->reply_bytes},
        .on_submit = app_on_submit,
        .context = app,
        .counters = &app->net};

    if (!access_start(app->access, app->loop, app->zmq, &app->net.missed_edges, error, size))
        return false;
    publish.zap = query.zap = submit.zap = access_zap(app->access);
    publish.handshake_ms = query.handshake_ms = submit.handshake_ms = (int)config->handshake_timeout;
    return (app->publish = publish_create(&publish, error, size)) && (app->query = query_create(&query, error, size)) &&
           (app->submit = submit_create(&submit, error, size));
}

static bool opened(struct app *app, bool good, const char *error) {
    if (!good) {
        log_error("start", "%s", error);
        app_fail(app, EX_UNAVAILABLE);
    }
    return good;
}

bool app_open_sockets(struct app *app) {
    char error[ZERROR_SIZE];

    return app->submit || opened(app, open_sockets(app, error, sizeof error), error);
}

void app_serve(struct app *app) {
    char error[ZERROR_SIZE];

    if (!app_open_sockets(app) || !opened(app, open_feeds(app, error, sizeof error), error))
        return;
    app->serving = true;
    auditing_start(app->auditing);
    app_publish_again(app);
    app_commit(app);
    log_notice("start", "ready: %" PRIu32 " organisations, %zu frameworks",
               registry_count(engine_registry(app->engine)), engine_framework_count(app->engine));
    app->ready = true;
    app_tell_status(app);
    notify_ready(app->notify);
    app_flow(app);
}

/* ---- Time ---- */

static void on_minute(void *context) {
    struct app *app = context;

    if (app->serving) {
        app_tick(app);
        parts_expire(app);
        app_tell_status(app);
    }
    log_flush();
    loop_timer_start(app->minute, app->config->more_timeout < MINUTE_MS ? app->config->more_timeout : MINUTE_MS);
}

/* ---- Signals ---- */

static void on_stopped(void *context, bool clean) {
    struct app *app = context;

    if (!clean)
        log_warning("stop", "not everything was stored; what was not acknowledged will be sent again");
    loop_stop(app->loop);
}

static void on_stop_signal(void *context, int number) {
    struct app *app = context;

    if (app->handing_over) { /* to the end, but nothing after it */
        app->handing_over = false;
        notify_stopping(app->notify);
        return;
    }
    if (app->stopping) { /* a second one: at once */
        loop_stop(app->loop);
        return;
    }
    log_notice("stop", "signal %d: stopping", number);
    app->stopping = true;
    notify_stopping(app->notify);
    app_flow(app);
    app_commit(app);
    store_stop(app->store, on_stopped, app);
}

/* ---- Life ---- */

/* May what the system refused be granted another time? Then a restart is worth trying. */
static bool may_pass(int error) {
    static const int passing[] = {EAGAIN, EDQUOT, EIO, EMFILE, ENFILE, ENOMEM, ENOSPC};
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
        if (error == passing[i])
            return true;
    return false;
}

static int open_store(struct app *app) {
    const struct config *config = app->config;
    struct store_options options = {.where = config->store,
                                    .state_dir = config->state_dir,
                                    .redis_server = config->redis_server,
                                    .user = *config->store_user ? config->store_user : NULL,
                                    .password_file = *config->store_password_file ? config->store_password_file : NULL,
                                    .instance = config->instance,
                                    .lease_ms = config->lease,
                                    .insecure = config->store_insecure,
                                    .no_standby = !config->standby,
                                    .yield_ms = app->yields ? YIELD_LEASES * config->lease : 0,
                                    .deadline_ms = config->store_deadline,
                                    .steps_in_flight = (uint32_t)config->steps_in_flight,
                                    .bytes_bound = (uint64_t)config->memory_bound,
                                    .alerts_keep = (uint64_t)config->alerts_keep_count,
                                    .alerts_keep_ms = config->alerts_keep_days * 86400000};
    struct store_callbacks callbacks;
    char error[ZERROR_SIZE];

    app_store_callbacks(&callbacks);
    app->store = store_create(app->loop, &options, &callbacks, app, error, sizeof error);
    if (app->store)
        return EX_OK;
    int status = may_pass(errno) ? EX_OSERR : EX_CONFIG;
    log_error("store", "%s", error);
    return status;
}

static int app_open(struct app *app) {
    struct problems *problems = problems_create();
    struct wire_limits limits = {(size_t)app->config->max_batch, (size_t)app->config->max_message_bytes};
    char error[ZERROR_SIZE];

    app->engine = app_rules_load(app->config, problems);
    app->access = access_load(app->config, problems);
    app_log_problems("rules", problems);
    problems_destroy(problems);
    if (!app->engine || !app->access)
        return EX_CONFIG;
    changes_init(&app->changes);
    app->decoder = wire_decoder_create(&limits);
    app->pending = pending_create();
    app->sequels = sequels_create();
    app->parts = parts_create();
    app->loop = loop_create();
    app->zmq = zcontext_create();
    if (!app->loop || !app->zmq || !loop_signal(app->loop, SIGTERM, on_stop_signal, app) ||
        !loop_signal(app->loop, SIGINT, on_stop_signal, app) ||
        !loop_signal(app->loop, SIGHUP, app_on_reload_signal, app)) {
        log_error("start", "the event loop cannot be set up: %m");
        return EX_OSERR;
    }
    app->minute = loop_timer_create(app->loop, LOOP_LATER, on_minute, app);
    app->auditing = auditing_create(app);
    app->refill = refill_create(app);
    app->pulse = loop_timer_create(app->loop, LOOP_LATER, app_metrics_pulse, app);
    app->waiting = loop_timer_create(app->loop, LOOP_NORMAL, sequels_look, app);
    app->unhurried = loop_timer_create(app->loop, LOOP_NORMAL, app_commit_later, app);
    app->away = loop_timer_create(app->loop, LOOP_LATER, app_store_away, app);
    int status = open_store(app);
    if (status != EX_OK)
        return status;
    app->streams = streams_create(app);
    if (app_http_open(app, error, sizeof error))
        return EX_OK;
    log_error("start", "%s", error);
    return EX_UNAVAILABLE;
}

/* In the reverse order of the start; everything accepts that it was never opened. */
static void app_close(struct app *app) {
    http_destroy(app->http);
    streams_destroy(app->streams);
    ingest_destroy(app->ingest);
    submit_destroy(app->submit);
    query_destroy(app->query);
    publish_destroy(app->publish);
    if (app->step)
        store_step_abandon(app->step);
    auditing_destroy(app->auditing);
    store_destroy(app->store);
    access_stop(app->access);
    zcontext_destroy(app->zmq);
    refill_destroy(app->refill);
    loop_timer_destroy(app->minute);
    watchdog_destroy(app->watchdog);
    loop_timer_destroy(app->pulse);
    loop_timer_destroy(app->waiting);
    loop_timer_destroy(app->away);
    loop_timer_destroy(app->unhurried);
    loop_destroy(app->loop);
    parts_destroy(app->parts);
    sequels_destroy(app->sequels);
    pending_destroy(app->pending);
    wire_decoder_destroy(app->decoder);
    if (app->engine)
        changes_finish(&app->changes);
    engine_destroy(app->engine);
    access_destroy(app->access);
}

/* Each connection is a descriptor, also of those that come to nothing: the
 * usual soft limit of 1024 is for programs that use select(2). */
static void allow_descriptors(void) {
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warning("start", "the limit of open files cannot be raised: %m");
}

/* From nothing to the end, or to the point where all begins again as a standby. */
static int run_once(const struct app_options *options, struct notify *notify, bool *yields) {
    struct app app = {.options = options, .config = options->config, .notify = notify, .yields = *yields};

    app.exit_status = app_open(&app);
    if (app.exit_status == EX_OK) {
        app.started_ms = app.counters.reload_ms = loop_wall(app.loop);
        app.pulse_due = loop_monotonic(app.loop);
        app_metrics_pulse(&app);
        loop_timer_start(app.minute, 1000);
        app.watchdog = watchdog_create(&app);
        store_start(app.store);
        if (!loop_run(app.loop))
            app.exit_status = EX_OSERR;
    }
    *yields = app.handing_over && app.exit_status == EX_OK;
    app_close(&app);
    log_flush();
    return app.exit_status;
}

int app_run(const struct app_options *options) {
    struct notify *notify = notify_create();
    bool again = false;
    int status;

    signal(SIGPIPE, SIG_IGN);
    allow_descriptors();
    do
        status = run_once(options, notify, &again);
    while (again);
    notify_destroy(notify);
    return status;
}
