/*
 * Subscribed feeds over real sockets: live, gap and replay, pause, silence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>

#include "daemon/net/ingest.h"
#include "tests/unit/net_bench.h"

/* A feed with its replay, and an application that notes what it took. */
struct scene {
    struct bench bench;
    char live_path[64], replay_path[64];
    void *zmq; /* of the feed: closing it waits until its addresses are free */
    void *live;
    void *replay;
    struct zwatch *replay_watch;
    size_t replay_requests, ignored; /* the first ones may be ignored */
    uint64_t kept_from, sent;
    struct loop_timer *beat;
    uint64_t beat_last;
    struct ingest *ingest;
    uint64_t last, stop_at;
    size_t events[4], stop_at_event;
    char text[160];
    bool pause_at_stop;
};

static enum delivery on_deliver(void *context, const char *source, const void *payload, size_t len, bool allow_gap,
                                struct delivery_range *ret_range) {
    struct scene *scene = context;
    uint64_t seq;
    assert_string_equal(source, "press");
    if (!text_to_uint64((struct text){payload, len}, &seq))
        return DELIVERY_REFUSED;
    *ret_range = (struct delivery_range){seq, seq, scene->last + 1};
    if (scene->last != 0 && seq > scene->last + 1 && !allow_gap)
        return DELIVERY_GAP;
    if (seq > scene->last)
        scene->last = seq;
    if (scene->last == scene->stop_at) {
        if (scene->pause_at_stop)
            ingest_pause(scene->ingest, true);
        loop_stop(scene->bench.loop);
    }
    return DELIVERY_APPLIED;
}

static void on_event(void *context, const char *source, const struct feed_event *event) {
    struct scene *scene = context;
    assert_string_equal(source, "press");
    snprintf(scene->text, sizeof scene->text, "%s", event->text);
    scene->events[event->kind]++;
    if (scene->stop_at_event == (size_t)event->kind)
        loop_stop(scene->bench.loop);
}

static void send_live(struct scene *scene, const char *topic, const char *payload) {
    const struct text frames[] = {text_of(topic), text_of(payload)};
    assert_true(zsock_send(scene->live, frames, 2));
}

static void update(struct scene *scene, uint64_t seq) {
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, seq);
    send_live(scene, "update/press/", text);
    scene->sent = seq;
}

static void heartbeat(struct scene *scene, uint64_t last) {
    char text[64];
    snprintf(text, sizeof text, "{\"source\":\"press\",\"last\":%" PRIu64 "}", last);
    send_live(scene, "heartbeat/press/", text);
}

/* One who has lost patience on a slow machine has closed this connection and asks again on another. */
static void answer(struct scene *scene, struct text identity, uint64_t first, uint64_t last) {
    char from[32], to[32], seq[32];
    for (uint64_t i = first > scene->kept_from ? first : scene->kept_from; i <= last; i++) {
        snprintf(seq, sizeof seq, "%" PRIu64, i);
        const struct text frames[] = {identity, TEXT_OF("update"), text_of(seq)};
        if (!zsock_send(scene->replay, frames, 3))
            return;
    }
    snprintf(from, sizeof from, "%" PRIu64, scene->kept_from);
    snprintf(to, sizeof to, "%" PRIu64, scene->sent);
    const struct text frames[] = {identity, TEXT_OF("end"), text_of(from), text_of(to)};
    (void)zsock_send(scene->replay, frames, 4);
}

static bool on_replay_request(void *context) {
    struct scene *scene = context;
    struct zmessage message;
    uint64_t first, last;
    zmessage_init(&message);
    bool came = zmessage_receive(&message, scene->replay, 10, 1000, ZMQ_DONTWAIT) == ZRECEIVE_OK;
    if (came) {
        assert_int_equal(message.count, 5);
        assert_true(zmessage_is(&message, 1, "replay") && zmessage_is(&message, 2, "press"));
        assert_true(text_to_uint64(zmessage_frame(&message, 3), &first));
        assert_true(text_to_uint64(zmessage_frame(&message, 4), &last));
        if (++scene->replay_requests > scene->ignored)
            answer(scene, zmessage_frame(&message, 0), first, last);
    }
    zmessage_finish(&message);
    return came;
}

