/* How a segment was found: the numbered steps of the rules with their inputs. */
#include "daemon/render/answer_impl.h"
#include "daemon/render/evidence.h"
#include "daemon/render/ground.h"

struct explaining {
    const struct answer *answer;
    uint32_t org;
    struct standing standing;
    struct json_writer json;
    struct changes changes;
};

static void step_begin(struct explaining *explaining, int step, const char *rule) {
    json_object(&explaining->json, NULL);
    json_int(&explaining->json, "step", step);
    json_string(&explaining->json, "rule", rule);
}

/* ---- Method triggers ---- */

static void put_triggers(struct explaining *explaining, int segment) {
    const struct framework *framework = explaining->answer->framework;
    struct ground ground;
    json_array(&explaining->json, "grounds");
    for (uint16_t i = 0; i < framework->trigger_count; i++) {
        if (framework->triggers[i].segment == segment &&
            engine_ground(explaining->answer->engine, explaining->answer->framework_index, explaining->org, i,
                          &explaining->changes, &ground))
            json_ground(&explaining->json, framework, &ground, "on");
    }
    json_array_end(&explaining->json);
}

/* True when all are met, and there are any. */
static bool put_conditions(struct explaining *explaining) {
    const struct framework *framework = explaining->answer->framework;
    bool all = framework->promotion_count > 0;
    struct ground ground;
    json_array(&explaining->json, "grounds");
    for (uint16_t i = 0; i < framework->promotion_count; i++) {
        if (!engine_ground_for_one(explaining->answer->engine, explaining->answer->framework_index, explaining->org, i,
                                   &explaining->changes, &ground))
            continue;
        json_ground(&explaining->json, framework, &ground, "met");
        all = all && ground.on;
    }
    json_array_end(&explaining->json);
    return all;
}

static bool any_on(const struct explaining *explaining, int segment) {
    const struct framework *framework = explaining->answer->framework;
    for (size_t i = 0; i < framework->trigger_count; i++) {
        if (explaining->standing.triggers_on >> i & 1 && framework->triggers[i].segment == segment)
            return true;
    }
    return false;
}

static void put_trigger_steps(struct explaining *explaining) {
    struct json_writer *json = &explaining->json;
    step_begin(explaining, 1, "Start from the framework's default");
    json_int(json, "segment", explaining->answer->framework->default_segment);
    json_object_end(json);
    for (int segment = 4; segment >= 3; segment--) {
        step_begin(explaining, 6 - segment,
                   segment == 4 ? "Any trigger for segment 4 on: 4" : "Otherwise any trigger for segment 3 on: 3");
        json_bool(json, "holds", any_on(explaining, segment));
        put_triggers(explaining, segment);
        json_object_end(json);
    }
    step_begin(explaining, 4, "Otherwise all conditions for segment 1 met: 1");
    json_bool(json, "holds", put_conditions(explaining));
    json_object_end(json);
    step_begin(explaining, 5, "Otherwise the default");
    json_int(json, "segment", explaining->answer->framework->default_segment);
    json_object_end(json);
}

/* ---- Method scores ---- */

static void put_score_part(struct explaining *explaining, const struct score_ground *part) {
    const struct framework *framework = explaining->answer->framework;
    struct json_writer *json = &explaining->json;
    struct signal_row row;
    json_object(json, NULL);
    json_string(json, "measure", part->measure->id);
    json_string(json, "theme", framework->themes[part->measure->theme]);
    json_number(json, "score", part->score);
    json_number(json, "weight", part->measure->score.weight);
    if (engine_signal(explaining->answer->engine, explaining->answer->framework_index, explaining->org,
                      (uint16_t)(part->measure - framework->measures), &row)) {
        json_date(json, "period", row.evidence.period);
        json_figure(json, "value", part->measure, row.evidence.value);
        if (row.evidence.ranked) {
            json_uint(json, "rank", row.evidence.rank);
            json_uint(json, "n", row.evidence.n);
        }
    }
    json_object_end(json);
}

static void put_metric_scores(struct explaining *explaining, const struct score_grounds *grounds) {
    struct json_writer *json = &explaining->json;
    step_begin(explaining, 1, "A metric score for each scored measure");
    if (grounds)
        json_date(json, "period", grounds->period);
    json_array(json, "scores");
    for (size_t i = 0; grounds && i < grounds->part_count; i++)
        put_score_part(explaining, &grounds->parts[i]);
    json_array_end(json);
    json_object_end(json);
}

