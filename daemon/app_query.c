/* Queries and actions. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "daemon/app_audit.h"
#include "daemon/app_state.h"
#include "daemon/render/request.h"

/* One question while it is being answered. */
struct asked {
    struct app *app;
    struct query_request *request;
};

static void emit(void *context, const char *json, size_t len) {
    struct asked *asked = context;

    query_part(asked->app->query, asked->request, json, len);
}

/* ---- Status ---- */

#define COUNTERS_MAX 128

struct status_lists {
    struct status_counter counters[COUNTERS_MAX];
    size_t counter_count;
    struct status_feed *feeds;
    size_t feed_count;
    struct status_subscriber *subscribers;
    size_t subscriber_count;
};

static void count(struct status_lists *lists, const char *name, uint64_t value) {
    if (lists->counter_count < COUNTERS_MAX)
        lists->counters[lists->counter_count++] = (struct status_counter){name, value};
}

static void count_app(struct status_lists *lists, const struct app *app) {
    const struct app_counters *counters = &app->counters;

    count(lists, "messages", counters->messages);
    count(lists, "accepted", counters->accepted);
    count(lists, "duplicate", counters->duplicate);
    count(lists, "superseded", counters->superseded);
    count(lists, "refused", counters->refused);
    for (enum refusal r = REFUSAL_NONE + 1; r < REFUSAL_COUNT; r++)
        count(lists, refusal_code(r), counters->refused_by_code[r]);
    count(lists, "alerts", counters->alerts);
    count(lists, "events_published", counters->events_published);
    count(lists, "events_memory", counters->events_memory);
    count(lists, "mismatches", counters->mismatches);
    count(lists, "reloads", counters->reloads);
    count(lists, "reloads_refused", counters->reloads_refused);
    count(lists, "log_dropped", log_dropped());
    count(lists, "loop_lag_ms", counters->loop_lag_ms);
    count(lists, "stalls", counters->stalls);
    count(lists, "audits", counters->audits);
    count(lists, "audit_differences", counters->audit_differences);
}

static void count_access(struct status_lists *lists, const struct app *app) {
    const struct zap_report *report = access_report(app->access);
    uint64_t refused = 0;

    if (!report)
        return;
    for (size_t i = ZAP_ACCEPTED + 1; i < ZAP_RESULT_COUNT; i++)
        refused += report->results[i];
    count(lists, "auth_accepted", report->results[ZAP_ACCEPTED]);
    count(lists, "auth_refused", refused);
    count(lists, "auth_unknown_key", report->results[ZAP_UNKNOWN_KEY]);
    count(lists, "auth_wrong_role", report->results[ZAP_WRONG_ROLE]);
    count(lists, "auth_wrong_mechanism", report->results[ZAP_WRONG_MECHANISM]);
    count(lists, "auth_malformed", report->results[ZAP_MALFORMED]);
    count(lists, "auth_too_many", report->results[ZAP_TOO_MANY]);
    count(lists, "auth_handshakes_failed", report->handshakes);
    count(lists, "publish_connections", report->connections[ZAP_PUBLISH]);
    count(lists, "query_connections", report->connections[ZAP_QUERY]);
    count(lists, "submit_connections", report->connections[ZAP_SUBMIT]);
}

static void count_rest(struct status_lists *lists, const struct app *app) {
    struct store_status store;

    store_status(app->store, &store);
    count(lists, "steps_queued", store.steps_queued + (app->step != NULL)); /* with the one under construction */
    count(lists, "steps_confirmed", store.steps_confirmed);
    count(lists, "steps_repeated", store.steps_repeated);
    count(lists, "store_connects", store.connects);
    count(lists, "store_incomplete", app->incomplete);
    count(lists, "submit_requests", app->net.submit.requests);
    count(lists, "submit_malformed", app->net.submit.malformed);
    count(lists, "query_requests", app->net.query.requests);
    count(lists, "query_malformed", app->net.query.malformed);
    count(lists, "query_refused", app->net.query.refused);
    count(lists, "query_unread", app->net.query.unread);
    count(lists, "query_throttled", app->net.query.throttled);
    count(lists, "query_undeliverable", app->net.query.undeliverable);
    count(lists, "submit_unread", app->net.submit.unread);
    count(lists, "submit_undeliverable", app->net.submit.undeliverable);
    count(lists, "submit_pauses", app->net.submit.pauses);
    count(lists, "publish_malformed", app->net.publish.malformed);
    count(lists, "publish_overruns", app->net.publish.overruns);
    count(lists, "feed_messages", app->net.ingest.messages);
    count(lists, "feed_malformed", app->net.ingest.malformed);
    count(lists, "feed_gaps", app->net.ingest.gaps);
    count(lists, "feed_lost", app->net.ingest.lost);
    count(lists, "missed_edges", app->net.missed_edges);
    count_access(lists, app);
}

