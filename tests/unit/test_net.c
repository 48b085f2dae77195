/*
 * Submission, queries and publication over real sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/net/publish.h"
#include "daemon/net/query.h"
#include "daemon/net/reply.h"
#include "daemon/net/submit.h"
#include "tests/unit/net_bench.h"

#define FRAMES(...)                                                                                                    \
    ((const struct text[]){__VA_ARGS__}), sizeof((const struct text[]){__VA_ARGS__}) / sizeof(struct text)

static void assert_frame(const struct peer *peer, size_t index, const char *expected) {
    struct text frame = zmessage_frame(&peer->message, index);
    assert_int_equal(frame.len, strlen(expected));
    assert_memory_equal(frame.s, expected, frame.len);
}

static void assert_code(const struct peer *peer, size_t index, const char *code) {
    char start[80];
    struct text frame = zmessage_frame(&peer->message, index);
    snprintf(start, sizeof start, "{\"error\":{\"code\":\"%s\",\"message\":\"", code);
    assert_true(frame.len > strlen(start) + 4);
    assert_memory_equal(frame.s, start, strlen(start));
    assert_memory_equal(frame.s + frame.len - 3, "\"}}", 3);
}

/* ---- Submission ----------------------------------------------------------------- */

#define TICKETS 8

struct clerk {
    struct bench *bench;
    struct submit *submit;
    struct submit_request *tickets[TICKETS];
    size_t count, stop_at;
    bool at_once; /* answers inside the callback */
    char newest[64];
};

static void on_submit(void *context, struct submit_request *request, const void *payload, size_t len) {
    struct clerk *clerk = context;
    assert_true(clerk->count < TICKETS && len < sizeof clerk->newest);
    memcpy(clerk->newest, payload, len);
    clerk->newest[len] = '\0';
    clerk->tickets[clerk->count++] = request;
    if (clerk->at_once)
        submit_reply(clerk->submit, request, "{\"at\":\"once\"}", 13);
    if (clerk->count == clerk->stop_at)
        loop_stop(clerk->bench->loop);
}

static void open_submit(struct clerk *clerk, struct bench *bench, const char *path, size_t max_outstanding) {
    static const struct zendpoint inproc = {"inproc://submit", false};
    const struct zendpoint endpoints[] = {{path, false}, inproc};
    *clerk = (struct clerk){.bench = bench};
    const struct submit_settings settings = {
        .loop = bench->loop,
        .zmq = bench->zmq,
        .endpoints = endpoints,
        .endpoint_count = 2,
        .max_message = 1000,
        .max_outstanding = max_outstanding,
        .on_submit = on_submit,
        .context = clerk,
        .counters = &bench->counters,
    };
    clerk->submit = submit_create(&settings, bench->error, sizeof bench->error);
    assert_non_null(clerk->submit);
}

static void await_tickets(struct clerk *clerk, size_t count) {
    clerk->stop_at = count;
    if (clerk->count < count)
        bench_run(clerk->bench);
}

static void submissions_are_answered_in_any_order(void **unused) {
    (void)unused;
    struct bench bench;
    struct clerk clerk;
    struct peer client, other;
    char path[64];
    bench_start(&bench);
    snprintf(path, sizeof path, "ipc://%s/s", bench.folder);
    open_submit(&clerk, &bench, path, TICKETS);
    peer_connect(&client, &bench, ZMQ_DEALER, path);
    peer_connect(&other, &bench, ZMQ_DEALER, "inproc://submit"); /* the second endpoint */
    peer_send(&client, FRAMES(TEXT_OF("first"), TEXT_OF("{1}")));
    peer_send(&client, FRAMES(TEXT_OF("second"), TEXT_OF("{2}")));
    await_tickets(&clerk, 2);
    assert_string_equal(clerk.newest, "{2}");
    peer_send(&other, FRAMES(TEXT_OF("first"), TEXT_OF("{3}")));
    await_tickets(&clerk, 3);
    assert_int_equal(bench.counters.submit.outstanding, 3);

    submit_reply(clerk.submit, clerk.tickets[1], "two", 3);
    peer_await(&client, 1);
    assert_frame(&client, 0, "second");
    assert_frame(&client, 1, "two");
    assert_int_equal(client.message.count, 2);
    submit_reply(clerk.submit, clerk.tickets[2], "three", 5);
    peer_await(&other, 1);
    assert_frame(&other, 1, "three");
    submit_reject(clerk.submit, clerk.tickets[0], "gap", "seq 3 \"expected\"\n");
    peer_await(&client, 2);
    assert_frame(&client, 0, "first");
    assert_frame(&client, 1, "{\"error\":{\"code\":\"gap\",\"message\":\"seq 3 \\\"expected\\\"\\u000a\"}}");

    clerk.at_once = true;
    peer_send(&client, FRAMES(TEXT_OF("third"), TEXT_OF("{4}")));
    peer_await(&client, 3);
    assert_frame(&client, 1, "{\"at\":\"once\"}");
    assert_int_equal(bench.counters.submit.outstanding, 0);
    assert_int_equal(bench.counters.submit.replies, 3);
    assert_int_equal(bench.counters.submit.rejections, 1);
    peer_close(&client);
    peer_close(&other);
    submit_destroy(clerk.submit);
    unlink(path + strlen("ipc://"));
    bench_stop(&bench);
}

