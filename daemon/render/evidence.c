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

void json_direction(struct json_writer *json, const struct measure *measure) {
    if (measure->kind == MEASURE_NUMBER && measure->direction != DIRECTION_NEUTRAL)
        json_string(json, "direction", direction_name(measure->direction));
}

/* What the cut is interpolated from. */
static void put_quantile(struct json_writer *json, const struct evidence *evidence) {
    json_object(json, "quantile");
    json_number(json, "order", evidence->order);
    json_array(json, "between");
    json_number(json, NULL, evidence->between[0]);
    json_number(json, NULL, evidence->between[1]);
    json_array_end(json);
    json_uint(json, "beyond", evidence->beyond);
    json_object_end(json);
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
    json_direction(json, measure);
    if (evidence->has_fall)
        json_number(json, "fall", evidence->fall);
    if (evidence->ranked) {
        json_uint(json, "rank", evidence->rank);
        json_uint(json, "n", evidence->n);
        json_uint(json, "equal", evidence->equal);
    }
    if (evidence->has_band)
        json_string(json, "band", signal_kind_name(evidence->band));
    if (evidence->has_cut) {
        json_number(json, "cut", evidence->cut);
        json_number(json, "distance", evidence->distance);
    }
    if (evidence->has_band)
        json_uint(json, "places", evidence->places);
    if (evidence->has_quantile)
        put_quantile(json, evidence);
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

static void put_grounds(struct json_writer *json, const struct score_grounds *grounds) {
    json_date(json, "period", grounds->period);
    json_array(json, "parts");
    for (size_t i = 0; i < grounds->part_count; i++) {
        json_object(json, NULL);
        json_string(json, "measure", grounds->parts[i].measure->id);
        json_number(json, "score", grounds->parts[i].score);
        json_number(json, "weight", grounds->parts[i].measure->score.weight);
        json_object_end(json);
    }
    json_array_end(json);
    if (grounds->has_cuts) {
        json_array(json, "cuts");
        for (int i = 0; i < 3; i++)
            json_number(json, NULL, grounds->cuts[i]);
        json_array_end(json);
    }
    json_bool(json, "deficit", grounds->deficit);
    json_bool(json, "recovery", grounds->recovery);
}

void json_score(struct json_writer *json, const struct score_verdict *score, const struct score_grounds *grounds) {
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
    if (grounds)
        put_grounds(json, grounds);
    json_object_end(json);
}