static void list_subscribers(struct status_lists *lists, const struct app *app) {
    const struct listeners *listeners = publish_listeners(app->publish);
    size_t count = listeners_count(listeners);

    lists->subscribers = calloc(count + 1, sizeof *lists->subscribers);
    if (!lists->subscribers)
        abort();
    for (size_t i = 0; i < count; i++) {
        const struct listener *listener = listeners_at(listeners, i);

        lists->subscribers[lists->subscriber_count++] =
            (struct status_subscriber){.name = access_name(app->access, listener->user),
                                       .subscriptions = listener->subscriptions,
                                       .last_ms = listener->last,
                                       .topics = (const char *const *)listener->topics,
                                       .topic_count = listener->topic_count};
    }
}

static const char *feed_word(const struct feed_state *state) {
    if (state->restarted)
        return "restarted";
    if (state->gap)
        return "gap";
    if (state->stale)
        return "stale";
    return state->position || state->known ? "live" : "connecting";
}

static void list_feeds(struct status_lists *lists, const struct app *app) {
    size_t feeds = app->ingest ? ingest_count(app->ingest) : 0;

    lists->feeds = calloc(feeds + 1, sizeof *lists->feeds);
    if (!lists->feeds)
        abort();
    for (size_t i = 0; i < feeds; i++) {
        struct ingest_status status;

        ingest_status(app->ingest, i, &status);
        lists->feeds[lists->feed_count++] = (struct status_feed){.source = status.source,
                                                                 .endpoint = status.connect,
                                                                 .state = feed_word(&status.state),
                                                                 .last = status.state.position,
                                                                 .silent_ms = status.silent_ms};
    }
}

void app_with_facts(const struct app *app, bool all, app_facts_use use, void *context) {
    struct status_lists *lists = calloc(1, sizeof *lists);
    struct status_facts facts = {.version = PACKAGE_VERSION,
                                 .instance = app->config->instance,
                                 .role = app->serving ? "leader" : "standby",
                                 .store = store_state_name(app->store_state),
                                 .last = app->confirmed,
                                 .now_ms = loop_wall(app->loop),
                                 .started_ms = app->started_ms};
    struct store_status store;

    if (!lists)
        abort();
    store_status(app->store, &store);
    facts.durability = store_durability_name(store.durability);
    facts.lag_ms = (double)store.oldest_ms;
    if (all) {
        count_app(lists, app);
        count_rest(lists, app);
        list_feeds(lists, app);
        list_subscribers(lists, app);
    }
    facts.counters = lists->counters;
    facts.counter_count = lists->counter_count;
    facts.feeds = lists->feeds;
    facts.feed_count = lists->feed_count;
    facts.subscribers = lists->subscribers;
    facts.subscriber_count = lists->subscriber_count;
    use(context, &facts);
    free(lists->feeds);
    free(lists->subscribers);
    free(lists);
}

/* A question with where its answer goes. */
struct answering {
    const struct app *app;
    const struct request *query;
    size_t part_bytes;
    request_emit emit;
    void *context;
};

static void answer_with(void *context, const struct status_facts *facts) {
    const struct answering *answering = context;

    request_answer(answering->app->engine, answering->query, facts, answering->part_bytes, answering->emit,
                   answering->context);
}

void app_answer(const struct app *app, const struct request *query, size_t part_bytes, request_emit emit_part,
                void *context) {
    struct answering answering = {app, query, part_bytes, emit_part, context};

    app_with_facts(app, query->kind == REQUEST_STATUS, answer_with, &answering);
}

/* ---- Replay ---- */

