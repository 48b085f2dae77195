/* The computed segments of a scored period become official decisions. */
#include <stdio.h>
#include <string.h>

#include "daemon/engine/engine_state.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/scoreboard.h"

static bool is_frozen(const struct assessment *assessment, uint32_t org) {
    struct score_verdict score = scoreboard_verdict(assessment->scoreboard, org);

    return score.scored && !score.unknown && !assessment_closed(assessment, org);
}

/* NULL, or who has no room for one more decision. */
static const char *check_room(const struct assessment *assessment, struct changes *changes) {
    for (uint32_t org = 0; org < assessment->org_count; org++)
        if (is_frozen(assessment, org) && assessment->verdicts[org].decision_count >= DECISIONS_MAX)
            return arena_printf(changes->arena,
                                "'%s' has %d decisions in framework '%s' already, the most there can be",
                                registry_at(assessment->registry, org)->code, DECISIONS_MAX, assessment->framework->id);
    return NULL;
}

/* NULL, or why the period cannot be frozen. */
static const char *check(const struct engine *engine, uint16_t f, ov_day period, struct changes *changes) {
    const struct assessment *assessment = engine->assessments[f];
    char wanted[OV_DATE_SIZE], scored[OV_DATE_SIZE];
    ov_day is;

    if (assessment->framework->method != METHOD_SCORES)
        return arena_printf(changes->arena, "framework '%s' decides by triggers: it has no scored period",
                            assessment->framework->id);
    if (engine->date == OV_DAY_NONE)
        return "the engine has no date yet";
    is = scoreboard_period(assessment->scoreboard);
    if (is == period)
        return check_room(assessment, changes);
    if (is == OV_DAY_NONE)
        return arena_printf(changes->arena, "framework '%s' has no scored period yet", assessment->framework->id);
    return arena_printf(changes->arena, "period %s is not the scored period of framework '%s': expected %s",
                        date_format(period, wanted), assessment->framework->id, date_format(is, scored));
}

static void freeze_one(struct engine *engine, uint16_t f, uint32_t org, const char *reason, uint64_t seq,
                       struct changes *changes) {
    struct turn *turn = &engine->turns[f];
    struct verdict *verdict = &turn->assessment->verdicts[org];
    struct decision_item *item;
    struct decision decision = {.segment = verdict->segment,
                                .effective = engine->date,
                                .trigger = INDEX_NONE,
                                .cause = {.seq = seq, .period = OV_DAY_NONE}};

    item = arena_alloc(changes->arena, 1, sizeof *item);
    item->segment = decision.segment;
    item->effective = decision.effective;
    item->decided_by = text_of(FREEZE_SOURCE);
    item->reason = text_of(reason);
    item->framework = text_of(turn->assessment->framework->id);
    decision.decided_by = FREEZE_SOURCE;
    decision.reason = arena_copy(changes->arena, reason, strlen(reason));
    snprintf(decision.cause.source, sizeof decision.cause.source, "%s", FREEZE_SOURCE);
    verdict_add_decision(verdict, &decision);
    turn_mark(turn, org, REASON_DECISION);
    ARENA_GROW(changes->arena, changes->decisions, changes->decision_count);
    changes->decisions[changes->decision_count++] = (struct decision_change){org, f, item, FREEZE_SOURCE, seq};
}

const char *engine_freeze(struct engine *engine, uint16_t framework, ov_day period, int64_t now_ms,
                          struct changes *changes) {
    struct assessment *assessment = engine->assessments[framework];
    const char *wrong, *reason;
    char date[OV_DATE_SIZE];
    uint64_t seq = engine_source_last(engine, text_of(FREEZE_SOURCE)) + 1;

    changes_reset(changes);
    wrong = check(engine, framework, period, changes);
    if (wrong)
        return wrong;
    reason = arena_printf(changes->arena, "computed segments of the period %s", date_format(period, date));
    turn_begin(&engine->turns[framework], FREEZE_SOURCE, now_ms, false, changes);
    for (uint32_t org = 0; org < assessment->org_count; org++)
        if (is_frozen(assessment, org))
            freeze_one(engine, framework, org, reason, seq, changes);
    engine->turns[framework].seq = seq;
    engine_source_reset(engine, text_of(FREEZE_SOURCE), seq);
    changes->through = seq;
    changes->accepted = changes->decision_count;
    turn_end(&engine->turns[framework]);
    return NULL;
}
