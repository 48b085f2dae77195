#include "daemon/engine/intake.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "daemon/engine/mem.h"

#define SHOWN 48 /* bytes of foreign text shown in a refusal, escaped */

static const char *shown(struct changes *changes, struct text text) {
    char buf[SHOWN];

    text_escape(buf, sizeof buf, text);
    return arena_copy(changes->arena, buf, strlen(buf));
}

static enum outcome refuse(struct changes *changes, const struct item *item, size_t index, enum refusal code,
                           const char *message) {
    changes->refused_by_code[code]++;
    if (changes->refusal_count >= REFUSALS_LISTED)
        return OUTCOME_REFUSED;
    ARENA_GROW(changes->arena, changes->refusals, changes->refusal_count);
    changes->refusals[changes->refusal_count++] = (struct refusal_report){index, item->seq, code, message};
    return OUTCOME_REFUSED;
}

uint16_t engine_measure(const struct assessment *assessment, struct text id) {
    uint32_t at = names_find(assessment->measures, id);

    return at == NAMES_NONE ? INDEX_NONE : (uint16_t)at;
}

bool engine_number(const struct measure *measure, const struct value *value, double *ret_number) {
    if (value->type == VALUE_NULL) {
        *ret_number = NAN;
        return true;
    }
    if (measure->kind == MEASURE_NUMBER && value->type == VALUE_NUMBER && isfinite(value->number)) {
        *ret_number = value->number == 0 ? 0 : value->number;
        return true;
    }
    if (measure->kind == MEASURE_FLAG && value->type == VALUE_BOOLEAN) {
        *ret_number = value->boolean ? 1 : 0;
        return true;
    }
    if (measure->kind == MEASURE_RATING && value->type == VALUE_WORD)
        for (size_t i = 0; i < measure->word_count; i++)
            if (text_equal(value->word, measure->words[i])) {
                *ret_number = (double)i;
                return true;
            }
    return false;
}

static const char *words_of(const struct measure *measure, struct changes *changes) {
    const char *text = "";

    for (size_t i = 0; i < measure->word_count; i++)
        text = arena_printf(changes->arena, "%s%s'%s'", text, i ? ", " : "", measure->words[i]);
    return text;
}

static const char *value_expected(const struct measure *measure, const struct value *value, struct changes *changes) {
    static const char *const types[] = {"null", "a number", "text", "true or false"};

    if (measure->kind == MEASURE_RATING && value->type == VALUE_WORD)
        return arena_printf(changes->arena, "value '%s' is no rating of measure '%s': expected one of %s",
                            shown(changes, value->word), measure->id, words_of(measure, changes));
    return arena_printf(changes->arena, "value of measure '%s' is %s: expected %s", measure->id, types[value->type],
                        measure->kind == MEASURE_NUMBER ? "a finite number"
                        : measure->kind == MEASURE_FLAG ? "true or false"
                                                        : "a rating word");
}

static bool is_far_ahead(const struct assessment *assessment, ov_day period) {
    return assessment->date != OV_DAY_NONE && period - assessment->date > PERIODS_AHEAD_DAYS;
}

/* REFUSAL_NONE, or why one framework does not take the figure. A withdrawal
 * may be of any period. */
static enum refusal check_figure(const struct assessment *assessment, uint32_t org, uint16_t index,
                                 const struct figure_item *figure, double *ret_number) {
    const struct measure *measure = &assessment->framework->measures[index];

    if (!assessment_applies(assessment, org, measure->applies_to))
        return REFUSAL_NOT_APPLICABLE;
    if (!figures_column(assessment->figures[index], figure->period) &&
        !period_starts(measure->frequency, figure->period))
        return REFUSAL_BAD_PERIOD; /* of a column that is there it is known */
    if (figure->value.type != VALUE_NULL && is_far_ahead(assessment, figure->period))
        return REFUSAL_BAD_PERIOD;
    if (!engine_number(measure, &figure->value, ret_number))
        return REFUSAL_BAD_VALUE;
    if (!registry_counts(assessment->registry, org, figure->period))
        return REFUSAL_CLOSED_ORGANISATION;
    return REFUSAL_NONE;
}

