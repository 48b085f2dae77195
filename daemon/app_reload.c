/* A reload: everything is read whole, then swapped, or nothing is. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "daemon/app_audit.h"
#include "daemon/app_refill.h"
#include "daemon/app_state.h"
#include "daemon/render/moves.h"

#define PROBLEMS_LISTED 100 /* in an answer */

/* What was read, before it counts. */
struct reading {
    struct config *config;
    struct engine *engine;
    struct access *access;
};

/* ---- The log ---- */

void app_log_problems(const char *subject, const struct problems *problems) {
    for (size_t i = 0; i < problems_kept(problems); i++) {
        const struct problem *problem = problems_at(problems, i);

        if (problem->line)
            log_error(subject, "%s:%u: %s", problem->file, problem->line, problem->text);
        else
            log_error(subject, "%s: %s", problem->file, problem->text);
    }
}

static void set_levels(const struct app_options *options) {
    const struct config_levels *levels = &options->config->log_levels;
    enum log_level level;

    if (log_level_parse(options->config->log_level, &level))
        log_set_level(options->verbose ? LOG_LEVEL_DEBUG : level);
    for (size_t i = 0; i < levels->count; i++)
        if (log_level_parse(levels->items[i].level, &level))
            log_set_level_of(levels->items[i].subsystem, level);
}

void app_log_open(const struct app_options *options) {
    int facility;

    if (options->foreground)
        log_to_standard_error();
    else if (log_facility_parse(options->config->log_facility, &facility))
        log_to_syslog("oversightd", facility);
    set_levels(options);
    log_start_queue((size_t)options->config->log_queue);
}

/* ---- Reading ---- */

static void discard(struct reading *reading) {
    config_unload(reading->config);
    engine_destroy(reading->engine);
    access_destroy(reading->access);
}

/* All files, also after a mistake in one, so that every mistake is told at once. */
static bool read_all(const struct app *app, struct reading *reading, struct problems *problems) {
    const char *path = app->options->config_path;
    const struct config *config;

    reading->config = config_load(path, problems);
    if (reading->config)
        config_check_fixed(app->config, reading->config, path, problems);
    config = reading->config ? reading->config : app->config;
    reading->engine = app_rules_load(config, problems);
    reading->access = access_load(config, problems);
    return problems_count(problems) == 0 && reading->config && reading->engine && reading->access;
}

/* ---- Dry run ---- */

/* A copy of what the engine holds under the new rules: it costs what a reload costs. */
static void try(struct app *app, struct engine *next, struct json_writer *json) {
    struct changes changes;

    changes_init(&changes);
    json_uint(json, "unfit", engine_renew(app->engine, next));
    engine_loaded(next, true, loop_wall(app->loop), &changes);
    json_uint(json, "alerts", changes.alert_count);
    render_moves(app->engine, next, json);
    changes_finish(&changes);
}

/* ---- In force ---- */

static void renew_config(struct app *app, struct config *next) {
    int facility;

    config_take_reloadable(app->options->config, next);
    if (log_facility_parse(app->config->log_facility, &facility))
        log_set_facility(facility);
    set_levels(app->options);
}

static void renew(struct app *app, struct reading *reading, struct json_writer *json) {
    struct engine *before = app->engine;
    size_t lost;

    renew_config(app, reading->config);
    access_renew(app->access, reading->access, app->publish); /* uses it up */
    reading->access = NULL;
    lost = engine_renew(before, reading->engine);
    if (lost)
        log_warning("reload",
                    "%zu figures and decisions fit the new rules no more: they are kept until rules come that they fit",
                    lost);
    json_uint(json, "unfit", lost);
    app_commit_now(app); /* what the old rules made goes out first: it names them */
    auditing_drop(app->auditing);
    app->engine = reading->engine;
    reading->engine = NULL;
    engine_loaded(app->engine, true, loop_wall(app->loop), &app->changes);
    json_uint(json, "alerts", app->changes.alert_count);
    log_notice("reload", "configuration, registry, frameworks and keys read again: %zu organisations move",
               render_moves(before, app->engine, json));
    app_record(app);
    app_write_rules(app);
    engine_destroy(before);
    refill_again(app->refill);
    app->counters.reloads++;
    app->counters.reload_failed = false;
    app->counters.reload_ms = loop_wall(app->loop);
}

