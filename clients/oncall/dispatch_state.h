/* Inside of the dispatch. */
#ifndef OV_ONCALL_DISPATCH_STATE_H
#define OV_ONCALL_DISPATCH_STATE_H

#include "clients/oncall/dispatch.h"
#include "clients/oncall/files.h"
#include "clients/oncall/lane.h"
#include "clients/oncall/record.h"
#include "clients/oncall/spool.h"

struct dispatch {
    struct loop *loop;
    struct sender *sender;
    struct conf *conf;
    struct spool *spool;
    struct turning *history, *dead;
    struct list lanes;
    struct loop_timer *timer;
    struct oversight_id last;
    bool stopping;
    struct dispatch_counts counts;
};

/* ---- dispatch.c ---- */

struct lane *dispatch_lane(struct dispatch *dispatch, const char *name); /* made when there is none */
struct lane *dispatch_first_lane(const struct dispatch *dispatch);
struct lane *dispatch_next_lane(const struct dispatch *dispatch, const struct lane *lane);
bool dispatch_is_quiet(const struct dispatch *dispatch); /* now, in the zone of the configuration */
void dispatch_soon(struct dispatch *dispatch);           /* runs the lanes at the end of this turn */

/* ---- dispatch_note.c: what is written down ---- */

void dispatch_note(struct dispatch *dispatch, const struct notice *notice, const struct deed *deed);
void dispatch_step(struct dispatch *dispatch, const char *step, const struct job *job);
/* The job is over: written down, removed. */
void dispatch_end(struct job *job, const char *result, const char *reason);
void dispatch_bury(struct job *job, const char *reason); /* a dead letter */

/* ---- dispatch_send.c ---- */

void dispatch_start(struct lane *lane);               /* an attempt, if one is due and none under way */
int64_t dispatch_due(const struct lane *lane);        /* monotonic time of the next attempt; INT64_MAX: none */
void dispatch_release(struct lane *lane, bool quiet); /* what was held and need not be any more */

/* ---- dispatch_load.c ---- */

void dispatch_load(void *context, const cJSON *line); /* a record of the spool */
void dispatch_restore(struct dispatch *dispatch);     /* after the last */
void dispatch_compact(struct dispatch *dispatch);     /* if it is worth it */

#endif
