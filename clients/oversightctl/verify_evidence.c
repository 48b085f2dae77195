#include "clients/oversightctl/verify.h"

#include <math.h>
#include <string.h>

#include "clients/oversightctl/style.h"
#include "daemon/engine/spc.h"

#define SIGMAS 2.66 /* of the mean moving range, to the limits of an XmR chart */
#define STEP 3.267  /* of it: the largest step that is still usual */

enum way { WAY_UNKNOWN, WAY_HIGHER, WAY_LOWER }; /* is better */

static enum way way_of(const cJSON *evidence) {
    const char *direction = json_string_of(evidence, "direction", "");

    return strcmp(direction, "higher") == 0 ? WAY_HIGHER : strcmp(direction, "lower") == 0 ? WAY_LOWER : WAY_UNKNOWN;
}

/* How much better a is than b. */
static double better_by(enum way way, double a, double b) {
    return way == WAY_LOWER ? b - a : a - b;
}

/* ---- Rank, quantile, band, places --------------------------------------------------- */

struct standing_of {
    double value, rank, n, equal, cut, distance, order, between[2], beyond;
    enum way way;
};

static bool take_quantile(struct verify *verify, const cJSON *quantile, struct standing_of *of) {
    const cJSON *between = cJSON_GetObjectItemCaseSensitive(quantile, "between");

    for (int i = 0; i < 2; i++) {
        const cJSON *figure = cJSON_GetArrayItem(between, i);

        if (!cJSON_IsNumber(figure) || cJSON_GetArraySize(between) != 2) {
            contradict(verify, "quantile: \"between\" is not two figures");
            return false;
        }
        of->between[i] = figure->valuedouble;
    }
    return verify_number(verify, quantile, "order", &of->order) &&
           verify_count(verify, quantile, "beyond", 0, &of->beyond);
}

/* The cut from the two figures it lies between, as the rules say: type 7. */
static void check_cut(struct verify *verify, const struct standing_of *of) {
    double h = (of->n - 1) * of->order, share = h - floor(h);
    double cut = of->between[0] + share * (of->between[1] - of->between[0]);

    if (better_by(of->way, of->between[0], of->between[1]) > 0)
        contradict(verify, "the quantile lies between %.17g and %.17g, of which the first is better", of->between[0],
                   of->between[1]);
    if (!verify_same(cut, of->cut))
        contradict(verify,
                   "cut is %.17g, but the quantile of order %g of %.0f figures between %.17g and %.17g is %.17g",
                   of->cut, of->order, of->n, of->between[0], of->between[1], cut);
    if (share <= 0 && !verify_same(of->between[0], of->between[1]))
        contradict(verify, "the quantile of order %g of %.0f figures falls on one of them, not between %.17g and %.17g",
                   of->order, of->n, of->between[0], of->between[1]);
}

/* How many can lie strictly beyond the cut. */
static void check_beyond(struct verify *verify, const struct standing_of *of) {
    bool top = of->order > 0.5;
    double h = (of->n - 1) * of->order, worse = floor(h) + 1; /* up to and including between[0] */
    double most = top ? of->n - worse : worse;
    bool parted = !verify_same(of->between[0], of->between[1]);

    /* Figures on either side of the cut: it parts the field exactly. Otherwise ties take some away. */
    if (parted && of->beyond < most - 0.5)
        contradict(verify, "%.0f beyond the cut, but %.0f figures lie there", of->beyond, most);
    if (of->beyond > (parted ? most : top ? most : floor(h)) + 0.5)
        contradict(verify, "%.0f beyond the cut, but at most %.0f of %.0f can be", of->beyond,
                   parted || top ? most : floor(h), of->n);
}

