#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/spc.h"
#include "tests/unit/shared.h"

#define assert_near(a, b) assert_true(fabs((double)(a) - (double)(b)) <= 1e-12 * fmax(1, fabs((double)(b))))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define POINTS_MAX 64

/* ---- The reference ------------------------------------------------------------------------ */

struct series {
    char config[32], org[16];
    size_t count;
    ov_day periods[POINTS_MAX];
    double y[POINTS_MAX], mean[POINTS_MAX], lower[POINTS_MAX], upper[POINTS_MAX];
    char rule[POINTS_MAX][40], type[POINTS_MAX][40];
};

static bool within(double is, double should) {
    return fabs(is - should) <= 1e-9 * fmax(1, fabs(should));
}

/* Returns how many points agree in every respect. */
static size_t compare_series(const struct series *series) {
    struct spc_options options = {.improvement = SPC_IMPROVES_UP, .screen = true};
    struct spc_point points[POINTS_MAX];
    size_t agree = 0;

    if (strcmp(series->config, "pct4h_fix12") == 0)
        options.fix_after = 12;
    else
        assert_string_equal(series->config, "pct4h_default");
    spc_chart(series->periods, series->y, series->count, &options, points);
    for (size_t i = 0; i < series->count; i++) {
        const struct spc_limits *limits = &points[i].limits;
        bool same = limits->defined && within(limits->mean, series->mean[i]) &&
                    within(limits->lower, series->lower[i]) && within(limits->upper, series->upper[i]) &&
                    strcmp(spc_rule_name(points[i].rule, points[i].high), series->rule[i]) == 0 &&
                    strcmp(spc_point_type_name(points[i].type, points[i].high), series->type[i]) == 0;

        if (!same)
            printf("%s %s point %zu: %s, should be %s\n", series->config, series->org, i,
                   spc_rule_name(points[i].rule, points[i].high), series->rule[i]);
        agree += same;
    }
    return agree;
}

static void reference_series(void **state) {
    struct shared_csv csv;
    static struct series series;
    size_t rows = 0, agree = 0, charts = 0;
    (void)state;

    if (!shared_open(&csv, "spc_reference_nhsrplotthedots.csv"))
        skip();
    for (bool more = true; more;) {
        more = shared_next(&csv);
        if (series.count > 0 && (!more || strcmp(series.config, shared_field(&csv, "config")) != 0 ||
                                 strcmp(series.org, shared_field(&csv, "org_code")) != 0)) {
            agree += compare_series(&series);
            charts++;
            series.count = 0;
        }
        if (!more)
            break;
        size_t i = series.count++;

        assert_true(i < POINTS_MAX);
        assert_string_equal(shared_field(&csv, "rebase_group"), "0");
        snprintf(series.config, sizeof(series.config), "%s", shared_field(&csv, "config"));
        snprintf(series.org, sizeof(series.org), "%s", shared_field(&csv, "org_code"));
        snprintf(series.rule[i], sizeof(series.rule[i]), "%s", shared_field(&csv, "special_cause_type"));
        snprintf(series.type[i], sizeof(series.type[i]), "%s", shared_field(&csv, "point_type"));
        series.periods[i] = (ov_day)i; /* months in order; only their order matters */
        series.y[i] = strtod(shared_field(&csv, "y"), NULL);
        series.mean[i] = strtod(shared_field(&csv, "mean"), NULL);
        series.lower[i] = strtod(shared_field(&csv, "lpl"), NULL);
        series.upper[i] = strtod(shared_field(&csv, "upl"), NULL);
        rows++;
    }
    shared_close(&csv);
    printf("%zu charts: %zu of %zu points agree\n", charts, agree, rows);
    assert_int_equal(rows, 12688);
    assert_int_equal(agree, rows);
}

/* ---- Limits by hand --------------------------------------------------------------------------- */

static void limits_by_hand(void **state) {
    static const double y[] = {1, 2, 1, 2, 1, 2, 1, 2, 1, 12};
    struct spc_limits screened = spc_limits_of(y, COUNT(y), true), all = spc_limits_of(y, COUNT(y), false);
    (void)state;

    /* Moving ranges: eight of 1 and one of 11; A0 = 19/9, and 11 >= 3.267 A0 goes. */
    assert_true(screened.defined && all.defined && screened.trial);
    assert_near(screened.mean, 2.5);
    assert_near(screened.moving_range, 1);
    assert_near(screened.lower, 2.5 - 2.66);
    assert_near(screened.upper, 2.5 + 2.66);
    assert_near(screened.near_lower, 2.5 - 2.66 * 2 / 3);
    assert_near(screened.near_upper, 2.5 + 2.66 * 2 / 3);
    assert_near(all.moving_range, 19.0 / 9);
    assert_near(all.upper, 2.5 + 2.66 * 19 / 9);
}

