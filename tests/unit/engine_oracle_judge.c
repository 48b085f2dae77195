/* Signals, triggers and segments of the oracle. */
#include <math.h>
#include <string.h>

#include "tests/unit/engine_oracle.h"

#define NOW INT32_MAX

static bool is_band(enum signal_kind kind) {
    return kind == SIGNAL_BOTTOM_QUARTILE || kind == SIGNAL_BOTTOM_DECILE || kind == SIGNAL_TOP_QUARTILE;
}

/* The figure has grown older than valid_for by the date of the question. */
static bool expired(const struct oracle *oracle, uint16_t measure, int period, ov_day until) {
    int valid = oracle->framework->measures[measure].valid_for;
    ov_day date = until <= oracle->date ? until - 1 : oracle->date;

    return valid && oracle->date != OV_DAY_NONE && date - oracle->periods[measure][period] > valid;
}

static bool missed_plan(const struct oracle *oracle, uint32_t org, uint16_t measure, int period, double margin) {
    const struct measure *m = &oracle->framework->measures[measure];
    double value = oracle->values[measure][period][org];

    for (size_t p = 0; p < ORACLE_PERIODS; p++)
        if (oracle->periods[m->plan][p] == oracle->periods[measure][period]) {
            double plan = oracle->values[m->plan][p][org];

            return !isnan(plan) && (m->direction == DIRECTION_LOWER ? value - plan : plan - value) > margin;
        }
    return false;
}

/* The signal in one period in which the organisation has a figure. */
static bool shows(const struct oracle *oracle, uint32_t org, uint16_t measure, const struct signal *signal,
                  int period) {
    const struct measure *m = &oracle->framework->measures[measure];
    double value = oracle->values[measure][period][org];

    if (is_band(signal->kind))
        return oracle_band(oracle, org, measure, (size_t)period, signal->kind);
    if (signal->kind == SIGNAL_FLAG)
        return value > 0;
    if (signal->kind == SIGNAL_MISSED_PLAN)
        return missed_plan(oracle, org, measure, period, signal->margin);
    if (signal->kind == SIGNAL_DROP)
        return oracle_drop(oracle, org, measure, (size_t)period);
    if (signal->kind == SIGNAL_THRESHOLD)
        return signal->comparison == COMPARE_AT_LEAST  ? value >= signal->number
               : signal->comparison == COMPARE_AT_MOST ? value <= signal->number
               : signal->comparison == COMPARE_ABOVE   ? value > signal->number
                                                       : value < signal->number;
    for (size_t i = 0; i < signal->word_count; i++) /* a rating */
        if (!strcmp(signal->words[i], m->words[(size_t)value]))
            return true;
    return false;
}

/* How many periods lie between two of them: effective ones, or any of the frequency. */
static int apart(const struct oracle *oracle, uint32_t org, uint16_t measure, int older, int newer, bool effective) {
    int set = oracle_set_of(oracle, org, measure), count = 0;

    for (int p = older + 1; p <= newer; p++)
        count += !effective || oracle->tables[measure][set][p].effective;
    return count;
}

static bool signal_on(const struct oracle *oracle, uint32_t org, uint16_t measure, const struct signal *signal,
                      ov_day until) {
    bool effective = is_band(signal->kind);
    int last = -1, age;

    for (int i = 0; i < signal->sustained; i++) {
        ov_day before = last < 0 ? until : oracle->periods[measure][last];
        int period =
            effective ? oracle_speaks(oracle, org, measure, before, &age) : oracle_newest(oracle, org, measure, before);

        if (period < 0 || !shows(oracle, org, measure, signal, period))
            return false;
        if (last < 0 && !effective && expired(oracle, measure, period, until))
            return false;
        if (last >= 0 && apart(oracle, org, measure, period, last, effective) > oracle->framework->stale_after)
            return false;
        last = period;
    }
    return true;
}

static bool condition(const struct oracle *oracle, uint32_t org, const struct trigger *trigger, ov_day until) {
    const struct framework *framework = oracle->framework;
    bool themes[64] = {false};
    int measures = 0, theme_count = 0, age;
    bool any = false;

    for (size_t i = 0; i < trigger->measure_count; i++) {
        uint16_t m = trigger->measures[i];

        if (!oracle_applies(oracle, org, framework->measures[m].applies_to))
            continue;
        any |= (is_band(trigger->signal.kind) ? oracle_speaks(oracle, org, m, until, &age)
                                              : oracle_newest(oracle, org, m, until)) >= 0;
        if (!signal_on(oracle, org, m, &trigger->signal, until))
            continue;
        measures++;
        theme_count += !themes[framework->measures[m].theme];
        themes[framework->measures[m].theme] = true;
    }
    if (trigger->at_most >= 0)
        return any && measures <= trigger->at_most;
    return measures >= trigger->count && theme_count >= trigger->themes;
}

