/* A ground in full as JSON, for explain and why-not. */
#ifndef OV_RENDER_GROUND_H
#define OV_RENDER_GROUND_H

#include "common/json_write.h"
#include "daemon/engine/why.h"

/* Triggers say "on", conditions for segment 1 "met". */
void json_ground(struct json_writer *json, const struct framework *framework, const struct ground *ground,
                 const char *state);

#endif
