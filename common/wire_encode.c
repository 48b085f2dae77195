/* A message as a payload. One walk over the fields serves both encodings. */
#include <msgpack.h>

#include "common/json_write.h"
#include "common/wire.h"

/* Where fields go: the JSON writer, the packer, or neither: then they are only
 * counted, because MessagePack wants their number before the first. */
struct sink {
    struct json_writer *json;
    msgpack_packer *packer;
    unsigned fields;
};

static int pack_write(void *context, const char *bytes, size_t len) {
    buf_append(context, bytes, len);
    return 0;
}

static void pack_text(struct sink *sink, struct text text) {
    msgpack_pack_str(sink->packer, text.len);
    msgpack_pack_str_body(sink->packer, text.s, text.len);
}

/* True when the packer is to write the value that follows the key. */
static bool pack_key(struct sink *sink, const char *key) {
    sink->fields++;
    if (sink->packer)
        pack_text(sink, text_of(key));
    return sink->packer != NULL;
}

static void put_text(struct sink *sink, const char *key, struct text value) {
    if (sink->json)
        json_text(sink->json, key, value);
    else if (pack_key(sink, key))
        pack_text(sink, value);
}

static void put_number(struct sink *sink, const char *key, double value) {
    if (sink->json)
        json_number(sink->json, key, value);
    else if (pack_key(sink, key))
        msgpack_pack_double(sink->packer, value);
}

static void put_integer(struct sink *sink, const char *key, uint64_t value) {
    if (sink->json)
        json_uint(sink->json, key, value);
    else if (pack_key(sink, key))
        msgpack_pack_uint64(sink->packer, value);
}

static void put_boolean(struct sink *sink, const char *key, bool value) {
    if (sink->json)
        json_bool(sink->json, key, value);
    else if (pack_key(sink, key) && value)
        msgpack_pack_true(sink->packer);
    else if (sink->packer)
        msgpack_pack_false(sink->packer);
}

static void put_null(struct sink *sink, const char *key) {
    if (sink->json)
        json_null(sink->json, key);
    else if (pack_key(sink, key))
        msgpack_pack_nil(sink->packer);
}

static void put_date(struct sink *sink, const char *key, ov_day day) {
    char date[OV_DATE_SIZE];
    if (day != OV_DAY_NONE)
        put_text(sink, key, text_of(date_format(day, date)));
}

static void put_optional(struct sink *sink, const char *key, struct text text) {
    if (text.len > 0)
        put_text(sink, key, text);
}

static void put_figure(struct sink *sink, const struct figure_item *figure) {
    put_text(sink, "measure", figure->measure);
    put_date(sink, "period", figure->period);
    switch (figure->value.type) {
    case VALUE_NULL:
        put_null(sink, "value");
        break;
    case VALUE_NUMBER:
        put_number(sink, "value", figure->value.number);
        break;
    case VALUE_WORD:
        put_text(sink, "value", figure->value.word);
        break;
    case VALUE_BOOLEAN:
        put_boolean(sink, "value", figure->value.boolean);
        break;
    }
    if (figure->revision > 0)
        put_integer(sink, "revision", figure->revision);
}

static void put_decision(struct sink *sink, const struct decision_item *decision) {
    put_integer(sink, "decision", (uint64_t)decision->segment);
    put_date(sink, "effective", decision->effective);
    put_text(sink, "decided_by", decision->decided_by);
    put_text(sink, "reason", decision->reason);
    put_optional(sink, "framework", decision->framework);
    put_optional(sink, "trigger", decision->trigger);
}

static void put_programme(struct sink *sink, const struct programme_item *programme) {
    static const char *const actions[] = {"enter", "leave", "review"};
    put_text(sink, "programme", programme->programme);
    put_text(sink, "action", text_of(actions[programme->action]));
    put_date(sink, "effective", programme->effective);
    put_text(sink, "decided_by", programme->decided_by);
    put_text(sink, "reason", programme->reason);
    put_date(sink, "review_by", programme->review_by);
    put_date(sink, "limit", programme->limit);
    put_optional(sink, "exit_criteria", programme->exit_criteria);
}

static void put_item(struct sink *sink, const struct message *message, size_t index) {
    const struct item *item = &message->items[index];
    if (index == 0)
        put_text(sink, "source", message->source);
    if (index == 0 || item->seq != item[-1].seq + 1)
        put_integer(sink, "seq", item->seq);
    if (index == 0 && message->more)
        put_boolean(sink, "more", true);
    if (index == 0 && message->baseline)
        put_boolean(sink, "baseline", true);
    if (item->kind == ITEM_SKIP) {
        put_boolean(sink, "skip", true);
        return;
    }
    put_text(sink, "org", item->org);
    if (item->kind == ITEM_FIGURE)
        put_figure(sink, &item->figure);
    else if (item->kind == ITEM_DECISION)
        put_decision(sink, &item->decision);
    else
        put_programme(sink, &item->programme);
}

static bool is_encodable(const struct message *message) {
    for (size_t i = 0; i < message->count; i++) {
        if (message->items[i].kind == ITEM_REFUSED)
            return false;
    }
    return message->count > 0;
}

bool wire_encode_json(const struct message *message, struct buf *buf) {
    struct json_writer json;
    struct sink sink = {.json = &json};
    if (!is_encodable(message))
        return false;
    json_init(&json, buf);
    if (message->count > 1)
        json_array(&json, NULL);
    for (size_t i = 0; i < message->count; i++) {
        json_object(&json, NULL);
        put_item(&sink, message, i);
        json_object_end(&json);
    }
    if (message->count > 1)
        json_array_end(&json);
    return true;
}

bool wire_encode_msgpack(const struct message *message, struct buf *buf) {
    msgpack_packer packer;
    struct sink sink = {.packer = &packer};
    if (!is_encodable(message))
        return false;
    msgpack_packer_init(&packer, buf, pack_write);
    if (message->count > 1)
        msgpack_pack_array(&packer, message->count);
    for (size_t i = 0; i < message->count; i++) {
        struct sink counter = {.fields = 0};
        put_item(&counter, message, i);
        msgpack_pack_map(&packer, counter.fields);
        put_item(&sink, message, i);
    }
    return true;
}
