/*
 * What the updates of a message will touch, brought into the caches before they
 * are applied, all at once: in a large country every step of an update waits
 * for memory, and the waits of many updates can run side by side. Changes
 * nothing and decides nothing.
 */
#ifndef OV_ENGINE_AHEAD_H
#define OV_ENGINE_AHEAD_H

#include <stddef.h>

#include "common/message.h"

struct engine;

#define AHEAD_ITEMS 32 /* looked ahead at a time; what they need fits the nearest caches */

/* At most AHEAD_ITEMS items. */
void ahead(const struct engine *engine, const struct item *items, size_t count);

#endif
