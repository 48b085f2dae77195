/* Requests to several endpoints of which some never answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "clients/lib/channel.h"

#define HOUR_MS 3600000 /* nobody waits for that */
#define QUICK_MS 50
#define PATIENCE_MS 60000 /* a test that waits longer has failed */

struct bench {
    char dir[64], *address[2];
    void *context, *routers[2];
    struct channel *channel;
    struct zmessage message;
};

static int setup(void **state) {
    struct bench *bench = calloc(1, sizeof(*bench));
    char error[ZERROR_SIZE] = "";
    int linger = 0;

    if (!bench)
        abort();
    snprintf(bench->dir, sizeof(bench->dir), "/tmp/channel.XXXXXX");
    assert_non_null(mkdtemp(bench->dir));
    bench->context = zcontext_create();
    for (int i = 0; i < 2; i++) {
        assert_true(asprintf(&bench->address[i], "ipc://%s/%d", bench->dir, i) > 0);
        bench->routers[i] = zmq_socket(bench->context, ZMQ_ROUTER);
        zmq_setsockopt(bench->routers[i], ZMQ_LINGER, &linger, sizeof(linger));
        assert_int_equal(zmq_bind(bench->routers[i], bench->address[i]), 0);
    }
    const char *endpoints[] = {bench->address[0], bench->address[1], NULL};
    bench->channel = channel_create(bench->context, endpoints, NULL, HOUR_MS, -1, error, sizeof(error));
    assert_string_equal(error, "");
    zmessage_init(&bench->message);
    *state = bench;
    return 0;
}

static int teardown(void **state) {
    struct bench *bench = *state;

    zmessage_finish(&bench->message);
    channel_destroy(bench->channel);
    for (int i = 0; i < 2; i++) {
        zmq_close(bench->routers[i]);
        unlink(bench->address[i] + strlen("ipc://"));
        free(bench->address[i]);
    }
    zcontext_destroy(bench->context);
    rmdir(bench->dir);
    free(bench);
    return 0;
}

/* Takes the requests that are there; answers the one in front of which `silent` others have been. */
static void serve(struct bench *bench, int at, int *silent) {
    while (zmessage_receive(&bench->message, bench->routers[at], 8, 4096, ZMQ_DONTWAIT) == ZRECEIVE_OK) {
        struct text frames[3] = {zmessage_frame(&bench->message, 0), zmessage_frame(&bench->message, 1), {"{}", 2}};

        if (*silent > 0)
            --*silent;
        else
            assert_true(zsock_send(bench->routers[at], frames, 3));
    }
}

/* One request that is answered after so many that are not. */
static void ask(struct bench *bench, int silent) {
    struct zmessage reply;
    int64_t end = channel_now() + PATIENCE_MS;
    uint64_t number = channel_send(bench->channel, "{}", 2, channel_now()), answered;

    zmessage_init(&reply);
    while (!channel_receive(bench->channel, &reply, &answered)) {
        zmq_pollitem_t items[] = {{bench->routers[0], -1, ZMQ_POLLIN, 0},
                                  {bench->routers[1], -1, ZMQ_POLLIN, 0},
                                  {channel_socket(bench->channel), -1, ZMQ_POLLIN, 0}};
        int wait = channel_wait(bench->channel, channel_now());

        assert_true(channel_now() < end);
        zmq_poll(items, 3, wait < 100 ? wait : 100);
        serve(bench, 0, &silent);
        serve(bench, 1, &silent);
        channel_tick(bench->channel, channel_now());
    }
    assert_int_equal(answered, number);
    zmessage_finish(&reply);
}

/* Without it a silent endpoint has an hour for its answer. */
static void test_quick(void **state) {
    struct bench *bench = *state;

    channel_be_quick(bench->channel, QUICK_MS);
    ask(bench, 1);
    assert_true(channel_repeats(bench->channel) >= 1);
    ask(bench, 3);
    assert_true(channel_repeats(bench->channel) >= 4);
    ask(bench, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_quick, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
