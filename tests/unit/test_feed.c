#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/feed_app.h"

static void takes_the_first_seq_as_start(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    feed_heartbeat(app.feed, 700, 0); /* nothing seen yet: no start, no gap */
    app_live(&app, "40-42", 1);
    app_live(&app, "43-43", 2);
    feed_heartbeat(app.feed, 43, 3);
    assert_int_equal(app.last, 43);
    assert_int_equal(app.start, 40);
    assert_int_equal(app.asked, 0);
    assert_int_equal(app.events[FEED_EVENT_GAP], 0);
    app_stop(&app);
}

static void fills_a_gap_by_replay(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app_live(&app, "1-4", 0);
    app_live(&app, "9-9", 1);
    app_live(&app, "10-12", 2);
    assert_int_equal(app.events[FEED_EVENT_GAP], 1);
    assert_int_equal(app.newest.first, 5);
    assert_int_equal(app.newest.last, 8);
    assert_int_equal(app.asked, 1);
    assert_int_equal(app.asked_first, 5);
    assert_int_equal(app.asked_last, 8);
    assert_int_equal(app.last, 4);
    assert_int_equal(app_state(&app).held_messages, 2);
    app_replayed(&app, "4-6", 3); /* the message that holds seq 5 begins before it */
    assert_int_equal(app.last, 6);
    app_replayed(&app, "7-8", 4);
    assert_int_equal(app.last, 12);
    feed_replay_end(app.feed, 1, 12, 5);
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 1);
    assert_int_equal(app.lost, 0);
    assert_int_equal(app.asked, 1);
    assert_int_equal(app_state(&app).held_messages, 0);
    assert_false(app.doubled);
    app_stop(&app);
}

static void asks_for_one_gap_after_the_other(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app_live(&app, "1-1", 0);
    app_live(&app, "3-3", 1);
    app_live(&app, "6-6", 2);
    assert_int_equal(app.asked_last, 2);
    app_replayed(&app, "2-2", 3);
    assert_int_equal(app.last, 3);
    assert_int_equal(app.asked, 1); /* the first answer is not at its end */
    feed_replay_end(app.feed, 1, 6, 4);
    assert_int_equal(app.asked, 2);
    assert_int_equal(app.asked_first, 4);
    assert_int_equal(app.asked_last, 5);
    app_replayed(&app, "4-5", 5);
    assert_int_equal(app.last, 6);
    assert_int_equal(app.events[FEED_EVENT_GAP], 1); /* one incident */
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 1);
    app_stop(&app);
}

static void a_heartbeat_ahead_is_a_gap(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app_live(&app, "1-4", 0);
    feed_heartbeat(app.feed, 6, 1);
    assert_int_equal(app.events[FEED_EVENT_GAP], 1);
    assert_int_equal(app.asked_first, 5);
    assert_int_equal(app.asked_last, 6);
    feed_heartbeat(app.feed, 6, 2);
    assert_int_equal(app.asked, 1);
    app_replayed(&app, "5-6", 3);
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 1);
    /* A heartbeat sent before what the replay brought is no restart. */
    feed_heartbeat(app.feed, 8, 4);
    app_replayed(&app, "7-9", 5);
    feed_heartbeat(app.feed, 8, 6);
    assert_int_equal(app.events[FEED_EVENT_RESTARTED], 0);
    assert_int_equal(app.last, 9);
    app_stop(&app);
}

static void a_range_not_kept_is_lost(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app_live(&app, "1-4", 0);
    app_live(&app, "11-11", 1);
    app_replayed(&app, "8-10", 2); /* 5 to 7 are gone */
    assert_int_equal(app.last, 11);
    assert_int_equal(app.lost, 3);
    assert_int_equal(app.newest.kind, FEED_EVENT_RECOVERED);
    feed_replay_end(app.feed, 8, 11, 3);

    app_live(&app, "14-14", 4);
    feed_replay_end(app.feed, 14, 14, 5); /* nothing of 12 to 13 */
    assert_int_equal(app.last, 14);
    assert_int_equal(app.lost, 5);

    feed_heartbeat(app.feed, 20, 6); /* lost at the end, nothing held */
    feed_replay_end(app.feed, 0, 0, 7);
    assert_int_equal(app.lost, 11);
    app_live(&app, "21-22", 8); /* goes on without another incident */
    assert_int_equal(app.last, 22);
    assert_int_equal(app.events[FEED_EVENT_GAP], 3);
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 3);
    assert_int_equal(app_state(&app).lost, 11);
    assert_false(app.doubled);
    app_stop(&app);
}

