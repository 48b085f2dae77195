/* Pieces of JSON that events and replies share. */
#ifndef OV_RENDER_EVIDENCE_H
#define OV_RENDER_EVIDENCE_H

#include "common/json_write.h"
#include "daemon/engine/alert.h"

/* A figure as it was reported: a number, a rating word, true or false. */
void json_figure(struct json_writer *json, const char *key, const struct measure *measure, double figure);
/* Nothing for OV_DAY_NONE. */
void json_date(struct json_writer *json, const char *key, ov_day day);
void json_alert_id(struct json_writer *json, const char *key, struct alert_id id);

/* {"measure", "period", "value", "unit", "rank", "n", "band", ...}: what applies. */
void json_evidence(struct json_writer *json, const struct evidence *evidence);
/* "evidence":[...]; absent when there is none. */
void json_evidence_list(struct json_writer *json, const struct alert_trigger *trigger);
/* "score":{...}; absent when not scored. grounds may be NULL. */
void json_score(struct json_writer *json, const struct score_verdict *score, const struct score_grounds *grounds);
/* "direction":"higher" or "lower"; absent for measures that are neither. */
void json_direction(struct json_writer *json, const struct measure *measure);

#endif
