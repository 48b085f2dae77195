/* Attempts and their outcomes, and digests. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clients/oncall/dispatch_state.h"
#include "common/alloc.h"
#include "common/log.h"

#define RESOLVED_MS (5 * 60 * 1000) /* a resolved state is told at least so long */
#define ROTATE_AFTER 3              /* failures of one alert, after which others go first */

static bool tells_states(const struct target *target) {
    return target->template && target->template->states;
}

/* ---- Attempts ------------------------------------------------------------------------ */

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static struct item item_of(const struct job *job, int64_t now) {
    const struct lane *lane = job->lane;
    const struct dispatch *dispatch = lane->owner;
    const struct target *target = lane->target;
    const struct notice *notice = job->notice, *origin = job->origin ? job->origin : notice;
    struct item item = {.notice = notice,
                        .origin = origin,
                        .route = job->route,
                        .target = lane->name,
                        .page = dispatch->conf->status_page,
                        .secret = target->secret,
                        .status = notice->status,
                        .starts = origin->time,
                        .now = now};
    int64_t ends = job->ends;
    if (ends == 0 && notice->status == NOTICE_ONCE)
        ends = job->since + target->once;
    if (ends == 0 && notice->status == NOTICE_RESOLVED)
        ends = notice->time;
    if (tells_states(target) && ends != 0 && ends <= now)
        item.status = NOTICE_RESOLVED;
    item.ends = most(item.starts, ends != 0 ? ends : now + target->hold);
    return item;
}

static void on_outcome(void *context, const struct outcome *outcome);

int64_t dispatch_due(const struct lane *lane) {
    const struct dispatch *dispatch = lane->owner;
    if (!lane->target || lane->sending || dispatch->stopping)
        return INT64_MAX;
    if (lane->counts[JOB_QUEUED] > 0)
        return lane->next;
    const struct job *job = lane_first(lane, JOB_STANDING);
    return job ? most(lane->next, job->resend) : INT64_MAX;
}

void dispatch_start(struct lane *lane) {
    struct dispatch *dispatch = lane->owner;
    int64_t now = loop_monotonic(dispatch->loop);
    if (dispatch_due(lane) > now)
        return;
    size_t max = lane->target->template ? (size_t)lane->target->template->batch : 1;
    free(lane->batch);
    lane->batch = alloc_zero(max, sizeof *lane->batch);
    lane->batch_count = lane_pick(lane, JOB_QUEUED, now, lane->batch, max);
    if (lane->batch_count == 0)
        lane->batch_count = lane_pick(lane, JOB_STANDING, now, lane->batch, max);
    if (lane->batch_count == 0)
        return;
    struct item *items = alloc_zero(lane->batch_count, sizeof *items);
    for (size_t i = 0; i < lane->batch_count; i++)
        items[i] = item_of(lane->batch[i], loop_wall(dispatch->loop));
    lane->sending =
        sender_send(dispatch->sender, dispatch->conf, lane->target, items, lane->batch_count, on_outcome, lane);
    free(items);
}

/* ---- Outcomes -------------------------------------------------------------------------- */

static enum level urgency_of(const struct job *job) {
    return job->origin ? job->origin->urgency : job->notice->urgency;
}

/* The earlier states of the incident: replaced, or, as something else under other
 * labels, ended. */
static void supersede(struct job *newest, int64_t now) {
    struct dispatch *dispatch = newest->lane->owner;
    struct job *next;
    for (struct job *job = lane_first(newest->lane, JOB_STANDING); job; job = next) {
        next = lane_next(job);
        if (job == newest || !notice_same_incident(job->notice, newest->notice))
            continue;
        if (urgency_of(job) == urgency_of(newest)) {
            dispatch_end(job, "replaced", newest->notice->id);
        } else if (job->ends == 0) {
            job->ends = now;
            lane_hurry(job);
            dispatch_step(dispatch, "stand", job);
        }
    }
}

static void stand(struct job *job) {
    struct dispatch *dispatch = job->lane->owner;
    int64_t now = loop_wall(dispatch->loop);
    supersede(job, now);
    job->stood = now;
    if (job->notice->status == NOTICE_RESOLVED)
        job->ends = most(job->notice->time, 1);
    else if (job->notice->status == NOTICE_ONCE)
        job->ends = job->since + job->lane->target->once;
    dispatch_step(dispatch, "stand", job);
}

/* Told, and told long enough that it has ended. */
static bool is_finished(const struct job *job, int64_t now) {
    return job->ends != 0 && now - most(job->ends, job->stood) >= RESOLVED_MS;
}

static void delivered(struct job *job, const struct outcome *outcome) {
    struct lane *lane = job->lane;
    struct dispatch *dispatch = lane->owner;
    bool first = job->state != JOB_STANDING;
    if (first) {
        job->tries++;
        dispatch->counts.delivered++;
    }
    if (!tells_states(lane->target)) { /* also what stood when the template was another */
        dispatch_end(job, "delivered", outcome->reason);
        return;
    }
    if (first) {
        dispatch_note(dispatch, job->notice,
                      &(struct deed){lane->name, job->route, "delivered", outcome->reason, job->tries});
        stand(job);
    }
    job->resend = loop_monotonic(dispatch->loop) + lane->target->resend;
    lane_move(job, JOB_STANDING);
    if (is_finished(job, loop_wall(dispatch->loop)))
        dispatch_end(job, "finished", "its end was told long enough");
}

