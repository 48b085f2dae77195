#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/lib/follow.h"

/* What the consumer was told, in order. */
struct told {
    struct oversight_id ids[4096];
    size_t count;
    struct oversight_id snapshot;
    int snapshots, lost;
};

static void on_deliver(void *arg, struct oversight_id id, const char *json, size_t len, bool replayed) {
    struct told *told = arg;
    char expected[OVERSIGHT_ID_SIZE];

    (void)replayed;
    oversight_id_format(id, expected);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(json, expected, len);
    assert_true(told->count < 4096);
    told->ids[told->count++] = id;
}

static void on_snapshot(void *arg, struct oversight_id last, bool lost) {
    struct told *told = arg;

    told->snapshot = last;
    told->snapshots++;
    told->lost += lost;
}

static const struct follow_handlers handlers = {on_deliver, on_snapshot};

static struct oversight_id at(uint64_t epoch, uint64_t seq) {
    return (struct oversight_id){epoch, seq};
}

static void live(struct follow *follow, uint64_t epoch, uint64_t seq) {
    char text[OVERSIGHT_ID_SIZE];

    oversight_id_format(at(epoch, seq), text);
    follow_live(follow, at(epoch, seq), text, strlen(text));
}

static void answer_alert(struct follow *follow, uint64_t epoch, uint64_t seq) {
    char text[OVERSIGHT_ID_SIZE];

    oversight_id_format(at(epoch, seq), text);
    follow_answer_alert(follow, at(epoch, seq), text, strlen(text));
}

static void assert_ids(const struct told *told, const char *expected) {
    char text[1024] = "", id[OVERSIGHT_ID_SIZE];

    for (size_t i = 0; i < told->count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 0 ? " " : "",
                 oversight_id_format(told->ids[i], id));
    assert_string_equal(text, expected);
}

static void snapshot_first_then_live(void **unused) {
    struct told told = {0};
    struct follow *follow = follow_create(&handlers, &told, false, at(0, 0));
    struct follow_request request = follow_next_request(follow, 0);

    (void)unused;
    assert_int_equal(request.kind, FOLLOW_SNAPSHOT);
    assert_int_equal(follow_next_request(follow, 0).kind, FOLLOW_NOTHING); /* handed out once */
    live(follow, 2, 7);
    live(follow, 2, 8);
    live(follow, 2, 9);
    assert_int_equal(told.count, 0);
    follow_answer_snapshot(follow, request.number, at(2, 8), at(2, 8));
    assert_int_equal(told.snapshots, 1);
    assert_int_equal(told.lost, 0);
    assert_ids(&told, "2-9"); /* those before are in the snapshot */
    live(follow, 2, 9);
    live(follow, 2, 10);
    assert_ids(&told, "2-9 2-10");
    follow_heartbeat(follow, at(2, 10), at(2, 10));
    assert_int_equal(follow_next_request(follow, 0).kind, FOLLOW_NOTHING);
    assert_true(follow_caught_up(follow));
    follow_destroy(follow);
}

static void a_skipped_id_is_asked_for(void **unused) {
    struct told told = {0};
    struct follow *follow = follow_create(&handlers, &told, true, at(1, 3));
    struct follow_request request = follow_next_request(follow, 0);

    (void)unused;
    assert_int_equal(request.kind, FOLLOW_ALERTS); /* what came while we were away */
    assert_int_equal(oversight_id_compare(request.after, at(1, 3)), 0);
    assert_true(follow_answer_begin(follow, request.number, false));
    follow_answer_end(follow, false, 0);
    live(follow, 1, 4);
    live(follow, 1, 6);
    live(follow, 1, 7);
    assert_ids(&told, "1-4");
    request = follow_next_request(follow, 0);
    assert_int_equal(request.kind, FOLLOW_ALERTS);
    assert_int_equal(oversight_id_compare(request.after, at(1, 4)), 0);
    assert_true(follow_answer_begin(follow, request.number, false));
    answer_alert(follow, 1, 5);
    answer_alert(follow, 1, 6); /* the rest was live already */
    assert_true(follow_answer_end(follow, false, 0));
    assert_ids(&told, "1-4 1-5 1-6 1-7");
    assert_true(follow_caught_up(follow));
    follow_destroy(follow);
}

static void a_heartbeat_shows_a_loss(void **unused) {
    struct told told = {0};
    struct follow *follow = follow_create(&handlers, &told, false, at(0, 0));
    struct follow_request request = follow_next_request(follow, 0);

    (void)unused;
    follow_answer_snapshot(follow, request.number, at(1, 1), at(1, 1));
    assert_int_equal(follow_next_request(follow, 0).kind, FOLLOW_NOTHING);
    follow_heartbeat(follow, at(1, 2), at(1, 2));
    assert_false(follow_caught_up(follow));
    assert_int_equal(follow_next_request(follow, 0).kind, FOLLOW_ALERTS);
    follow_destroy(follow);
}

