#include "daemon/store/hand_out.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/store/alerts.h"
#include "daemon/store/library.h"

static const struct {
    const char *prefix;
    enum key_kind kind;
    int names; /* how many names follow, with a colon between */
} kinds[] = {
    {KEY_META, KIND_META, 0},
    {KEY_SOURCES, KIND_SOURCES, 0},
    {KEY_PREFIX "figures:", KIND_FIGURES, 2},
    {KEY_PREFIX "decisions:", KIND_DECISIONS, 1},
    {KEY_PREFIX "programmes:", KIND_PROGRAMMES, 1},
    {KEY_PREFIX "verdict:", KIND_VERDICT, 2},
    {KEY_PREFIX "history:", KIND_HISTORY, 2},
};

/* The newest decision handed out of an organisation. */
struct decided {
    char *org;
    uint64_t epoch, number;
};

struct hand_out {
    const struct store_callbacks *sink;
    void *sink_context;
    struct store_field *fields; /* of the entry being handed out */
    size_t fields_size;
    struct decided *decided; /* ordered by organisation */
    size_t decided_count, decided_size;
};

struct hand_out *hand_out_create(const struct store_callbacks *sink, void *sink_context) {
    struct hand_out *out = alloc_zero(1, sizeof(*out));
    out->sink = sink;
    out->sink_context = sink_context;
    return out;
}

void hand_out_destroy(struct hand_out *out) {
    if (!out)
        return;
    for (size_t i = 0; i < out->decided_count; i++)
        free(out->decided[i].org);
    free(out->decided);
    free(out->fields);
    free(out);
}

bool state_key_recognise(struct text key, struct state_key *ret_key) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].prefix);
        if (key.len < len || memcmp(key.s, kinds[i].prefix, len) != 0 || (kinds[i].names == 0 && key.len != len))
            continue;
        struct state_key found = {.kind = kinds[i].kind};
        const char *rest = key.s + len, *end = key.s + key.len;
        const char *colon = memchr(rest, ':', (size_t)(end - rest));
        if ((kinds[i].names == 2) != (colon != NULL))
            return false;
        found.key = alloc_zero(key.len + 1, 1);
        memcpy(found.key, key.s, key.len);
        const char *copy = found.key + len;
        size_t left = key.len - len;
        size_t first = colon ? (size_t)(colon - rest) : left;
        found.first = (struct text){copy, first};
        if (colon)
            found.second = (struct text){copy + first + 1, left - first - 1};
        *ret_key = found;
        return true;
    }
    return false;
}

static struct text text_of_reply(const redisReply *reply) {
    return reply->type == REDIS_REPLY_STRING ? (struct text){reply->str, reply->len} : (struct text){"", 0};
}

/* Names and values, one after the other, as fields. */
static const struct store_field *read_fields(struct hand_out *out, redisReply *const *elements, size_t count) {
    if (count > out->fields_size) {
        free(out->fields);
        out->fields = alloc_zero(count, sizeof(*out->fields));
        out->fields_size = count;
    }
    for (size_t i = 0; i < count; i++)
        out->fields[i] = (struct store_field){text_of_reply(elements[2 * i]), text_of_reply(elements[2 * i + 1])};
    return out->fields;
}

/* ---- Hashes --------------------------------------------------------------------------- */

static void hand_out_source(struct hand_out *out, struct text source, struct text value) {
    uint64_t last = 0;
    if (text_to_uint64(value, &last) && out->sink->on_load_source)
        out->sink->on_load_source(out->sink_context, source, last);
}

/* Of a field that is there twice the later one holds, as in Redis. There are
 * few different ones. Moves what is kept to the end; how many that are. */
static size_t keep_latest(struct store_field *fields, size_t count) {
    size_t kept = count;
    for (size_t i = count; i > 0; i--) {
        struct store_field field = fields[i - 1];
        size_t at = kept;
        while (at < count &&
               !(fields[at].name.len == field.name.len && memcmp(fields[at].name.s, field.name.s, field.name.len) == 0))
            at++;
        if (at == count)
            fields[--kept] = field;
    }
    return count - kept;
}

