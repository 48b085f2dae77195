#include "daemon/render/event_topic.h"

#include <stdio.h>

#include <cjson/cJSON.h>

bool render_event_topic(struct text event, char ret_topic[ALERT_TOPIC_SIZE]) {
    cJSON *root = cJSON_ParseWithLength(event.s, event.len);
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(root, "data");
    const char *subject = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "subject"));
    const char *severity = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(data, "severity"));
    const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(data, "kind"));
    bool ours = subject && severity && kind;

    if (ours)
        ours = snprintf(ret_topic, ALERT_TOPIC_SIZE, "alert/%s/%s/%s/", severity, kind, subject) < ALERT_TOPIC_SIZE;
    cJSON_Delete(root);
    return ours;
}
