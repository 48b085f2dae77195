/*
 * For the tests of the wire: JSON turned into MessagePack by other people's
 * libraries (cJSON reads, msgpack-c writes), and messages compared.
 */
#ifndef OV_TESTS_UNIT_WIRE_TWIN_H
#define OV_TESTS_UNIT_WIRE_TWIN_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <msgpack.h>

#include "common/message.h"

static inline void twin_pack_text(msgpack_packer *packer, const char *text) {
    msgpack_pack_str(packer, strlen(text));
    msgpack_pack_str_body(packer, text, strlen(text));
}

static inline void twin_pack(msgpack_packer *packer, const cJSON *json) {
    const cJSON *child;
    if (cJSON_IsObject(json) || cJSON_IsArray(json)) {
        size_t count = (size_t)cJSON_GetArraySize(json);
        if (cJSON_IsArray(json))
            msgpack_pack_array(packer, count);
        else
            msgpack_pack_map(packer, count);
        cJSON_ArrayForEach(child, json) {
            if (cJSON_IsObject(json))
                twin_pack_text(packer, child->string);
            twin_pack(packer, child);
        }
    } else if (cJSON_IsString(json)) {
        twin_pack_text(packer, json->valuestring);
    } else if (cJSON_IsBool(json)) {
        if (cJSON_IsTrue(json))
            msgpack_pack_true(packer);
        else
            msgpack_pack_false(packer);
    } else if (cJSON_IsNull(json)) {
        msgpack_pack_nil(packer);
    } else if (rint(json->valuedouble) == json->valuedouble && fabs(json->valuedouble) < 9e15) {
        msgpack_pack_int64(packer, (int64_t)json->valuedouble);
    } else {
        msgpack_pack_double(packer, json->valuedouble);
    }
}

/* False when cJSON cannot read it. The caller destroys the buffer. */
static inline bool twin_msgpack(const char *json, msgpack_sbuffer *ret_buffer) {
    msgpack_packer packer;
    cJSON *tree = cJSON_Parse(json);
    if (!tree)
        return false;
    msgpack_sbuffer_init(ret_buffer);
    msgpack_packer_init(&packer, ret_buffer, msgpack_sbuffer_write);
    twin_pack(&packer, tree);
    cJSON_Delete(tree);
    return true;
}

static inline bool same_text(struct text a, struct text b) {
    return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

static inline bool same_value(const struct value *a, const struct value *b) {
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case VALUE_NUMBER:
        return a->number == b->number;
    case VALUE_WORD:
        return same_text(a->word, b->word);
    case VALUE_BOOLEAN:
        return a->boolean == b->boolean;
    case VALUE_NULL:
        break;
    }
    return true;
}

static inline bool same_item(const struct item *a, const struct item *b) {
    if (a->kind != b->kind || a->seq != b->seq || !same_text(a->org, b->org))
        return false;
    switch (a->kind) {
    case ITEM_FIGURE:
        return same_text(a->figure.measure, b->figure.measure) && a->figure.period == b->figure.period &&
               a->figure.revision == b->figure.revision && same_value(&a->figure.value, &b->figure.value);
    case ITEM_DECISION:
        return a->decision.segment == b->decision.segment && a->decision.effective == b->decision.effective &&
               same_text(a->decision.decided_by, b->decision.decided_by) &&
               same_text(a->decision.reason, b->decision.reason) &&
               same_text(a->decision.framework, b->decision.framework) &&
               same_text(a->decision.trigger, b->decision.trigger);
    case ITEM_PROGRAMME:
        return same_text(a->programme.programme, b->programme.programme) &&
               a->programme.action == b->programme.action && a->programme.effective == b->programme.effective &&
               same_text(a->programme.decided_by, b->programme.decided_by) &&
               same_text(a->programme.reason, b->programme.reason) &&
               same_text(a->programme.exit_criteria, b->programme.exit_criteria) &&
               a->programme.review_by == b->programme.review_by && a->programme.limit == b->programme.limit;
    case ITEM_REFUSED:
        return a->refused.code == b->refused.code && same_text(a->refused.message, b->refused.message);
    case ITEM_SKIP:
        break;
    }
    return true;
}

static inline bool same_message(const struct message *a, const struct message *b) {
    if (!same_text(a->source, b->source) || a->baseline != b->baseline || a->more != b->more || a->count != b->count ||
        a->unknown_fields != b->unknown_fields)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!same_item(&a->items[i], &b->items[i]))
            return false;
    }
    return true;
}

#endif
