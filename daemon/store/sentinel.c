#include "daemon/store/sentinel.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/os/loop.h"
#include "daemon/store/redis_link.h"
#include "daemon/store/trouble.h"

#define SENTINEL_MS 1000 /* to connect to one, and for its answer */

struct sentinel {
    struct loop *loop;
    struct address address;
    bool beyond_loopback;
    struct sentinel_callbacks callbacks;
    void *context;

    size_t current, tries;   /* of this round */
    struct redis_link *link; /* to the current one; NULL: no round is under way */
    bool answered, found;
    struct address master;
    char reason[256];
    struct loop_timer *turn; /* goes on from a clean stack */
};

/* ---- The answer -------------------------------------------------------------------- */

static bool is_loopback(const char *host) {
    struct in6_addr six;
    struct in_addr four;
    if (inet_pton(AF_INET, host, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool is_numeric(const char *host) {
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static bool is_pair(const redisReply *reply) {
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 && reply->element[0]->type == REDIS_REPLY_STRING &&
           reply->element[1]->type == REDIS_REPLY_STRING;
}

bool sentinel_read(const redisReply *reply, const char *master, bool beyond_loopback, struct address *ret_address,
                   char *ret_reason, size_t size) {
    struct address address = {.kind = ADDRESS_TCP};
    char said[200];
    uint64_t port = 0;
    if (reply->type == REDIS_REPLY_NIL) {
        snprintf(ret_reason, size, "knows no master of the name \"%s\"", master);
        return false;
    }
    if (!is_pair(reply)) {
        text_escape(said, sizeof(said),
                    reply->type == REDIS_REPLY_ERROR ? (struct text){reply->str, reply->len} : TEXT_OF("unknown form"));
        snprintf(ret_reason, size, "does not say where the master is: %s", said);
        return false;
    }
    struct text host = {reply->element[0]->str, reply->element[0]->len};
    struct text number = {reply->element[1]->str, reply->element[1]->len};
    text_escape(said, sizeof(said), host);
    /* A name would have to be resolved, and that blocks. */
    if (!text_copy(address.tcp.host, sizeof(address.tcp.host), host) || !is_numeric(address.tcp.host) ||
        !text_to_uint64(number, &port) || port < 1 || port > 65535) {
        snprintf(ret_reason, size, "names %s as the master, expected a numeric address and a port", said);
        return false;
    }
    if (!beyond_loopback && !is_loopback(address.tcp.host)) {
        snprintf(ret_reason, size, "names %s as the master, expected one on loopback, or store_insecure = true", said);
        return false;
    }
    address.tcp.port = (int)port;
    *ret_address = address;
    return true;
}

/* ---- A round ------------------------------------------------------------------------- */

static const struct address_host *host_of(const struct sentinel *sentinel) {
    return &sentinel->address.sentinels[sentinel->current];
}

static void answer(struct sentinel *sentinel, const char *reason) {
    if (sentinel->answered)
        return;
    sentinel->answered = true;
    if (reason)
        snprintf(sentinel->reason, sizeof(sentinel->reason), "sentinel %s port %d: %.160s", host_of(sentinel)->host,
                 host_of(sentinel)->port, reason);
    loop_timer_start(sentinel->turn, 0);
}

static void on_reply(void *context, const redisReply *reply) {
    struct sentinel *sentinel = context;
    char reason[300];
    if (!reply) /* on_down says why */
        return;
    sentinel->found = sentinel_read(reply, sentinel->address.master, sentinel->beyond_loopback, &sentinel->master,
                                    reason, sizeof(reason));
    answer(sentinel, sentinel->found ? NULL : reason);
}

static void on_up(void *context) {
    struct sentinel *sentinel = context;
    const struct text args[] = {TEXT_OF("SENTINEL"), TEXT_OF("GET-MASTER-ADDR-BY-NAME"),
                                text_of(sentinel->address.master)};
    redis_link_send(sentinel->link, args, 3, 0, on_reply, sentinel);
}

static void on_down(void *context, const char *reason) {
    answer(context, reason);
}

static void ask_current(struct sentinel *sentinel) {
    static const struct redis_link_callbacks callbacks = {.on_up = on_up, .on_down = on_down};
    struct address address = {.kind = ADDRESS_TCP, .tcp = *host_of(sentinel)};
    const struct redis_link_options options = {
        .address = &address, .connect_ms = SENTINEL_MS, .deadline_ms = SENTINEL_MS, .back_off_ms = SENTINEL_MS};
    sentinel->answered = sentinel->found = false;
    sentinel->tries++;
    sentinel->link = redis_link_create(sentinel->loop, &options, &callbacks, sentinel);
    redis_link_open(sentinel->link);
}

static void on_turn(void *context) {
    struct sentinel *sentinel = context;
    redis_link_destroy(sentinel->link);
    sentinel->link = NULL;
    if (sentinel->found) {
        sentinel->callbacks.on_master(sentinel->context, &sentinel->master);
        return;
    }
    sentinel->current = (sentinel->current + 1) % sentinel->address.sentinel_count;
    if (sentinel->tries < sentinel->address.sentinel_count)
        ask_current(sentinel);
    else
        sentinel->callbacks.on_failed(sentinel->context, sentinel->reason);
}

void sentinel_ask(struct sentinel *sentinel) {
    if (sentinel->link)
        return;
    sentinel->tries = 0;
    ask_current(sentinel);
}

struct sentinel *sentinel_create(struct loop *loop, const struct address *address, bool beyond_loopback,
                                 const struct sentinel_callbacks *callbacks, void *context) {
    struct sentinel *sentinel = alloc_zero(1, sizeof(*sentinel));
    sentinel->loop = loop;
    sentinel->address = *address;
    sentinel->beyond_loopback = beyond_loopback;
    sentinel->callbacks = *callbacks;
    sentinel->context = context;
    sentinel->turn = loop_timer_create(loop, LOOP_NORMAL, on_turn, sentinel);
    return sentinel;
}

void sentinel_destroy(struct sentinel *sentinel) {
    if (!sentinel)
        return;
    redis_link_destroy(sentinel->link);
    loop_timer_destroy(sentinel->turn);
    free(sentinel);
}