static void check_band(struct verify *verify, const cJSON *evidence, const struct standing_of *of) {
    const char *band = json_string_of(evidence, "band", "");
    bool top = of->order > 0.5;
    const char *expected = top ? "top_quartile" : of->order < 0.2 ? "bottom_decile" : "bottom_quartile";
    double worse = of->n - of->rank - of->equal + 1, inside = better_by(of->way, of->cut, of->value), places;

    if (!verify_same(of->order, 0.25) && !verify_same(of->order, 0.1) && !verify_same(of->order, 0.75))
        contradict(verify, "a quantile of order %g is the cut of no band", of->order);
    if ((top ? -inside : inside) <= 0 && band[0] != '\0')
        contradict(verify, "in the band %s, but %.17g is not beyond the cut at %.17g", band, of->value, of->cut);
    if ((top ? -inside : inside) > 0 && band[0] == '\0')
        contradict(verify, "%.17g is beyond the cut at %.17g, but it names no band", of->value, of->cut);
    if (band[0] == '\0')
        return;
    if (strcmp(band, expected) != 0)
        contradict(verify, "the band is %s, but a quantile of order %g is the cut of %s", band, of->order, expected);
    if (!top && of->beyond - worse < of->equal)
        contradict(verify, "rank %.0f of %.0f with %.0f equal is not among the %.0f beyond the cut", of->rank, of->n,
                   of->equal, of->beyond);
    if (top && of->rank + of->equal - 1 > of->beyond)
        contradict(verify, "rank %.0f with %.0f equal is not among the %.0f beyond the cut", of->rank, of->equal,
                   of->beyond);
    if (verify_count(verify, evidence, "places", top ? 0 : 1, &places) &&
        !verify_same(places, top ? 0 : of->beyond - worse))
        contradict(verify, "%.0f places to climb, but %.0f are beyond the cut and %.0f of them worse: %.0f", places,
                   of->beyond, worse, of->beyond - worse);
}

static void check_distance(struct verify *verify, double distance, double cut, double value) {
    if (!verify_same(fabs(distance), fabs(cut - value)))
        contradict(verify, "distance is %.17g, but from %.17g to the cut at %.17g it is %.17g", distance, value, cut,
                   fabs(cut - value));
}

static void check_quantile(struct verify *verify, const cJSON *evidence, const cJSON *quantile,
                           struct standing_of *of) {
    double distance;

    if (of->way == WAY_UNKNOWN) {
        contradict(verify, "ranked, but it does not say whether higher or lower is better");
        return;
    }
    if (!take_quantile(verify, quantile, of))
        return;
    check_cut(verify, of);
    check_beyond(verify, of);
    check_band(verify, evidence, of);
    distance = better_by(of->way, of->cut, of->value);
    if (of->order > 0.5)
        distance = -distance;
    if (!verify_same(of->distance, distance))
        contradict(verify, "distance is %.17g, but from %.17g to the cut at %.17g it is %.17g", of->distance, of->value,
                   of->cut, distance);
}

static void check_rank(struct verify *verify, const cJSON *evidence, struct standing_of *of) {
    if (!verify_count(verify, evidence, "rank", 1, &of->rank) || !verify_count(verify, evidence, "n", 1, &of->n) ||
        !verify_count(verify, evidence, "equal", 1, &of->equal))
        return;
    if (of->rank + of->equal - 1 > of->n)
        contradict(verify, "rank %.0f with %.0f equal does not fit into %.0f", of->rank, of->equal, of->n);
}

/* ---- Limits and drops ------------------------------------------------------------------ */

struct limits {
    double mean, lower, upper;
};

static bool take_limits(struct verify *verify, const cJSON *object, struct limits *ret_limits) {
    struct limits limits;

    if (!verify_number(verify, object, "mean", &limits.mean) ||
        !verify_number(verify, object, "lower", &limits.lower) ||
        !verify_number(verify, object, "upper", &limits.upper))
        return false;
    if (limits.lower > limits.mean || limits.mean > limits.upper ||
        !verify_same(limits.mean - limits.lower, limits.upper - limits.mean))
        contradict(verify, "limits %.17g and %.17g do not lie alike around the mean %.17g", limits.lower, limits.upper,
                   limits.mean);
    *ret_limits = limits;
    return true;
}

