/*
 * The periods of a framework that scores: who has any score figure in each,
 * and which are effective by the walk of oversight-framework(5), "Effective
 * periods", taken over the frequency of scoring. The newest effective one is
 * the scored period.
 */
#ifndef OV_ENGINE_SCORED_PERIODS_H
#define OV_ENGINE_SCORED_PERIODS_H

#include "daemon/engine/board.h"

struct scored_period {
    ov_day period, until; /* first day, first day after */
    uint32_t n;           /* organisations with a score figure */
    uint8_t *present;     /* by organisation */
    bool effective;
    struct board *board; /* NULL while nobody asks for it */
    uint32_t users;      /* organisations whose segment comes from it */
};

struct scored_periods {
    const struct assessment *assessment;
    const struct scored *scored;
    struct scored_period **periods; /* oldest first */
    size_t count, capacity;
};

void scored_periods_init(struct scored_periods *periods, const struct assessment *assessment,
                         const struct scored *scored);
void scored_periods_finish(struct scored_periods *periods);

/* The figure of an organisation on a scored measure has changed. True when it
 * has come into a period or left it; ret_from is then no later than that
 * period. */
bool scored_periods_note(struct scored_periods *periods, uint32_t org, uint16_t measure, ov_day period,
                         ov_day *ret_from);
/* Recomputes the effective periods from one on. True when they differ from before. */
bool scored_periods_walk(struct scored_periods *periods, ov_day from);
/* Everything anew from the figures. */
void scored_periods_load(struct scored_periods *periods);

struct scored_period *scored_periods_newest(const struct scored_periods *periods); /* effective; NULL = none */

#endif