static void on_alerts(void *context, const struct store_alerts_page *page) {
    struct asked *asked = context;
    struct text *events;

    if (!page) {
        free(asked);
        return;
    }
    if (page->error) {
        query_reject(asked->app->query, asked->request, "unavailable", page->error);
        free(asked);
        return;
    }
    events = calloc(page->count + 1, sizeof *events);
    if (!events)
        abort();
    for (size_t i = 0; i < page->count; i++)
        events[i] = page->alerts[i].event;
    request_emit_events(events, page->count, page->truncated, page->more, REQUEST_PART_BYTES, emit, asked);
    query_end(asked->app->query, asked->request);
    free(events);
    free(asked);
}

static void answer_alerts(const struct asked *asked, const struct request *query) {
    struct asked *later = malloc(sizeof *later);
    size_t limit = query->limit, most = (size_t)asked->app->config->query_limit;
    char after[ALERT_ID_SIZE];

    if (!later)
        abort();
    *later = *asked;
    store_alerts_after(asked->app->store, alert_id_format(query->after, after), limit && limit < most ? limit : most,
                       on_alerts, later);
}

/* ---- Actions ---- */

static void reset_source(struct asked *asked, const struct request *query) {
    static const char done[] = "{\"done\":true}";
    struct app *app = asked->app;

    parts_reset(app, text_of(query->source));
    engine_source_reset(app->engine, text_of(query->source), query->last);
    if (app->ingest)
        ingest_set_position(app->ingest, query->source, query->last);
    log_write(LOG_LEVEL_NOTICE, "source", query->source, "position reset to %llu", (unsigned long long)query->last);
    app_record_source(app, text_of(query->source), query->last);
    sequel_done(app, asked->request, done, sizeof done - 1);
}

static void freeze(struct asked *asked, const struct request *query) {
    struct app *app = asked->app;
    uint16_t framework = engine_find_framework(app->engine, text_of(query->framework));
    const char *wrong;
    char done[64];
    int len;

    if (framework == INDEX_NONE) {
        query_reject(app->query, asked->request, "unknown-framework", "the framework is not configured");
        return;
    }
    wrong = engine_freeze(app->engine, framework, query->period, loop_wall(app->loop), &app->changes);
    if (wrong) {
        query_reject(app->query, asked->request, "bad-period", wrong);
        return;
    }
    len = snprintf(done, sizeof done, "{\"done\":true,\"decisions\":%zu}", app->changes.decision_count);
    app_record(app);
    app_record_source(app, text_of(FREEZE_SOURCE), app->changes.through);
    sequel_done(app, asked->request, done, (size_t)len);
}

void app_on_query(void *context, struct query_request *request, const char *json, size_t len) {
    struct asked asked = {context, request};
    struct request query;
    struct request_error error;
    const char *standby, *message = "";

    if (!request_parse(json, len, &query, &error)) {
        query_reject(asked.app->query, request, error.code, error.message);
        return;
    }
    if (!access_may_ask(asked.app->access, query_user(request), request_is_action(query.kind))) {
        query_reject(asked.app->query, request, refusal_code(REFUSAL_NOT_ALLOWED),
                     request_is_action(query.kind) ? "this key lacks the role admin" : "this key lacks the role query");
        return;
    }
    if (query.kind == REQUEST_FAILOVER && app_answer_handed_over(asked.app, request))
        return;
    standby = app_standby_code(asked.app, &message);
    if (standby && query.kind != REQUEST_STATUS && query.kind != REQUEST_RELOAD) {
        query_reject(asked.app->query, request, standby, message);
        return;
    }
    switch (query.kind) {
    case REQUEST_ALERTS:
        answer_alerts(&asked, &query);
        break;
    case REQUEST_RESET_SOURCE:
        reset_source(&asked, &query);
        break;
    case REQUEST_RELOAD:
        app_answer_reload(asked.app, request, query.dry_run);
        break;
    case REQUEST_FREEZE:
        freeze(&asked, &query);
        break;
    case REQUEST_AUDIT:
        auditing_ask(asked.app->auditing, request);
        break;
    case REQUEST_FAILOVER:
        app_hand_over(asked.app, request);
        break;
    default:
        app_answer(asked.app, &query, REQUEST_PART_BYTES, emit, &asked);
        query_end(asked.app->query, request);
        break;
    }
}
