/* Scores in cases. */
#ifndef OV_CASES_SCORES_H
#define OV_CASES_SCORES_H

#include "clients/cases/play.h"

/* The board's fields where scores decide: "average", "unadjusted", "adjusted",
 * "place" and "scores". False for any other name. */
bool scores_put(const struct play *play, struct buf *out, uint16_t framework, uint32_t org, const char *name);

#endif