static void put_cuts(struct json_writer *json, const struct score_grounds *grounds) {
    if (!grounds || !grounds->has_cuts)
        return;
    json_array(json, "cuts");
    for (size_t i = 0; i < sizeof(grounds->cuts) / sizeof(grounds->cuts[0]); i++)
        json_number(json, NULL, grounds->cuts[i]);
    json_array_end(json);
}

static void put_score_steps(struct explaining *explaining) {
    const struct score_verdict *score = &explaining->standing.score;
    const struct score_grounds *grounds = engine_score_grounds(
        explaining->answer->engine, explaining->answer->framework_index, explaining->org, &explaining->changes);
    struct json_writer *json = &explaining->json;
    bool any = score->scored || score->unknown;
    put_metric_scores(explaining, grounds);
    step_begin(explaining, 2, "Their average");
    if (any)
        json_number(json, "average", score->average);
    if (score->unknown)
        json_bool(json, "unknown", true);
    answer_domains(explaining->answer, json, explaining->org);
    json_object_end(json);
    step_begin(explaining, 3, "The unadjusted segment: the average held against the cuts, equal takes the better");
    put_cuts(json, grounds);
    if (any)
        json_int(json, "segment", score->unadjusted);
    json_object_end(json);
    step_begin(explaining, 4, "The adjusted segment: in deficit never better than 3");
    json_bool(json, "holds", grounds && grounds->deficit);
    if (any)
        json_int(json, "segment", score->adjusted);
    json_object_end(json);
    step_begin(explaining, 5, "The final segment: 5 in the recovery programme");
    json_bool(json, "holds", grounds && grounds->recovery);
    json_int(json, "segment", explaining->standing.indicative);
    json_object_end(json);
}

/* ---- The reply ---- */

static void put_decisions_of(void *context, const struct decision_change *decision) {
    struct explaining *explaining = context;
    struct json_writer *json = &explaining->json;
    if (decision->framework != explaining->answer->framework_index)
        return;
    json_object(json, NULL);
    json_int(json, "segment", decision->item->segment);
    json_date(json, "effective", decision->item->effective);
    json_text(json, "decided_by", decision->item->decided_by);
    json_text(json, "reason", decision->item->reason);
    if (decision->item->trigger.len)
        json_text(json, "trigger", decision->item->trigger);
    json_object_end(json);
}

static void put_explanation(struct explaining *explaining) {
    const struct answer *answer = explaining->answer;
    const struct organisation *organisation = registry_at(engine_registry(answer->engine), explaining->org);
    struct json_writer *json = &explaining->json;
    json_object(json, NULL);
    json_string(json, "framework", answer->framework->id);
    json_string(json, "method", answer->framework->method == METHOD_SCORES ? "scores" : "triggers");
    json_date(json, "date", engine_date(answer->engine));
    json_string(json, "code", organisation->code);
    json_string(json, "name", organisation->name);
    json_array(json, "steps");
    if (answer->framework->method == METHOD_SCORES)
        put_score_steps(explaining);
    else
        put_trigger_steps(explaining);
    json_array_end(json);
    json_int(json, "decided", engine_step(answer->engine, answer->framework_index, explaining->org));
    json_int(json, "indicative", explaining->standing.indicative);
    json_int(json, "official", explaining->standing.official);
    json_array(json, "decisions");
    engine_decisions(answer->engine, explaining->org, put_decisions_of, explaining);
    json_array_end(json);
    json_object_end(json);
}

void answer_explain(const struct answer *answer) {
    struct explaining explaining = {.answer = answer, .org = answer_organisation(answer)};
    struct buf buf;
    if (explaining.org == ORG_NONE)
        return;
    engine_standing(answer->engine, answer->framework_index, explaining.org, &explaining.standing);
    if (!explaining.standing.assessed) {
        answer_error(answer, "not-applicable", "framework %s does not assess %s", answer->framework->id,
                     answer->request->code);
        return;
    }
    changes_init(&explaining.changes);
    buf_init(&buf);
    json_init(&explaining.json, &buf);
    put_explanation(&explaining);
    answer->emit(answer->context, buf.data, buf.len);
    buf_finish(&buf);
    changes_finish(&explaining.changes);
}
