/* Organisations whose segments disagree with each other or with their rating. */
#include "daemon/render/answer_impl.h"
#include "daemon/render/evidence.h"

static void mismatches_head(struct json_writer *json, const void *context) {
    const struct answer *answer = context;
    json_string(json, "framework", answer->framework->id);
    json_date(json, "date", engine_date(answer->engine));
}

static void put_reason(struct json_writer *json, struct buf *text, const char *reason) {
    json_object(json, NULL);
    json_string(json, "reason", reason);
    json_string(json, "text", text->data);
    json_object_end(json);
    buf_clear(text);
}

static void put_reasons(struct json_writer *json, const struct standing *standing, const struct mismatch *mismatch) {
    struct buf text;
    buf_init(&text);
    json_array(json, "reasons");
    if (mismatch->differ) {
        buf_printf(&text, "the figures say %d, officially it is %d", standing->indicative, standing->official);
        put_reason(json, &text, "segments-differ");
    }
    if (mismatch->official_odd) {
        buf_printf(&text, "officially %d, but rated %s", standing->official, mismatch->word);
        put_reason(json, &text, "official-rating");
    }
    if (mismatch->differ && mismatch->indicative_odd) {
        buf_printf(&text, "the figures say %d, but it is rated %s", standing->indicative, mismatch->word);
        put_reason(json, &text, "indicative-rating");
    }
    json_array_end(json);
    buf_finish(&text);
}

static void put_mismatch(struct json_writer *json, const struct answer *answer, uint32_t org,
                         const struct mismatch *mismatch) {
    const struct organisation *organisation = registry_at(engine_registry(answer->engine), org);
    struct standing standing;
    engine_standing(answer->engine, answer->framework_index, org, &standing);
    json_object(json, NULL);
    json_string(json, "code", organisation->code);
    json_string(json, "name", organisation->name);
    json_string(json, "type", organisation->type);
    json_string(json, "region", organisation->region);
    json_string(json, "system", organisation->system);
    json_int(json, "indicative", standing.indicative);
    json_int(json, "official", standing.official);
    if (mismatch->word) {
        json_object(json, "rating");
        json_string(json, "measure", answer->framework->measures[mismatch->measure].id);
        json_date(json, "period", mismatch->period);
        json_string(json, "value", mismatch->word);
        json_object_end(json);
    }
    put_reasons(json, &standing, mismatch);
    json_object_end(json);
}

void answer_mismatches(const struct answer *answer) {
    struct parts parts = answer_parts(answer, "mismatches", mismatches_head, NULL, answer);
    uint32_t count = registry_count(engine_registry(answer->engine));
    parts_begin(&parts);
    for (uint32_t org = 0; org < count; org++) {
        struct mismatch mismatch;
        if (engine_mismatch(answer->engine, answer->framework_index, org, &mismatch))
            put_mismatch(parts_next(&parts), answer, org, &mismatch);
    }
    parts_end(&parts);
}
