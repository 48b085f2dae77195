/* Messages and incidents of subscribed feeds. */
#include <inttypes.h>
#include <stdio.h>

#include "common/log.h"
#include "daemon/app_state.h"

enum delivery app_on_deliver(void *context, const char *source, const void *payload, size_t len, bool allow_gap,
                             struct delivery_range *ret_range) {
    struct app *app = context;
    struct message message;
    const char *error;
    enum refusal refusal = wire_decode(app->decoder, payload, len, &message, &error);

    if (!refusal && !text_equal(message.source, source)) {
        refusal = REFUSAL_NOT_ALLOWED;
        error = "the payload names another source than the feed";
    }
    if (refusal) {
        app->counters.messages++;
        app->counters.refused_by_code[refusal]++;
        log_write(LOG_LEVEL_WARNING, "feed", source, "message refused, %s: %s", refusal_code(refusal), error);
        return DELIVERY_REFUSED;
    }
    ret_range->first = message.items[0].seq;
    ret_range->last = message.items[message.count - 1].seq;
    message.allow_gap = allow_gap;
    if (!allow_gap && parts_gap(app, &message, &ret_range->expected))
        return DELIVERY_GAP;
    if (parts_take(app, NULL, &message, payload, len))
        return DELIVERY_APPLIED;
    if (!app_apply(app, &message)) {
        ret_range->expected = app->changes.expected;
        return DELIVERY_GAP;
    }
    for (size_t i = 0; i < app->changes.refusal_count; i++)
        log_write(LOG_LEVEL_WARNING, "feed", source, "seq %" PRIu64 " refused, %s: %s", app->changes.refusals[i].seq,
                  refusal_code(app->changes.refusals[i].code), app->changes.refusals[i].message);
    if (app->step_updates >= (size_t)app->config->step_updates)
        app_commit(app);
    return DELIVERY_APPLIED;
}

void app_on_feed_event(void *context, const char *source, const struct feed_event *event) {
    static const enum alert_kind kinds[] = {[FEED_EVENT_GAP] = ALERT_FEED_GAP,
                                            [FEED_EVENT_STALE] = ALERT_FEED_STALE,
                                            [FEED_EVENT_RESTARTED] = ALERT_FEED_RESTARTED,
                                            [FEED_EVENT_RECOVERED] = ALERT_FEED_RECOVERED};
    struct app *app = context;
    enum alert_kind kind = kinds[event->kind];
    char key[ALERT_KEY_SIZE], text[ALERT_SUMMARY_SIZE];

    if (event->kind == FEED_EVENT_RECOVERED && event->lost) { /* the end of a gap is no good news then */
        snprintf(key, sizeof key, "feed.gap/%s/lost/%" PRIu64, source, event->first);
        snprintf(text, sizeof text, "feed %.40s: %" PRIu64 " updates are lost for good", source, event->lost);
        app_announce(app, ALERT_FEED_GAP, source, key, text);
    }
    snprintf(key, sizeof key, "%s/%s/%" PRIu64 "-%" PRIu64, alert_kind_name(kind), source, event->first, event->last);
    snprintf(text, sizeof text, "feed %.40s: %s", source, event->text);
    app_announce(app, kind, source, key, text);
}
