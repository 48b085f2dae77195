/*
 * The parts of compare.c: the engine's answer is written in the words of the
 * line that expects it, so that two texts are compared.
 */
#ifndef OV_CASES_COMPARE_H
#define OV_CASES_COMPARE_H

#include "clients/cases/play.h"

/* Compares the alerts of the step with the "alert" lines, and labels them. */
void compare_alerts(struct play *play, const struct paragraph *paragraph);
void compare_put_board(const struct play *play, struct buf *out, const struct line *line);
void compare_put_ranking(const struct play *play, struct buf *out, const struct line *line);

#endif
