#include "daemon/render/event.h"

#include <string.h>

#include "common/json_write.h"
#include "daemon/render/check.h"
#include "daemon/render/evidence.h"

static void put_framework(struct json_writer *json, const struct framework *framework) {
    if (!framework)
        return;
    json_object(json, "framework");
    json_string(json, "id", framework->id);
    json_string(json, "digest", framework->digest);
    json_object_end(json);
}

static void put_organisation(struct json_writer *json, const struct organisation *organisation) {
    if (!organisation)
        return;
    json_object(json, "organisation");
    json_string(json, "code", organisation->code);
    json_string(json, "name", organisation->name);
    json_string(json, "type", organisation->type);
    json_string(json, "region", organisation->region);
    if (*organisation->system)
        json_string(json, "system", organisation->system);
    if (*organisation->group)
        json_string(json, "group", organisation->group);
    json_object_end(json);
}

static void put_segment(struct json_writer *json, const struct alert *alert) {
    if (alert->has_segment) {
        json_object(json, "segment");
        json_int(json, "before", alert->before);
        json_int(json, "after", alert->after);
        json_int(json, "official", alert->official);
        json_object_end(json);
    }
    if (alert->consequence)
        json_string(json, "consequence", alert->consequence);
}

static void put_cause(struct json_writer *json, const struct alert *alert) {
    const struct cause *cause = &alert->cause;
    if (alert->attribution != ATTRIBUTION_NONE)
        json_string(json, "attribution", attribution_name(alert->attribution));
    if (!cause->source[0])
        return;
    json_object(json, "cause");
    json_string(json, "source", cause->source);
    json_uint(json, "seq", cause->seq);
    if (cause->measure[0]) {
        json_string(json, "measure", cause->measure);
        json_date(json, "period", cause->period);
    }
    json_object_end(json);
}

static void put_triggers(struct json_writer *json, const struct alert *alert) {
    if (alert->trigger_count == 0)
        return;
    json_array(json, "triggers");
    for (size_t i = 0; i < alert->trigger_count; i++) {
        const struct alert_trigger *on = &alert->triggers[i];
        json_object(json, NULL);
        json_string(json, "id", on->trigger->id);
        if (on->trigger->title)
            json_string(json, "title", on->trigger->title);
        json_int(json, "segment", on->trigger->segment);
        json_date(json, "since", on->since);
        json_uint(json, "for", on->periods);
        if (on->unknown)
            json_bool(json, "unknown", true);
        json_evidence_list(json, on);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Of a drop, a recovery, missing data: limits stand beside the figure here. */
static void put_evidence(struct json_writer *json, const struct alert *alert) {
    const struct evidence *evidence = &alert->evidence;
    if (!alert->has_evidence || !evidence->measure)
        return;
    json_object(json, "evidence");
    json_string(json, "measure", evidence->measure->id);
    json_date(json, "period", evidence->period);
    json_figure(json, "value", evidence->measure, evidence->value);
    if (evidence->has_before)
        json_figure(json, "before", evidence->measure, evidence->before);
    if (evidence->measure->unit && evidence->measure->unit[0])
        json_string(json, "unit", evidence->measure->unit);
    json_direction(json, evidence->measure);
    if (evidence->has_fall)
        json_number(json, "fall", evidence->fall);
    if (evidence->has_limits) {
        json_number(json, "mean", evidence->mean);
        json_number(json, "lower", evidence->lower);
        json_number(json, "upper", evidence->upper);
    }
    json_object_end(json);
}

static void put_refers(struct json_writer *json, const struct alert *alert) {
    if (alert->refer_count == 0)
        return;
    json_array(json, "refers");
    for (size_t i = 0; i < alert->refer_count; i++)
        json_alert_id(json, NULL, alert->refers[i]);
    json_array_end(json);
}

static void put_data(struct json_writer *json, const struct alert *alert, const char *durability) {
    json_object(json, "data");
    json_string(json, "key", alert->key);
    json_string(json, "kind", alert_kind_name(alert->kind));
    json_string(json, "severity", severity_name(alert->severity));
    json_string(json, "durability", durability);
    json_string(json, "summary", alert->summary);
    if (alert->detail)
        json_string(json, "detail", alert->detail);
    put_framework(json, alert->framework);
    put_organisation(json, alert->organisation);
    put_segment(json, alert);
    put_cause(json, alert);
    put_triggers(json, alert);
    put_evidence(json, alert);
    json_score(json, &alert->score, alert->score_grounds);
    put_refers(json, alert);
    json_object_end(json);
}

/* The check goes in as the last member of data, which ends the event. */
static void put_check(struct buf *buf, size_t start) {
    static const char END[] = "}}";
    char check[RENDER_CHECK_SIZE];

    if (!render_check_text((struct text){buf->data + start, buf->len - start}, check)) /* no memory */
        return;
    buf_truncate(buf, buf->len - strlen(END));
    buf_printf(buf, ",\"check\":\"%s\"%s", check, END);
}

void render_event(const struct alert *alert, const struct render_context *context, struct buf *buf) {
    struct json_writer json;
    struct buf text;
    char time[OV_TIME_SIZE];
    size_t start = buf->len;
    buf_init(&text);
    json_init(&json, buf);
    json_object(&json, NULL);
    json_string(&json, "specversion", "1.0");
    json_alert_id(&json, "id", alert->id);
    buf_printf(&text, "/oversightd/%s", context->instance);
    json_string(&json, "source", text.data);
    buf_clear(&text);
    buf_printf(&text, "org.oversightd.%s.v1", alert_kind_name(alert->kind));
    json_string(&json, "type", text.data);
    json_string(&json, "subject", alert_subject(alert));
    json_string(&json, "time", date_format_time(alert->time, time));
    json_string(&json, "datacontenttype", "application/json");
    put_data(&json, alert, context->durability);
    json_object_end(&json);
    put_check(buf, start);
    buf_finish(&text);
}
