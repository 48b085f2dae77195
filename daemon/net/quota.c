#include "daemon/net/quota.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define BUCKETS 1024       /* a power of two */
#define QUIET_MS 60000     /* after which a client may be forgotten */
#define SHARED TEXT_OF("") /* name of the one that those share who find no room */

/* Alive for as long as somebody holds it: the table, or a message. */
struct tally {
    atomic_size_t bytes, holders;
};

struct quota_client {
    struct quota_client *next; /* in its bucket */
    struct tally *tally;
    int64_t seen;
    double allowance; /* requests, at time seen_taking */
    int64_t taken;
    size_t len;
    char name[];
};

struct quota {
    struct quota_limits limits;
    struct tally *total;
    struct quota_client *buckets[BUCKETS];
    size_t count;
};

/* What goes along with a message to the thread that frees it. */
struct load {
    struct tally *client, *total;
    size_t len;
    char bytes[];
};

static struct tally *tally_create(void) {
    struct tally *tally = alloc_zero(1, sizeof *tally);
    atomic_init(&tally->bytes, 0);
    atomic_init(&tally->holders, 1);
    return tally;
}

static void tally_hold(struct tally *tally, size_t bytes) {
    atomic_fetch_add(&tally->holders, 1);
    atomic_fetch_add(&tally->bytes, bytes);
}

static void tally_release(struct tally *tally, size_t bytes) {
    atomic_fetch_sub(&tally->bytes, bytes);
    if (atomic_fetch_sub(&tally->holders, 1) == 1)
        free(tally);
}

/* ---- Clients ------------------------------------------------------------------ */

struct quota *quota_create(const struct quota_limits *limits) {
    struct quota *quota = alloc_zero(1, sizeof *quota);
    quota->limits = *limits;
    quota->total = tally_create();
    return quota;
}

static void forget(struct quota *quota, struct quota_client **link) {
    struct quota_client *client = *link;
    *link = client->next;
    quota->count--;
    tally_release(client->tally, 0);
    free(client);
}

void quota_destroy(struct quota *quota) {
    if (quota == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while (quota->buckets[i] != NULL)
            forget(quota, &quota->buckets[i]);
    tally_release(quota->total, 0);
    free(quota);
}

static bool is_quiet(const struct quota_client *client, int64_t now_ms) {
    return atomic_load(&client->tally->bytes) == 0 && now_ms - client->seen >= QUIET_MS;
}

static void forget_quiet(struct quota *quota, int64_t now_ms) {
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct quota_client **link = &quota->buckets[i]; *link != NULL;) {
            if (is_quiet(*link, now_ms))
                forget(quota, link);
            else
                link = &(*link)->next;
        }
}

/* FNV-1a. */
static struct quota_client **bucket_of(struct quota *quota, struct text name) {
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.s[i]) * 16777619U;
    return &quota->buckets[(hash ^ hash >> 16) & (BUCKETS - 1)];
}

static struct quota_client *lookup(struct quota *quota, struct text name) {
    struct quota_client *client = *bucket_of(quota, name);
    while (client != NULL && (client->len != name.len || memcmp(client->name, name.s, name.len) != 0))
        client = client->next;
    return client;
}

static struct quota_client *add(struct quota *quota, struct text name, int64_t now_ms) {
    struct quota_client **bucket = bucket_of(quota, name), *client = alloc_zero(1, sizeof *client + name.len);
    client->tally = tally_create();
    client->allowance = 2 * (double)quota->limits.rate;
    client->taken = now_ms;
    client->len = name.len;
    if (name.len > 0)
        memcpy(client->name, name.s, name.len);
    client->next = *bucket;
    *bucket = client;
    quota->count++;
    return client;
}

struct quota_client *quota_find(struct quota *quota, struct text name, int64_t now_ms) {
    struct quota_client *client = lookup(quota, name);
    if (client == NULL && quota->count >= QUOTA_CLIENTS_MAX) {
        forget_quiet(quota, now_ms);
        if (quota->count >= QUOTA_CLIENTS_MAX) {
            name = SHARED;
            client = lookup(quota, name);
        }
    }
    if (client == NULL)
        client = add(quota, name, now_ms);
    client->seen = now_ms;
    return client;
}

/* ---- Limits -------------------------------------------------------------------- */

bool quota_has_room(const struct quota *quota, const struct quota_client *client) {
    const struct quota_limits *limits = &quota->limits;
    return (limits->client_bytes == 0 || atomic_load(&client->tally->bytes) < limits->client_bytes) &&
           (limits->total_bytes == 0 || atomic_load(&quota->total->bytes) < limits->total_bytes);
}

bool quota_take(struct quota *quota, struct quota_client *client, int64_t now_ms) {
    double rate = (double)quota->limits.rate;
    if (quota->limits.rate <= 0)
        return true;
    client->allowance += rate * (double)(now_ms - client->taken) / 1000;
    if (client->allowance > 2 * rate)
        client->allowance = 2 * rate;
    client->taken = now_ms;
    if (client->allowance < 1)
        return false;
    client->allowance--;
    return true;
}

size_t quota_bytes(const struct quota *quota) {
    return atomic_load(&quota->total->bytes);
}

/* ---- Messages ------------------------------------------------------------------ */

static void unload(void *bytes, void *context) {
    struct load *load = context;
    (void)bytes;
    tally_release(load->client, load->len);
    tally_release(load->total, load->len);
    free(load);
}

bool quota_message(struct quota *quota, struct quota_client *client, struct text bytes, zmq_msg_t *ret_message) {
    struct load *load = malloc(sizeof *load + bytes.len);
    if (load == NULL)
        return false;
    *load = (struct load){client->tally, quota->total, bytes.len};
    if (bytes.len > 0)
        memcpy(load->bytes, bytes.s, bytes.len);
    tally_hold(load->client, bytes.len);
    tally_hold(load->total, bytes.len);
    if (zmq_msg_init_data(ret_message, load->bytes, bytes.len, unload, load) == 0)
        return true;
    unload(NULL, load);
    return false;
}