static void a_replay_that_lags_is_asked_again(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app_live(&app, "1-4", 0);
    app_live(&app, "7-7", 0);
    app_replayed(&app, "5-5", 10);
    feed_replay_end(app.feed, 1, 5, 20);
    assert_int_equal(app.lost, 0);
    assert_int_equal(app.asked, 1);
    assert_int_equal(feed_deadline(app.feed), 1020);
    feed_tick(app.feed, 1020);
    assert_int_equal(app.asked, 2);
    assert_int_equal(app.asked_first, 6);
    app_replayed(&app, "6-6", 1030);
    assert_int_equal(app.last, 7);
    assert_int_equal(app.lost, 0);
    app_stop(&app);
}

static void a_silent_replay_is_asked_again_then_given_up(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app_live(&app, "1-4", 0);
    app_live(&app, "7-7", 0);
    feed_tick(app.feed, 999);
    assert_int_equal(app.asked, 1);
    feed_tick(app.feed, 1000);
    feed_tick(app.feed, 2000);
    assert_int_equal(app.asked, 3);
    assert_int_equal(app.last, 4);
    feed_tick(app.feed, 3000);
    assert_int_equal(app.last, 7);
    assert_int_equal(app.lost, 2);
    assert_int_equal(app_state(&app).replay_failures, 3);
    assert_int_equal(app_state(&app).replaying, 0);
    app_stop(&app);
}

static void without_replay_a_gap_waits_for_its_time(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, false, &app_settings);
    app_live(&app, "1-4", 0);
    app_live(&app, "6-6", 100);
    app_live(&app, "9-9", 200);
    assert_int_equal(feed_deadline(app.feed), 3100);
    feed_tick(app.feed, 3099);
    assert_int_equal(app.last, 4);
    app_live(&app, "5-5", 3099); /* late, but in time */
    assert_int_equal(app.last, 6);
    assert_int_equal(feed_deadline(app.feed), 6099); /* progress */
    feed_tick(app.feed, 6099);
    assert_int_equal(app.last, 9);
    assert_int_equal(app.lost, 2);
    assert_int_equal(app.events[FEED_EVENT_GAP], 1);
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 1);
    app_live(&app, "7-7", 6100); /* too late: a duplicate for the application */
    assert_int_equal(app.last, 9);
    assert_int_equal(app.events[FEED_EVENT_GAP], 1);
    app_stop(&app);
}

static void duplicates_change_nothing(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app_live(&app, "1-4", 0);
    app_live(&app, "1-4", 1);
    app_live(&app, "7-7", 2);
    app_live(&app, "7-7", 3);
    assert_int_equal(app_state(&app).held_messages, 1);
    app_replayed(&app, "5-6", 4);
    app_replayed(&app, "5-6", 5);
    assert_int_equal(app.last, 7);
    assert_int_equal(app.events[FEED_EVENT_GAP], 1);
    app_stop(&app);
}

static void what_does_not_fit_is_replayed_later(void **unused) {
    (void)unused;
    struct app app;
    char text[32];
    app_start(&app, true, &app_settings);
    app_live(&app, "1-1", 0);
    for (int seq = 3; seq <= 20; seq++) {
        snprintf(text, sizeof text, "%d-%d", seq, seq);
        app_live(&app, text, 1);
    }
    assert_int_equal(app_state(&app).held_messages, 8);
    assert_int_equal(app_state(&app).overflow, 10);
    app_replayed(&app, "2-2", 2);
    assert_int_equal(app.last, 10);
    feed_replay_end(app.feed, 1, 20, 3);
    assert_int_equal(app.asked_first, 11);
    assert_int_equal(app.asked_last, 20);
    app_replayed(&app, "11-20", 4);
    assert_int_equal(app.lost, 0);
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 1);
    app_stop(&app);
}

static void without_replay_a_full_hold_ends_the_wait(void **unused) {
    (void)unused;
    struct app app;
    char text[32];
    app_start(&app, false, &app_settings);
    app_live(&app, "1-1", 0);
    for (int seq = 3; seq <= 20; seq++) {
        snprintf(text, sizeof text, "%d-%d", seq, seq);
        app_live(&app, text, 1);
    }
    assert_int_equal(app.last, 20);
    assert_int_equal(app.lost, 1);
    assert_int_equal(app.events[FEED_EVENT_GAP], 1);
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 1);
    app_stop(&app);
}

static void a_message_larger_than_the_hold(void **unused) {
    (void)unused;
    struct app app;
    struct feed_settings small = app_settings;
    small.hold_bytes = 2;
    app_start(&app, false, &small);
    app_live(&app, "1-1", 0);
    app_live(&app, "5-5", 1);
    assert_int_equal(app.last, 5);
    assert_int_equal(app.lost, 3);
    assert_int_equal(app.events[FEED_EVENT_GAP], 1);
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 1);
    app_stop(&app);
}

