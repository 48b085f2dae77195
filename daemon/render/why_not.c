/* What keeps an organisation from a segment. */
#include <math.h>

#include "daemon/render/answer_impl.h"
#include "daemon/render/evidence.h"
#include "daemon/render/ground.h"

struct asking {
    const struct answer *answer;
    uint32_t org;
    int wanted;
    struct standing standing;
    struct json_writer json;
    struct changes changes;
};

/* ---- Method triggers ---- */

static bool is_met(const struct asking *asking, uint16_t condition, struct changes *changes, struct ground *ret_ground,
                   bool *ret_met) {
    if (!engine_ground_for_one(asking->answer->engine, asking->answer->framework_index, asking->org, condition, changes,
                               ret_ground))
        return false;
    *ret_met = ret_ground->on;
    return true;
}

static bool all_met(struct asking *asking) {
    const struct framework *framework = asking->answer->framework;
    struct ground ground;
    bool met;
    for (uint16_t i = 0; i < framework->promotion_count; i++) {
        if (is_met(asking, i, &asking->changes, &ground, &met) && !met)
            return false;
    }
    return framework->promotion_count > 0;
}

/* Triggers that are on, or not, for segments from one to another. */
static void put_triggers(struct asking *asking, const char *key, bool on, int from, int to) {
    const struct framework *framework = asking->answer->framework;
    struct ground ground;
    json_array(&asking->json, key);
    for (uint16_t i = 0; i < framework->trigger_count; i++) {
        if ((asking->standing.triggers_on >> i & 1) != on || framework->triggers[i].segment < from ||
            framework->triggers[i].segment > to)
            continue;
        if (engine_ground(asking->answer->engine, asking->answer->framework_index, asking->org, i, &asking->changes,
                          &ground))
            json_ground(&asking->json, framework, &ground, "on");
    }
    json_array_end(&asking->json);
}

static void put_conditions(struct asking *asking, const char *key, bool wanted_met) {
    const struct framework *framework = asking->answer->framework;
    struct ground ground;
    bool met;
    json_array(&asking->json, key);
    for (uint16_t i = 0; i < framework->promotion_count; i++) {
        if (is_met(asking, i, &asking->changes, &ground, &met) && met == wanted_met)
            json_ground(&asking->json, framework, &ground, "met");
    }
    json_array_end(&asking->json);
}

static bool any_on(const struct asking *asking, int segment) {
    const struct framework *framework = asking->answer->framework;
    for (size_t i = 0; i < framework->trigger_count; i++) {
        if (asking->standing.triggers_on >> i & 1 && framework->triggers[i].segment == segment)
            return true;
    }
    return false;
}

static void put_grounds(struct asking *asking) {
    const int wanted = asking->wanted;
    put_triggers(asking, "must_end", true, wanted + 1 > 3 ? wanted + 1 : 3, 4);
    if (wanted >= 3 && !any_on(asking, wanted))
        put_triggers(asking, "one_must_begin", false, wanted, wanted);
    if (wanted == 1)
        put_conditions(asking, "must_be_met", false);
    if (wanted == 1 && asking->answer->framework->promotion_count == 0)
        json_bool(&asking->json, "never", true);
    if (wanted == asking->answer->framework->default_segment && all_met(asking))
        put_conditions(asking, "one_must_be_lost", true);
}

/* ---- Method scores ---- */

/* The averages that give a segment: above the one cut, at most the other. */
static void put_average(struct asking *asking, const struct score_grounds *grounds, int segment) {
    const struct score_verdict *score = &asking->standing.score;
    struct json_writer *json = &asking->json;
    double distance = 0;
    json_object(json, "average");
    json_number(json, "now", score->average);
    if (segment > 1) {
        json_number(json, "above", grounds->cuts[segment - 2]);
        distance = fmax(0, grounds->cuts[segment - 2] - score->average);
    }
    if (segment < 4) {
        json_number(json, "at_most", grounds->cuts[segment - 1]);
        distance = fmax(distance, score->average - grounds->cuts[segment - 1]);
    }
    json_bool(json, "holds", score->unadjusted == segment);
    json_number(json, "distance", score->unadjusted == segment ? 0 : distance);
    json_object_end(json);
}

static void put_scores(struct asking *asking) {
    const struct score_verdict *score = &asking->standing.score;
    const struct score_grounds *grounds =
        engine_score_grounds(asking->answer->engine, asking->answer->framework_index, asking->org, &asking->changes);
    struct json_writer *json = &asking->json;
    if (!grounds) {
        json_bool(json, "scored", false);
        return;
    }
    json_bool(json, "scored", score->scored);
    /* The deficit already makes 3 of anything better. */
    if (asking->wanted < 5 && grounds->has_cuts && !(asking->wanted == 3 && grounds->deficit && score->unadjusted < 3))
        put_average(asking, grounds, asking->wanted);
    json_array(json, "in_the_way");
    if (asking->wanted < 5 && grounds->recovery)
        json_string(json, NULL, "recovery");
    if (asking->wanted < 3 && grounds->deficit)
        json_string(json, NULL, "deficit");
    if (asking->wanted == 5 && !grounds->recovery)
        json_string(json, NULL, "no-recovery");
    json_array_end(json);
}

/* ---- The reply ---- */

static bool has_segment(const struct framework *framework, int segment) {
    return framework->segments[segment].name != NULL || segment == framework->default_segment;
}

static void put_reply(struct asking *asking) {
    const struct answer *answer = asking->answer;
    const struct organisation *organisation = registry_at(engine_registry(answer->engine), asking->org);
    struct json_writer *json = &asking->json;
    bool there = asking->standing.indicative == asking->wanted;
    json_object(json, NULL);
    json_string(json, "framework", answer->framework->id);
    json_date(json, "date", engine_date(answer->engine));
    json_string(json, "code", organisation->code);
    json_string(json, "name", organisation->name);
    json_int(json, "segment", asking->wanted);
    json_int(json, "indicative", asking->standing.indicative);
    json_int(json, "official", asking->standing.official);
    json_bool(json, "there", there);
    if (!there && answer->framework->method == METHOD_SCORES)
        put_scores(asking);
    else if (!there)
        put_grounds(asking);
    json_object_end(json);
}

void answer_why_not(const struct answer *answer) {
    struct asking asking = {.answer = answer, .org = answer_organisation(answer), .wanted = answer->request->segment};
    struct buf buf;
    if (asking.org == ORG_NONE)
        return;
    engine_standing(answer->engine, answer->framework_index, asking.org, &asking.standing);
    if (!asking.standing.assessed || !has_segment(answer->framework, asking.wanted)) {
        answer_error(answer, "not-applicable", "framework %s has no segment %d for %s", answer->framework->id,
                     asking.wanted, answer->request->code);
        return;
    }
    changes_init(&asking.changes);
    buf_init(&buf);
    json_init(&asking.json, &buf);
    put_reply(&asking);
    answer->emit(answer->context, buf.data, buf.len);
    buf_finish(&buf);
    changes_finish(&asking.changes);
}
