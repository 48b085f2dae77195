#include "daemon/render/reply.h"

#include "common/json_write.h"

static void put_refusals(struct json_writer *json, const struct changes *changes, size_t first, size_t count,
                         uint64_t total) {
    uint64_t listed = 0;

    json_array(json, "refused");
    for (size_t i = 0; i < changes->refusal_count; i++) {
        const struct refusal_report *refusal = &changes->refusals[i];

        if (refusal->index < first || refusal->index - first >= count)
            continue;
        json_object(json, NULL);
        json_uint(json, "index", refusal->index - first);
        json_uint(json, "seq", refusal->seq);
        json_string(json, "code", refusal_code(refusal->code));
        json_string(json, "message", refusal->message);
        json_object_end(json);
        listed++;
    }
    json_array_end(json);
    if (total > listed)
        json_uint(json, "refused_total", total);
}

static void put_reply(struct buf *buf, struct text source, const struct changes *changes, size_t first, size_t count,
                      const uint64_t totals[4], const char *durability) {
    struct json_writer json;

    json_init(&json, buf);
    json_object(&json, NULL);
    json_text(&json, "source", source);
    json_uint(&json, "through", changes->through);
    json_uint(&json, "accepted", totals[OUTCOME_ACCEPTED]);
    json_uint(&json, "duplicate", totals[OUTCOME_DUPLICATE]);
    json_uint(&json, "superseded", totals[OUTCOME_SUPERSEDED]);
    put_refusals(&json, changes, first, count, totals[OUTCOME_REFUSED]);
    json_string(&json, "durability", durability);
    json_object_end(&json);
}

void render_acknowledgement(struct buf *buf, struct text source, const struct changes *changes,
                            const char *durability) {
    const uint64_t totals[] = {[OUTCOME_ACCEPTED] = changes->accepted,
                               [OUTCOME_DUPLICATE] = changes->duplicate,
                               [OUTCOME_SUPERSEDED] = changes->superseded,
                               [OUTCOME_REFUSED] = changes->refused};

    put_reply(buf, source, changes, 0, SIZE_MAX, totals, durability);
}

void render_part_acknowledgement(struct buf *buf, struct text source, const struct changes *changes, size_t first,
                                 size_t count, const char *durability) {
    uint64_t totals[4] = {0};

    for (size_t i = first; i < first + count; i++)
        totals[changes->outcomes[i]]++;
    put_reply(buf, source, changes, first, count, totals, durability);
}

void render_gap(struct buf *buf, struct text source, uint64_t expected) {
    struct json_writer json;
    struct buf message;

    buf_init(&message);
    buf_printf(&message, "updates of source '%.*s' are missing", (int)source.len, source.s);
    json_init(&json, buf);
    json_object(&json, NULL);
    json_object(&json, "error");
    json_string(&json, "code", refusal_code(REFUSAL_GAP));
    json_string(&json, "message", message.data);
    json_uint(&json, "expected", expected);
    json_object_end(&json);
    json_object_end(&json);
    buf_finish(&message);
}
