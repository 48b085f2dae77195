#include "clients/oncall/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/oncall/dispatch_state.h"
#include "common/alloc.h"
#include "common/log.h"

#define QUIET_LOOK_MS 1000 /* how soon the end of quiet hours is seen */
#define DEAD_BYTES (64 * 1024 * 1024)

/* ---- Lanes -------------------------------------------------------------------------- */

struct lane *dispatch_first_lane(const struct dispatch *dispatch) {
    struct list *link = dispatch->lanes.next;
    return link == &dispatch->lanes ? NULL : (struct lane *)(void *)link;
}

struct lane *dispatch_next_lane(const struct dispatch *dispatch, const struct lane *lane) {
    struct list *link = lane->link.next;
    return link == &dispatch->lanes ? NULL : (struct lane *)(void *)link;
}

struct lane *dispatch_lane(struct dispatch *dispatch, const char *name) {
    for (struct lane *lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane))
        if (strcmp(lane->name, name) == 0)
            return lane;
    struct lane *lane = lane_create(name, dispatch);
    lane->target = conf_target(dispatch->conf, name);
    list_append(&dispatch->lanes, &lane->link);
    return lane;
}

bool dispatch_is_quiet(const struct dispatch *dispatch) {
    time_t now = (time_t)(loop_wall(dispatch->loop) / 1000);
    struct tm tm = {0};
    localtime_r(&now, &tm); /* TZ is the configuration's: main() has set it */
    return quiet_holds(&dispatch->conf->quiet, tm.tm_wday, tm.tm_hour * 60 + tm.tm_min);
}

/* ---- Running ------------------------------------------------------------------------ */

static int64_t next_wait(struct dispatch *dispatch, bool quiet) {
    int64_t now = loop_monotonic(dispatch->loop), wall = loop_wall(dispatch->loop), wait = INT64_MAX;
    for (struct lane *lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane)) {
        if (!lane->target)
            continue; /* nothing of it will ever be due */
        int64_t due = dispatch_due(lane);
        if (due != INT64_MAX && due - now < wait)
            wait = due - now;
        for (size_t i = 0; i < lane->fold_count; i++) {
            const struct route *route = conf_route(dispatch->conf, lane->folds[i].route);
            int64_t fold = route ? fold_wait(&lane->folds[i].fold, route, wall) : -1;
            if (route && route->quiet && quiet && fold >= 0 && fold < QUIET_LOOK_MS)
                fold = QUIET_LOOK_MS;
            if (fold >= 0 && fold < wait)
                wait = fold;
        }
    }
    return wait;
}

static void run(void *context) {
    struct dispatch *dispatch = context;
    bool quiet = dispatch_is_quiet(dispatch);
    for (struct lane *lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane)) {
        if (!lane->target)
            continue;
        dispatch_release(lane, quiet);
        dispatch_start(lane);
    }
    turning_flush(dispatch->history);
    spool_flush(dispatch->spool);
    dispatch_compact(dispatch);
    int64_t wait = next_wait(dispatch, quiet);
    if (wait != INT64_MAX)
        loop_timer_start(dispatch->timer, wait > 0 ? wait : 0);
}

void dispatch_soon(struct dispatch *dispatch) {
    loop_defer(dispatch->loop, run, dispatch);
}

/* ---- Taking on ------------------------------------------------------------------------ */

struct choice {
    struct job *jobs[TARGETS_MAX];
    size_t count;
    size_t routes; /* that fit */
};

static bool chosen(const struct choice *choice, const struct lane *lane) {
    for (size_t i = 0; i < choice->count; i++)
        if (choice->jobs[i]->lane == lane)
            return true;
    return false;
}

static void make_room(struct lane *lane) {
    char reason[80];
    if (!lane->target || lane->counts[JOB_QUEUED] + lane->counts[JOB_HELD] < (size_t)lane->target->queue)
        return;
    struct job *victim = lane_victim(lane);
    snprintf(reason, sizeof reason, "%d alerts wait for the target already", lane->target->queue);
    if (victim)
        dispatch_bury(victim, reason);
}

