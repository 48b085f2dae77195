/*
 * One update taken in: checked against the registry and every framework, put
 * in place, or refused with a reason.
 */
#ifndef OV_ENGINE_INTAKE_H
#define OV_ENGINE_INTAKE_H

#include "daemon/engine/engine_state.h"

/* A period that starts more than so many days after the engine's date is a
 * mistake: plans reach five years ahead, and a year mistyped would be the newest
 * period of its series for good. */
#define PERIODS_AHEAD_DAYS 1830

/* Reports the update in changes and says what became of it. */
enum outcome intake(struct engine *engine, const struct item *item, size_t index, const char *source,
                    struct changes *changes);

/* A step of a programme: NULL when it was taken, or what is wrong with it. */
const char *intake_programme(struct engine *engine, uint32_t org, const struct item *item, const char *source,
                             struct changes *changes);

#endif