static void bad_requests_are_answered_where_possible(void **unused) {
    (void)unused;
    struct bench bench;
    struct clerk clerk;
    struct peer client;
    char large[1500], id[65];
    bench_start(&bench);
    memset(large, 'x', sizeof large);
    memset(id, 'i', sizeof id);
    char path[64];
    snprintf(path, sizeof path, "ipc://%s/s", bench.folder);
    open_submit(&clerk, &bench, path, TICKETS);
    peer_connect(&client, &bench, ZMQ_DEALER, "inproc://submit");
    peer_send(&client, FRAMES(TEXT_OF("alone"))); /* no payload */
    peer_await(&client, 1);
    assert_frame(&client, 0, "alone");
    assert_code(&client, 1, "malformed");
    peer_send(&client, FRAMES(TEXT_OF("id"), TEXT_OF("a"), TEXT_OF("b"), TEXT_OF("c")));
    peer_await(&client, 2);
    assert_frame(&client, 0, "id");
    assert_code(&client, 1, "malformed");
    peer_send(&client, FRAMES({id, 65}, TEXT_OF("x")));
    peer_await(&client, 3);
    assert_frame(&client, 0, "");
    assert_code(&client, 1, "malformed");
    peer_send(&client, FRAMES(TEXT_OF(""), TEXT_OF("x")));
    peer_await(&client, 4);
    assert_code(&client, 1, "malformed");
    peer_send(&client, FRAMES(TEXT_OF("id"), {large, 1001}));
    peer_await(&client, 5);
    assert_frame(&client, 0, "id");
    assert_code(&client, 1, "too-large");
    peer_send(&client, FRAMES(TEXT_OF("id"), {large, sizeof large}));
    peer_await(&client, 6);
    assert_code(&client, 1, "too-large");
    assert_int_equal(bench.counters.submit.malformed, 6);
    assert_int_equal(clerk.count, 0);
    peer_send(&client, FRAMES({id, 64}, {large, 20})); /* and one that is right */
    await_tickets(&clerk, 1);
    peer_close(&client);
    submit_destroy(clerk.submit); /* with a ticket open */
    unlink(path + strlen("ipc://"));
    bench_stop(&bench);
}

static void the_bound_pushes_back(void **unused) {
    (void)unused;
    struct bench bench;
    struct clerk clerk;
    struct peer client;
    char path[64];
    bench_start(&bench);
    snprintf(path, sizeof path, "ipc://%s/s", bench.folder);
    open_submit(&clerk, &bench, path, 2);
    peer_connect(&client, &bench, ZMQ_DEALER, "inproc://submit");
    for (int i = 0; i < 5; i++)
        peer_send(&client, FRAMES(TEXT_OF("id"), TEXT_OF("x")));
    await_tickets(&clerk, 2);
    loop_defer(bench.loop, bench_is_late, &bench); /* another turn reads nothing */
    assert_true(loop_run(bench.loop));
    bench.late = false;
    assert_int_equal(clerk.count, 2);
    submit_reply(clerk.submit, clerk.tickets[0], "ok", 2);
    await_tickets(&clerk, 3);
    submit_pause(clerk.submit, true);
    submit_reply(clerk.submit, clerk.tickets[1], "ok", 2);
    submit_reply(clerk.submit, clerk.tickets[2], "ok", 2);
    peer_await(&client, 3);
    assert_int_equal(clerk.count, 3);
    submit_pause(clerk.submit, false);
    await_tickets(&clerk, 5);
    peer_close(&client);
    submit_destroy(clerk.submit);
    unlink(path + strlen("ipc://"));
    bench_stop(&bench);
}

/* ---- Queries ---------------------------------------------------------------------- */

struct desk {
    struct bench *bench;
    struct query *query;
    struct query_request *tickets[TICKETS];
    size_t count, stop_at;
};

