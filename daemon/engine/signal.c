#include "daemon/engine/signal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"

bool signal_is_band(enum signal_kind kind) {
    return kind == SIGNAL_BOTTOM_QUARTILE || kind == SIGNAL_BOTTOM_DECILE || kind == SIGNAL_TOP_QUARTILE;
}

enum band signal_band(enum signal_kind kind) {
    if (kind == SIGNAL_BOTTOM_DECILE)
        return BAND_BOTTOM_DECILE;
    return kind == SIGNAL_TOP_QUARTILE ? BAND_TOP_QUARTILE : BAND_BOTTOM_QUARTILE;
}

enum spc_improvement measure_improvement(const struct measure *measure) {
    if (measure->direction == DIRECTION_NEUTRAL)
        return SPC_NEUTRAL;
    return measure->direction == DIRECTION_HIGHER ? SPC_IMPROVES_UP : SPC_IMPROVES_DOWN;
}

bool signal_unknown(const struct assessment *assessment, uint32_t org, uint16_t measure, ov_day until) {
    int age;

    return figures_newest_effective(assessment->figures[measure], org, until, &age) &&
           signal_is_unknown(assessment, measure, age);
}

double signal_plan(const struct assessment *assessment, uint32_t org, uint16_t measure, ov_day period) {
    uint16_t plan = assessment->framework->measures[measure].plan;
    const struct column *column;

    if (plan == INDEX_NONE)
        return NAN;
    column = figures_column(assessment->figures[plan], period);
    return column && figures_speaks(assessment->figures[plan], column, org) ? column->values[org] : NAN;
}

size_t signal_chart(const struct assessment *assessment, uint32_t org, uint16_t measure, ov_day until, ov_day *periods,
                    double *values, struct spc_point *points) {
    const struct measure *m = &assessment->framework->measures[measure];
    size_t count = figures_series(assessment->figures[measure], org, until, periods, values);
    struct spc_options options = {.improvement = measure_improvement(m),
                                  .screen = m->screen,
                                  .fix_after = (size_t)m->fix_after,
                                  .rebase = m->rebase,
                                  .rebase_count = m->rebase_count};

    spc_chart(periods, values, count, &options, points);
    return count;
}

/* The newest date at which the measure's limits start anew, not after period. */
static ov_day rebased_at(const struct measure *measure, ov_day period) {
    ov_day start = OV_DAY_NONE;

    for (size_t i = 0; i < measure->rebase_count && measure->rebase[i] <= period; i++)
        start = measure->rebase[i];
    return start;
}

/* The newest points of the series in its rebase group, at most `room`, up to
 * and including the column; oldest first. Returns where they start in y. */
static size_t points_up_to(const struct figures *figures, uint32_t org, const struct column *column, double *y,
                           size_t room) {
    ov_day start = rebased_at(figures->measure, column->period);
    size_t at = room;

    for (size_t i = figures->count; i-- > 0 && at;) {
        const struct column *c = figures->columns[i];

        if (c->period < start)
            break;
        if (c->period <= column->period && figures_speaks(figures, c, org))
            y[--at] = c->values[org];
    }
    return at;
}

/* Fall in percentiles (100 best, 0 worst) since the effective period before. */
static double percentile_fall(const struct figures *figures, uint32_t org, const struct column *column) {
    uint8_t set = figures_peer_set(figures, org);
    double percentile[2];
    const struct walk *walk;
    int32_t ordinal;

    if (set == PEER_SET_NONE || (ordinal = column->tables[set].ordinal) < 1)
        return 0;
    walk = &figures->walks[set];
    for (int i = 0; i < 2; i++) {
        const struct column *c = walk->effective[ordinal - i];
        const struct table *table;
        double n;

        if (!figures_speaks(figures, c, org) || !(table = figures_table(figures, c, set)))
            return 0;
        n = table->count;
        percentile[i] =
            100 * (n - ranking_rank(table->ranking, measure_key(figures->measure, c->values[org]))) / (n - 1);
    }
    return percentile[1] - percentile[0];
}

struct drop_result signal_drop(const struct assessment *assessment, uint32_t org, uint16_t measure,
                               const struct column *column) {
    const struct framework *framework = assessment->framework;
    const struct measure *m = &framework->measures[measure];
    const struct figures *figures = assessment->figures[measure];
    struct drop_options options = {.improvement = measure_improvement(m),
                                   .screen = m->screen,
                                   .baseline_min = framework->baseline_min,
                                   .baseline_max = framework->baseline_max,
                                   .minimum = m->drop_minimum,
                                   .step = m->drop_step};
    double y[RULE_PERIODS_MAX + 1];
    size_t room = framework->baseline_max + 1;
    size_t start = points_up_to(figures, org, column, y, room);
    struct drop_result result = spc_drop(y + start, room - start, &options);

    if (!result.drop && m->drop_rank > 0) {
        result.fall = percentile_fall(figures, org, column);
        result.drop = result.by_rank = result.fall >= m->drop_rank;
    }
    return result;
}

static bool word_listed(const struct measure *measure, const struct signal *signal, double value) {
    size_t word = (size_t)value;

    for (size_t i = 0; word < measure->word_count && i < signal->word_count; i++)
        if (!strcmp(signal->words[i], measure->words[word]))
            return true;
    return false;
}

