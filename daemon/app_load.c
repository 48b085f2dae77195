/* What the store hands out at start goes into the engine; then the daemon serves. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/log.h"
#include "daemon/app_refill.h"
#include "daemon/app_state.h"

/* ---- The state of the store ---- */

static void announce_store(struct app *app, const char *word, const char *text) {
    char key[ALERT_KEY_SIZE];

    snprintf(key, sizeof key, "operational/store/%" PRIu64 "/%u/%s", engine_last_alert_id(app->engine).epoch,
             app->times_away, word);
    app_announce(app, ALERT_OPERATIONAL, "store", key, text);
}

void app_store_away(void *context) {
    struct app *app = context;
    char text[ALERT_SUMMARY_SIZE];

    if (app->store_state != STORE_DEGRADED || app->stopping)
        return;
    app->away_told = true;
    app->times_away++;
    snprintf(text, sizeof text, "the store is away, acknowledgements wait: %.70s", app->store_text);
    announce_store(app, "away", text);
}

static void store_back(void *context) {
    struct app *app = context;

    if (app->away_told && app->store_state == STORE_READY)
        announce_store(app, "back", "the store is back");
    app->away_told = false;
}

static void watch_store(struct app *app, enum store_state before) {
    if (app->store_state == STORE_DEGRADED) {
        if (before != STORE_DEGRADED)
            loop_timer_start(app->away, STORE_AWAY_MS);
        sequels_publish_waiting(app);
    } else if (app->store_state == STORE_READY) {
        loop_timer_stop(app->away);
        app_publish_again(app);
        app_commit_soon(app); /* what was gathered while it was away */
        if (app->away_told)
            loop_defer(app->loop, store_back, app);
    }
}

static enum log_level level_of(enum store_state state) {
    switch (state) {
    case STORE_REFUSED:
    case STORE_FOREIGN:
    case STORE_LOST:
        return LOG_LEVEL_ERROR;
    case STORE_DEGRADED:
        return LOG_LEVEL_WARNING;
    default:
        return LOG_LEVEL_NOTICE;
    }
}

static void on_state(void *context, enum store_state state, const char *text) {
    struct app *app = context;
    enum store_state before = app->store_state;

    app->store_state = state;
    snprintf(app->store_text, sizeof app->store_text, "%s", text);
    log_write(level_of(state), "store", NULL, "%s%s%s", store_state_name(state), *text ? ": " : "", text);
    app_tell_status(app);
    if (app->serving)
        watch_store(app, before);
    else if (state == STORE_WAITING)
        app_stand_by(app);
    if (state == STORE_LOST)
        app_fail(app, EX_TEMPFAIL);
    if (state == STORE_FOREIGN)
        app_fail(app, EX_CONFIG);
    app_flow(app);
}

/* ---- What is stored ---- */

static void on_meta(void *context, struct text field, struct text value) {
    struct app *app = context;
    ov_day date;

    if (text_equal(field, "date") && date_parse(value.s, value.len, &date))
        engine_load_date(app->engine, date);
    else if (text_equal(field, "published"))
        alert_id_parse(value, &app->published);
    else if (text_equal(field, "refilling"))
        app->incomplete = text_equal(value, "1");
    else if (text_equal(field, "rules")) {
        char *digest = app_rules_digest(app->engine);

        if (!text_equal(value, digest))
            log_notice("rules", "the registry or a framework has changed since the state was stored");
        free(digest);
    }
}

static void on_source(void *context, struct text source, uint64_t last) {
    struct app *app = context;

    engine_load_source(app->engine, source, last);
}

