#include "daemon/engine/scored_periods.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"

void scored_periods_init(struct scored_periods *periods, const struct assessment *assessment,
                         const struct scored *scored) {
    *periods = (struct scored_periods){.assessment = assessment, .scored = scored};
}

void scored_periods_finish(struct scored_periods *periods) {
    for (size_t i = 0; i < periods->count; i++) {
        board_destroy(periods->periods[i]->board);
        free(periods->periods[i]->present);
        free(periods->periods[i]);
    }
    free(periods->periods);
}

static struct scored_period *ensure(struct scored_periods *periods, ov_day day) {
    enum frequency frequency = periods->assessment->framework->scoring.frequency;
    ov_day start = period_of(frequency, day);
    size_t at = periods->count;
    struct scored_period *period;

    while (at && periods->periods[at - 1]->period > start)
        at--;
    if (at && periods->periods[at - 1]->period == start)
        return periods->periods[at - 1];
    period = mem_alloc(1, sizeof *period);
    period->period = start;
    period->until = period_add(frequency, start, 1);
    period->present = mem_alloc(periods->assessment->org_count, sizeof *period->present);
    MEM_GROW(periods->periods, periods->count, periods->capacity);
    memmove(periods->periods + at + 1, periods->periods + at, (periods->count - at) * sizeof(struct scored_period *));
    periods->periods[at] = period;
    periods->count++;
    return period;
}

static bool counts(const struct assessment *assessment, uint32_t org, ov_day period) {
    return assessment_applies(assessment, org, assessment->framework->scoring.applies_to) &&
           registry_counts(assessment->registry, org, period);
}

/* Has it any score figure in the period? */
static bool reports(const struct scored_periods *periods, uint32_t org, const struct scored_period *period) {
    const struct assessment *assessment = periods->assessment;

    for (size_t i = 0; i < periods->scored->count; i++) {
        uint16_t measure = periods->scored->measures[i];
        const struct column *newest;

        if (!scored_has_figures(periods->scored, assessment->framework, measure))
            continue;
        newest = figures_newest(assessment->figures[measure], org, period->until);
        if (newest && newest->period >= period->period)
            return true;
    }
    return false;
}

/* True when it differs from before. */
static bool put_present(struct scored_period *period, uint32_t org, bool present) {
    if (present == (period->present[org] != 0))
        return false;
    period->present[org] = present;
    period->n = present ? period->n + 1 : period->n - 1;
    return true;
}

bool scored_periods_note(struct scored_periods *periods, uint32_t org, uint16_t measure, ov_day day, ov_day *ret_from) {
    const struct assessment *assessment = periods->assessment;
    const struct column *column;
    struct scored_period *period;
    bool present;

    if (!scored_has_figures(periods->scored, assessment->framework, measure))
        return false;
    period = ensure(periods, day);
    if (!counts(assessment, org, period->period))
        return false;
    column = figures_column(assessment->figures[measure], day);
    present = (column && figures_speaks(assessment->figures[measure], column, org)) || reports(periods, org, period);
    if (!put_present(period, org, present))
        return false;
    if (*ret_from > period->period)
        *ret_from = period->period;
    return true;
}

/* Organisations scored in `last` that have closed by the start of `period`. */
static uint32_t closed_since(const struct assessment *assessment, const struct scored_period *last, ov_day period) {
    uint32_t closed = 0;

    for (size_t i = 0; i < assessment->closing_count; i++) {
        uint32_t org = assessment->closing[i];

        if (last->present[org] && !registry_counts(assessment->registry, org, period))
            closed++;
    }
    return closed;
}

static bool is_effective(const struct assessment *assessment, const struct scored_period *period,
                         const struct scored_period *last) {
    const struct framework *framework = assessment->framework;

    if (period->n < framework->minimum_peers || period->n == 0)
        return false;
    if (!last)
        return true;
    return (double)period->n + 1e-9 >=
           framework->coverage * (double)(last->n - closed_since(assessment, last, period->period));
}

bool scored_periods_walk(struct scored_periods *periods, ov_day from) {
    const struct scored_period *last = NULL;
    bool differs = false;

    for (size_t i = 0; i < periods->count; i++) {
        struct scored_period *period = periods->periods[i];

        if (period->period >= from) {
            bool effective = is_effective(periods->assessment, period, last);

            differs |= effective != period->effective;
            period->effective = effective;
        }
        if (period->effective)
            last = period;
    }
    return differs;
}

static void load_column(struct scored_periods *periods, const struct figures *figures, const struct column *column) {
    struct scored_period *period = ensure(periods, column->period);

    for (uint32_t org = 0; org < periods->assessment->org_count; org++)
        if (figures_speaks(figures, column, org) && counts(periods->assessment, org, period->period))
            put_present(period, org, true);
}

void scored_periods_load(struct scored_periods *periods) {
    const struct assessment *assessment = periods->assessment;

    for (size_t i = 0; i < periods->scored->count; i++) {
        const struct figures *figures = assessment->figures[periods->scored->measures[i]];

        if (!scored_has_figures(periods->scored, assessment->framework, periods->scored->measures[i]))
            continue;
        for (size_t c = 0; c < figures->count; c++)
            load_column(periods, figures, figures->columns[c]);
    }
    scored_periods_walk(periods, OV_DAY_NONE);
}

struct scored_period *scored_periods_newest(const struct scored_periods *periods) {
    for (size_t i = periods->count; i-- > 0;)
        if (periods->periods[i]->effective)
            return periods->periods[i];
    return NULL;
}
