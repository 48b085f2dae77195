/* Organisations rolled up by integrated care system, region or group. */
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/render/answer_impl.h"
#include "daemon/render/evidence.h"

struct member {
    const char *key; /* of its system, region or group */
    uint32_t org;
};

struct rollup {
    const struct answer *answer;
    const char *by; /* "system", "region" or "group" */
    struct member *members;
    size_t count;
};

static const char *key_of(const struct rollup *rollup, const struct organisation *organisation) {
    if (!strcmp(rollup->by, "region"))
        return organisation->region;
    return !strcmp(rollup->by, "group") ? organisation->group : organisation->system;
}

static int compare_members(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x->org > y->org) - (x->org < y->org);
}

/* Who is assessed, has not closed and belongs to one. */
static void gather(struct rollup *rollup) {
    const struct answer *answer = rollup->answer;
    const struct registry *registry = engine_registry(answer->engine);
    rollup->members = alloc_resize(NULL, registry_count(registry) + 1, sizeof(*rollup->members));
    for (uint32_t org = 0; org < registry_count(registry); org++) {
        const struct organisation *organisation = registry_at(registry, org);
        const char *key = key_of(rollup, organisation);
        struct standing standing;
        engine_standing(answer->engine, answer->framework_index, org, &standing);
        if (standing.assessed && !standing.closed && key[0])
            rollup->members[rollup->count++] = (struct member){key, org};
    }
    qsort(rollup->members, rollup->count, sizeof(*rollup->members), compare_members);
}

static void put_counts(struct json_writer *json, const struct rollup *rollup, size_t from, size_t to) {
    const struct answer *answer = rollup->answer;
    int counts[SEGMENTS_MAX + 1] = {0};
    for (size_t i = from; i < to; i++) {
        struct standing standing;
        engine_standing(answer->engine, answer->framework_index, rollup->members[i].org, &standing);
        counts[standing.indicative]++;
    }
    json_object(json, "segments");
    for (int segment = 1; segment <= SEGMENTS_MAX; segment++) {
        char key[2] = {(char)('0' + segment), '\0'};
        if (answer->framework->segments[segment].name || counts[segment])
            json_int(json, key, counts[segment]);
    }
    json_object_end(json);
}

static void put_member(struct json_writer *json, const struct rollup *rollup, const char *key, uint32_t org) {
    const struct organisation *organisation = registry_at(engine_registry(rollup->answer->engine), org);
    struct standing standing;
    engine_standing(rollup->answer->engine, rollup->answer->framework_index, org, &standing);
    json_object(json, key);
    json_string(json, "code", organisation->code);
    json_string(json, "name", organisation->name);
    json_string(json, "type", organisation->type);
    json_int(json, "indicative", standing.indicative);
    json_int(json, "official", standing.official);
    json_object_end(json);
}

/* The system's own row, where it is assessed itself. */
static void put_own(struct json_writer *json, const struct rollup *rollup, const char *code) {
    const struct registry *registry = engine_registry(rollup->answer->engine);
    uint32_t org = !strcmp(rollup->by, "system") ? registry_find(registry, text_of(code)) : ORG_NONE;
    struct standing standing;
    if (org == ORG_NONE)
        return;
    json_string(json, "name", registry_at(registry, org)->name);
    json_string(json, "region", registry_at(registry, org)->region);
    engine_standing(rollup->answer->engine, rollup->answer->framework_index, org, &standing);
    if (standing.assessed && !standing.closed)
        put_member(json, rollup, "own", org);
}

static void put_worst(struct json_writer *json, const struct rollup *rollup, size_t from, size_t to) {
    const struct answer *answer = rollup->answer;
    json_array(json, "worst");
    for (size_t i = from; i < to; i++) {
        struct standing standing;
        engine_standing(answer->engine, answer->framework_index, rollup->members[i].org, &standing);
        if (standing.indicative >= 4)
            json_string(json, NULL, registry_at(engine_registry(answer->engine), rollup->members[i].org)->code);
    }
    json_array_end(json);
}

static void put_unit(struct json_writer *json, const struct rollup *rollup, size_t from, size_t to) {
    const char *key = rollup->members[from].key;
    json_object(json, NULL);
    json_string(json, rollup->by, key);
    put_own(json, rollup, key);
    json_uint(json, "members", to - from);
    put_counts(json, rollup, from, to);
    put_worst(json, rollup, from, to);
    json_array(json, "organisations");
    for (size_t i = from; i < to; i++)
        put_member(json, rollup, NULL, rollup->members[i].org);
    json_array_end(json);
    json_object_end(json);
}

static void systems_head(struct json_writer *json, const void *context) {
    const struct rollup *rollup = context;
    json_string(json, "framework", rollup->answer->framework->id);
    json_date(json, "date", engine_date(rollup->answer->engine));
    json_string(json, "by", rollup->by);
}

void answer_systems(const struct answer *answer) {
    struct rollup rollup = {.answer = answer, .by = answer->request->by[0] ? answer->request->by : "system"};
    struct parts parts = answer_parts(answer, "systems", systems_head, NULL, &rollup);
    size_t to;
    gather(&rollup);
    parts_begin(&parts);
    for (size_t from = 0; from < rollup.count; from = to) {
        for (to = from + 1; to < rollup.count && !strcmp(rollup.members[to].key, rollup.members[from].key);)
            to++;
        put_unit(parts_next(&parts), &rollup, from, to);
    }
    parts_end(&parts);
    free(rollup.members);
}
