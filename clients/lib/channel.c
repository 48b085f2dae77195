#include "clients/lib/channel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "common/alloc.h"

#define CONNECT_MS 1000 /* an endpoint not connected for so long gives way to the next */
#define FLUSH_MS 100    /* what could not be sent is tried again: the descriptor may have told of it already */

#define STANDBY_MS 200 /* between attempts while no daemon leads */

struct request {
    uint64_t number;
    char *payload;
    size_t len;
    int64_t deadline; /* meaningful when sent */
    bool sent;
};

struct channel {
    void *context, *socket;
    struct identity identity;
    int epoll_fd, socket_fd;
    char **endpoints;
    size_t endpoint_count, current;
    int resend_ms;
    int first_ms, patience_ms; /* what the endpoint has for its answer, the first and this one */
    struct request *requests;  /* in order of number */
    size_t count, capacity;
    uint64_t last_number, repeats;
    int64_t opened;     /* when the socket was */
    int64_t held_until; /* nothing is sent before */
    bool seeks;         /* a leader */
};

int64_t channel_now(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_socket(struct channel *channel) {
    if (channel->socket == NULL)
        return;
    if (channel->epoll_fd >= 0 && channel->socket_fd >= 0)
        epoll_ctl(channel->epoll_fd, EPOLL_CTL_DEL, channel->socket_fd, NULL);
    zsock_destroy(channel->socket);
    channel->socket = NULL;
}

static bool open_socket(struct channel *channel, char *error, size_t size) {
    struct zsock_options options;
    struct zendpoint endpoint = {channel->endpoints[channel->current], true};
    struct epoll_event event = {.events = EPOLLIN};

    zsock_defaults(&options);
    options.linger_ms = 0; /* what is unanswered is kept here, not in a dead socket */
    options.max_message = (int64_t)CHANNEL_BYTES_MAX;
    options.reconnect_max_ms = 1000;
    options.immediate = true; /* so that what was not sent tells of an endpoint that is not there */
    channel->opened = channel_now();
    channel->socket = zsock_create(channel->context, ZMQ_DEALER, &options, error, size);
    if (channel->socket == NULL)
        return false;
    channel->socket_fd = zsock_fd(channel->socket);
    if (channel->epoll_fd >= 0 && channel->socket_fd >= 0)
        epoll_ctl(channel->epoll_fd, EPOLL_CTL_ADD, channel->socket_fd, &event);
    if (identity_show(&channel->identity, channel->socket, endpoint.address, error, size) &&
        zsock_connect(channel->socket, &endpoint, error, size))
        return true;
    close_socket(channel);
    return false;
}

struct channel *channel_create(void *context, const char *const *endpoints, const struct oversight_keys *keys,
                               int resend_ms, int epoll_fd, char *error, size_t size) {
    struct channel *channel = alloc_zero(1, sizeof(*channel));
    size_t count = 0;

    while (endpoints != NULL && endpoints[count] != NULL)
        count++;
    channel->context = context;
    channel->epoll_fd = epoll_fd;
    channel->resend_ms = channel->first_ms = channel->patience_ms = resend_ms;
    channel->endpoints = alloc_zero(count + 1, sizeof(*channel->endpoints));
    for (size_t i = 0; i < count; i++)
        channel->endpoints[i] = alloc_copy(endpoints[i]);
    channel->endpoint_count = count;
    if (!identity_take(&channel->identity, keys, error, size))
        goto fail;
    if (count == 0) {
        snprintf(error, size, "no endpoint given");
    } else {
        for (size_t i = 0; i < count; i++) {
            struct zendpoint endpoint = {endpoints[i], true};

            if (!zsock_check(&endpoint, error, size))
                goto fail;
        }
        if (open_socket(channel, error, size))
            return channel;
    }
fail:
    channel_destroy(channel);
    return NULL;
}

void channel_destroy(struct channel *channel) {
    if (channel == NULL)
        return;
    close_socket(channel);
    identity_finish(&channel->identity);
    for (size_t i = 0; i < channel->count; i++)
        free(channel->requests[i].payload);
    free(channel->requests);
    for (size_t i = 0; i < channel->endpoint_count; i++)
        free(channel->endpoints[i]);
    free(channel->endpoints);
    free(channel);
}

/* Sends requests in order from the first unsent one on; the queue may be full. */
static void flush(struct channel *channel, int64_t now_ms) {
    if (channel->socket == NULL || now_ms < channel->held_until)
        return;
    for (size_t i = 0; i < channel->count; i++) {
        struct request *request = &channel->requests[i];
        char id[24];
        struct text frames[2];

        if (request->sent)
            continue;
        snprintf(id, sizeof(id), "%" PRIu64, request->number);
        frames[0] = text_of(id);
        frames[1] = (struct text){request->payload, request->len};
        if (!zsock_send(channel->socket, frames, 2))
            return;
        request->sent = true;
        request->deadline = now_ms + channel->patience_ms;
    }
}

uint64_t channel_send(struct channel *channel, const void *payload, size_t len, int64_t now_ms) {
    struct request *request;

    if (channel->count == channel->capacity) {
        channel->capacity = channel->capacity > 0 ? channel->capacity * 2 : 16;
        channel->requests = alloc_resize(channel->requests, channel->capacity, sizeof(*channel->requests));
    }
    request = &channel->requests[channel->count++];
    *request =
        (struct request){.number = ++channel->last_number, .len = len, .deadline = now_ms + channel->patience_ms};
    request->payload = alloc_copy_bytes(payload, len);
    flush(channel, now_ms);
    return channel->last_number;
}

static bool remove_request(struct channel *channel, uint64_t number) {
    for (size_t i = 0; i < channel->count; i++) {
        if (channel->requests[i].number != number)
            continue;
        free(channel->requests[i].payload);
        channel->count--;
        memmove(&channel->requests[i], &channel->requests[i + 1], (channel->count - i) * sizeof(*channel->requests));
        return true;
    }
    return false;
}

void channel_forget(struct channel *channel, uint64_t number) {
    remove_request(channel, number);
}

void channel_seek_leader(struct channel *channel) {
    channel->seeks = channel->endpoint_count > 1;
}

void channel_be_quick(struct channel *channel, int first_ms) {
    if (channel->endpoint_count > 1)
        channel->first_ms = channel->patience_ms = first_ms;
}

static bool has_code(struct text reply, const char *start) {
    size_t len = strlen(start);

    return reply.len >= len && memcmp(reply.s, start, len) == 0;
}

/* Refused by a daemon that does not lead: all is sent again in a moment, to the
 * next one unless this one is about to. */
static bool is_seeking(struct channel *channel, struct text reply) {
    bool standby = channel->seeks && has_code(reply, "{\"error\":{\"code\":\"standby\"");
    int64_t now = channel_now();

    if (!standby && !(channel->seeks && has_code(reply, "{\"error\":{\"code\":\"taking-over\"")))
        return false;
    if (standby)
        channel_next(channel, now);
    for (size_t i = 0; i < channel->count; i++) {
        channel->requests[i].sent = false;
        channel->requests[i].deadline = now + STANDBY_MS + channel->patience_ms;
    }
    channel->opened = channel->held_until = now + STANDBY_MS;
    return true;
}

bool channel_receive(struct channel *channel, struct zmessage *reply, uint64_t *ret_number) {
    uint64_t number;

    while (channel->socket != NULL) {
        enum zreceive result =
            zmessage_receive(reply, channel->socket, CHANNEL_FRAMES_MAX, CHANNEL_BYTES_MAX, ZMQ_DONTWAIT);

        if (result == ZRECEIVE_NONE || result == ZRECEIVE_FAILED)
            return false;
        if (result != ZRECEIVE_OK || reply->count < 2)
            continue;
        if (is_seeking(channel, zmessage_frame(reply, 1)))
            return false;
        if (!text_to_uint64(zmessage_frame(reply, 0), &number) || !remove_request(channel, number))
            continue; /* an answer to what was repeated or given up */
        channel->patience_ms = channel->first_ms;
        /* Answers flow, so the others are on their way too. */
        for (size_t i = 0; i < channel->count; i++)
            if (channel->requests[i].sent)
                channel->requests[i].deadline = channel_now() + channel->patience_ms;
        *ret_number = number;
        return true;
    }
    return false;
}

void channel_next(struct channel *channel, int64_t now_ms) {
    char error[ZERROR_SIZE];

    close_socket(channel);
    channel->current = (channel->current + 1) % channel->endpoint_count;
    for (size_t i = 0; i < channel->count; i++) {
        channel->repeats += i == 0 && channel->requests[i].sent;
        channel->requests[i].sent = false;
        channel->requests[i].deadline = now_ms + channel->patience_ms;
    }
    open_socket(channel, error, sizeof(error)); /* a failure is tried again at the next deadline */
}

/* Requests go out in order, so the first unsent means that nothing could be sent yet. */
static bool is_unconnected(const struct channel *channel, int64_t now_ms) {
    return !channel->requests[0].sent && channel->endpoint_count > 1 && now_ms >= channel->opened + CONNECT_MS;
}

void channel_tick(struct channel *channel, int64_t now_ms) {
    flush(channel, now_ms);
    if (channel->count == 0 || (now_ms < channel->requests[0].deadline && !is_unconnected(channel, now_ms)))
        return;
    if (now_ms >= channel->requests[0].deadline)
        channel->patience_ms =
            channel->patience_ms * 2 < channel->resend_ms ? channel->patience_ms * 2 : channel->resend_ms;
    channel_next(channel, now_ms);
    flush(channel, now_ms);
}

int channel_wait(const struct channel *channel, int64_t now_ms) {
    int64_t wait;

    if (channel->count == 0)
        return -1;
    wait = channel->requests[0].deadline - now_ms;
    if (!channel->requests[channel->count - 1].sent && wait > FLUSH_MS)
        wait = FLUSH_MS;
    return wait > 0 ? (int)wait : 0;
}

void *channel_socket(const struct channel *channel) {
    return channel->socket;
}

size_t channel_open(const struct channel *channel) {
    return channel->count;
}

uint64_t channel_repeats(const struct channel *channel) {
    return channel->repeats;
}