static void bind_feed(struct scene *scene) {
    struct bench *bench = &scene->bench;
    const struct zendpoint live = {scene->live_path, false}, replay = {scene->replay_path, false};
    struct zsock_options options;
    zsock_defaults(&options);
    options.linger_ms = 0;
    scene->zmq = zcontext_create();
    scene->live = zsock_create(scene->zmq, ZMQ_XPUB, &options, bench->error, sizeof bench->error);
    scene->replay = zsock_create(scene->zmq, ZMQ_ROUTER, &options, bench->error, sizeof bench->error);
    assert_true(zsock_bind(scene->live, &live, bench->error, sizeof bench->error));
    assert_true(zsock_bind(scene->replay, &replay, bench->error, sizeof bench->error));
    scene->replay_watch = zwatch_create(bench->loop, scene->replay, LOOP_LATER, 10, on_replay_request, scene, NULL);
}

static void unbind_feed(struct scene *scene) {
    zwatch_destroy(scene->replay_watch);
    zsock_destroy(scene->live);
    zsock_destroy(scene->replay);
    zcontext_destroy(scene->zmq);
}

/* Both subscriptions of the daemon's SUB socket, as the XPUB socket sees them. */
static void await_subscriptions(struct scene *scene) {
    for (int i = 0; i < 2; i++) {
        char topic[64];
        int len = zmq_recv(scene->live, topic, sizeof topic, 0);
        assert_true(len > 1 && topic[0] == 1);
    }
}

static void open_scene(struct scene *scene, bool replay, const struct feed_settings *feed) {
    memset(scene, 0, sizeof *scene);
    struct bench *bench = &scene->bench;
    bench_start(bench);
    snprintf(scene->live_path, sizeof scene->live_path, "ipc://%s/live", bench->folder);
    snprintf(scene->replay_path, sizeof scene->replay_path, "ipc://%s/replay", bench->folder);
    scene->kept_from = 1;
    scene->stop_at_event = 99;
    bind_feed(scene);
    const struct ingest_feed feeds[] = {
        {.source = "press", .connect = {scene->live_path, false}, .replay = {replay ? scene->replay_path : "", false}}};
    const struct ingest_settings settings = {
        .loop = bench->loop,
        .zmq = bench->zmq,
        .feeds = feeds,
        .feed_count = 1,
        .max_message = 1000,
        .queue = 10000,
        .feed = *feed,
        .on_deliver = on_deliver,
        .on_event = on_event,
        .context = scene,
        .counters = &bench->counters,
    };
    scene->ingest = ingest_create(&settings, bench->error, sizeof bench->error);
    assert_non_null(scene->ingest);
    await_subscriptions(scene);
}

static void close_scene(struct scene *scene) {
    ingest_destroy(scene->ingest);
    unbind_feed(scene);
    unlink(scene->live_path + strlen("ipc://"));
    unlink(scene->replay_path + strlen("ipc://"));
    bench_stop(&scene->bench);
}

static void run_to(struct scene *scene, uint64_t last) {
    scene->stop_at = last;
    bench_run(&scene->bench);
    assert_int_equal(scene->last, last);
}

static const struct feed_settings patient = {
    .stale_after_ms = 60000,
    .gap_timeout_ms = 60000,
    .replay_timeout_ms = 60000,
    .hold_messages = 100,
    .hold_bytes = 10000,
};

static void live_then_gap_then_replay(void **unused) {
    (void)unused;
    struct scene scene;
    open_scene(&scene, true, &patient);
    const struct ingest_counters *counters = &scene.bench.counters.ingest;
    for (uint64_t seq = 1; seq <= 1000; seq++)
        update(&scene, seq);
    run_to(&scene, 1000);
    for (uint64_t seq = 1500; seq <= 1510; seq++)
        update(&scene, seq);
    run_to(&scene, 1510);
    assert_int_equal(scene.replay_requests, 1);
    assert_int_equal(scene.events[FEED_EVENT_GAP], 1);
    assert_int_equal(scene.events[FEED_EVENT_RECOVERED], 1);
    assert_int_equal(counters->messages, 1011);
    assert_int_equal(counters->replay_messages, 499);
    assert_int_equal(counters->lost, 0);
    heartbeat(&scene, 1512); /* missed at the end */
    scene.sent = 1512;
    run_to(&scene, 1512);
    assert_int_equal(counters->heartbeats, 1);
    scene.kept_from = 1516;
    update(&scene, 1520);
    run_to(&scene, 1520);
    assert_int_equal(counters->lost, 3);
    close_scene(&scene);
}

