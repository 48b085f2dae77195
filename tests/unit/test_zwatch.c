#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/net_bench.h"

#define MESSAGES 5000

struct drain {
    struct bench *bench;
    void *socket;
    struct zwatch *watch;
    unsigned received, wanted, pause_at;
    uint64_t turn; /* the newest turn in which something was read */
    unsigned in_turn, most_in_turn;
};

static bool take(void *context) {
    struct drain *drain = context;
    char byte;
    if (zmq_recv(drain->socket, &byte, 1, ZMQ_DONTWAIT) < 0)
        return false;
    if (loop_turns(drain->bench->loop) != drain->turn)
        drain->in_turn = 0;
    drain->turn = loop_turns(drain->bench->loop);
    if (++drain->in_turn > drain->most_in_turn)
        drain->most_in_turn = drain->in_turn;
    drain->received++;
    if (drain->received == drain->pause_at)
        zwatch_pause(drain->watch, true);
    if (drain->received == drain->wanted || drain->received == drain->pause_at)
        loop_stop(drain->bench->loop);
    return true;
}

static void send_all(void *socket, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(zmq_send(socket, "x", 1, 0), 1);
}

/* One signal of the descriptor, 5,000 messages, a budget of 7. */
static void drains_everything_under_its_budget(void **unused) {
    (void)unused;
    struct bench bench;
    bench_start(&bench);
    const struct zendpoint endpoint = {"inproc://drain", false};
    struct drain drain = {.bench = &bench, .socket = bench_socket(&bench, ZMQ_PULL, 10000), .wanted = MESSAGES};
    void *from = bench_socket(&bench, ZMQ_PUSH, 10000);
    assert_true(zsock_bind(drain.socket, &endpoint, bench.error, sizeof bench.error));
    assert_true(zsock_connect(from, &endpoint, bench.error, sizeof bench.error));
    send_all(from, MESSAGES / 2); /* before the watch */
    drain.watch = zwatch_create(bench.loop, drain.socket, LOOP_NORMAL, 7, take, &drain, &bench.counters.missed_edges);
    assert_non_null(drain.watch);
    send_all(from, MESSAGES / 2);
    bench_run(&bench);
    assert_int_equal(drain.received, MESSAGES);
    assert_int_equal(drain.most_in_turn, 7);
    zwatch_destroy(drain.watch);
    zsock_destroy(from);
    zsock_destroy(drain.socket);
    bench_stop(&bench);
}

static void a_pause_keeps_messages(void **unused) {
    (void)unused;
    struct bench bench;
    bench_start(&bench);
    const struct zendpoint endpoint = {"inproc://pause", false};
    struct drain drain = {.bench = &bench, .socket = bench_socket(&bench, ZMQ_PULL, 10000), .pause_at = 10};
    void *from = bench_socket(&bench, ZMQ_PUSH, 10000);
    assert_true(zsock_bind(drain.socket, &endpoint, bench.error, sizeof bench.error));
    assert_true(zsock_connect(from, &endpoint, bench.error, sizeof bench.error));
    drain.watch = zwatch_create(bench.loop, drain.socket, LOOP_NORMAL, 100, take, &drain, &bench.counters.missed_edges);
    send_all(from, 50);
    bench_run(&bench);
    assert_int_equal(drain.received, 10); /* and not one more, though the budget was 100 */
    loop_defer(bench.loop, bench_is_late, &bench);
    assert_true(loop_run(bench.loop));
    bench.late = false;
    assert_int_equal(drain.received, 10);
    drain.wanted = 50;
    zwatch_pause(drain.watch, false);
    bench_run(&bench);
    assert_int_equal(drain.received, 50);
    zwatch_destroy(drain.watch);
    zsock_destroy(from);
    zsock_destroy(drain.socket);
    bench_stop(&bench);
}

/* A read outside the watch consumes the edge; touch() makes up for it. */
static void a_touch_replaces_a_consumed_edge(void **unused) {
    (void)unused;
    struct bench bench;
    bench_start(&bench);
    const struct zendpoint endpoint = {"inproc://touch", false};
    struct drain drain = {.bench = &bench, .socket = bench_socket(&bench, ZMQ_PULL, 100), .wanted = 4};
    void *from = bench_socket(&bench, ZMQ_PUSH, 100);
    assert_true(zsock_bind(drain.socket, &endpoint, bench.error, sizeof bench.error));
    assert_true(zsock_connect(from, &endpoint, bench.error, sizeof bench.error));
    drain.watch = zwatch_create(bench.loop, drain.socket, LOOP_NORMAL, 100, take, &drain, &bench.counters.missed_edges);
    loop_defer(bench.loop, bench_is_late, &bench); /* one turn: the watch has looked once */
    assert_true(loop_run(bench.loop));
    bench.late = false;
    send_all(from, 5);
    char byte;
    assert_int_equal(zmq_recv(drain.socket, &byte, 1, 0), 1);
    zwatch_touch(drain.watch);
    bench_run(&bench);
    assert_int_equal(drain.received, 4);
    zwatch_destroy(drain.watch);
    zsock_destroy(from);
    zsock_destroy(drain.socket);
    bench_stop(&bench);
}

/* Without the touch the message waits for the safety timer, which says so. */
static void the_safety_timer_counts(void **unused) {
    (void)unused;
    struct bench bench;
    bench_start(&bench);
    const struct zendpoint endpoint = {"inproc://missed", false};
    struct drain drain = {.bench = &bench, .socket = bench_socket(&bench, ZMQ_PULL, 100), .wanted = 4};
    void *from = bench_socket(&bench, ZMQ_PUSH, 100);
    assert_true(zsock_bind(drain.socket, &endpoint, bench.error, sizeof bench.error));
    assert_true(zsock_connect(from, &endpoint, bench.error, sizeof bench.error));
    drain.watch = zwatch_create(bench.loop, drain.socket, LOOP_NORMAL, 100, take, &drain, &bench.counters.missed_edges);
    loop_defer(bench.loop, bench_is_late, &bench);
    assert_true(loop_run(bench.loop));
    bench.late = false;
    send_all(from, 5);
    char byte;
    assert_int_equal(zmq_recv(drain.socket, &byte, 1, 0), 1);
    bench_run(&bench);
    assert_int_equal(drain.received, 4);
    assert_int_equal(bench.counters.missed_edges, 1);
    bench.counters.missed_edges = 0;
    zwatch_destroy(drain.watch);
    zsock_destroy(from);
    zsock_destroy(drain.socket);
    bench_stop(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drains_everything_under_its_budget),
        cmocka_unit_test(a_pause_keeps_messages),
        cmocka_unit_test(a_touch_replaces_a_consumed_edge),
        cmocka_unit_test(the_safety_timer_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