/* The words to a refusal. */
static const char *explain(const struct assessment *assessment, uint32_t org, uint16_t index,
                           const struct figure_item *figure, enum refusal code, struct changes *changes) {
    const struct measure *measure = &assessment->framework->measures[index];
    const struct organisation *organisation = registry_at(assessment->registry, org);
    char period[OV_DATE_SIZE], other[OV_DATE_SIZE], until[OV_DATE_SIZE];

    date_format(figure->period, period);
    if (code == REFUSAL_NOT_APPLICABLE)
        return arena_printf(changes->arena, "measure '%s' does not apply to '%s', an organisation of type '%s'",
                            measure->id, organisation->code, organisation->type);
    if (code == REFUSAL_BAD_PERIOD && period_starts(measure->frequency, figure->period))
        return arena_printf(changes->arena,
                            "period %s lies more than %d days after %s, the date here: expected an earlier one", period,
                            PERIODS_AHEAD_DAYS, date_format(assessment->date, other));
    if (code == REFUSAL_BAD_PERIOD)
        return arena_printf(changes->arena, "period %s does not start a %s: expected %s for measure '%s'", period,
                            frequency_name(measure->frequency),
                            date_format(period_of(measure->frequency, figure->period), other), measure->id);
    if (code == REFUSAL_BAD_VALUE)
        return value_expected(measure, &figure->value, changes);
    return arena_printf(
        changes->arena, "organisation '%s' does not count in period %s: open from '%s', closed from '%s'",
        organisation->code, period, date_format(organisation->opened, other), date_format(organisation->closed, until));
}

enum taken { TAKEN, TAKEN_OLD, TAKEN_NOT };

/* What became of a figure that was offered to the frameworks. */
struct offer {
    const char *measure; /* id; NULL = in no framework */
    enum refusal refusal;
    const char *message;
};

/* Offers the figure to one framework. */
static enum taken offer_figure(struct turn *turn, uint32_t org, const struct item *item, struct changes *changes,
                               struct offer *offer) {
    const struct figure_item *figure = &item->figure;
    uint16_t measure = engine_measure(turn->assessment, figure->measure);
    struct figure_effect effect;
    double number;
    enum refusal code;

    if (measure == INDEX_NONE)
        return TAKEN_NOT;
    if (!offer->measure)
        offer->measure = turn->assessment->framework->measures[measure].id;
    code = check_figure(turn->assessment, org, measure, figure, &number);
    if (code) {
        offer->refusal = code;
        offer->message = explain(turn->assessment, org, measure, figure, code, changes);
        return TAKEN_NOT;
    }
    switch (figures_set(turn->assessment->figures[measure], org, figure->period, number, figure->revision, &effect)) {
    case FIGURE_SUPERSEDED:
        return TAKEN_OLD;
    case FIGURE_TOO_MANY_PERIODS:
        offer->refusal = REFUSAL_BAD_PERIOD;
        offer->message =
            arena_printf(changes->arena, "measure '%s' already has figures for %d periods, the most it can hold",
                         turn->assessment->framework->measures[measure].id, PERIODS_MAX);
        return TAKEN_NOT;
    case FIGURE_ACCEPTED:
        break;
    }
    if (effect.changed)
        turn_touch(turn, org, measure, item->seq, &effect);
    return TAKEN;
}

/* There is room for a figure of each item. */
static void report_figure(const char *measure, uint32_t org, const struct item *item, struct changes *changes) {
    const struct figure_item *figure = &item->figure;

    changes->figures[changes->figure_count++] = (struct figure_change){
        .measure = measure, .period = figure->period, .org = org, .value = figure->value, .revision = figure->revision};
}

static enum outcome take_figure(struct engine *engine, uint32_t org, const struct item *item, size_t index,
                                struct changes *changes) {
    struct offer offer = {NULL, REFUSAL_UNKNOWN_MEASURE, NULL};
    bool taken = false, old = false;

    for (size_t i = 0; i < engine->framework_count; i++)
        switch (offer_figure(&engine->turns[i], org, item, changes, &offer)) {
        case TAKEN:
            taken = true;
            break;
        case TAKEN_OLD:
            old = true;
            break;
        case TAKEN_NOT:
            break;
        }
    engine->counters.updates++;
    if (taken) {
        report_figure(offer.measure, org, item, changes);
        if (engine->dormant->figure_count)
            dormant_replace_figure(engine->dormant, item->figure.measure, item->figure.period,
                                   text_of(registry_at(engine->registry, org)->code));
        return OUTCOME_ACCEPTED;
    }
    if (old)
        return OUTCOME_SUPERSEDED;
    if (!offer.message)
        offer.message =
            arena_printf(changes->arena, "measure '%s' is in no framework", shown(changes, item->figure.measure));
    return refuse(changes, item, index, offer.refusal, offer.message);
}

