/* The spool read back, and written anew. */
#include <stdlib.h>
#include <string.h>

#include "clients/oncall/dispatch_state.h"
#include "common/log.h"

static const char *string_of(const cJSON *line, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(line, name);
    return cJSON_IsString(member) ? member->valuestring : "";
}

static int64_t number_of(const cJSON *line, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(line, name);
    return cJSON_IsNumber(member) ? (int64_t)member->valuedouble : 0;
}

static struct notice *notice_of(const cJSON *line, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(line, name);
    char *json = member ? cJSON_PrintUnformatted(member) : NULL;
    struct notice *notice = json ? notice_parse(json, strlen(json)) : NULL;
    cJSON_free(json);
    return notice;
}

static void take_last(struct dispatch *dispatch, const char *text) {
    struct oversight_id id;
    if (oversight_id_parse(text, strlen(text), &id) && oversight_id_compare(id, dispatch->last) > 0)
        dispatch->last = id;
}

static void load_folds(struct lane *lane, const cJSON *folds) {
    const cJSON *id;
    cJSON_ArrayForEach(id, folds) {
        struct job *job = cJSON_IsString(id) ? lane_find(lane, id->valuestring, JOB_HELD, JOB_HELD) : NULL;
        if (job)
            lane_remove(job);
    }
}

static void load_add(struct dispatch *dispatch, const cJSON *line) {
    struct notice *notice = notice_of(line, "event");
    const cJSON *jobs = cJSON_GetObjectItemCaseSensitive(line, "jobs"), *entry;
    if (!notice) {
        log_error("spool", "a record without a usable event, left out");
        return;
    }
    take_last(dispatch, notice->id);
    cJSON_ArrayForEach(entry, jobs) {
        struct lane *lane = dispatch_lane(dispatch, string_of(entry, "target"));
        struct notice *origin = notice_of(entry, "origin");
        bool held = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(entry, "held"));
        load_folds(lane, cJSON_GetObjectItemCaseSensitive(line, "folds"));
        lane_add(lane, notice, origin, string_of(entry, "route"), held ? JOB_HELD : JOB_QUEUED,
                 number_of(line, "time"));
        notice_unref(origin);
    }
    notice_unref(notice);
}

static struct job *job_of(struct dispatch *dispatch, const cJSON *line, const char *step) {
    struct lane *lane = dispatch_lane(dispatch, string_of(line, "target"));
    return lane_find(lane, string_of(line, step), JOB_QUEUED, JOB_STANDING);
}

void dispatch_load(void *context, const cJSON *line) {
    struct dispatch *dispatch = context;
    struct job *job;
    if (cJSON_HasObjectItem(line, "add")) {
        load_add(dispatch, line);
    } else if (cJSON_HasObjectItem(line, "last")) {
        /* Also backwards: a daemon that has lost its store counts from the beginning. */
        oversight_id_parse(string_of(line, "last"), strlen(string_of(line, "last")), &dispatch->last);
    } else if (cJSON_HasObjectItem(line, "done")) {
        if ((job = job_of(dispatch, line, "done")))
            lane_remove(job);
    } else if (cJSON_HasObjectItem(line, "free")) {
        if ((job = job_of(dispatch, line, "free")))
            lane_move(job, JOB_QUEUED);
    } else if (cJSON_HasObjectItem(line, "stand")) {
        if ((job = job_of(dispatch, line, "stand"))) {
            job->stood = number_of(line, "time");
            job->ends = number_of(line, "ends");
            lane_move(job, JOB_STANDING);
        }
    } else {
        log_warning("spool", "a record of an unknown kind, left out");
    }
}

void dispatch_restore(struct dispatch *dispatch) {
    for (struct lane *lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane))
        for (struct job *job = lane_first(lane, JOB_HELD); job; job = lane_next(job))
            fold_restore(lane_fold(lane, job->route), loop_wall(dispatch->loop));
}

/* ---- Written anew ---------------------------------------------------------------------- */

static void put_job(struct buf *records, const struct job *job) {
    struct json_writer json;
    record_open(records, &json, job->notice, job->since, NULL, 0);
    record_job(&json, job);
    record_close(&json);
    buf_append_char(records, '\n');
    if (job->state != JOB_STANDING)
        return;
    record_step(records, "stand", job);
    buf_append_char(records, '\n');
}

static void put_jobs(const struct lane *lane, struct buf *records) {
    static const enum job_state order[] = {JOB_STANDING, JOB_HELD, JOB_QUEUED};
    for (int i = 0; i < 3; i++)
        for (const struct job *job = lane_first(lane, order[i]); job; job = lane_next(job))
            put_job(records, job);
}

void dispatch_compact(struct dispatch *dispatch) {
    char id[OVERSIGHT_ID_SIZE];
    struct buf records;
    struct lane *lane;
    size_t live = 0;
    for (lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane))
        live += lane->bytes;
    if (!spool_is_stale(dispatch->spool, live))
        return;
    buf_init(&records);
    buf_printf(&records, "{\"last\":\"%s\"}\n", oversight_id_format(dispatch->last, id));
    for (lane = dispatch_first_lane(dispatch); lane; lane = dispatch_next_lane(dispatch, lane))
        put_jobs(lane, &records);
    spool_rewrite(dispatch->spool, &records);
    buf_finish(&records);
}
