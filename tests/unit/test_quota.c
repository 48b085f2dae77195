/* What one client may take, and the connections of a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/net/quota.h"
#include "daemon/net/zap_monitor.h"

static void bytes_count_until_a_message_is_gone(void **state) {
    (void)state;
    const struct quota_limits limits = {.client_bytes = 10, .total_bytes = 25};
    struct quota *quota = quota_create(&limits);
    zmq_msg_t messages[3];
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        struct quota_client *client = quota_find(quota, text_of(names[i]), 0);
        assert_true(quota_has_room(quota, client));
        assert_true(quota_message(quota, client, TEXT_OF("nine byte"), &messages[i]));
        assert_memory_equal(zmq_msg_data(&messages[i]), "nine byte", 9);
    }
    assert_int_equal(quota_bytes(quota), 27);
    assert_false(quota_has_room(quota, quota_find(quota, TEXT_OF("d"), 0))); /* others have taken it all */
    zmq_msg_close(&messages[0]);
    assert_true(quota_has_room(quota, quota_find(quota, TEXT_OF("d"), 0)));
    assert_true(quota_has_room(quota, quota_find(quota, TEXT_OF("b"), 0)));
    assert_true(quota_message(quota, quota_find(quota, TEXT_OF("b"), 0), TEXT_OF("1"), &messages[0]));
    assert_false(quota_has_room(quota, quota_find(quota, TEXT_OF("b"), 0)));
    assert_true(quota_has_room(quota, quota_find(quota, TEXT_OF("c"), 0)));
    zmq_msg_close(&messages[1]);
    quota_destroy(quota);
    zmq_msg_close(&messages[0]); /* outlive it */
    zmq_msg_close(&messages[2]);
}

static void requests_come_at_a_rate(void **state) {
    (void)state;
    const struct quota_limits limits = {.rate = 10};
    struct quota *quota = quota_create(&limits);
    for (int i = 0; i < 20; i++)
        assert_true(quota_take(quota, quota_find(quota, TEXT_OF("a"), 0), 0));
    assert_false(quota_take(quota, quota_find(quota, TEXT_OF("a"), 0), 0));
    assert_true(quota_take(quota, quota_find(quota, TEXT_OF("b"), 0), 0)); /* has its own */
    assert_false(quota_take(quota, quota_find(quota, TEXT_OF("a"), 99), 99));
    assert_true(quota_take(quota, quota_find(quota, TEXT_OF("a"), 101), 101));
    assert_false(quota_take(quota, quota_find(quota, TEXT_OF("a"), 101), 101));
    for (int i = 0; i < 20; i++) /* not more than at first after a long time */
        assert_true(quota_take(quota, quota_find(quota, TEXT_OF("a"), 1000000), 1000000));
    assert_false(quota_take(quota, quota_find(quota, TEXT_OF("a"), 1000000), 1000000));
    quota_destroy(quota);
}

static void clients_are_remembered_within_bounds(void **state) {
    (void)state;
    const struct quota_limits limits = {.client_bytes = 1};
    struct quota *quota = quota_create(&limits);
    zmq_msg_t message;
    char name[32];
    assert_true(quota_message(quota, quota_find(quota, TEXT_OF("busy"), 0), TEXT_OF("xx"), &message));
    for (int i = 1; i < QUOTA_CLIENTS_MAX; i++) {
        snprintf(name, sizeof name, "client %d", i);
        assert_non_null(quota_find(quota, text_of(name), 0));
    }
    struct quota_client *shared = quota_find(quota, TEXT_OF("one more"), 1);
    assert_ptr_equal(quota_find(quota, TEXT_OF("another"), 1), shared);
    struct quota_client *own = quota_find(quota, TEXT_OF("another"), 100000); /* the quiet are forgotten */
    assert_ptr_not_equal(quota_find(quota, TEXT_OF("one more"), 100000), own);
    assert_false(quota_has_room(quota, quota_find(quota, TEXT_OF("busy"), 100000))); /* but not who owes */
    zmq_msg_close(&message);
    quota_destroy(quota);
}

static void connections_settle(void **state) {
    (void)state;
    struct zap_monitor monitor = {.socket = NULL};
    zap_monitor_accepted(&monitor, 10, 1000);
    zap_monitor_accepted(&monitor, 11, 1001);
    zap_monitor_accepted(&monitor, 70000, 1003);
    assert_int_equal(monitor.open, 3);
    assert_int_equal(zap_monitor_settled(&monitor, 1003, 5), 0);
    assert_int_equal(zap_monitor_settled(&monitor, 1006, 5), 1);
    assert_int_equal(zap_monitor_settled(&monitor, 1009, 5), 3);
    zap_monitor_disconnected(&monitor, 70000); /* a young one takes its mark along */
    assert_int_equal(zap_monitor_settled(&monitor, 1006, 5), 1);
    zap_monitor_accepted(&monitor, 12, 1006);
    zap_monitor_disconnected(&monitor, 10);
    assert_int_equal(zap_monitor_settled(&monitor, 1007, 5), 1);
    zap_monitor_accepted(&monitor, 10, 1000000); /* after a long silence */
    assert_int_equal(zap_monitor_settled(&monitor, 1000001, 5), 2);
    zap_monitor_accepted(&monitor, UINT32_MAX, 1000001); /* no descriptor */
    zap_monitor_disconnected(&monitor, UINT32_MAX);
    for (int i = 0; i < 5; i++)
        zap_monitor_disconnected(&monitor, 12);
    assert_int_equal(monitor.open, 0);
    assert_int_equal(zap_monitor_settled(&monitor, 1000001, 5), 0);
    zap_monitor_close(&monitor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_count_until_a_message_is_gone),
        cmocka_unit_test(requests_come_at_a_rate),
        cmocka_unit_test(clients_are_remembered_within_bounds),
        cmocka_unit_test(connections_settle),
    };
    return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
