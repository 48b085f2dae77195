#include "daemon/engine/spc.h"

#include <math.h>

#define LIMIT_FACTOR 2.66   /* 3 / 1.128: three sigma from the mean moving range of two */
#define SCREEN_FACTOR 3.267 /* upper limit of moving ranges of two */
#define RUN_LENGTH 7        /* points of a trend or a shift */
#define TRIAL_BELOW 13

static const char *const POINT_TYPE_NAMES[][2] = {
    [SPC_COMMON_CAUSE] = {"common_cause", "common_cause"},
    [SPC_SPECIAL_IMPROVEMENT] = {"special_cause_improvement", "special_cause_improvement"},
    [SPC_SPECIAL_CONCERN] = {"special_cause_concern", "special_cause_concern"},
    [SPC_SPECIAL_NEUTRAL] = {"special_cause_neutral_low", "special_cause_neutral_high"},
};

static const char *const RULE_NAMES[][2] = {
    [SPC_RULE_NONE] = {"Common Cause", "Common Cause"},
    [SPC_RULE_OUTSIDE] = {"Below LCL", "Above UCL"},
    [SPC_RULE_TREND] = {"7 Point Trend (Decreasing)", "7 Point Trend (Increasing)"},
    [SPC_RULE_TWO_OF_THREE] = {"2 in 3 Below CL", "2 in 3 Above CL"},
    [SPC_RULE_SHIFT] = {"7 Points Below CL", "7 Points Above CL"},
};

const char *spc_point_type_name(enum spc_point_type type, bool high) {
    return POINT_TYPE_NAMES[type][high];
}

const char *spc_variation_name(enum spc_point_type type, bool high) {
    switch (type) {
    case SPC_SPECIAL_IMPROVEMENT:
        return high ? "improvement-high" : "improvement-low";
    case SPC_SPECIAL_CONCERN:
        return high ? "concern-high" : "concern-low";
    case SPC_SPECIAL_NEUTRAL:
        return high ? "neutral-high" : "neutral-low";
    case SPC_COMMON_CAUSE:
        break;
    }
    return "common-cause";
}

const char *spc_rule_name(enum spc_rule rule, bool high) {
    return RULE_NAMES[rule][high];
}

/* ---- Limits ---------------------------------------------------------------------------- */

/* The mean of a series, corrected once for the rounding of the first sum. */
static double mean_of(const double *y, size_t count) {
    long double sum = 0, rest = 0;

    for (size_t i = 0; i < count; i++)
        sum += y[i];
    sum /= count;
    for (size_t i = 0; i < count; i++)
        rest += y[i] - sum;
    return (double)(sum + rest / count);
}

/* Mean of the moving ranges below a bound; negative when there are none. */
static double mean_range(const double *y, size_t count, double below) {
    long double sum = 0;
    size_t kept = 0;

    for (size_t i = 1; i < count; i++) {
        double range = fabs(y[i] - y[i - 1]);

        if (range < below) {
            sum += range;
            kept++;
        }
    }
    return kept > 0 ? (double)(sum / kept) : -1;
}

struct spc_limits spc_limits_of(const double *y, size_t count, bool screen) {
    struct spc_limits limits = {.trial = count < TRIAL_BELOW};

    if (count == 0)
        return limits;
    limits.mean = limits.lower = limits.upper = limits.near_lower = limits.near_upper = mean_of(y, count);

    double range = mean_range(y, count, HUGE_VAL);

    if (range <= 0) /* fewer than 2 points, or all equal */
        return limits;
    if (screen)
        range = mean_range(y, count, SCREEN_FACTOR * range);
    limits.defined = true;
    limits.moving_range = range;
    limits.lower = limits.mean - LIMIT_FACTOR * range;
    limits.upper = limits.mean + LIMIT_FACTOR * range;
    limits.near_lower = limits.mean - 2 * (LIMIT_FACTOR / 3) * range;
    limits.near_upper = limits.mean + 2 * (LIMIT_FACTOR / 3) * range;
    return limits;
}

/* ---- Rules, from the last to the first: an earlier rule takes a point over --------------- */

static int sign(double difference) {
    return (difference > 0) - (difference < 0);
}

static int side(const struct spc_limits *limits, double y) {
    return sign(y - limits->mean);
}

static bool outside(const struct spc_limits *limits, double y) {
    return y > limits->upper || y < limits->lower;
}

static bool near_limit(const struct spc_limits *limits, double y) {
    return !outside(limits, y) && (y > limits->near_upper || y < limits->near_lower);
}

static void name_point(struct spc_point *point, enum spc_rule rule, bool high) {
    point->rule = rule;
    point->high = high;
}

/* Rule 4: 7 consecutive points strictly on one side of the mean. */
static void rule_shift(const double *y, size_t count, const struct spc_limits *limits, struct spc_point *points) {
    for (size_t start = 0, end; start < count; start = end) {
        int s = side(limits, y[start]);

        for (end = start + 1; end < count && side(limits, y[end]) == s;)
            end++;
        for (size_t i = start; s != 0 && end - start >= RUN_LENGTH && i < end; i++)
            name_point(&points[i], SPC_RULE_SHIFT, s > 0);
    }
}

/* Rule 3: three consecutive points on one side, at least two of them near the limit. */
static void rule_two_of_three(const double *y, size_t count, const struct spc_limits *limits,
                              struct spc_point *points) {
    for (size_t start = 0; start + 3 <= count; start++) {
        int s = side(limits, y[start]), near = 0;

        if (s == 0 || side(limits, y[start + 1]) != s || side(limits, y[start + 2]) != s)
            continue;
        for (size_t i = start; i < start + 3; i++)
            near += near_limit(limits, y[i]);
        for (size_t i = start; near >= 2 && i < start + 3; i++) {
            if (near_limit(limits, y[i]))
                name_point(&points[i], SPC_RULE_TWO_OF_THREE, s > 0);
        }
    }
}

