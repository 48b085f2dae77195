#include "clients/oncall/app.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oncall/dispatch.h"
#include "clients/oncall/files.h"
#include "clients/oncall/follow_conf.h"
#include "common/alloc.h"
#include "common/date.h"
#include "common/json_write.h"
#include "common/log.h"
#include "daemon/os/notify.h"

#define STOP_MS 5000 /* for attempts that are under way */
#define LOOK_MS 20
#define STATUS_MS 1000

struct app {
    const char *path;
    struct conf *conf;
    struct loop *loop;
    struct notify *notify;
    struct sender *sender;
    struct dispatch *dispatch;
    int lock;
    struct oversight_client *client;
    struct loop_io *client_io;
    struct loop_timer *client_timer, *status_timer, *watchdog_timer, *stop_timer;
    struct oversight_id position; /* of the client */
    bool moved;                   /* since it was written */
    bool resumes;                 /* there is a position to resume from */
    const char *state;            /* for people */
    char status[200];             /* told last */
    int64_t stop_at;
};

/* ---- The consumer ------------------------------------------------------------------- */

static void on_alert(void *arg, const struct oversight_event *event) {
    struct app *app = arg;
    dispatch_take(app->dispatch, event->id, event->json, event->len);
}

static void on_position(void *arg, struct oversight_id last) {
    struct app *app = arg;
    app->position = last;
    app->moved = app->resumes = true;
}

/* People must hear of alerts that nobody can tell them any more. */
static void tell_lost(struct app *app, struct oversight_id last) {
    struct json_writer json;
    struct buf buf, text;
    char id[OVERSIGHT_ID_SIZE], time[OV_TIME_SIZE];
    oversight_id_format(last, id);
    buf_init(&buf);
    buf_init(&text);
    buf_printf(&text, "lost-%s", id);
    json_init(&json, &buf);
    json_object(&json, NULL);
    json_string(&json, "specversion", "1.0");
    json_string(&json, "id", text.data);
    json_string(&json, "source", "/oversight-oncall/consumer");
    json_string(&json, "type", "org.oversightd.oncall.lost.v1");
    json_string(&json, "subject", "oversight-oncall");
    json_string(&json, "time", date_format_time(loop_wall(app->loop), time));
    json_object(&json, "data");
    json_string(&json, "key", text.data);
    json_string(&json, "kind", "oncall.lost");
    json_string(&json, "severity", "critical");
    buf_clear(&text);
    buf_printf(&text, "Alerts before %s are lost: the daemon no longer holds them. Look at the status page.", id);
    json_string(&json, "summary", text.data);
    json_object_end(&json);
    json_object_end(&json);
    dispatch_take_own(app->dispatch, buf.data, buf.len);
    buf_finish(&text);
    buf_finish(&buf);
}

static void on_snapshot(void *arg, struct oversight_id last, const char *json, size_t len, bool lost) {
    struct app *app = arg;
    char id[OVERSIGHT_ID_SIZE];
    (void)json, (void)len;
    log_notice("consumer", "%s alert %s", lost ? "alerts are lost; going on after" : "starting after",
               oversight_id_format(last, id));
    if (lost)
        tell_lost(app, last);
    dispatch_skip(app->dispatch, last);
}

static void on_state(void *arg, enum oversight_state state) {
    static const char *const states[] = {"connecting", "live", "catching up", "the daemon is silent"};
    struct app *app = arg;
    app->state = states[state];
    if (state == OVERSIGHT_STALE)
        log_warning("consumer", "nothing heard from the daemon, trying on");
    else
        log_info("consumer", "%s", app->state);
}

static void on_problem(void *arg, const char *message) {
    (void)arg;
    log_warning("consumer", "%s", message);
}

static const struct oversight_handlers handlers = {
    .alert = on_alert, .snapshot = on_snapshot, .position = on_position, .state = on_state, .problem = on_problem};