/* The newest period before `until` in which the organisation has a figure on one of the measures. */
static ov_day newest_period(const struct oracle *oracle, uint32_t org, const struct trigger *trigger, ov_day until) {
    ov_day newest = OV_DAY_NONE;

    for (size_t i = 0; i < trigger->measure_count; i++) {
        uint16_t m = trigger->measures[i];
        int age, period;

        if (!oracle_applies(oracle, org, oracle->framework->measures[m].applies_to))
            continue;
        period = is_band(trigger->signal.kind) ? oracle_speaks(oracle, org, m, until, &age)
                                               : oracle_newest(oracle, org, m, until);
        if (period >= 0 && oracle->periods[m][period] > newest)
            newest = oracle->periods[m][period];
    }
    return newest;
}

/* With clear_after; the measures of such a trigger have one frequency here. */
static bool condition_holds(const struct oracle *oracle, uint32_t org, const struct trigger *trigger) {
    ov_day period = NOW;

    if (condition(oracle, org, trigger, NOW))
        return true;
    period = newest_period(oracle, org, trigger, NOW);
    for (int i = 1; i < trigger->clear_after; i++) {
        enum frequency frequency = oracle->framework->measures[trigger->measures[0]].frequency;

        period = newest_period(oracle, org, trigger, period);
        if (period == OV_DAY_NONE)
            return false;
        if (condition(oracle, org, trigger, period_add(frequency, period, 1)))
            return true;
    }
    return false;
}

static bool looks_unknown(const struct oracle *oracle, uint32_t org, const struct trigger *trigger) {
    for (size_t i = 0; i < trigger->measure_count; i++) {
        uint16_t m = trigger->measures[i];
        int age;

        if (oracle_applies(oracle, org, oracle->framework->measures[m].applies_to) &&
            oracle_speaks(oracle, org, m, NOW, &age) >= 0 && age > oracle->framework->stale_after)
            return true;
    }
    return false;
}

int oracle_official(const struct oracle *oracle, uint32_t org) {
    int official = oracle->framework->default_segment;
    ov_day newest = OV_DAY_NONE;

    for (size_t i = 0; i < oracle->decision_count; i++)
        if (oracle->decisions[i].org == org && oracle->date != OV_DAY_NONE &&
            oracle->decisions[i].effective <= oracle->date && oracle->decisions[i].effective >= newest) {
            newest = oracle->decisions[i].effective;
            official = oracle->decisions[i].segment;
        }
    return official;
}

struct oracle_verdict oracle_judge(const struct oracle *oracle, uint32_t org, uint64_t latched) {
    const struct framework *framework = oracle->framework;
    struct oracle_verdict verdict = {.segment = framework->default_segment};
    bool promoted = true, asked = false;
    int official = oracle_official(oracle, org), worst = 0;

    if (oracle->types[org] < 0)
        return verdict;
    for (int with = 0; with < 2; with++)
        for (size_t i = 0; i < framework->trigger_count; i++) {
            const struct trigger *trigger = &framework->triggers[i];
            bool on, supported = official >= trigger->requires_segment;

            if ((trigger->requires_segment > 0) != with || !oracle_applies(oracle, org, trigger->applies_to))
                continue;
            for (size_t k = 0; k < framework->trigger_count; k++)
                supported |= (verdict.on >> k & 1) && !framework->triggers[k].requires_segment &&
                             framework->triggers[k].segment >= trigger->requires_segment;
            on = (latched >> i & 1) || (condition_holds(oracle, org, trigger) && supported);
            verdict.on |= (uint64_t)on << i;
            verdict.unknown |= (uint64_t)looks_unknown(oracle, org, trigger) << i;
            if (on && trigger->segment > worst)
                worst = trigger->segment;
        }
    for (size_t i = 0; i < framework->promotion_count; i++) {
        if (!oracle_applies(oracle, org, framework->promotion[i].applies_to))
            continue;
        asked = true;
        if (condition_holds(oracle, org, &framework->promotion[i]))
            verdict.met |= UINT64_C(1) << i;
        else
            promoted = false;
    }
    if (worst)
        verdict.segment = worst;
    else if (promoted && asked)
        verdict.segment = 1;
    return verdict;
}
