/*
 * Dramatic drops of one organisation: raised at the newest point, withdrawn by
 * a correction, ended by a later point back inside the limits.
 */
#ifndef OV_ENGINE_JUDGE_DROPS_H
#define OV_ENGINE_JUDGE_DROPS_H

#include "daemon/engine/turn.h"

/* Looks at the measures the turn touched. quiet: keep the records, announce nothing. */
void judge_drops(struct turn *turn, uint32_t org, bool quiet);

#endif
