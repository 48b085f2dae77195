#include "daemon/engine/trigger.h"

#include "daemon/engine/signal.h"

#define RUN_MAX 120 /* periods looked back for the length of a run */

/* When the organisation's official segment became the trigger's requires_segment
 * or worse, without a break since; OV_DAY_NONE = it is not. */
static ov_day officially_since(const struct assessment *assessment, uint32_t org, int segment, ov_day date) {
    const struct verdict *verdict = &assessment->verdicts[org];
    ov_day since = OV_DAY_NONE;

    for (size_t i = 0; i < verdict->decision_count && verdict->decisions[i].effective <= date; i++) {
        if (verdict->decisions[i].segment < segment)
            since = OV_DAY_NONE;
        else if (since == OV_DAY_NONE)
            since = verdict->decisions[i].effective;
    }
    return since;
}

/* The day of the oldest figure that the trigger looks at; OV_DAY_NONE = there is none. */
static ov_day oldest_figure(const struct assessment *assessment, const struct trigger *trigger) {
    ov_day oldest = OV_DAY_NONE;

    for (size_t i = 0; i < trigger->measure_count; i++) {
        const struct figures *figures = assessment->figures[trigger->measures[i]];

        if (figures->count && (oldest == OV_DAY_NONE || figures->columns[0]->period < oldest))
            oldest = figures->columns[0]->period;
    }
    return oldest;
}

/* Has any trigger for the segment, on at the start of one period since, been
 * off at the start of a later one? Before its oldest figure none is on. */
static bool cleared_since(const struct assessment *assessment, uint32_t org, const struct trigger *longstanding,
                          ov_day since, ov_day date) {
    const struct framework *framework = assessment->framework;
    enum frequency frequency = longstanding->signal.frequency;

    for (size_t i = 0; i < framework->trigger_count; i++) {
        const struct trigger *trigger = &framework->triggers[i];
        ov_day oldest = oldest_figure(assessment, trigger), first;
        bool was = false;

        if (trigger->segment != longstanding->requires_segment || trigger->signal.kind == SIGNAL_LONGSTANDING ||
            oldest == OV_DAY_NONE)
            continue;
        first = period_of(frequency, oldest) > since ? period_of(frequency, oldest) : since;
        for (ov_day at = first; at <= date; at = period_add(frequency, period_of(frequency, at), 1)) {
            bool is = trigger_read(assessment, org, trigger, at + 1).holds;

            if (was && !is)
                return true;
            was = is;
        }
    }
    return false;
}

static bool longstanding(const struct assessment *assessment, uint32_t org, const struct trigger *trigger,
                         ov_day until) {
    ov_day date = until == UNTIL_NOW || until > assessment->date ? assessment->date : until - 1, since;
    enum frequency frequency = trigger->signal.frequency;

    if (assessment->date == OV_DAY_NONE)
        return false;
    since = officially_since(assessment, org, trigger->requires_segment, date);
    return since != OV_DAY_NONE &&
           period_between(frequency, period_of(frequency, since), period_of(frequency, date)) >=
               trigger->signal.sustained &&
           !cleared_since(assessment, org, trigger, since, date);
}

struct trigger_reading trigger_read(const struct assessment *assessment, uint32_t org, const struct trigger *trigger,
                                    ov_day until) {
    const struct framework *framework = assessment->framework;
    struct trigger_reading reading = {0};
    uint64_t themes = 0;
    bool any = false; /* "at most" says nothing of somebody without figures: silence is no merit */

    if (!assessment_applies(assessment, org, trigger->applies_to))
        return reading;
    if (trigger->signal.kind == SIGNAL_LONGSTANDING) {
        reading.holds = longstanding(assessment, org, trigger, until);
        return reading;
    }
    for (size_t i = 0; i < trigger->measure_count; i++) {
        uint16_t measure = trigger->measures[i];
        struct reading signal;

        if (!assessment_applies(assessment, org, framework->measures[measure].applies_to))
            continue;
        reading.unknown |= signal_unknown(assessment, org, measure, until);
        signal = signal_read(assessment, org, measure, &trigger->signal, until);
        any |= signal.present;
        if (!signal.holds)
            continue;
        reading.measures++;
        themes |= UINT64_C(1) << (framework->measures[measure].theme % 64);
    }
    reading.themes = __builtin_popcountll(themes);
    reading.holds = trigger->at_most >= 0 ? any && reading.measures <= trigger->at_most
                                          : reading.measures >= trigger->count && reading.themes >= trigger->themes;
    return reading;
}

