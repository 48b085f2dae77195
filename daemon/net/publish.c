#include "daemon/net/publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/net/zwatch.h"

#define SUBSCRIPTIONS_PER_TURN 256
#define SUBSCRIPTION_MAX 4096 /* bytes libzmq accepts from a subscriber in one frame */
#define HEARTBEAT_TOPIC "heartbeat/"

struct publish {
    struct loop *loop;
    void *socket;
    struct zwatch *watch;
    struct loop_timer *timer;
    int64_t beat, interval; /* when the next heartbeat is due */
    struct zmessage message;
    publish_heartbeat on_heartbeat;
    void *context;
    struct publish_counters *counters;
};

/* Subscriptions are read so that they do not pile up, and counted. */
static bool on_readable(void *context) {
    struct publish *publish = context;
    struct publish_counters *counters = publish->counters;
    enum zreceive result = zmessage_receive(&publish->message, publish->socket, 1, SUBSCRIPTION_MAX, ZMQ_DONTWAIT);
    if (result != ZRECEIVE_OK && result != ZRECEIVE_EXCESS)
        return false;
    struct text frame = zmessage_frame(&publish->message, 0);
    if (result == ZRECEIVE_OK && frame.len > 0 && frame.s[0] == 1)
        counters->subscriptions++;
    else if (result == ZRECEIVE_OK && frame.len > 0 && frame.s[0] == 0)
        counters->subscriptions -= counters->subscriptions > 0;
    else
        counters->malformed++;
    return true;
}

/* With XPUB_NODROP libzmq says EAGAIN when any one matching subscriber is
 * full. That is only wanted as a detector: one slow consumer must not hold up
 * the others, so the event is sent again without it. libzmq then leaves that
 * subscriber out until it reads, so this counts beginnings, not events. */
static bool send_counting(struct publish *publish, const struct text frames[2]) {
    bool sent = zsock_send(publish->socket, frames, 2);
    if (!sent && errno == EAGAIN) {
        int off = 0, on = 1;
        publish->counters->overruns++;
        zmq_setsockopt(publish->socket, ZMQ_XPUB_NODROP, &off, sizeof off);
        sent = zsock_send(publish->socket, frames, 2);
        zmq_setsockopt(publish->socket, ZMQ_XPUB_NODROP, &on, sizeof on);
    }
    publish->counters->failures += !sent;
    zwatch_touch(publish->watch);
    return sent;
}

bool publish_event(struct publish *publish, const char *topic, const void *bytes, size_t len) {
    size_t topic_len = strlen(topic);
    if (topic_len == 0 || topic_len > PUBLISH_TOPIC_MAX || topic[topic_len - 1] != '/') {
        publish->counters->failures++;
        return false;
    }
    const struct text frames[2] = {{topic, topic_len}, {bytes, len}};
    if (!send_counting(publish, frames))
        return false;
    publish->counters->events++;
    publish->counters->bytes += len;
    return true;
}

/* Armed from the schedule, so that the beat does not drift; missed beats are
 * not made up for. */
static void arm(struct publish *publish) {
    int64_t now = loop_monotonic(publish->loop);
    publish->beat += publish->interval;
    if (publish->beat <= now)
        publish->beat = now + publish->interval;
    loop_timer_start(publish->timer, publish->beat - now);
}

static void on_beat(void *context) {
    struct publish *publish = context;
    char payload[PUBLISH_HEARTBEAT_MAX];
    size_t len = publish->on_heartbeat(publish->context, payload, sizeof payload);
    const struct text frames[2] = {TEXT_OF(HEARTBEAT_TOPIC), {payload, len}};
    if (len > 0 && len <= sizeof payload && send_counting(publish, frames))
        publish->counters->heartbeats++;
    arm(publish);
}

static bool open_socket(struct publish *publish, const struct publish_settings *settings, char *error, size_t size) {
    struct zsock_options options;
    zsock_defaults(&options);
    options.send_hwm = settings->queue;
    options.max_message = SUBSCRIPTION_MAX;
    publish->socket = zsock_create(settings->zmq, ZMQ_XPUB, &options, error, size);
    if (publish->socket == NULL)
        return false;
    int on = 1;
    zmq_setsockopt(publish->socket, ZMQ_XPUB_NODROP, &on, sizeof on);
    if (!zsock_bind_all(publish->socket, settings->endpoints, settings->endpoint_count, error, size))
        return false;
    publish->watch = zwatch_create(settings->loop, publish->socket, LOOP_URGENT, SUBSCRIPTIONS_PER_TURN, on_readable,
                                   publish, &settings->counters->missed_edges);
    publish->timer = loop_timer_create(settings->loop, LOOP_URGENT, on_beat, publish);
    if (publish->watch != NULL && publish->timer != NULL)
        return true;
    snprintf(error, size, "cannot watch a socket: %s", strerror(errno));
    return false;
}

struct publish *publish_create(const struct publish_settings *settings, char *error, size_t size) {
    struct publish *publish = alloc_zero(1, sizeof *publish);
    publish->loop = settings->loop;
    publish->interval = settings->heartbeat_ms;
    publish->on_heartbeat = settings->on_heartbeat;
    publish->context = settings->context;
    publish->counters = &settings->counters->publish;
    zmessage_init(&publish->message);
    if (!open_socket(publish, settings, error, size)) {
        publish_destroy(publish);
        return NULL;
    }
    publish->beat = loop_monotonic(publish->loop);
    arm(publish);
    return publish;
}

void publish_destroy(struct publish *publish) {
    if (publish == NULL)
        return;
    loop_timer_destroy(publish->timer);
    zwatch_destroy(publish->watch);
    zsock_destroy(publish->socket);
    zmessage_finish(&publish->message);
    free(publish);
}
