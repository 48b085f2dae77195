/*
 * Delays in an open loop: something is due every so many microseconds, whether
 * the one before came back or not, and each delay counts from when it was due.
 * Between two of them it sleeps: a load that spins would take the processor from
 * who is measured, and from the server it shares it with.
 *
 * usage: latency echo   RATE SECONDS                    a message through bare PUB and SUB, there and back
 *        latency redis  RATE SECONDS UNIX-SOCKET        a figure written and synced
 *        latency fed RATE SECONDS FEED PUBLISH ORGS MEASURES SEED QUERY
 *                                                       an update of a feed until its alert is at a subscriber
 *        latency submitted RATE SECONDS SUBMIT PUBLISH ORGS MEASURES SEED
 *                                                       the same of a submission, with acknowledgement
 *        latency publication SUBMIT PUBLISH ORGS MEASURES SEED PERIOD FIRST-SEQ
 */
#include <hiredis/hiredis.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <zmq.h>

#include "tests/bench/load.h"

struct run {
    double rate, start, *delays;
    size_t due, sent, taken; /* taken: delays noted */
};

static struct run run_of(const char *rate, const char *seconds) {
    struct run run = {.rate = strtod(rate, NULL)};
    run.due = (size_t)(run.rate * strtod(seconds, NULL));
    run.delays = calloc(run.due + 1, sizeof *run.delays);
    if (!run.delays || run.due == 0)
        load_die("rate and seconds");
    return run;
}

static double due_at(const struct run *run, size_t index) {
    return run->start + (double)index / run->rate;
}

static void note(struct run *run, size_t index) {
    if (run->taken < run->due)
        run->delays[run->taken++] = load_now() - due_at(run, index);
}

static int tell(struct run *run) {
    if (run->taken == 0) {
        fputs("bench: nothing came back: nothing is measured\n", stderr);
        return 1;
    }
    load_sort(run->delays, run->taken);
    printf("{\"count\": %zu, \"p50\": %.9f, \"p99\": %.9f, \"max\": %.9f}\n", run->taken,
           load_percentile(run->delays, run->taken, 0.5), load_percentile(run->delays, run->taken, 0.99),
           load_percentile(run->delays, run->taken, 1));
    free(run->delays);
    return 0;
}

/* Nothing may be dropped: a delay that is not noted would flatter. */
static void *open_socket(void *zmq, int type) {
    void *socket = zmq_socket(zmq, type);
    int unbounded = 0;
    zmq_setsockopt(socket, ZMQ_RCVHWM, &unbounded, sizeof unbounded);
    zmq_setsockopt(socket, ZMQ_SNDHWM, &unbounded, sizeof unbounded);
    if (type == ZMQ_SUB)
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    return socket;
}

/* Until something is due or one of the sockets has something; at most a
 * millisecond. What is there must have been taken before: the descriptor of a
 * socket speaks of news only. */
static void rest(const struct run *run, void *const *sockets, int fd) {
    struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    size_t size = sizeof fds[0].fd;
    for (int i = 0; sockets && i < 2 && sockets[i]; i++)
        zmq_getsockopt(sockets[i], ZMQ_FD, &fds[i].fd, &size);
    double left = run->sent < run->due ? due_at(run, run->sent) - load_now() : 0.001;
    if (left > 0)
        ppoll(fds, 2, &(struct timespec){.tv_nsec = (long)(fmin(left, 0.001) * 1e9)}, NULL);
}

/* ---- Bare sockets ---------------------------------------------------------------- */

struct echo {
    void *zmq;
    pthread_t thread;
};

static void *echoing(void *context) {
    struct echo *echo = context;
    void *sub = open_socket(echo->zmq, ZMQ_SUB), *pub = open_socket(echo->zmq, ZMQ_PUB);
    if (zmq_connect(sub, "ipc://@oversight-bench-there") < 0 || zmq_bind(pub, "ipc://@oversight-bench-back") < 0)
        load_die("echo");
    char bytes[256];
    int len;
    while ((len = zmq_recv(sub, bytes, sizeof bytes, 0)) >= 0 && bytes[0] != 'q')
        zmq_send(pub, bytes, (size_t)len, 0);
    zmq_close(sub);
    zmq_close(pub);
    return NULL;
}

