#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/os/loop.h"

#define TRACE_MAX 64

/* What the callbacks did, in order, one letter each. */
struct trace {
    struct loop *loop;
    char text[TRACE_MAX];
    size_t len;
    size_t stop_at; /* letters after which the loop ends */
    int pipe[2];
    struct loop_io *io, *other;
    struct loop_timer *timer;
    uint64_t turn;
    int64_t started;
};

static void note(struct trace *trace, char letter) {
    assert_true(trace->len < TRACE_MAX - 1);
    trace->text[trace->len++] = letter;
    if (trace->len >= trace->stop_at)
        loop_stop(trace->loop);
}

static int setup(void **state) {
    struct trace *trace = calloc(1, sizeof *trace);
    assert_non_null(trace);
    trace->loop = loop_create();
    assert_non_null(trace->loop);
    assert_int_equal(pipe(trace->pipe), 0);
    trace->stop_at = TRACE_MAX;
    *state = trace;
    return 0;
}

static int teardown(void **state) {
    struct trace *trace = *state;
    loop_io_destroy(trace->io);
    loop_io_destroy(trace->other);
    loop_timer_destroy(trace->timer);
    loop_destroy(trace->loop);
    close(trace->pipe[0]);
    close(trace->pipe[1]);
    free(trace);
    return 0;
}

static void on_a(void *context) {
    note(context, 'a');
}

static void on_b(void *context) {
    note(context, 'b');
}

static void on_c(void *context) {
    note(context, 'c');
}

static void nothing_to_watch_is_an_error(void **state) {
    struct trace *trace = *state;
    assert_false(loop_run(trace->loop));
    assert_int_equal(errno, EDEADLK);
}

static void deferred_calls_run_in_order_and_once(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 3;
    loop_defer(trace->loop, on_a, trace);
    loop_defer(trace->loop, on_b, trace);
    loop_defer(trace->loop, on_a, trace);
    loop_defer(trace->loop, on_c, trace);
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "abc");
    assert_int_equal(loop_turns(trace->loop), 1);
}

static void defer_again(void *context) {
    struct trace *trace = context;
    if (trace->len > 0)
        assert_true(loop_turns(trace->loop) > trace->turn);
    trace->turn = loop_turns(trace->loop);
    loop_defer(trace->loop, defer_again, trace);
    note(trace, 'd');
}

static void a_call_deferred_by_a_deferred_one_waits_for_the_next_turn(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 3;
    loop_defer(trace->loop, defer_again, trace);
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "ddd");
}

static void cancel_b(void *context) {
    struct trace *trace = context;
    loop_defer_cancel(trace->loop, on_b, trace);
    note(trace, 'x');
}

static void a_cancelled_call_does_not_run(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 2;
    loop_defer(trace->loop, on_a, trace);
    loop_defer_cancel(trace->loop, on_a, trace);
    loop_defer(trace->loop, cancel_b, trace);
    loop_defer(trace->loop, on_b, trace); /* cancelled while the queue runs */
    loop_defer(trace->loop, on_c, trace);
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "xc");
}

static void a_timer_keeps_its_time(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 1;
    trace->timer = loop_timer_create(trace->loop, LOOP_NORMAL, on_a, trace);
    int64_t before = loop_monotonic(trace->loop);
    loop_timer_start(trace->timer, 30);
    assert_true(loop_run(trace->loop));
    assert_true(loop_monotonic(trace->loop) - before >= 30);
    assert_string_equal(trace->text, "a");
}

static void a_timer_can_be_moved_and_stopped(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 1;
    trace->timer = loop_timer_create(trace->loop, LOOP_NORMAL, on_a, trace);
    struct loop_timer *other = loop_timer_create(trace->loop, LOOP_NORMAL, on_b, trace);
    struct loop_timer *stopped = loop_timer_create(trace->loop, LOOP_NORMAL, on_c, trace);
    loop_timer_start(trace->timer, 0);
    loop_timer_start(trace->timer, 3600 * 1000); /* replaces the first */
    loop_timer_start(stopped, 0);
    loop_timer_stop(stopped);
    loop_timer_start(other, 1);
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "b");
    loop_timer_destroy(other);
    loop_timer_destroy(stopped);
}

