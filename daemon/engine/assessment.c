#include "daemon/engine/assessment.h"

#include <stdlib.h>

#include "daemon/engine/ledger.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/scoreboard.h"

static void map_types(struct assessment *assessment) {
    for (uint32_t i = 0; i < assessment->org_count; i++) {
        const struct organisation *organisation = registry_at(assessment->registry, i);
        uint16_t type = framework_type(assessment->framework, organisation->type);

        assessment->types[i] = type < TYPES_MAX ? (uint8_t)type : TYPES_MAX;
        if (organisation->closed != OV_DAY_NONE)
            assessment->closing[assessment->closing_count++] = i;
    }
}

struct assessment *assessment_create(const struct framework *framework, const struct registry *registry,
                                     struct engine_counters *counters) {
    struct assessment *assessment = mem_alloc(1, sizeof *assessment);

    assessment->framework = framework;
    assessment->registry = registry;
    assessment->counters = counters;
    assessment->date = OV_DAY_NONE;
    assessment->org_count = registry_count(registry);
    assessment->types = mem_alloc(assessment->org_count, sizeof *assessment->types);
    assessment->closing = mem_alloc(assessment->org_count, sizeof *assessment->closing);
    map_types(assessment);
    assessment->measures = names_create();
    assessment->figures = mem_alloc(framework->measure_count, sizeof(struct figures *));
    for (size_t i = 0; i < framework->measure_count; i++) {
        assessment->drops |= framework->measures[i].drop;
        names_add(assessment->measures, text_of(framework->measures[i].id));
        assessment->figures[i] = figures_create(&framework->measures[i], framework, registry, assessment->types,
                                                assessment->closing, assessment->closing_count);
    }
    assessment->verdicts = mem_alloc(assessment->org_count, sizeof *assessment->verdicts);
    for (uint32_t i = 0; i < assessment->org_count; i++)
        verdict_init(&assessment->verdicts[i], framework);
    if (framework->method == METHOD_SCORES)
        assessment->scoreboard = scoreboard_create(assessment);
    else
        assessment->ledger = ledger_create(assessment);
    return assessment;
}

void assessment_destroy(struct assessment *assessment) {
    if (!assessment)
        return;
    scoreboard_destroy(assessment->scoreboard);
    ledger_destroy(assessment->ledger);
    for (size_t i = 0; i < assessment->framework->measure_count; i++)
        figures_destroy(assessment->figures[i]);
    for (uint32_t i = 0; i < assessment->org_count; i++)
        verdict_finish(&assessment->verdicts[i]);
    free(assessment->figures);
    free(assessment->verdicts);
    free(assessment->types);
    free(assessment->closing);
    names_destroy(assessment->measures);
    free(assessment);
}

bool assessment_closed(const struct assessment *assessment, uint32_t org) {
    return registry_is_closed(assessment->registry, org, assessment->date);
}
