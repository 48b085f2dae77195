/*
 * From the engine's changes to one atomic step: what several messages changed
 * in a turn of the loop is written together, and what waits for it (events,
 * acknowledgements) hangs on it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "daemon/app_state.h"
#include "daemon/render/event.h"

#define GATHERED_SHARE 4                 /* of the memory bound may gather in one step ... */
#define GATHERED_MAX ((size_t)256 << 20) /* ... up to this: Redis takes no command of 1 GiB */
#define SMALL_STEP 500                   /* updates: a step of fewer waits for one under way */
#define UNHURRIED_MS 2                   /* so long a step waits that nobody waits for */

/* With store = "none" nothing is written, so nothing is noted to be written. */
static bool keeps(const struct app *app) {
    return strcmp(app->config->store, "none") != 0;
}

void app_commit_later(void *context) {
    app_commit(context);
}

struct store_step *app_step(struct app *app) {
    if (!app->step) {
        app->step = store_step_begin(app->store);
        app->step_due = loop_monotonic(app->loop) + UNHURRIED_MS;
        loop_timer_start(app->unhurried, UNHURRIED_MS);
    }
    app_commit_soon(app);
    return app->step;
}

void app_commit_soon(struct app *app) {
    loop_defer(app->loop, app_commit_later, app);
}

static const char *join_ids(const struct standing *standing, struct buf *buf) {
    char id[ALERT_ID_SIZE];

    buf_clear(buf);
    for (size_t i = 0; i < standing->open_count; i++)
        buf_printf(buf, "%s%s", i ? "," : "", alert_id_format(standing->open_alerts[i], id));
    return buf->data;
}

static void join_triggers(const struct framework *framework, uint64_t mask, struct buf *buf) {
    buf_clear(buf);
    for (size_t i = 0; i < framework->trigger_count; i++)
        if (mask >> i & 1)
            buf_printf(buf, "%s%s", buf->len ? "," : "", framework->triggers[i].id);
}

static struct store_field field(const char *name, const char *value) {
    return (struct store_field){text_of(name), text_of(value)};
}

void app_record_verdict(struct app *app, struct store_step *step, uint16_t framework, uint32_t org,
                        struct changes *texts) {
    const struct framework *rules = engine_framework(app->engine, framework);
    const struct organisation *organisation = registry_at(engine_registry(app->engine), org);
    struct standing standing;
    struct buf on, unknown, latched, open, average;
    char indicative[12], official[12], since[OV_DATE_SIZE], number[NUMBER_SIZE];

    engine_standing(app->engine, framework, org, &standing);
    buf_init(&on);
    buf_init(&unknown);
    buf_init(&latched);
    buf_init(&open);
    buf_init(&average);
    join_triggers(rules, standing.triggers_on, &on);
    join_triggers(rules, standing.triggers_unknown, &unknown);
    join_triggers(rules, standing.triggers_latched, &latched);
    if (standing.score.scored)
        buf_append_string(&average, text_from_double(standing.score.average, number));
    snprintf(indicative, sizeof indicative, "%d", standing.indicative);
    snprintf(official, sizeof official, "%d", standing.official);
    const struct store_field fields[] = {
        field("indicative", indicative),
        field("official", official),
        field("since", date_format(standing.since, since)),
        field("triggers", on.data),
        field("unknown", unknown.data),
        field("latched", latched.data),
        field("score", average.data),
        field("alerts", join_ids(&standing, &open)),
        field("state", engine_verdict_state(app->engine, framework, org, texts)),
    };
    store_step_verdict(step, rules->id, organisation->code, fields, sizeof fields / sizeof *fields);
    buf_finish(&on);
    buf_finish(&unknown);
    buf_finish(&latched);
    buf_finish(&open);
    buf_finish(&average);
}

void app_record_figure(struct app *app, struct store_step *step, size_t column, const struct figure_change *figure) {
    char bytes[FIGURE_BYTES];
    size_t len = app_figure_write(&figure->value, figure->revision, bytes);

    store_step_put(step, column, registry_at(engine_registry(app->engine), figure->org)->code,
                   (struct text){bytes, len});
}

