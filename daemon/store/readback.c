/* Fields of one hash, read back for a comparison. */
#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "daemon/store/library.h"
#include "daemon/store/step.h"
#include "daemon/store/store_private.h"

static void on_fields(void *context, const redisReply *reply) {
    struct store *store = context;
    store_fields_read callback = store->read_callback;
    store->reading = false;
    store->read_callback = NULL;
    if (!callback)
        return;
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != store->read_count) {
        callback(store->read_context, NULL, 0);
        return;
    }
    struct text *values = alloc_zero(reply->elements + 1, sizeof(*values));
    for (size_t i = 0; i < reply->elements; i++)
        if (reply->element[i]->type == REDIS_REPLY_STRING)
            values[i] = (struct text){reply->element[i]->str, reply->element[i]->len};
    callback(store->read_context, values, reply->elements);
    free(values);
}

static bool read_fields(struct store *store, const char *key, const char *const *names, size_t count,
                        store_fields_read callback, void *context) {
    if (store->state != STORE_READY || !store->link || store->reading)
        return false;
    struct text *args = alloc_zero(count + 2, sizeof(*args));
    args[0] = TEXT_OF("HMGET");
    args[1] = text_of(key);
    for (size_t i = 0; i < count; i++)
        args[i + 2] = text_of(names[i]);
    store->read_callback = callback;
    store->read_context = context;
    store->read_count = count;
    bool sent = redis_link_send(store->link, args, count + 2, 0, on_fields, store);
    store->reading = sent;
    free(args);
    return sent;
}

bool store_read_figures(struct store *store, const char *measure, const char *period, const char *const *orgs,
                        size_t count, store_fields_read callback, void *context) {
    char key[KEY_SIZE];
    snprintf(key, sizeof(key), KEY_PREFIX "figures:%s:%s", measure, period);
    return read_fields(store, key, orgs, count, callback, context);
}

bool store_read_verdict(struct store *store, const char *framework, const char *org, const char *const *fields,
                        size_t count, store_fields_read callback, void *context) {
    char key[KEY_SIZE];
    snprintf(key, sizeof(key), KEY_PREFIX "verdict:%s:%s", framework, org);
    return read_fields(store, key, fields, count, callback, context);
}

void store_read_forget(struct store *store) {
    store->read_callback = NULL;
}
