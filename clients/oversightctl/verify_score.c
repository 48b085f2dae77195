#include <math.h>
#include <string.h>

#include "clients/oversightctl/style.h"
#include "clients/oversightctl/verify.h"
#include "daemon/engine/score.h"

/* The mean of the parts, as given. */
static void check_average(struct verify *verify, const cJSON *parts, double average) {
    const cJSON *part;
    double sum = 0, weights = 0;

    cJSON_ArrayForEach(part, parts) {
        double score, weight;

        if (!verify_number(verify, part, "score", &score) || !verify_number(verify, part, "weight", &weight))
            return;
        if (score < 1 - SCORE_TOLERANCE || score > 4 + SCORE_TOLERANCE || weight <= 0)
            contradict(verify, "part %s: no score from 1 to 4 with a weight", json_string_of(part, "measure", "?"));
        sum += score * weight;
        weights += weight;
    }
    if (weights <= 0 || fabs(sum / weights - average) > SCORE_TOLERANCE)
        contradict(verify, "average is %.17g, but the mean of its parts is %.17g", average, sum / weights);
}

static void check_unadjusted(struct verify *verify, const cJSON *cuts, double average, int unadjusted) {
    double bounds[3];

    for (int i = 0; i < 3; i++) {
        const cJSON *bound = cJSON_GetArrayItem(cuts, i);

        if (!cJSON_IsNumber(bound) || cJSON_GetArraySize(cuts) != 3) {
            contradict(verify, "\"cuts\" is not three numbers");
            return;
        }
        bounds[i] = bound->valuedouble;
    }
    if (bounds[0] > bounds[1] || bounds[1] > bounds[2])
        contradict(verify, "the cuts do not ascend");
    if (score_segment(average, bounds) != unadjusted)
        contradict(verify, "an average of %.17g is in segment %d by the cuts %.17g, %.17g, %.17g, not in %d", average,
                   score_segment(average, bounds), bounds[0], bounds[1], bounds[2], unadjusted);
}

static void check_parts(struct verify *verify, const cJSON *parts) {
    const cJSON *part;

    cJSON_ArrayForEach(part, parts) {
        const char *id = json_string_of(part, "measure", "");
        uint16_t measure = framework_measure(verify->framework, text_of(id));

        if (measure == INDEX_NONE || verify->framework->measures[measure].score.kind == SCORE_NONE)
            contradict(verify, "the rules do not score \"%s\"", id);
        else if (!verify_same(verify->framework->measures[measure].score.weight, json_number_of(part, "weight", 0)))
            contradict(verify, "the weight of %s is not that of the rules", id);
    }
}

/* Cuts that the rules define; those by quartiles come from everybody's averages. */
static void check_cuts(struct verify *verify, const cJSON *cuts, ov_day period) {
    const struct scoring *scoring = &verify->framework->scoring;
    const struct cut_set *set = scoring->quartiles ? NULL : score_cuts_at(scoring, period);

    for (int i = 0; set != NULL && i < 3; i++) {
        const cJSON *bound = cJSON_GetArrayItem(cuts, i);

        if (!cJSON_IsNumber(bound) || !verify_same(bound->valuedouble, set->bounds[i]))
            contradict(verify, "cut %d is not that of the rules, %.17g", i + 1, set->bounds[i]);
    }
}

static void check_grounds(struct verify *verify, const cJSON *score, double average, int unadjusted, int adjusted) {
    const cJSON *parts = cJSON_GetObjectItemCaseSensitive(score, "parts");
    const cJSON *cuts = cJSON_GetObjectItemCaseSensitive(score, "cuts");
    bool deficit = json_is_true(score, "deficit");
    ov_day period;

    check_average(verify, parts, average);
    check_unadjusted(verify, cuts, average, unadjusted);
    if (score_adjusted(unadjusted, deficit) != adjusted)
        contradict(verify, "segment %d %s a deficit is adjusted to %d, not to %d", unadjusted,
                   deficit ? "with" : "without", score_adjusted(unadjusted, deficit), adjusted);
    if (!verify_date(verify, score, "period", &period) || verify->framework == NULL)
        return;
    check_parts(verify, parts);
    check_cuts(verify, cuts, period);
}

void verify_score(struct verify *verify, const cJSON *score, bool grounds, int *ret_segment) {
    double average, unadjusted, adjusted, rank, n;

    *ret_segment = 0;
    buf_clear(&verify->where);
    buf_append_string(&verify->where, "score: ");
    if (!verify_number(verify, score, "average", &average) ||
        !verify_count(verify, score, "unadjusted", 1, &unadjusted) ||
        !verify_count(verify, score, "adjusted", 1, &adjusted))
        return;
    if (average < 1 - SCORE_TOLERANCE || average > 4 + SCORE_TOLERANCE || unadjusted > 4 || adjusted > 4)
        contradict(verify, "scores run from 1 to 4");
    if (!verify_same(adjusted, unadjusted) && !(adjusted > 2.5 && adjusted < 3.5 && unadjusted < 3))
        contradict(verify, "segment %.0f is never adjusted to %.0f", unadjusted, adjusted);
    if (!json_is_true(score, "unknown") && verify_count(verify, score, "rank", 1, &rank) &&
        verify_count(verify, score, "n", 1, &n) && rank > n)
        contradict(verify, "rank %.0f of %.0f", rank, n);
    if (grounds)
        check_grounds(verify, score, average, (int)unadjusted, (int)adjusted);
    *ret_segment = score_final((int)adjusted, json_is_true(score, "recovery"));
    buf_clear(&verify->where);
}
