#include "daemon/engine/why.h"

#include "daemon/engine/engine_state.h"
#include "daemon/engine/evidence.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/scoreboard.h"
#include "daemon/engine/segment.h"
#include "daemon/engine/signal.h"
#include "daemon/engine/trigger.h"

static void add_looks(const struct assessment *assessment, uint32_t org, const struct trigger *trigger,
                      struct arena *arena, struct ground *ground) {
    ground->looks = arena_alloc(arena, trigger->measure_count, sizeof *ground->looks);
    for (size_t i = 0; i < trigger->measure_count; i++) {
        uint16_t measure = trigger->measures[i];
        struct look *look = &ground->looks[ground->look_count];

        if (!assessment_applies(assessment, org, assessment->framework->measures[measure].applies_to))
            continue;
        ground->look_count++;
        look->measure = measure;
        look->room = room_of(assessment, org, measure, &trigger->signal);
        look->unknown = signal_unknown(assessment, org, measure, UNTIL_NOW);
        look->has_evidence = evidence_of_signal(assessment, org, measure, &trigger->signal, UNTIL_NOW, &look->evidence);
    }
}

static struct ground look_at(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, bool on,
                             bool latched, struct arena *arena) {
    const struct verdict *verdict = &assessment->verdicts[org];
    struct trigger_reading reading = trigger_read(assessment, org, trigger, UNTIL_NOW);
    struct ground ground = {.trigger = trigger,
                            .on = on,
                            .holds = reading.holds,
                            .unknown = reading.unknown,
                            .latched = latched,
                            .supported =
                                verdict->official >= trigger->requires_segment ||
                                segment_supported(assessment->framework, verdict->on, trigger->requires_segment),
                            .measures = reading.measures,
                            .themes = reading.themes,
                            .since = OV_DAY_NONE};
    ov_day until;
    bool unknown;

    add_looks(assessment, org, trigger, arena, &ground);
    ground.way = on ? way_off(assessment, org, trigger, latched) : way_on(assessment, org, trigger);
    if (on && trigger_holds(assessment, org, trigger, &until, &unknown))
        trigger_run(assessment, org, trigger, until, &ground.since, &ground.periods);
    return ground;
}

bool engine_ground(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t trigger,
                   struct changes *changes, struct ground *ret_ground) {
    const struct assessment *assessment = engine->assessments[framework];
    const struct verdict *verdict = &assessment->verdicts[org];
    const struct trigger *t = &assessment->framework->triggers[trigger];

    if (!assessment_applies(assessment, org, t->applies_to))
        return false;
    *ret_ground =
        look_at(assessment, org, t, verdict->on >> trigger & 1, verdict->latched >> trigger & 1, changes->arena);
    return true;
}

bool engine_ground_for_one(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t condition,
                           struct changes *changes, struct ground *ret_ground) {
    const struct assessment *assessment = engine->assessments[framework];
    const struct trigger *t = &assessment->framework->promotion[condition];

    if (!assessment_applies(assessment, org, t->applies_to))
        return false;
    *ret_ground = look_at(assessment, org, t, assessment->verdicts[org].met >> condition & 1, false, changes->arena);
    return true;
}

const struct score_grounds *engine_score_grounds(const struct engine *engine, uint16_t framework, uint32_t org,
                                                 struct changes *changes) {
    const struct scoreboard *scoreboard = engine->assessments[framework]->scoreboard;

    return scoreboard ? scoreboard_grounds(scoreboard, org, changes->arena) : NULL;
}

int engine_step(const struct engine *engine, uint16_t framework, uint32_t org) {
    const struct assessment *assessment = engine->assessments[framework];
    const struct verdict *verdict = &assessment->verdicts[org];

    return segment_find(assessment, org, verdict->latched, verdict->official).step;
}

void engine_headroom(const struct engine *engine, uint16_t framework, uint32_t org, struct headroom *ret_headroom) {
    const struct assessment *assessment = engine->assessments[framework];
    struct score_verdict score;
    struct arena *arena;

    if (!assessment->scoreboard) {
        *ret_headroom = headroom_of(assessment, org);
        return;
    }
    arena = arena_create();
    score = scoreboard_verdict(assessment->scoreboard, org);
    *ret_headroom = headroom_of_score(&score, scoreboard_grounds(assessment->scoreboard, org, arena),
                                      assessment->verdicts[org].segment);
    arena_destroy(arena);
}
