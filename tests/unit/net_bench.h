/*
 * A loop, a context, and peers in the same loop, for tests with real sockets.
 * A test that is not done after a generous time ends the loop and fails.
 */
#ifndef OV_TESTS_UNIT_NET_BENCH_H
#define OV_TESTS_UNIT_NET_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/zsock.h"
#include "daemon/net/counters.h"
#include "daemon/net/zwatch.h"
#include "daemon/os/loop.h"

#define BENCH_PATIENCE_MS 30000

struct bench {
    struct loop *loop;
    void *zmq;
    struct net_counters counters;
    struct loop_timer *patience;
    bool late;
    char folder[32];
    char error[ZERROR_SIZE];
};

static inline void bench_is_late(void *context) {
    struct bench *bench = context;
    bench->late = true;
    loop_stop(bench->loop);
}

static inline void bench_start(struct bench *bench) {
    memset(bench, 0, sizeof *bench);
    strcpy(bench->folder, "/tmp/net-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    bench->loop = loop_create();
    bench->zmq = zcontext_create();
    assert_non_null(bench->loop);
    bench->patience = loop_timer_create(bench->loop, LOOP_URGENT, bench_is_late, bench);
    loop_timer_start(bench->patience, BENCH_PATIENCE_MS);
}

/* Runs until somebody stops the loop. */
static inline void bench_run(struct bench *bench) {
    loop_timer_start(bench->patience, BENCH_PATIENCE_MS);
    assert_true(loop_run(bench->loop));
    assert_false(bench->late);
}

static inline void bench_stop(struct bench *bench) {
    loop_timer_destroy(bench->patience);
    loop_destroy(bench->loop);
    zcontext_destroy(bench->zmq);
    assert_int_equal(rmdir(bench->folder), 0);
    assert_int_equal(bench->counters.missed_edges, 0);
}

struct peer {
    struct bench *bench;
    void *socket;
    struct zwatch *watch;
    struct zmessage message; /* the newest */
    size_t received;
    size_t wanted; /* stops the loop when so many came */
};

static inline bool peer_reads(void *context) {
    struct peer *peer = context;
    if (!zsock_readable(peer->socket)) /* the newest message stays */
        return false;
    if (zmessage_receive(&peer->message, peer->socket, 10000, 100000000, ZMQ_DONTWAIT) != ZRECEIVE_OK)
        return false;
    if (++peer->received == peer->wanted)
        loop_stop(peer->bench->loop);
    return true;
}

static inline void *bench_socket(struct bench *bench, int type, int hwm) {
    struct zsock_options options;
    zsock_defaults(&options);
    options.linger_ms = 0;
    options.send_hwm = options.receive_hwm = hwm;
    void *socket = zsock_create(bench->zmq, type, &options, bench->error, sizeof bench->error);
    assert_non_null(socket);
    return socket;
}

static inline void peer_connect(struct peer *peer, struct bench *bench, int type, const char *address) {
    memset(peer, 0, sizeof *peer);
    peer->bench = bench;
    peer->socket = bench_socket(bench, type, 10000);
    const struct zendpoint endpoint = {address, false};
    assert_true(zsock_connect(peer->socket, &endpoint, bench->error, sizeof bench->error));
    peer->watch = zwatch_create(bench->loop, peer->socket, LOOP_LATER, 100, peer_reads, peer, NULL);
    assert_non_null(peer->watch);
}

static inline void peer_close(struct peer *peer) {
    zwatch_destroy(peer->watch);
    zsock_destroy(peer->socket);
    zmessage_finish(&peer->message);
}

static inline void peer_send(struct peer *peer, const struct text *frames, size_t count) {
    assert_true(zsock_send(peer->socket, frames, count));
    zwatch_touch(peer->watch);
}

/* Runs until this many messages came in all. */
static inline void peer_await(struct peer *peer, size_t received) {
    peer->wanted = received;
    if (peer->received < received)
        bench_run(peer->bench);
}

#endif
