#include "clients/oncall/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "common/buf.h"
#include "common/date.h"
#include "common/json_write.h"

char *values_key(const struct item *item) {
    return alloc_printf("%s/%s/%s", item->notice->instance, item->notice->id, item->target);
}

static void put_time(cJSON *values, const char *name, int64_t time) {
    char text[OV_TIME_SIZE];
    cJSON_AddStringToObject(values, name, date_format_time(time, text));
}

/* The page of the organisation, or the page as a whole. */
static void put_page(cJSON *values, const struct item *item) {
    const struct notice *notice = item->notice;
    bool organisation = notice->type[0] != '\0' && text_is_org_code(text_of(notice->subject));
    char *page =
        alloc_printf("%s%s%s", item->page, organisation ? "organisations/" : "", organisation ? notice->subject : "");
    cJSON_AddStringToObject(values, "page", page);
    free(page);
}

cJSON *values_of(const struct item *item) {
    const struct notice *origin = item->origin ? item->origin : item->notice;
    cJSON *values = cJSON_CreateObject();
    char *key = values_key(item), *incident = alloc_printf("%s/%s", item->notice->instance, item->notice->incident);
    char now[24];

    cJSON_AddItemToObject(values, "event", cJSON_ParseWithLength(item->notice->json, item->notice->len));
    cJSON_AddItemToObject(values, "origin", cJSON_ParseWithLength(origin->json, origin->len));
    cJSON_AddStringToObject(values, "status", notice_status_name(item->status));
    cJSON_AddStringToObject(values, "severity", level_name(origin->urgency));
    cJSON_AddStringToObject(values, "incident", incident);
    cJSON_AddStringToObject(values, "instance", item->notice->instance);
    cJSON_AddStringToObject(values, "key", key);
    cJSON_AddStringToObject(values, "target", item->target);
    cJSON_AddStringToObject(values, "route", item->route);
    cJSON_AddStringToObject(values, "secret", item->secret ? item->secret : "");
    cJSON_AddBoolToObject(values, "test", item->test);
    snprintf(now, sizeof now, "%" PRId64, item->now / 1000);
    cJSON_AddStringToObject(values, "now", now);
    put_time(values, "starts", item->starts);
    put_time(values, "ends", item->ends);
    put_page(values, item);
    free(incident);
    free(key);
    return values;
}

char *values_test_event(const char *route, int64_t now) {
    struct json_writer json;
    struct buf buf, id;
    char time[OV_TIME_SIZE];
    buf_init(&buf);
    buf_init(&id);
    buf_printf(&id, "test-%" PRId64, now);
    json_init(&json, &buf);
    json_object(&json, NULL);
    json_string(&json, "specversion", "1.0");
    json_string(&json, "id", id.data);
    json_string(&json, "source", "/oversight-oncall/test");
    json_string(&json, "type", "org.oversightd.oncall.test.v1");
    json_string(&json, "subject", route);
    json_string(&json, "time", date_format_time(now, time));
    json_string(&json, "datacontenttype", "application/json");
    json_object(&json, "data");
    json_string(&json, "key", id.data);
    json_string(&json, "kind", "oncall.test");
    json_string(&json, "severity", "notice");
    json_bool(&json, "test", true);
    buf_clear(&id);
    buf_printf(&id, "TEST of route %s: nothing has happened, nothing is to be done", route);
    json_string(&json, "summary", id.data);
    json_object_end(&json);
    json_object_end(&json);
    buf_finish(&id);
    return buf_take(&buf);
}

cJSON *values_sample(void) {
    static const char event[] =
        "{\"specversion\":\"1.0\",\"id\":\"1-1\",\"source\":\"/oversightd/main\","
        "\"type\":\"org.oversightd.segment.worsened.v1\",\"subject\":\"X01\",\"time\":\"2025-01-01T00:00:00.000Z\","
        "\"datacontenttype\":\"application/json\",\"data\":{\"key\":\"k\",\"kind\":\"segment.worsened\","
        "\"severity\":\"warning\",\"durability\":\"fsync\",\"summary\":\"an \\\"example\\\" <in> segment 3\\n\","
        "\"framework\":{\"id\":\"example\",\"digest\":\"0\"},\"organisation\":{\"code\":\"X01\",\"name\":\"A & B\","
        "\"type\":\"acute\",\"region\":\"North\"},\"segment\":{\"before\":2,\"after\":3,\"official\":2},"
        "\"consequence\":\"mandated support\",\"attribution\":\"peers\",\"triggers\":[]}}";
    struct notice *notice = notice_parse(event, sizeof event - 1);
    struct item item = {
        .notice = notice, .route = "route", .target = "target", .page = "http://127.0.0.1/", .secret = "secret"};
    cJSON *values = values_of(&item);
    notice_unref(notice);
    return values;
}