static void failed(struct job *job, const struct outcome *outcome) {
    struct lane *lane = job->lane;
    struct dispatch *dispatch = lane->owner;
    if (job->state == JOB_STANDING)
        return; /* told again when the target is back */
    job->tries++;
    if (job->first == 0) /* waiting behind others is no failure of its own */
        job->first = loop_monotonic(dispatch->loop);
    if (retry_is_over(&lane->target->retry, job->first, loop_monotonic(dispatch->loop))) {
        dispatch_bury(job, outcome->reason);
        return;
    }
    dispatch_note(dispatch, job->notice, &(struct deed){lane->name, job->route, "failed", outcome->reason, job->tries});
    if (job->tries % ROTATE_AFTER == 0 && !tells_states(lane->target))
        lane_move(job, JOB_QUEUED); /* it may be the alert and not the target */
}

static void refused(struct job *job, const struct outcome *outcome, bool batch) {
    if (batch) {
        job->alone = true; /* one of them was refused: which? */
    } else if (job->state == JOB_STANDING) {
        dispatch_end(job, "finished", outcome->reason);
    } else {
        job->tries++;
        dispatch_bury(job, outcome->reason);
    }
}

/* When the target is spoken to next, and what the log says of it. */
static void judge_lane(struct lane *lane, const struct outcome *outcome) {
    const struct dispatch *dispatch = lane->owner;
    uint32_t chance = 0;
    if (outcome->result != RESULT_AGAIN) {
        if (lane->failures > 0 && outcome->result == RESULT_DELIVERED)
            log_write(LOG_LEVEL_NOTICE, "target", lane->name, "delivered again after %u failures: %s", lane->failures,
                      outcome->reason);
        lane->failures = 0;
        return;
    }
    if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != (ssize_t)sizeof chance)
        chance = 0;
    int64_t pause = retry_pause(&lane->target->retry, ++lane->failures, outcome->asked, chance);
    lane->next = loop_monotonic(dispatch->loop) + pause;
    if (lane->failures == 1)
        log_write(LOG_LEVEL_WARNING, "target", lane->name, "not delivered: %s; %zu alerts wait", outcome->reason,
                  lane->counts[JOB_QUEUED]);
    else if (log_enabled("target", LOG_LEVEL_DEBUG))
        log_write(LOG_LEVEL_DEBUG, "target", lane->name, "not delivered, failure %u: %s; again in %" PRId64 " ms",
                  lane->failures, outcome->reason, pause);
}

static void on_outcome(void *context, const struct outcome *outcome) {
    struct lane *lane = context;
    size_t count = lane->batch_count;
    lane->sending = NULL;
    lane->batch_count = 0; /* none of them is under way any more */
    judge_lane(lane, outcome);
    for (size_t i = 0; i < count; i++) {
        if (outcome->result == RESULT_DELIVERED)
            delivered(lane->batch[i], outcome);
        else if (outcome->result == RESULT_AGAIN)
            failed(lane->batch[i], outcome);
        else
            refused(lane->batch[i], outcome, count > 1);
    }
    dispatch_soon(lane->owner);
}

/* ---- What was held ------------------------------------------------------------------------ */

static size_t held_by(const struct lane *lane, const char *route, struct job **jobs) {
    size_t count = 0;
    for (struct job *job = lane_first(lane, JOB_HELD); job; job = lane_next(job))
        if (strcmp(job->route, route) == 0)
            jobs[count++] = job;
    return count;
}

static void send_digest(struct lane *lane, const char *route, struct job **jobs, size_t count, int64_t from) {
    struct dispatch *dispatch = lane->owner;
    int64_t now = loop_wall(dispatch->loop);
    const struct notice **notices = alloc_zero(count, sizeof *notices);
    struct json_writer json;
    struct buf event, record;
    char reason[NOTICE_ID_MAX + 32];
    for (size_t i = 0; i < count; i++)
        notices[i] = jobs[i]->notice;
    buf_init(&event);
    buf_init(&record);
    digest_event(notices, count, route, lane->name, from, now, &event);
    struct notice *digest = notice_parse(event.data, event.len);
    struct job *job = lane_add(lane, digest, NULL, route, JOB_QUEUED, now);
    record_open(&record, &json, digest, now, jobs, count);
    record_job(&json, job);
    record_close(&json);
    spool_add(dispatch->spool, record.data, record.len); /* in one record: all of them, or none */
    spool_sync(dispatch->spool);
    snprintf(reason, sizeof reason, "in %s", digest->id);
    for (size_t i = 0; i < count; i++) {
        dispatch_note(dispatch, jobs[i]->notice, &(struct deed){lane->name, route, "folded", reason, 0});
        lane_remove(jobs[i]);
    }
    notice_unref(digest);
    buf_finish(&record);
    buf_finish(&event);
    free(notices);
}

void dispatch_release(struct lane *lane, bool quiet) {
    struct dispatch *dispatch = lane->owner;
    for (size_t i = 0; i < lane->fold_count; i++) {
        struct fold *fold = &lane->folds[i].fold;
        const char *name = lane->folds[i].route;
        const struct route *route = conf_route(dispatch->conf, name);
        int64_t from = fold->window;
        if (fold->held == 0 || (route && !fold_release(fold, route, quiet, loop_wall(dispatch->loop))))
            continue;
        *fold = (struct fold){0};
        struct job **jobs = alloc_zero(lane->counts[JOB_HELD], sizeof *jobs);
        size_t count = held_by(lane, name, jobs);
        if (count == 1) {
            dispatch_step(dispatch, "free", jobs[0]);
            lane_move(jobs[0], JOB_QUEUED);
        } else if (count > 1) {
            send_digest(lane, name, jobs, count, from);
        }
        free(jobs);
    }
}
