#include "daemon/engine/alert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *alert_kind_name(enum alert_kind kind) {
    static const char *const names[ALERT_KIND_COUNT] = {
        [ALERT_SEGMENT_WORSENED] = "segment.worsened",
        [ALERT_SEGMENT_IMPROVED] = "segment.improved",
        [ALERT_PERFORMANCE_DROP] = "performance.drop",
        [ALERT_PERFORMANCE_RECOVERED] = "performance.recovered",
        [ALERT_DECISION_RECORDED] = "decision.recorded",
        [ALERT_PROGRAMME_ENTERED] = "programme.entered",
        [ALERT_PROGRAMME_LEFT] = "programme.left",
        [ALERT_PROGRAMME_DUE] = "programme.due",
        [ALERT_PROGRAMME_OVERDUE] = "programme.overdue",
        [ALERT_DATA_MISSING] = "data.missing",
        [ALERT_FEED_GAP] = "feed.gap",
        [ALERT_FEED_STALE] = "feed.stale",
        [ALERT_FEED_RESTARTED] = "feed.restarted",
        [ALERT_FEED_RECOVERED] = "feed.recovered",
        [ALERT_OPERATIONAL] = "operational",
        [ALERT_AMENDED] = "alert.amended",
        [ALERT_WITHDRAWN] = "alert.withdrawn",
    };

    return kind < ALERT_KIND_COUNT ? names[kind] : "unknown";
}

const char *severity_name(enum severity severity) {
    switch (severity) {
    case SEVERITY_INFO:
        return "info";
    case SEVERITY_NOTICE:
        return "notice";
    case SEVERITY_WARNING:
        return "warning";
    case SEVERITY_CRITICAL:
        return "critical";
    }
    return "unknown";
}

const char *attribution_name(enum attribution attribution) {
    switch (attribution) {
    case ATTRIBUTION_NONE:
        return "none";
    case ATTRIBUTION_OWN:
        return "own";
    case ATTRIBUTION_CORRECTION:
        return "correction";
    case ATTRIBUTION_DECISION:
        return "decision";
    case ATTRIBUTION_RULES:
        return "rules";
    case ATTRIBUTION_MISSING:
        return "missing";
    case ATTRIBUTION_PERIOD:
        return "period";
    case ATTRIBUTION_PEERS:
        return "peers";
    }
    return "unknown";
}

const char *alert_subject(const struct alert *alert) {
    return alert->organisation ? alert->organisation->code : alert->source;
}

const char *alert_topic(const struct alert *alert, char buf[ALERT_TOPIC_SIZE]) {
    snprintf(buf, ALERT_TOPIC_SIZE, "alert/%s/%s/%s/", severity_name(alert->severity), alert_kind_name(alert->kind),
             alert_subject(alert));
    return buf;
}

int alert_id_compare(struct alert_id a, struct alert_id b) {
    if (a.epoch != b.epoch)
        return a.epoch < b.epoch ? -1 : 1;
    if (a.seq != b.seq)
        return a.seq < b.seq ? -1 : 1;
    return 0;
}

const char *alert_id_format(struct alert_id id, char buf[ALERT_ID_SIZE]) {
    snprintf(buf, ALERT_ID_SIZE, "%" PRIu64 "-%" PRIu64, id.epoch, id.seq);
    return buf;
}

bool alert_id_parse(struct text text, struct alert_id *ret_id) {
    const char *dash = text.len ? memchr(text.s, '-', text.len) : NULL;
    struct alert_id id;

    if (!dash || !text_to_uint64((struct text){text.s, (size_t)(dash - text.s)}, &id.epoch) ||
        !text_to_uint64((struct text){dash + 1, text.len - (size_t)(dash - text.s) - 1}, &id.seq))
        return false;
    *ret_id = id;
    return true;
}