/* One that does not lead only carries over what it has read: the leader's verdicts follow. */
static void renew_unserving(struct app *app, struct reading *reading) {
    struct engine *before = app->engine;

    renew_config(app, reading->config);
    access_renew(app->access, reading->access, app->publish);
    reading->access = NULL;
    engine_renew(before, reading->engine);
    app->engine = reading->engine;
    reading->engine = NULL;
    engine_destroy(before);
    log_notice("reload", "configuration, registry, frameworks and keys read again");
    app->counters.reloads++;
}

/* ---- Refused ---- */

/* With the first mistake: a summary has room for little more than that. */
static void announce_refusal(struct app *app, const struct problems *problems) {
    const struct problem *problem = problems_at(problems, 0);
    const char *slash = strrchr(problem->file, '/'), *file = slash ? slash + 1 : problem->file;
    char key[ALERT_KEY_SIZE], text[512], line[16] = "", shown[ALERT_SUMMARY_SIZE];

    if (problem->line)
        snprintf(line, sizeof line, ":%u", problem->line);
    snprintf(text, sizeof text, "reload refused, nothing has changed: %s%s: %s", file, line, problem->text);
    snprintf(key, sizeof key, "operational/reload/%" PRIu64 "/%" PRIu64, engine_last_alert_id(app->engine).epoch,
             app->counters.reloads_refused);
    app_announce(app, ALERT_OPERATIONAL, "daemon", key, text_escape(shown, sizeof shown, text_of(text)));
}

bool app_reload(struct app *app, bool dry_run, struct problems *problems, struct json_writer *json) {
    struct reading reading = {NULL, NULL, NULL};
    bool good;

    if (!dry_run && app->ready)
        notify_reloading(app->notify);
    good = read_all(app, &reading, problems);
    if (good && !app->serving) {
        if (!dry_run)
            renew_unserving(app, &reading);
    } else if (good && dry_run) {
        try(app, reading.engine, json);
    } else if (good) {
        renew(app, &reading, json);
    } else if (!dry_run) {
        app->counters.reloads_refused++;
        app->counters.reload_failed = true;
        app_log_problems("reload", problems);
        if (app->serving)
            announce_refusal(app, problems);
    }
    discard(&reading);
    if (!dry_run && app->ready)
        notify_ready(app->notify);
    return good;
}

/* ---- Who asks ---- */

void app_on_reload_signal(void *context, int number) {
    struct app *app = context;
    struct problems *problems;
    struct json_writer json;
    struct buf unread;

    (void)number;
    if (app->stopping)
        return;
    problems = problems_create();
    buf_init(&unread);
    json_init(&json, &unread);
    json_object(&json, NULL);
    app_reload(app, false, problems, &json);
    buf_finish(&unread);
    problems_destroy(problems);
}

static void put_problems(struct json_writer *json, const struct problems *problems) {
    char *text = problems_format(problems);

    json_object(json, "error");
    json_string(json, "code", "bad-rules");
    json_text(json, "message", (struct text){text, strlen(text) < 1000 ? strlen(text) : 1000});
    json_array(json, "problems");
    for (size_t i = 0; i < problems_kept(problems) && i < PROBLEMS_LISTED; i++) {
        const struct problem *problem = problems_at(problems, i);

        json_object(json, NULL);
        json_string(json, "file", problem->file);
        if (problem->line)
            json_uint(json, "line", problem->line);
        json_string(json, "text", problem->text);
        json_object_end(json);
    }
    json_array_end(json);
    json_uint(json, "problems_total", problems_count(problems));
    json_object_end(json);
    free(text);
}

void app_answer_reload(struct app *app, struct query_request *request, bool dry_run) {
    struct problems *problems = problems_create();
    struct json_writer json;
    struct buf reply;
    bool good;

    buf_init(&reply);
    json_init(&json, &reply);
    json_object(&json, NULL);
    json_bool(&json, "done", true);
    json_bool(&json, "dry_run", dry_run);
    good = app_reload(app, dry_run, problems, &json);
    if (!good) {
        buf_clear(&reply);
        json_init(&json, &reply);
        json_object(&json, NULL);
        put_problems(&json, problems);
    }
    json_object_end(&json);
    if (good && !dry_run && app->serving) { /* answered when what it moved is stored */
        app_step(app);
        sequel_done(app, request, reply.data, reply.len);
    } else {
        query_part(app->query, request, reply.data, reply.len);
        query_end(app->query, request);
    }
    buf_finish(&reply);
    problems_destroy(problems);
}
