#include "clients/oversightctl/feed_server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/oversightctl/feed_door.h"
#include "common/alloc.h"
#include "common/heartbeat.h"
#include "common/zcurve.h"

#define HEARTBEAT_MS 1000
#define JOBS_MAX 16
#define JOB_MS 30000   /* without progress: the one who asked does not read */
#define RETRY_MS 20    /* to the next look at one whose queue was full */
#define JOB_QUEUE 1000 /* messages libzmq keeps for one that asks */
#define IDENTITY_MAX 255
#define REQUEST_BYTES 1024
#define SUBSCRIPTION_BYTES 256
#define PER_WAIT 1000 /* incoming messages looked at before the rest has its turn */

struct kept {
    uint64_t first, last;
    char *payload;
    size_t len;
};

/* A request being answered. */
struct job {
    char identity[IDENTITY_MAX];
    size_t identity_len;
    uint64_t next, last; /* seqs still to be sent */
    int64_t moved;       /* when something was last sent */
};

struct feed_server {
    struct feed_server_settings settings;
    void *context, *live, *router;
    struct feed_door *door; /* NULL: nobody is asked for a key */
    struct kept *ring;
    size_t start, count;
    struct job jobs[JOBS_MAX];
    size_t job_count;
    uint64_t last;
    int64_t said; /* when something was last published */
    char update_topic[SOURCE_MAX + 16], heartbeat_topic[SOURCE_MAX + 16];
    struct zmessage message;
    struct feed_server_counts counts;
};