static void on_query(void *context, struct query_request *request, const char *json, size_t len) {
    struct desk *desk = context;
    (void)json, (void)len;
    assert_true(desk->count < TICKETS);
    desk->tickets[desk->count++] = request;
    if (desk->count == desk->stop_at)
        loop_stop(desk->bench->loop);
}

static void queries_are_answered_in_parts(void **unused) {
    (void)unused;
    struct bench bench;
    struct peer client;
    static const struct zendpoint endpoint = {"inproc://query", false};
    bench_start(&bench);
    struct desk desk = {.bench = &bench, .stop_at = 2};
    const struct query_settings settings = {
        .loop = bench.loop,
        .zmq = bench.zmq,
        .endpoints = &endpoint,
        .endpoint_count = 1,
        .max_request = 1000,
        .max_outstanding = 2,
        .on_query = on_query,
        .context = &desk,
        .counters = &bench.counters,
    };
    desk.query = query_create(&settings, bench.error, sizeof bench.error);
    assert_non_null(desk.query);
    peer_connect(&client, &bench, ZMQ_DEALER, endpoint.address);
    peer_send(&client, FRAMES(TEXT_OF("a"), TEXT_OF("{}")));
    peer_send(&client, FRAMES(TEXT_OF("b"), TEXT_OF("{}")));
    bench_run(&bench);
    peer_send(&client, FRAMES(TEXT_OF("c"), TEXT_OF("{}"))); /* beyond the bound */
    peer_await(&client, 1);
    assert_frame(&client, 0, "c");
    assert_code(&client, 1, "busy");

    query_part(desk.query, desk.tickets[0], "{\"a\":1}", 7);
    for (int i = 0; i < 50; i++)
        query_part(desk.query, desk.tickets[1], "{\"b\":2}", 7);
    query_end(desk.query, desk.tickets[1]);
    peer_await(&client, 2);
    assert_int_equal(client.message.count, 52);
    assert_frame(&client, 0, "b");
    assert_frame(&client, 1, "{\"b\":2}");
    assert_frame(&client, 50, "{\"b\":2}");
    assert_frame(&client, 51, "");
    query_reject(desk.query, desk.tickets[0], "unknown-organisation", "no such");
    peer_await(&client, 3);
    assert_int_equal(client.message.count, 3);
    assert_frame(&client, 0, "a");
    assert_code(&client, 1, "unknown-organisation");
    assert_frame(&client, 2, "");
    assert_int_equal(bench.counters.query.outstanding, 0);
    assert_int_equal(bench.counters.query.replies, 2);
    assert_int_equal(bench.counters.query.refused, 1);

    desk.stop_at = 3;
    peer_send(&client, FRAMES(TEXT_OF("d"), TEXT_OF("{}")));
    bench_run(&bench);
    peer_close(&client);
    query_part(desk.query, desk.tickets[2], "x", 1);
    query_destroy(desk.query); /* with a ticket open */
    bench_stop(&bench);
}

static void error_replies_are_cut_whole(void **unused) {
    (void)unused;
    char message[4000], json[200];
    for (size_t i = 0; i + 1 < sizeof message; i += 2)
        memcpy(message + i, "\xc3\xa9", 2);
    message[sizeof message - 2] = '\0';
    size_t len = reply_error(json, sizeof json, "code", message);
    assert_true(len < sizeof json);
    assert_string_equal(json + len - 5, "\xc3\xa9\"}}");
    assert_true(text_is_utf8((struct text){json, len}));
}

/* ---- Publication --------------------------------------------------------------------- */

static size_t on_heartbeat(void *context, char *buf, size_t size) {
    (void)context;
    return (size_t)snprintf(buf, size, "{\"last\":\"1-7\"}");
}

static struct publish *open_publish(struct bench *bench, const char *address, int queue) {
    const struct zendpoint endpoint = {address, false};
    const struct publish_settings settings = {
        .loop = bench->loop,
        .zmq = bench->zmq,
        .endpoints = &endpoint,
        .endpoint_count = 1,
        .queue = queue,
        .heartbeat_ms = 10,
        .on_heartbeat = on_heartbeat,
        .context = bench,
        .counters = &bench->counters,
    };
    struct publish *publish = publish_create(&settings, bench->error, sizeof bench->error);
    assert_non_null(publish);
    return publish;
}

/* A heartbeat that arrives proves that the subscriptions before it are known. */
static void subscribe(struct peer *peer, const char *topic) {
    assert_int_equal(zmq_setsockopt(peer->socket, ZMQ_SUBSCRIBE, topic, strlen(topic)), 0);
    assert_int_equal(zmq_setsockopt(peer->socket, ZMQ_SUBSCRIBE, "heartbeat/", 10), 0);
    zwatch_touch(peer->watch);
    peer_await(peer, peer->received + 1);
    assert_frame(peer, 0, "heartbeat/");
    assert_frame(peer, 1, "{\"last\":\"1-7\"}");
    assert_int_equal(zmq_setsockopt(peer->socket, ZMQ_UNSUBSCRIBE, "heartbeat/", 10), 0);
    zwatch_touch(peer->watch);
}

