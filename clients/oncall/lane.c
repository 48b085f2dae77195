#include "clients/oncall/lane.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define RECORD_BYTES 300 /* of a record beside its event */

struct lane *lane_create(const char *name, void *owner) {
    struct lane *lane = alloc_zero(1, sizeof *lane);
    list_init(&lane->link);
    lane->name = alloc_copy(name);
    lane->owner = owner;
    for (int i = 0; i < JOB_STATES; i++)
        list_init(&lane->jobs[i]);
    return lane;
}

void lane_destroy(struct lane *lane) {
    for (int i = 0; i < JOB_STATES; i++)
        while (lane_first(lane, (enum job_state)i))
            lane_remove(lane_first(lane, (enum job_state)i));
    for (size_t i = 0; i < lane->fold_count; i++)
        free(lane->folds[i].route);
    list_remove(&lane->link);
    free(lane->folds);
    free(lane->batch);
    free(lane->name);
    free(lane);
}

static size_t bytes_of(const struct job *job) {
    return job->notice->len + (job->origin ? job->origin->len : 0) + RECORD_BYTES;
}

struct job *lane_add(struct lane *lane, struct notice *notice, struct notice *origin, const char *route,
                     enum job_state state, int64_t since) {
    struct job *job = alloc_zero(1, sizeof *job);
    job->lane = lane;
    job->notice = notice_ref(notice);
    job->origin = notice_ref(origin);
    job->route = alloc_copy(route);
    job->state = state;
    job->since = since;
    list_init(&job->link);
    list_append(&lane->jobs[state], &job->link);
    lane->counts[state]++;
    lane->bytes += bytes_of(job);
    return job;
}

void lane_move(struct job *job, enum job_state state) {
    job->lane->counts[job->state]--;
    job->state = state;
    job->lane->counts[state]++;
    list_remove(&job->link);
    list_append(&job->lane->jobs[state], &job->link);
}

void lane_hurry(struct job *job) {
    job->resend = 0;
    list_remove(&job->link);
    list_append(job->lane->jobs[job->state].next, &job->link);
}

void lane_remove(struct job *job) {
    job->lane->counts[job->state]--;
    job->lane->bytes -= bytes_of(job);
    list_remove(&job->link);
    notice_unref(job->notice);
    notice_unref(job->origin);
    free(job->route);
    free(job);
}

static struct job *job_of(const struct list *head, struct list *link) {
    return link == head ? NULL : (struct job *)(void *)link;
}

struct job *lane_first(const struct lane *lane, enum job_state state) {
    return job_of(&lane->jobs[state], lane->jobs[state].next);
}

struct job *lane_next(const struct job *job) {
    return job_of(&job->lane->jobs[job->state], job->link.next);
}

struct job *lane_find(const struct lane *lane, const char *id, enum job_state from, enum job_state to) {
    for (int state = (int)from; state <= (int)to; state++)
        for (struct job *job = lane_first(lane, (enum job_state)state); job; job = lane_next(job))
            if (strcmp(job->notice->id, id) == 0)
                return job;
    return NULL;
}

static struct notice *firing_in(const struct lane *lane, enum job_state state, const struct notice *notice) {
    struct notice *found = NULL;
    for (struct job *job = lane_first(lane, state); job; job = lane_next(job))
        if (job->ends == 0 && notice_same_incident(job->notice, notice))
            found = job->notice->status == NOTICE_FIRING ? job->notice : NULL;
    return found;
}

struct notice *lane_firing(const struct lane *lane, const struct notice *notice) {
    struct notice *found = firing_in(lane, JOB_QUEUED, notice);
    return found ? found : firing_in(lane, JOB_STANDING, notice);
}

bool lane_is_sending(const struct lane *lane, const struct job *job) {
    for (size_t i = 0; i < lane->batch_count; i++)
        if (lane->batch[i] == job)
            return true;
    return false;
}

struct job *lane_victim(const struct lane *lane) {
    static const enum job_state states[] = {JOB_HELD, JOB_QUEUED};
    struct job *oldest = NULL;
    for (int i = 0; i < 2; i++)
        for (struct job *job = lane_first(lane, states[i]); job; job = lane_next(job)) {
            if (lane_is_sending(lane, job))
                continue;
            if (job->notice->level != LEVEL_CRITICAL)
                return job;
            if (!oldest)
                oldest = job;
        }
    return oldest;
}

struct fold *lane_fold(struct lane *lane, const char *route) {
    for (size_t i = 0; i < lane->fold_count; i++)
        if (strcmp(lane->folds[i].route, route) == 0)
            return &lane->folds[i].fold;
    lane->folds = alloc_resize(lane->folds, lane->fold_count + 1, sizeof *lane->folds);
    lane->folds[lane->fold_count] = (struct fold_slot){.route = alloc_copy(route)};
    return &lane->folds[lane->fold_count++].fold;
}

static bool has_incident(struct job *const *batch, size_t count, const struct notice *notice) {
    for (size_t i = 0; i < count; i++)
        if (notice_same_incident(batch[i]->notice, notice))
            return true;
    return false;
}

size_t lane_pick(const struct lane *lane, enum job_state state, int64_t now, struct job **batch, size_t max) {
    size_t count = 0;
    for (struct job *job = lane_first(lane, state); job && count < max; job = lane_next(job)) {
        if (state == JOB_STANDING && job->resend > now)
            break;
        if ((job->alone && count > 0) || has_incident(batch, count, job->notice))
            break;
        batch[count++] = job;
        if (job->alone)
            break;
    }
    return count;
}