static void hand_out_hash(struct hand_out *out, const struct state_key *key, const redisReply *reply) {
    const struct store_callbacks *sink = out->sink;
    size_t count = reply->elements / 2;
    if (count == 0)
        return; /* gone meanwhile; and there are no fields to point at */
    const struct store_field *fields = read_fields(out, reply->element, count);
    if (key->kind == KIND_VERDICT) {
        size_t kept = keep_latest(out->fields, count);
        if (sink->on_load_verdict)
            sink->on_load_verdict(out->sink_context, key->first, key->second, fields + count - kept, kept);
        return;
    }
    if (key->kind == KIND_FIGURES) {
        if (sink->on_load_figures)
            sink->on_load_figures(out->sink_context, key->first, key->second, fields, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct text name = fields[i].name, value = fields[i].value;
        if (key->kind == KIND_META && sink->on_load_meta)
            sink->on_load_meta(out->sink_context, name, value);
        else if (key->kind == KIND_SOURCES)
            hand_out_source(out, name, value);
        else if (key->kind == KIND_PROGRAMMES && sink->on_load_programme)
            sink->on_load_programme(out->sink_context, key->first, name, value);
    }
}

/* ---- Streams -------------------------------------------------------------------------- */

static struct decided *decided_of(struct hand_out *out, struct text org) {
    size_t low = 0, high = out->decided_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncmp(out->decided[middle].org, org.s, org.len);
        if (order == 0 && !out->decided[middle].org[org.len])
            return &out->decided[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (out->decided_count == out->decided_size) {
        out->decided_size = out->decided_size ? out->decided_size * 2 : 64;
        out->decided = alloc_resize(out->decided, out->decided_size, sizeof(*out->decided));
    }
    struct decided *place = &out->decided[low];
    memmove(place + 1, place, (out->decided_count++ - low) * sizeof(*place));
    *place = (struct decided){.org = alloc_copy_bytes(org.s, org.len)};
    return place;
}

/* Is it newer than those of this organisation that were handed out? Then it is
 * remembered as handed out. */
static bool is_new(struct hand_out *out, struct text org, struct text id) {
    uint64_t epoch = 0, number = 0;
    if (!alerts_id_read(id, &epoch, &number))
        return false;
    struct decided *newest = decided_of(out, org);
    if (newest->epoch > epoch || (newest->epoch == epoch && newest->number >= number))
        return false;
    newest->epoch = epoch;
    newest->number = number;
    return true;
}

/* elements: count names and values. */
static void hand_out_entry(struct hand_out *out, const struct state_key *key, struct text id,
                           redisReply *const *elements, size_t count) {
    const struct store_callbacks *sink = out->sink;
    const struct store_field *fields = read_fields(out, elements, count);
    if (key->kind == KIND_DECISIONS && is_new(out, key->first, id) && sink->on_load_decision)
        sink->on_load_decision(out->sink_context, key->first, fields, count);
    else if (key->kind == KIND_HISTORY && sink->on_load_history)
        sink->on_load_history(out->sink_context, key->first, key->second, id, fields, count);
}

static void hand_out_stored_entry(struct hand_out *out, const struct state_key *key, const redisReply *entry) {
    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 || entry->element[1]->type != REDIS_REPLY_ARRAY)
        return;
    const redisReply *fields = entry->element[1];
    hand_out_entry(out, key, text_of_reply(entry->element[0]), fields->element, fields->elements / 2);
}

void hand_out_key(struct hand_out *out, const struct state_key *key, const redisReply *reply) {
    if (key->kind == KIND_HISTORY) {
        for (size_t i = reply->elements; i > 0; i--)
            hand_out_stored_entry(out, key, reply->element[i - 1]);
    } else if (key->kind == KIND_DECISIONS) {
        for (size_t i = 0; i < reply->elements; i++)
            hand_out_stored_entry(out, key, reply->element[i]);
    } else {
        hand_out_hash(out, key, reply);
    }
}

/* ---- Parts of steps -------------------------------------------------------------------- */

/* content: id, number of texts, texts, id, ... */
static void hand_out_entries(struct hand_out *out, const struct state_key *key, const redisReply *content) {
    for (size_t i = 0; i + 2 <= content->elements;) {
        uint64_t texts = 0;
        struct text id = text_of_reply(content->element[i]);
        if (!text_to_uint64(text_of_reply(content->element[i + 1]), &texts) || texts > content->elements - i - 2)
            return;
        hand_out_entry(out, key, id, content->element + i + 2, (size_t)texts / 2);
        i += 2 + (size_t)texts;
    }
}

bool hand_out_part(struct hand_out *out, struct text name, char kind, const redisReply *content) {
    struct state_key key;
    if (content->type != REDIS_REPLY_ARRAY || kind == PART_REPLACED || kind == PART_ANEW)
        return false;
    if (!state_key_recognise(name, &key))
        return true;
    if (kind == PART_STREAM)
        hand_out_entries(out, &key, content);
    else
        hand_out_hash(out, &key, content);
    free(key.key);
    return true;
}