int64_t feed_server_now(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct kept *kept_at(const struct feed_server *server, size_t index) {
    return &server->ring[(server->start + index) % server->settings.keep];
}

/* ---- Life ---------------------------------------------------------------------- */

static bool open_sockets(struct feed_server *server, char *error, size_t size) {
    struct zsock_options options;
    struct zcurve_server curve = {0};
    int verbose = 1;

    zsock_defaults(&options);
    server->context = zcontext_create();
    if (server->context == NULL) {
        snprintf(error, size, "ZeroMQ: %s", strerror(errno));
        return false;
    }
    if (server->settings.secret_key != NULL) {
        curve = (struct zcurve_server){server->settings.secret_key, FEED_DOOR_DOMAIN};
        server->door = feed_door_create(server->context, server->settings.client_key, error, size);
        if (server->door == NULL)
            return false;
    }
    server->live = zsock_create(server->context, ZMQ_XPUB, &options, error, size);
    if (server->live == NULL ||
        !zcurve_bind_all(server->live, server->door != NULL ? &curve : NULL, &server->settings.live, 1, error, size))
        return false;
    zmq_setsockopt(server->live, ZMQ_XPUB_VERBOSER, &verbose, sizeof(verbose)); /* so that each one is counted */
    if (server->settings.replay.address == NULL)
        return true;
    options.send_hwm = JOB_QUEUE;
    server->router = zsock_create(server->context, ZMQ_ROUTER, &options, error, size);
    return server->router != NULL && zcurve_bind_all(server->router, server->door != NULL ? &curve : NULL,
                                                     &server->settings.replay, 1, error, size);
}

struct feed_server *feed_server_create(const struct feed_server_settings *settings, char *error, size_t size) {
    struct feed_server *server = alloc_zero(1, sizeof(*server));

    server->settings = *settings;
    server->ring = alloc_zero(settings->keep, sizeof(*server->ring));
    server->last = settings->last;
    server->said = feed_server_now() - HEARTBEAT_MS;
    snprintf(server->update_topic, sizeof(server->update_topic), "update/%s/", settings->source);
    snprintf(server->heartbeat_topic, sizeof(server->heartbeat_topic), "heartbeat/%s/", settings->source);
    zmessage_init(&server->message);
    if (open_sockets(server, error, size))
        return server;
    feed_server_destroy(server);
    return NULL;
}

void feed_server_destroy(struct feed_server *server) {
    if (server == NULL)
        return;
    zsock_destroy(server->live);
    zsock_destroy(server->router);
    feed_door_destroy(server->door);
    zcontext_destroy(server->context);
    zmessage_finish(&server->message);
    for (size_t i = 0; i < server->count; i++)
        free(kept_at(server, i)->payload);
    free(server->ring);
    free(server);
}

/* ---- Live ------------------------------------------------------------------------- */

void feed_server_publish(struct feed_server *server, uint64_t first, uint64_t last, char *payload, size_t len) {
    const struct text frames[] = {text_of(server->update_topic), {payload, len}};

    if (server->count == server->settings.keep) {
        free(kept_at(server, 0)->payload);
        server->start = (server->start + 1) % server->settings.keep;
        server->count--;
    }
    *kept_at(server, server->count++) = (struct kept){first, last, payload, len};
    server->last = last;
    server->said = feed_server_now();
    server->counts.messages++;
    zsock_send(server->live, frames, 2); /* who is too slow finds the gap and asks */
}

static void heartbeat(struct feed_server *server) {
    char payload[HEARTBEAT_SIZE];
    const struct text frames[] = {
        text_of(server->heartbeat_topic),
        {payload, heartbeat_encode(payload, server->settings.source, server->last)},
    };

    zsock_send(server->live, frames, 2);
    server->said = feed_server_now();
    server->counts.heartbeats++;
}

/* "\1topic" or "\0topic"; a prefix of ours is a subscription to it. */
static void take_subscription(struct feed_server *server, struct text frame) {
    if (frame.len == 0 || frame.len - 1 > strlen(server->update_topic) ||
        memcmp(frame.s + 1, server->update_topic, frame.len - 1) != 0)
        return;
    if (frame.s[0] == 1)
        server->counts.subscriptions++;
    else if (frame.s[0] == 0 && server->counts.subscriptions > 0)
        server->counts.subscriptions--;
}

/* ---- Replay ------------------------------------------------------------------------- */

static void end_job(struct feed_server *server, size_t index) {
    server->jobs[index] = server->jobs[--server->job_count];
}

static bool same_peer(const struct job *job, struct text identity) {
    return job->identity_len == identity.len && memcmp(job->identity, identity.s, identity.len) == 0;
}

/* Frames: identity, "replay", source, first, last. */
static void take_request(struct feed_server *server, enum zreceive result) {
    const struct zmessage *message = &server->message;
    struct text identity = zmessage_frame(message, 0);
    struct job job = {.identity_len = identity.len, .moved = feed_server_now()};

    if (result != ZRECEIVE_OK || message->count != 5 || identity.len > IDENTITY_MAX ||
        !zmessage_is(message, 1, "replay") || !zmessage_is(message, 2, server->settings.source) ||
        !text_to_uint64(zmessage_frame(message, 3), &job.next) ||
        !text_to_uint64(zmessage_frame(message, 4), &job.last)) {
        server->counts.malformed++;
        return;
    }
    memcpy(job.identity, identity.s, identity.len);
    server->counts.requests++;
    for (size_t i = 0; i < server->job_count; i++)
        if (same_peer(&server->jobs[i], identity)) {
            server->jobs[i] = job;
            return;
        }
    if (server->job_count == JOBS_MAX)
        end_job(server, 0);
    server->jobs[server->job_count++] = job;
}

/* The first message kept that reaches to seq or beyond; count when there is none. */
static size_t find_kept(const struct feed_server *server, uint64_t seq) {
    size_t low = 0, high = server->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (kept_at(server, middle)->last < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool send_end(struct feed_server *server, const struct job *job) {
    char first[24], last[24];

    snprintf(first, sizeof(first), "%" PRIu64, server->count > 0 ? kept_at(server, 0)->first : 0);
    snprintf(last, sizeof(last), "%" PRIu64, server->count > 0 ? server->last : 0);
    const struct text frames[] = {{job->identity, job->identity_len}, TEXT_OF("end"), text_of(first), text_of(last)};

    return zsock_send(server->router, frames, 4);
}

/* Sends what the peer's queue takes. True when there is nothing more to be done for it. */
static bool run_job(struct feed_server *server, struct job *job) {
    for (size_t i = find_kept(server, job->next); i < server->count; i++) {
        const struct kept *kept = kept_at(server, i);
        const struct text frames[] = {
            {job->identity, job->identity_len}, TEXT_OF("update"), {kept->payload, kept->len}};

        if (kept->first > job->last)
            break;
        if (!zsock_send(server->router, frames, 3))
            return errno != EAGAIN; /* it has gone */
        server->counts.replayed++;
        job->next = kept->last + 1;
        job->moved = feed_server_now();
    }
    return send_end(server, job) || errno != EAGAIN;
}

static void run_jobs(struct feed_server *server) {
    for (size_t i = server->job_count; i-- > 0;)
        if (run_job(server, &server->jobs[i]) || feed_server_now() - server->jobs[i].moved > JOB_MS)
            end_job(server, i);
}

/* ---- One turn ------------------------------------------------------------------------- */

static void drain(struct feed_server *server) {
    enum zreceive result;

    for (int i = 0; i < PER_WAIT; i++) {
        result = zmessage_receive(&server->message, server->live, 1, SUBSCRIPTION_BYTES, ZMQ_DONTWAIT);
        if (result != ZRECEIVE_OK && result != ZRECEIVE_EXCESS)
            break;
        take_subscription(server, zmessage_frame(&server->message, 0));
    }
    for (int i = 0; server->router != NULL && i < PER_WAIT; i++) {
        result = zmessage_receive(&server->message, server->router, 5, REQUEST_BYTES, ZMQ_DONTWAIT);
        if (result != ZRECEIVE_OK && result != ZRECEIVE_EXCESS)
            break;
        take_request(server, result);
    }
}

static int earliest(const struct feed_server *server, int timeout_ms) {
    int64_t until = server->said + HEARTBEAT_MS - feed_server_now();

    if (until < timeout_ms)
        timeout_ms = until > 0 ? (int)until : 0;
    return server->job_count > 0 && timeout_ms > RETRY_MS ? RETRY_MS : timeout_ms;
}

unsigned feed_server_wait(struct feed_server *server, const int fds[FEED_SERVER_FDS], int timeout_ms) {
    zmq_pollitem_t items[FEED_SERVER_FDS + 3] = {{.socket = server->live, .events = ZMQ_POLLIN}};
    int count = 1, places[FEED_SERVER_FDS] = {0};
    unsigned ready = 0;

    if (server->router != NULL)
        items[count++] = (zmq_pollitem_t){.socket = server->router, .events = ZMQ_POLLIN};
    if (server->door != NULL)
        items[count++] = (zmq_pollitem_t){.socket = feed_door_socket(server->door), .events = ZMQ_POLLIN};
    for (int i = 0; i < FEED_SERVER_FDS; i++)
        if (fds[i] >= 0) {
            places[i] = count;
            items[count++] = (zmq_pollitem_t){.fd = fds[i], .events = ZMQ_POLLIN};
        }
    zmq_poll(items, count, earliest(server, timeout_ms));
    for (int i = 0; i < FEED_SERVER_FDS; i++)
        if (places[i] > 0 && items[places[i]].revents != 0)
            ready |= 1U << i;
    if (server->door != NULL)
        server->counts.refused += feed_door_answer(server->door);
    drain(server);
    run_jobs(server);
    if (feed_server_now() - server->said >= HEARTBEAT_MS)
        heartbeat(server);
    return ready;
}

bool feed_server_idle(const struct feed_server *server) {
    return server->job_count == 0;
}

const struct feed_server_counts *feed_server_counts(const struct feed_server *server) {
    return &server->counts;
}