/* The definition of a dramatic drop, from the limits alone. */
static void check_drop(struct verify *verify, const cJSON *evidence, double value, const struct limits *limits,
                       const struct measure *measure) {
    enum way way = way_of(evidence);
    double before, change, range = limits != NULL ? (limits->upper - limits->mean) / SIGMAS : 0, fall;

    if (cJSON_HasObjectItem(evidence, "fall")) { /* found in the ranking alone */
        if (verify_number(verify, evidence, "fall", &fall) && (fall <= 0 || fall > 100))
            contradict(verify, "a fall of %.17g percentiles is none", fall);
        if (measure != NULL && (measure->drop_rank <= 0 || fall < measure->drop_rank))
            contradict(verify, "a fall of %.17g percentiles is no drop by the rules", fall);
        return;
    }
    if (way == WAY_UNKNOWN) {
        contradict(verify, "a drop, but it does not say whether higher or lower is better");
        return;
    }
    if (!verify_number(verify, evidence, "before", &before))
        return;
    change = better_by(way, before, value);
    if (change <= 0)
        contradict(verify, "a drop from %.17g to %.17g is no change for the worse", before, value);
    if (measure != NULL && change < measure->drop_minimum)
        contradict(verify, "a change of %.17g is less than the least for a drop, %.17g", change, measure->drop_minimum);
    if (limits == NULL) {
        if (measure != NULL && (measure->drop_step <= 0 || change < measure->drop_step))
            contradict(verify, "a change of %.17g without limits is no drop by the rules", change);
        return;
    }
    if (better_by(way, way == WAY_HIGHER ? limits->lower : limits->upper, value) <= 0)
        contradict(verify, "a drop, but %.17g is not beyond the limits %.17g and %.17g", value, limits->lower,
                   limits->upper);
    if (change <= STEP * range)
        contradict(verify, "a drop, but a change of %.17g is not more than %.17g (%g mean moving ranges)", change,
                   STEP * range, STEP);
}

static void check_recovery(struct verify *verify, const cJSON *evidence, double value, const struct limits *limits) {
    enum way way = way_of(evidence);

    if (limits != NULL && better_by(way, way == WAY_LOWER ? limits->upper : limits->lower, value) > 0)
        contradict(verify, "recovered, but %.17g is beyond the limits %.17g and %.17g", value, limits->lower,
                   limits->upper);
}

void verify_top_evidence(struct verify *verify, const char *kind, const cJSON *evidence) {
    const char *id = json_string_of(evidence, "measure", "");
    uint16_t index = verify->framework != NULL ? framework_measure(verify->framework, text_of(id)) : INDEX_NONE;
    const struct measure *measure = index != INDEX_NONE ? &verify->framework->measures[index] : NULL;
    struct limits limits;
    bool has_limits = cJSON_HasObjectItem(evidence, "mean");
    double value;
    ov_day period;

    buf_clear(&verify->where);
    buf_printf(&verify->where, "evidence (%s): ", id);
    if (verify->framework != NULL && measure == NULL)
        contradict(verify, "the framework has no such measure");
    verify_date(verify, evidence, "period", &period);
    if (strcmp(kind, "performance.drop") != 0 && strcmp(kind, "performance.recovered") != 0)
        return;
    if (!verify_number(verify, evidence, "value", &value))
        return;
    if (has_limits && !take_limits(verify, evidence, &limits))
        return;
    if (strcmp(kind, "performance.drop") == 0)
        check_drop(verify, evidence, value, has_limits ? &limits : NULL, measure);
    else
        check_recovery(verify, evidence, value, has_limits ? &limits : NULL);
}

/* ---- Against the rules ------------------------------------------------------------------- */

static bool listed(const struct signal *signal, const char *word) {
    for (size_t i = 0; i < signal->word_count; i++)
        if (strcmp(signal->words[i], word) == 0)
            return true;
    return false;
}

static bool compare(enum comparison comparison, double value, double number) {
    switch (comparison) {
    case COMPARE_AT_LEAST:
        return value >= number;
    case COMPARE_AT_MOST:
        return value <= number;
    case COMPARE_ABOVE:
        return value > number;
    case COMPARE_BELOW:
        return value < number;
    }
    return false;
}

