/*
 * The ZAP handler: its decisions, the handler itself, and that the test made at
 * start tells a handler that works from one that is dead or lets everybody in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "daemon/net/publish.h"
#include "daemon/net/zap.h"
#include "daemon/net/zap_test.h"
#include "daemon/net/zap_thread.h"
#include "tests/unit/net_bench.h"

/* ---- Decisions ---------------------------------------------------------------------------- */

static const uint8_t alice[32] = {1, 2, 3}, bob[32] = {4, 5, 6}, eve[32] = {7, 8, 9};

static void set_entry(struct zap_entry *entry, const uint8_t key[32], unsigned roles) {
    char text[ZKEY_SIZE];
    assert_non_null(zmq_z85_encode(text, key, 32));
    memcpy(entry->public_key, text, ZKEY_LEN);
    entry->roles = (uint8_t)roles;
}

static struct zap_question ask(const char *domain, const char *mechanism, const uint8_t *key, size_t len) {
    return (struct zap_question){
        .frames = {TEXT_OF("1.0"),
                   TEXT_OF("7"),
                   text_of(domain),
                   TEXT_OF("192.0.2.7"),
                   TEXT_OF(""),
                   text_of(mechanism),
                   {(const char *)key, len}},
        .count = 7,
    };
}

struct decisions {
    struct zap_entry entries[2];
};

static enum zap_result decide(const struct decisions *known, const char *domain, const uint8_t *key) {
    char user[ZKEY_SIZE];
    struct zap_question question = ask(domain, "CURVE", key, 32);
    enum zap_result result = zap_decide(&question, known->entries, 2, user);
    assert_int_equal(strlen(user), result == ZAP_ACCEPTED || result == ZAP_WRONG_ROLE ? ZKEY_LEN : 0);
    return result;
}

static void known(struct decisions *decisions, unsigned alices, unsigned bobs) {
    set_entry(&decisions->entries[0], alice, alices);
    set_entry(&decisions->entries[1], bob, bobs);
    if (memcmp(decisions->entries[0].public_key, decisions->entries[1].public_key, ZKEY_LEN) > 0) {
        struct zap_entry first = decisions->entries[0];
        decisions->entries[0] = decisions->entries[1];
        decisions->entries[1] = first;
    }
}

static void each_role_opens_its_socket(void **unused) {
    (void)unused;
    static const struct {
        unsigned role;
        bool submit, query, publish;
    } cases[] = {
        {KEY_SUBMIT, true, false, false},
        {KEY_QUERY, false, true, false},
        {KEY_ADMIN, false, true, false},
        {KEY_CONSUME, false, false, true},
        {KEY_FEED, false, false, false},
        {0, false, false, false},
        {KEY_SUBMIT | KEY_CONSUME, true, false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct decisions decisions;
        known(&decisions, cases[i].role, ~cases[i].role & 31);
        assert_int_equal(decide(&decisions, "submit", alice), cases[i].submit ? ZAP_ACCEPTED : ZAP_WRONG_ROLE);
        assert_int_equal(decide(&decisions, "query", alice), cases[i].query ? ZAP_ACCEPTED : ZAP_WRONG_ROLE);
        assert_int_equal(decide(&decisions, "publish", alice), cases[i].publish ? ZAP_ACCEPTED : ZAP_WRONG_ROLE);
        assert_int_equal(decide(&decisions, "submit", eve), ZAP_UNKNOWN_KEY);
    }
}

static enum zap_result decide_raw(const struct zap_question *question) {
    struct decisions decisions;
    char user[ZKEY_SIZE] = "x";
    known(&decisions, 31, 31);
    enum zap_result result = zap_decide(question, decisions.entries, 2, user);
    if (result != ZAP_ACCEPTED)
        assert_string_equal(user, "");
    return result;
}

static void odd_requests_are_refused(void **unused) {
    (void)unused;
    struct zap_question question = ask("submit", "CURVE", alice, 32);
    assert_int_equal(decide_raw(&question), ZAP_ACCEPTED);
    for (size_t count = 0; count < 7; count++) {
        struct zap_question shorter = question;
        shorter.count = count;
        assert_int_equal(decide_raw(&shorter), ZAP_MALFORMED);
    }
    struct zap_question longer = question;
    longer.count = 8;
    assert_int_equal(decide_raw(&longer), ZAP_MALFORMED);
    struct zap_question other = question;
    other.frames[0] = TEXT_OF("1.1");
    assert_int_equal(decide_raw(&other), ZAP_MALFORMED);
    static const char *const domains[] = {"", "global", "submit2", "submi", "Submit"};
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
        other = ask(domains[i], "CURVE", alice, 32);
        assert_int_equal(decide_raw(&other), ZAP_MALFORMED);
    }
    static const size_t lengths[] = {0, 31};
    for (size_t i = 0; i < 2; i++) {
        other = ask("submit", "CURVE", alice, lengths[i]);
        assert_int_equal(decide_raw(&other), ZAP_MALFORMED);
    }
    static const char *const mechanisms[] = {"NULL", "PLAIN", "GSSAPI", "curve", ""};
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        other = ask("submit", mechanisms[i], alice, 32);
        assert_int_equal(decide_raw(&other), ZAP_WRONG_MECHANISM);
    }
    char user[ZKEY_SIZE];
    assert_int_equal(zap_decide(&question, NULL, 0, user), ZAP_UNKNOWN_KEY);
}