static void a_new_epoch_is_asked_about_once(void **unused) {
    struct told told = {0};
    struct follow *follow = follow_create(&handlers, &told, false, at(0, 0));
    struct follow_request request = follow_next_request(follow, 0);

    (void)unused;
    follow_answer_snapshot(follow, request.number, at(1, 5), at(1, 5));
    follow_heartbeat(follow, at(2, 0), at(2, 0)); /* a take-over; perhaps 1-6 was the last of the old */
    request = follow_next_request(follow, 0);
    assert_int_equal(request.kind, FOLLOW_ALERTS);
    assert_true(follow_answer_begin(follow, request.number, false));
    answer_alert(follow, 1, 6);
    follow_answer_end(follow, false, 0);
    follow_heartbeat(follow, at(2, 0), at(2, 0));
    assert_int_equal(follow_next_request(follow, 0).kind, FOLLOW_NOTHING);
    live(follow, 2, 1);
    assert_ids(&told, "1-6 2-1");
    follow_destroy(follow);
}

static void truncated_takes_a_snapshot(void **unused) {
    struct told told = {0};
    struct follow *follow = follow_create(&handlers, &told, true, at(1, 1));
    struct follow_request request = follow_next_request(follow, 0);

    (void)unused;
    assert_false(follow_answer_begin(follow, request.number, true));
    request = follow_next_request(follow, 0);
    assert_int_equal(request.kind, FOLLOW_SNAPSHOT);
    follow_answer_snapshot(follow, request.number, at(4, 40), at(4, 40));
    assert_int_equal(told.lost, 1);
    live(follow, 4, 41);
    assert_ids(&told, "4-41");
    follow_destroy(follow);
}

static void failures_wait_longer_each_time(void **unused) {
    struct told told = {0};
    struct follow *follow = follow_create(&handlers, &told, false, at(0, 0));
    int64_t now = 1000;
    int last = 0;

    (void)unused;
    for (int i = 0; i < 10; i++) {
        struct follow_request request = follow_next_request(follow, now);
        int wait;

        assert_int_equal(request.kind, FOLLOW_SNAPSHOT);
        assert_int_equal(follow_wait(follow, now), -1); /* open: the transport has the time-out */
        follow_failed(follow, request.number + 1, now); /* not ours */
        assert_int_equal(follow_wait(follow, now), -1);
        follow_failed(follow, request.number, now);
        wait = follow_wait(follow, now);
        assert_true(wait > 0 && wait >= last && wait <= 8000);
        assert_int_equal(follow_next_request(follow, now + wait - 1).kind, FOLLOW_NOTHING);
        last = wait;
        now += wait;
    }
    follow_destroy(follow);
}

static void late_answers_are_ignored(void **unused) {
    struct told told = {0};
    struct follow *follow = follow_create(&handlers, &told, false, at(0, 0));
    struct follow_request first = follow_next_request(follow, 0), second;

    (void)unused;
    follow_failed(follow, first.number, 0);
    second = follow_next_request(follow, 100000);
    follow_answer_snapshot(follow, first.number, at(9, 9), at(9, 9));
    assert_int_equal(told.snapshots, 0);
    assert_false(follow_answer_begin(follow, second.number, false)); /* a snapshot was asked for */
    follow_answer_snapshot(follow, second.number, at(1, 1), at(1, 1));
    assert_int_equal(told.snapshots, 1);
    follow_answer_snapshot(follow, second.number, at(1, 2), at(1, 2));
    assert_int_equal(told.snapshots, 1);
    follow_destroy(follow);
}

/* The store was replaced by an empty one: the ids start again below ours. */
static void a_history_that_is_gone_is_noticed(void **unused) {
    struct told told = {0};
    struct follow *follow = follow_create(&handlers, &told, false, at(0, 0));
    struct follow_request request = follow_next_request(follow, 0);

    (void)unused;
    follow_answer_snapshot(follow, request.number, at(7, 100), at(7, 100));
    for (int i = 0; i < 2 * FOLLOW_BACKWARDS; i++) /* published ahead of what is stored */
        follow_heartbeat(follow, at(7, 90), at(7, 100));
    assert_int_equal(follow_next_request(follow, 0).kind, FOLLOW_NOTHING);
    for (int i = 0; i < FOLLOW_BACKWARDS - 1; i++)
        follow_heartbeat(follow, at(1, 2), at(1, 2));
    follow_heartbeat(follow, at(7, 100), at(7, 100)); /* only a late one */
    for (int i = 0; i < FOLLOW_BACKWARDS; i++) {
        assert_int_equal(follow_next_request(follow, 0).kind, FOLLOW_NOTHING);
        follow_heartbeat(follow, at(1, 2), at(1, 2));
    }
    request = follow_next_request(follow, 0);
    assert_int_equal(request.kind, FOLLOW_SNAPSHOT);
    follow_answer_snapshot(follow, request.number, at(1, 2), at(1, 2));
    assert_int_equal(told.lost, 1);
    live(follow, 1, 3);
    assert_ids(&told, "1-3");

    /* Emptied once more, and its epoch is the same. */
    for (int i = 0; i < FOLLOW_BACKWARDS; i++)
        follow_heartbeat(follow, at(1, 0), at(1, 0));
    request = follow_next_request(follow, 0);
    assert_int_equal(request.kind, FOLLOW_SNAPSHOT);
    follow_answer_snapshot(follow, request.number, at(1, 0), at(1, 0));
    assert_int_equal(told.lost, 2);
    live(follow, 1, 1);
    assert_ids(&told, "1-3 1-1");

    /* Beats that waited in a queue while the alerts after them were asked for; not all of those is confirmed. */
    live(follow, 1, 2);
    live(follow, 1, 3);
    for (int i = 0; i < FOLLOW_BACKWARDS; i++)
        follow_heartbeat(follow, at(1, 1), at(1, 1));
    request = follow_next_request(follow, 0);
    assert_int_equal(request.kind, FOLLOW_SNAPSHOT);
    follow_answer_snapshot(follow, request.number, at(1, 2), at(1, 3));
    assert_int_equal(told.lost, 2);
    live(follow, 1, 3);
    live(follow, 1, 4);
    assert_ids(&told, "1-3 1-1 1-2 1-3 1-4");
    follow_destroy(follow);
}

