#include "daemon/engine/judge_drops.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/engine/announce.h"
#include "daemon/engine/evidence.h"
#include "daemon/engine/signal.h"

static void drop_key(struct alert *alert, const struct turn *turn, const struct drop_record *record,
                     const char *prefix) {
    const struct framework *framework = turn->assessment->framework;
    char date[OV_DATE_SIZE];

    announce_key(alert, "%s/%s/%s/%s/%s/%" PRIu32, prefix, framework->id, alert->organisation->code,
                 framework->measures[record->measure].id, date_format(record->period, date), record->occurrence);
}

static struct alert *announce_drop(struct turn *turn, uint32_t org, enum alert_kind kind, enum severity severity,
                                   const struct drop_record *record) {
    struct alert *alert = announce(turn, kind, severity, org);
    struct blame blame = announce_blame_measure(turn, org, record->measure);

    alert->attribution = blame.attribution;
    alert->cause = blame.cause;
    return alert;
}

/* Other units are too long for a summary. */
static const char *percent_of(const struct measure *measure) {
    return measure->unit && strcmp(measure->unit, "%") == 0 ? "%" : "";
}

static void raise_drop(struct turn *turn, uint32_t org, struct drop_record *record, const struct column *column,
                       bool quiet) {
    struct alert *alert;
    char before[NUMBER_SIZE], value[NUMBER_SIZE];
    const char *percent;

    record->state = DROP_OPEN;
    turn->assessment->verdicts[org].changed = true;
    record->alert = (struct alert_id){0, 0};
    if (quiet)
        return;
    alert = announce_drop(turn, org, ALERT_PERFORMANCE_DROP, SEVERITY_WARNING, record);
    alert->has_evidence = true;
    evidence_of_drop(turn->assessment, org, record->measure, column, column, &alert->evidence);
    text_from_double(alert->evidence.value, value);
    percent = percent_of(alert->evidence.measure);
    if (alert->evidence.has_before)
        announce_say(turn, alert, org, ": dramatic drop in %s, %s%s to %s%s", alert->evidence.measure->id,
                     text_from_double(alert->evidence.before, before), percent, value, percent);
    else
        announce_say(turn, alert, org, ": dramatic drop in %s to %s%s", alert->evidence.measure->id, value, percent);
    drop_key(alert, turn, record, "performance.drop");
    record->alert = alert->id;
}

static void withdraw_drop(struct turn *turn, uint32_t org, struct drop_record *record, bool quiet) {
    struct alert *alert;
    char id[ALERT_ID_SIZE];

    record->state = DROP_WITHDRAWN;
    turn->assessment->verdicts[org].changed = true;
    if (quiet || !record->alert.seq)
        return;
    alert = announce_drop(turn, org, ALERT_WITHDRAWN, SEVERITY_WARNING, record);
    announce_refers(turn, alert, record->alert);
    announce_say(turn, alert, org, ": alert %s withdrawn, no drop in %s any more", alert_id_format(record->alert, id),
                 turn->assessment->framework->measures[record->measure].id);
    drop_key(alert, turn, record, "alert.withdrawn/performance.drop");
}

/* Withdraws the open drops of a measure that are none any more. */
static void check_open(struct turn *turn, uint32_t org, uint16_t measure, bool quiet) {
    const struct assessment *assessment = turn->assessment;
    struct verdict *verdict = &assessment->verdicts[org];

    for (size_t i = 0; i < verdict->drop_count; i++) {
        struct drop_record *record = &verdict->drops[i];
        const struct column *column;

        if (record->measure != measure || record->state != DROP_OPEN)
            continue;
        column = figures_column(assessment->figures[measure], record->period);
        if (!assessment->framework->measures[measure].drop || !column ||
            !figures_speaks(assessment->figures[measure], column, org) ||
            !signal_drop(assessment, org, measure, column).drop)
            withdraw_drop(turn, org, record, quiet);
    }
}