/* NULL, or what is wrong with the decision. */
static const char *check_decision(const struct engine *engine, uint32_t org, const struct decision_item *item,
                                  uint16_t *ret_framework, struct changes *changes) {
    uint16_t f = engine_find_framework(engine, item->framework);
    const struct framework *framework;

    if (f == INDEX_NONE)
        return arena_printf(changes->arena, "framework '%s' is not in use", shown(changes, item->framework));
    framework = engine->frameworks[f];
    if (item->segment < 1 || item->segment > SEGMENTS_MAX || !framework->segments[item->segment].name)
        return arena_printf(changes->arena, "decision %d is no segment of framework '%s'", item->segment,
                            framework->id);
    if (item->trigger.len && framework_trigger(framework, item->trigger) == INDEX_NONE)
        return arena_printf(changes->arena, "trigger '%s' is not in framework '%s'", shown(changes, item->trigger),
                            framework->id);
    if (engine->assessments[f]->verdicts[org].decision_count >= DECISIONS_MAX)
        return arena_printf(changes->arena, "'%s' has %d decisions in framework '%s' already, the most there can be",
                            registry_at(engine->registry, org)->code, DECISIONS_MAX, framework->id);
    *ret_framework = f;
    return NULL;
}

static enum outcome take_decision(struct engine *engine, uint32_t org, const struct item *item, size_t index,
                                  const char *source, struct changes *changes) {
    const struct decision_item *wanted = &item->decision;
    struct decision decision = {.segment = wanted->segment, .effective = wanted->effective, .trigger = INDEX_NONE};
    uint16_t f = 0;
    const char *wrong = check_decision(engine, org, wanted, &f, changes);

    if (wrong)
        return refuse(changes, item, index, REFUSAL_BAD_DECISION, wrong);
    if (wanted->trigger.len)
        decision.trigger = framework_trigger(engine->frameworks[f], wanted->trigger);
    decision.decided_by = arena_copy(changes->arena, wanted->decided_by.s, wanted->decided_by.len);
    decision.reason = arena_copy(changes->arena, wanted->reason.s, wanted->reason.len);
    decision.cause.seq = item->seq;
    decision.cause.period = OV_DAY_NONE;
    text_copy(decision.cause.source, sizeof decision.cause.source, text_of(source));
    verdict_add_decision(&engine->assessments[f]->verdicts[org], &decision);
    turn_mark(&engine->turns[f], org, REASON_DECISION);
    ARENA_GROW(changes->arena, changes->decisions, changes->decision_count);
    changes->decisions[changes->decision_count++] = (struct decision_change){org, f, wanted, source, item->seq};
    return OUTCOME_ACCEPTED;
}

enum outcome intake(struct engine *engine, const struct item *item, size_t index, const char *source,
                    struct changes *changes) {
    uint32_t org;
    const char *wrong;

    if (item->kind == ITEM_SKIP)
        return OUTCOME_ACCEPTED;
    if (item->kind == ITEM_REFUSED)
        return refuse(changes, item, index, item->refused.code,
                      arena_copy(changes->arena, item->refused.message.s, item->refused.message.len));
    org = registry_find(engine->registry, item->org);
    if (org == ORG_NONE)
        return refuse(
            changes, item, index, REFUSAL_UNKNOWN_ORGANISATION,
            arena_printf(changes->arena, "organisation '%s' is not in the registry", shown(changes, item->org)));
    if (item->kind == ITEM_FIGURE)
        return take_figure(engine, org, item, index, changes);
    if (item->kind == ITEM_DECISION)
        return take_decision(engine, org, item, index, source, changes);
    wrong = intake_programme(engine, org, item, source, changes);
    return wrong ? refuse(changes, item, index, REFUSAL_BAD_PROGRAMME, wrong) : OUTCOME_ACCEPTED;
}
