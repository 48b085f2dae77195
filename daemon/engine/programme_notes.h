/*
 * What a verdict remembers of programmes, so that nothing is announced twice.
 */
#ifndef OV_ENGINE_PROGRAMME_NOTES_H
#define OV_ENGINE_PROGRAMME_NOTES_H

#include "daemon/engine/framework.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/verdict.h"

/* What has been announced of one stay. */
struct programme_note {
    uint16_t programme; /* in the framework */
    ov_day entered;
    bool left;
    ov_day due, overdue; /* the newest review date and limit announced as reached, OV_DAY_NONE = none */
};

/* The note on a stay; a new one where there is none. */
struct programme_note *programme_note_of(struct verdict *verdict, uint16_t programme, ov_day entered, bool *ret_new);

/* Adds " programmes=<id>/<entered>/<in or left>/<due>/<overdue>,..." to the stored
 * verdict, nothing where there is nothing to remember; and back, from the list. */
void programme_notes_write(const struct verdict *verdict, const struct framework *framework, struct arena_text *text);
bool programme_notes_read(struct verdict *verdict, const struct framework *framework, struct text list);

#endif
