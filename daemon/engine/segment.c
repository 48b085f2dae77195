#include "daemon/engine/segment.h"

#include "daemon/engine/scoreboard.h"
#include "daemon/engine/trigger.h"

bool segment_any(const struct framework *framework, uint64_t mask, int segment) {
    for (size_t i = 0; i < framework->trigger_count; i++)
        if (mask >> i & 1 && framework->triggers[i].segment == segment)
            return true;
    return false;
}

bool segment_supported(const struct framework *framework, uint64_t mask, int segment) {
    for (size_t i = 0; i < framework->trigger_count; i++)
        if (mask >> i & 1 && framework->triggers[i].segment >= segment && !framework->triggers[i].requires_segment)
            return true;
    return false;
}

static struct rules_state read_rules(const struct assessment *assessment, uint32_t org) {
    const struct framework *framework = assessment->framework;
    struct rules_state state = {0};
    ov_day until;
    bool unknown;

    for (size_t i = 0; i < framework->trigger_count; i++) {
        if (!assessment_applies(assessment, org, framework->triggers[i].applies_to))
            continue;
        if (trigger_holds(assessment, org, &framework->triggers[i], &until, &unknown))
            state.on |= UINT64_C(1) << i;
        if (unknown)
            state.unknown |= UINT64_C(1) << i;
    }
    for (size_t i = 0; i < framework->promotion_count; i++)
        if (assessment_applies(assessment, org, framework->promotion[i].applies_to) &&
            trigger_holds(assessment, org, &framework->promotion[i], &until, &unknown))
            state.met |= UINT64_C(1) << i;
    return state;
}

/* Which triggers are on: those that require no segment first, as the others
 * look at them. */
static void put_triggers_on(const struct assessment *assessment, uint32_t org, const struct rules_state *state,
                            uint64_t latched, int official, struct finding *finding) {
    const struct framework *framework = assessment->framework;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < framework->trigger_count; i++) {
            const struct trigger *trigger = &framework->triggers[i];
            uint64_t bit = UINT64_C(1) << i;
            bool on = state->on & bit;

            if ((trigger->requires_segment != 0) != pass || !assessment_applies(assessment, org, trigger->applies_to))
                continue;
            if (pass && official < trigger->requires_segment &&
                !segment_supported(framework, finding->on, trigger->requires_segment))
                on = false;
            if (latched & bit)
                on = true;
            finding->on |= on ? bit : 0;
            finding->latched |= on && trigger->latched ? bit : 0;
        }
}

static bool promoted(const struct assessment *assessment, uint32_t org, uint64_t met) {
    const struct framework *framework = assessment->framework;
    bool any = false;

    for (size_t i = 0; i < framework->promotion_count; i++) {
        if (!assessment_applies(assessment, org, framework->promotion[i].applies_to))
            continue; /* asks nothing of this type */
        if (!(met >> i & 1))
            return false;
        any = true;
    }
    return any; /* a type of which nothing is asked is not promoted */
}

struct finding segment_find(const struct assessment *assessment, uint32_t org, uint64_t latched, int official) {
    struct rules_state state;

    if (assessment->types[org] >= TYPES_MAX || assessment->scoreboard)
        return segment_decide(assessment, org, NULL, latched, official);
    state = read_rules(assessment, org);
    return segment_decide(assessment, org, &state, latched, official);
}

struct finding segment_decide(const struct assessment *assessment, uint32_t org, const struct rules_state *state,
                              uint64_t latched, int official) {
    const struct framework *framework = assessment->framework;
    struct finding finding = {.segment = framework->default_segment, .step = 1};

    if (assessment->types[org] >= TYPES_MAX)
        return finding;
    if (assessment->scoreboard)
        return scoreboard_find(assessment->scoreboard, org);
    finding.unknown = state->unknown;
    finding.met = state->met;
    put_triggers_on(assessment, org, state, latched, official, &finding);
    if (segment_any(framework, finding.on, 4)) {
        finding.segment = 4;
        finding.step = 2;
    } else if (segment_any(framework, finding.on, 3)) {
        finding.segment = 3;
        finding.step = 3;
    } else if (promoted(assessment, org, finding.met)) {
        finding.segment = 1;
        finding.step = 4;
    } else {
        finding.step = 5;
    }
    return finding;
}