static void check_signal(struct verify *verify, const cJSON *evidence, const struct trigger *trigger,
                         const struct measure *measure) {
    const struct signal *signal = &trigger->signal;
    const cJSON *figure = cJSON_GetObjectItemCaseSensitive(evidence, "value");
    double value = cJSON_IsNumber(figure) ? figure->valuedouble : 0, cut = json_number_of(evidence, "cut", (double)NAN);
    const char *band = json_string_of(evidence, "band", "");

    if (signal->kind == SIGNAL_BOTTOM_QUARTILE || signal->kind == SIGNAL_BOTTOM_DECILE ||
        signal->kind == SIGNAL_TOP_QUARTILE) {
        if (strcmp(band, signal_kind_name(signal->kind)) != 0)
            contradict(verify, "the rules ask for %s, the evidence shows \"%s\"", signal_kind_name(signal->kind), band);
        if (json_number_of(evidence, "n", 0) < verify->framework->minimum_peers)
            contradict(verify, "fewer than the %u peers the rules ask for", verify->framework->minimum_peers);
    } else if (signal->kind == SIGNAL_THRESHOLD) {
        if (!verify_same(cut, signal->number) || !compare(signal->comparison, value, signal->number))
            contradict(verify, "%.17g held against %.17g; the rules' threshold is %.17g", value, cut, signal->number);
    } else if (signal->kind == SIGNAL_MISSED_PLAN) {
        if (!(better_by(way_of(evidence), cut, value) > signal->margin))
            contradict(verify, "%.17g misses the plan of %.17g by no more than the margin %.17g", value, cut,
                       signal->margin);
    } else if (signal->kind == SIGNAL_RATING) {
        if (!cJSON_IsString(figure) || !listed(signal, figure->valuestring))
            contradict(verify, "the rating is none of those the rules name");
    } else if (signal->kind == SIGNAL_FLAG && !cJSON_IsTrue(figure)) {
        contradict(verify, "the flag is not set");
    }
    if (measure->kind == MEASURE_NUMBER && measure->direction != DIRECTION_NEUTRAL &&
        strcmp(json_string_of(evidence, "direction", ""), direction_name(measure->direction)) != 0)
        contradict(verify, "the direction is not the measure's");
}

/* ---- One entry ------------------------------------------------------------------------------ */

static void check_figure(struct verify *verify, const cJSON *evidence, double value) {
    const cJSON *quantile = cJSON_GetObjectItemCaseSensitive(evidence, "quantile");
    struct standing_of of = {.value = value, .way = way_of(evidence)};
    bool ranked = cJSON_HasObjectItem(evidence, "rank"), cut = cJSON_HasObjectItem(evidence, "cut");

    if (ranked)
        check_rank(verify, evidence, &of);
    if (!cut && (quantile != NULL || cJSON_HasObjectItem(evidence, "band")))
        contradict(verify, "a band without a cut");
    if (!cut)
        return;
    if (!verify_number(verify, evidence, "cut", &of.cut) || !verify_number(verify, evidence, "distance", &of.distance))
        return;
    if (quantile != NULL && ranked && of.n >= 1)
        check_quantile(verify, evidence, quantile, &of);
    else if (quantile != NULL || cJSON_HasObjectItem(evidence, "band"))
        contradict(verify, "a band without rank and quantile");
    else
        check_distance(verify, of.distance, of.cut, of.value);
}

void verify_evidence(struct verify *verify, const cJSON *evidence, const struct trigger *trigger,
                     const struct measure *measure) {
    const cJSON *figure = cJSON_GetObjectItemCaseSensitive(evidence, "value");
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(evidence, "limits");
    struct limits limits;
    bool has_limits = object != NULL && take_limits(verify, object, &limits);
    bool drop = cJSON_HasObjectItem(evidence, "before") || cJSON_HasObjectItem(evidence, "fall");

    if (cJSON_IsNumber(figure)) {
        check_figure(verify, evidence, figure->valuedouble);
        if (drop)
            check_drop(verify, evidence, figure->valuedouble, has_limits ? &limits : NULL, measure);
    } else if (!cJSON_IsString(figure) && !cJSON_IsBool(figure)) {
        contradict(verify, "no value");
    }
    if (trigger != NULL && measure != NULL)
        check_signal(verify, evidence, trigger, measure);
}