static void await_alert(struct peer *peer) {
    do
        peer_await(peer, peer->received + 1);
    while (zmessage_is(&peer->message, 0, "heartbeat/"));
}

static void events_go_to_those_who_asked(void **unused) {
    (void)unused;
    struct bench bench;
    struct peer all, critical;
    char path[64], long_topic[PUBLISH_TOPIC_MAX + 2];
    bench_start(&bench);
    snprintf(path, sizeof path, "ipc://%s/p", bench.folder);
    struct publish *publish = open_publish(&bench, path, 1000);
    peer_connect(&all, &bench, ZMQ_SUB, path);
    peer_connect(&critical, &bench, ZMQ_SUB, path);
    subscribe(&all, "alert/");
    subscribe(&critical, "alert/critical/");
    assert_true(publish_event(publish, "alert/warning/performance.drop/RXX/", "one", 3));
    assert_true(publish_event(publish, "alert/critical/segment.worsened/RXX/", "two", 3));
    await_alert(&critical);
    assert_frame(&critical, 0, "alert/critical/segment.worsened/RXX/");
    assert_frame(&critical, 1, "two");
    if (!zmessage_is(&all.message, 1, "two")) {
        await_alert(&all);
        if (!zmessage_is(&all.message, 1, "two"))
            await_alert(&all);
    }
    assert_frame(&all, 1, "two");
    memset(long_topic, 'x', sizeof long_topic);
    long_topic[PUBLISH_TOPIC_MAX] = '/';
    long_topic[PUBLISH_TOPIC_MAX + 1] = '\0';
    assert_false(publish_event(publish, long_topic, "x", 1));
    assert_false(publish_event(publish, "", "x", 1));
    assert_false(publish_event(publish, "alert/x", "x", 1));
    assert_int_equal(bench.counters.publish.failures, 3);
    assert_int_equal(bench.counters.publish.events, 2);
    assert_int_equal(bench.counters.publish.overruns, 0);
    assert_true(bench.counters.publish.heartbeats >= 2);
    peer_close(&all);
    peer_close(&critical);
    publish_destroy(publish);
    unlink(path + strlen("ipc://"));
    bench_stop(&bench);
}

/* A subscriber that does not read fills its queue; the other gets everything. */
static void a_slow_subscriber_is_counted_and_blocks_nobody(void **unused) {
    (void)unused;
    struct bench bench;
    struct peer quick, slow;
    bench_start(&bench);
    struct publish *publish = open_publish(&bench, "inproc://publish", 10);
    peer_connect(&quick, &bench, ZMQ_SUB, "inproc://publish");
    subscribe(&quick, "alert/");
    memset(&slow, 0, sizeof slow);
    slow.bench = &bench;
    slow.socket = bench_socket(&bench, ZMQ_SUB, 10);
    const struct zendpoint endpoint = {"inproc://publish", false};
    assert_true(zsock_connect(slow.socket, &endpoint, bench.error, sizeof bench.error));
    slow.watch = zwatch_create(bench.loop, slow.socket, LOOP_LATER, 100, peer_reads, &slow, NULL);
    subscribe(&slow, "alert/");
    zwatch_pause(slow.watch, true);
    size_t before = quick.received;
    for (int i = 0; i < 300; i++) {
        assert_true(publish_event(publish, "alert/info/x/y/", "event", 5));
        peer_await(&quick, before + (size_t)i + 1);
    }
    assert_int_equal(bench.counters.publish.overruns, 1); /* it was left out from then on */
    assert_int_equal(bench.counters.publish.failures, 0);
    before = slow.received;
    zwatch_pause(slow.watch, false);
    peer_await(&slow, before + 10);
    assert_true(slow.received - before < 100);
    peer_close(&quick);
    peer_close(&slow);
    publish_destroy(publish);
    bench_stop(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submissions_are_answered_in_any_order),
        cmocka_unit_test(bad_requests_are_answered_where_possible),
        cmocka_unit_test(the_bound_pushes_back),
        cmocka_unit_test(queries_are_answered_in_parts),
        cmocka_unit_test(error_replies_are_cut_whole),
        cmocka_unit_test(events_go_to_those_who_asked),
        cmocka_unit_test(a_slow_subscriber_is_counted_and_blocks_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
