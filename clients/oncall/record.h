/*
 * The lines of the spool, of the history and of the dead letters. Pure.
 */
#ifndef OV_ONCALL_RECORD_H
#define OV_ONCALL_RECORD_H

#include "clients/oncall/lane.h"
#include "common/buf.h"
#include "common/json_write.h"

/* {"add":...}: open, one record_job() each, close. folds: ids a digest stands for. */
void record_open(struct buf *buf, struct json_writer *json, const struct notice *notice, int64_t time,
                 struct job *const *folds, size_t fold_count);
void record_job(struct json_writer *json, const struct job *job);
void record_close(struct json_writer *json);

/* {"done"|"free"|"stand": id, "target": ...} */
void record_step(struct buf *buf, const char *step, const struct job *job);

/* What became of an alert at a target; target "" when it has none. */
struct deed {
    const char *target, *route, *result, *reason;
    unsigned tries;
};
void record_deed(struct buf *buf, const struct notice *notice, const struct deed *deed, int64_t now);
/* The same with the whole event. */
void record_dead(struct buf *buf, const struct notice *notice, const struct deed *deed, int64_t now);

#endif
