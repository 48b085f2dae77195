/* Days and periods against a slow twin that counts one day at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/date.h"

struct civil {
    int year, month, day, weekday; /* 0 = Monday */
};

static bool leap(int year) {
    if (year % 400 == 0)
        return true;
    return year % 4 == 0 && year % 100 != 0;
}

static void next_day(struct civil *civil) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    civil->weekday = (civil->weekday + 1) % 7;
    if (++civil->day <= lengths[civil->month - 1] + (civil->month == 2 && leap(civil->year)))
        return;
    civil->day = 1;
    if (++civil->month <= 12)
        return;
    civil->month = 1;
    civil->year++;
}

static bool slow_starts(enum frequency frequency, const struct civil *civil) {
    switch (frequency) {
    case FREQUENCY_DAY:
        return true;
    case FREQUENCY_WEEK:
        return civil->weekday == 0;
    case FREQUENCY_MONTH:
        return civil->day == 1;
    case FREQUENCY_QUARTER:
        return civil->day == 1 && (civil->month == 1 || civil->month == 4 || civil->month == 7 || civil->month == 10);
    case FREQUENCY_YEAR:
        return civil->day == 1 && civil->month == 4;
    }
    return false;
}

static void check_civil(ov_day day, const struct civil *civil) {
    int year, month, of_month;
    ov_day back;
    char text[OV_DATE_SIZE], expected[64];
    date_to_civil(day, &year, &month, &of_month);
    assert_int_equal(year, civil->year);
    assert_int_equal(month, civil->month);
    assert_int_equal(of_month, civil->day);
    assert_true(date_from_civil(year, month, of_month, &back));
    assert_int_equal(back, day);
    snprintf(expected, sizeof(expected), "%04d-%02d-%02d", civil->year, civil->month, civil->day);
    assert_string_equal(date_format(day, text), expected);
    assert_true(date_parse(text, 10, &back));
    assert_int_equal(back, day);
}

/* Every day from 1900-01-01, a Monday, to 2199-12-31. */
static void test_every_day(void **state) {
    struct civil civil = {1900, 1, 1, 0};
    ov_day starts[FREQUENCY_YEAR + 1], first;
    int counts[FREQUENCY_YEAR + 1] = {0};
    bool begun[FREQUENCY_YEAR + 1] = {false};
    (void)state;
    assert_true(date_from_civil(1900, 1, 1, &first));
    for (ov_day day = first; civil.year < 2200; day++, next_day(&civil)) {
        check_civil(day, &civil);
        if (civil.year == 1970 && civil.month == 1 && civil.day == 1)
            assert_int_equal(day, 0);
        for (int f = FREQUENCY_DAY; f <= FREQUENCY_YEAR; f++) {
            enum frequency frequency = (enum frequency)f;
            bool is_start = slow_starts(frequency, &civil);
            assert_int_equal(period_starts(frequency, day), is_start);
            if (is_start && begun[f]) {
                assert_int_equal(period_add(frequency, starts[f], 1), day);
                assert_int_equal(period_add(frequency, day, -1), starts[f]);
                assert_int_equal(period_between(frequency, starts[f], day), 1);
                assert_int_equal(period_between(frequency, day, starts[f]), -1);
            }
            if (is_start) {
                starts[f] = day;
                begun[f] = true;
                counts[f]++;
            }
            if (begun[f])
                assert_int_equal(period_of(frequency, day), starts[f]);
        }
    }
    assert_int_equal(counts[FREQUENCY_DAY], 109573);
    assert_int_equal(counts[FREQUENCY_MONTH], 3600);
    assert_int_equal(counts[FREQUENCY_QUARTER], 1200);
    assert_int_equal(counts[FREQUENCY_YEAR], 300);
}

static ov_day day_of(const char *text) {
    ov_day day = OV_DAY_NONE;
    assert_true(date_parse(text, strlen(text), &day));
    return day;
}

