#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "common/chart.h"
#include "common/chart_scale.h"
#include "common/markup.h"
#include "common/words.h"

static void escaping(void **state) {
    struct buf buf;
    (void)state;

    buf_init(&buf);
    markup_text(&buf, TEXT_OF("<a b=\"c\" d='e'>&\x01\x7f\xc2\x85\xff\xc3\xa9\xed\xa0\x80"));
    assert_string_equal(buf.data, "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;   \xef\xbf\xbd\xc3\xa9"
                                  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    buf_clear(&buf);
    markup_string(&buf, NULL);
    markup_attribute(&buf, "x", "\"><script>");
    markup_number(&buf, "y", 0.1);
    assert_string_equal(buf.data, " x=\"&quot;&gt;&lt;script&gt;\" y=\"0.1\"");
    buf_clear(&buf);
    markup_url(&buf, "A b/?&\xc3\xa9~");
    assert_string_equal(buf.data, "A%20b%2F%3F%26%C3%A9~");
    buf_finish(&buf);
}

static void check_axis(double low, double high) {
    struct chart_scale scale;
    int ticks = 0;

    chart_scale_init(&scale, low, high, 5);
    assert_true(isfinite(scale.low) && isfinite(scale.high) && scale.low < scale.high && scale.step > 0);
    for (double first = chart_first_tick(&scale); first + ticks * scale.step <= scale.high && ticks < 30;)
        ticks++;
    assert_true(ticks >= 2 && ticks <= 12);
    assert_true(chart_fraction(&scale, low) >= 0 && chart_fraction(&scale, low) <= chart_fraction(&scale, high));
    assert_true(chart_fraction(&scale, high) <= 1);
    assert_true(scale.decimals >= 0);
}

static void axes(void **state) {
    struct chart_scale scale;
    struct buf buf;
    (void)state;

    check_axis(0, 1);
    check_axis(62.3, 97.8);
    check_axis(-5, -4.99);
    check_axis(7, 7);
    check_axis(0, 0);
    check_axis(1e-300, 3e-300);
    check_axis(-DBL_MAX, DBL_MAX);
    check_axis(1e15, 1e15 + 8);
    chart_scale_init(&scale, -1, 1, 4);
    buf_init(&buf);
    chart_tick_label(&buf, &scale, -1e-17);
    assert_string_equal(buf.data, "0.0");
    buf_finish(&buf);
    assert_int_equal(chart_label_step(12, 12), 1);
    assert_int_equal(chart_label_step(36, 8), 6);
    assert_int_equal(chart_label_step(100000, 7), (100000 + 6) / 7);
    assert_int_equal(chart_label_step(5, 0), 6);
}

/* Whatever the figures: well formed as far as brackets go, and no line beyond the width. */
static void any_figures(void **state) {
    static const double figures[] = {-DBL_MAX, DBL_MAX, 0, 1e-300, 7, 7, 7, -0.0, 1e15};
    struct chart_point points[9];
    struct chart chart = {.code = "X", .organisation = "Y", .measure = "m", .name = "M", .unit = "", .points = points};
    struct chart_text_options narrow = {.width = 40};
    struct buf buf;
    (void)state;

    memset(points, 0, sizeof(points));
    buf_init(&buf);
    for (size_t from = 0; from < 9; from++) {
        for (size_t count = 0; from + count <= 9; count++) {
            for (size_t i = 0; i < count; i++)
                points[i] = (struct chart_point){.period = (ov_day)(i * 30), .y = figures[from + i], .kind = i % 4};
            chart.count = count;
            buf_clear(&buf);
            chart_svg(&buf, &chart, &chart_svg_file);
            assert_non_null(strstr(buf.data, "</svg>"));
            assert_null(strstr(buf.data, "nan"));
            assert_null(strstr(buf.data, "inf"));
            buf_clear(&buf);
            chart_text(&buf, &chart, &narrow);
            for (char *line = strtok(buf.data, "\n"); line; line = strtok(NULL, "\n"))
                assert_true(strlen(line) <= 45);
        }
    }
    buf_finish(&buf);
}

static void rebased_limits(void **state) {
    struct chart_point points[4] = {
        {.period = 0, .y = 1, .has_limits = true, .mean = 1, .lower = 0, .upper = 2},
        {.period = 31, .y = 1.5, .has_limits = true, .mean = 1, .lower = 0, .upper = 2},
        {.period = 59, .y = 8, .has_limits = true, .mean = 8, .lower = 7, .upper = 9, .kind = CHART_CONCERN},
        {.period = 90, .y = 8.5, .has_limits = true, .mean = 8, .lower = 7, .upper = 9},
    };
    struct chart chart = {.code = "X",
                          .organisation = "Y",
                          .measure = "m",
                          .name = "M",
                          .unit = "%",
                          .better = CHART_BETTER_LOWER,
                          .has_target = true,
                          .target = 5,
                          .points = points,
                          .count = 4};
    struct buf buf;
    size_t groups = 0;
    (void)state;

    buf_init(&buf);
    chart_svg(&buf, &chart, &chart_svg_file);
    for (const char *at = buf.data; (at = strstr(at, "<g class=\"limits\"")); at++)
        groups++;
    assert_int_equal(groups, 2);
    assert_non_null(strstr(buf.data, "class=\"target\""));
    assert_non_null(strstr(buf.data, ">standard 5<"));
    buf_clear(&buf);
    chart_describe(&buf, &chart);
    assert_string_equal(buf.data,
                        "4 figures from January 1970 to April 1970. The newest is 8.5%, common cause. Mean 8%, "
                        "usual range 7% to 9%. 1 point of special cause, concern. The standard is 5%. "
                        "Lower is better.");
    buf_finish(&buf);
}

/* The worse end is on the left in both directions. */
static void strips(void **state) {
    static const struct strip_peer peers[] = {{10, true}, {20, false}, {30, false}, {30, false}};
    struct strip strip = {.name = "M", .unit = "", .better = CHART_BETTER_HIGHER, .peers = peers, .count = 4};
    struct chart_text_options options = {.width = 34};
    struct buf buf;
    (void)state;

    strip.has_own = strip.has_cuts = true;
    strip.own = 10;
    strip.rank = 4;
    strip.quartile = 17.5;
    strip.decile = 13;
    buf_init(&buf);
    strip_text(&buf, &strip, &options);
    assert_non_null(strstr(buf.data, " worse  . | "));
    strip.better = CHART_BETTER_LOWER;
    buf_clear(&buf);
    strip_text(&buf, &strip, &options);
    assert_non_null(strstr(buf.data, "| .   better"));
    strip.count = 0;
    strip.has_own = strip.has_cuts = false;
    buf_clear(&buf);
    strip_svg(&buf, &strip, &chart_svg_file);
    strip_text(&buf, &strip, &options);
    assert_non_null(strstr(buf.data, "Too few have reported"));
    buf_finish(&buf);
}

static void names(void **state) {
    enum chart_kind kind;
    bool high;
    (void)state;

    assert_true(chart_kind_parse("special_cause_neutral_low", &kind, &high));
    assert_int_equal(kind, CHART_NEUTRAL);
    assert_false(high);
    assert_true(chart_kind_parse("common_cause", &kind, &high));
    assert_int_equal(kind, CHART_COMMON);
    assert_false(chart_kind_parse("common", &kind, &high));
}

static void wrapping(void **state) {
    struct buf buf;
    (void)state;

    buf_init(&buf);
    words_wrap(&buf, "one two three fourfivesixseven eight", " ", 12);
    assert_string_equal(buf.data, " one two\n three\n fourfivesixseven\n eight\n");
    buf_clear(&buf);
    words_ordinal(&buf, 112);
    words_period_short(&buf, 0);
    words_day(&buf, 31);
    assert_string_equal(buf.data, "112thJan 701 February 1970");
    buf_finish(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escaping),       cmocka_unit_test(axes),   cmocka_unit_test(any_figures),
        cmocka_unit_test(rebased_limits), cmocka_unit_test(strips), cmocka_unit_test(names),
        cmocka_unit_test(wrapping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