static void load_figure(struct app *app, struct text measure, struct text period, ov_day day,
                        const struct store_field *field) {
    struct text org = field->name;
    struct value value;
    uint32_t revision;
    char shown[64];

    if (day == OV_DAY_NONE || !app_figure_read(field->value, &value, &revision))
        log_error("store", "figure of '%.*s' on '%.*s' in '%.*s' is unreadable and left out: '%s'", (int)org.len, org.s,
                  (int)measure.len, measure.s, (int)period.len, period.s,
                  text_escape(shown, sizeof shown, field->value));
    else if (!engine_load_figure(app->engine, measure, day, org, &value, revision))
        log_debug("store", "figure of '%.*s' on '%.*s' fits the rules no more", (int)org.len, org.s, (int)measure.len,
                  measure.s);
}

#define SOON 12 /* figures that wait for memory side by side */

static void on_figures(void *context, struct text measure, struct text period, const struct store_field *fields,
                       size_t count) {
    struct app *app = context;
    ov_day day;

    if (!date_parse(period.s, period.len, &day))
        day = OV_DAY_NONE;
    for (size_t i = 0; i < count; i++) {
        if (i + SOON < count)
            engine_load_soon(app->engine, fields[i + SOON].name);
        load_figure(app, measure, period, day, &fields[i]);
    }
}

static struct text field_of(const struct store_field *fields, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (text_equal(fields[i].name, name))
            return fields[i].value;
    return (struct text){"", 0};
}

static void on_decision(void *context, struct text org, const struct store_field *fields, size_t count) {
    struct app *app = context;
    struct text effective = field_of(fields, count, "effective");
    struct decision_item item = {.decided_by = field_of(fields, count, "decided_by"),
                                 .reason = field_of(fields, count, "reason"),
                                 .framework = field_of(fields, count, "framework"),
                                 .trigger = field_of(fields, count, "trigger")};
    int64_t segment;
    uint64_t seq = 0;

    text_to_uint64(field_of(fields, count, "seq"), &seq);
    if (!text_to_int64(field_of(fields, count, "decision"), &segment) || segment < 1 || segment > SEGMENTS_MAX ||
        !date_parse(effective.s, effective.len, &item.effective)) {
        log_error("store", "a decision on '%.*s' is unreadable and left out", (int)org.len, org.s);
        return;
    }
    item.segment = (int)segment;
    if (!engine_load_decision(app->engine, org, &item, field_of(fields, count, "source"), seq))
        log_warning("store", "a decision on '%.*s' fits the rules no more", (int)org.len, org.s);
}

struct programme_load {
    struct app *app;
    struct text org;
};

static void on_programme_step(void *context, const struct programme_item *step, struct text source, uint64_t seq) {
    const struct programme_load *load = context;

    if (!engine_load_programme(load->app->engine, load->org, step, source, seq))
        log_warning("store", "a step of programme '%.*s' of '%.*s' fits the rules no more", (int)step->programme.len,
                    step->programme.s, (int)load->org.len, load->org.s);
}

static void on_programme(void *context, struct text org, struct text programme, struct text value) {
    struct programme_load load = {context, org};

    engine_load_programme_anew(load.app->engine, org, programme);
    if (!app_programme_read(value, programme, on_programme_step, &load))
        log_error("store", "programme '%.*s' of '%.*s' is unreadable, in part at least", (int)programme.len,
                  programme.s, (int)org.len, org.s);
}

static void on_verdict(void *context, struct text framework, struct text org, const struct store_field *fields,
                       size_t count) {
    struct app *app = context;
    struct text state = field_of(fields, count, "state");
    char *text;

    text = strndup(state.s, state.len);
    if (!text || !engine_load_verdict_of(app->engine, framework, org, text))
        log_error("store", "the verdict on '%.*s' is unreadable: it starts from the default", (int)org.len, org.s);
    else
        app->stored_verdicts += engine_find_framework(app->engine, framework) != INDEX_NONE;
    free(text);
}

/* Differences between what was stored and what follows from the figures. */
static void report_differences(struct app *app) {
    const struct changes *changes = &app->changes;

    for (size_t i = 0; i < changes->verdict_count; i++) {
        const struct verdict_change *change = &changes->verdicts[i];

        if (change->before == change->after)
            continue;
        app->counters.mismatches++;
        log_write(LOG_LEVEL_WARNING, "rules", registry_at(engine_registry(app->engine), change->org)->code,
                  "stored segment %d, rebuilt %d", change->before, change->after);
    }
}

