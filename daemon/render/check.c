#include "daemon/render/check.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/text.h"
#include "daemon/render/check_mix.h"

/* With its NUL, so that two texts in a row are not one. */
static void mix_string(uint64_t *hash, const char *string) {
    check_mix(hash, string, strlen(string) + 1);
}

static int by_name(const void *a, const void *b) {
    const cJSON *const *first = a, *const *second = b;

    return strcmp((*first)->string, (*second)->string);
}

static bool left_out(const cJSON *member, int depth) {
    return depth == CHECK_DEPTH_DATA &&
           (strcmp(member->string, "check") == 0 || strcmp(member->string, "durability") == 0);
}

static void mix_value(uint64_t *hash, const cJSON *value, int depth);

static void mix_object(uint64_t *hash, const cJSON *object, int depth) {
    size_t count = (size_t)cJSON_GetArraySize(object), i = 0;
    const cJSON **members = alloc_zero(count + 1, sizeof(*members)), *member;

    cJSON_ArrayForEach(member, object) members[i++] = member;
    qsort(members, count, sizeof(*members), by_name);
    mix_string(hash, "{");
    for (i = 0; i < count; i++) {
        if (left_out(members[i], depth))
            continue;
        mix_string(hash, members[i]->string);
        mix_value(hash, members[i],
                  strcmp(members[i]->string, "data") == 0 && depth == 0 ? CHECK_DEPTH_DATA : depth + 2);
    }
    mix_string(hash, "}");
    free(members);
}

static void mix_value(uint64_t *hash, const cJSON *value, int depth) {
    char number[NUMBER_SIZE];
    const cJSON *element;

    if (cJSON_IsObject(value)) {
        mix_object(hash, value, depth);
    } else if (cJSON_IsArray(value)) {
        mix_string(hash, "[");
        cJSON_ArrayForEach(element, value) mix_value(hash, element, depth + 2);
        mix_string(hash, "]");
    } else if (cJSON_IsNumber(value)) {
        mix_string(hash, text_from_double(value->valuedouble, number));
    } else if (cJSON_IsString(value)) {
        mix_string(hash, "\"");
        mix_string(hash, value->valuestring);
    } else {
        mix_string(hash, cJSON_IsTrue(value) ? "true" : cJSON_IsFalse(value) ? "false" : "null");
    }
}

void check_mix_tree(uint64_t *hash, const cJSON *event) {
    mix_value(hash, event, 0);
}

const char *render_check(const cJSON *event, char buf[RENDER_CHECK_SIZE]) {
    uint64_t hash = CHECK_MIX_START;

    mix_value(&hash, event, 0);
    snprintf(buf, RENDER_CHECK_SIZE, "%016" PRIx64, hash);
    return buf;
}
