/*
 * A programme of an organisation as bytes in the store: a JSON list of its
 * steps in order, with the fields that a step has on the wire, its source and
 * its seq. Dates that are not set, and empty texts, are absent.
 */
#include <string.h>

#include "common/json_write.h"
#include "common/reader.h"
#include "daemon/app_state.h"

static const char *const actions[] = {
    [PROGRAMME_ENTER] = "enter", [PROGRAMME_LEAVE] = "leave", [PROGRAMME_REVIEW] = "review"};

static void put_date(struct json_writer *json, const char *key, ov_day day) {
    char date[OV_DATE_SIZE];

    if (day != OV_DAY_NONE)
        json_string(json, key, date_format(day, date));
}

void app_programme_step(void *context, const struct programme_step *step) {
    struct json_writer *json = context;

    json_object(json, NULL);
    json_string(json, "action", actions[step->item.action]);
    put_date(json, "effective", step->item.effective);
    put_date(json, "review_by", step->item.review_by);
    put_date(json, "limit", step->item.limit);
    if (step->item.exit_criteria.len)
        json_text(json, "exit_criteria", step->item.exit_criteria);
    json_text(json, "decided_by", step->item.decided_by);
    json_text(json, "reason", step->item.reason);
    json_string(json, "source", step->source);
    json_uint(json, "seq", step->seq);
    json_object_end(json);
}

void app_programme_write(const struct engine *engine, uint32_t org, const char *programme, struct buf *buf) {
    struct json_writer json;

    json_init(&json, buf);
    json_array(&json, NULL);
    engine_programme_steps(engine, org, programme, app_programme_step, &json);
    json_array_end(&json);
}

/* ---- Reading ---- */

struct stored_step {
    struct programme_item item;
    struct text source;
    uint64_t seq;
};

static bool read_action(struct text text, enum programme_action *ret_action) {
    for (enum programme_action action = PROGRAMME_ENTER; action <= PROGRAMME_REVIEW; action++)
        if (text_equal(text, actions[action])) {
            *ret_action = action;
            return true;
        }
    return false;
}

/* Fields of a later version are left alone. */
static bool read_text(struct text key, struct text value, struct stored_step *step) {
    struct programme_item *item = &step->item;

    if (text_equal(key, "action"))
        return read_action(value, &item->action);
    if (text_equal(key, "effective"))
        return date_parse(value.s, value.len, &item->effective);
    if (text_equal(key, "review_by"))
        return date_parse(value.s, value.len, &item->review_by);
    if (text_equal(key, "limit"))
        return date_parse(value.s, value.len, &item->limit);
    if (text_equal(key, "exit_criteria"))
        item->exit_criteria = value;
    else if (text_equal(key, "decided_by"))
        item->decided_by = value;
    else if (text_equal(key, "reason"))
        item->reason = value;
    else if (text_equal(key, "source"))
        step->source = value;
    return true;
}

static bool read_step(struct reader *reader, struct stored_step *step) {
    struct token token;
    bool more;

    if (!reader_value(reader, &token) || token.type != TOKEN_MAP)
        return false;
    while (reader_more(reader, &more)) {
        struct text key;

        if (!more)
            return step->item.effective != OV_DAY_NONE;
        if (!reader_key(reader, &key) || !reader_value(reader, &token))
            return false;
        if (token.type == TOKEN_TEXT ? !read_text(key, token.text, step) : !reader_skip(reader, &token))
            return false;
        if (token.type == TOKEN_NUMBER && text_equal(key, "seq"))
            step->seq = token.magnitude;
    }
    return false;
}

bool app_programme_read(struct text bytes, struct text programme, app_programme_visit visit, void *context) {
    struct scratch scratch;
    struct reader reader;
    struct token token;
    bool more, good = false;

    scratch_init(&scratch);
    if (reader_init(&reader, bytes.s, bytes.len, &scratch) && reader_value(&reader, &token) &&
        token.type == TOKEN_ARRAY)
        while (reader_more(&reader, &more)) {
            struct stored_step step = {
                .item = {
                    .programme = programme, .effective = OV_DAY_NONE, .review_by = OV_DAY_NONE, .limit = OV_DAY_NONE}};

            if (!more) {
                good = reader_end(&reader);
                break;
            }
            if (!read_step(&reader, &step))
                break;
            visit(context, &step.item, step.source, step.seq);
        }
    scratch_finish(&scratch);
    return good;
}