static void no_limits(void **state) {
    static const double constant[] = {7.1, 7.1, 7.1, 7.1, 7.1, 7.1, 7.1, 7.1};
    static const ov_day periods[] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct spc_options options = {.improvement = SPC_IMPROVES_UP, .screen = true};
    struct spc_point points[8];
    (void)state;

    assert_false(spc_limits_of(constant, 0, true).defined);
    assert_false(spc_limits_of(constant, 1, true).defined);
    assert_false(spc_limits_of(constant, 8, true).defined);
    assert_false(spc_limits_of(constant, 8, false).defined);
    spc_chart(periods, constant, 8, &options, points);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(points[i].rule, SPC_RULE_NONE);
        assert_int_equal(points[i].type, SPC_COMMON_CAUSE);
    }
    spc_chart(periods, constant, 0, &options, points);
}

static void trial_limits(void **state) {
    double y[13];
    ov_day periods[13];
    struct spc_point points[13];
    struct spc_options options = {.improvement = SPC_NEUTRAL, .screen = true};
    (void)state;

    for (int i = 0; i < 13; i++) {
        y[i] = i % 2;
        periods[i] = i;
    }
    assert_true(spc_limits_of(y, 12, true).trial);
    assert_false(spc_limits_of(y, 13, true).trial);
    spc_chart(periods, y, 12, &options, points);
    assert_true(points[0].limits.trial);
    spc_chart(periods, y, 13, &options, points);
    assert_false(points[0].limits.trial);
}

/* ---- Rules by hand -------------------------------------------------------------------------- */

/* The baseline: twelve points around 10 whose limits are 10 +- 2.66, near limits
 * 10 +- 1.7733; what follows them does not enter the limits. */
static size_t chart_after(const double *tail, size_t count, enum spc_improvement improvement,
                          struct spc_point *ret_points) {
    static const double base[12] = {9.5, 10.5, 9.5, 10.5, 9.5, 10.5, 9.5, 10.5, 9.5, 10.5, 9.5, 10.5};
    struct spc_options options = {.improvement = improvement, .screen = true, .fix_after = 12};
    struct spc_point points[POINTS_MAX];
    double y[POINTS_MAX];
    ov_day periods[POINTS_MAX];

    memcpy(y, base, sizeof(base));
    memcpy(y + 12, tail, count * sizeof(double));
    for (size_t i = 0; i < 12 + count; i++)
        periods[i] = (ov_day)i;
    spc_chart(periods, y, 12 + count, &options, points);
    assert_near(points[0].limits.upper, 12.66);
    memcpy(ret_points, points + 12, count * sizeof(*points));
    return count;
}

static void check_rules(const double *tail, const char *const *names, size_t count) {
    struct spc_point points[POINTS_MAX];

    chart_after(tail, count, SPC_IMPROVES_UP, points);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(spc_rule_name(points[i].rule, points[i].high), names[i]);
}

#define CC "Common Cause"

static void rules_by_hand(void **state) {
    static const double outside_y[] = {13, 10, 7, 10};
    static const char *const outside_names[] = {"Above UCL", CC, "Below LCL", CC};
    static const double two_y[] = {12, 10.2, 12.1, 10, 12, 12, 13, 9.8};
    static const char *const two_names[] = {
        "2 in 3 Above CL", CC, "2 in 3 Above CL", CC, "2 in 3 Above CL", "2 in 3 Above CL", "Above UCL", CC};
    static const double two_sides_y[] = {12, 9.9, 12, 10, 8, 8};
    static const char *const two_sides_names[] = {CC, CC, CC, CC, CC, CC};
    static const double shift_y[] = {9.9, 10.1, 10.2, 10.1, 10.3, 10.1, 10.2, 10.1, 10};
    static const char *const shift_names[] = {CC,
                                              "7 Points Above CL",
                                              "7 Points Above CL",
                                              "7 Points Above CL",
                                              "7 Points Above CL",
                                              "7 Points Above CL",
                                              "7 Points Above CL",
                                              "7 Points Above CL",
                                              CC};
    static const double short_y[] = {9.9, 10.1, 10.2, 10.1, 10.3, 10.1, 10.2, 10, 10.1};
    static const char *const short_names[] = {CC, CC, CC, CC, CC, CC, CC, CC, CC};
    (void)state;

    check_rules(outside_y, outside_names, COUNT(outside_y));
    check_rules(two_y, two_names, COUNT(two_y));
    check_rules(two_sides_y, two_sides_names, COUNT(two_sides_y));
    check_rules(shift_y, shift_names, COUNT(shift_y));
    check_rules(short_y, short_names, COUNT(short_y));
}