static void test_period_distances(void **state) {
    (void)state;
    assert_int_equal(period_between(FREQUENCY_MONTH, day_of("2024-11-01"), day_of("2025-02-01")), 3);
    assert_int_equal(period_between(FREQUENCY_QUARTER, day_of("2025-01-01"), day_of("2024-01-01")), -4);
    assert_int_equal(period_between(FREQUENCY_YEAR, day_of("2021-04-01"), day_of("2025-04-01")), 4);
    assert_int_equal(period_between(FREQUENCY_WEEK, day_of("2024-12-30"), day_of("2025-01-13")), 2);
    assert_int_equal(period_add(FREQUENCY_MONTH, day_of("2025-01-01"), -13), day_of("2023-12-01"));
    assert_int_equal(period_add(FREQUENCY_QUARTER, day_of("2025-01-01"), 7), day_of("2026-10-01"));
    /* Beyond any calendar the edge is the answer, not a wrapped number. */
    assert_int_equal(period_add(FREQUENCY_YEAR, 0, INT32_MAX), INT32_MAX);
    assert_int_equal(period_add(FREQUENCY_YEAR, 0, INT32_MIN), INT32_MIN + 1);
}

static void test_bad_dates(void **state) {
    static const char *const bad[] = {"",           "2025",       "2025-1-01",   "2025-01-1",   "2025-13-01",
                                      "2025-00-10", "2025-02-29", "2100-02-29",  "2025-04-31",  "1899-12-31",
                                      "2200-01-01", "2025/01/01", "2025-01-01 ", " 2025-01-01", "2025-01-0x",
                                      "+025-01-01", "20250101",   "2025-01-00"};
    ov_day day = 77;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(date_parse(bad[i], strlen(bad[i]), &day));
        assert_false(date_parse_period(bad[i], strlen(bad[i]), &day));
    }
    assert_false(date_parse("2025-03", 7, &day));
    assert_false(date_parse_period("2025-13", 7, &day));
    assert_false(date_parse_period("2025x03", 7, &day));
    assert_int_equal(day, 77);
    assert_true(date_parse_period("2025-03", 7, &day));
    assert_int_equal(day, day_of("2025-03-01"));
    assert_true(date_parse("2024-02-29", 10, &day));
    assert_true(date_parse("2000-02-29", 10, &day));
}

static void test_times(void **state) {
    static const struct {
        int64_t ms;
        const char *text;
    } times[] = {{0, "1970-01-01T00:00:00.000Z"},
                 {-1, "1969-12-31T23:59:59.999Z"},
                 {951782400123, "2000-02-29T00:00:00.123Z"},
                 {1735689599999, "2024-12-31T23:59:59.999Z"}};
    static const char *const bad[] = {"2025-01-01T00:00:00.000",   "2025-01-01 00:00:00Z",     "2025-01-01T24:00:00Z",
                                      "2025-01-01T00:60:00Z",      "2025-01-01T00:00:60Z",     "2025-01-01T00:00:00.Z",
                                      "2025-01-01T00:00:00+00:00", "2025-01-01T00:00:00.1x3Z", "2025-01-01T00:00Z"};
    char text[OV_TIME_SIZE];
    int64_t ms = 5;
    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        assert_string_equal(date_format_time(times[i].ms, text), times[i].text);
        assert_true(date_parse_time(text, strlen(text), &ms));
        assert_true(ms == times[i].ms);
    }
    assert_true(date_parse_time("2000-02-29T00:00:00Z", 20, &ms) && ms == 951782400000);
    assert_true(date_parse_time("2000-02-29T00:00:00.5Z", 22, &ms) && ms == 951782400500);
    assert_true(date_parse_time("2000-02-29T00:00:00.123456789Z", 30, &ms) && ms == 951782400123);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(date_parse_time(bad[i], strlen(bad[i]), &ms));
    assert_int_equal(date_of_time(-1), -1);
    assert_int_equal(date_of_time(86400000), 1);
}

static void test_names(void **state) {
    enum frequency frequency;
    char text[OV_DATE_SIZE];
    (void)state;
    for (int f = FREQUENCY_DAY; f <= FREQUENCY_YEAR; f++) {
        assert_true(frequency_parse(frequency_name((enum frequency)f), &frequency));
        assert_int_equal(frequency, f);
    }
    assert_false(frequency_parse("fortnight", &frequency));
    assert_string_equal(date_format(OV_DAY_NONE, text), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day), cmocka_unit_test(test_period_distances),
        cmocka_unit_test(test_bad_dates), cmocka_unit_test(test_times),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
