/*
 * The arithmetic of method "scores" (segmentation rules, section 6): from
 * figures to metric scores, averages, segments and the league. Pure functions
 * of their arguments; who is scored, and on which figures, is the caller's
 * business.
 *
 * Scores run from 1.00 (best) to 4.00 (worst). Values within SCORE_TOLERANCE
 * of a bound count as equal to it.
 */
#ifndef OV_ENGINE_SCORE_H
#define OV_ENGINE_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/date.h"
#include "daemon/engine/framework.h"
#include "daemon/engine/ranking.h"

#define SCORE_TOLERANCE 1e-9

/* ---- Step 1: metric scores --------------------------------------------------- */
/* All return false, ret_score untouched, when the rule gives no score. */

/* Score of a number under any rule but combined. ranking holds the keys of the
 * scored bodies (the value, negated where lower is better); it is used by
 * plain, standard and floor only and may be NULL for the others. O(log n). */
bool score_of_number(const struct score_rule *rule, enum direction direction, const struct ranking *ranking,
                     double value, double *ret_score);

/* Score of a rating word by its index, or of a flag (0 or 1), by the bands' words. */
bool score_of_word(const struct score_rule *rule, uint8_t word, double *ret_score);

/* The combined score of two band scores, each 1, 2, 3 or 4. */
bool score_combined(const struct score_rule *rule, double first, double second, double *ret_score);

/* ---- Step 2: averages -------------------------------------------------------- */

struct score_part {
    uint16_t theme;
    double score, weight;
};

/* The exact weighted mean of the parts present. False when there are none. */
bool score_average(const struct score_part *parts, size_t count, double *ret_average);
/* The same over the parts of one theme. */
bool score_domain(const struct score_part *parts, size_t count, uint16_t theme, double *ret_average);

/* Hundredths of the exact value, halves up: 2.345 gives 235. For display and the league. */
int score_hundredths(double average);
double score_rounded(double average);

/* ---- Step 3: cuts and the unadjusted segment ----------------------------------- */

/* The key of an average in a ranking of averages: ranking.h wants worst first. */
double score_average_key(double average);
/* Quartiles (type 7) of a ranking of averages, as the bounds 1/2, 2/3, 3/4. Needs one entry at least. */
void score_cuts_quartiles(const struct ranking *averages, double ret_bounds[3]);
/* The newest defined set not after the scored period; NULL when there is none. */
const struct cut_set *score_cuts_at(const struct scoring *scoring, ov_day period);

/* 1 to 4; an average equal to a cut takes the better segment. */
int score_segment(double average, const double bounds[3]);

/* ---- Steps 4 and 5: adjusted and final segment ---------------------------------- */

/* What is known of a body's finances; NULL = no figure. The flag decides; only
 * without it planned + variance < 0 does, and that needs both. */
bool score_in_deficit(const bool *flag, const double *planned, const double *variance);
/* In deficit never better than 3, otherwise as it is. */
int score_adjusted(int unadjusted, bool deficit);
/* 5 in the recovery programme. */
int score_final(int adjusted, bool recovery);

/* ---- The league --------------------------------------------------------------- */

/* Key for a ranking that orders by (adjusted segment, average at two decimals),
 * worst first: ranking_rank() of it is the league rank. */
double score_league_key(int adjusted, double average);

#endif
