#include "daemon/net/publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "daemon/net/zap.h"
#include "daemon/net/zwatch.h"

#define SUBSCRIPTIONS_PER_TURN 256
#define SUBSCRIPTION_MAX 4096 /* bytes libzmq accepts from a subscriber in one frame */
#define HEARTBEAT_TOPIC "heartbeat/"
#define REBIND_MS 10

struct publish {
    struct loop *loop;
    struct publish_settings settings;
    void *socket; /* NULL while the endpoints wait to be bound again */
    struct loop_timer *rebind;
    struct listeners *listeners;
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
    enum subscription what =
        result == ZRECEIVE_OK
            ? listeners_take(publish->listeners, frame, zmessage_user(&publish->message, 0), loop_wall(publish->loop))
            : SUBSCRIPTION_MALFORMED;
    counters->subscriptions += what == SUBSCRIPTION_BEGINS;
    counters->subscriptions -= what == SUBSCRIPTION_ENDS && counters->subscriptions > 0;
    counters->malformed += what == SUBSCRIPTION_MALFORMED;
    return true;
}

/* With XPUB_NODROP libzmq says EAGAIN when any one matching subscriber is
 * full. That is only wanted as a detector: one slow consumer must not hold up
 * the others, so the event is sent again without it. libzmq then leaves that
 * subscriber out until it reads, so this counts beginnings, not events. */
static bool send_counting(struct publish *publish, const struct text frames[2]) {
    if (publish->socket == NULL) {
        publish->counters->failures++;
        return false;
    }
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

static void close_socket(struct publish *publish) {
    zwatch_destroy(publish->watch);
    zsock_destroy(publish->socket);
    publish->watch = NULL;
    publish->socket = NULL;
    publish->counters->subscriptions = 0;
}

static bool open_socket(struct publish *publish, char *error, size_t size) {
    const struct publish_settings *settings = &publish->settings;
    struct zsock_options options;
    zsock_defaults(&options);
    options.send_hwm = settings->queue;
    options.max_message = SUBSCRIPTION_MAX;
    if (settings->handshake_ms > 0)
        options.handshake_ms = settings->handshake_ms;
    publish->socket = zsock_create(settings->zmq, ZMQ_XPUB, &options, error, size);
    if (publish->socket == NULL)
        return false;
    int on = 1;
    zmq_setsockopt(publish->socket, ZMQ_XPUB_NODROP, &on, sizeof on);
    zmq_setsockopt(publish->socket, ZMQ_XPUB_VERBOSER, &on, sizeof on); /* each subscriber's, not each topic's */
    if (settings->zap != NULL && !zap_watch(settings->zap, publish->socket, settings->curve->domain)) {
        snprintf(error, size, "the handler of keys does not answer");
        return false;
    }
    if (!zcurve_bind_all(publish->socket, settings->curve, settings->endpoints, settings->endpoint_count, error, size))
        return false;
    publish->watch = zwatch_create(settings->loop, publish->socket, LOOP_URGENT, SUBSCRIPTIONS_PER_TURN, on_readable,
                                   publish, &settings->counters->missed_edges);
    if (publish->watch == NULL)
        snprintf(error, size, "cannot watch a socket: %s", strerror(errno));
    return publish->watch != NULL;
}

/* libzmq gives the addresses free some time after the socket was closed. */
static void on_rebind(void *context) {
    struct publish *publish = context;
    char error[ZERROR_SIZE];
    if (open_socket(publish, error, sizeof error))
        return;
    close_socket(publish);
    log_debug("publish", "%s", error);
    loop_timer_start(publish->rebind, REBIND_MS);
}

void publish_renew(struct publish *publish) {
    close_socket(publish);
    loop_timer_start(publish->rebind, REBIND_MS);
}

struct publish *publish_create(const struct publish_settings *settings, char *error, size_t size) {
    struct publish *publish = alloc_zero(1, sizeof *publish);
    publish->loop = settings->loop;
    publish->listeners = listeners_create();
    publish->interval = settings->heartbeat_ms;
    publish->on_heartbeat = settings->on_heartbeat;
    publish->context = settings->context;
    publish->counters = &settings->counters->publish;
    publish->settings = *settings;
    zmessage_init(&publish->message);
    publish->timer = loop_timer_create(settings->loop, LOOP_URGENT, on_beat, publish);
    publish->rebind = loop_timer_create(settings->loop, LOOP_URGENT, on_rebind, publish);
    if (publish->timer == NULL || publish->rebind == NULL)
        snprintf(error, size, "cannot create a timer: %s", strerror(errno));
    if (publish->timer == NULL || publish->rebind == NULL || !open_socket(publish, error, size)) {
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
    loop_timer_destroy(publish->rebind);
    close_socket(publish);
    zmessage_finish(&publish->message);
    listeners_destroy(publish->listeners);
    free(publish);
}

const struct listeners *publish_listeners(const struct publish *publish) {
    return publish->listeners;
}