void app_record_decision(struct store_step *step, const char *org, const char *framework,
                         const struct decision_item *item, const char *source, uint64_t from_seq) {
    char segment[12], effective[OV_DATE_SIZE], seq[24];

    snprintf(segment, sizeof segment, "%d", item->segment);
    snprintf(seq, sizeof seq, "%" PRIu64, from_seq);
    const struct store_field fields[] = {
        field("decision", segment),
        field("effective", date_format(item->effective, effective)),
        {text_of("decided_by"), item->decided_by},
        {text_of("reason"), item->reason},
        field("framework", framework),
        {text_of("trigger"), item->trigger},
        field("source", source),
        field("seq", seq),
    };
    store_step_decision(step, org, fields, sizeof fields / sizeof *fields);
}

static void record_decision(struct app *app, struct store_step *step, const struct decision_change *decision) {
    app_record_decision(step, registry_at(engine_registry(app->engine), decision->org)->code,
                        engine_framework(app->engine, decision->framework)->id, decision->item, decision->source,
                        decision->seq);
}

void app_record_programme(struct app *app, struct store_step *step, uint32_t org, const char *programme) {
    struct buf json;

    buf_init(&json);
    app_programme_write(app->engine, org, programme, &json);
    store_step_programme(step, registry_at(engine_registry(app->engine), org)->code, programme,
                         (struct text){json.data, json.len});
    buf_finish(&json);
}

void app_record_move(struct store_step *step, const char *framework, const char *org, const struct move *move) {
    char id[ALERT_ID_SIZE], time[OV_TIME_SIZE], before[12], after[12];

    snprintf(before, sizeof before, "%d", move->before);
    snprintf(after, sizeof after, "%d", move->after);
    const struct store_field fields[] = {field("time", date_format_time(move->time, time)), field("before", before),
                                         field("after", after)};

    store_step_history(step, framework, org, alert_id_format(move->alert, id), fields, 3);
}

static void record_history(struct store_step *step, const struct alert *alert) {
    const struct move move = {alert->time, alert->before, alert->after, alert->id};

    if (alert->kind == ALERT_SEGMENT_WORSENED || alert->kind == ALERT_SEGMENT_IMPROVED)
        app_record_move(step, alert->framework->id, alert->organisation->code, &move);
}

static const char *durability(const struct app *app) {
    struct store_status status;

    store_status(app->store, &status);
    return store_durability_name(status.durability);
}

static void record_alert(struct app *app, struct store_step *step, const struct alert *alert) {
    struct render_context context = {.instance = app->config->instance, .durability = durability(app)};
    char id[ALERT_ID_SIZE], topic[ALERT_TOPIC_SIZE];
    struct buf json;

    buf_init(&json);
    render_event(alert, &context, &json);
    store_step_alert(step, alert_id_format(alert->id, id), alert->time, (struct text){json.data, json.len});
    record_history(step, alert);
    sequel_event(app, alert->id, alert->time, alert_topic(alert, topic), (struct text){json.data, json.len});
    app->counters.alerts++;
    app->counters.alerts_by_kind[alert->kind]++;
    log_write(LOG_LEVEL_NOTICE, "alert", alert_subject(alert), "%s %s: %s", id, alert_kind_name(alert->kind),
              alert->summary);
    buf_finish(&json);
}

void app_record(struct app *app) {
    struct changes *changes = &app->changes;
    struct store_step *step = app_step(app);

    if (keeps(app)) {
        for (size_t i = 0; i < changes->figure_count; i++)
            pending_figure(app->pending, &changes->figures[i]);
        for (size_t i = 0; i < changes->verdict_count; i++)
            pending_verdict(app->pending, changes->verdicts[i].framework, changes->verdicts[i].org);
        for (size_t i = 0; i < changes->decision_count; i++)
            record_decision(app, step, &changes->decisions[i]);
        for (size_t i = 0; i < changes->programme_count; i++)
            app_record_programme(app, step, changes->programmes[i].org, changes->programmes[i].programme);
    }
    for (size_t i = 0; i < changes->alert_count; i++)
        record_alert(app, step, changes->alerts[i]);
    app->step_updates += changes->figure_count + changes->decision_count + changes->programme_count + 1;
}

void app_record_source(struct app *app, struct text source, uint64_t last) {
    app_step(app);
    if (keeps(app))
        pending_source(app->pending, source, last);
}

/* ---- Closing a step ---- */

struct closing {
    struct app *app;
    struct store_step *step;
    struct changes texts;
    size_t column; /* of the figures that come */
};

