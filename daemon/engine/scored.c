#include "daemon/engine/scored.h"

#include <stdlib.h>

#include "daemon/engine/mem.h"

bool score_by_rank(const struct measure *measure) {
    return measure->score.kind == SCORE_PLAIN || measure->score.kind == SCORE_STANDARD ||
           measure->score.kind == SCORE_FLOOR;
}

void scored_init(struct scored *scored, const struct framework *framework) {
    size_t room = framework->measure_count;

    *scored = (struct scored){.measures = mem_alloc(room, sizeof *scored->measures),
                              .positions = mem_alloc(room, sizeof *scored->positions),
                              .left_out = mem_alloc(room, sizeof *scored->left_out),
                              .slots = mem_alloc(room, sizeof *scored->slots)};
    for (uint16_t m = 0; m < room; m++) {
        const struct measure *measure = &framework->measures[m];

        scored->positions[m] = INDEX_NONE;
        if (measure->score.kind == SCORE_NONE)
            continue;
        scored->positions[m] = (uint16_t)scored->count;
        scored->slots[scored->count] = scored->slot_count;
        scored->slot_count += score_by_rank(measure) ? measure->peer_set_count : 0;
        scored->measures[scored->count++] = m;
    }
    for (size_t i = 0; i < scored->count; i++) {
        const struct measure *measure = &framework->measures[scored->measures[i]];

        if (measure->score.kind != SCORE_COMBINED)
            continue;
        scored->left_out[scored->positions[measure->score.first]] |= measure->applies_to;
        scored->left_out[scored->positions[measure->score.second]] |= measure->applies_to;
    }
}

void scored_finish(struct scored *scored) {
    free(scored->measures);
    free(scored->positions);
    free(scored->left_out);
    free(scored->slots);
}

bool scored_has_figures(const struct scored *scored, const struct framework *framework, uint16_t measure) {
    return scored->positions[measure] != INDEX_NONE && framework->measures[measure].score.kind != SCORE_COMBINED;
}