/* Is a later newest point back inside the limits the drop was held against? */
static bool recovered(const struct assessment *assessment, uint32_t org, const struct drop_record *record,
                      const struct column *newest) {
    const struct measure *measure = &assessment->framework->measures[record->measure];
    const struct column *column = figures_column(assessment->figures[record->measure], record->period);
    struct drop_result result;
    double value = newest->values[org];

    if (newest->period <= record->period)
        return false;
    result = signal_drop(assessment, org, record->measure, column);
    if (result.has_baseline && result.baseline.defined)
        return !spc_beyond_adverse(&result.baseline, value, measure_improvement(measure));
    /* A plain step has no limits: back at, or better than, the figure before it. */
    return measure_key(measure, value) >= measure_key(measure, result.before);
}

static void end_drops(struct turn *turn, uint32_t org, uint16_t measure, const struct column *newest, bool quiet) {
    const struct assessment *assessment = turn->assessment;
    struct verdict *verdict = &assessment->verdicts[org];
    struct alert *alert = NULL;
    char value[NUMBER_SIZE];

    for (size_t i = 0; i < verdict->drop_count; i++) {
        struct drop_record *record = &verdict->drops[i];

        if (record->measure != measure || record->state != DROP_OPEN || !recovered(assessment, org, record, newest))
            continue;
        record->state = DROP_RECOVERED;
        verdict->changed = true;
        if (quiet || !record->alert.seq)
            continue;
        if (!alert) {
            alert = announce_drop(turn, org, ALERT_PERFORMANCE_RECOVERED, SEVERITY_INFO, record);
            alert->has_evidence = true;
            evidence_of_drop(assessment, org, measure, figures_column(assessment->figures[measure], record->period),
                             newest, &alert->evidence);
            announce_say(turn, alert, org, ": %s has recovered from its drop, now %s%s", alert->evidence.measure->id,
                         text_from_double(alert->evidence.value, value), percent_of(alert->evidence.measure));
            drop_key(alert, turn, record, "performance.recovered");
        }
        announce_refers(turn, alert, record->alert);
    }
}

static void judge_measure(struct turn *turn, uint32_t org, uint16_t measure, bool quiet) {
    const struct assessment *assessment = turn->assessment;
    struct verdict *verdict = &assessment->verdicts[org];
    const struct column *newest = figures_newest(assessment->figures[measure], org, UNTIL_NOW);
    struct drop_record *record;

    if (verdict->drop_count)
        check_open(turn, org, measure, quiet);
    if (!newest)
        return;
    if (verdict->drop_count)
        end_drops(turn, org, measure, newest, quiet);
    if (!assessment->framework->measures[measure].drop || !signal_drop(assessment, org, measure, newest).drop)
        return;
    record = verdict_find_drop(verdict, measure, newest->period);
    if (record && record->state != DROP_WITHDRAWN)
        return; /* one alert for an organisation, measure and period */
    if (!record) {
        struct drop_record fresh = {.measure = measure, .period = newest->period};

        verdict_add_drop(verdict, &fresh);
        record = verdict_find_drop(verdict, measure, newest->period);
    }
    record->occurrence++;
    raise_drop(turn, org, record, newest, quiet);
}

void judge_drops(struct turn *turn, uint32_t org, bool quiet) {
    const struct framework *framework = turn->assessment->framework;
    uint8_t reasons = turn->reasons[org];
    uint64_t seen[MEASURES_MAX / 64];

    if (!turn->assessment->drops && !(reasons & REASON_RULES))
        return;
    memset(seen, 0, sizeof seen);
    if (reasons & REASON_RULES) {
        bool open = turn->assessment->verdicts[org].drop_count > 0; /* maybe of a measure judged no more */

        for (uint16_t m = 0; m < framework->measure_count; m++)
            if (framework->measures[m].drop || open)
                judge_measure(turn, org, m, quiet);
        return;
    }
    for (uint32_t i = reasons & REASON_FIGURE ? turn->first_touch[org] : TOUCH_NONE; i != TOUCH_NONE;
         i = turn->touches[i].next) {
        uint16_t m = turn->touches[i].measure;
        uint64_t bit = UINT64_C(1) << (m % 64);

        if (framework->measures[m].drop && !(seen[m / 64] & bit))
            judge_measure(turn, org, m, quiet);
        seen[m / 64] |= bit;
    }
    if (!(reasons & (REASON_PEERS | REASON_PERIOD)))
        return;
    for (uint16_t m = 0; m < framework->measure_count; m++)
        if (framework->measures[m].drop && framework->measures[m].drop_rank > 0)
            judge_measure(turn, org, m, quiet);
}