/* Nobody gets in by the plain domain with a key, or is taken for somebody local by a key. */
static void plain_endpoints_are_a_domain_of_their_own(void **unused) {
    (void)unused;
    char user[ZKEY_SIZE];
    struct zap_question question = ask("plain", "NULL", NULL, 0);
    question.count = 6;
    assert_int_equal(zap_decide(&question, NULL, 0, user), ZAP_ACCEPTED);
    assert_string_equal(user, ZAP_USER_PLAIN);
    assert_true(strlen(ZAP_USER_PLAIN) < ZKEY_LEN);
    question = ask("plain", "CURVE", alice, 32);
    assert_int_equal(decide_raw(&question), ZAP_WRONG_MECHANISM);
    question = ask("plain", "PLAIN", alice, 32);
    assert_int_equal(decide_raw(&question), ZAP_WRONG_MECHANISM);
}

/* ---- The handler, and the test of it ------------------------------------------------------------ */

struct scene {
    struct bench bench;
    struct zkeys server, probe;
    struct keys *keys; /* none */
    char error[ZERROR_SIZE];
};

static void scene_start(struct scene *scene) {
    struct problems *problems = problems_create();
    char nothing[] = "";
    bench_start(&scene->bench);
    assert_true(zkeys_generate(&scene->server) && zkeys_generate(&scene->probe));
    scene->keys = keys_parse("keys", nothing, problems);
    assert_non_null(scene->keys);
    problems_destroy(problems);
}

static void scene_stop(struct scene *scene) {
    keys_destroy(scene->keys);
    bench_stop(&scene->bench);
}

static struct zap *handler(struct scene *scene) {
    const struct zap_settings settings = {.loop = scene->bench.loop, .zmq = scene->bench.zmq, .keys = scene->keys};
    struct zap *zap = zap_create(&settings, scene->error, sizeof scene->error);
    assert_non_null(zap);
    return zap;
}

static bool test(struct scene *scene) {
    return zap_test(scene->bench.zmq, &scene->server, &scene->probe, scene->error, sizeof scene->error);
}

static void a_handler_that_works_passes(void **unused) {
    (void)unused;
    struct scene scene;
    scene_start(&scene);
    struct zap *zap = handler(&scene);
    assert_false(test(&scene)); /* the known key is not known yet */
    assert_non_null(strstr(scene.error, "a known key was refused"));
    assert_true(zap_set_keys(zap, scene.keys, scene.probe.public_key));
    assert_true(test(&scene));
    assert_true(zap_set_keys(zap, scene.keys, NULL));
    assert_false(test(&scene));
    assert_non_null(strstr(scene.error, "a known key was refused"));
    zap_destroy(zap);
    scene_stop(&scene);
}

