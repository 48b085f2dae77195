/*
 * Signals: what one measure shows of one organisation. Each question takes
 * `until`: only periods that start before it are looked at, so the same code
 * answers for now (UNTIL_NOW) and for an earlier period.
 *
 * Band signals speak from the effective periods of the peer set; all others
 * from the organisation's own newest figure. "Sustained" (for = N) asks for N
 * of those periods, neighbours at most stale_after apart: effective periods for
 * band signals, periods of the measure's frequency for the others.
 */
#ifndef OV_ENGINE_SIGNAL_H
#define OV_ENGINE_SIGNAL_H

#include <stdbool.h>

#include "daemon/engine/assessment.h"

struct reading {
    bool present; /* there is a figure to speak */
    bool holds;
    struct column *column; /* the period that speaks */
    int run;               /* periods running that it holds in, no more than "sustained" asks for */
};

struct reading signal_read(const struct assessment *assessment, uint32_t org, uint16_t measure,
                           const struct signal *signal, ov_day until);

/* Periods running before that of the column in which it held, near enough to go
 * on in it; no more than "sustained" asks for. */
int signal_run_before(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct signal *signal,
                      const struct column *column);

/* Older than the measure lets a figure speak, on the date of the question. */
bool signal_expired(const struct assessment *assessment, const struct measure *measure, const struct column *column,
                    ov_day until);

/* True when the organisation has stopped reporting a ranked measure: more than
 * stale_after effective periods have passed since its newest one. */
bool signal_unknown(const struct assessment *assessment, uint32_t org, uint16_t measure, ov_day until);

/* The same where the age of its newest effective figure is known. */
static inline bool signal_is_unknown(const struct assessment *assessment, uint16_t measure, int age) {
    return age > assessment->framework->stale_after && measure_is_ranked(&assessment->framework->measures[measure]);
}

bool signal_is_band(enum signal_kind kind);
enum band signal_band(enum signal_kind kind);

/* The figure of the plan measure for the same organisation and period; NAN = none. */
double signal_plan(const struct assessment *assessment, uint32_t org, uint16_t measure, ov_day period);

/* Is the figure of this column a dramatic drop against the points before it? */
struct drop_result signal_drop(const struct assessment *assessment, uint32_t org, uint16_t measure,
                               const struct column *column);

/* Chart of the series before `until`; arrays of the caller with room for the
 * measure's columns. Returns the length. */
size_t signal_chart(const struct assessment *assessment, uint32_t org, uint16_t measure, ov_day until, ov_day *periods,
                    double *values, struct spc_point *points);

enum spc_improvement measure_improvement(const struct measure *measure);

#endif
