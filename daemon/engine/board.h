/*
 * The scores of one scored period: metric scores of every organisation on
 * every scored measure, averages, cuts, unadjusted segments. Steps 1 to 3 of
 * oversight-framework(5), "Scores"; the arithmetic is in score.h.
 *
 * A measure of the frequency of the scored period is scored on that period; one
 * of a shorter frequency on its newest period that starts within it. For scores
 * by rank that is one period for all of a peer set: the newest effective one,
 * as a period in which a few have reported yet does not speak, or, when none
 * is, the newest with figures. For other scores it is the organisation's own.
 *
 * Kept up to date: board_turn() passes once over the rankings that a turn has
 * touched and over the organisations with figures of their own.
 */
#ifndef OV_ENGINE_BOARD_H
#define OV_ENGINE_BOARD_H

#include "daemon/engine/assessment.h"
#include "daemon/engine/org_list.h"
#include "daemon/engine/ranking.h"
#include "daemon/engine/score.h"
#include "daemon/engine/scored.h"

struct turn;

struct board {
    const struct assessment *assessment;
    const struct scored *scored;
    ov_day period, until;    /* first day, first day after */
    const uint8_t *present;  /* by organisation: it is scored in this period */
    double *scores;          /* by organisation and position; NAN = none */
    struct column **used;    /* by slot: the period that is ranked; NULL = none */
    bool switched;           /* in the last turn a newer period of a measure came to speak */
    double *averages;        /* by organisation; NAN = none */
    uint8_t *unadjusted;     /* by organisation; 0 = none */
    struct ranking *ranking; /* of the averages */
    bool has_bounds;
    double bounds[3];        /* between the segments */
    struct org_list changed; /* whose metric scores have changed */
};

/* From the figures; present stays the caller's. */
struct board *board_create(const struct assessment *assessment, const struct scored *scored, ov_day period,
                           ov_day until, const uint8_t *present);
void board_destroy(struct board *board);

/* The score at a position, where it counts in the organisation's average; false = it does not. */
bool board_part(const struct board *board, uint32_t org, size_t position, double *ret_score);

/* Follows a turn whose rankings have been settled. Adds to stale the
 * organisations whose average or unadjusted segment has changed. */
void board_turn(struct board *board, const struct turn *turn, struct org_list *stale);

/* The metric score on a measure and the period of the figure it comes from,
 * OV_DAY_NONE for combined ones; false = none. */
bool board_score(const struct board *board, uint32_t org, uint16_t measure, double *ret_score, ov_day *ret_period);
/* The average over one theme; false = none. */
bool board_domain(const struct board *board, uint32_t org, uint16_t theme, double *ret_score);

#endif
