/* The snapshot and one organisation in full. */
#include <string.h>

#include "daemon/render/answer_impl.h"
#include "daemon/render/evidence.h"

/* ---- The row that both have ------------------------------------------------ */

static bool type_within(const struct answer *answer, const struct organisation *organisation, uint32_t types) {
    uint16_t type = framework_type(answer->framework, organisation->type);
    return type != INDEX_NONE && (types >> type & 1);
}

static void put_names(struct json_writer *json, const struct organisation *organisation) {
    json_string(json, "code", organisation->code);
    json_string(json, "name", organisation->name);
    json_string(json, "type", organisation->type);
    json_string(json, "region", organisation->region);
    json_string(json, "system", organisation->system);
    if (organisation->group[0])
        json_string(json, "group", organisation->group);
}

static void put_held(struct json_writer *json, const struct answer *answer, uint32_t org) {
    const struct framework *framework = answer->framework;
    const struct organisation *organisation = registry_at(engine_registry(answer->engine), org);
    json_array(json, "held");
    for (size_t i = 0; i < framework->measure_count; i++) {
        if (type_within(answer, organisation, framework->measures[i].applies_to) &&
            engine_held(answer->engine, answer->framework_index, org, (uint16_t)i))
            json_string(json, NULL, framework->measures[i].id);
    }
    json_array_end(json);
}

static void put_trigger_ids(struct json_writer *json, const char *key, const struct framework *framework,
                            uint64_t mask) {
    json_array(json, key);
    for (size_t i = 0; i < framework->trigger_count && i < TRIGGERS_MAX; i++) {
        if (mask >> i & 1)
            json_string(json, NULL, framework->triggers[i].id);
    }
    json_array_end(json);
}

static void put_headroom(struct json_writer *json, const struct answer *answer, uint32_t org) {
    struct headroom headroom;
    engine_headroom(answer->engine, answer->framework_index, org, &headroom);
    if (!headroom.known)
        return;
    json_object(json, "headroom");
    json_int(json, "segment", headroom.segment);
    if (headroom.ground)
        json_string(json, "trigger", headroom.ground->id);
    if (headroom.measure < answer->framework->measure_count)
        json_string(json, "measure", answer->framework->measures[headroom.measure].id);
    if (headroom.moves) {
        json_number(json, "figure", headroom.figure);
        json_number(json, "distance", headroom.distance);
    }
    if (headroom.moves && headroom.has_places)
        json_uint(json, "places", headroom.places);
    if (headroom.measures > 1)
        json_int(json, "measures", headroom.measures);
    if (headroom.periods > 1)
        json_int(json, "periods", headroom.periods);
    json_object_end(json);
}

static void put_row(struct json_writer *json, const struct answer *answer, uint32_t org,
                    const struct standing *standing) {
    const struct organisation *organisation = registry_at(engine_registry(answer->engine), org);
    put_names(json, organisation);
    json_int(json, "indicative", standing->indicative);
    json_int(json, "official", standing->official);
    json_date(json, "since", standing->since);
    if (standing->closed)
        json_date(json, "closed", organisation->closed);
    put_trigger_ids(json, "on", answer->framework, standing->triggers_on);
    put_held(json, answer, org);
    put_trigger_ids(json, "unknown", answer->framework, standing->triggers_unknown);
    json_score(json, &standing->score, NULL);
    put_headroom(json, answer, org);
    json_array(json, "alerts");
    for (size_t i = 0; i < standing->open_count; i++)
        json_alert_id(json, NULL, standing->open_alerts[i]);
    json_array_end(json);
}

/* ---- Snapshot --------------------------------------------------------------- */

static void snapshot_head(struct json_writer *json, const void *context) {
    const struct answer *answer = context;
    json_alert_id(json, "last", answer->last);
    json_alert_id(json, "newest", engine_last_alert_id(answer->engine));
    json_string(json, "framework", answer->framework->id);
    json_date(json, "date", engine_date(answer->engine));
}

void answer_snapshot(const struct answer *answer) {
    struct parts parts = answer_parts(answer, "organisations", snapshot_head, NULL, answer);
    uint32_t count = registry_count(engine_registry(answer->engine));
    parts_begin(&parts);
    for (uint32_t org = 0; org < count; org++) {
        struct standing standing;
        engine_standing(answer->engine, answer->framework_index, org, &standing);
        if (!standing.assessed)
            continue;
        struct json_writer *json = parts_next(&parts);
        json_object(json, NULL);
        put_row(json, answer, org, &standing);
        json_object_end(json);
    }
    parts_end(&parts);
}

/* ---- One organisation ------------------------------------------------------- */