/* Measures of a trigger, and the frequency their periods are counted in: the
 * longest of theirs. */
struct watched {
    uint64_t set[MEASURES_MAX / 64]; /* by position in trigger->measures */
    enum frequency frequency;
    bool any;
};

static void watch(struct watched *watched, const struct assessment *assessment, const struct trigger *trigger,
                  size_t i) {
    enum frequency frequency = assessment->framework->measures[trigger->measures[i]].frequency;

    watched->set[i / 64] |= UINT64_C(1) << (i % 64);
    if (!watched->any || frequency > watched->frequency)
        watched->frequency = frequency;
    watched->any = true;
}

/* Those of which the organisation has a figure: a measure that it has never
 * reported gives no period to count. */
static struct watched watch_reported(const struct assessment *assessment, uint32_t org, const struct trigger *trigger) {
    struct watched watched = {0};

    for (size_t i = 0; i < trigger->measure_count; i++) {
        const struct figures *figures = assessment->figures[trigger->measures[i]];

        if (assessment_applies(assessment, org, figures->measure->applies_to) &&
            figures_newest(figures, org, UNTIL_NOW))
            watch(&watched, assessment, trigger, i);
    }
    return watched;
}

/* Those that show the signal; all reported ones where none does (conditions met by absence). */
static struct watched watch_showing(const struct assessment *assessment, uint32_t org, const struct trigger *trigger,
                                    ov_day until) {
    struct watched watched = {0};

    for (size_t i = 0; i < trigger->measure_count; i++)
        if (assessment_applies(assessment, org, assessment->framework->measures[trigger->measures[i]].applies_to) &&
            signal_read(assessment, org, trigger->measures[i], &trigger->signal, until).holds)
            watch(&watched, assessment, trigger, i);
    return watched.any ? watched : watch_reported(assessment, org, trigger);
}

/* The newest period before `until` in which the organisation has a figure on
 * any of the watched measures of that frequency; OV_DAY_NONE = none. */
static ov_day newest_period(const struct assessment *assessment, uint32_t org, const struct trigger *trigger,
                            const struct watched *watched, ov_day until) {
    bool effective = signal_is_band(trigger->signal.kind);
    ov_day newest = OV_DAY_NONE;

    for (size_t i = 0; i < trigger->measure_count; i++) {
        const struct figures *figures = assessment->figures[trigger->measures[i]];
        struct column *column;
        int age;

        if (!(watched->set[i / 64] >> (i % 64) & 1) || figures->measure->frequency != watched->frequency)
            continue;
        column = effective ? figures_newest_effective(figures, org, until, &age) : figures_newest(figures, org, until);
        if (column && column->period > newest)
            newest = column->period;
    }
    return newest;
}

bool trigger_holds(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, ov_day *ret_until,
                   bool *ret_unknown) {
    struct trigger_reading now = trigger_read(assessment, org, trigger, UNTIL_NOW);
    struct watched watched;
    ov_day period;

    *ret_until = UNTIL_NOW;
    *ret_unknown = now.unknown;
    if (now.holds || trigger->clear_after <= 1 || !trigger->measure_count)
        return now.holds;
    watched = watch_reported(assessment, org, trigger);
    period = newest_period(assessment, org, trigger, &watched, UNTIL_NOW);
    for (int i = 1; i < trigger->clear_after && period != OV_DAY_NONE; i++) {
        period = newest_period(assessment, org, trigger, &watched, period);
        if (period == OV_DAY_NONE)
            break;
        *ret_until = period_add(watched.frequency, period, 1);
        if (trigger_read(assessment, org, trigger, *ret_until).holds)
            return true;
    }
    return false;
}

void trigger_run(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, ov_day until,
                 ov_day *ret_since, uint32_t *ret_periods) {
    struct watched watched;
    ov_day period;

    if (trigger->signal.kind == SIGNAL_LONGSTANDING) {
        *ret_since = officially_since(assessment, org, trigger->requires_segment, assessment->date);
        *ret_periods = (uint32_t)trigger->signal.sustained;
        return;
    }
    *ret_since = OV_DAY_NONE;
    *ret_periods = 0;
    watched = watch_showing(assessment, org, trigger, until);
    period = newest_period(assessment, org, trigger, &watched, until);
    while (period != OV_DAY_NONE && *ret_periods < RUN_MAX) {
        if (*ret_periods && !trigger_read(assessment, org, trigger, period_add(watched.frequency, period, 1)).holds)
            break;
        *ret_since = period;
        ++*ret_periods;
        period = newest_period(assessment, org, trigger, &watched, period);
    }
}