/* A peak between a rising and a falling trend: the peak takes the step out of
 * it, the last point the step into it. */
static void trend_directions(void **state) {
    static const double y[] = {9, 9.2, 9.4, 9.6, 10.2, 10.4, 10.6, 10.4, 10.2, 9.9, 9.8, 9.7, 9.6, 9.6};
    static const bool high[] = {true, true, true, true, true, true, false, false, false, false, false, false, false};
    struct spc_point points[POINTS_MAX];
    size_t count = chart_after(y, COUNT(y), SPC_IMPROVES_DOWN, points);
    (void)state;

    for (size_t i = 0; i + 1 < count; i++) {
        assert_int_equal(points[i].rule, SPC_RULE_TREND);
        assert_int_equal(points[i].high, high[i]);
        assert_int_equal(points[i].type, high[i] ? SPC_SPECIAL_CONCERN : SPC_SPECIAL_IMPROVEMENT);
    }
    assert_int_equal(points[count - 1].rule, SPC_RULE_NONE);
}

static void point_types(void **state) {
    static const double y[] = {13, 7, 10};
    struct spc_point points[POINTS_MAX];
    (void)state;

    chart_after(y, 3, SPC_IMPROVES_UP, points);
    assert_string_equal(spc_point_type_name(points[0].type, points[0].high), "special_cause_improvement");
    assert_string_equal(spc_point_type_name(points[1].type, points[1].high), "special_cause_concern");
    assert_string_equal(spc_point_type_name(points[2].type, points[2].high), "common_cause");
    chart_after(y, 3, SPC_IMPROVES_DOWN, points);
    assert_string_equal(spc_point_type_name(points[0].type, points[0].high), "special_cause_concern");
    assert_string_equal(spc_point_type_name(points[1].type, points[1].high), "special_cause_improvement");
    chart_after(y, 3, SPC_NEUTRAL, points);
    assert_string_equal(spc_point_type_name(points[0].type, points[0].high), "special_cause_neutral_high");
    assert_string_equal(spc_point_type_name(points[1].type, points[1].high), "special_cause_neutral_low");
    assert_int_equal(points[2].type, SPC_COMMON_CAUSE);
}

/* Each group stands alone: limits, runs and windows do not reach over a rebase. */
static void rebasing(void **state) {
    static const ov_day rebase[] = {10, 16};
    struct spc_options options = {
        .improvement = SPC_IMPROVES_UP, .screen = false, .rebase = rebase, .rebase_count = COUNT(rebase)};
    struct spc_point points[20], alone[20];
    double y[20];
    ov_day periods[20];
    (void)state;

    for (int i = 0; i < 20; i++) {
        periods[i] = i;
        y[i] = i < 10 ? i % 3 : i < 16 ? 50 + 5 * (i % 2) : 20 + i;
    }
    spc_chart(periods, y, 20, &options, points);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(points[i].group, i < 10 ? 0 : i < 16 ? 1 : 2);
    options.rebase_count = 0;
    spc_chart(periods + 10, y + 10, 6, &options, alone);
    for (size_t i = 0; i < 6; i++) {
        assert_near(points[10 + i].limits.mean, 52.5);
        assert_near(points[10 + i].limits.upper, alone[i].limits.upper);
        assert_int_equal(points[10 + i].rule, alone[i].rule);
    }
    assert_near(points[0].limits.mean, 0.9);
    assert_near(points[19].limits.mean, 37.5);
    /* Screening off in a group with one wild range, on for comparison. */
    y[5] = 40;
    spc_chart(periods, y, 10, &options, points);
    options.screen = true;
    spc_chart(periods, y, 10, &options, alone);
    assert_true(points[0].limits.moving_range > alone[0].limits.moving_range);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_series), cmocka_unit_test(limits_by_hand), cmocka_unit_test(no_limits),
        cmocka_unit_test(trial_limits),     cmocka_unit_test(rules_by_hand),  cmocka_unit_test(trend_directions),
        cmocka_unit_test(point_types),      cmocka_unit_test(rebasing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