/* Rule 2: 7 points with all steps strictly in one direction. A point between
 * two trend points takes the direction of the step that leaves it. */
static void rule_trend(const double *y, size_t count, struct spc_point *points) {
    for (size_t start = 0, end; start + 1 < count; start = end) {
        int s = sign(y[start + 1] - y[start]);

        for (end = start + 1; end + 1 < count && sign(y[end + 1] - y[end]) == s;)
            end++;
        for (size_t i = start; s != 0 && end - start + 1 >= RUN_LENGTH && i <= end; i++)
            name_point(&points[i], SPC_RULE_TREND, false);
    }
    for (size_t i = 0; i < count; i++) {
        if (points[i].rule != SPC_RULE_TREND)
            continue;
        bool leaves = i + 1 < count && points[i + 1].rule == SPC_RULE_TREND;
        double step = leaves ? y[i + 1] - y[i] : y[i] - y[i - 1];

        points[i].high = step > 0;
    }
}

/* Rule 1: strictly beyond a limit. */
static void rule_outside(const double *y, size_t count, const struct spc_limits *limits, struct spc_point *points) {
    for (size_t i = 0; i < count; i++) {
        if (outside(limits, y[i]))
            name_point(&points[i], SPC_RULE_OUTSIDE, side(limits, y[i]) > 0);
    }
}

static enum spc_point_type type_of(const struct spc_point *point, enum spc_improvement improvement) {
    if (point->rule == SPC_RULE_NONE)
        return SPC_COMMON_CAUSE;
    if (improvement == SPC_NEUTRAL)
        return SPC_SPECIAL_NEUTRAL;
    return point->high == (improvement == SPC_IMPROVES_UP) ? SPC_SPECIAL_IMPROVEMENT : SPC_SPECIAL_CONCERN;
}

/* ---- The chart ------------------------------------------------------------------------------ */

static void chart_group(const double *y, size_t count, size_t group, const struct spc_options *options,
                        struct spc_point *points) {
    size_t fixed = options->fix_after > 0 && options->fix_after < count ? options->fix_after : count;
    struct spc_limits limits = spc_limits_of(y, fixed, options->screen);

    limits.trial = count < TRIAL_BELOW;
    for (size_t i = 0; i < count; i++)
        points[i] = (struct spc_point){.limits = limits, .group = group, .rule = SPC_RULE_NONE};
    if (!limits.defined)
        return;
    rule_shift(y, count, &limits, points);
    rule_two_of_three(y, count, &limits, points);
    rule_trend(y, count, points);
    rule_outside(y, count, &limits, points);
    for (size_t i = 0; i < count; i++)
        points[i].type = type_of(&points[i], options->improvement);
}

/* Number of the group a period belongs to. */
static size_t group_of(const struct spc_options *options, ov_day period) {
    size_t group = 0;

    while (group < options->rebase_count && options->rebase[group] <= period)
        group++;
    return group;
}

void spc_chart(const ov_day *periods, const double *y, size_t count, const struct spc_options *options,
               struct spc_point *points) {
    for (size_t start = 0, end; start < count; start = end) {
        size_t group = group_of(options, periods[start]);

        for (end = start + 1; end < count && group_of(options, periods[end]) == group;)
            end++;
        chart_group(y + start, end - start, group, options, points + start);
    }
}

/* ---- The dramatic drop -------------------------------------------------------------------------- */

bool spc_beyond_adverse(const struct spc_limits *baseline, double value, enum spc_improvement improvement) {
    if (!baseline->defined || improvement == SPC_NEUTRAL)
        return false;
    return improvement == SPC_IMPROVES_UP ? value < baseline->lower : value > baseline->upper;
}

struct drop_result spc_drop(const double *y, size_t count, const struct drop_options *options) {
    struct drop_result result = {.drop = false};

    if (count < 2 || options->improvement == SPC_NEUTRAL)
        return result;

    double value = y[count - 1];
    size_t held = count - 1;

    result.before = y[count - 2];
    result.change = options->improvement == SPC_IMPROVES_UP ? result.before - value : value - result.before;
    if (held < options->baseline_min) {
        result.drop = options->step > 0 && result.change >= options->step && result.change >= options->minimum;
        return result;
    }
    if (held > options->baseline_max)
        held = options->baseline_max;
    result.baseline = spc_limits_of(y + count - 1 - held, held, options->screen);
    result.has_baseline = result.baseline.defined;
    /* A mean moving range of zero, all movement having been screened out, measures nothing. */
    result.drop = result.has_baseline && result.baseline.moving_range > 0 &&
                  result.change > SCREEN_FACTOR * result.baseline.moving_range &&
                  spc_beyond_adverse(&result.baseline, value, options->improvement) &&
                  result.change >= options->minimum;
    return result;
}

bool spc_drop_bound(const struct drop_result *result, const struct drop_options *options, double *ret_bound,
                    bool *ret_beyond) {
    const struct spc_limits *baseline = &result->baseline;
    double sign = options->improvement == SPC_IMPROVES_UP ? 1 : -1, limit, step, least;

    if (options->improvement == SPC_NEUTRAL || !result->has_baseline || baseline->moving_range <= 0)
        return false;
    /* As keys: larger is better. */
    limit = options->improvement == SPC_IMPROVES_UP ? baseline->lower : -baseline->upper;
    step = sign * result->before - SCREEN_FACTOR * baseline->moving_range;
    least = sign * result->before - options->minimum;
    *ret_beyond = least >= fmin(limit, step);
    *ret_bound = sign * fmin(least, fmin(limit, step));
    return true;
}
