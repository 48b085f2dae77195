/* What counts as standing still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/app_watchdog.h"

#define PATIENCE 1000
#define DEADLINE 10000

static const char *stall(struct progress before, struct progress now) {
    return progress_stall(&before, &now, PATIENCE, DEADLINE);
}

static void nothing_to_do_is_no_stall(void **state) {
    (void)state;
    assert_null(stall((struct progress){.lag_ms = 0}, (struct progress){.lag_ms = PATIENCE - 1}));
    assert_null(stall((struct progress){.store_ready = true}, (struct progress){.store_ready = true}));
}

static void a_late_look_is_one(void **state) {
    (void)state;
    assert_non_null(stall((struct progress){.lag_ms = 0}, (struct progress){.lag_ms = PATIENCE}));
}

static void input_must_be_read(void **state) {
    (void)state;
    struct progress before = {.submissions_wait = true, .submissions = 5}, now = before;
    assert_non_null(stall(before, now));
    now.submissions++;
    assert_null(stall(before, now));
    now = (struct progress){.submissions = 5};
    assert_null(stall(before, now));
    before = now = (struct progress){.updates_wait = true, .updates = 7};
    assert_non_null(stall(before, now));
    now.updates++;
    assert_null(stall(before, now));
}

static void changes_must_reach_the_store(void **state) {
    (void)state;
    struct progress before = {.step_open = true, .steps = 3}, now = before;
    assert_non_null(stall(before, now));
    now.steps++;
    assert_null(stall(before, now));
}

static void a_store_that_is_away_is_no_stall(void **state) {
    (void)state;
    struct progress before = {.store_ready = true, .confirmed = 9, .oldest_ms = DEADLINE + PATIENCE + 1}, now = before;
    assert_non_null(stall(before, now));
    now.confirmed++;
    assert_null(stall(before, now));
    now = before;
    now.store_ready = false;
    assert_null(stall(before, now));
    now = before;
    now.oldest_ms = DEADLINE;
    assert_null(stall(before, now));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_do_is_no_stall),
        cmocka_unit_test(a_late_look_is_one),
        cmocka_unit_test(input_must_be_read),
        cmocka_unit_test(changes_must_reach_the_store),
        cmocka_unit_test(a_store_that_is_away_is_no_stall),
    };
    return cmocka_run_group_tests_name("watchdog", tests, NULL, NULL);
}
