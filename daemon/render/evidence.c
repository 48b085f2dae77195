#include "daemon/render/evidence.h"

void json_figure(struct json_writer *json, const char *key, const struct measure *measure, double figure) {
    switch (measure->kind) {
    case MEASURE_RATING:
        if (figure >= 0 && figure < (double)measure->word_count) {
            json_string(json, key, measure->words[(size_t)figure]);
            return;
        }
        break;
    case MEASURE_FLAG:
        json_bool(json, key, figure > 0);
        return;
    case MEASURE_NUMBER:
        break;
    }
    json_number(json, key, figure);
}

void json_date(struct json_writer *json, const char *key, ov_day day) {
    char date[OV_DATE_SIZE];
    if (day != OV_DAY_NONE)
        json_string(json, key, date_format(day, date));
}

void json_alert_id(struct json_writer *json, const char *key, struct alert_id id) {
    char text[ALERT_ID_SIZE];
    json_string(json, key, alert_id_format(id, text));
}

void json_evidence(struct json_writer *json, const struct evidence *evidence) {
    const struct measure *measure = evidence->measure;
    json_object(json, NULL);
    json_string(json, "measure", measure->id);
    json_date(json, "period", evidence->period);
    json_figure(json, "value", measure, evidence->value);
    if (evidence->has_before)
        json_figure(json, "before", measure, evidence->before);
    if (measure->unit && measure->unit[0])
        json_string(json, "unit", measure->unit);
    if (evidence->ranked) {
        json_uint(json, "rank", evidence->rank);
        json_uint(json, "n", evidence->n);
    }
    if (evidence->has_band)
        json_string(json, "band", signal_kind_name(evidence->band));
    if (evidence->has_cut) {
        json_number(json, "cut", evidence->cut);
        json_number(json, "distance", evidence->distance);
    }
    if (evidence->has_band)
        json_uint(json, "places", evidence->places);
    if (evidence->held)
        json_bool(json, "held", true);
    if (evidence->unknown)
        json_bool(json, "unknown", true);
    if (evidence->has_limits) {
        json_object(json, "limits");
        json_number(json, "mean", evidence->mean);
        json_number(json, "lower", evidence->lower);
        json_number(json, "upper", evidence->upper);
        json_object_end(json);
    }
    if (evidence->has_score)
        json_number(json, "score", evidence->score);
    json_object_end(json);
}

void json_evidence_list(struct json_writer *json, const struct alert_trigger *trigger) {
    if (trigger->evidence_count == 0)
        return;
    json_array(json, "evidence");
    for (size_t i = 0; i < trigger->evidence_count; i++) {
        if (trigger->evidence[i].measure)
            json_evidence(json, &trigger->evidence[i]);
    }
    json_array_end(json);
}

void json_score(struct json_writer *json, const struct score_verdict *score) {
    if (!score->scored && !score->unknown)
        return;
    json_object(json, "score");
    json_number(json, "average", score->average);
    json_int(json, "unadjusted", score->unadjusted);
    json_int(json, "adjusted", score->adjusted);
    if (score->scored) {
        json_uint(json, "rank", score->rank);
        json_uint(json, "n", score->n);
    } else {
        json_bool(json, "unknown", true);
    }
    json_object_end(json);
}
