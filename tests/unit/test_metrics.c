/* Metrics as text: names, labels with anything in them, distributions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the ones above */
#include <cmocka.h>
#include <string.h>

#include "daemon/render/metrics.h"

static void check(struct buf *buf, const char *expected) {
    assert_string_equal(buf->data, expected);
    buf_finish(buf);
}

static void a_family_is_said_once(void **state) {
    (void)state;
    struct buf buf;
    struct metrics metrics = {.buf = &buf};
    buf_init(&buf);
    metrics_family(&metrics, METRIC_COUNTER, "a_total", "Help.");
    metrics_count(&metrics, "k", "x", 1);
    metrics_family(&metrics, METRIC_COUNTER, "a_total", "");
    metrics_count(&metrics, "k", "y", UINT64_MAX);
    metrics_common(&metrics, METRIC_GAUGE, "process_b", "More.");
    metrics_value(&metrics, NULL, NULL, 0.25);
    check(&buf, "# HELP oversightd_a_total Help.\n# TYPE oversightd_a_total counter\n"
                "oversightd_a_total{k=\"x\"} 1\noversightd_a_total{k=\"y\"} 18446744073709551615\n"
                "# HELP process_b More.\n# TYPE process_b gauge\nprocess_b 0.25\n");
}

static void labels_are_escaped(void **state) {
    (void)state;
    static const char *const pairs[] = {"a", "1\"2", "b", "3\\4\n5", NULL};
    struct buf buf;
    struct metrics metrics = {.buf = &buf};
    buf_init(&buf);
    metrics_family(&metrics, METRIC_GAUGE, "a", "Help.");
    buf_clear(&buf);
    metrics_labels(&metrics, 1, pairs);
    metrics_labels(&metrics, 2, pairs + 4);
    check(&buf, "oversightd_a{a=\"1\\\"2\",b=\"3\\\\4\\n5\"} 1\noversightd_a 2\n");
}

static void times_add_up(void **state) {
    (void)state;
    struct buf buf;
    struct metrics metrics = {.buf = &buf};
    struct metrics_times times = {.total_ms = 0};
    static const int64_t seen[] = {-5, 0, 1, 2, 7, 30000, 30001};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        metrics_observe(&times, seen[i]);
    buf_init(&buf);
    metrics_family(&metrics, METRIC_HISTOGRAM, "t_seconds", "Help.");
    metrics_times(&metrics, &times);
    assert_non_null(strstr(buf.data, "oversightd_t_seconds_bucket{le=\"0.001\"} 3\n"));
    assert_non_null(strstr(buf.data, "oversightd_t_seconds_bucket{le=\"0.002\"} 4\n"));
    assert_non_null(strstr(buf.data, "oversightd_t_seconds_bucket{le=\"0.005\"} 4\n"));
    assert_non_null(strstr(buf.data, "oversightd_t_seconds_bucket{le=\"0.01\"} 5\n"));
    assert_non_null(strstr(buf.data, "oversightd_t_seconds_bucket{le=\"30\"} 6\n"));
    assert_non_null(strstr(buf.data, "oversightd_t_seconds_bucket{le=\"+Inf\"} 7\n"));
    assert_non_null(strstr(buf.data, "oversightd_t_seconds_sum 60.011\noversightd_t_seconds_count 7\n"));
    buf_finish(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_is_said_once),
        cmocka_unit_test(labels_are_escaped),
        cmocka_unit_test(times_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
