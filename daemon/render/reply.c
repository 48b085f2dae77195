#include "daemon/render/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

static void add_refusals(cJSON *root, const struct changes *changes, size_t first, size_t count, uint64_t total)
{
    cJSON *list = cJSON_AddArrayToObject(root, "refused");
    uint64_t listed = 0;

    for (size_t i = 0; i < changes->refusal_count; i++) {
        const struct refusal_report *refusal = &changes->refusals[i];
        cJSON *row;

        if (refusal->index < first || refusal->index >= first + count)
            continue;
        row = cJSON_CreateObject();
        cJSON_AddNumberToObject(row, "index", (double)(refusal->index - first));
        cJSON_AddNumberToObject(row, "seq", (double)refusal->seq);
        cJSON_AddStringToObject(row, "code", refusal_code(refusal->code));
        cJSON_AddStringToObject(row, "message", refusal->message);
        cJSON_AddItemToArray(list, row);
        listed++;
    }
    if (total > listed)
        cJSON_AddNumberToObject(root, "refused_total", (double)total);
}

static void render(struct buf *buf, struct text source, const struct changes *changes, size_t first, size_t count,
                   const uint64_t totals[4], const char *durability)
{
    cJSON *root = cJSON_CreateObject();
    char name[SOURCE_MAX + 1], through[24];
    char *json;

    text_copy(name, sizeof name, source);
    snprintf(through, sizeof through, "%" PRIu64, changes->through);
    cJSON_AddStringToObject(root, "source", name);
    cJSON_AddRawToObject(root, "through", through);
    cJSON_AddNumberToObject(root, "accepted", (double)totals[OUTCOME_ACCEPTED]);
    cJSON_AddNumberToObject(root, "duplicate", (double)totals[OUTCOME_DUPLICATE]);
    cJSON_AddNumberToObject(root, "superseded", (double)totals[OUTCOME_SUPERSEDED]);
    add_refusals(root, changes, first, count, totals[OUTCOME_REFUSED]);
    cJSON_AddStringToObject(root, "durability", durability);
    json = cJSON_PrintUnformatted(root);
    if (!json)
        abort();
    buf_append_string(buf, json);
    cJSON_free(json);
    cJSON_Delete(root);
}

void render_acknowledgement(struct buf *buf, struct text source, const struct changes *changes, const char *durability)
{
    const uint64_t totals[] = {[OUTCOME_ACCEPTED] = changes->accepted,
                               [OUTCOME_DUPLICATE] = changes->duplicate,
                               [OUTCOME_SUPERSEDED] = changes->superseded,
                               [OUTCOME_REFUSED] = changes->refused};

    render(buf, source, changes, 0, SIZE_MAX, totals, durability);
}

void render_part_acknowledgement(struct buf *buf, struct text source, const struct changes *changes, size_t first, size_t count,
                                 const char *durability)
{
    uint64_t totals[4] = {0};

    for (size_t i = first; i < first + count; i++)
        totals[changes->outcomes[i]]++;
    render(buf, source, changes, first, count, totals, durability);
}

void render_gap(struct buf *buf, struct text source, uint64_t expected)
{
    buf_printf(buf, "{\"error\":{\"code\":\"gap\",\"message\":\"updates of source '%.*s' are missing: expected seq %" PRIu64
               "\",\"expected\":%" PRIu64 "}}", (int)source.len, source.s, expected, expected);
}
