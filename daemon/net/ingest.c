#include "daemon/net/ingest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/heartbeat.h"
#include "daemon/net/zwatch.h"

/* What is read before others have their turn: messages may be small or large. */
#define MESSAGES_PER_TURN 1000
#define BYTES_PER_TURN (512 * 1024)
#define REPLAYS_PER_TURN 100
#define TOPIC_MAX (sizeof "heartbeat//" + SOURCE_MAX)
#define REPLAY_FRAME_MAX 4096 /* bytes of the frames around a payload */

struct subscription {
    struct ingest *ingest;
    char *source;
    struct zendpoint connect, replay; /* owned; replay.address NULL: none */
    char server_key[ZKEY_SIZE];       /* "": no encryption */
    char update_topic[TOPIC_MAX], heartbeat_topic[TOPIC_MAX];
    struct feed *feed;
    struct feed_state counted; /* already in the counters */

    void *live;
    struct zwatch *live_watch;
    int64_t reconnect_at; /* while stale */

    void *dealer;
    struct zwatch *dealer_watch;
    bool request_open; /* no end yet */
    uint64_t request_first, request_last;
};

struct ingest {
    struct ingest_settings settings;
    struct subscription *feeds;
    size_t count;
    bool paused;
    struct loop_timer *timer;
    int64_t armed; /* when the timer is due */
    struct zmessage message;
    struct ingest_counters *counters;
};

static int64_t now_of(const struct subscription *feed) {
    return loop_monotonic(feed->ingest->settings.loop);
}

/* ---- Counters and deadlines ------------------------------------------------------- */

static void count(struct subscription *feed) {
    struct ingest_counters *counters = feed->ingest->counters;
    struct feed_state now, *before = &feed->counted;
    feed_state(feed->feed, &now);
    counters->undecodable += now.refused - before->refused;
    counters->gaps += now.gaps - before->gaps;
    counters->lost += now.lost - before->lost;
    counters->replay_requests += now.requests - before->requests;
    counters->replay_failures += now.replay_failures - before->replay_failures;
    counters->held_overflow += now.overflow - before->overflow;
    counters->stale += now.stales - before->stales;
    counters->restarted += now.restarts - before->restarts;
    counters->discarded += now.discarded - before->discarded;
    *before = now;
}

static void arm(struct ingest *ingest, int64_t deadline) {
    ingest->armed = deadline;
    loop_timer_start(ingest->timer, deadline - loop_monotonic(ingest->settings.loop));
}

/* After calls into the state machine. Deadlines mostly move away, so the timer is
 * only touched for an earlier one. */
static void after(struct subscription *feed) {
    count(feed);
    int64_t deadline = feed_deadline(feed->feed);
    if (!feed->ingest->paused && deadline < feed->ingest->armed)
        arm(feed->ingest, deadline);
}

/* ---- Live messages ------------------------------------------------------------------ */

static void take_live(struct subscription *feed, const struct zmessage *message, enum zreceive result) {
    struct ingest_counters *counters = feed->ingest->counters;
    struct text payload = zmessage_frame(message, 1);
    uint64_t last;
    if (result != ZRECEIVE_OK || message->count != 2) {
        counters->malformed++;
    } else if (zmessage_is(message, 0, feed->update_topic)) {
        counters->messages++;
        counters->bytes += payload.len;
        feed_live(feed->feed, payload.s, payload.len, now_of(feed));
    } else if (zmessage_is(message, 0, feed->heartbeat_topic) && heartbeat_decode(payload, feed->source, &last)) {
        counters->heartbeats++;
        feed_heartbeat(feed->feed, last, now_of(feed));
    } else {
        counters->malformed++;
    }
}

static bool receive(struct subscription *feed, void *socket, size_t max_frames, enum zreceive *ret_result) {
    struct ingest *ingest = feed->ingest;
    *ret_result = zmessage_receive(&ingest->message, socket, max_frames,
                                   ingest->settings.max_message + REPLAY_FRAME_MAX, ZMQ_DONTWAIT);
    return *ret_result == ZRECEIVE_OK || *ret_result == ZRECEIVE_EXCESS;
}

