/* What is written down of each delivery and non-delivery. */
#include <string.h>

#include "clients/oncall/dispatch_state.h"
#include "common/log.h"

void dispatch_note(struct dispatch *dispatch, const struct notice *notice, const struct deed *deed) {
    struct buf line;
    buf_init(&line);
    record_deed(&line, notice, deed, loop_wall(dispatch->loop));
    turning_add(dispatch->history, line.data, line.len);
    buf_finish(&line);
}

void dispatch_step(struct dispatch *dispatch, const char *step, const struct job *job) {
    struct buf line;
    buf_init(&line);
    record_step(&line, step, job);
    spool_add(dispatch->spool, line.data, line.len);
    buf_finish(&line);
}

void dispatch_end(struct job *job, const char *result, const char *reason) {
    struct dispatch *dispatch = job->lane->owner;
    dispatch_note(dispatch, job->notice, &(struct deed){job->lane->name, job->route, result, reason, job->tries});
    dispatch_step(dispatch, "done", job);
    lane_remove(job);
}

void dispatch_bury(struct job *job, const char *reason) {
    struct dispatch *dispatch = job->lane->owner;
    struct deed deed = {job->lane->name, job->route, "dead letter", reason, job->tries};
    struct buf line;
    buf_init(&line);
    record_dead(&line, job->notice, &deed, loop_wall(dispatch->loop));
    turning_add(dispatch->dead, line.data, line.len);
    turning_flush(dispatch->dead); /* before the spool forgets it */
    buf_finish(&line);
    dispatch->counts.dead++;
    log_write(LOG_LEVEL_ERROR, "target", job->lane->name, "alert %s is given up after %u attempts: %s", job->notice->id,
              job->tries, reason);
    dispatch_end(job, "dead letter", reason);
}
