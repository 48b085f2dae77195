#include "clients/oncall/follow_conf.h"

#include <string.h>

#include "common/log.h"

#define ENDPOINTS_MAX 8

static void copy_list(const struct words *words, const char *list[ENDPOINTS_MAX + 1]) {
    size_t count = words->count < ENDPOINTS_MAX ? words->count : ENDPOINTS_MAX;
    for (size_t i = 0; i < count; i++)
        list[i] = words->items[i];
    list[count] = NULL;
}

struct oversight_client *follow_conf(const struct conf *conf, const struct oversight_id *after,
                                     const struct oversight_handlers *handlers, void *arg) {
    const char *subscribe[ENDPOINTS_MAX + 1], *query[ENDPOINTS_MAX + 1];
    struct oversight_keys keys = {.server_key = conf->server_key, .secret_key = conf->keys.secret_key};
    struct oversight_client_config config = {
        .subscribe = subscribe, .query = query, .keys = conf->server_key[0] ? &keys : NULL, .resume = after != NULL};
    char error[ZERROR_SIZE] = "";
    copy_list(&conf->subscribe, subscribe);
    copy_list(&conf->query, query);
    if (after)
        config.after = *after;
    struct oversight_client *client = oversight_client_create(&config, handlers, arg, error, sizeof error);
    if (!client)
        log_error("consumer", "%s", error);
    return client;
}

static bool same_words(const struct words *a, const struct words *b) {
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return a->count == b->count;
}

bool follow_conf_same(const struct conf *a, const struct conf *b) {
    return same_words(&a->subscribe, &b->subscribe) && same_words(&a->query, &b->query) &&
           strcmp(a->server_key, b->server_key) == 0 && strcmp(a->keys.secret_key, b->keys.secret_key) == 0;
}
