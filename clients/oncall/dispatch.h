/*
 * From an alert to its deliveries: routes choose targets, lanes hold what waits,
 * the spool remembers it, attempts are made and repeated, and every end is
 * written down with its reason.
 */
#ifndef OV_ONCALL_DISPATCH_H
#define OV_ONCALL_DISPATCH_H

#include "clients/lib/oversight_client.h"
#include "clients/oncall/conf.h"
#include "clients/oncall/send.h"

struct dispatch;

/* Reads the spool of conf->state_dir. NULL after a log line. Holds conf. */
struct dispatch *dispatch_create(struct loop *loop, struct sender *sender, struct conf *conf);
/* What is under way is broken off, and delivered again after the next start. */
void dispatch_destroy(struct dispatch *dispatch);

/* The newest alert ever taken on; 0-0: none. */
struct oversight_id dispatch_last(const struct dispatch *dispatch);

/* The alerts up to id will not come any more; the next ones count from here, even
 * if it is before dispatch_last(). */
void dispatch_skip(struct dispatch *dispatch, struct oversight_id id);

/* Takes an alert on. One that was taken on before, by its id, is ignored. It is
 * safe only after dispatch_commit(). */
void dispatch_take(struct dispatch *dispatch, struct oversight_id id, const char *json, size_t len);
/* The same for what this program itself has to say. */
void dispatch_take_own(struct dispatch *dispatch, const char *json, size_t len);
void dispatch_commit(struct dispatch *dispatch);

/* From now on by other rules. What waits for a target that is no longer there becomes a dead letter. */
void dispatch_reload(struct dispatch *dispatch, struct conf *conf);

/* No further attempt is begun. */
void dispatch_stop(struct dispatch *dispatch);
bool dispatch_is_idle(const struct dispatch *dispatch); /* no attempt is under way */

struct dispatch_counts {
    size_t queued, held, standing;
    uint64_t taken, delivered, repeated, dead;
};
struct dispatch_counts dispatch_counts(const struct dispatch *dispatch);

#endif
