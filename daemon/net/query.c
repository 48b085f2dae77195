#include "daemon/net/query.h"

#include <stdlib.h>

#include "common/alloc.h"
#include "daemon/net/reply.h"
#include "daemon/net/router.h"

#define QUESTIONS_PER_TURN 16
#define REPLIES_QUEUED 256

struct query_request {
    struct query_request *previous, *next;
    struct router_address from;
    struct text *parts; /* owned copies */
    size_t count, capacity;
};

struct query {
    struct router *router;
    struct query_request *first;
    size_t outstanding, max_outstanding;
    query_callback on_query;
    void *context;
    struct query_counters *counters;
};

static void drop_parts(struct query_request *request) {
    for (size_t i = 0; i < request->count; i++)
        free((char *)request->parts[i].s);
    request->count = 0;
}

static void drop(struct query *query, struct query_request *request) {
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        query->first = request->next;
    if (request->next != NULL)
        request->next->previous = request->previous;
    query->counters->outstanding = --query->outstanding;
    drop_parts(request);
    free(request->parts);
    free(request);
}

static void on_request(void *context, const struct router_address *from, struct text payload) {
    struct query *query = context;
    query->counters->requests++;
    if (query->outstanding >= query->max_outstanding) {
        query->counters->refused++;
        router_reject(query->router, from, "busy", "too many questions wait for their answer; ask again later");
        return;
    }
    struct query_request *request = alloc_zero(1, sizeof *request);
    request->from = *from;
    request->next = query->first;
    if (request->next != NULL)
        request->next->previous = request;
    query->first = request;
    query->counters->outstanding = ++query->outstanding;
    query->on_query(query->context, request, payload.s, payload.len);
}

struct query *query_create(const struct query_settings *settings, char *error, size_t size) {
    struct query *query = alloc_zero(1, sizeof *query);
    query->max_outstanding = settings->max_outstanding;
    query->on_query = settings->on_query;
    query->context = settings->context;
    query->counters = &settings->counters->query;
    struct router_settings router = {
        .loop = settings->loop,
        .zmq = settings->zmq,
        .endpoints = settings->endpoints,
        .endpoint_count = settings->endpoint_count,
        .curve = settings->curve,
        .zap = settings->zap,
        .priority = LOOP_LATER,
        .budget = QUESTIONS_PER_TURN,
        .max_message = settings->max_request,
        .queue = REPLIES_QUEUED,
        .handshake_ms = settings->handshake_ms,
        .limits = settings->limits,
        .on_request = on_request,
        .context = query,
        .malformed = &query->counters->malformed,
        .undeliverable = &query->counters->undeliverable,
        .unread = &query->counters->unread,
        .throttled = &query->counters->throttled,
        .missed_edges = &settings->counters->missed_edges,
    };
    query->router = router_create(&router, error, size);
    if (query->router != NULL)
        return query;
    free(query);
    return NULL;
}

void query_destroy(struct query *query) {
    if (query == NULL)
        return;
    while (query->first != NULL)
        drop(query, query->first);
    router_destroy(query->router);
    free(query);
}

const char *query_user(const struct query_request *request) {
    return request->from.user;
}

/* One place more than asked is kept for the empty frame at the end. */
static void add_part(struct query_request *request, struct text part) {
    if (request->count + 1 >= request->capacity) {
        request->capacity = request->capacity == 0 ? 8 : request->capacity * 2;
        request->parts = alloc_resize(request->parts, request->capacity, sizeof *request->parts);
    }
    request->parts[request->count++] = part;
}

void query_part(struct query *query, struct query_request *request, const char *json, size_t len) {
    query->counters->reply_bytes += len;
    add_part(request, (struct text){alloc_copy_bytes(json, len), len});
}

static void send_and_drop(struct query *query, struct query_request *request) {
    add_part(request, (struct text){NULL, 0});
    query->counters->replies++;
    router_reply(query->router, &request->from, request->parts, request->count);
    drop(query, request);
}

void query_end(struct query *query, struct query_request *request) {
    send_and_drop(query, request);
}

void query_reject(struct query *query, struct query_request *request, const char *code, const char *message) {
    drop_parts(request);
    char json[REPLY_ERROR_SIZE];
    query_part(query, request, json, reply_error(json, sizeof json, code, message));
    send_and_drop(query, request);
}
