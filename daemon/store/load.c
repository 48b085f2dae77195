#include "daemon/store/load.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/store/library.h"

#define UNDER_WAY_MAX 64
#define STRING_OF_VALUE(number) #number
#define STRING_OF(number) STRING_OF_VALUE(number)

/* In the order in which they are handed out. */
enum key_kind { KIND_META, KIND_SOURCES, KIND_FIGURES, KIND_DECISIONS, KIND_PROGRAMMES, KIND_VERDICT, KIND_HISTORY };

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

struct load_key {
    enum key_kind kind;
    char *key;
    struct text first, second; /* names within key */
};

struct load {
    struct redis_link *link;
    const struct store_callbacks *sink;
    void *sink_context;
    struct load_callbacks callbacks;
    void *context;

    bool scanned;
    struct load_key *keys;
    size_t count, size;
    size_t sent, done;
    struct store_field *fields; /* of the entry being handed out */
    size_t fields_size;
};

struct load *load_create(struct redis_link *link, const struct store_callbacks *sink, void *sink_context,
                         const struct load_callbacks *callbacks, void *context) {
    struct load *load = alloc_zero(1, sizeof(*load));
    load->link = link;
    load->sink = sink;
    load->sink_context = sink_context;
    load->callbacks = *callbacks;
    load->context = context;
    return load;
}

static void clear_keys(struct load *load) {
    for (size_t i = 0; i < load->count; i++)
        free(load->keys[i].key);
    load->count = 0;
}

void load_destroy(struct load *load) {
    if (!load)
        return;
    clear_keys(load);
    free(load->keys);
    free(load->fields);
    free(load);
}

static bool check(struct load *load, const redisReply *reply, int type) {
    if (!reply)
        return false;
    char text[TROUBLE_TEXT_SIZE];
    enum trouble found = trouble_of(reply, text, sizeof(text));
    if (found == TROUBLE_NONE && reply->type == type)
        return true;
    load->callbacks.on_trouble(load->context, found == TROUBLE_NONE ? TROUBLE_RECONNECT : found,
                               found == TROUBLE_NONE ? "a reply of Redis has an unknown form" : text);
    return false;
}

static struct text text_of_reply(const redisReply *reply) {
    return reply->type == REDIS_REPLY_STRING ? (struct text){reply->str, reply->len} : (struct text){"", 0};
}

/* ---- Which keys there are ----------------------------------------------------------- */

static bool recognise(struct text key, struct load_key *ret_key) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].prefix);
        if (key.len < len || memcmp(key.s, kinds[i].prefix, len) != 0 || (kinds[i].names == 0 && key.len != len))
            continue;
        struct load_key found = {.kind = kinds[i].kind};
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

static int compare_keys(const void *a, const void *b) {
    const struct load_key *left = a, *right = b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return strcmp(left->key, right->key);
}

/* SCAN may give a key twice. */
static void order_keys(struct load *load) {
    if (load->count == 0)
        return;
    qsort(load->keys, load->count, sizeof(*load->keys), compare_keys);
    size_t kept = 1;
    for (size_t i = 1; i < load->count; i++) {
        if (strcmp(load->keys[i].key, load->keys[kept - 1].key) == 0)
            free(load->keys[i].key);
        else
            load->keys[kept++] = load->keys[i];
    }
    load->count = kept;
}

static void add_key(struct load *load, struct text key) {
    struct load_key found;
    if (!recognise(key, &found))
        return;
    if (load->count == load->size) {
        size_t size = load->size ? load->size * 2 : 256;
        struct load_key *keys = alloc_zero(size, sizeof(*keys));
        if (load->count)
            memcpy(keys, load->keys, load->count * sizeof(*keys));
        free(load->keys);
        load->keys = keys;
        load->size = size;
    }
    load->keys[load->count++] = found;
}

static void read_keys(struct load *load);

static void scan(struct load *load, struct text cursor);

static void on_scan(void *context, const redisReply *reply) {
    struct load *load = context;
    if (!check(load, reply, REDIS_REPLY_ARRAY) || reply->elements != 2)
        return; /* two elements are SCAN's own promise */
    const redisReply *page = reply->element[1];
    for (size_t i = 0; i < page->elements; i++)
        add_key(load, text_of_reply(page->element[i]));
    struct text cursor = text_of_reply(reply->element[0]);
    if (!text_equal(cursor, "0")) {
        scan(load, cursor);
        return;
    }
    order_keys(load);
    load->scanned = true;
    read_keys(load);
}

static void scan(struct load *load, struct text cursor) {
    const struct text args[] = {TEXT_OF("SCAN"),         cursor,           TEXT_OF("MATCH"),
                                TEXT_OF(KEY_PREFIX "*"), TEXT_OF("COUNT"), TEXT_OF("1000")};
    redis_link_send(load->link, args, sizeof(args) / sizeof(args[0]), 0, on_scan, load);
}

