#include <string.h>

#include "clients/oversightctl/style.h"
#include "clients/oversightctl/verify.h"

static const struct trigger *rule_of(struct verify *verify, const cJSON *trigger) {
    uint16_t index;

    if (verify->framework == NULL)
        return NULL;
    index = framework_trigger(verify->framework, text_of(json_string_of(trigger, "id", "")));
    if (index == INDEX_NONE) {
        contradict(verify, "the framework has no such trigger");
        return NULL;
    }
    return &verify->framework->triggers[index];
}

static const struct measure *measure_of(struct verify *verify, const cJSON *evidence, const struct trigger *rule) {
    uint16_t index;

    if (rule == NULL)
        return NULL;
    index = framework_measure(verify->framework, text_of(json_string_of(evidence, "measure", "")));
    for (size_t i = 0; i < rule->measure_count; i++)
        if (rule->measures[i] == index)
            return &verify->framework->measures[index];
    contradict(verify, "the trigger does not look at this measure");
    return NULL;
}

/* What the evidence of one trigger adds up to. */
struct sum {
    size_t measures;
    uint64_t themes;
    ov_day newest; /* period */
    bool since_is_a_period;
    enum frequency frequency; /* the longest; with a framework */
};

static void check_entry(struct verify *verify, size_t at, size_t number, const cJSON *evidence,
                        const struct trigger *rule, ov_day since, struct sum *sum) {
    const struct measure *measure;
    ov_day period;

    buf_clear(&verify->where);
    buf_printf(&verify->where, "triggers[%zu].evidence[%zu] (%s): ", at, number,
               json_string_of(evidence, "measure", "?"));
    measure = measure_of(verify, evidence, rule);
    verify_evidence(verify, evidence, rule, measure);
    if (!verify_date(verify, evidence, "period", &period))
        return;
    sum->newest = period > sum->newest ? period : sum->newest;
    sum->since_is_a_period |= period == since;
    sum->measures++;
    if (measure == NULL)
        return;
    sum->themes |= UINT64_C(1) << (measure->theme % 64);
    sum->frequency = measure->frequency > sum->frequency ? measure->frequency : sum->frequency;
    if (!period_starts(measure->frequency, period))
        contradict(verify, "no %s starts on that day", frequency_name(measure->frequency));
}

/* For how long: the run ends with the newest period of the evidence. */
static void check_run(struct verify *verify, const cJSON *trigger, const struct trigger *rule, ov_day since,
                      const struct sum *sum) {
    double periods;

    if (!verify_count(verify, trigger, "for", sum->measures > 0 ? 1 : 0, &periods) || sum->measures == 0)
        return;
    if (since > sum->newest)
        contradict(verify, "it holds since a day after its newest evidence");
    if (periods < 1.5 && !sum->since_is_a_period)
        contradict(verify, "it holds for one period, but \"since\" is the period of none of its evidence");
    if (periods > 1.5 && since == sum->newest)
        contradict(verify, "it holds for %.0f periods, but \"since\" is its newest one", periods);
    if (rule == NULL)
        return;
    if (periods > period_between(sum->frequency, period_of(sum->frequency, since), sum->newest) + 1)
        contradict(verify, "it holds for %.0f periods, but there are fewer since then", periods);
}

/* Do as many measures show the signal as the rules ask for? */
static void check_counts(struct verify *verify, const struct trigger *rule, const struct sum *sum) {
    int themes = __builtin_popcountll(sum->themes);

    if (rule->signal.kind == SIGNAL_LONGSTANDING || (rule->latched && sum->measures == 0))
        return; /* looks at no measure; or held by its latch alone */
    if ((int)sum->measures < rule->count)
        contradict(verify, "%zu measures, but the rules ask for %d", sum->measures, rule->count);
    if (themes < rule->themes)
        contradict(verify, "%d themes, but the rules ask for %d", themes, rule->themes);
}

/* It holds only when the body is in that segment already. */
static bool supported(const struct verify *verify, const cJSON *triggers, const struct trigger *rule) {
    const cJSON *trigger, *segment = cJSON_GetObjectItemCaseSensitive(verify->data, "segment");

    if (json_int_of(segment, "official", 0) >= rule->requires_segment || rule->latched)
        return true;
    cJSON_ArrayForEach(trigger, triggers) {
        uint16_t index = framework_trigger(verify->framework, text_of(json_string_of(trigger, "id", "")));

        if (index != INDEX_NONE && verify->framework->triggers[index].segment >= rule->requires_segment &&
            verify->framework->triggers[index].requires_segment == 0)
            return true;
    }
    return false;
}

static void check_rule(struct verify *verify, const cJSON *trigger, const struct trigger *rule, int segment) {
    const char *type = json_string_of(cJSON_GetObjectItemCaseSensitive(verify->data, "organisation"), "type", "");
    uint16_t index = framework_type(verify->framework, type);

    if (segment != rule->segment)
        contradict(verify, "it is for segment %d, in the rules for %d", segment, rule->segment);
    if (rule->title != NULL && strcmp(json_string_of(trigger, "title", ""), rule->title) != 0)
        contradict(verify, "its title is not that of the rules");
    if (index == INDEX_NONE || !(rule->applies_to >> index & 1))
        contradict(verify, "the rules do not apply it to the type \"%s\"", type);
}

static void check_trigger(struct verify *verify, size_t at, const cJSON *triggers, const cJSON *trigger, int *worst) {
    const struct trigger *rule;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(trigger, "evidence"), *evidence;
    struct sum sum = {.newest = OV_DAY_NONE};
    double segment = 0;
    ov_day since = OV_DAY_NONE;
    size_t number = 0;

    buf_clear(&verify->where);
    buf_printf(&verify->where, "triggers[%zu] (%s): ", at, json_string_of(trigger, "id", "?"));
    rule = rule_of(verify, trigger);
    if (verify_count(verify, trigger, "segment", 3, &segment)) {
        *worst = (int)segment > *worst ? (int)segment : *worst;
        if (rule != NULL)
            check_rule(verify, trigger, rule, (int)segment);
    }
    if (list != NULL || cJSON_HasObjectItem(trigger, "since"))
        verify_date(verify, trigger, "since", &since);
    cJSON_ArrayForEach(evidence, list) check_entry(verify, at, number++, evidence, rule, since, &sum);
    buf_clear(&verify->where);
    buf_printf(&verify->where, "triggers[%zu] (%s): ", at, json_string_of(trigger, "id", "?"));
    check_run(verify, trigger, rule, since, &sum);
    if (rule == NULL)
        return;
    check_counts(verify, rule, &sum);
    if (rule->requires_segment != 0 && !supported(verify, triggers, rule))
        contradict(verify, "it holds only in segment %d or worse, which neither a decision nor a ground shows",
                   rule->requires_segment);
}

void verify_triggers(struct verify *verify, const cJSON *triggers, int *ret_worst) {
    const cJSON *trigger;
    size_t at = 0;

    *ret_worst = 0;
    cJSON_ArrayForEach(trigger, triggers) check_trigger(verify, at++, triggers, trigger, ret_worst);
    buf_clear(&verify->where);
}
