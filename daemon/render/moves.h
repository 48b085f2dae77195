/*
 * What new rules move: the segments of an engine beside those of another that
 * holds the same figures under other rules.
 */
#ifndef OV_RENDER_MOVES_H
#define OV_RENDER_MOVES_H

#include "common/json_write.h"
#include "daemon/engine/engine.h"

#define MOVES_LISTED 10000

/* "moves":[{"framework","code","name","before","after","why"}],"moves_total":n
 * At most MOVES_LISTED stand in the list. before or after is 0 where those
 * rules do not judge the organisation. Returns the total. */
size_t render_moves(const struct engine *from, const struct engine *to, struct json_writer *json);

#endif
