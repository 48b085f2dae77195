#include "daemon/engine/evidence.h"

#include <math.h>
#include <stdlib.h>

#include "daemon/engine/mem.h"
#include "daemon/engine/trigger.h"

/* What the cut can be computed from again. */
static void add_quantile(struct evidence *evidence, const struct table *table, enum band band) {
    double keys[2];

    ranking_quantile_between(table->ranking, bands_order(band), keys);
    evidence->has_quantile = true;
    evidence->order = bands_order(band);
    for (int i = 0; i < 2; i++)
        evidence->between[i] = measure_value(evidence->measure, keys[i]);
    evidence->beyond = bands_members(table->ranking, &table->bands, band);
}

/* The cut of a band, how far the figure is from it, how many places to climb. */
static void add_band(struct evidence *evidence, const struct table *table, enum signal_kind kind, double key) {
    const struct measure *measure = evidence->measure;
    double cut = bands_cut(&table->bands, signal_band(kind));
    bool bottom = kind != SIGNAL_TOP_QUARTILE;

    if (!table->bands.active)
        return;
    evidence->has_band = bands_in(&table->bands, signal_band(kind), key);
    evidence->band = kind;
    evidence->has_cut = true;
    evidence->cut = measure_value(measure, cut);
    evidence->distance = bottom ? cut - key : key - cut;
    add_quantile(evidence, table, signal_band(kind));
    evidence->places = bands_places_to_leave(table->ranking, &table->bands, signal_band(kind), key);
}

static const struct table *table_of(const struct assessment *assessment, uint32_t org, uint16_t measure,
                                    const struct column *column) {
    uint8_t set = figures_peer_set(assessment->figures[measure], org);

    if (set == PEER_SET_NONE || !registry_counts(assessment->registry, org, column->period))
        return NULL;
    return figures_table(assessment->figures[measure], column, set);
}

/* Is an older period speaking for the newest effective one? */
static void add_age(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct column *column,
                    ov_day until, struct evidence *evidence) {
    int age = 0;
    const struct column *newest = figures_newest_effective(assessment->figures[measure], org, until, &age);

    evidence->held = newest == column && age > 0;
    evidence->unknown = newest == column && age > assessment->framework->stale_after;
}

static void add_rank(const struct table *table, double key, struct evidence *evidence) {
    evidence->ranked = true;
    evidence->rank = ranking_rank(table->ranking, key);
    evidence->n = ranking_count(table->ranking);
    evidence->equal = evidence->n + 1 - evidence->rank - ranking_worse(table->ranking, key);
}

void evidence_of_figure(const struct assessment *assessment, uint32_t org, uint16_t measure,
                        const struct column *column, struct evidence *ret_evidence) {
    const struct measure *m = &assessment->framework->measures[measure];
    struct evidence evidence = {
        .measure = m, .period = column->period, .value = column->values[org], .type = assessment->types[org]};
    const struct table *table = table_of(assessment, org, measure, column);
    double key = measure_key(m, evidence.value);

    if (table) {
        enum signal_kind kind = SIGNAL_BOTTOM_QUARTILE;

        if (bands_bottom_decile(&table->bands, key))
            kind = SIGNAL_BOTTOM_DECILE;
        else if (bands_top_quartile(&table->bands, key))
            kind = SIGNAL_TOP_QUARTILE;
        add_rank(table, key, &evidence);
        add_band(&evidence, table, kind, key);
        add_age(assessment, org, measure, column, UNTIL_NOW, &evidence);
    }
    *ret_evidence = evidence;
}

void evidence_of_drop(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct column *column,
                      const struct column *shown, struct evidence *ret_evidence) {
    struct drop_result result = signal_drop(assessment, org, measure, column);

    evidence_of_figure(assessment, org, measure, shown, ret_evidence);
    ret_evidence->has_band = ret_evidence->has_cut = ret_evidence->has_quantile = false;
    ret_evidence->has_before = shown == column && (result.has_baseline || (result.drop && !result.by_rank));
    ret_evidence->has_fall = shown == column && result.by_rank;
    ret_evidence->fall = result.fall;
    ret_evidence->before = result.before;
    ret_evidence->has_limits = result.has_baseline && result.baseline.defined;
    ret_evidence->mean = result.baseline.mean;
    ret_evidence->lower = result.baseline.lower;
    ret_evidence->upper = result.baseline.upper;
}

