/*
 * The running daemon's state in an engine of our own, under other rules.
 */
#ifndef OV_CTL_TWIN_H
#define OV_CTL_TWIN_H

#include "clients/oversightctl/command.h"
#include "daemon/engine/engine.h"

struct twin {
    struct oversight_query *query;
    struct engine *engine;            /* judges by the candidate alone */
    struct changes changes;           /* what the daemon would announce on taking the candidate over */
    char against[NAME_MAX_LEN + 1];   /* the framework of the daemon it stands for */
    size_t figures, decisions, unfit; /* taken over; of the daemon's, those that do not fit the candidate */
    size_t unknown_measures;          /* of the candidate, of which the daemon's framework knows nothing */
};

/* against: NULL, or the id of one of the daemon's frameworks; default: the one
 * with the candidate's id, or else the first. Takes ownership of the candidate. EX_OK or
 * an exit status after a complaint; finish it in both cases. */
int twin_init(struct twin *twin, const struct context *context, struct framework *candidate, const char *against);
void twin_finish(struct twin *twin);

/* The twin's own answer to a question of the protocol; the caller deletes it. */
enum twin_question { TWIN_SNAPSHOT, TWIN_ORGANISATION };
cJSON *twin_answer(const struct twin *twin, enum twin_question what, const char *code);

#endif