/* ---- What they hold -------------------------------------------------------------------- */

/* The names and values of an array reply as fields; count is elements / 2. */
static const struct store_field *read_fields(struct load *load, const redisReply *reply) {
    size_t count = reply->elements / 2;
    if (count > load->fields_size) {
        free(load->fields);
        load->fields = alloc_zero(count, sizeof(*load->fields));
        load->fields_size = count;
    }
    for (size_t i = 0; i < count; i++)
        load->fields[i] =
            (struct store_field){text_of_reply(reply->element[2 * i]), text_of_reply(reply->element[2 * i + 1])};
    return load->fields;
}

static void hand_out_source(struct load *load, struct text source, struct text value) {
    uint64_t last = 0;
    if (text_to_uint64(value, &last) && load->sink->on_load_source)
        load->sink->on_load_source(load->sink_context, source, last);
}

static void hand_out_hash(struct load *load, const struct load_key *key, const redisReply *reply) {
    const struct store_callbacks *sink = load->sink;
    const struct store_field *fields = read_fields(load, reply);
    size_t count = reply->elements / 2;
    if (key->kind == KIND_VERDICT) {
        if (sink->on_load_verdict)
            sink->on_load_verdict(load->sink_context, key->first, key->second, fields, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct text name = fields[i].name, value = fields[i].value;
        if (key->kind == KIND_META && sink->on_load_meta)
            sink->on_load_meta(load->sink_context, name, value);
        else if (key->kind == KIND_SOURCES)
            hand_out_source(load, name, value);
        else if (key->kind == KIND_FIGURES && sink->on_load_figure)
            sink->on_load_figure(load->sink_context, key->first, key->second, name, value);
        else if (key->kind == KIND_PROGRAMMES && sink->on_load_programme)
            sink->on_load_programme(load->sink_context, key->first, name, value);
    }
}

static void hand_out_entry(struct load *load, const struct load_key *key, const redisReply *entry) {
    const struct store_callbacks *sink = load->sink;
    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 || entry->element[1]->type != REDIS_REPLY_ARRAY)
        return;
    const struct store_field *fields = read_fields(load, entry->element[1]);
    size_t count = entry->element[1]->elements / 2;
    if (key->kind == KIND_DECISIONS && sink->on_load_decision)
        sink->on_load_decision(load->sink_context, key->first, fields, count);
    else if (key->kind == KIND_HISTORY && sink->on_load_history)
        sink->on_load_history(load->sink_context, key->first, key->second, text_of_reply(entry->element[0]), fields,
                              count);
}

static void hand_out(struct load *load, const struct load_key *key, const redisReply *reply) {
    if (key->kind == KIND_HISTORY) {
        for (size_t i = reply->elements; i > 0; i--)
            hand_out_entry(load, key, reply->element[i - 1]);
    } else if (key->kind == KIND_DECISIONS) {
        for (size_t i = 0; i < reply->elements; i++)
            hand_out_entry(load, key, reply->element[i]);
    } else {
        hand_out_hash(load, key, reply);
    }
}

static void on_key(void *context, const redisReply *reply) {
    struct load *load = context;
    if (!check(load, reply, REDIS_REPLY_ARRAY))
        return;
    hand_out(load, &load->keys[load->done++], reply);
    read_keys(load);
}

static bool read_key(struct load *load, const struct load_key *key) {
    struct text args[6] = {TEXT_OF("HGETALL"), text_of(key->key)};
    size_t count = 2;
    if (key->kind == KIND_DECISIONS) {
        args[0] = TEXT_OF("XRANGE");
        args[count++] = TEXT_OF("-");
        args[count++] = TEXT_OF("+");
    } else if (key->kind == KIND_HISTORY) {
        args[0] = TEXT_OF("XREVRANGE");
        args[count++] = TEXT_OF("+");
        args[count++] = TEXT_OF("-");
        args[count++] = TEXT_OF("COUNT");
        args[count++] = TEXT_OF(STRING_OF(STORE_HISTORY_LOADED));
    }
    return redis_link_send(load->link, args, count, 0, on_key, load);
}

static void read_keys(struct load *load) {
    if (load->done == load->count) {
        load->callbacks.on_done(load->context);
        return;
    }
    while (load->sent < load->count && load->sent - load->done < UNDER_WAY_MAX) {
        if (!read_key(load, &load->keys[load->sent]))
            return;
        load->sent++;
    }
}

void load_continue(struct load *load) {
    load->sent = load->done;
    if (load->scanned) {
        read_keys(load);
        return;
    }
    clear_keys(load);
    scan(load, TEXT_OF("0"));
}