/* Announced live, never stored, never to be had again: what comes after must not wait for ever. */
static void a_hole_in_the_store_is_passed(void **unused) {
    struct told told = {0};
    struct follow *follow = follow_create(&handlers, &told, false, at(0, 0));
    struct follow_request request = follow_next_request(follow, 0);
    int64_t now = 0;
    int asked = 0;

    (void)unused;
    follow_answer_snapshot(follow, request.number, at(1, 1), at(1, 1));
    live(follow, 1, 3);
    while (told.lost == 0) {
        assert_true(++asked < 20);
        if (follow_wait(follow, now) > 0)
            now += follow_wait(follow, now);
        request = follow_next_request(follow, now);
        if (request.kind == FOLLOW_SNAPSHOT) {
            follow_answer_snapshot(follow, request.number, at(1, 1), at(1, 1));
        } else {
            assert_int_equal(request.kind, FOLLOW_ALERTS);
            assert_true(follow_answer_begin(follow, request.number, false));
            assert_false(follow_answer_end(follow, false, now)); /* another endpoint may have it */
        }
    }
    assert_true(now > 5000); /* a store that is slow for a while costs no alert */
    assert_ids(&told, "1-3");
    live(follow, 1, 4);
    assert_ids(&told, "1-3 1-4");
    follow_destroy(follow);
}

static void too_many_pending_are_asked_for_instead(void **unused) {
    struct told *told = calloc(1, sizeof(*told));
    struct follow *follow = follow_create(&handlers, told, false, at(0, 0));
    struct follow_request request = follow_next_request(follow, 0);
    uint64_t last = 2 * FOLLOW_PENDING_MAX;

    (void)unused;
    follow_answer_snapshot(follow, request.number, at(1, 0), at(1, 0));
    for (uint64_t seq = 2; seq <= last; seq++)
        live(follow, 1, seq);
    assert_int_equal(told->count, 0);
    for (uint64_t from = 1; !follow_caught_up(follow); from = follow_position(follow).seq + 1) {
        request = follow_next_request(follow, 0);
        assert_int_equal(request.kind, FOLLOW_ALERTS);
        assert_true(follow_answer_begin(follow, request.number, false));
        for (uint64_t seq = from; seq < from + 100 && seq <= last; seq++)
            answer_alert(follow, 1, seq);
        follow_answer_end(follow, from + 100 <= last, 0);
    }
    assert_int_equal(told->count, last);
    for (uint64_t seq = 1; seq <= last; seq++)
        assert_int_equal(told->ids[seq - 1].seq, seq);
    follow_destroy(follow);
    free(told);
}

static void ids_in_text(void **unused) {
    static const char *const bad[] = {"",      "-",    "1",   "1-",   "-1",
                                      "1-2-3", "1 -2", "a-1", "1--2", "18446744073709551616-1"};
    struct oversight_id id = at(8, 8);
    char text[OVERSIGHT_ID_SIZE];

    (void)unused;
    assert_true(oversight_id_parse("18446744073709551615-18446744073709551615", 41, &id));
    assert_string_equal(oversight_id_format(id, text), "18446744073709551615-18446744073709551615");
    assert_true(oversight_id_parse("0-0", 3, &id));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(oversight_id_parse(bad[i], strlen(bad[i]), &id));
    assert_int_equal(oversight_id_compare(at(1, 9), at(2, 0)), -1);
    assert_int_equal(oversight_id_compare(at(2, 1), at(2, 0)), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot_first_then_live),
        cmocka_unit_test(a_skipped_id_is_asked_for),
        cmocka_unit_test(a_heartbeat_shows_a_loss),
        cmocka_unit_test(a_new_epoch_is_asked_about_once),
        cmocka_unit_test(truncated_takes_a_snapshot),
        cmocka_unit_test(failures_wait_longer_each_time),
        cmocka_unit_test(late_answers_are_ignored),
        cmocka_unit_test(a_history_that_is_gone_is_noticed),
        cmocka_unit_test(a_hole_in_the_store_is_passed),
        cmocka_unit_test(too_many_pending_are_asked_for_instead),
        cmocka_unit_test(ids_in_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