static void a_dead_handler_fails(void **unused) {
    (void)unused;
    struct scene scene;
    scene_start(&scene);
    assert_false(test(&scene)); /* there never was one */
    assert_non_null(strstr(scene.error, "key"));
    struct zap *zap = handler(&scene);
    assert_true(zap_set_keys(zap, scene.keys, scene.probe.public_key));
    assert_true(test(&scene));
    zap_destroy(zap);
    assert_false(test(&scene));
    assert_non_null(strstr(scene.error, "key"));
    scene_stop(&scene);
}

/* A handler that says yes to everything, in the place of ours. */
static void *yes(void *socket) {
    struct zmessage message;
    zmessage_init(&message);
    while (zmessage_receive(&message, socket, ZAP_FRAMES_MAX, 65536, 0) == ZRECEIVE_OK) {
        const struct text frames[] = {
            TEXT_OF("1.0"), zmessage_frame(&message, 1), TEXT_OF("200"), TEXT_OF(""), TEXT_OF(""), TEXT_OF("")};
        assert_true(zsock_send(socket, frames, 6));
    }
    zmessage_finish(&message);
    zsock_destroy(socket);
    return NULL;
}

static void a_handler_that_accepts_all_fails(void **unused) {
    (void)unused;
    struct scene scene;
    pthread_t thread;
    scene_start(&scene);
    static const struct zendpoint endpoint = {ZAP_ADDRESS, false};
    void *socket = bench_socket(&scene.bench, ZMQ_REP, 100);
    assert_true(zsock_bind(socket, &endpoint, scene.error, sizeof scene.error));
    assert_int_equal(pthread_create(&thread, NULL, yes, socket), 0);
    assert_false(test(&scene));
    assert_non_null(strstr(scene.error, "an unknown key was accepted"));
    zmq_ctx_shutdown(scene.bench.zmq); /* ends the thread */
    assert_int_equal(pthread_join(thread, NULL), 0);
    scene_stop(&scene);
}

/* Where another handler sits already ours must not start. */
static void two_handlers_are_one_too_many(void **unused) {
    (void)unused;
    struct scene scene;
    scene_start(&scene);
    static const struct zendpoint endpoint = {ZAP_ADDRESS, false};
    void *socket = bench_socket(&scene.bench, ZMQ_REP, 100);
    assert_true(zsock_bind(socket, &endpoint, scene.error, sizeof scene.error));
    const struct zap_settings settings = {.loop = scene.bench.loop, .zmq = scene.bench.zmq, .keys = scene.keys};
    assert_null(zap_create(&settings, scene.error, sizeof scene.error));
    zsock_destroy(socket);
    scene_stop(&scene);
}

/* ---- Taking a key away ---------------------------------------------------------------------------- */

struct hearing {
    struct scene scene;
    struct zap *zap;
    struct publish *publish;
    char address[64];
};

static size_t on_heartbeat(void *context, char *buf, size_t size) {
    (void)context;
    return (size_t)snprintf(buf, size, "{}");
}

static void ear_connect(struct peer *ear, struct hearing *hearing, const struct zkeys *keys) {
    struct bench *bench = &hearing->scene.bench;
    const struct zendpoint endpoint = {hearing->address, false};
    memset(ear, 0, sizeof *ear);
    ear->bench = bench;
    ear->socket = bench_socket(bench, ZMQ_SUB, 1000);
    assert_int_equal(zmq_setsockopt(ear->socket, ZMQ_SUBSCRIBE, "heartbeat/", 10), 0);
    assert_true(
        zcurve_set_client(ear->socket, hearing->scene.server.public_key, keys, bench->error, sizeof bench->error));
    assert_true(zsock_connect(ear->socket, &endpoint, bench->error, sizeof bench->error));
    ear->watch = zwatch_create(bench->loop, ear->socket, LOOP_LATER, 100, peer_reads, ear, NULL);
    assert_non_null(ear->watch);
}

