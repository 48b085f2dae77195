#include "daemon/render/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "common/text.h"

static const int64_t bounds_ms[METRICS_BOUNDS] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 30000};

static const char *type_name(enum metric_type type) {
    return type == METRIC_COUNTER ? "counter" : type == METRIC_GAUGE ? "gauge" : "histogram";
}

static void begin(struct metrics *metrics, const char *prefix, enum metric_type type, const char *name,
                  const char *help) {
    if (metrics->name && strcmp(metrics->name, name) == 0)
        return;
    metrics->prefix = prefix;
    metrics->name = name;
    buf_printf(metrics->buf, "# HELP %s%s %s\n# TYPE %s%s %s\n", prefix, name, help, prefix, name, type_name(type));
}

void metrics_family(struct metrics *metrics, enum metric_type type, const char *name, const char *help) {
    begin(metrics, METRICS_PREFIX, type, name, help);
}

void metrics_common(struct metrics *metrics, enum metric_type type, const char *name, const char *help) {
    begin(metrics, "", type, name, help);
}

static void put_label(struct buf *buf, const char *label, const char *value) {
    buf_printf(buf, "%s=\"", label);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\\' || *c == '"')
            buf_append_char(buf, '\\');
        if (*c == '\n')
            buf_append_string(buf, "\\n");
        else
            buf_append_char(buf, *c);
    }
    buf_append_char(buf, '"');
}

static void put_name(const struct metrics *metrics, const char *suffix, const char *label, const char *value) {
    buf_printf(metrics->buf, "%s%s%s", metrics->prefix, metrics->name, suffix);
    if (label) {
        buf_append_char(metrics->buf, '{');
        put_label(metrics->buf, label, value);
        buf_append_char(metrics->buf, '}');
    }
}

void metrics_value(struct metrics *metrics, const char *label, const char *value, double number) {
    char text[NUMBER_SIZE];
    put_name(metrics, "", label, value);
    buf_printf(metrics->buf, " %s\n", text_from_double(number, text));
}

void metrics_count(struct metrics *metrics, const char *label, const char *value, uint64_t number) {
    put_name(metrics, "", label, value);
    buf_printf(metrics->buf, " %" PRIu64 "\n", number);
}

void metrics_labels(struct metrics *metrics, double number, const char *const *pairs) {
    char text[NUMBER_SIZE];
    put_name(metrics, "", NULL, NULL);
    for (size_t i = 0; pairs[i]; i += 2) {
        buf_append_char(metrics->buf, i == 0 ? '{' : ',');
        put_label(metrics->buf, pairs[i], pairs[i + 1]);
    }
    buf_printf(metrics->buf, "%s %s\n", pairs[0] ? "}" : "", text_from_double(number, text));
}

void metrics_observe(struct metrics_times *times, int64_t ms) {
    size_t i = 0;
    while (i < METRICS_BOUNDS && ms > bounds_ms[i])
        i++;
    times->counts[i]++;
    times->total_ms += ms > 0 ? (uint64_t)ms : 0;
}

void metrics_times(struct metrics *metrics, const struct metrics_times *times) {
    char text[NUMBER_SIZE];
    uint64_t count = 0;
    for (size_t i = 0; i <= METRICS_BOUNDS; i++) {
        count += times->counts[i];
        put_name(metrics, "_bucket", "le",
                 i < METRICS_BOUNDS ? text_from_double((double)bounds_ms[i] / 1000, text) : "+Inf");
        buf_printf(metrics->buf, " %" PRIu64 "\n", count);
    }
    put_name(metrics, "_sum", NULL, NULL);
    buf_printf(metrics->buf, " %s\n", text_from_double((double)times->total_ms / 1000, text));
    put_name(metrics, "_count", NULL, NULL);
    buf_printf(metrics->buf, " %" PRIu64 "\n", count);
}