void answer_domains(const struct answer *answer, struct json_writer *json, uint32_t org) {
    const struct framework *framework = answer->framework;
    bool any = false;
    double score;
    for (size_t i = 0; i < framework->theme_count; i++) {
        if (!engine_domain_score(answer->engine, answer->framework_index, org, (uint16_t)i, &score))
            continue;
        if (!any)
            json_array(json, "domains");
        any = true;
        json_object(json, NULL);
        json_string(json, "theme", framework->themes[i]);
        json_number(json, "score", score);
        json_object_end(json);
    }
    if (any)
        json_array_end(json);
}

static void put_signal(struct json_writer *json, const struct measure *measure, const struct signal_row *row) {
    const struct evidence *evidence = &row->evidence;
    json_object(json, NULL);
    json_string(json, "measure", measure->id);
    json_date(json, "period", evidence->period);
    json_figure(json, "value", measure, evidence->value);
    if (measure->unit && measure->unit[0])
        json_string(json, "unit", measure->unit);
    if (evidence->ranked) {
        json_uint(json, "rank", evidence->rank);
        json_uint(json, "n", evidence->n);
    }
    json_array(json, "bands");
    if (row->bottom_decile)
        json_string(json, NULL, signal_kind_name(SIGNAL_BOTTOM_DECILE));
    if (row->bottom_quartile)
        json_string(json, NULL, signal_kind_name(SIGNAL_BOTTOM_QUARTILE));
    if (row->top_quartile)
        json_string(json, NULL, signal_kind_name(SIGNAL_TOP_QUARTILE));
    json_array_end(json);
    if (row->has_point) {
        if (row->rule != SPC_RULE_NONE)
            json_string(json, "special_cause", spc_rule_name(row->rule, row->rule_high));
        json_string(json, "point_type", spc_point_type_name(row->point_type, row->rule_high));
        json_string(json, "variation", spc_variation_name(row->point_type, row->rule_high));
    }
    if (row->drop)
        json_bool(json, "drop", true);
    json_bool(json, "held", evidence->held);
    if (evidence->unknown)
        json_bool(json, "unknown", true);
    if (evidence->has_score)
        json_number(json, "score", evidence->score);
    json_object_end(json);
}

static void put_signals(struct json_writer *json, const struct answer *answer, uint32_t org) {
    const struct framework *framework = answer->framework;
    json_array(json, "signals");
    for (size_t i = 0; i < framework->measure_count; i++) {
        struct signal_row row;
        if (engine_signal(answer->engine, answer->framework_index, org, (uint16_t)i, &row))
            put_signal(json, &framework->measures[i], &row);
    }
    json_array_end(json);
}

static void put_trigger(struct json_writer *json, const struct alert_trigger *trigger, const char *state, bool on) {
    json_string(json, "id", trigger->trigger->id);
    if (trigger->trigger->title)
        json_string(json, "title", trigger->trigger->title);
    json_int(json, "segment", trigger->trigger->segment);
    json_bool(json, state, on);
    json_bool(json, "unknown", trigger->unknown);
    if (on)
        json_date(json, "since", trigger->since);
    if (on)
        json_uint(json, "for", trigger->periods);
}

static void put_triggers(struct json_writer *json, const struct answer *answer, uint32_t org,
                         const struct standing *standing) {
    const struct framework *framework = answer->framework;
    const struct organisation *organisation = registry_at(engine_registry(answer->engine), org);
    struct changes changes;
    changes_init(&changes);
    json_array(json, "triggers");
    for (size_t i = 0; i < framework->trigger_count && i < TRIGGERS_MAX; i++) {
        struct alert_trigger trigger = {.since = OV_DAY_NONE};
        if (!type_within(answer, organisation, framework->triggers[i].applies_to))
            continue;
        engine_trigger(answer->engine, answer->framework_index, org, (uint16_t)i, &changes, &trigger);
        trigger.trigger = &framework->triggers[i];
        trigger.unknown = standing->triggers_unknown >> i & 1;
        json_object(json, NULL);
        put_trigger(json, &trigger, "on", standing->triggers_on >> i & 1);
        json_bool(json, "latched", standing->triggers_latched >> i & 1);
        json_evidence_list(json, &trigger);
        json_object_end(json);
    }
    json_array_end(json);
    json_array(json, "conditions");
    for (size_t i = 0; i < framework->promotion_count; i++) {
        struct alert_trigger trigger = {.since = OV_DAY_NONE};
        bool met = false;
        if (!type_within(answer, organisation, framework->promotion[i].applies_to))
            continue;
        engine_condition(answer->engine, answer->framework_index, org, (uint16_t)i, &changes, &trigger, &met);
        trigger.trigger = &framework->promotion[i];
        json_object(json, NULL);
        put_trigger(json, &trigger, "met", met);
        json_evidence_list(json, &trigger);
        json_object_end(json);
    }
    json_array_end(json);
    changes_finish(&changes);
}

