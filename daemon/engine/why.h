/*
 * Why an organisation is where it is: every ground in full, whether on or not,
 * with all the measures it looks at and what would turn it over.
 */
#ifndef OV_ENGINE_WHY_H
#define OV_ENGINE_WHY_H

#include "daemon/engine/engine.h"
#include "daemon/engine/headroom.h"

/* One measure of a ground. */
struct look {
    uint16_t measure;
    struct room room;
    bool unknown;      /* it has stopped reporting */
    bool has_evidence; /* there is a figure to speak */
    struct evidence evidence;
};

/* A trigger, or a condition for segment 1, as it stands. */
struct ground {
    const struct trigger *trigger;
    bool on;    /* triggers: as in the verdict; conditions: met */
    bool holds; /* its condition, now and without requires_segment */
    bool unknown, latched;
    bool supported;       /* requires_segment is satisfied, or not asked for */
    int measures, themes; /* that show the signal */
    ov_day since;         /* on by its condition: since when, for how many periods */
    uint32_t periods;
    struct look *looks;
    size_t look_count;
    struct way way; /* to end it when it is on (held), to make its condition hold otherwise */
};

/* False when the ground asks nothing of the organisation's type. The looks
 * belong to the arena of changes. */
bool engine_ground(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t trigger,
                   struct changes *changes, struct ground *ret_ground);
bool engine_ground_for_one(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t condition,
                           struct changes *changes, struct ground *ret_ground);

/* Method scores: what the verdict was computed from; NULL = no score. Belongs to the arena of changes. */
const struct score_grounds *engine_score_grounds(const struct engine *engine, uint16_t framework, uint32_t org,
                                                 struct changes *changes);

/* The numbered step of the rules that decides now (segment.h, scoreboard.h). */
int engine_step(const struct engine *engine, uint16_t framework, uint32_t org);

#endif
