#include "daemon/net/submit.h"

#include <stdlib.h>

#include "common/alloc.h"
#include "daemon/net/router.h"

#define REQUESTS_PER_TURN 100

struct submit_request {
    struct submit_request *previous, *next;
    struct router_address from;
};

struct submit {
    struct router *router;
    struct submit_request *first;
    size_t outstanding, max_outstanding;
    bool told_to_pause, paused;
    submit_callback on_submit;
    void *context;
    struct submit_counters *counters;
};

static void set_pause(struct submit *submit) {
    bool paused = submit->told_to_pause || submit->outstanding >= submit->max_outstanding;
    if (paused == submit->paused)
        return;
    submit->paused = paused;
    submit->counters->pauses += paused;
    router_pause(submit->router, paused);
}

static void add(struct submit *submit, struct submit_request *request) {
    request->next = submit->first;
    if (request->next != NULL)
        request->next->previous = request;
    submit->first = request;
    submit->counters->outstanding = ++submit->outstanding;
}

static void drop(struct submit *submit, struct submit_request *request) {
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        submit->first = request->next;
    if (request->next != NULL)
        request->next->previous = request->previous;
    submit->counters->outstanding = --submit->outstanding;
    free(request);
}

static void on_request(void *context, const struct router_address *from, struct text payload) {
    struct submit *submit = context;
    submit->counters->requests++;
    submit->counters->bytes += payload.len;
    struct submit_request *request = alloc_zero(1, sizeof *request);
    request->from = *from;
    add(submit, request);
    set_pause(submit);
    submit->on_submit(submit->context, request, payload.s, payload.len);
}

struct submit *submit_create(const struct submit_settings *settings, char *error, size_t size) {
    struct submit *submit = alloc_zero(1, sizeof *submit);
    submit->max_outstanding = settings->max_outstanding;
    submit->on_submit = settings->on_submit;
    submit->context = settings->context;
    submit->counters = &settings->counters->submit;
    struct router_settings router = {
        .loop = settings->loop,
        .zmq = settings->zmq,
        .endpoints = settings->endpoints,
        .endpoint_count = settings->endpoint_count,
        .curve = settings->curve,
        .zap = settings->zap,
        .priority = LOOP_NORMAL,
        .budget = REQUESTS_PER_TURN,
        .max_message = settings->max_message,
        .queue = (int)settings->max_outstanding + REQUESTS_PER_TURN, /* a client may have all tickets */
        .handshake_ms = settings->handshake_ms,
        .limits = settings->limits,
        .on_request = on_request,
        .context = submit,
        .malformed = &submit->counters->malformed,
        .undeliverable = &submit->counters->undeliverable,
        .unread = &submit->counters->unread,
        .throttled = &submit->counters->throttled,
        .missed_edges = &settings->counters->missed_edges,
    };
    submit->router = router_create(&router, error, size);
    if (submit->router != NULL)
        return submit;
    free(submit);
    return NULL;
}

void submit_destroy(struct submit *submit) {
    if (submit == NULL)
        return;
    while (submit->first != NULL)
        drop(submit, submit->first);
    router_destroy(submit->router);
    free(submit);
}

const char *submit_user(const struct submit_request *request) {
    return request->from.user;
}

void submit_pause(struct submit *submit, bool paused) {
    submit->told_to_pause = paused;
    set_pause(submit);
}

bool submit_waits(const struct submit *submit) {
    return router_waits(submit->router);
}

void submit_reply(struct submit *submit, struct submit_request *request, const char *json, size_t len) {
    struct text part = {json, len};
    submit->counters->replies++;
    router_reply(submit->router, &request->from, &part, 1);
    drop(submit, request);
    set_pause(submit);
}

void submit_reject(struct submit *submit, struct submit_request *request, const char *code, const char *message) {
    submit->counters->rejections++;
    router_reject(submit->router, &request->from, code, message);
    drop(submit, request);
    set_pause(submit);
}
