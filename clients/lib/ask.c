/* Queries and submissions: blocking conversations over a channel. */
#include "clients/lib/oversight_client.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/lib/channel.h"
#include "clients/lib/parts.h"
#include "common/alloc.h"

#define QUERY_RESEND_MS 2000
#define STANDBY_MS 200 /* before the next endpoint is asked */

struct oversight_query {
    void *context;
    struct channel *channel;
    struct zmessage reply;
};

struct oversight_submit {
    void *context;
    struct channel *channel;
    struct zmessage reply;
};

/* Waits until a reply to any open request is in reply, or the time is over. */
static bool await(struct channel *channel, struct zmessage *reply, int timeout_ms, uint64_t *ret_number) {
    int64_t now = channel_now(), end = now + timeout_ms;

    for (;;) {
        zmq_pollitem_t item;
        int64_t wait;
        int repeat;

        channel_tick(channel, now);
        if (channel_receive(channel, reply, ret_number))
            return true;
        now = channel_now();
        if (now >= end || channel_open(channel) == 0)
            return false;
        wait = end - now;
        repeat = channel_wait(channel, now);
        if (repeat >= 0 && repeat < wait)
            wait = repeat;
        item = (zmq_pollitem_t){.socket = channel_socket(channel), .events = ZMQ_POLLIN};
        zmq_poll(&item, item.socket != NULL ? 1 : 0, (long)wait);
        now = channel_now();
    }
}

struct oversight_query *oversight_query_create(const char *const *endpoints, const struct oversight_keys *keys,
                                               char *errbuf, size_t errbuf_size) {
    struct oversight_query *query = alloc_zero(1, sizeof(*query));

    zmessage_init(&query->reply);
    query->context = zcontext_create();
    if (query->context == NULL)
        snprintf(errbuf, errbuf_size, "no ZeroMQ context");
    else
        query->channel = channel_create(query->context, endpoints, keys, QUERY_RESEND_MS, -1, errbuf, errbuf_size);
    if (query->channel != NULL)
        return query;
    oversight_query_destroy(query);
    return NULL;
}

void oversight_query_destroy(struct oversight_query *query) {
    if (query == NULL)
        return;
    channel_destroy(query->channel);
    zmessage_finish(&query->reply);
    zcontext_destroy(query->context);
    free(query);
}

enum oversight_result oversight_query_ask(struct oversight_query *query, const char *request, int timeout_ms,
                                          char **ret_json) {
    uint64_t wanted = channel_send(query->channel, request, strlen(request), channel_now()), number;
    enum oversight_result result;
    int64_t end = channel_now() + timeout_ms;
    bool soon;
    cJSON *reply;
    char *json;

    for (;;) {
        int64_t left = end - channel_now();

        if (!await(query->channel, &query->reply, left > 0 ? (int)left : 0, &number)) {
            channel_forget(query->channel, wanted);
            return OVERSIGHT_TIMEOUT;
        }
        reply = parts_join(&query->reply);
        if (reply == NULL)
            return OVERSIGHT_BROKEN;
        if (!parts_from_standby(reply, &soon) || left <= STANDBY_MS)
            break;
        /* A standby: the leader is another, or about to be found. */
        cJSON_Delete(reply);
        poll(NULL, 0, STANDBY_MS);
        if (!soon)
            channel_next(query->channel, channel_now());
        wanted = channel_send(query->channel, request, strlen(request), channel_now());
    }
    result = parts_error(reply) != NULL ? OVERSIGHT_REFUSED : OVERSIGHT_OK;
    json = parts_text(reply);
    cJSON_Delete(reply);
    if (json == NULL)
        return OVERSIGHT_BROKEN;
    *ret_json = json;
    return result;
}

struct oversight_submit *oversight_submit_create(const char *const *endpoints, const struct oversight_keys *keys,
                                                 int resend_ms, char *errbuf, size_t errbuf_size) {
    struct oversight_submit *submit = alloc_zero(1, sizeof(*submit));

    zmessage_init(&submit->reply);
    submit->context = zcontext_create();
    if (submit->context == NULL)
        snprintf(errbuf, errbuf_size, "no ZeroMQ context");
    else
        submit->channel = channel_create(submit->context, endpoints, keys, resend_ms, -1, errbuf, errbuf_size);
    if (submit->channel != NULL) {
        channel_seek_leader(submit->channel);
        return submit;
    }
    oversight_submit_destroy(submit);
    return NULL;
}

void oversight_submit_destroy(struct oversight_submit *submit) {
    if (submit == NULL)
        return;
    channel_destroy(submit->channel);
    zmessage_finish(&submit->reply);
    zcontext_destroy(submit->context);
    free(submit);
}

uint64_t oversight_submit_send(struct oversight_submit *submit, const void *payload, size_t len) {
    return channel_send(submit->channel, payload, len, channel_now());
}

enum oversight_result oversight_submit_wait(struct oversight_submit *submit, int timeout_ms, uint64_t *ret_number,
                                            char **ret_reply) {
    struct text json;
    uint64_t number;

    if (!await(submit->channel, &submit->reply, timeout_ms, &number))
        return OVERSIGHT_TIMEOUT;
    json = zmessage_frame(&submit->reply, 1);
    *ret_number = number;
    *ret_reply = alloc_copy_bytes(json.s, json.len);
    return OVERSIGHT_OK;
}

size_t oversight_submit_pending(const struct oversight_submit *submit) {
    return channel_open(submit->channel);
}

uint64_t oversight_submit_resent(const struct oversight_submit *submit) {
    return channel_repeats(submit->channel);
}
