/*
 * The verdicts of a framework that scores, in the numbered steps of
 * oversight-framework(5), "Scores":
 *
 *   1. A metric score for each scored measure.
 *   2. Their average.
 *   3. The unadjusted segment: the average held against the cuts.
 *   4. The adjusted segment: in deficit never better than 3.
 *   5. The final segment: 5 in the recovery programme.
 *
 * Steps 1 to 3 are those of the scored period (board.h). A body without a
 * score in it goes on with steps 1 to 3 of the newest effective period in which
 * it has one, marked unknown, outside the cuts and the league of the scored
 * period. Steps 4 and 5 look at its newest figures. A body that has never had a
 * score has the framework's default segment.
 *
 * All of it is a function of the figures present and of the engine's date.
 */
#ifndef OV_ENGINE_SCOREBOARD_H
#define OV_ENGINE_SCOREBOARD_H

#include "daemon/engine/assessment.h"
#include "daemon/engine/segment.h"

struct arena;
struct scoreboard;
struct turn;

struct scoreboard *scoreboard_create(const struct assessment *assessment);
void scoreboard_destroy(struct scoreboard *scoreboard);

/* Everything from the figures, once, after loading. */
void scoreboard_load(struct scoreboard *scoreboard);

/* Follows a turn whose rankings have been settled, and marks in it the
 * organisations about which anything has changed. */
void scoreboard_turn(struct scoreboard *scoreboard, struct turn *turn);
/* Did another period come to speak in the last turn: the scored one, or that of a
 * measure within it? */
bool scoreboard_moved(const struct scoreboard *scoreboard);

/* The segment and the step that decided it. */
struct finding scoreboard_find(const struct scoreboard *scoreboard, uint32_t org);
/* The same in numbers. The league rank is found here, as it moves with everybody. */
struct score_verdict scoreboard_verdict(const struct scoreboard *scoreboard, uint32_t org);

/* Everything that verdict was computed from; NULL when it has no score. */
const struct score_grounds *scoreboard_grounds(const struct scoreboard *scoreboard, uint32_t org, struct arena *arena);

/* Can a figure of this measure and period have moved the organisation? */
bool scoreboard_concerns(const struct scoreboard *scoreboard, uint32_t org, uint16_t measure, ov_day period);

/* OV_DAY_NONE before any. */
ov_day scoreboard_period(const struct scoreboard *scoreboard);
/* The metric score in the scored period, and the period of the figure it comes
 * from, OV_DAY_NONE for combined ones; false = none. */
bool scoreboard_metric(const struct scoreboard *scoreboard, uint32_t org, uint16_t measure, double *ret_score,
                       ov_day *ret_period);
/* The average over one theme in the scored period; false = none. */
bool scoreboard_domain(const struct scoreboard *scoreboard, uint32_t org, uint16_t theme, double *ret_score);

#endif