static void choose(struct dispatch *dispatch, struct notice *notice, const struct route *route, const char *name,
                   struct choice *choice) {
    struct lane *lane = dispatch_lane(dispatch, name);
    bool states = lane->target && lane->target->template && lane->target->template->states;
    bool quiet = route->quiet && dispatch_is_quiet(dispatch);
    struct notice *origin = NULL;
    char reason[120];
    if (chosen(choice, lane) || choice->count == TARGETS_MAX)
        return; /* an earlier route has it */
    make_room(lane);
    if (states && notice->status == NOTICE_RESOLVED)
        origin = lane_firing(lane, notice);
    bool passes =
        states || fold_passes(lane_fold(lane, route->name), route, notice->level, quiet, loop_wall(dispatch->loop));
    choice->jobs[choice->count++] =
        lane_add(lane, notice, origin, route->name, passes ? JOB_QUEUED : JOB_HELD, loop_wall(dispatch->loop));
    if (passes)
        return;
    if (quiet)
        snprintf(reason, sizeof reason, "quiet hours");
    else
        snprintf(reason, sizeof reason, "more than %d alerts in %g s: waits for the digest", route->limit,
                 (double)route->window / 1000);
    dispatch_note(dispatch, notice, &(struct deed){lane->name, route->name, "held", reason, 0});
}

static void take(struct dispatch *dispatch, struct notice *notice) {
    const struct conf *conf = dispatch->conf;
    struct choice choice = {.count = 0};
    struct json_writer json;
    struct buf record;
    char reason[80];

    for (size_t i = 0; i < conf->route_count; i++) {
        const struct route *route = &conf->routes[i];
        if (!route_fits(route, notice))
            continue;
        choice.routes++;
        for (size_t t = 0; t < route->targets.count; t++)
            choose(dispatch, notice, route, route->targets.items[t], &choice);
        if (!route->more)
            break;
    }
    dispatch->counts.taken++;
    dispatch_soon(dispatch);
    if (choice.count == 0) {
        snprintf(reason, sizeof reason, "none of %zu routes fits", conf->route_count);
        dispatch_note(dispatch, notice, &(struct deed){"", "", "not routed", reason, 0});
        return;
    }
    buf_init(&record);
    record_open(&record, &json, notice, loop_wall(dispatch->loop), NULL, 0);
    for (size_t i = 0; i < choice.count; i++)
        record_job(&json, choice.jobs[i]);
    record_close(&json);
    spool_add(dispatch->spool, record.data, record.len);
    buf_finish(&record);
}

void dispatch_take(struct dispatch *dispatch, struct oversight_id id, const char *json, size_t len) {
    if (oversight_id_compare(id, dispatch->last) <= 0) {
        dispatch->counts.repeated++;
        return;
    }
    dispatch->last = id;
    dispatch_take_own(dispatch, json, len);
}

void dispatch_take_own(struct dispatch *dispatch, const char *json, size_t len) {
    struct notice *notice = notice_parse(json, len);
    if (notice)
        take(dispatch, notice);
    else
        log_error("alert", "an alert of %zu bytes cannot be understood, it is left out", len);
    notice_unref(notice);
}

void dispatch_commit(struct dispatch *dispatch) {
    spool_sync(dispatch->spool);
}

void dispatch_skip(struct dispatch *dispatch, struct oversight_id id) {
    char text[OVERSIGHT_ID_SIZE], *line;
    if (oversight_id_compare(id, dispatch->last) == 0)
        return;
    dispatch->last = id;
    line = alloc_printf("{\"last\":\"%s\"}", oversight_id_format(id, text));
    spool_add(dispatch->spool, line, strlen(line));
    free(line);
}

void dispatch_stop(struct dispatch *dispatch) {
    dispatch->stopping = true;
}