static void add_limits(const struct assessment *assessment, uint32_t org, uint16_t measure, ov_day until,
                       struct evidence *evidence) {
    size_t room = assessment->figures[measure]->count, count;
    ov_day *periods = mem_alloc(room, sizeof *periods);
    double *values = mem_alloc(room, sizeof *values);
    struct spc_point *points = mem_alloc(room, sizeof *points);

    count = signal_chart(assessment, org, measure, until, periods, values, points);
    for (size_t i = 0; i < count; i++) {
        if (periods[i] != evidence->period || !points[i].limits.defined)
            continue;
        evidence->has_limits = true;
        evidence->mean = points[i].limits.mean;
        evidence->lower = points[i].limits.lower;
        evidence->upper = points[i].limits.upper;
    }
    free(points);
    free(values);
    free(periods);
}

/* The number the figure was held against, for signals with a fixed one. */
static void add_number(struct evidence *evidence, const struct signal *signal, double number) {
    bool low_is_bad = signal->kind == SIGNAL_MISSED_PLAN
                          ? evidence->measure->direction != DIRECTION_LOWER
                          : signal->comparison == COMPARE_AT_MOST || signal->comparison == COMPARE_BELOW;

    if (isnan(number))
        return;
    evidence->has_cut = true;
    evidence->cut = number;
    evidence->distance = low_is_bad ? number - evidence->value : evidence->value - number;
    evidence->places = 0;
    evidence->has_band = evidence->has_quantile = false;
}

bool evidence_of_signal(const struct assessment *assessment, uint32_t org, uint16_t measure,
                        const struct signal *signal, ov_day until, struct evidence *ret_evidence) {
    struct reading reading = signal_read(assessment, org, measure, signal, until);
    struct evidence evidence;
    const struct table *table;

    if (!reading.present)
        return false;
    evidence_of_figure(assessment, org, measure, reading.column, &evidence);
    evidence.held = evidence.unknown = false;
    table = table_of(assessment, org, measure, reading.column);
    if (table)
        add_age(assessment, org, measure, reading.column, until, &evidence);
    if (signal_is_band(signal->kind) && table)
        add_band(&evidence, table, signal->kind, measure_key(evidence.measure, evidence.value));
    else if (signal->kind == SIGNAL_THRESHOLD)
        add_number(&evidence, signal, signal->number);
    else if (signal->kind == SIGNAL_MISSED_PLAN)
        add_number(&evidence, signal, signal_plan(assessment, org, measure, reading.column->period));
    else if (signal->kind == SIGNAL_DROP)
        evidence_of_drop(assessment, org, measure, reading.column, reading.column, &evidence);
    else if (signal->kind == SIGNAL_SPECIAL_CAUSE)
        add_limits(assessment, org, measure, until, &evidence);
    *ret_evidence = evidence;
    return true;
}

void evidence_of_trigger(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, ov_day until,
                         struct arena *arena, struct alert_trigger *ret_trigger) {
    struct alert_trigger result = {.trigger = trigger};

    result.unknown = trigger_read(assessment, org, trigger, UNTIL_NOW).unknown;
    trigger_run(assessment, org, trigger, until, &result.since, &result.periods);
    result.evidence = arena_alloc(arena, trigger->measure_count, sizeof *result.evidence);
    for (size_t i = 0; i < trigger->measure_count; i++) {
        uint16_t measure = trigger->measures[i];

        if (!assessment_applies(assessment, org, assessment->framework->measures[measure].applies_to) ||
            !signal_read(assessment, org, measure, &trigger->signal, until).holds)
            continue;
        if (evidence_of_signal(assessment, org, measure, &trigger->signal, until,
                               &result.evidence[result.evidence_count]))
            result.evidence_count++;
    }
    *ret_trigger = result;
}