static void take_echoes(struct run *run, void *sub, int flags) {
    char bytes[256];
    while (zmq_recv(sub, bytes, sizeof bytes, flags) >= (int)(1 + sizeof(size_t))) {
        size_t index;
        memcpy(&index, bytes + 1, sizeof index);
        if (bytes[0] == 'm')
            note(run, index);
        if (flags == 0)
            return;
    }
}

static int measure_echo(struct run *run) {
    struct echo echo = {.zmq = zmq_ctx_new()};
    void *pub = open_socket(echo.zmq, ZMQ_XPUB), *sub = open_socket(echo.zmq, ZMQ_SUB);
    char bytes[140] = "m";
    if (zmq_bind(pub, "ipc://@oversight-bench-there") < 0 || pthread_create(&echo.thread, NULL, echoing, &echo) != 0 ||
        zmq_connect(sub, "ipc://@oversight-bench-back") < 0)
        load_die("echo");
    zmq_recv(pub, bytes, sizeof bytes, 0); /* the subscription of the echo */
    int wait = 100;
    zmq_setsockopt(sub, ZMQ_RCVTIMEO, &wait, sizeof wait);
    do { /* until the way back is there, too */
        bytes[0] = 'w';
        zmq_send(pub, bytes, sizeof bytes, 0);
    } while (zmq_recv(sub, bytes, sizeof bytes, 0) < 0);
    bytes[0] = 'm';
    for (run->start = load_now(); run->taken < run->due;) {
        for (; run->sent < run->due && due_at(run, run->sent) <= load_now(); run->sent++) {
            memcpy(bytes + 1, &run->sent, sizeof run->sent);
            zmq_send(pub, bytes, sizeof bytes, 0);
        }
        take_echoes(run, sub, ZMQ_DONTWAIT);
        rest(run, (void *const[]){sub, NULL}, -1);
    }
    zmq_send(pub, "q", 1, 0);
    pthread_join(echo.thread, NULL);
    zmq_close(pub);
    zmq_close(sub);
    zmq_ctx_term(echo.zmq);
    return tell(run);
}

/* ---- Bare Redis -------------------------------------------------------------------- */

static int measure_redis(struct run *run, const char *path) {
    redisContext *redis = redisConnectUnix(path);
    if (!redis || redis->err)
        load_die(path);
    for (run->start = load_now(); run->taken < run->due;) {
        int done = 1;
        for (; run->sent < run->due && due_at(run, run->sent) <= load_now(); run->sent++) {
            redisAppendCommand(redis, "HSET {bare}:latency X%05u 71.5", (unsigned)(run->sent % 12500));
            done = 0;
        }
        while (!done)
            if (redisBufferWrite(redis, &done) != REDIS_OK)
                load_die(redis->errstr);
        struct pollfd poller = {.fd = redis->fd, .events = POLLIN};
        rest(run, NULL, redis->fd);
        if (poll(&poller, 1, 0) > 0 && redisBufferRead(redis) != REDIS_OK)
            load_die(redis->errstr);
        for (void *reply = NULL; redisGetReplyFromReader(redis, &reply) == REDIS_OK && reply; reply = NULL) {
            freeReplyObject(reply);
            note(run, run->taken);
        }
    }
    redisFree(redis);
    return tell(run);
}

/* ---- The daemon ---------------------------------------------------------------------- */

/* The update an alert came from: "cause":{...,"seq":N,...}. */
static bool cause_of(const char *event, size_t len, uint64_t *ret_seq) {
    const char *cause = memmem(event, len, "\"cause\":", 8);
    const char *seq = cause ? memmem(cause, len - (size_t)(cause - event), "\"seq\":", 6) : NULL;
    if (!seq)
        return false;
    *ret_seq = strtoull(seq + 6, NULL, 10);
    return *ret_seq >= LOAD_SEQ_FIRST;
}

