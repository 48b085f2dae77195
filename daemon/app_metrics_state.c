/* Metrics that no plain counter holds: names from tables, states, the engine. */
#include <config.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "daemon/app_metrics.h"
#include "daemon/app_state.h"

/* ---- The daemon ------------------------------------------------------------------ */

static void put_daemon(const struct app *app, struct metrics *metrics) {
    const char *const build[] = {"version", PACKAGE_VERSION, "name", app->config->instance, NULL};

    metrics_family(metrics, METRIC_GAUGE, "build_info", "Version and name of this daemon.");
    metrics_labels(metrics, 1, build);
    metrics_family(metrics, METRIC_GAUGE, "leader", "Whether this daemon decides: 0 in one that waits.");
    metrics_count(metrics, NULL, NULL, app->serving);
    metrics_family(metrics, METRIC_GAUGE, "input_paused", "Whether reading has stopped until the store has room.");
    metrics_count(metrics, NULL, NULL, app->paused);
    metrics_family(metrics, METRIC_COUNTER, "refusals_total", "Updates and messages refused, by code.");
    for (enum refusal r = REFUSAL_NONE + 1; r < REFUSAL_COUNT; r++)
        metrics_count(metrics, "code", refusal_code(r), app->counters.refused_by_code[r]);
    metrics_family(metrics, METRIC_COUNTER, "alerts_total", "Alerts made, by kind.");
    for (enum alert_kind kind = 0; kind < ALERT_KIND_COUNT; kind++)
        metrics_count(metrics, "kind", alert_kind_name(kind), app->counters.alerts_by_kind[kind]);
    metrics_family(metrics, METRIC_GAUGE, "reload_successful", "Whether the last reload was put in force.");
    metrics_count(metrics, NULL, NULL, !app->counters.reload_failed);
    metrics_family(metrics, METRIC_GAUGE, "reload_success_timestamp_seconds",
                   "When configuration and rules were last put in force.");
    metrics_value(metrics, NULL, NULL, (double)app->counters.reload_ms / 1000);
    metrics_family(metrics, METRIC_COUNTER, "log_dropped_total", "Lines of the log that the logger did not take.");
    metrics_count(metrics, NULL, NULL, log_dropped());
    metrics_family(metrics, METRIC_COUNTER, "loop_turns_total", "Turns of the event loop.");
    metrics_count(metrics, NULL, NULL, loop_turns(app->loop));
    metrics_family(metrics, METRIC_HISTOGRAM, "loop_lag_seconds", "By how much a timer of every second came late.");
    metrics_times(metrics, &app->loop_lag);
}

static void put_access(const struct app *app, struct metrics *metrics) {
    const struct zap_report *report = access_report(app->access);

    metrics_family(metrics, METRIC_COUNTER, "access_total", "Connections to encrypted sockets, by what their key got.");
    for (enum zap_result result = 0; result < ZAP_RESULT_COUNT; result++)
        metrics_count(metrics, "result", zap_result_name(result), report ? report->results[result] : 0);
    metrics_family(metrics, METRIC_COUNTER, "handshakes_failed_total",
                   "Connections to encrypted sockets that failed before a key was shown.");
    metrics_count(metrics, NULL, NULL, report ? report->handshakes : 0);
    metrics_family(metrics, METRIC_GAUGE, "connections", "Connections to encrypted sockets that are open.");
    metrics_count(metrics, "socket", "publish", report ? report->connections[ZAP_PUBLISH] : 0);
    metrics_count(metrics, "socket", "query", report ? report->connections[ZAP_QUERY] : 0);
    metrics_count(metrics, "socket", "submit", report ? report->connections[ZAP_SUBMIT] : 0);
    metrics_family(metrics, METRIC_GAUGE, "subscribers", "Keys that have subscribed.");
    metrics_count(metrics, NULL, NULL, app->publish ? listeners_count(publish_listeners(app->publish)) : 0);
}

/* ---- The store ------------------------------------------------------------------- */

/* The word that Redis began its refusal with, "MISCONF" when its disk is full;
 * it stands in brackets in the explanation. */
