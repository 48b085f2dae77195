/* A stored state taken back: figures, decisions, verdicts, then everything rebuilt once. */
#include "daemon/engine/engine_state.h"
#include "daemon/engine/intake.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/mem.h"

/* The newest decision in force says what the official segment is. */
static void apply_decisions(struct verdict *verdict, ov_day date) {
    for (size_t i = 0; i < verdict->decision_count; i++) {
        verdict->decisions[i].applied = date != OV_DAY_NONE && verdict->decisions[i].effective <= date;
        if (verdict->decisions[i].applied)
            verdict->official = verdict->decisions[i].segment;
    }
}

void engine_load_date(struct engine *engine, ov_day date) {
    engine->date = date;
    for (size_t i = 0; i < engine->framework_count; i++) {
        struct assessment *assessment = engine->assessments[i];

        assessment->date = date;
        for (uint32_t org = 0; org < assessment->org_count; org++)
            apply_decisions(&assessment->verdicts[org], date);
    }
}

void engine_load_source(struct engine *engine, struct text source, uint64_t last) {
    engine_source_reset(engine, source, last);
}

/* Of a column that is there it is known. */
static bool takes_period(const struct figures *figures, ov_day period) {
    return figures_column(figures, period) || period_starts(figures->measure->frequency, period);
}

void engine_load_soon(const struct engine *engine, struct text org) {
    registry_prefetch(engine->registry, org);
}

bool engine_load_figure(struct engine *engine, struct text measure, ov_day period, struct text org,
                        const struct value *value, uint32_t revision) {
    uint32_t at = registry_find(engine->registry, org);
    bool fits = false;

    for (size_t i = 0; at != ORG_NONE && i < engine->framework_count; i++) {
        struct assessment *assessment = engine->assessments[i];
        uint16_t m = engine_measure(assessment, measure);
        double number;

        if (m == INDEX_NONE || !assessment_applies(assessment, at, assessment->framework->measures[m].applies_to) ||
            !takes_period(assessment->figures[m], period) ||
            !engine_number(&assessment->framework->measures[m], value, &number))
            continue;
        fits |= figures_load(assessment->figures[m], at, period, number, revision) == FIGURE_ACCEPTED;
    }
    if (!fits)
        dormant_keep_figure(engine->dormant, measure, period, org, value, revision);
    return fits;
}

bool engine_load_decision(struct engine *engine, struct text org, const struct decision_item *item, struct text source,
                          uint64_t seq) {
    uint32_t at = registry_find(engine->registry, org);
    uint16_t f = engine_find_framework(engine, item->framework);
    struct decision decision = {.segment = item->segment, .effective = item->effective, .trigger = INDEX_NONE};
    struct arena *arena;
    struct verdict *verdict;

    if (at == ORG_NONE || f == INDEX_NONE) {
        dormant_keep_decision(engine->dormant, org, item, source, seq);
        return false;
    }
    arena = arena_create();
    verdict = &engine->assessments[f]->verdicts[at];
    if (item->trigger.len)
        decision.trigger = framework_trigger(engine->frameworks[f], item->trigger);
    decision.decided_by = arena_copy(arena, item->decided_by.s, item->decided_by.len);
    decision.reason = arena_copy(arena, item->reason.s, item->reason.len);
    decision.cause.seq = seq;
    decision.cause.period = OV_DAY_NONE;
    text_copy(decision.cause.source, sizeof decision.cause.source, source);
    verdict_add_decision(verdict, &decision);
    apply_decisions(verdict, engine->date);
    arena_destroy(arena);
    return true;
}

bool engine_load_verdict(struct engine *engine, uint16_t framework, uint32_t org, const char *state) {
    struct verdict *verdict = &engine->assessments[framework]->verdicts[org], read;

    verdict_init(&read, engine->frameworks[framework]);
    if (!verdict_read(&read, engine->frameworks[framework], state)) {
        verdict_finish(&read);
        return false;
    }
    read.official = verdict->official;
    read.decisions = verdict->decisions;
    read.decision_count = verdict->decision_count;
    read.decision_capacity = verdict->decision_capacity;
    verdict->decisions = NULL;
    verdict->decision_count = 0;
    verdict_finish(verdict);
    *verdict = read;
    return true;
}

bool engine_load_verdict_of(struct engine *engine, struct text framework, struct text org, const char *state) {
    uint16_t f = engine_find_framework(engine, framework);
    uint32_t at = registry_find(engine->registry, org);

    if (f != INDEX_NONE && framework.len && at != ORG_NONE)
        return engine_load_verdict(engine, f, at, state);
    dormant_keep_verdict(engine->dormant, framework, org, state);
    return true;
}

/* What follows from the figures alone and is not stored, so that only true
 * differences count as changes. */
static void derive(struct assessment *assessment, uint32_t org) {
    struct verdict *verdict = &assessment->verdicts[org];
    const struct rules_state *state;

    if (!assessment->ledger)
        return;
    ledger_mark_all(assessment->ledger, org);
    ledger_refresh(assessment->ledger, org, true);
    state = ledger_state(assessment->ledger, org);
    verdict->unknown = state->unknown;
    verdict->met = state->met;
}

void engine_loaded(struct engine *engine, bool announce, int64_t now_ms, struct changes *changes) {
    changes_reset(changes);
    for (size_t i = 0; i < engine->framework_count; i++) {
        struct assessment *assessment = engine->assessments[i];

        turn_settle_all(assessment);
        turn_begin(&engine->turns[i], "", now_ms, !announce, changes);
        for (uint32_t org = 0; org < assessment->org_count; org++) {
            derive(assessment, org);
            turn_mark(&engine->turns[i], org, REASON_RULES);
        }
        turn_end(&engine->turns[i]);
    }
}

const char *engine_verdict_state(const struct engine *engine, uint16_t framework, uint32_t org,
                                 struct changes *changes) {
    return verdict_write(&engine->assessments[framework]->verdicts[org], engine->frameworks[framework], changes->arena);
}
