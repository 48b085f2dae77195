/*
 * How far an organisation is from its next segment, by the ways of the triggers
 * (way.h). Pure: reads the figures and the verdict, changes nothing.
 */
#ifndef OV_ENGINE_HEADROOM_H
#define OV_ENGINE_HEADROOM_H

#include "daemon/engine/way.h"

/* Segments 1 and 2: what is nearest to making it worse. Segments 3 and 4: what
 * it takes to leave, the furthest of the triggers on. Method triggers. */
struct headroom headroom_of(const struct assessment *assessment, uint32_t org);

/* Method scores: the average to the next cut. Where the cuts are quartiles they
 * move with the average; the distance is to the cut as it stands. */
struct headroom headroom_of_score(const struct score_verdict *score, const struct score_grounds *grounds, int segment);

#endif
