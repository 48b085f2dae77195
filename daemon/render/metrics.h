/*
 * Metrics in the text format of Prometheus, version 0.0.4: names with our
 * prefix, help and type before the values of each.
 */
#ifndef OV_RENDER_METRICS_H
#define OV_RENDER_METRICS_H

#include <stdint.h>

#include "common/buf.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_PREFIX "oversightd_"

struct metrics {
    struct buf *buf;
    const char *prefix, *name; /* of the family that is open */
};

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* Begins a family: the name without the prefix. Nothing when it is open already,
 * so that rows of a table may each say it. */
void metrics_family(struct metrics *metrics, enum metric_type type, const char *name, const char *help);
/* The same without a prefix, for names that are everybody's: process_... */
void metrics_common(struct metrics *metrics, enum metric_type type, const char *name, const char *help);

/* A value of the open family; label NULL: it has none. */
void metrics_value(struct metrics *metrics, const char *label, const char *value, double number);
void metrics_count(struct metrics *metrics, const char *label, const char *value, uint64_t number);

/* With several labels: pairs of name and value, ended by NULL. */
void metrics_labels(struct metrics *metrics, double number, const char *const *pairs);

/* A distribution of milliseconds, shown in seconds. */
#define METRICS_BOUNDS 12
struct metrics_times {
    uint64_t counts[METRICS_BOUNDS + 1]; /* the last: beyond all bounds */
    uint64_t total_ms;
};
void metrics_observe(struct metrics_times *times, int64_t ms);
void metrics_times(struct metrics *metrics, const struct metrics_times *times);

#endif
