/*
 * What an engine of one's own needs to judge the same: the register, the
 * figures of a measure, decisions and steps, and what the verdicts hold beyond
 * these. "oversightctl what-if" asks for them.
 */
#include "daemon/render/answer_impl.h"
#include "daemon/render/evidence.h"

/* ---- The register --------------------------------------------------------------- */

static void put_text(struct json_writer *json, const char *key, const char *text) {
    if (text && text[0])
        json_string(json, key, text);
}

void answer_registry(const struct answer *answer) {
    const struct registry *registry = engine_registry(answer->engine);
    struct parts parts = answer_parts(answer, "organisations", NULL, NULL, NULL);
    parts_begin(&parts);
    for (uint32_t org = 0; org < registry_count(registry); org++) {
        const struct organisation *organisation = registry_at(registry, org);
        struct json_writer *json = parts_next(&parts);
        json_object(json, NULL);
        json_string(json, "code", organisation->code);
        json_string(json, "name", organisation->name);
        json_string(json, "type", organisation->type);
        put_text(json, "subtype", organisation->subtype);
        put_text(json, "region", organisation->region);
        put_text(json, "system", organisation->system);
        put_text(json, "group", organisation->group);
        json_date(json, "opened", organisation->opened);
        json_date(json, "closed", organisation->closed);
        put_text(json, "successor", organisation->successor);
        put_text(json, "predecessors", organisation->predecessors);
        json_object_end(json);
    }
    parts_end(&parts);
}

/* ---- Figures -------------------------------------------------------------------- */

struct export {
    const struct answer *answer;
    struct parts *parts;
    const struct organisation *organisation;
    const char *programme;
};

static void figures_head(struct json_writer *json, const void *context) {
    const struct answer *answer = context;
    json_string(json, "measure", answer->request->measure);
}

static void put_figure(void *context, const struct figure_change *figure) {
    const struct export *export = context;
    struct json_writer *json = parts_next(export->parts);
    json_object(json, NULL);
    json_string(json, "org", registry_at(engine_registry(export->answer->engine), figure->org)->code);
    json_date(json, "period", figure->period);
    if (figure->value.type == VALUE_NUMBER)
        json_number(json, "value", figure->value.number);
    else if (figure->value.type == VALUE_WORD)
        json_text(json, "value", figure->value.word);
    else if (figure->value.type == VALUE_BOOLEAN)
        json_bool(json, "value", figure->value.boolean);
    else
        json_null(json, "value");
    if (figure->revision)
        json_uint(json, "revision", figure->revision);
    json_object_end(json);
}

void answer_figures(const struct answer *answer) {
    struct parts parts = answer_parts(answer, "figures", figures_head, NULL, answer);
    struct export export = {.answer = answer, .parts = &parts};
    if (answer_measure(answer) == INDEX_NONE)
        return;
    parts_begin(&parts);
    engine_figures_of(answer->engine, text_of(answer->request->measure), put_figure, &export);
    parts_end(&parts);
}

/* ---- Decisions and steps of programmes, as they came in ---------------------------- */

static void put_decision(void *context, const struct decision_change *decision) {
    const struct export *export = context;
    struct json_writer *json = parts_next(export->parts);
    json_object(json, NULL);
    json_string(json, "source", decision->source);
    json_uint(json, "seq", decision->seq);
    json_string(json, "org", export->organisation->code);
    json_int(json, "decision", decision->item->segment);
    json_date(json, "effective", decision->item->effective);
    json_text(json, "decided_by", decision->item->decided_by);
    json_text(json, "reason", decision->item->reason);
    json_text(json, "framework", decision->item->framework);
    if (decision->item->trigger.len)
        json_text(json, "trigger", decision->item->trigger);
    json_object_end(json);
}

static void put_step(void *context, const struct programme_step *step) {
    static const char *const actions[] = {
        [PROGRAMME_ENTER] = "enter", [PROGRAMME_LEAVE] = "leave", [PROGRAMME_REVIEW] = "review"};
    const struct export *export = context;
    struct json_writer *json = parts_next(export->parts);
    json_object(json, NULL);
    json_string(json, "source", step->source);
    json_uint(json, "seq", step->seq);
    json_string(json, "org", export->organisation->code);
    json_string(json, "programme", export->programme);
    json_string(json, "action", actions[step->item.action]);
    json_date(json, "effective", step->item.effective);
    json_text(json, "decided_by", step->item.decided_by);
    json_text(json, "reason", step->item.reason);
    json_date(json, "review_by", step->item.review_by);
    json_date(json, "limit", step->item.limit);
    if (step->item.exit_criteria.len)
        json_text(json, "exit_criteria", step->item.exit_criteria);
    json_object_end(json);
}

void answer_decisions(const struct answer *answer) {
    const struct registry *registry = engine_registry(answer->engine);
    struct parts parts = answer_parts(answer, "decisions", NULL, NULL, NULL);
    struct export export = {.answer = answer, .parts = &parts};
    parts_begin(&parts);
    for (uint32_t org = 0; org < registry_count(registry); org++) {
        export.organisation = registry_at(registry, org);
        engine_decisions(answer->engine, org, put_decision, &export);
        for (size_t i = 0; (export.programme = engine_programme_name(answer->engine, org, i)); i++)
            engine_programme_steps(answer->engine, org, export.programme, put_step, &export);
    }
    parts_end(&parts);
}

/* ---- Verdicts ----------------------------------------------------------------------- */

static void verdicts_head(struct json_writer *json, const void *context) {
    const struct answer *answer = context;
    json_string(json, "framework", answer->framework->id);
    json_string(json, "digest", answer->framework->digest);
    json_date(json, "date", engine_date(answer->engine));
    json_alert_id(json, "last", answer->last);
}

void answer_verdicts(const struct answer *answer) {
    const struct registry *registry = engine_registry(answer->engine);
    struct parts parts = answer_parts(answer, "verdicts", verdicts_head, NULL, answer);
    struct changes scratch;
    changes_init(&scratch);
    parts_begin(&parts);
    for (uint32_t org = 0; org < registry_count(registry); org++) {
        struct json_writer *json = parts_next(&parts);
        json_object(json, NULL);
        json_string(json, "code", registry_at(registry, org)->code);
        json_string(json, "state", engine_verdict_state(answer->engine, answer->framework_index, org, &scratch));
        json_object_end(json);
    }
    parts_end(&parts);
    changes_finish(&scratch);
}