/* Many messages for one after(), up to so many bytes in a turn. */
static bool on_live(void *context) {
    struct subscription *feed = context;
    struct ingest *ingest = feed->ingest;
    size_t bytes = 0;
    enum zreceive result;
    for (int i = 0; i < MESSAGES_PER_TURN && bytes < BYTES_PER_TURN && !ingest->paused; i++) {
        if (!receive(feed, feed->live, 2, &result))
            break;
        bytes += ingest->message.bytes;
        take_live(feed, &ingest->message, result);
    }
    after(feed);
    return false;
}

/* ---- Replay ---------------------------------------------------------------------------- */

static void take_replay(struct subscription *feed, const struct zmessage *message, enum zreceive result) {
    struct ingest_counters *counters = feed->ingest->counters;
    struct text payload = zmessage_frame(message, 1);
    uint64_t first, last;
    if (result == ZRECEIVE_OK && message->count == 2 && zmessage_is(message, 0, "update")) {
        counters->replay_messages++;
        feed_replayed(feed->feed, payload.s, payload.len, now_of(feed));
    } else if (result == ZRECEIVE_OK && message->count == 3 && zmessage_is(message, 0, "end") &&
               text_to_uint64(payload, &first) && text_to_uint64(zmessage_frame(message, 2), &last)) {
        feed->request_open = false;
        feed_replay_end(feed->feed, first, last, now_of(feed));
    } else {
        counters->malformed++;
    }
}

static bool on_replay(void *context) {
    struct subscription *feed = context;
    enum zreceive result;
    if (!receive(feed, feed->dealer, 3, &result))
        return false;
    take_replay(feed, &feed->ingest->message, result);
    after(feed);
    return true;
}

/* Encrypted feeds may be anywhere. */
static bool encrypt(const struct subscription *feed, void *socket, char *error, size_t size) {
    return feed->server_key[0] == '\0' ||
           zcurve_set_client(socket, feed->server_key, feed->ingest->settings.keys, error, size);
}

static void close_dealer(struct subscription *feed) {
    zwatch_destroy(feed->dealer_watch);
    zsock_destroy(feed->dealer);
    feed->dealer_watch = NULL;
    feed->dealer = NULL;
}

static bool open_dealer(struct subscription *feed) {
    const struct ingest_settings *settings = &feed->ingest->settings;
    struct zsock_options options;
    char error[ZERROR_SIZE];
    zsock_defaults(&options);
    options.max_message = (int64_t)settings->max_message;
    options.receive_hwm = settings->queue;
    options.linger_ms = 0;
    feed->dealer = zsock_create(settings->zmq, ZMQ_DEALER, &options, error, sizeof error);
    if (feed->dealer == NULL || !encrypt(feed, feed->dealer, error, sizeof error) ||
        !zsock_connect(feed->dealer, &feed->replay, error, sizeof error))
        return false;
    feed->dealer_watch = zwatch_create(settings->loop, feed->dealer, LOOP_NORMAL, REPLAYS_PER_TURN, on_replay, feed,
                                       &settings->counters->missed_edges);
    return feed->dealer_watch != NULL;
}

/* Deferred, because the socket may have to be replaced and the wish may come
 * from its own callback: answers carry no request number, so what is still to
 * come of an unfinished request must go away with its socket. Failures are
 * left to the time-out, which asks again. */
static void send_request(void *context) {
    struct subscription *feed = context;
    if (feed->request_open)
        close_dealer(feed);
    feed->request_open = true;
    if (feed->dealer == NULL && !open_dealer(feed)) {
        close_dealer(feed);
        return;
    }
    char first[24], last[24];
    snprintf(first, sizeof first, "%llu", (unsigned long long)feed->request_first);
    snprintf(last, sizeof last, "%llu", (unsigned long long)feed->request_last);
    const struct text frames[] = {TEXT_OF("replay"), text_of(feed->source), text_of(first), text_of(last)};
    zsock_send(feed->dealer, frames, sizeof frames / sizeof frames[0]);
    zwatch_touch(feed->dealer_watch);
    if (feed->ingest->paused)
        zwatch_pause(feed->dealer_watch, true);
}

static void on_request(void *context, uint64_t first, uint64_t last) {
    struct subscription *feed = context;
    feed->request_first = first;
    feed->request_last = last;
    loop_defer(feed->ingest->settings.loop, send_request, feed);
}

