/* Who listens to what: subscriptions by key, within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/net/listeners.h"

static enum subscription take(struct listeners *listeners, const char *frame, size_t len, const char *user) {
    return listeners_take(listeners, (struct text){frame, len}, user, 42);
}

static void subscribe(struct listeners *listeners, const char *user, const char *topic) {
    char frame[64];
    int len = snprintf(frame, sizeof frame, "\1%s", topic);
    assert_int_equal(take(listeners, frame, (size_t)len, user), SUBSCRIPTION_BEGINS);
}

static void topics_stand_under_their_key(void **unused) {
    (void)unused;
    struct listeners *listeners = listeners_create();
    subscribe(listeners, "alice", "alert/");
    subscribe(listeners, "bob", "");
    subscribe(listeners, "alice", "heartbeat/");
    subscribe(listeners, "alice", "alert/");
    subscribe(listeners, "", "local");
    assert_int_equal(listeners_count(listeners), 2);
    const struct listener *alice = listeners_at(listeners, 0), *bob = listeners_at(listeners, 1);
    assert_string_equal(alice->user, "alice");
    assert_int_equal(alice->subscriptions, 3);
    assert_int_equal(alice->last, 42);
    assert_int_equal(alice->topic_count, 2);
    assert_string_equal(alice->topics[0], "heartbeat/"); /* the newest stands last */
    assert_string_equal(alice->topics[1], "alert/");
    assert_int_equal(bob->topic_count, 1);
    assert_string_equal(bob->topics[0], "");
    assert_int_equal(take(listeners, "\0alert/", 7, "alice"), SUBSCRIPTION_ENDS);
    assert_int_equal(take(listeners, "\0", 1, ""), SUBSCRIPTION_ENDS);
    assert_int_equal(alice->topic_count, 2); /* what was asked for stays known */
    listeners_destroy(listeners);
    listeners_destroy(NULL);
}

static void what_is_no_subscription_is_said_to_be_none(void **unused) {
    (void)unused;
    struct listeners *listeners = listeners_create();
    assert_int_equal(take(listeners, "", 0, "alice"), SUBSCRIPTION_MALFORMED);
    assert_int_equal(take(listeners, "\2alert/", 7, "alice"), SUBSCRIPTION_MALFORMED);
    assert_int_equal(take(listeners, "alert/", 6, "alice"), SUBSCRIPTION_MALFORMED);
    assert_int_equal(listeners_count(listeners), 0);
    listeners_destroy(listeners);
}

static void topics_are_shown_within_bounds(void **unused) {
    (void)unused;
    struct listeners *listeners = listeners_create();
    char topic[64], frame[4096];
    for (int i = 0; i < 3 * LISTENER_TOPICS_MAX; i++) {
        snprintf(topic, sizeof topic, "alert/%d/", i);
        subscribe(listeners, "alice", topic);
    }
    const struct listener *alice = listeners_at(listeners, 0);
    assert_int_equal(alice->topic_count, LISTENER_TOPICS_MAX);
    for (int i = 0; i < LISTENER_TOPICS_MAX; i++) {
        snprintf(topic, sizeof topic, "alert/%d/", 2 * LISTENER_TOPICS_MAX + i);
        assert_string_equal(alice->topics[i], topic);
    }
    assert_int_equal(take(listeners, "\1\0\xff\n", 4, "alice"), SUBSCRIPTION_BEGINS);
    assert_string_equal(alice->topics[LISTENER_TOPICS_MAX - 1], "\\x00\\xff\\x0a");
    memset(frame, 'x', sizeof frame);
    frame[0] = 1;
    assert_int_equal(take(listeners, frame, sizeof frame, "alice"), SUBSCRIPTION_BEGINS);
    assert_int_equal(strlen(alice->topics[LISTENER_TOPICS_MAX - 1]), LISTENER_TOPIC_SIZE - 1);
    listeners_destroy(listeners);
}

static void keys_are_remembered_within_bounds(void **unused) {
    (void)unused;
    struct listeners *listeners = listeners_create();
    char user[16];
    for (int i = 0; i < LISTENERS_MAX + 10; i++) {
        snprintf(user, sizeof user, "key%d", i);
        subscribe(listeners, user, "alert/");
    }
    assert_int_equal(listeners_count(listeners), LISTENERS_MAX);
    subscribe(listeners, "key0", "heartbeat/");
    assert_int_equal(listeners_at(listeners, 0)->topic_count, 2);
    listeners_destroy(listeners);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_stand_under_their_key),
        cmocka_unit_test(what_is_no_subscription_is_said_to_be_none),
        cmocka_unit_test(topics_are_shown_within_bounds),
        cmocka_unit_test(keys_are_remembered_within_bounds),
    };
    return cmocka_run_group_tests_name("listeners", tests, NULL, NULL);
}