static void on_client(void *context);

/* What was taken on in this turn is on the disk before the position says so. */
static void keep_position(struct app *app) {
    if (!app->moved)
        return;
    dispatch_commit(app->dispatch);
    if (position_write(app->conf->state_dir, app->position))
        app->moved = false;
    else
        log_error("position", "cannot be written, trying on: %m");
}

static void on_client(void *context) {
    struct app *app = context;
    oversight_client_process(app->client);
    keep_position(app);
    loop_timer_start(app->client_timer, oversight_client_timeout(app->client));
}

static void close_client(struct app *app) {
    loop_io_destroy(app->client_io);
    oversight_client_destroy(app->client);
    app->client = NULL;
    app->client_io = NULL;
}

static bool open_client(struct app *app) {
    app->client = follow_conf(app->conf, app->resumes ? &app->position : NULL, &handlers, app);
    if (!app->client)
        return false;
    app->client_io = loop_io_create(app->loop, oversight_client_fd(app->client), LOOP_NORMAL, on_client, app);
    if (!app->client_io)
        return false;
    loop_timer_start(app->client_timer, 0);
    return true;
}

/* ---- Signals and the service manager -------------------------------------------------- */

static void on_stop_look(void *context) {
    struct app *app = context;
    if (dispatch_is_idle(app->dispatch) || loop_monotonic(app->loop) >= app->stop_at)
        loop_stop(app->loop);
    else
        loop_timer_start(app->stop_timer, LOOK_MS);
}

static void on_stop(void *context, int number) {
    struct app *app = context;
    log_notice("oncall", "stopping at signal %d", number);
    notify_stopping(app->notify);
    if (app->stop_at != 0) { /* a second one does not wait */
        loop_stop(app->loop);
        return;
    }
    app->stop_at = loop_monotonic(app->loop) + STOP_MS;
    loop_timer_stop(app->client_timer);
    close_client(app);
    dispatch_stop(app->dispatch);
    on_stop_look(app);
}

static void log_problems(const struct problems *problems) {
    for (size_t i = 0; i < problems_kept(problems); i++) {
        const struct problem *problem = problems_at(problems, i);
        log_error("configuration", "%s:%u: %s", problem->file, problem->line, problem->text);
    }
}

/* What differs and is taken over at a start only, or NULL. */
static const char *changed_for_ever(const struct conf *old, const struct conf *new) {
    if (strcmp(old->state_dir, new->state_dir) != 0)
        return "state_dir";
    if (strcmp(old->timezone, new->timezone) != 0)
        return "timezone";
    return strcmp(old->log_facility, new->log_facility) != 0 ? "log_facility" : NULL;
}

static bool take_conf(struct app *app, struct conf *conf) {
    enum log_level level;
    bool same = follow_conf_same(app->conf, conf);
    const char *changed = changed_for_ever(app->conf, conf);
    if (changed) {
        log_error("configuration", "%s cannot be changed by a reload", changed);
        return false;
    }
    dispatch_reload(app->dispatch, conf);
    conf_unref(app->conf);
    app->conf = conf_ref(conf);
    if (log_level_parse(conf->log_level, &level))
        log_set_level(level);
    if (!same) {
        close_client(app);
        if (!open_client(app))
            loop_stop(app->loop);
    }
    return true;
}

static void on_reload(void *context, int number) {
    struct app *app = context;
    struct problems *problems = problems_create();
    (void)number;
    notify_reloading(app->notify);
    struct conf *conf = app->stop_at == 0 ? conf_load(app->path, false, problems) : NULL;
    if (conf && take_conf(app, conf))
        log_notice("configuration", "%s is in force", app->path);
    else
        log_error("configuration", "%s is not taken over, nothing has changed", app->path);
    log_problems(problems);
    conf_unref(conf);
    problems_destroy(problems);
    notify_ready(app->notify);
}

