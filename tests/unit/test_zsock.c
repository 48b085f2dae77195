#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/heartbeat.h"
#include "common/zsock.h"

static void the_loopback_rule(void **unused) {
    (void)unused;
    const char *const local[] = {"tcp://127.0.0.1:7710", "tcp://127.8.9.1:1", "tcp://[::1]:7710",
                                 "tcp://localhost:*",    "ipc:///run/x.sock", "inproc://x"};
    const char *const far[] = {"tcp://0.0.0.0:7710", "tcp://*:7710",        "tcp://[::]:7710",
                               "tcp://eth0:7710",    "tcp://10.1.2.3:7710", "tcp://127.0.0.1.example.org:7710",
                               "tcp://localhost.:1", "ipc://@abstract",     "udp://127.0.0.1:1",
                               "tcp://::1:7710",     "tcp://2130706433:1",  ""};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
        assert_true(zsock_is_local(local[i]));
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++)
        assert_false(zsock_is_local(far[i]));
}

static void checks_endpoints_in_words(void **unused) {
    (void)unused;
    char long_path[300] = "ipc:///";
    memset(long_path + 7, 'x', 150);
    const struct {
        const char *address;
        bool insecure;
        const char *expected; /* part of the error; NULL: fine */
    } cases[] = {
        {"tcp://127.0.0.1:7710", false, NULL},
        {"ipc:///run/x.sock", false, NULL},
        {"tcp://10.0.0.1:7710", true, NULL},
        {"tcp://10.0.0.1:7710", false, "endpoint \"tcp://10.0.0.1:7710\" is beyond loopback and not encrypted"},
        {"tcp://*:7710", false, "insecure = true"},
        {"ipc://@x", false, "abstract socket"},
        {"tcp://127.0.0.1", false, "must have the form tcp://host:port"},
        {"tcp://127.0.0.1:", false, "port from 1 to 65535"},
        {"tcp://127.0.0.1:70000", false, "port from 1 to 65535"},
        {"tcp://127.0.0.1:80x", false, "port from 1 to 65535"},
        {"tcp://127.0.0.1:1;tcp://10.0.0.1:1", true, "must have the form"},
        {"tcp://127.0.0.1 :1", false, "space or a control character"},
        {"http://127.0.0.1:1", false, "must start with tcp://, ipc:// or inproc://"},
        {"ipc://", false, "needs a path"},
        {"inproc://", false, "has no name"},
        {long_path, false, "longer than 107 bytes"},
        {NULL, false, "must start with"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char error[ZERROR_SIZE] = "";
        struct zendpoint endpoint = {cases[i].address, cases[i].insecure};
        assert_int_equal(zsock_check(&endpoint, error, sizeof error), cases[i].expected == NULL);
        assert_true(cases[i].expected == NULL || strstr(error, cases[i].expected) != NULL);
    }
}

static void *make(void *context, int type) {
    char error[ZERROR_SIZE];
    struct zsock_options options;
    zsock_defaults(&options);
    options.linger_ms = 0;
    void *socket = zsock_create(context, type, &options, error, sizeof error);
    assert_non_null(socket);
    return socket;
}

static void socket_files(void **unused) {
    (void)unused;
    char folder[] = "/tmp/zsock-XXXXXX", address[64], error[ZERROR_SIZE] = "";
    assert_non_null(mkdtemp(folder));
    snprintf(address, sizeof address, "ipc://%s/a.sock", folder);
    const char *path = address + strlen("ipc://");
    const struct zendpoint endpoint = {address, false};
    void *context = zcontext_create(), *first = make(context, ZMQ_ROUTER), *second = make(context, ZMQ_ROUTER);
    struct stat status;

    assert_true(zsock_bind(first, &endpoint, error, sizeof error));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0660);
    assert_false(zsock_bind(second, &endpoint, error, sizeof error)); /* not taken away from the first */
    assert_non_null(strstr(error, "another process listens there"));

    zsock_destroy(first);
    zsock_destroy(second);
    zcontext_destroy(context);
    unlink(path);
    context = zcontext_create();
    second = make(context, ZMQ_ROUTER);
    int fd = open(path, O_CREAT | O_WRONLY, 0600); /* a plain file is never removed */
    assert_true(fd >= 0);
    close(fd);
    assert_false(zsock_bind(second, &endpoint, error, sizeof error));
    assert_non_null(strstr(error, "is no socket"));
    assert_int_equal(stat(path, &status), 0);
    unlink(path);
    assert_true(zsock_bind(second, &endpoint, error, sizeof error));
    zsock_destroy(second);
    zcontext_destroy(context);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

static void says_why_it_cannot_bind(void **unused) {
    (void)unused;
    char address[64], error[ZERROR_SIZE] = "";
    void *context = zcontext_create(), *first = make(context, ZMQ_ROUTER), *second = make(context, ZMQ_ROUTER);
    assert_true(zsock_bind(first, &(struct zendpoint){"tcp://127.0.0.1:*", false}, error, sizeof error));
    assert_true(zsock_bound(first, address, sizeof address));
    assert_false(zsock_bind(second, &(struct zendpoint){address, false}, error, sizeof error));
    assert_non_null(strstr(error, address));
    assert_non_null(strstr(error, "is another instance running?"));
    assert_false(zsock_connect(second, &(struct zendpoint){"tcp://192.0.2.1:7710", false}, error, sizeof error));
    zsock_destroy(first);
    zsock_destroy(second);
    zcontext_destroy(context);
}

static void options_are_set(void **unused) {
    (void)unused;
    void *context = zcontext_create(), *socket = make(context, ZMQ_ROUTER);
    const struct {
        int option, value;
    } expected[] = {{ZMQ_HANDSHAKE_IVL, 5000},
                    {ZMQ_HEARTBEAT_IVL, 5000},
                    {ZMQ_HEARTBEAT_TIMEOUT, 15000},
                    {ZMQ_LINGER, 0},
                    {ZMQ_SNDHWM, 10000},
                    {ZMQ_RCVHWM, 10000},
                    {ZMQ_RECONNECT_IVL, 100},
                    {ZMQ_RECONNECT_IVL_MAX, 10000},
                    {ZMQ_BACKLOG, 256},
                    {ZMQ_TCP_KEEPALIVE, 1}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        int value = -1;
        size_t len = sizeof value;
        assert_int_equal(zmq_getsockopt(socket, expected[i].option, &value, &len), 0);
        assert_int_equal(value, expected[i].value);
    }
    int64_t limit = 0;
    size_t len = sizeof limit;
    assert_int_equal(zmq_getsockopt(socket, ZMQ_MAXMSGSIZE, &limit, &len), 0);
    assert_int_equal(limit, 16 * 1024 * 1024);
    zsock_destroy(socket);
    zcontext_destroy(context);
}

static void *make_short(void *context, int type) {
    char error[ZERROR_SIZE];
    struct zsock_options options;
    zsock_defaults(&options);
    options.linger_ms = 0;
    options.heartbeat_ms = 100;
    options.heartbeat_timeout_ms = 300;
    options.receive_hwm = 10;
    void *socket = zsock_create(context, type, &options, error, sizeof error);
    int patience = 20000;
    assert_non_null(socket);
    assert_int_equal(zmq_setsockopt(socket, ZMQ_RCVTIMEO, &patience, sizeof patience), 0);
    return socket;
}

/* The other side gives up who answers no ping, as nobody reads. With pings of
 * its own the reader would have connected anew by itself by then, and end the
 * process with the first message read. */
static void a_queue_left_full(void **unused) {
    (void)unused;
    char error[ZERROR_SIZE], address[64], byte = 0, big[1000] = "x";
    void *context = zcontext_create(), *from = make_short(context, ZMQ_XPUB), *to = make_short(context, ZMQ_SUB);
    const struct zendpoint any = {"tcp://127.0.0.1:*", false}, endpoint = {address, false};
    assert_true(zsock_bind(from, &any, error, sizeof error));
    assert_true(zsock_bound(from, address, sizeof address));
    assert_int_equal(zmq_setsockopt(to, ZMQ_SUBSCRIBE, "", 0), 0);
    assert_true(zsock_connect(to, &endpoint, error, sizeof error));
    assert_int_equal(zmq_recv(from, &byte, 1, 0), 1);
    assert_int_equal(byte, 1);
    for (int i = 0; i < 50; i++)
        assert_int_equal(zmq_send(from, big, sizeof big, 0), sizeof big);
    assert_int_equal(zmq_recv(from, &byte, 1, 0), 1);
    assert_int_equal(byte, 0); /* given up */
    zmq_pollitem_t items[] = {{to, 0, ZMQ_POLLIN, 0}, {from, 0, ZMQ_POLLIN, 0}};
    zmq_poll(items + 1, 1, 500); /* what must not come needs its time */
    do {                         /* what there is; then it finds that the other side has gone, and connects anew */
        assert_true(zmq_poll(items, 2, 20000) > 0);
        if (items[0].revents)
            assert_int_equal(zmq_recv(to, big, sizeof big, 0), sizeof big);
    } while (!items[1].revents);
    assert_int_equal(zmq_recv(from, &byte, 1, 0), 1);
    assert_int_equal(byte, 1);
    assert_int_equal(zmq_send(from, "new", 3, 0), 3);
    int len;
    do
        len = zmq_recv(to, big, sizeof big, 0);
    while (len == sizeof big);
    assert_int_equal(len, 3);
    zsock_destroy(from);
    zsock_destroy(to);
    zcontext_destroy(context);
}

static void messages_within_limits(void **unused) {
    (void)unused;
    char error[ZERROR_SIZE];
    void *context = zcontext_create(), *from = make(context, ZMQ_PAIR), *to = make(context, ZMQ_PAIR);
    const struct zendpoint endpoint = {"inproc://pair", false};
    assert_true(zsock_bind(to, &endpoint, error, sizeof error));
    assert_true(zsock_connect(from, &endpoint, error, sizeof error));
    struct text frames[20];
    for (size_t i = 0; i < 20; i++)
        frames[i] = TEXT_OF("a long frame that libzmq keeps outside of its message struct");
    struct zmessage message;
    zmessage_init(&message);

    assert_int_equal(zmessage_receive(&message, to, 20, 4096, ZMQ_DONTWAIT), ZRECEIVE_NONE);
    assert_true(zsock_send(from, frames, 20));
    assert_int_equal(zmessage_receive(&message, to, 20, 4096, 0), ZRECEIVE_OK);
    assert_int_equal(message.count, 20);
    for (size_t i = 0; i < 20; i++)
        assert_true(zmessage_is(&message, i, frames[i].s));
    assert_int_equal(zmessage_frame(&message, 20).len, 0);

    assert_true(zsock_send(from, frames, 20)); /* too many frames: the next message is read from its start */
    assert_int_equal(zmessage_receive(&message, to, 3, 4096, 0), ZRECEIVE_EXCESS);
    assert_int_equal(message.count, 3);
    frames[1] = TEXT_OF("");
    assert_true(zsock_send(from, frames, 2));
    assert_int_equal(zmessage_receive(&message, to, 3, frames[0].len, 0), ZRECEIVE_OK);
    assert_int_equal(message.count, 2);
    assert_int_equal(message.bytes, frames[0].len);
    assert_true(zsock_send(from, frames, 2)); /* too many bytes */
    assert_int_equal(zmessage_receive(&message, to, 3, frames[0].len - 1, 0), ZRECEIVE_EXCESS);
    assert_int_equal(message.count, 0);

    zmessage_finish(&message);
    zsock_destroy(from);
    zsock_destroy(to);
    zcontext_destroy(context);
}

static void heartbeats(void **unused) {
    (void)unused;
    char buf[HEARTBEAT_SIZE];
    uint64_t last = 7;
    size_t len = heartbeat_encode(buf, "press", 9007199254740992);
    assert_string_equal(buf, "{\"source\":\"press\",\"last\":9007199254740992}");
    assert_true(heartbeat_decode((struct text){buf, len}, "press", &last));
    assert_int_equal(last, 9007199254740992);
    const char *const bad[] = {"",
                               "{}",
                               "{\"source\":\"other\",\"last\":1}",
                               "{\"source\":\"press\",\"last\":-1}",
                               "{\"source\":\"press\",\"last\":1.5}",
                               "{\"source\":\"press\",\"last\":\"1\"}",
                               "{\"source\":\"press\",\"last\":1e300}",
                               "{\"source\":\"press\",\"last\":1} x",
                               "[{\"source\":\"press\",\"last\":1}]"};
    last = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(heartbeat_decode(text_of(bad[i]), "press", &last));
    assert_int_equal(last, 7);
    assert_true(heartbeat_decode(text_of(" {\"last\": 0, \"more\": [], \"source\": \"press\"} "), "press", &last));
    assert_int_equal(last, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loopback_rule), cmocka_unit_test(checks_endpoints_in_words),
        cmocka_unit_test(socket_files),      cmocka_unit_test(says_why_it_cannot_bind),
        cmocka_unit_test(options_are_set),   cmocka_unit_test(messages_within_limits),
        cmocka_unit_test(heartbeats),        cmocka_unit_test(a_queue_left_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