static void record_every_verdict(struct app *app) {
    for (uint16_t f = 0; f < engine_framework_count(app->engine); f++)
        for (uint32_t org = 0; org < registry_count(engine_registry(app->engine)); org++)
            app_record_verdict(app, app_step(app), f, org, &app->changes);
}

/* It was written anew, and the daemon ended before all of it was there. */
static void begin_anew(struct app *app) {
    char key[ALERT_KEY_SIZE];

    log_error("store", "it was emptied, and the daemon ended before everything was written again: figures are missing, "
                       "and every source is to send everything again");
    for (size_t i = 0; i < engine_source_count(app->engine); i++) {
        uint64_t last;
        const char *source = engine_source_at(app->engine, i, &last);

        /* What was stored of it may be lost: it is asked to begin anew. */
        engine_load_source(app->engine, text_of(source), 0);
        store_step_source(app_step(app), source, 0);
    }
    store_step_meta(app_step(app), "refilling", text_of("0"));
    snprintf(key, sizeof key, "operational/store/%" PRIu64 "/incomplete", engine_last_alert_id(app->engine).epoch);
    app_announce(app, ALERT_OPERATIONAL, "store", key,
                 "the store was emptied and is incomplete: every source is to send everything again");
}

static void on_loaded(void *context, uint64_t epoch, const struct store_alert_range *alerts) {
    struct app *app = context;

    engine_set_alert_id(app->engine, (struct alert_id){epoch, 0});
    if (*alerts->last)
        alert_id_parse(text_of(alerts->last), &app->confirmed);
    /* What follows from figures that are missing is nobody's move. */
    engine_loaded(app->engine, !app->incomplete, loop_wall(app->loop), &app->changes);
    report_differences(app);
    app_record(app);
    if (app->incomplete)
        begin_anew(app);
    if (!app->stored_verdicts)
        record_every_verdict(app);
    app_tick(app);
    app_write_rules(app);
    app_serve(app);
}

static void on_step(void *context, void *tag) {
    struct app *app = context;

    if (tag)
        sequel_confirmed(app, tag);
    app_flow(app);
}

/* We followed the leader that died with the store: what it confirmed at the very end we may never have seen. Its
 * sources stand where our figures do, so what they send next shows what is missing. */
static void tell_kept(struct app *app) {
    char key[ALERT_KEY_SIZE];

    snprintf(key, sizeof key, "operational/store/%" PRIu64 "/kept", engine_last_alert_id(app->engine).epoch);
    app_announce(
        app, ALERT_OPERATIONAL, "store", key,
        "the store was emptied as its leader died: a standby's memory fills it, the last moment may be missing");
}

static void on_behind(void *context, const char *text) {
    struct app *app = context;
    struct store_status status;

    log_warning("store", "%s: everything is written again", text);
    store_status(app->store, &status);
    if (status.kept)
        tell_kept(app);
    app->noted = (struct alert_id){0}; /* what it was told is lost */
    refill_begin(app->refill);
}

static void on_refill(void *context) {
    struct app *app = context;

    refill_slice(app->refill);
}

void app_store_callbacks(struct store_callbacks *callbacks) {
    *callbacks = (struct store_callbacks){.on_state = on_state,
                                          .on_load_reset = app_on_load_reset,
                                          .on_load_meta = on_meta,
                                          .on_load_source = on_source,
                                          .on_load_figures = on_figures,
                                          .on_load_decision = on_decision,
                                          .on_load_programme = on_programme,
                                          .on_load_verdict = on_verdict,
                                          .on_loaded = on_loaded,
                                          .on_step = on_step,
                                          .on_behind = on_behind,
                                          .on_refill = on_refill};
}