bool dispatch_is_idle(const struct dispatch *dispatch) {
    for (struct lane *lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane))
        if (lane->sending)
            return false;
    return true;
}

struct oversight_id dispatch_last(const struct dispatch *dispatch) {
    return dispatch->last;
}

/* ---- Start, reload, stop ------------------------------------------------------------------ */

static void take_conf(struct dispatch *dispatch, struct conf *conf) {
    struct conf *old = dispatch->conf;
    dispatch->conf = conf_ref(conf);
    for (struct lane *lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane))
        lane->target = conf_target(conf, lane->name);
    conf_unref(old);
}

/* What waits for a target that is no longer configured will never be delivered. */
static void bury_orphans(struct dispatch *dispatch) {
    for (struct lane *lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane)) {
        bool states = lane->target && lane->target->template && lane->target->template->states;
        while (!states && lane_first(lane, JOB_STANDING) && !lane->sending)
            dispatch_end(lane_first(lane, JOB_STANDING), "finished", "the target is not told states any more");
        if (lane->target)
            continue;
        sending_cancel(lane->sending);
        lane->sending = NULL;
        lane->batch_count = 0;
        while (lane_first(lane, JOB_STANDING))
            dispatch_end(lane_first(lane, JOB_STANDING), "finished", "the target is no longer configured");
        for (int state = JOB_QUEUED; state <= JOB_HELD; state++)
            while (lane_first(lane, (enum job_state)state))
                dispatch_bury(lane_first(lane, (enum job_state)state), "the target is no longer configured");
    }
}

void dispatch_reload(struct dispatch *dispatch, struct conf *conf) {
    take_conf(dispatch, conf);
    bury_orphans(dispatch);
    for (struct lane *lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane))
        lane->next = 0; /* what was mended is tried at once */
    dispatch_soon(dispatch);
}

struct dispatch *dispatch_create(struct loop *loop, struct sender *sender, struct conf *conf) {
    struct dispatch *dispatch = alloc_zero(1, sizeof *dispatch);
    dispatch->loop = loop;
    dispatch->sender = sender;
    list_init(&dispatch->lanes);
    take_conf(dispatch, conf);
    dispatch->timer = loop_timer_create(loop, LOOP_NORMAL, run, dispatch);
    dispatch->history = turning_open(conf->state_dir, "deliveries.log", (size_t)conf->history_bytes);
    dispatch->dead = turning_open(conf->state_dir, "dead-letters.log", DEAD_BYTES);
    if (dispatch->history && dispatch->dead)
        dispatch->spool = spool_open(conf->state_dir, dispatch_load, dispatch);
    if (!dispatch->spool) {
        dispatch_destroy(dispatch);
        return NULL;
    }
    dispatch_restore(dispatch);
    bury_orphans(dispatch);
    dispatch_soon(dispatch);
    return dispatch;
}

void dispatch_destroy(struct dispatch *dispatch) {
    if (!dispatch)
        return;
    loop_defer_cancel(dispatch->loop, run, dispatch);
    loop_timer_destroy(dispatch->timer);
    while (dispatch_first_lane(dispatch)) {
        sending_cancel(dispatch_first_lane(dispatch)->sending);
        lane_destroy(dispatch_first_lane(dispatch));
    }
    if (dispatch->spool)
        spool_sync(dispatch->spool);
    spool_close(dispatch->spool);
    turning_close(dispatch->history);
    turning_close(dispatch->dead);
    conf_unref(dispatch->conf);
    free(dispatch);
}

struct dispatch_counts dispatch_counts(const struct dispatch *dispatch) {
    struct dispatch_counts counts = dispatch->counts;
    for (struct lane *lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane)) {
        counts.queued += lane->counts[JOB_QUEUED];
        counts.held += lane->counts[JOB_HELD];
        counts.standing += lane->counts[JOB_STANDING];
    }
    return counts;
}
