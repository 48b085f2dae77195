#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "daemon/engine/spc.h"

#define assert_near(a, b) assert_true(fabs((double)(a) - (double)(b)) <= 1e-12 * fmax(1, fabs((double)(b))))
#define POINTS_MAX 64

static struct drop_options drop_defaults(void) {
    return (struct drop_options){
        .improvement = SPC_IMPROVES_UP, .screen = true, .baseline_min = 12, .baseline_max = 24};
}

/* count points alternating 9.5, 10.5 that end in 10.5, then last. */
static struct drop_result drop_after(size_t count, double last, const struct drop_options *options) {
    double y[POINTS_MAX];

    assert_true(count < POINTS_MAX);
    for (size_t i = 0; i < count; i++)
        y[count - 1 - i] = i % 2 ? 9.5 : 10.5;
    y[count] = last;
    return spc_drop(y, count + 1, options);
}

static void drop_thresholds(void **state) {
    struct drop_options options = drop_defaults();
    (void)state;

    /* A = 1, lower limit 7.34; the step of 3.267 down from 10.5 ends at 7.233. */
    assert_true(drop_after(12, 7.2, &options).drop);
    assert_false(drop_after(12, 7.3, &options).drop); /* beyond the limit, but the step is too small */
    assert_false(drop_after(12, 10.5, &options).drop);
    assert_false(drop_after(12, 20, &options).drop); /* the good side */
    assert_near(drop_after(12, 7.2, &options).change, 3.3);
    assert_near(drop_after(12, 7.2, &options).before, 10.5);
    assert_near(drop_after(12, 7.2, &options).baseline.lower, 7.34);
    options.minimum = 3.2;
    assert_true(drop_after(12, 7.2, &options).drop);
    options.minimum = 3.4;
    assert_false(drop_after(12, 7.2, &options).drop);
    options = drop_defaults();
    options.improvement = SPC_IMPROVES_DOWN;
    assert_false(drop_after(12, 7.2, &options).drop);
    assert_true(drop_after(12, 14, &options).drop);
    options.improvement = SPC_NEUTRAL;
    assert_false(drop_after(12, 14, &options).drop);
    assert_false(drop_after(12, -14, &options).drop);
}

/* A big step that stays inside the limits is no drop: the point before was high. */
static void drop_needs_both(void **state) {
    double y[13] = {10, 11, 10, 9, 10, 11, 10, 9, 10, 11, 10, 16, 9.5};
    struct drop_options options = drop_defaults();
    struct drop_result result = spc_drop(y, 13, &options);
    (void)state;

    assert_true(result.has_baseline);
    assert_true(result.change > 3.267 * result.baseline.moving_range);
    assert_false(spc_beyond_adverse(&result.baseline, y[12], SPC_IMPROVES_UP));
    assert_false(result.drop);
}

static void drop_baseline(void **state) {
    struct drop_options options = drop_defaults();
    double y[40];
    (void)state;

    assert_false(drop_after(11, 0, &options).drop);
    assert_false(drop_after(11, 0, &options).has_baseline);
    assert_true(drop_after(12, 0, &options).has_baseline);
    /* Only the newest 24 before the point: wild points further back do not widen the limits. */
    for (size_t i = 0; i < 40; i++)
        y[i] = i < 15 ? (i % 2 ? 0.0 : 100.0) : i % 2 ? 9.5 : 10.5;
    y[39] = 5;
    struct drop_result result = spc_drop(y, 40, &options);
    assert_near(result.baseline.mean, 10);
    assert_near(result.baseline.moving_range, 1);
    assert_true(result.drop);
    options.screen = false;
    assert_true(spc_drop(y, 40, &options).drop);
    options.baseline_max = 30;
    assert_false(spc_drop(y, 40, &options).drop);
}

static void drop_of_the_unmoved(void **state) {
    struct drop_options options = drop_defaults();
    double y[14];
    (void)state;

    for (size_t i = 0; i < 14; i++)
        y[i] = 5;
    y[13] = 0;
    assert_false(spc_drop(y, 14, &options).drop);
    assert_false(spc_drop(y, 14, &options).has_baseline);
    /* All movement screened out: a mean moving range of zero, and still no drop. */
    for (size_t i = 6; i < 13; i++)
        y[i] = 9;
    assert_false(spc_drop(y, 14, &options).drop);
    assert_false(spc_drop(y, 1, &options).drop);
    assert_false(spc_drop(y, 0, &options).drop);
}

static void drop_by_step(void **state) {
    struct drop_options options = drop_defaults();
    (void)state;

    options.step = 2.5;
    assert_true(drop_after(1, 8, &options).drop);
    assert_false(drop_after(1, 8.1, &options).drop);
    assert_true(drop_after(11, 8, &options).drop);
    assert_false(drop_after(12, 8, &options).drop); /* long enough for a baseline: the step is out */
    options.minimum = 3;
    assert_false(drop_after(1, 8, &options).drop);
    assert_false(drop_after(0, 8, &options).drop);
}

/* A recovery is judged by the limits the drop was held against: strictly beyond or not. */
static void beyond_adverse(void **state) {
    struct spc_limits limits = {.defined = true, .lower = 5, .upper = 15};
    (void)state;

    assert_true(spc_beyond_adverse(&limits, 4.9, SPC_IMPROVES_UP));
    assert_false(spc_beyond_adverse(&limits, 5, SPC_IMPROVES_UP));
    assert_false(spc_beyond_adverse(&limits, 16, SPC_IMPROVES_UP));
    assert_true(spc_beyond_adverse(&limits, 15.1, SPC_IMPROVES_DOWN));
    assert_false(spc_beyond_adverse(&limits, 15, SPC_IMPROVES_DOWN));
    assert_false(spc_beyond_adverse(&limits, 4, SPC_NEUTRAL));
    limits.defined = false;
    assert_false(spc_beyond_adverse(&limits, 4, SPC_IMPROVES_UP));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drop_thresholds),     cmocka_unit_test(drop_needs_both), cmocka_unit_test(drop_baseline),
        cmocka_unit_test(drop_of_the_unmoved), cmocka_unit_test(drop_by_step),    cmocka_unit_test(beyond_adverse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