/* ---- Between the state machine and the application ---------------------------------------- */

static enum delivery on_deliver(void *context, const void *payload, size_t len, bool allow_gap,
                                struct delivery_range *ret_range) {
    struct subscription *feed = context;
    const struct ingest_settings *settings = &feed->ingest->settings;
    return settings->on_deliver(settings->context, feed->source, payload, len, allow_gap, ret_range);
}

static void on_event(void *context, const struct feed_event *event) {
    struct subscription *feed = context;
    const struct ingest_settings *settings = &feed->ingest->settings;
    if (event->kind == FEED_EVENT_STALE)
        feed->reconnect_at = now_of(feed);
    settings->on_event(settings->context, feed->source, event);
}

/* A half-open connection stays deaf for ever: what is silent is connected anew. */
static void reconnect_if_stale(struct subscription *feed, int64_t now) {
    if (!feed->counted.stale || now < feed->reconnect_at)
        return;
    char error[ZERROR_SIZE];
    feed->reconnect_at = now + feed->ingest->settings.feed.stale_after_ms;
    feed->ingest->counters->reconnects++;
    if (zmq_disconnect(feed->live, feed->connect.address) == 0)
        zsock_connect(feed->live, &feed->connect, error, sizeof error);
    zwatch_touch(feed->live_watch);
}

static void on_timer(void *context) {
    struct ingest *ingest = context;
    if (ingest->paused)
        return;
    int64_t now = loop_monotonic(ingest->settings.loop), next = INT64_MAX;
    for (size_t i = 0; i < ingest->count && !ingest->paused; i++) {
        struct subscription *feed = &ingest->feeds[i];
        feed_tick(feed->feed, now);
        count(feed);
        reconnect_if_stale(feed, now);
        int64_t deadline = feed_deadline(feed->feed);
        if (feed->counted.stale && feed->reconnect_at < deadline)
            deadline = feed->reconnect_at;
        if (deadline < next)
            next = deadline;
    }
    if (ingest->count > 0 && !ingest->paused)
        arm(ingest, next);
}

/* ---- Life ----------------------------------------------------------------------------------- */

static bool open_live(struct subscription *feed, char *error, size_t size) {
    const struct ingest_settings *settings = &feed->ingest->settings;
    struct zsock_options options;
    zsock_defaults(&options);
    options.max_message = (int64_t)settings->max_message;
    options.receive_hwm = settings->queue;
    options.linger_ms = 0;
    feed->live = zsock_create(settings->zmq, ZMQ_SUB, &options, error, size);
    if (feed->live == NULL || !encrypt(feed, feed->live, error, size))
        return false;
    zmq_setsockopt(feed->live, ZMQ_SUBSCRIBE, feed->update_topic, strlen(feed->update_topic));
    zmq_setsockopt(feed->live, ZMQ_SUBSCRIBE, feed->heartbeat_topic, strlen(feed->heartbeat_topic));
    if (!zsock_connect(feed->live, &feed->connect, error, size))
        return false;
    feed->live_watch =
        zwatch_create(settings->loop, feed->live, LOOP_NORMAL, 1, on_live, feed, &settings->counters->missed_edges);
    if (feed->live_watch == NULL)
        snprintf(error, size, "cannot watch a socket: %s", strerror(errno));
    return feed->live_watch != NULL;
}

static bool start(struct subscription *feed, struct ingest *ingest, const struct ingest_feed *from, char *error,
                  size_t size) {
    const struct feed_operations operations = {
        .deliver = on_deliver,
        .request = from->replay.address != NULL && from->replay.address[0] != '\0' ? on_request : NULL,
        .event = on_event,
    };
    feed->ingest = ingest;
    feed->source = alloc_copy(from->source);
    bool encrypted = from->server_key != NULL && from->server_key[0] != '\0';
    if (encrypted)
        text_copy(feed->server_key, sizeof feed->server_key, text_of(from->server_key));
    feed->connect = (struct zendpoint){alloc_copy(from->connect.address), from->connect.insecure || encrypted};
    if (operations.request != NULL)
        feed->replay = (struct zendpoint){alloc_copy(from->replay.address), from->replay.insecure || encrypted};
    feed->feed = feed_create(&ingest->settings.feed, &operations, feed, loop_monotonic(ingest->settings.loop));
    if (!text_is_source(text_of(from->source))) {
        snprintf(error, size, "a feed's source must be 1 to 64 letters, digits, dots, hyphens or underscores");
        return false;
    }
    snprintf(feed->update_topic, sizeof feed->update_topic, "update/%s/", feed->source);
    snprintf(feed->heartbeat_topic, sizeof feed->heartbeat_topic, "heartbeat/%s/", feed->source);
    if (feed->replay.address != NULL && !zsock_check(&feed->replay, error, size))
        return false;
    return open_live(feed, error, size);
}

