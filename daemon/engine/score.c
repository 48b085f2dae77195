#include "daemon/engine/score.h"

#include <math.h>

/* ---- Step 1: metric scores --------------------------------------------------------------- */

/* Where rank r of n lies between first and first + width; alone counts as first. */
static double spread(double first, double width, uint32_t rank, uint32_t n) {
    return n > 1 ? first + width * (double)(rank - 1) / (double)(n - 1) : first;
}

/* Those not worse than the standard have met it; the rest rank among themselves. */
static double score_standard(const struct ranking *ranking, double standard, double key) {
    uint32_t failing = ranking_worse(ranking, standard);
    uint32_t meeting = ranking_count(ranking) - failing;

    if (key >= standard)
        return 1;
    return spread(2, 2, ranking_rank(ranking, key) - meeting, failing);
}

static double score_floor(const struct ranking *ranking, double floor_key, double key) {
    if (key < floor_key)
        return 4;
    return spread(1, 2, ranking_rank(ranking, key), ranking_count(ranking) - ranking_worse(ranking, floor_key));
}

/* NAN when no band holds and the rule names no other score. */
static double score_bands(const struct score_rule *rule, double value) {
    for (size_t i = 0; i < rule->band_count; i++) {
        if (comparison_holds(rule->bands[i].comparison, value, rule->bands[i].bound))
            return rule->bands[i].score;
    }
    return rule->otherwise;
}

bool score_of_number(const struct score_rule *rule, enum direction direction, const struct ranking *ranking,
                     double value, double *ret_score) {
    double key = direction_key(direction, value), parameter = direction_key(direction, rule->parameter),
           score = (double)NAN;

    switch (rule->kind) {
    case SCORE_NONE:
    case SCORE_COMBINED:
        return false;
    case SCORE_PLAIN:
        score = spread(1, 3, ranking_rank(ranking, key), ranking_count(ranking));
        break;
    case SCORE_STANDARD:
        score = score_standard(ranking, parameter, key);
        break;
    case SCORE_FLOOR:
        score = score_floor(ranking, parameter, key);
        break;
    case SCORE_BANDS:
        score = score_bands(rule, value);
        break;
    case SCORE_SUPPLIED:
        score = value;
        break;
    }
    if (isnan(score))
        return false;
    *ret_score = score;
    return true;
}

bool score_of_word(const struct score_rule *rule, uint8_t word, double *ret_score) {
    if (rule->kind != SCORE_BANDS)
        return false;
    for (size_t i = 0; i < rule->band_count; i++) {
        if (rule->bands[i].word == word) {
            *ret_score = rule->bands[i].score;
            return true;
        }
    }
    if (isnan(rule->otherwise))
        return false;
    *ret_score = rule->otherwise;
    return true;
}

/* A whole score of 1 to 4 as an index, or -1. */
static int cell(double score) {
    for (int i = 0; i < 4; i++) {
        if (fabs(score - (i + 1)) <= SCORE_TOLERANCE)
            return i;
    }
    return -1;
}

bool score_combined(const struct score_rule *rule, double first, double second, double *ret_score) {
    int row = cell(first), column = cell(second);

    if (rule->kind != SCORE_COMBINED || row < 0 || column < 0)
        return false;
    *ret_score = rule->combined[row][column];
    return true;
}

/* ---- Step 2: averages --------------------------------------------------------------------------- */

/* Mean of the parts of one theme, or of all for INDEX_NONE. */
static bool mean_of_parts(const struct score_part *parts, size_t count, uint16_t theme, double *ret_average) {
    long double sum = 0, weight = 0;

    for (size_t i = 0; i < count; i++) {
        if (theme != INDEX_NONE && parts[i].theme != theme)
            continue;
        sum += (long double)parts[i].weight * parts[i].score;
        weight += parts[i].weight;
    }
    if (weight <= 0)
        return false;
    *ret_average = (double)(sum / weight);
    return true;
}

bool score_average(const struct score_part *parts, size_t count, double *ret_average) {
    return mean_of_parts(parts, count, INDEX_NONE, ret_average);
}

bool score_domain(const struct score_part *parts, size_t count, uint16_t theme, double *ret_average) {
    return mean_of_parts(parts, count, theme, ret_average);
}

/* A half that binary fractions put a hair below is still a half. */
int score_hundredths(double average) {
    return (int)floor((average + SCORE_TOLERANCE) * 100 + 0.5);
}

double score_rounded(double average) {
    return score_hundredths(average) / 100.0;
}

/* ---- Step 3: cuts and the unadjusted segment ------------------------------------------------------- */

double score_average_key(double average) {
    return -average;
}

void score_cuts_quartiles(const struct ranking *averages, double ret_bounds[3]) {
    ret_bounds[0] = -ranking_quantile(averages, 0.75);
    ret_bounds[1] = -ranking_quantile(averages, 0.5);
    ret_bounds[2] = -ranking_quantile(averages, 0.25);
}

const struct cut_set *score_cuts_at(const struct scoring *scoring, ov_day period) {
    const struct cut_set *found = NULL;

    for (size_t i = 0; i < scoring->cut_count && scoring->cuts[i].from <= period; i++)
        found = &scoring->cuts[i];
    return found;
}

int score_segment(double average, const double bounds[3]) {
    for (int i = 0; i < 3; i++) {
        if (average <= bounds[i] + SCORE_TOLERANCE)
            return i + 1;
    }
    return 4;
}

/* ---- Steps 4 and 5: adjusted and final segment -------------------------------------------------------- */

bool score_in_deficit(const bool *flag, const double *planned, const double *variance) {
    if (flag)
        return *flag;
    return planned && variance && *planned + *variance < -SCORE_TOLERANCE;
}

int score_adjusted(int unadjusted, bool deficit) {
    return deficit && unadjusted < 3 ? 3 : unadjusted;
}

int score_final(int adjusted, bool recovery) {
    return recovery ? 5 : adjusted;
}

/* ---- The league ------------------------------------------------------------------------------------------ */

double score_league_key(int adjusted, double average) {
    return -(1000.0 * adjusted + score_hundredths(average));
}