static void take_alerts(struct run *run, void *sub) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    while (zmq_msg_recv(&part, sub, ZMQ_DONTWAIT) >= 0) {
        uint64_t seq;
        if (!zmq_msg_more(&part) && cause_of(zmq_msg_data(&part), zmq_msg_size(&part), &seq))
            note(run, seq - LOAD_SEQ_FIRST);
    }
    zmq_msg_close(&part);
}

static size_t take_answers(void *dealer) {
    zmq_msg_t part;
    size_t count = 0;
    zmq_msg_init(&part);
    while (zmq_msg_recv(&part, dealer, ZMQ_DONTWAIT) >= 0)
        count += !zmq_msg_more(&part);
    zmq_msg_close(&part);
    return count;
}

/* What came of the last update, answered or just sent, is under way: two
 * heartbeats later it is here. */
static void take_last_alerts(struct run *run, void *sub) {
    for (double end = load_now() + 2.5; load_now() < end;) {
        take_alerts(run, sub);
        rest(run, (void *const[]){sub, NULL}, -1);
    }
}

static struct load *updates_of(const struct run *run, char **shape) {
    return load_create(&(struct load_shape){.per_message = 1,
                                            .orgs = (unsigned)strtoul(shape[0], NULL, 10),
                                            .measures = (unsigned)strtoul(shape[1], NULL, 10),
                                            .seed = strtoull(shape[2], NULL, 10),
                                            .period = "2025-03-01"},
                       run->due);
}

/* All that are due by now; first is the frame before each. */
static void send_due(struct run *run, struct load *load, void *socket, const char *first) {
    for (; run->sent < run->due && due_at(run, run->sent) <= load_now(); run->sent++) {
        size_t len;
        const void *bytes = load_message(load, run->sent, LOAD_SEQ_FIRST + run->sent, &len);
        if (zmq_send(socket, first, strlen(first), ZMQ_SNDMORE) < 0 || zmq_send(socket, bytes, len, 0) < 0)
            load_die("send");
    }
}

/* Updates that are acknowledged, each by itself. */
static int measure_submitted(struct run *run, const char *submit, const char *publish, char **shape) {
    struct load *load = updates_of(run, shape);
    void *zmq = zmq_ctx_new(), *dealer = open_socket(zmq, ZMQ_DEALER), *sub = open_socket(zmq, ZMQ_SUB);
    if (zmq_connect(sub, publish) < 0 || zmq_connect(dealer, submit) < 0)
        load_die("connect");
    while (zmq_recv(sub, NULL, 0, 0) < 0) /* a heartbeat: the subscription is there */
        load_die("heartbeat");
    run->start = load_now();
    for (size_t answered = 0; answered < run->due; answered += take_answers(dealer)) {
        send_due(run, load, dealer, "m");
        take_alerts(run, sub);
        rest(run, (void *const[]){dealer, sub}, -1);
    }
    take_last_alerts(run, sub);
    zmq_close(sub);
    zmq_close(dealer);
    zmq_ctx_term(zmq);
    load_destroy(load);
    return tell(run);
}

/* Updates of a feed that the daemon subscribes to. */
static int measure_fed(struct run *run, const char *feed, const char *publish, char **shape, const char *asked) {
    struct load *load = updates_of(run, shape);
    void *zmq = zmq_ctx_new(), *query = zmq_socket(zmq, ZMQ_DEALER), *sub = open_socket(zmq, ZMQ_SUB);
    if (zmq_connect(sub, publish) < 0 || zmq_connect(query, asked) < 0)
        load_die("connect");
    void *pub = load_feed(zmq, feed);
    while (zmq_recv(sub, NULL, 0, 0) < 0) /* a heartbeat: the subscription is there */
        load_die("heartbeat");
    for (run->start = load_now(); run->sent < run->due;) {
        send_due(run, load, pub, LOAD_TOPIC);
        take_alerts(run, sub);
        rest(run, (void *const[]){sub, NULL}, -1);
    }
    take_last_alerts(run, sub);
    load_wait_applied(query, LOAD_SEQ_FIRST + run->due - 1); /* all of them came */
    zmq_close(pub);
    zmq_close(sub);
    zmq_close(query);
    zmq_ctx_term(zmq);
    load_destroy(load);
    return tell(run);
}