bool signal_expired(const struct assessment *assessment, const struct measure *measure, const struct column *column,
                    ov_day until) {
    ov_day date = assessment->date;

    if (!measure->valid_for || date == OV_DAY_NONE)
        return false;
    if (until != UNTIL_NOW && until - 1 < date)
        date = until - 1;
    return date - column->period > measure->valid_for;
}

static bool special_cause(const struct assessment *assessment, uint32_t org, uint16_t measure,
                          const struct column *column, ov_day until) {
    size_t room = assessment->figures[measure]->count, count, at;
    ov_day *periods = mem_alloc(room, sizeof *periods);
    double *values = mem_alloc(room, sizeof *values);
    struct spc_point *points = mem_alloc(room, sizeof *points);
    bool concern = false;

    count = signal_chart(assessment, org, measure, until, periods, values, points);
    for (at = count; at-- > 0;)
        if (periods[at] == column->period)
            concern = points[at].type == SPC_SPECIAL_CONCERN;
    free(points);
    free(values);
    free(periods);
    return concern;
}

static bool missed_plan(const struct assessment *assessment, uint32_t org, uint16_t measure,
                        const struct signal *signal, const struct column *column) {
    const struct measure *m = &assessment->framework->measures[measure];
    double plan = signal_plan(assessment, org, measure, column->period);

    return !isnan(plan) && measure_key(m, plan) - measure_key(m, column->values[org]) > signal->margin;
}

static bool in_band(const struct assessment *assessment, uint32_t org, uint16_t measure, enum band band,
                    const struct column *column) {
    const struct figures *figures = assessment->figures[measure];

    return bands_in(&column->tables[figures_peer_set(figures, org)].bands, band,
                    measure_key(figures->measure, column->values[org]));
}

/* Does the signal hold at one period of the organisation? */
static bool holds_at(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct signal *signal,
                     const struct column *column, ov_day until) {
    const struct measure *m = &assessment->framework->measures[measure];
    double value = column->values[org];

    switch (signal->kind) {
    case SIGNAL_BOTTOM_QUARTILE:
    case SIGNAL_BOTTOM_DECILE:
    case SIGNAL_TOP_QUARTILE:
        return in_band(assessment, org, measure, signal_band(signal->kind), column);
    case SIGNAL_THRESHOLD:
        return comparison_holds(signal->comparison, value, signal->number);
    case SIGNAL_RATING:
        return word_listed(m, signal, value);
    case SIGNAL_FLAG:
        return value > 0;
    case SIGNAL_DROP:
        return signal_drop(assessment, org, measure, column).drop;
    case SIGNAL_SPECIAL_CAUSE:
        return special_cause(assessment, org, measure, column, until);
    case SIGNAL_MISSED_PLAN:
        return missed_plan(assessment, org, measure, signal, column);
    case SIGNAL_LONGSTANDING:
        break; /* looks at no measure */
    }
    return false;
}

/* The next older period in which the organisation has a figure, and its
 * distance in periods; NULL = none. */
static struct column *older(const struct figures *figures, uint32_t org, const struct column *column, bool effective,
                            int *ret_distance) {
    if (effective) {
        int age;
        struct column *next = figures_newest_effective(figures, org, column->period, &age);

        *ret_distance = next ? age + 1 : 0;
        return next;
    }
    struct column *next = figures_newest(figures, org, column->period);

    if (next)
        *ret_distance = period_between(figures->measure->frequency, next->period, column->period);
    return next;
}

/* For how many periods running, from this one back, it holds; no more than asked for. */
static int run_from(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct signal *signal,
                    const struct column *column, ov_day until) {
    bool effective = signal_is_band(signal->kind);
    int run = 0, distance = 0;

    while (column && distance <= assessment->framework->stale_after &&
           holds_at(assessment, org, measure, signal, column, until)) {
        if (++run >= signal->sustained)
            break;
        column = older(assessment->figures[measure], org, column, effective, &distance);
    }
    return run;
}

int signal_run_before(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct signal *signal,
                      const struct column *column) {
    int distance;
    const struct column *before =
        older(assessment->figures[measure], org, column, signal_is_band(signal->kind), &distance);

    if (!before || distance > assessment->framework->stale_after)
        return 0;
    return run_from(assessment, org, measure, signal, before, UNTIL_NOW);
}

struct reading signal_read(const struct assessment *assessment, uint32_t org, uint16_t measure,
                           const struct signal *signal, ov_day until) {
    const struct figures *figures = assessment->figures[measure];
    struct reading reading = {0};
    struct column *column;
    int age;

    column = signal_is_band(signal->kind) ? figures_newest_effective(figures, org, until, &age)
                                          : figures_newest(figures, org, until);
    if (!column)
        return reading;
    reading.present = true;
    reading.column = column;
    if (!signal_is_band(signal->kind) && signal_expired(assessment, figures->measure, column, until))
        return reading; /* it no longer speaks; that it once did still counts for what is sustained */
    reading.run = run_from(assessment, org, measure, signal, column, until);
    reading.holds = reading.run >= signal->sustained;
    return reading;
}
