#include "clients/oncall/record.h"

#include "common/date.h"

void record_open(struct buf *buf, struct json_writer *json, const struct notice *notice, int64_t time,
                 struct job *const *folds, size_t fold_count) {
    json_init(json, buf);
    json_object(json, NULL);
    json_string(json, "add", notice->id);
    json_int(json, "time", time);
    json_raw(json, "event", (struct text){notice->json, notice->len});
    if (fold_count > 0) {
        json_array(json, "folds");
        for (size_t i = 0; i < fold_count; i++)
            json_string(json, NULL, folds[i]->notice->id);
        json_array_end(json);
    }
    json_array(json, "jobs");
}

void record_job(struct json_writer *json, const struct job *job) {
    json_object(json, NULL);
    json_string(json, "target", job->lane->name);
    json_string(json, "route", job->route);
    if (job->state == JOB_HELD)
        json_bool(json, "held", true);
    if (job->origin)
        json_raw(json, "origin", (struct text){job->origin->json, job->origin->len});
    json_object_end(json);
}

void record_close(struct json_writer *json) {
    json_array_end(json);
    json_object_end(json);
}

void record_step(struct buf *buf, const char *step, const struct job *job) {
    struct json_writer json;
    json_init(&json, buf);
    json_object(&json, NULL);
    json_string(&json, step, job->notice->id);
    json_string(&json, "target", job->lane->name);
    if (job->stood != 0) {
        json_int(&json, "time", job->stood);
        json_int(&json, "ends", job->ends);
    }
    json_object_end(&json);
}

static void put_deed(struct json_writer *json, const struct notice *notice, const struct deed *deed, int64_t now) {
    char time[OV_TIME_SIZE];
    json_string(json, "time", date_format_time(now, time));
    json_string(json, "alert", notice->id);
    json_string(json, "kind", notice->kind);
    json_string(json, "severity", level_name(notice->level));
    json_string(json, "subject", notice->subject);
    if (deed->target[0])
        json_string(json, "target", deed->target);
    if (deed->route[0])
        json_string(json, "route", deed->route);
    json_string(json, "result", deed->result);
    json_string(json, "reason", deed->reason);
    if (deed->tries > 0)
        json_uint(json, "tries", deed->tries);
}

void record_deed(struct buf *buf, const struct notice *notice, const struct deed *deed, int64_t now) {
    struct json_writer json;
    json_init(&json, buf);
    json_object(&json, NULL);
    put_deed(&json, notice, deed, now);
    json_object_end(&json);
}

void record_dead(struct buf *buf, const struct notice *notice, const struct deed *deed, int64_t now) {
    struct json_writer json;
    json_init(&json, buf);
    json_object(&json, NULL);
    put_deed(&json, notice, deed, now);
    json_raw(&json, "event", (struct text){notice->json, notice->len});
    json_object_end(&json);
}