/* A publication day: every figure of a period in messages of 100 that are one.
 * How long after the last byte was sent the last verdict is at a subscriber, and
 * whether an organisation was announced twice. */
static int measure_publication(char **argv) {
    unsigned orgs = (unsigned)strtoul(argv[4], NULL, 10), measures = (unsigned)strtoul(argv[5], NULL, 10);
    struct load_shape shape = {.per_message = 100,
                               .orgs = orgs,
                               .measures = measures,
                               .seed = strtoull(argv[6], NULL, 10),
                               .period = argv[7],
                               .publication = true,
                               .more = true};
    size_t messages = (size_t)orgs * measures / shape.per_message, alerts = 0, twice = 0, answered = 0;
    struct load *load = load_create(&shape, messages);
    void *zmq = zmq_ctx_new(), *dealer = open_socket(zmq, ZMQ_DEALER), *sub = open_socket(zmq, ZMQ_SUB);
    bool *announced = calloc(orgs, sizeof *announced);
    double last = 0;
    uint64_t seq = strtoull(argv[8], NULL, 10);
    if (!announced || zmq_connect(sub, argv[3]) < 0 || zmq_connect(dealer, argv[2]) < 0 ||
        zmq_recv(sub, NULL, 0, 0) < 0)
        load_die("publication");
    for (size_t i = 0; i < messages; i++, seq += shape.per_message) {
        size_t len;
        const void *bytes = load_message(load, i, seq, &len);
        if (zmq_send(dealer, "m", 1, ZMQ_SNDMORE) < 0 || zmq_send(dealer, bytes, len, 0) < 0)
            load_die("send");
    }
    double sent = load_now(), end = 0;
    zmq_msg_t part;
    zmq_msg_init(&part);
    while (end == 0 || load_now() < end) { /* until two heartbeats after the last acknowledgement */
        answered += take_answers(dealer);
        if (answered == messages && end == 0)
            end = load_now() + 2.5;
        while (zmq_msg_recv(&part, sub, ZMQ_DONTWAIT) >= 0) {
            const char *bytes = zmq_msg_data(&part), *subject;
            size_t len = zmq_msg_size(&part);
            if (zmq_msg_more(&part) || !(subject = memmem(bytes, len, "\"subject\":\"X", 12)))
                continue;
            unsigned org = (unsigned)strtoul(subject + 12, NULL, 10);
            twice += org < orgs && announced[org];
            if (org < orgs)
                announced[org] = true;
            alerts++;
            last = load_now();
        }
    }
    printf("{\"figures\": %u, \"alerts\": %zu, \"twice\": %zu, \"seconds\": %.6f, \"next\": %llu}\n", orgs * measures,
           alerts, twice, alerts > 0 ? last - sent : 0, (unsigned long long)seq);
    zmq_msg_close(&part);
    zmq_close(sub);
    zmq_close(dealer);
    zmq_ctx_term(zmq);
    load_destroy(load);
    free(announced);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 9 && !strcmp(argv[1], "publication"))
        return measure_publication(argv);

    prctl(PR_SET_TIMERSLACK, 1UL); /* or each sleep is longer by 50 microseconds */
    if (argc >= 4) {
        struct run run = run_of(argv[2], argv[3]);
        if (!strcmp(argv[1], "echo"))
            return measure_echo(&run);
        if (!strcmp(argv[1], "redis") && argc == 5)
            return measure_redis(&run, argv[4]);
        if (!strcmp(argv[1], "submitted") && argc == 9)
            return measure_submitted(&run, argv[4], argv[5], argv + 6);
        if (!strcmp(argv[1], "fed") && argc == 10)
            return measure_fed(&run, argv[4], argv[5], argv + 6, argv[9]);
    }
    fputs("usage: latency echo RATE SECONDS | redis RATE SECONDS UNIX-SOCKET |\n"
          "       fed RATE SECONDS FEED PUBLISH ORGS MEASURES SEED QUERY |\n"
          "       submitted RATE SECONDS SUBMIT PUBLISH ORGS MEASURES SEED |\n"
          "       publication SUBMIT PUBLISH ORGS MEASURES SEED PERIOD FIRST-SEQ\n",
          stderr);
    return 64;
}