static void priorities_hold_within_a_turn(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 4;
    trace->io = loop_io_create(trace->loop, trace->pipe[0], LOOP_LATER, on_c, trace);
    trace->other = loop_io_create(trace->loop, trace->pipe[0], LOOP_NORMAL, on_b, trace);
    trace->timer = loop_timer_create(trace->loop, LOOP_URGENT, on_a, trace);
    loop_timer_start(trace->timer, 0);
    assert_int_equal(write(trace->pipe[1], "x", 1), 1);
    loop_io_activate(trace->io);
    loop_io_activate(trace->other);
    loop_defer(trace->loop, on_a, trace); /* after everything else */
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "abca");
}

static void busy(void *context) {
    struct trace *trace = context;
    loop_io_activate(trace->io);
    note(trace, 'b');
}

/* A source that is always ready must not starve one of lower priority. */
static void a_busy_source_leaves_room_for_the_others(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 10;
    trace->io = loop_io_create(trace->loop, trace->pipe[0], LOOP_NORMAL, busy, trace);
    trace->other = loop_io_create(trace->loop, trace->pipe[0], LOOP_LATER, on_c, trace);
    assert_int_equal(write(trace->pipe[1], "x", 1), 1);
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "bcbcbcbcbc");
}

static void destroy_other(void *context) {
    struct trace *trace = context;
    loop_io_destroy(trace->other);
    trace->other = NULL;
    note(trace, 'x');
}

static void a_callback_may_destroy_one_that_is_ready(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 1;
    trace->io = loop_io_create(trace->loop, trace->pipe[0], LOOP_NORMAL, destroy_other, trace);
    trace->other = loop_io_create(trace->loop, trace->pipe[0], LOOP_NORMAL, on_b, trace);
    loop_io_activate(trace->io);
    loop_io_activate(trace->other);
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "x");
}

static void resume(void *context) {
    struct trace *trace = context;
    note(trace, 'r');
    loop_io_pause(trace->io, false);
}

static void a_paused_descriptor_is_quiet_until_resumed(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 2;
    trace->io = loop_io_create(trace->loop, trace->pipe[0], LOOP_URGENT, on_a, trace);
    trace->timer = loop_timer_create(trace->loop, LOOP_LATER, resume, trace);
    loop_io_pause(trace->io, true);
    loop_io_activate(trace->io);
    assert_int_equal(write(trace->pipe[1], "x", 1), 1);
    loop_timer_start(trace->timer, 1);
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "ra");
}

static void on_signal(void *context, int number) {
    assert_int_equal(number, SIGUSR1);
    note(context, 's');
}

static void a_signal_arrives_as_a_callback(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 1;
    assert_true(loop_signal(trace->loop, SIGUSR1, on_signal, trace));
    assert_int_equal(raise(SIGUSR1), 0);
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "s");
}

static void check_clock(void *context) {
    struct trace *trace = context;
    int64_t monotonic = loop_monotonic(trace->loop), wall = loop_wall(trace->loop);
    int64_t spin = monotonic;
    struct timespec now;
    while (spin < monotonic + 3) { /* until the clock has certainly moved */
        clock_gettime(CLOCK_MONOTONIC, &now);
        spin = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    }
    assert_true(loop_monotonic(trace->loop) == monotonic);
    assert_true(loop_wall(trace->loop) == wall);
    assert_true(trace->started == 0 || monotonic > trace->started);
    trace->started = monotonic;
    loop_defer(trace->loop, check_clock, trace);
    note(trace, 'k');
}

static void the_clock_stands_still_within_a_turn(void **state) {
    struct trace *trace = *state;
    trace->stop_at = 2;
    loop_defer(trace->loop, check_clock, trace);
    assert_true(loop_run(trace->loop));
    assert_string_equal(trace->text, "kk");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_to_watch_is_an_error),
        TEST(deferred_calls_run_in_order_and_once),
        TEST(a_call_deferred_by_a_deferred_one_waits_for_the_next_turn),
        TEST(a_cancelled_call_does_not_run),
        TEST(a_timer_keeps_its_time),
        TEST(a_timer_can_be_moved_and_stopped),
        TEST(priorities_hold_within_a_turn),
        TEST(a_busy_source_leaves_room_for_the_others),
        TEST(a_callback_may_destroy_one_that_is_ready),
        TEST(a_paused_descriptor_is_quiet_until_resumed),
        TEST(a_signal_arrives_as_a_callback),
        TEST(the_clock_stands_still_within_a_turn),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