struct ingest *ingest_create(const struct ingest_settings *settings, char *error, size_t size) {
    struct ingest *ingest = alloc_zero(1, sizeof *ingest);
    ingest->settings = *settings;
    ingest->settings.feeds = NULL;
    ingest->counters = &settings->counters->ingest;
    ingest->feeds = alloc_zero(settings->feed_count, sizeof *ingest->feeds);
    zmessage_init(&ingest->message);
    ingest->timer = loop_timer_create(settings->loop, LOOP_NORMAL, on_timer, ingest);
    bool ok = ingest->timer != NULL;
    if (!ok)
        snprintf(error, size, "cannot create a timer: %s", strerror(errno));
    for (size_t i = 0; i < settings->feed_count && ok; i++) {
        ingest->count++;
        ok = start(&ingest->feeds[i], ingest, &settings->feeds[i], error, size);
    }
    if (!ok) {
        ingest_destroy(ingest);
        return NULL;
    }
    arm(ingest, loop_monotonic(settings->loop)); /* finds the first deadline */
    return ingest;
}

static void stop(struct subscription *feed) {
    loop_defer_cancel(feed->ingest->settings.loop, send_request, feed);
    close_dealer(feed);
    zwatch_destroy(feed->live_watch);
    zsock_destroy(feed->live);
    feed_destroy(feed->feed);
    free(feed->source);
    free((char *)feed->connect.address);
    free((char *)feed->replay.address);
}

void ingest_destroy(struct ingest *ingest) {
    if (ingest == NULL)
        return;
    for (size_t i = 0; i < ingest->count; i++)
        stop(&ingest->feeds[i]);
    loop_timer_destroy(ingest->timer);
    zmessage_finish(&ingest->message);
    free(ingest->feeds);
    free(ingest);
}

bool ingest_set_position(struct ingest *ingest, const char *source, uint64_t last) {
    for (size_t i = 0; i < ingest->count; i++) {
        struct subscription *feed = &ingest->feeds[i];
        if (strcmp(feed->source, source) != 0)
            continue;
        feed_set_position(feed->feed, last, now_of(feed));
        after(feed);
        return true;
    }
    return false;
}

bool ingest_waits(const struct ingest *ingest) {
    bool waits = false;
    for (size_t i = 0; i < ingest->count && !waits; i++)
        waits = zwatch_waits(ingest->feeds[i].live_watch);
    return waits;
}

void ingest_pause(struct ingest *ingest, bool paused) {
    if (paused == ingest->paused)
        return;
    ingest->paused = paused;
    for (size_t i = 0; i < ingest->count; i++) {
        struct subscription *feed = &ingest->feeds[i];
        if (!paused)
            feed_resume(feed->feed, now_of(feed));
        zwatch_pause(feed->live_watch, paused);
        if (feed->dealer_watch != NULL)
            zwatch_pause(feed->dealer_watch, paused);
    }
    if (paused)
        loop_timer_stop(ingest->timer);
    else
        arm(ingest, loop_monotonic(ingest->settings.loop));
}

size_t ingest_count(const struct ingest *ingest) {
    return ingest->count;
}

void ingest_status(const struct ingest *ingest, size_t index, struct ingest_status *ret_status) {
    const struct subscription *feed = &ingest->feeds[index];
    *ret_status = (struct ingest_status){
        .source = feed->source,
        .connect = feed->connect.address,
        .replay = feed->replay.address,
    };
    feed_state(feed->feed, &ret_status->state);
    ret_status->silent_ms = now_of(feed) - ret_status->state.heard;
}
