#include "daemon/render/status.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/json_write.h"
#include "daemon/render/evidence.h"

static void put_versions(struct json_writer *json, const struct status_facts *facts) {
    json_object(json, "versions");
    json_string(json, "oversightd", facts->version);
    json_int(json, "protocol", 1);
    json_object_end(json);
}

static void put_frameworks(struct json_writer *json, const struct engine *engine) {
    json_array(json, "frameworks");
    for (size_t i = 0; i < engine_framework_count(engine); i++) {
        const struct framework *framework = engine_framework(engine, (uint16_t)i);
        json_object(json, NULL);
        json_string(json, "id", framework->id);
        json_string(json, "name", framework->name);
        json_string(json, "digest", framework->digest);
        json_string(json, "method", framework->method == METHOD_SCORES ? "scores" : "triggers");
        json_uint(json, "measures", framework->measure_count);
        json_uint(json, "triggers", framework->trigger_count);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_registry(struct json_writer *json, const struct registry *registry) {
    char digest[17];
    snprintf(digest, sizeof(digest), "%016" PRIx64, registry_digest(registry));
    json_object(json, "registry");
    json_uint(json, "organisations", registry_count(registry));
    json_string(json, "digest", digest);
    json_object_end(json);
}

static void put_feeds(struct json_writer *json, const struct status_facts *facts) {
    json_array(json, "feeds");
    for (size_t i = 0; i < facts->feed_count; i++) {
        const struct status_feed *feed = &facts->feeds[i];
        json_object(json, NULL);
        if (feed->source)
            json_string(json, "source", feed->source);
        json_string(json, "endpoint", feed->endpoint);
        json_string(json, "state", feed->state);
        json_uint(json, "last", feed->last);
        if (feed->silent_ms >= 0)
            json_number(json, "silent", (double)feed->silent_ms / 1000);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_subscribers(struct json_writer *json, const struct status_facts *facts) {
    char time[OV_TIME_SIZE];
    if (facts->subscriber_count == 0)
        return;
    json_array(json, "subscribers");
    for (size_t i = 0; i < facts->subscriber_count; i++) {
        const struct status_subscriber *subscriber = &facts->subscribers[i];
        json_object(json, NULL);
        json_string(json, "key", subscriber->name);
        json_uint(json, "subscriptions", subscriber->subscriptions);
        json_string(json, "last", date_format_time(subscriber->last_ms, time));
        json_array(json, "topics");
        for (size_t k = 0; k < subscriber->topic_count; k++)
            json_string(json, NULL, subscriber->topics[k]);
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_counters(struct json_writer *json, const struct engine *engine, const struct status_facts *facts) {
    struct engine_counters counters;
    engine_counters(engine, &counters);
    json_object(json, "counters");
    json_uint(json, "updates", counters.updates);
    json_uint(json, "flips", counters.flips);
    json_uint(json, "evaluations", counters.evaluations);
    json_uint(json, "rebuilt_walks", counters.rebuilt_walks);
    json_uint(json, "figures", counters.figures);
    json_uint(json, "memory_bytes", counters.memory_bytes);
    json_uint(json, "sources", engine_source_count(engine));
    for (size_t i = 0; i < facts->counter_count; i++)
        json_uint(json, facts->counters[i].name, facts->counters[i].value);
    json_object_end(json);
}

void render_status(const struct engine *engine, const struct status_facts *facts, struct buf *buf) {
    struct json_writer json;
    struct alert_id last = engine_last_alert_id(engine);
    char time[OV_TIME_SIZE];
    json_init(&json, buf);
    json_object(&json, NULL);
    put_versions(&json, facts);
    json_string(&json, "instance", facts->instance);
    json_string(&json, "role", facts->role);
    json_uint(&json, "epoch", last.epoch);
    json_alert_id(&json, "last", last);
    json_string(&json, "durability", facts->durability);
    if (facts->store)
        json_string(&json, "store", facts->store);
    json_date(&json, "date", engine_date(engine));
    json_string(&json, "time", date_format_time(facts->now_ms, time));
    json_string(&json, "started", date_format_time(facts->started_ms, time));
    json_number(&json, "lag", facts->lag_ms / 1000);
    put_frameworks(&json, engine);
    put_registry(&json, engine_registry(engine));
    put_feeds(&json, facts);
    put_subscribers(&json, facts);
    put_counters(&json, engine, facts);
    json_object_end(&json);
}
