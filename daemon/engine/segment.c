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

/* Which triggers are on: those that require no segment first, as the others
 * look at them. */
static void read_triggers(const struct assessment *assessment, uint32_t org, uint64_t latched, int official,
                          struct finding *finding) {
    const struct framework *framework = assessment->framework;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < framework->trigger_count; i++) {
            const struct trigger *trigger = &framework->triggers[i];
            uint64_t bit = UINT64_C(1) << i;
            ov_day until;
            bool unknown, on;

            if ((trigger->requires_segment != 0) != pass || !assessment_applies(assessment, org, trigger->applies_to))
                continue;
            on = trigger_holds(assessment, org, trigger, &until, &unknown);
            if (pass && official < trigger->requires_segment &&
                !segment_supported(framework, finding->on, trigger->requires_segment))
                on = false;
            if (latched & bit)
                on = true;
            finding->on |= on ? bit : 0;
            finding->unknown |= unknown ? bit : 0;
            finding->latched |= on && trigger->latched ? bit : 0;
        }
}

static bool promoted(const struct assessment *assessment, uint32_t org, struct finding *finding) {
    const struct framework *framework = assessment->framework;
    bool all = true, any = false;

    for (size_t i = 0; i < framework->promotion_count; i++) {
        const struct trigger *condition = &framework->promotion[i];
        ov_day until;
        bool unknown;

        if (!assessment_applies(assessment, org, condition->applies_to))
            continue; /* asks nothing of this type */
        any = true;
        if (trigger_holds(assessment, org, condition, &until, &unknown))
            finding->met |= UINT64_C(1) << i;
        else
            all = false;
    }
    return all && any; /* a type of which nothing is asked is not promoted */
}

struct finding segment_find(const struct assessment *assessment, uint32_t org, uint64_t latched, int official) {
    const struct framework *framework = assessment->framework;
    struct finding finding = {.segment = framework->default_segment, .step = 1};
    bool one;

    if (assessment->types[org] >= TYPES_MAX)
        return finding;
    if (assessment->scoreboard)
        return scoreboard_find(assessment->scoreboard, org);
    read_triggers(assessment, org, latched, official, &finding);
    one = promoted(assessment, org, &finding);
    if (segment_any(framework, finding.on, 4)) {
        finding.segment = 4;
        finding.step = 2;
    } else if (segment_any(framework, finding.on, 3)) {
        finding.segment = 3;
        finding.step = 3;
    } else if (one) {
        finding.segment = 1;
        finding.step = 4;
    } else {
        finding.step = 5;
    }
    return finding;
}
