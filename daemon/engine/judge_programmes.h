/* Programmes of one organisation looked at again: entries, ends, review dates and limits reached. */
#ifndef OV_ENGINE_JUDGE_PROGRAMMES_H
#define OV_ENGINE_JUDGE_PROGRAMMES_H

#include "daemon/engine/turn.h"

/* Announces what is new since it was last looked at; quiet: takes it over without announcing. */
void judge_programmes(struct turn *turn, uint32_t org, bool quiet);

/* ". No programme ..." for an organisation that enters a segment without one of
 * those that go with it; "" otherwise. */
const char *judge_programmes_lacking(const struct turn *turn, uint32_t org, int segment);

#endif
