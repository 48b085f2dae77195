/*
 * What "systemctl status" shows: the store, and while this daemon leads also how
 * many organisations stand where and how many feeds are heard. Told when the
 * state of the store changes and each minute, if it differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/app_state.h"

#define WORST 3 /* segments from here on are counted */

/* Of the first framework. */
static void put_segments(const struct engine *engine, char *text, size_t size) {
    uint64_t counts[SEGMENTS_MAX + 1] = {0};
    const uint32_t organisations = registry_count(engine_registry(engine));
    struct standing standing;
    size_t len = (size_t)snprintf(text, size, ": %" PRIu32 " organisations", organisations);

    for (uint32_t org = 0; org < organisations; org++) {
        engine_standing(engine, 0, org, &standing);
        if (standing.assessed && !standing.closed && standing.indicative >= 0 && standing.indicative <= SEGMENTS_MAX)
            counts[standing.indicative]++;
    }
    for (int s = WORST; s <= SEGMENTS_MAX && len < size; s++)
        if (counts[s] > 0)
            len += (size_t)snprintf(text + len, size - len, ", %" PRIu64 " in segment %d", counts[s], s);
}

static void put_feeds(const struct ingest *ingest, char *text, size_t size) {
    size_t count = ingest_count(ingest), live = 0;
    struct ingest_status feed;

    for (size_t i = 0; i < count; i++) {
        ingest_status(ingest, i, &feed);
        live +=
            !feed.state.stale && !feed.state.gap && !feed.state.restarted && (feed.state.position || feed.state.known);
    }
    snprintf(text, size, "; %zu of %zu feeds live", live, count);
}

void app_tell_status(struct app *app) {
    char segments[160] = "", feeds[64] = "", text[sizeof app->told_status];

    if (!notify_active(app->notify))
        return; /* nobody hears it */
    if (app->serving)
        put_segments(app->engine, segments, sizeof segments);
    if (app->serving && app->ingest && ingest_count(app->ingest) > 0)
        put_feeds(app->ingest, feeds, sizeof feeds);
    snprintf(text, sizeof text, "%sstore %s%s%s%s%s", app->serving ? "leader, " : "",
             store_state_name(app->store_state), *app->store_text ? ": " : "", app->store_text, segments, feeds);
    if (strcmp(text, app->told_status) == 0)
        return;
    memcpy(app->told_status, text, sizeof text);
    notify_status(app->notify, "%s", text);
}
