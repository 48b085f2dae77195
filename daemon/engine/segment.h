/*
 * From triggers to a segment, in the numbered steps of
 * oversight-framework(5), "How a segment is found" (method triggers):
 *
 *   1. Start from the framework's default.
 *   2. Any trigger for segment 4 on: 4.
 *   3. Otherwise any trigger for segment 3 on: 3.
 *   4. Otherwise all conditions for segment 1 met: 1.
 *   5. Otherwise the default.
 *
 * Method scores has its own steps: scoreboard.h.
 */
#ifndef OV_ENGINE_SEGMENT_H
#define OV_ENGINE_SEGMENT_H

#include "daemon/engine/assessment.h"

/* Which conditions hold, with clear_after, but without requires_segment and latches. */
struct rules_state {
    uint64_t on, unknown; /* masks of triggers */
    uint64_t met;         /* mask of conditions for segment 1 */
};

struct finding {
    int segment;
    int step; /* the numbered step that decided */
    uint64_t on, unknown, latched, met;
};

/* Everything from the figures. latched: the latches set before. Pure: changes nothing. */
struct finding segment_find(const struct assessment *assessment, uint32_t org, uint64_t latched, int official);
/* The same where the rules have been read; NULL for method scores. */
struct finding segment_decide(const struct assessment *assessment, uint32_t org, const struct rules_state *state,
                              uint64_t latched, int official);

/* Any trigger for the segment among the mask. */
bool segment_any(const struct framework *framework, uint64_t mask, int segment);
/* Any trigger for `segment` or worse among the mask that requires no segment itself. */
bool segment_supported(const struct framework *framework, uint64_t mask, int segment);

#endif