static void a_key_taken_away_hears_nothing_more(void **unused) {
    (void)unused;
    struct hearing hearing;
    struct peer gone, stays;
    struct zkeys keys[2];
    char text[256];
    scene_start(&hearing.scene);
    struct bench *bench = &hearing.scene.bench;
    struct problems *problems = problems_create();
    assert_true(zkeys_generate(&keys[0]) && zkeys_generate(&keys[1]));
    snprintf(text, sizeof text, "gone %s consume\nstays %s consume\n", keys[0].public_key, keys[1].public_key);
    struct keys *both = keys_parse("keys", text, problems);
    snprintf(text, sizeof text, "stays %s consume\n", keys[1].public_key);
    struct keys *one = keys_parse("keys", text, problems);
    assert_non_null(both);
    assert_non_null(one);
    hearing.zap = handler(&hearing.scene);
    assert_true(zap_set_keys(hearing.zap, both, NULL));

    /* A port that is free now: it must be bound twice. */
    static const struct zendpoint any = {"tcp://127.0.0.1:*", false};
    void *socket = bench_socket(bench, ZMQ_PUB, 10);
    assert_true(zsock_bind(socket, &any, bench->error, sizeof bench->error));
    assert_true(zsock_bound(socket, hearing.address, sizeof hearing.address));
    zsock_destroy(socket);
    const struct zcurve_server curve = {hearing.scene.server.secret_key, ZAP_DOMAIN_PUBLISH};
    const struct zendpoint endpoint = {hearing.address, false};
    const struct publish_settings settings = {.loop = bench->loop,
                                              .zmq = bench->zmq,
                                              .endpoints = &endpoint,
                                              .endpoint_count = 1,
                                              .curve = &curve,
                                              .zap = hearing.zap,
                                              .queue = 100,
                                              .heartbeat_ms = 10,
                                              .on_heartbeat = on_heartbeat,
                                              .counters = &bench->counters};
    while ((hearing.publish = publish_create(&settings, bench->error, sizeof bench->error)) == NULL)
        assert_non_null(strstr(bench->error, "in use")); /* libzmq is still closing it */

    ear_connect(&gone, &hearing, &keys[0]);
    ear_connect(&stays, &hearing, &keys[1]);
    peer_await(&gone, 1);
    peer_await(&stays, 1);
    const struct listeners *listeners = publish_listeners(hearing.publish);
    assert_int_equal(listeners_count(listeners), 2);
    for (size_t i = 0; i < 2; i++) {
        const struct listener *listener = listeners_at(listeners, i);
        assert_true(strcmp(listener->user, keys[0].public_key) == 0 || strcmp(listener->user, keys[1].public_key) == 0);
        assert_int_equal(listener->topic_count, 1);
        assert_string_equal(listener->topics[0], "heartbeat/");
    }

    assert_true(zap_set_keys(hearing.zap, one, NULL));
    publish_renew(hearing.publish);
    peer_await(&stays, stays.received + 200); /* some of them may be from before */
    size_t heard = gone.received;
    peer_await(&stays, stays.received + 100);
    assert_int_equal(gone.received, heard);
    assert_true(zap_report(hearing.zap)->results[ZAP_UNKNOWN_KEY] > 0);
    for (int i = 0; i < 2 * ZAP_WATCHES_MAX; i++) { /* the handler lets go of what was closed */
        publish_renew(hearing.publish);
        peer_await(&stays, stays.received + 1);
    }
    assert_int_equal(gone.received, heard);

    peer_close(&gone);
    peer_close(&stays);
    publish_destroy(hearing.publish);
    zap_destroy(hearing.zap);
    keys_destroy(both);
    keys_destroy(one);
    problems_destroy(problems);
    scene_stop(&hearing.scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_opens_its_socket),
        cmocka_unit_test(odd_requests_are_refused),
        cmocka_unit_test(plain_endpoints_are_a_domain_of_their_own),
        cmocka_unit_test(a_handler_that_works_passes),
        cmocka_unit_test(a_dead_handler_fails),
        cmocka_unit_test(a_handler_that_accepts_all_fails),
        cmocka_unit_test(two_handlers_are_one_too_many),
        cmocka_unit_test(a_key_taken_away_hears_nothing_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
