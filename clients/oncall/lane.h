/*
 * The lane of one target: what waits for it, what is under way, and what it is
 * told again and again. No I/O. A lane knows nothing of the others, so that one
 * dead target delays no other.
 */
#ifndef OV_ONCALL_LANE_H
#define OV_ONCALL_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/oncall/conf.h"
#include "clients/oncall/fold.h"
#include "clients/oncall/notice.h"
#include "clients/oncall/send.h"
#include "daemon/os/list.h"

enum job_state {
    JOB_QUEUED,
    JOB_HELD,     /* for a digest, or the end of quiet hours */
    JOB_STANDING, /* delivered, and told again */
    JOB_STATES
};

/* One alert for one target. */
struct job {
    struct list link; /* first: in the list of its state, oldest first */
    struct lane *lane;
    struct notice *notice, *origin; /* origin: NULL, or the alert that fired what this one resolves */
    char *route;
    enum job_state state;
    unsigned tries;
    bool alone;     /* refused in a batch: tried by itself */
    int64_t since;  /* wall: taken on */
    int64_t first;  /* monotonic: the first failure in this process; 0: none yet */
    int64_t stood;  /* wall: first delivered */
    int64_t ends;   /* wall: the state ended or will end; 0: open */
    int64_t resend; /* monotonic: next time */
};

struct fold_slot {
    char *route;
    struct fold fold;
};

struct lane {
    struct list link; /* first: in the list of lanes */
    char *name;
    const struct target *target; /* of the configuration in force; NULL: no longer there */
    struct list jobs[JOB_STATES];
    size_t counts[JOB_STATES];
    size_t bytes;      /* of all its jobs on the disk, roughly */
    unsigned failures; /* in a row */
    int64_t next;      /* monotonic: not before */
    struct sending *sending;
    struct job **batch; /* under way */
    size_t batch_count;
    struct fold_slot *folds;
    size_t fold_count;
    void *owner;
};

struct lane *lane_create(const char *name, void *owner);
void lane_destroy(struct lane *lane); /* with its jobs; nothing may be under way */

/* Adds a job at the end of the list of its state; takes references. */
struct job *lane_add(struct lane *lane, struct notice *notice, struct notice *origin, const char *route,
                     enum job_state state, int64_t since);
void lane_move(struct job *job, enum job_state state); /* to the end of that list */
void lane_hurry(struct job *job);                      /* due now, and the first of its list */
void lane_remove(struct job *job);                     /* frees it */

struct job *lane_first(const struct lane *lane, enum job_state state);
struct job *lane_next(const struct job *job);
struct job *lane_find(const struct lane *lane, const char *id, enum job_state from, enum job_state to);

/* The newest alert that fires the incident and has not ended; NULL when there is none. */
struct notice *lane_firing(const struct lane *lane, const struct notice *notice);

/* The one that makes room in a full lane: the oldest that is not critical, or
 * else the oldest. Never one under way; NULL when there is no other. */
struct job *lane_victim(const struct lane *lane);

bool lane_is_sending(const struct lane *lane, const struct job *job);

/* The fold of a route, made when there is none. */
struct fold *lane_fold(struct lane *lane, const char *route);

/* What goes into the next request: as many as the template takes, each incident
 * at most once, alone those that must be. Returns how many. */
size_t lane_pick(const struct lane *lane, enum job_state state, int64_t now, struct job **batch, size_t max);

#endif