static bool trouble_word(const char *text, char ret_word[24]) {
    const char *bracket = strchr(text, '(');
    size_t len = bracket ? strspn(bracket + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;

    if (len < 3)
        return false;
    text_copy(ret_word, 24, (struct text){bracket + 1, len});
    return true;
}

static void put_store_state(const struct app *app, const struct store_status *store, struct metrics *metrics) {
    char word[24];

    metrics_family(metrics, METRIC_GAUGE, "store_state", "The state of the store: 1 for the one it is in.");
    for (enum store_state state = STORE_IDLE; state <= STORE_STOPPED; state++)
        metrics_count(metrics, "state", store_state_name(state), state == store->state);
    metrics_family(metrics, METRIC_GAUGE, "store_durability", "What a confirmed step is sure of: 1 for what holds.");
    for (enum store_durability d = STORE_DURABILITY_MEMORY; d <= STORE_DURABILITY_FSYNC; d++)
        metrics_count(metrics, "level", store_durability_name(d), d == store->durability);
    metrics_family(metrics, METRIC_GAUGE, "store_trouble",
                   "Why the store takes nothing, by the word of Redis: MISCONF when its disk is full.");
    if (store->state == STORE_DEGRADED && trouble_word(app->store_text, word))
        metrics_count(metrics, "code", word, 1);
    metrics_family(metrics, METRIC_GAUGE, "epoch", "The epoch of the lease; 0 before it was taken.");
    metrics_count(metrics, NULL, NULL, store->epoch);
}

static void put_store(const struct app *app, struct metrics *metrics) {
    struct store_status store;

    store_status(app->store, &store);
    put_store_state(app, &store, metrics);
    metrics_family(metrics, METRIC_GAUGE, "store_steps_queued", "Atomic steps not yet confirmed.");
    metrics_count(metrics, NULL, NULL, store.steps_queued);
    metrics_family(metrics, METRIC_GAUGE, "store_steps_in_flight", "Atomic steps sent and not yet confirmed.");
    metrics_count(metrics, NULL, NULL, store.steps_in_flight);
    metrics_family(metrics, METRIC_GAUGE, "store_queued_bytes", "Bytes that are not yet stored.");
    metrics_count(metrics, NULL, NULL, store.bytes_queued);
    metrics_family(metrics, METRIC_GAUGE, "store_oldest_step_seconds", "Age of the oldest step not yet confirmed.");
    metrics_value(metrics, NULL, NULL, (double)store.oldest_ms / 1000);
    metrics_family(metrics, METRIC_COUNTER, "store_steps_confirmed_total", "Atomic steps confirmed.");
    metrics_count(metrics, NULL, NULL, store.steps_confirmed);
    metrics_family(metrics, METRIC_COUNTER, "store_steps_repeated_total", "Atomic steps sent again.");
    metrics_count(metrics, NULL, NULL, store.steps_repeated);
    metrics_family(metrics, METRIC_COUNTER, "store_connects_total", "Connections made to the store.");
    metrics_count(metrics, NULL, NULL, store.connects);
    metrics_family(metrics, METRIC_COUNTER, "store_server_starts_total", "Starts of the private server.");
    metrics_count(metrics, NULL, NULL, store.server_starts);
    metrics_family(metrics, METRIC_HISTOGRAM, "store_step_seconds",
                   "From the end of a turn to the step's confirmation.");
    metrics_times(metrics, &app->store_times);
}

/* ---- Feeds ------------------------------------------------------------------------ */

static double feed_up(const struct ingest_status *feed) {
    return feed->state.alive && !feed->state.stale && !feed->state.restarted;
}

static double feed_gap(const struct ingest_status *feed) {
    return feed->state.gap;
}

static double feed_stale(const struct ingest_status *feed) {
    return feed->state.stale;
}

static double feed_restarted(const struct ingest_status *feed) {
    return feed->state.restarted;
}

static double feed_behind(const struct ingest_status *feed) {
    return feed->state.known > feed->state.position ? (double)(feed->state.known - feed->state.position) : 0;
}

static double feed_position(const struct ingest_status *feed) {
    return (double)feed->state.position;
}

static double feed_silence(const struct ingest_status *feed) {
    return feed->silent_ms > 0 ? (double)feed->silent_ms / 1000 : 0;
}

static double feed_held(const struct ingest_status *feed) {
    return (double)feed->state.held_messages;
}

static double feed_held_bytes(const struct ingest_status *feed) {
    return (double)feed->state.held_bytes;
}

static double feed_gaps(const struct ingest_status *feed) {
    return (double)feed->state.gaps;
}

static double feed_lost(const struct ingest_status *feed) {
    return (double)feed->state.lost;
}

static double feed_stales(const struct ingest_status *feed) {
    return (double)feed->state.stales;
}

static double feed_restarts(const struct ingest_status *feed) {
    return (double)feed->state.restarts;
}

static double feed_discarded(const struct ingest_status *feed) {
    return (double)feed->state.discarded;
}

static double feed_overflow(const struct ingest_status *feed) {
    return (double)feed->state.overflow;
}

static double feed_requests(const struct ingest_status *feed) {
    return (double)feed->state.requests;
}

static double feed_failures(const struct ingest_status *feed) {
    return (double)feed->state.replay_failures;
}

static const struct {
    const char *name, *help;
    enum metric_type type;
    double (*read)(const struct ingest_status *feed);
} feed_rows[] = {
    {"feed_up", "Whether the feed is heard, and neither stale nor restarted.", METRIC_GAUGE, feed_up},
    {"feed_gap", "Whether updates of the feed are missing and waited for.", METRIC_GAUGE, feed_gap},
    {"feed_stale", "Whether the feed has been silent for too long.", METRIC_GAUGE, feed_stale},
    {"feed_restarted", "Whether the source has restarted its numbering.", METRIC_GAUGE, feed_restarted},
    {"feed_position", "The number of the last update taken.", METRIC_GAUGE, feed_position},
    {"feed_behind_updates", "Updates that exist and are not taken.", METRIC_GAUGE, feed_behind},
    {"feed_silence_seconds", "Time since the feed was heard.", METRIC_GAUGE, feed_silence},
    {"feed_held_messages", "Messages held back behind a gap.", METRIC_GAUGE, feed_held},
    {"feed_held_bytes", "Bytes held back behind a gap.", METRIC_GAUGE, feed_held_bytes},
    {"feed_gaps_total", "Gaps.", METRIC_COUNTER, feed_gaps},
    {"feed_lost_total", "Updates given up.", METRIC_COUNTER, feed_lost},
    {"feed_stales_total", "Times the feed became stale.", METRIC_COUNTER, feed_stales},
    {"feed_restarts_total", "Times the source restarted its numbering.", METRIC_COUNTER, feed_restarts},
    {"feed_discarded_total", "Messages of a restarted source not taken.", METRIC_COUNTER, feed_discarded},
    {"feed_hold_overflow_total", "Messages not held back for want of room.", METRIC_COUNTER, feed_overflow},
    {"feed_replay_requests_total", "Replays asked for.", METRIC_COUNTER, feed_requests},
    {"feed_replay_failures_total", "Replays that did not come in time.", METRIC_COUNTER, feed_failures},
};

static void put_feeds(const struct app *app, struct metrics *metrics) {
    struct ingest_status feed;

    for (size_t row = 0; row < sizeof feed_rows / sizeof *feed_rows; row++) {
        metrics_family(metrics, feed_rows[row].type, feed_rows[row].name, feed_rows[row].help);
        for (size_t i = 0; app->ingest && i < ingest_count(app->ingest); i++) {
            ingest_status(app->ingest, i, &feed);
            metrics_value(metrics, "source", feed.source, feed_rows[row].read(&feed));
        }
    }
}

/* ---- The engine ---------------------------------------------------------------------- */

static void put_segments(const struct engine *engine, uint16_t index, bool official, struct metrics *metrics) {
    const struct framework *framework = engine_framework(engine, index);
    uint64_t counts[SEGMENTS_MAX + 1] = {0};
    struct standing standing;
    char segment[12];

    for (uint32_t org = 0; org < registry_count(engine_registry(engine)); org++) {
        engine_standing(engine, index, org, &standing);
        int found = official ? standing.official : standing.indicative;
        if (standing.assessed && !standing.closed && found >= 0 && found <= SEGMENTS_MAX)
            counts[found]++;
    }
    for (int s = 1; s <= SEGMENTS_MAX; s++) {
        snprintf(segment, sizeof segment, "%d", s);
        const char *const labels[] = {"framework", framework->id, "segment", segment, NULL};
        metrics_labels(metrics, (double)counts[s], labels);
    }
}

static void put_engine(const struct app *app, struct metrics *metrics) {
    const struct engine *engine = app->engine;
    struct engine_counters counters;

    engine_counters(engine, &counters);
    metrics_family(metrics, METRIC_GAUGE, "organisations", "Organisations of the registry.");
    metrics_count(metrics, NULL, NULL, registry_count(engine_registry(engine)));
    metrics_family(metrics, METRIC_GAUGE, "sources", "Sources whose position is known.");
    metrics_count(metrics, NULL, NULL, engine_source_count(engine));
    metrics_family(metrics, METRIC_GAUGE, "figures", "Figures held.");
    metrics_count(metrics, NULL, NULL, counters.figures);
    metrics_family(metrics, METRIC_GAUGE, "figures_bytes", "Memory of figures and rankings.");
    metrics_count(metrics, NULL, NULL, counters.memory_bytes);
    metrics_family(metrics, METRIC_COUNTER, "flips_total", "Figures that entered or left a band.");
    metrics_count(metrics, NULL, NULL, counters.flips);
    metrics_family(metrics, METRIC_COUNTER, "evaluations_total", "Evaluations of a verdict.");
    metrics_count(metrics, NULL, NULL, counters.evaluations);
    metrics_family(metrics, METRIC_GAUGE, "segment_organisations", "Open organisations by computed segment.");
    for (uint16_t f = 0; app->serving && f < engine_framework_count(engine); f++)
        put_segments(engine, f, false, metrics);
    metrics_family(metrics, METRIC_GAUGE, "official_segment_organisations", "Open organisations by official segment.");
    for (uint16_t f = 0; app->serving && f < engine_framework_count(engine); f++)
        put_segments(engine, f, true, metrics);
}

void app_metrics_state(const struct app *app, struct metrics *metrics) {
    put_daemon(app, metrics);
    put_access(app, metrics);
    put_store(app, metrics);
    put_feeds(app, metrics);
    put_engine(app, metrics);
}
