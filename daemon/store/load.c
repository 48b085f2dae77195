#include "daemon/store/load.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/store/library.h"

#define UNDER_WAY_MAX 64
#define STRING_OF_VALUE(number) #number
#define STRING_OF(number) STRING_OF_VALUE(number)

struct load {
    struct redis_link *link;
    struct hand_out *out;
    struct load_callbacks callbacks;
    void *context;

    bool scanned;
    bool failed; /* a reply is missing: those after it are not of the keys they seem to be of */
    struct state_key *keys;
    size_t count, size;
    size_t sent, done;
};

struct load *load_create(struct redis_link *link, struct hand_out *out, const struct load_callbacks *callbacks,
                         void *context) {
    struct load *load = alloc_zero(1, sizeof(*load));
    load->link = link;
    load->out = out;
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
    free(load);
}

/* After one that is not sound nothing more is read before load_continue(). */
static bool check(struct load *load, const redisReply *reply, int type) {
    if (load->failed || !reply) {
        load->failed = true;
        return false;
    }
    char text[TROUBLE_TEXT_SIZE];
    enum trouble found = trouble_of(reply, text, sizeof(text));
    if (found == TROUBLE_NONE && reply->type == type)
        return true;
    load->failed = true;
    load->callbacks.on_trouble(load->context, found == TROUBLE_NONE ? TROUBLE_RECONNECT : found,
                               found == TROUBLE_NONE ? "a reply of Redis has an unknown form" : text);
    return false;
}

static struct text text_of_reply(const redisReply *reply) {
    return reply->type == REDIS_REPLY_STRING ? (struct text){reply->str, reply->len} : (struct text){"", 0};
}

/* ---- Which keys there are ----------------------------------------------------------- */

static int compare_keys(const void *a, const void *b) {
    const struct state_key *left = a, *right = b;
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
    struct state_key found;
    if (!state_key_recognise(key, &found))
        return;
    if (load->count == load->size) {
        size_t size = load->size ? load->size * 2 : 256;
        struct state_key *keys = alloc_zero(size, sizeof(*keys));
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

static void on_key(void *context, const redisReply *reply) {
    struct load *load = context;
    if (!check(load, reply, REDIS_REPLY_ARRAY))
        return;
    hand_out_key(load->out, &load->keys[load->done++], reply);
    read_keys(load);
}

static bool read_key(struct load *load, const struct state_key *key) {
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
    load->failed = false;
    load->sent = load->done;
    if (load->scanned) {
        read_keys(load);
        return;
    }
    clear_keys(load);
    scan(load, TEXT_OF("0"));
}