static void close_column(void *context, const char *measure, ov_day period) {
    struct closing *closing = context;
    char date[OV_DATE_SIZE];

    closing->column = store_step_column(closing->step, measure, date_format(period, date));
}

static void close_figure(void *context, const struct figure_change *figure) {
    struct closing *closing = context;

    app_record_figure(closing->app, closing->step, closing->column, figure);
}

static void close_verdict(void *context, uint16_t framework, uint32_t org) {
    struct closing *closing = context;

    app_record_verdict(closing->app, closing->step, framework, org, &closing->texts);
}

static void close_source(void *context, const char *source, uint64_t last) {
    struct closing *closing = context;

    store_step_source(closing->step, source, last);
}

static void write_pending(struct app *app, struct store_step *step) {
    static const struct pending_visitor visitor = {close_column, close_figure, close_verdict, close_source};
    struct closing closing = {.app = app, .step = step};

    changes_init(&closing.texts);
    pending_drain(app->pending, &visitor, &closing);
    changes_finish(&closing.texts);
}

/* While the store is away turns gather in one step, in which a figure stands
 * once, however often it changed: what waits is bounded by the number of
 * figures and verdicts, besides the alerts and the answers. */
static bool gathers_while_away(const struct app *app) {
    size_t most = (size_t)app->config->memory_bound / GATHERED_SHARE;

    return app->store_state == STORE_DEGRADED &&
           store_step_bytes(app->step) + pending_bytes(app->pending) < (most < GATHERED_MAX ? most : GATHERED_MAX);
}

static bool is_small(const struct app *app) {
    return app->store_state == STORE_READY && app->step_updates < SMALL_STEP &&
           app->step_updates < (size_t)app->config->step_updates;
}

/* A step costs the store a call and a sync, and us a turn through it, however
 * little is in it. So small ones do not queue up behind one under way: what
 * comes until that is confirmed goes together. */
static bool gathers_while_busy(const struct app *app) {
    return is_small(app) && store_is_busy(app->store);
}

/* Figures of a feed, with no alert and nobody to answer: a step in which the
 * next ones go too, and a store that is free when an alert comes. */
static bool gathers_unhurried(const struct app *app) {
    return is_small(app) && !sequels_waited_for(app->sequels) && loop_monotonic(app->loop) < app->step_due;
}

static bool gathers(const struct app *app) {
    return !app->stopping && (gathers_while_away(app) || gathers_while_busy(app) || gathers_unhurried(app));
}

void app_commit(struct app *app) {
    if (!app->step || !gathers(app))
        app_commit_now(app);
    else if (app->store_state == STORE_DEGRADED)
        sequels_publish_waiting(app);
}

void app_note_published(struct app *app, struct store_step *step) {
    char published[ALERT_ID_SIZE];

    if (app->again != PUBLISH_AGAIN_DONE || !app->confirmed.epoch || alert_id_compare(app->noted, app->confirmed) == 0)
        return;
    store_step_meta(step, "published", text_of(alert_id_format(app->confirmed, published)));
    app->noted = app->confirmed;
}

void app_commit_now(struct app *app) {
    struct store_step *step = app->step;

    if (!step)
        return;
    app->step = NULL;
    app->step_updates = 0;
    write_pending(app, step);
    app_note_published(app, step);
    store_step_commit(step, sequel_close(app));
    if (app->store_state == STORE_DEGRADED)
        sequels_publish_waiting(app);
    app_flow(app);
}

void app_write_rules(struct app *app) {
    char date[OV_DATE_SIZE], *digest = app_rules_digest(app->engine);

    store_step_meta(app_step(app), "rules", text_of(digest));
    store_step_meta(app_step(app), "date", text_of(date_format(engine_date(app->engine), date)));
    free(digest);
}

void app_announce(struct app *app, enum alert_kind kind, const char *subject, const char *key, const char *text) {
    engine_announce(app->engine, kind, subject, key, text, loop_wall(app->loop), &app->changes);
    app_record(app);
}

void app_tick(struct app *app) {
    ov_day today = date_of_time(loop_wall(app->loop)), last = engine_date(app->engine);

    if (last != OV_DAY_NONE && today <= last)
        return; /* a clock set back does not turn the date back */
    engine_tick(app->engine, today, loop_wall(app->loop), &app->changes);
    app_record(app);
    app_write_rules(app);
}
