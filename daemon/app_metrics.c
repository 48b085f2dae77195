#include "daemon/app_metrics.h"

#include <stddef.h>

#include "daemon/app_state.h"

/* ---- Plain counters ------------------------------------------------------------- */

/* One value, a uint64_t of struct app. Rows of one name stand together and differ
 * in their label. */
struct row {
    const char *name, *help;
    enum metric_type type;
    const char *label, *value; /* NULL: none */
    size_t offset;
};

/* clang-format off */
#define AT(field) offsetof(struct app, field)
#define COUNT(name, field, help) {name, help, METRIC_COUNTER, NULL, NULL, AT(field)}
#define NOW(name, field, help) {name, help, METRIC_GAUGE, NULL, NULL, AT(field)}
#define SPLIT(name, label, value, field, help) {name, help, METRIC_COUNTER, label, value, AT(field)}

static const struct row rows[] = {
    COUNT("messages_total", counters.messages, "Messages of updates applied."),
    SPLIT("updates_total", "outcome", "accepted", counters.accepted, "Updates by what became of them."),
    SPLIT("updates_total", "outcome", "duplicate", counters.duplicate, ""),
    SPLIT("updates_total", "outcome", "superseded", counters.superseded, ""),
    SPLIT("updates_total", "outcome", "refused", counters.refused, ""),
    COUNT("events_published_total", counters.events_published, "Alerts published live."),
    COUNT("events_memory_total", counters.events_memory, "Alerts published before they were stored."),
    SPLIT("reloads_total", "result", "done", counters.reloads, "Reloads of configuration, rules and keys."),
    SPLIT("reloads_total", "result", "refused", counters.reloads_refused, ""),
    COUNT("audits_total", counters.audits, "Audits of the verdicts that were finished."),
    COUNT("audit_differences_total", counters.audit_differences, "Verdicts that an audit found to differ."),
    COUNT("watchdog_stalls_total", counters.stalls, "Times the watchdog was not fed because something stood still."),
    COUNT("load_mismatches_total", counters.mismatches, "Verdicts that differed from the stored ones after loading."),

    COUNT("feed_messages_total", net.ingest.messages, "Messages read from feeds."),
    COUNT("feed_bytes_total", net.ingest.bytes, "Bytes of messages read from feeds."),
    COUNT("feed_heartbeats_total", net.ingest.heartbeats, "Heartbeats of feeds."),
    COUNT("feed_malformed_total", net.ingest.malformed, "Messages of feeds with a wrong form."),
    COUNT("feed_undecodable_total", net.ingest.undecodable, "Messages of feeds refused whole."),
    COUNT("feed_replayed_messages_total", net.ingest.replay_messages, "Messages that a replay brought."),
    COUNT("feed_reconnects_total", net.ingest.reconnects, "Connections made anew because a feed was silent."),

    COUNT("submit_requests_total", net.submit.requests, "Submitted messages."),
    COUNT("submit_bytes_total", net.submit.bytes, "Bytes of submitted messages."),
    COUNT("submit_malformed_total", net.submit.malformed, "Submissions with a wrong form or too large."),
    COUNT("submit_replies_total", net.submit.replies, "Acknowledgements sent."),
    COUNT("submit_rejections_total", net.submit.rejections, "Submissions refused whole."),
    COUNT("submit_undeliverable_total", net.submit.undeliverable, "Acknowledgements whose client was gone."),
    COUNT("submit_unread_total", net.submit.unread, "Submissions dropped because their client reads no replies."),
    COUNT("submit_pauses_total", net.submit.pauses, "Times that reading of submissions stopped."),
    NOW("submit_outstanding", net.submit.outstanding, "Submissions not yet acknowledged."),

    COUNT("publish_bytes_total", net.publish.bytes, "Bytes of alerts published live."),
    COUNT("publish_heartbeats_total", net.publish.heartbeats, "Heartbeats published."),
    COUNT("publish_overruns_total", net.publish.overruns, "Times a subscriber's queue was full: it lost alerts."),
    COUNT("publish_failures_total", net.publish.failures, "Alerts that could not be published at all."),
    COUNT("publish_malformed_total", net.publish.malformed, "Messages of subscribers that are no subscription."),
    NOW("publish_subscriptions", net.publish.subscriptions, "Subscriptions to topics."),

    COUNT("query_requests_total", net.query.requests, "Questions on the query socket."),
    COUNT("query_malformed_total", net.query.malformed, "Questions with a wrong form or too large."),
    COUNT("query_refused_total", net.query.refused, "Questions refused because too many waited."),
    COUNT("query_replies_total", net.query.replies, "Replies to questions."),
    COUNT("query_reply_bytes_total", net.query.reply_bytes, "Bytes of replies to questions."),
    COUNT("query_unread_total", net.query.unread, "Questions dropped because their client reads no replies."),
    COUNT("query_throttled_total", net.query.throttled, "Questions that came faster than query_rate."),
    COUNT("query_undeliverable_total", net.query.undeliverable, "Replies whose client was gone."),
    NOW("query_outstanding", net.query.outstanding, "Questions not yet answered."),
    COUNT("missed_edges_total", net.missed_edges, "Messages found by the safety timer; expected to stay 0."),

    COUNT("http_connections_accepted_total", http_counters.accepted, "HTTP connections accepted."),
    NOW("http_connections", http_counters.connections, "HTTP connections open, without streams."),
    NOW("http_streams", http_counters.streams, "HTTP event streams open."),
    NOW("http_unsent_bytes", http_counters.unsent, "Bytes of HTTP replies not yet sent."),
    COUNT("http_reply_bytes_total", http_counters.bytes, "Bytes of HTTP replies."),
    SPLIT("http_replies_total", "code", "2xx", http_counters.status[2], "HTTP replies by class of status."),
    SPLIT("http_replies_total", "code", "3xx", http_counters.status[3], ""),
    SPLIT("http_replies_total", "code", "4xx", http_counters.status[4], ""),
    SPLIT("http_replies_total", "code", "5xx", http_counters.status[5], ""),
    SPLIT("http_limited_total", "limit", "connections", http_counters.evicted,
          "What HTTP clients were refused or cut off for."),
    SPLIT("http_limited_total", "limit", "timeout", http_counters.timeouts, ""),
    SPLIT("http_limited_total", "limit", "malformed", http_counters.malformed, ""),
    SPLIT("http_limited_total", "limit", "host", http_counters.wrong_host, ""),
    SPLIT("http_limited_total", "limit", "method", http_counters.wrong_method, ""),
    SPLIT("http_limited_total", "limit", "reply_bytes", http_counters.overfull, ""),
    SPLIT("http_limited_total", "limit", "store_reads", http_reads_refused, ""),
    SPLIT("http_limited_total", "limit", "streams", http_counters.streams_refused, ""),
    SPLIT("http_limited_total", "limit", "stream_bytes", http_counters.streams_slow, ""),
};
/* clang-format on */

/* ---- The loop ------------------------------------------------------------------- */

#define PULSE_MS 1000

void app_metrics_pulse(void *context) {
    struct app *app = context;

    metrics_observe(&app->loop_lag, loop_monotonic(app->loop) - app->pulse_due);
    app->pulse_due = loop_monotonic(app->loop) + PULSE_MS;
    loop_timer_start(app->pulse, PULSE_MS);
}

/* ---- All ------------------------------------------------------------------------- */

static uint64_t read_row(const struct app *app, const struct row *row) {
    return *(const uint64_t *)(const void *)((const char *)app + row->offset);
}

void app_metrics(void *context, struct http_call *call, struct http_reply *reply) {
    const struct app *app = context;
    struct metrics metrics = {.buf = &reply->body};

    (void)call;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        metrics_family(&metrics, rows[i].type, rows[i].name, rows[i].help);
        metrics_count(&metrics, rows[i].label, rows[i].value, read_row(app, &rows[i]));
    }
    app_metrics_state(app, &metrics);
    app_metrics_process(&metrics);
    reply->type = METRICS_TYPE;
}