/* The first request is never answered; the second goes out on a new socket. */
static void an_unanswered_request_is_repeated(void **unused) {
    (void)unused;
    struct scene scene;
    struct feed_settings settings = patient;
    settings.replay_timeout_ms = 50;
    open_scene(&scene, true, &settings);
    scene.ignored = 1;
    update(&scene, 1);
    update(&scene, 5);
    run_to(&scene, 5);
    assert_true(scene.replay_requests >= 2);
    assert_int_equal(scene.bench.counters.ingest.lost, 0);
    assert_true(scene.bench.counters.ingest.replay_failures >= 1);
    struct ingest_status status;
    assert_int_equal(ingest_count(scene.ingest), 1);
    ingest_status(scene.ingest, 0, &status);
    assert_string_equal(status.source, "press");
    assert_int_equal(status.state.position, 5);
    assert_false(status.state.gap);
    close_scene(&scene);
}

static void a_gap_without_replay_times_out(void **unused) {
    (void)unused;
    struct scene scene;
    struct feed_settings settings = patient;
    settings.gap_timeout_ms = 50;
    open_scene(&scene, false, &settings);
    update(&scene, 1);
    update(&scene, 5);
    run_to(&scene, 5);
    assert_int_equal(scene.bench.counters.ingest.lost, 3);
    assert_int_equal(scene.events[FEED_EVENT_GAP], 1);
    close_scene(&scene);
}

static void junk_is_counted(void **unused) {
    (void)unused;
    struct scene scene;
    open_scene(&scene, true, &patient);
    update(&scene, 1);
    assert_true(zsock_send(scene.live, (const struct text[]){TEXT_OF("update/press/")}, 1));
    assert_true(zsock_send(scene.live, (const struct text[]){TEXT_OF("update/press/"), TEXT_OF("2"), TEXT_OF("2")}, 3));
    send_live(&scene, "update/press/more/", "2"); /* the subscription matches it, the topic does not */
    send_live(&scene, "heartbeat/press/", "2");
    send_live(&scene, "update/press/", "two");
    update(&scene, 2);
    run_to(&scene, 2);
    assert_int_equal(scene.bench.counters.ingest.malformed, 4);
    assert_int_equal(scene.bench.counters.ingest.undecodable, 1);
    assert_int_equal(scene.events[FEED_EVENT_GAP], 0);
    close_scene(&scene);
}

static void a_pause_stops_between_two_messages(void **unused) {
    (void)unused;
    struct scene scene;
    open_scene(&scene, true, &patient);
    scene.pause_at_stop = true;
    for (uint64_t seq = 1; seq <= 50; seq++)
        update(&scene, seq);
    run_to(&scene, 20);
    loop_defer(scene.bench.loop, bench_is_late, &scene.bench);
    assert_true(loop_run(scene.bench.loop));
    scene.bench.late = false;
    assert_int_equal(scene.last, 20);
    ingest_pause(scene.ingest, false);
    run_to(&scene, 50);
    close_scene(&scene);
}

/* Again and again, because connections come and go while the feed is stale. */
static void beat(void *context) {
    struct scene *scene = context;
    heartbeat(scene, scene->beat_last);
    loop_timer_start(scene->beat, 10);
}

static void a_silent_feed_is_connected_anew(void **unused) {
    (void)unused;
    struct scene scene;
    struct feed_settings settings = patient;
    settings.stale_after_ms = 50;
    open_scene(&scene, true, &settings);
    assert_true(ingest_set_position(scene.ingest, "press", 7));
    assert_false(ingest_set_position(scene.ingest, "other", 7));
    scene.last = 7;
    scene.stop_at_event = FEED_EVENT_STALE;
    bench_run(&scene.bench);
    assert_int_equal(scene.events[FEED_EVENT_STALE], 1);
    scene.stop_at_event = FEED_EVENT_RECOVERED;
    unbind_feed(&scene); /* the feed dies and comes back */
    bind_feed(&scene);
    scene.beat_last = 7;
    scene.beat = loop_timer_create(scene.bench.loop, LOOP_LATER, beat, &scene);
    loop_timer_start(scene.beat, 0);
    bench_run(&scene.bench);
    assert_int_equal(scene.events[FEED_EVENT_RECOVERED], 1);
    assert_true(scene.bench.counters.ingest.reconnects >= 1);
    scene.stop_at_event = FEED_EVENT_RESTARTED;
    scene.beat_last = 3;
    bench_run(&scene.bench);
    loop_timer_destroy(scene.beat);
    assert_non_null(strstr(scene.text, "numbering restarted"));
    close_scene(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_then_gap_then_replay),          cmocka_unit_test(an_unanswered_request_is_repeated),
        cmocka_unit_test(a_gap_without_replay_times_out),     cmocka_unit_test(junk_is_counted),
        cmocka_unit_test(a_pause_stops_between_two_messages), cmocka_unit_test(a_silent_feed_is_connected_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