static void put_programmes(struct json_writer *json, const struct answer *answer, uint32_t org) {
    struct programme_row row;
    json_array(json, "programmes");
    for (size_t i = 0; engine_programme_at(answer->engine, answer->framework_index, org, i, &row); i++) {
        json_object(json, NULL);
        json_string(json, "programme", row.programme->id);
        json_string(json, "name", row.programme->name);
        json_date(json, "entered", row.entered);
        json_date(json, "review_by", row.review_by);
        json_date(json, "limit", row.limit);
        if (row.exit_criteria && row.exit_criteria[0])
            json_string(json, "exit_criteria", row.exit_criteria);
        json_date(json, "left", row.left);
        if (row.due)
            json_bool(json, "due", true);
        if (row.overdue)
            json_bool(json, "overdue", true);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Peers of support: the others of its provider chain or group. */
static void put_group(struct json_writer *json, const struct answer *answer, uint32_t org) {
    const struct registry *registry = engine_registry(answer->engine);
    const char *group = registry_at(registry, org)->group;
    if (!group[0])
        return;
    json_array(json, "group_members");
    for (uint32_t other = 0; other < registry_count(registry); other++) {
        const struct organisation *organisation = registry_at(registry, other);
        struct standing standing;
        if (other == org || strcmp(organisation->group, group) != 0)
            continue;
        engine_standing(answer->engine, answer->framework_index, other, &standing);
        json_object(json, NULL);
        json_string(json, "code", organisation->code);
        json_string(json, "name", organisation->name);
        json_string(json, "type", organisation->type);
        json_int(json, "indicative", standing.indicative);
        json_int(json, "official", standing.official);
        if (standing.closed)
            json_date(json, "closed", organisation->closed);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_history(struct json_writer *json, const struct standing *standing) {
    char time[OV_TIME_SIZE];
    json_array(json, "history");
    for (size_t i = 0; i < standing->move_count; i++) {
        json_object(json, NULL);
        json_string(json, "time", date_format_time(standing->moves[i].time, time));
        json_int(json, "before", standing->moves[i].before);
        json_int(json, "after", standing->moves[i].after);
        if (standing->moves[i].alert.seq)
            json_alert_id(json, "alert", standing->moves[i].alert);
        json_object_end(json);
    }
    json_array_end(json);
}

/* One that it came from: where it stood, and its history, which stays readable. */
static void put_predecessor(struct json_writer *json, const struct answer *answer, struct text code) {
    const struct registry *registry = engine_registry(answer->engine);
    uint32_t org = registry_find(registry, code);
    struct standing standing;
    json_object(json, NULL);
    json_text(json, "code", code);
    if (org != ORG_NONE) {
        engine_standing(answer->engine, answer->framework_index, org, &standing);
        json_string(json, "name", registry_at(registry, org)->name);
        json_date(json, "closed", registry_at(registry, org)->closed);
        json_int(json, "indicative", standing.indicative);
        json_int(json, "official", standing.official);
        put_history(json, &standing);
    }
    json_object_end(json);
}

static void put_family(struct json_writer *json, const struct answer *answer, uint32_t org) {
    const struct registry *registry = engine_registry(answer->engine);
    const struct organisation *organisation = registry_at(registry, org);
    const char *at = organisation->predecessors;
    json_date(json, "opened", organisation->opened);
    if (organisation->successor[0]) {
        uint32_t successor = registry_find(registry, text_of(organisation->successor));
        json_object(json, "successor");
        json_string(json, "code", organisation->successor);
        if (successor != ORG_NONE)
            json_string(json, "name", registry_at(registry, successor)->name);
        json_object_end(json);
    }
    if (!at[0])
        return;
    json_array(json, "predecessors");
    while (at[0]) {
        size_t len = strcspn(at, " ");
        put_predecessor(json, answer, (struct text){at, len});
        at += len + (at[len] == ' ');
    }
    json_array_end(json);
}

void answer_one_organisation(const struct answer *answer) {
    uint32_t org = answer_organisation(answer);
    struct standing standing;
    struct json_writer json;
    struct buf buf;
    if (org == ORG_NONE)
        return;
    engine_standing(answer->engine, answer->framework_index, org, &standing);
    buf_init(&buf);
    json_init(&json, &buf);
    json_object(&json, NULL);
    json_string(&json, "framework", answer->framework->id);
    put_row(&json, answer, org, &standing);
    answer_domains(answer, &json, org);
    put_signals(&json, answer, org);
    put_triggers(&json, answer, org, &standing);
    put_programmes(&json, answer, org);
    put_group(&json, answer, org);
    put_family(&json, answer, org);
    put_history(&json, &standing);
    json_object_end(&json);
    answer->emit(answer->context, buf.data, buf.len);
    buf_finish(&buf);
}
