/*
 * What a framework scores: its scored measures in a row, with the places of
 * their rankings. The same for all boards.
 */
#ifndef OV_ENGINE_SCORED_H
#define OV_ENGINE_SCORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/engine/assessment.h"

struct scored {
    size_t count;
    uint16_t *measures;  /* by position */
    uint16_t *positions; /* by measure; INDEX_NONE = not scored */
    uint32_t *left_out;  /* by position: types for which a combined score stands in its place */
    size_t *slots;       /* by position: the first of a slot per peer set, for scores by rank */
    size_t slot_count;
};

void scored_init(struct scored *scored, const struct framework *framework);
void scored_finish(struct scored *scored);

/* Does the figure of such a measure count as a score figure? Not that of a
 * combined one: its score comes from its parts. */
bool scored_has_figures(const struct scored *scored, const struct framework *framework, uint16_t measure);

/* Scores that depend on the rank among the peers. */
bool score_by_rank(const struct measure *measure);

#endif