static void a_hole_inside_a_message(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app_live(&app, "1-4", 0);
    app_live(&app, "5-7-9", 1); /* 7 is missing in it */
    app_live(&app, "10-10", 2);
    assert_int_equal(app.last, 4);
    assert_int_equal(app.asked_first, 7);
    assert_int_equal(app.asked_last, 9);
    app_replayed(&app, "5-7-9", 3); /* the feed has nothing better */
    feed_replay_end(app.feed, 1, 10, 4);
    assert_int_equal(app.last, 10);
    assert_int_equal(app.lost, 1);
    app_stop(&app);

    app_start(&app, true, &app_settings);
    app_live(&app, "5-7-9", 1); /* likewise in the very first message */
    assert_int_equal(app.last, 9);
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 1);
    app_stop(&app);
}

static void undecodable_messages_use_up_no_seq(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app_live(&app, "1-4", 0);
    app_live(&app, "junk", 1);
    assert_int_equal(app_state(&app).refused, 1);
    app_live(&app, "5-5", 2);
    assert_int_equal(app.last, 5);
    assert_int_equal(app.events[FEED_EVENT_GAP], 0);
    app_stop(&app);
}

static void silence_is_stale_once(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    assert_int_equal(feed_deadline(app.feed), 5000);
    feed_tick(app.feed, 4999);
    assert_int_equal(app.events[FEED_EVENT_STALE], 0);
    feed_tick(app.feed, 5000);
    feed_tick(app.feed, 20000);
    assert_int_equal(app.events[FEED_EVENT_STALE], 1);
    app_live(&app, "1-1", 21000);
    assert_int_equal(app.recovered_from[FEED_EVENT_STALE], 1);
    feed_tick(app.feed, 26000);
    assert_int_equal(app.events[FEED_EVENT_STALE], 2);
    feed_heartbeat(app.feed, 1, 26001);
    assert_int_equal(app.recovered_from[FEED_EVENT_STALE], 2);
    feed_resume(app.feed, 90000); /* we did not read: not the feed's silence */
    feed_tick(app.feed, 94999);
    assert_int_equal(app.events[FEED_EVENT_STALE], 2);
    app_stop(&app);
}

static void a_restarted_source_waits_for_its_reset(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app.last = app.start = 100;
    feed_set_position(app.feed, 100, 0);
    assert_int_equal(app.events[FEED_EVENT_RECOVERED], 0);
    feed_heartbeat(app.feed, 3, 1);
    feed_heartbeat(app.feed, 4, 2);
    assert_int_equal(app.events[FEED_EVENT_RESTARTED], 1);
    app_live(&app, "5-5", 3);
    app_live(&app, "101-101", 4); /* not the 101 that should follow */
    assert_int_equal(app.deliveries, 0);
    assert_int_equal(app_state(&app).discarded, 2);
    app.last = 101;
    feed_set_position(app.feed, 101, 5);
    assert_int_equal(app.recovered_from[FEED_EVENT_RESTARTED], 1);
    app_live(&app, "102-102", 6);
    assert_int_equal(app.last, 102);
    assert_int_equal(app.events[FEED_EVENT_GAP], 0);
    app_stop(&app);
}

static void a_stored_position_shows_what_was_missed(void **unused) {
    (void)unused;
    struct app app;
    app_start(&app, true, &app_settings);
    app.last = app.start = 10;
    feed_set_position(app.feed, 10, 0);
    feed_heartbeat(app.feed, 15, 1);
    assert_int_equal(app.asked_first, 11);
    assert_int_equal(app.asked_last, 15);
    app_replayed(&app, "9-15", 2);
    assert_int_equal(app.last, 15);
    assert_int_equal(app.recovered_from[FEED_EVENT_GAP], 1);
    app_stop(&app);

    app_start(&app, true, &app_settings); /* the application knows more than the feed was told */
    app.last = app.start = 10;
    app_live(&app, "13-13", 1);
    assert_int_equal(app.asked_first, 11);
    assert_int_equal(app.asked_last, 12);
    app_stop(&app);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_first_seq_as_start),
        cmocka_unit_test(fills_a_gap_by_replay),
        cmocka_unit_test(asks_for_one_gap_after_the_other),
        cmocka_unit_test(a_heartbeat_ahead_is_a_gap),
        cmocka_unit_test(a_range_not_kept_is_lost),
        cmocka_unit_test(a_replay_that_lags_is_asked_again),
        cmocka_unit_test(a_silent_replay_is_asked_again_then_given_up),
        cmocka_unit_test(without_replay_a_gap_waits_for_its_time),
        cmocka_unit_test(duplicates_change_nothing),
        cmocka_unit_test(what_does_not_fit_is_replayed_later),
        cmocka_unit_test(without_replay_a_full_hold_ends_the_wait),
        cmocka_unit_test(a_message_larger_than_the_hold),
        cmocka_unit_test(a_hole_inside_a_message),
        cmocka_unit_test(undecodable_messages_use_up_no_seq),
        cmocka_unit_test(silence_is_stale_once),
        cmocka_unit_test(a_restarted_source_waits_for_its_reset),
        cmocka_unit_test(a_stored_position_shows_what_was_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
