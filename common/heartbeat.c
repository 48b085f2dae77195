#include "common/heartbeat.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#define EXACT_MAX 9007199254740992.0 /* beyond 2^53 a JSON number is not exact here */

static bool read_fields(const cJSON *root, const char *source, uint64_t *ret_last) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(root, "source");
    const cJSON *last = cJSON_GetObjectItemCaseSensitive(root, "last");
    if (!cJSON_IsString(name) || strcmp(name->valuestring, source) != 0 || !cJSON_IsNumber(last))
        return false;
    double number = last->valuedouble;
    if (!(number >= 0 && number <= EXACT_MAX) || floor(number) < number)
        return false;
    *ret_last = (uint64_t)number;
    return true;
}

bool heartbeat_decode(struct text payload, const char *source, uint64_t *ret_last) {
    char copy[2 * HEARTBEAT_SIZE]; /* other senders may add fields and spaces */
    if (memchr(payload.s, '\0', payload.len) != NULL || !text_copy(copy, sizeof copy, payload))
        return false;
    cJSON *root = cJSON_ParseWithOpts(copy, NULL, true);
    bool ok = cJSON_IsObject(root) && read_fields(root, source, ret_last);
    cJSON_Delete(root);
    return ok;
}

size_t heartbeat_encode(char buf[HEARTBEAT_SIZE], const char *source, uint64_t last) {
    return (size_t)snprintf(buf, HEARTBEAT_SIZE, "{\"source\":\"%.*s\",\"last\":%" PRIu64 "}", SOURCE_MAX, source,
                            last);
}