static void on_status(void *context) {
    struct app *app = context;
    struct dispatch_counts counts = dispatch_counts(app->dispatch);
    char status[sizeof app->status];
    snprintf(status, sizeof status,
             "%s; %zu waiting, %zu held, %zu standing; %" PRIu64 " delivered, %" PRIu64 " dead letters", app->state,
             counts.queued, counts.held, counts.standing, counts.delivered, counts.dead);
    if (strcmp(status, app->status) != 0)
        notify_status(app->notify, "%s", status);
    memcpy(app->status, status, sizeof status);
    loop_timer_start(app->status_timer, STATUS_MS);
}

static void on_watchdog(void *context) {
    struct app *app = context;
    notify_watchdog(app->notify);
    loop_timer_start(app->watchdog_timer, notify_watchdog_ms(app->notify) / 2);
}

/* ---- Start and stop ---------------------------------------------------------------------- */

/* The newer of the two: the spool may know of alerts the position does not. */
static bool find_position(struct app *app) {
    struct oversight_id spooled = dispatch_last(app->dispatch), none = {0, 0};
    enum position_result result = position_read(app->conf->state_dir, &app->position);
    if (result == POSITION_BAD)
        return false;
    app->resumes = result == POSITION_FOUND;
    if (!app->resumes && oversight_id_compare(spooled, none) > 0) {
        app->position = spooled;
        app->resumes = true;
    }
    return true;
}

static bool start_timers(struct app *app) {
    app->client_timer = loop_timer_create(app->loop, LOOP_NORMAL, on_client, app);
    app->status_timer = loop_timer_create(app->loop, LOOP_LATER, on_status, app);
    app->watchdog_timer = loop_timer_create(app->loop, LOOP_LATER, on_watchdog, app);
    app->stop_timer = loop_timer_create(app->loop, LOOP_LATER, on_stop_look, app);
    if (!app->client_timer || !app->status_timer || !app->watchdog_timer || !app->stop_timer)
        return false;
    if (notify_active(app->notify))
        loop_timer_start(app->status_timer, 0);
    if (notify_watchdog_ms(app->notify) > 0)
        loop_timer_start(app->watchdog_timer, 0);
    return loop_signal(app->loop, SIGTERM, on_stop, app) && loop_signal(app->loop, SIGINT, on_stop, app) &&
           loop_signal(app->loop, SIGHUP, on_reload, app);
}

static bool start(struct app *app) {
    app->lock = files_lock(app->conf->state_dir);
    app->loop = app->lock >= 0 ? loop_create() : NULL;
    app->sender = app->loop ? sender_create(app->loop) : NULL;
    app->dispatch = app->sender ? dispatch_create(app->loop, app->sender, app->conf) : NULL;
    return app->dispatch && find_position(app) && start_timers(app) && open_client(app);
}

static void finish(struct app *app) {
    if (app->loop) {
        close_client(app);
        dispatch_destroy(app->dispatch);
        sender_destroy(app->sender);
        loop_timer_destroy(app->client_timer);
        loop_timer_destroy(app->status_timer);
        loop_timer_destroy(app->watchdog_timer);
        loop_timer_destroy(app->stop_timer);
        loop_destroy(app->loop);
    }
    if (app->lock >= 0)
        close(app->lock);
    notify_destroy(app->notify);
    conf_unref(app->conf);
}

int app_run(const char *path, struct conf *conf) {
    struct app app = {
        .path = path, .conf = conf_ref(conf), .notify = notify_create(), .lock = -1, .state = "connecting"};
    int status = EX_OK;
    if (!start(&app)) {
        status = EX_UNAVAILABLE;
    } else {
        notify_ready(app.notify);
        log_notice("oncall", "ready: %zu targets, %zu routes", conf->target_count, conf->route_count);
        if (!loop_run(app.loop) || app.stop_at == 0)
            status = EX_SOFTWARE;
    }
    finish(&app);
    return status;
}
