/*
 * The check of an event: a digest over all it says, so that a number changed
 * on the way shows. It has no key: it proves that nothing was altered by
 * accident or by somebody who does not know it, not who made the event.
 */
#ifndef OV_RENDER_CHECK_H
#define OV_RENDER_CHECK_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "common/text.h"

#define RENDER_CHECK_SIZE 17

/* FNV-1a 64, hexadecimal, over the members of the event, those of every object
 * in order of their names, whatever the layout of the text; without
 * data.check itself and data.durability, which can change while an event waits
 * for the store. Returns buf. */
const char *render_check(const cJSON *event, char buf[RENDER_CHECK_SIZE]);

/* The same of an event as our writer leaves it, without spaces; false when it is no JSON. */
bool render_check_text(struct text event, char buf[RENDER_CHECK_SIZE]);

#endif
