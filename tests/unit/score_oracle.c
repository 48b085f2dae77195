#include "tests/unit/score_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define QUARTER 3 /* months */
#define NONE ((double)NAN)

void oracle_init(struct oracle *oracle, const struct framework *framework, const struct registry *registry,
                 ov_day first_month) {
    memset(oracle, 0, sizeof(*oracle));
    oracle->framework = framework;
    oracle->registry = registry;
    oracle->date = OV_DAY_NONE;
    for (int i = 0; i < ORACLE_MONTHS; i++)
        oracle->months[i] = period_add(FREQUENCY_MONTH, first_month, i);
    for (size_t m = 0; m < ORACLE_MEASURES; m++) {
        for (size_t org = 0; org < ORACLE_ORGS; org++) {
            for (size_t i = 0; i < ORACLE_MONTHS; i++)
                oracle->values[m][org][i] = NONE;
        }
    }
}

void oracle_set(struct oracle *oracle, size_t measure, size_t org, ov_day period, double value) {
    size_t i = 0;

    while (oracle->months[i] != period)
        i++;
    oracle->values[measure][org][i] = value;
}

/* ---- Who is there --------------------------------------------------------------- */

static size_t org_count(const struct oracle *oracle) {
    return registry_count(oracle->registry);
}

static bool is_open(const struct oracle *oracle, size_t org, size_t month) {
    const struct organisation *organisation = registry_at(oracle->registry, (uint32_t)org);

    return (organisation->opened == OV_DAY_NONE || organisation->opened <= oracle->months[month]) &&
           (organisation->closed == OV_DAY_NONE || oracle->months[month] < organisation->closed);
}

static unsigned type_of(const struct oracle *oracle, size_t org) {
    return framework_type(oracle->framework, registry_at(oracle->registry, (uint32_t)org)->type);
}

static bool has_type(const struct oracle *oracle, size_t org, uint32_t types) {
    return (types >> type_of(oracle, org) & 1) != 0;
}

static bool has_figure(const struct oracle *oracle, size_t measure, size_t org, size_t month) {
    return !isnan(oracle->values[measure][org][month]) && is_open(oracle, org, month);
}

static bool enough(const struct oracle *oracle, unsigned n, unsigned expected) {
    return n >= oracle->framework->minimum_peers && n + 1e-9 >= oracle->framework->coverage * expected;
}

/* ---- Effective periods ------------------------------------------------------------ */

static bool is_peer(const struct oracle *oracle, size_t measure, size_t set, size_t org, size_t month) {
    return has_figure(oracle, measure, org, month) &&
           oracle->framework->measures[measure].peer_set[type_of(oracle, org)] == set;
}

static void walk_measure(struct oracle *oracle, size_t measure, size_t set) {
    int last = -1;

    for (int month = 0; month < ORACLE_MONTHS; month++) {
        unsigned n = 0, expected = 0;

        for (size_t org = 0; org < org_count(oracle); org++) {
            n += is_peer(oracle, measure, set, org, (size_t)month);
            expected +=
                last >= 0 && is_peer(oracle, measure, set, org, (size_t)last) && is_open(oracle, org, (size_t)month);
        }
        oracle->effective[measure][set][month] = enough(oracle, n, expected);
        if (oracle->effective[measure][set][month])
            last = month;
    }
}

static bool reports(const struct oracle *oracle, size_t org, size_t quarter) {
    if (!has_type(oracle, org, oracle->framework->scoring.applies_to) || !is_open(oracle, org, quarter))
        return false;
    for (size_t m = 0; m < oracle->framework->measure_count; m++) {
        enum score_kind kind = oracle->framework->measures[m].score.kind;

        for (size_t i = quarter; i < quarter + QUARTER; i++) {
            if (kind != SCORE_NONE && kind != SCORE_COMBINED && has_figure(oracle, m, org, i))
                return true;
        }
    }
    return false;
}

static void walk_quarters(const struct oracle *oracle, bool *ret_effective) {
    int last = -1;

    for (int quarter = 0; quarter < ORACLE_MONTHS; quarter += QUARTER) {
        unsigned n = 0, expected = 0;

        for (size_t org = 0; org < org_count(oracle); org++) {
            n += reports(oracle, org, (size_t)quarter);
            expected += last >= 0 && reports(oracle, org, (size_t)last) && is_open(oracle, org, (size_t)quarter);
        }
        ret_effective[quarter] = n > 0 && enough(oracle, n, expected);
        if (ret_effective[quarter])
            last = quarter;
    }
}

/* ---- Metric scores ---------------------------------------------------------------- */

static double better_is_more(const struct measure *measure, double value) {
    return measure->direction == DIRECTION_LOWER ? -value : value;
}

/* The month on which the peers are ranked, or -1. */
static int ranked_month(const struct oracle *oracle, size_t measure, size_t set, size_t quarter) {
    for (int pass = 0; pass < 2; pass++) {
        for (int month = (int)quarter + QUARTER - 1; month >= (int)quarter; month--) {
            bool good = oracle->effective[measure][set][month];

            for (size_t org = 0; pass == 1 && !good && org < org_count(oracle); org++)
                good = is_peer(oracle, measure, set, org, (size_t)month);
            if (good)
                return month;
        }
    }
    return -1;
}

static double share(unsigned better, unsigned n) {
    return n > 1 ? (double)better / (n - 1) : 0;
}

static double by_rank(const struct oracle *oracle, size_t m, size_t org, size_t quarter) {
    const struct measure *measure = &oracle->framework->measures[m];
    const struct score_rule *rule = &measure->score;
    size_t set = measure->peer_set[type_of(oracle, org)];
    int month = set == PEER_SET_NONE ? -1 : ranked_month(oracle, m, set, quarter);
    double mine, mark = better_is_more(measure, rule->parameter);
    unsigned n = 0, better = 0, passing = 0, passing_better = 0;

    if (month < 0 || !is_peer(oracle, m, set, org, (size_t)month))
        return NONE;
    mine = better_is_more(measure, oracle->values[m][org][month]);
    for (size_t other = 0; other < org_count(oracle); other++) {
        double theirs;

        if (!is_peer(oracle, m, set, other, (size_t)month))
            continue;
        theirs = better_is_more(measure, oracle->values[m][other][month]);
        n++;
        better += theirs > mine;
        passing += theirs >= mark;
        passing_better += theirs >= mark && theirs > mine;
    }
    if (rule->kind == SCORE_PLAIN)
        return 1 + 3 * share(better, n);
    if (rule->kind == SCORE_STANDARD)
        return mine >= mark ? 1 : 2 + 2 * share(better - passing, n - passing);
    return mine < mark ? 4 : 1 + 2 * share(passing_better, passing);
}

static bool too_old(const struct oracle *oracle, const struct measure *measure, int month) {
    return measure->valid_for && oracle->date != OV_DAY_NONE &&
           oracle->date - oracle->months[month] > measure->valid_for;
}

static int newest(const struct oracle *oracle, size_t measure, size_t org, int from, int until) {
    for (int month = until; month-- > from;) {
        if (has_figure(oracle, measure, org, (size_t)month))
            return too_old(oracle, &oracle->framework->measures[measure], month) ? -1 : month;
    }
    return -1;
}

static double by_bands(const struct measure *measure, double value) {
    for (size_t i = 0; i < measure->score.band_count; i++) {
        const struct score_band *band = &measure->score.bands[i];
        bool holds;

        if (measure->kind == MEASURE_RATING)
            holds = (double)band->word >= value && (double)band->word <= value;
        else if (band->comparison == COMPARE_AT_LEAST)
            holds = value >= band->bound;
        else if (band->comparison == COMPARE_AT_MOST)
            holds = value <= band->bound;
        else
            holds = band->comparison == COMPARE_ABOVE ? value > band->bound : value < band->bound;
        if (holds)
            return band->score;
    }
    return measure->score.otherwise;
}

static double metric(const struct oracle *oracle, size_t m, size_t org, size_t quarter) {
    const struct measure *measure = &oracle->framework->measures[m];
    double first, second;
    int month;

    if (!has_type(oracle, org, measure->applies_to))
        return NONE;
    switch (measure->score.kind) {
    case SCORE_NONE:
        return NONE;
    case SCORE_PLAIN:
    case SCORE_STANDARD:
    case SCORE_FLOOR:
        return by_rank(oracle, m, org, quarter);
    case SCORE_COMBINED:
        first = metric(oracle, measure->score.first, org, quarter);
        second = metric(oracle, measure->score.second, org, quarter);
        return isnan(first) || isnan(second) ? NONE : measure->score.combined[(int)first - 1][(int)second - 1];
    case SCORE_BANDS:
    case SCORE_SUPPLIED:
        break;
    }
    month = newest(oracle, m, org, (int)quarter, (int)quarter + QUARTER);
    if (month < 0)
        return NONE;
    return measure->score.kind == SCORE_SUPPLIED ? oracle->values[m][org][month]
                                                 : by_bands(measure, oracle->values[m][org][month]);
}

/* ---- Averages ---------------------------------------------------------------------- */

/* Is there a combined score for this type that stands in the measure's place? */
static bool replaced(const struct oracle *oracle, size_t m, size_t org) {
    for (size_t i = 0; i < oracle->framework->measure_count; i++) {
        const struct measure *other = &oracle->framework->measures[i];

        if (other->score.kind == SCORE_COMBINED && has_type(oracle, org, other->applies_to) &&
            (other->score.first == m || other->score.second == m))
            return true;
    }
    return false;
}

/* theme -1: all. */
static double average(const struct oracle *oracle, size_t org, size_t quarter, int theme) {
    double sum = 0, weight = 0;

    if (!reports(oracle, org, quarter))
        return NONE;
    for (size_t m = 0; m < oracle->framework->measure_count; m++) {
        const struct measure *measure = &oracle->framework->measures[m];
        double score = metric(oracle, m, org, quarter);

        if (isnan(score) || replaced(oracle, m, org) || (theme >= 0 && measure->theme != theme))
            continue;
        sum += score * measure->score.weight;
        weight += measure->score.weight;
    }
    return weight > 0 ? sum / weight : NONE;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Type 7 over ascending numbers: the same from either end. */
static double quantile(const double *sorted, size_t n, double p) {
    double h = (double)(n - 1) * p;
    size_t below = (size_t)floor(h), above = below + 1 < n ? below + 1 : below;

    return sorted[below] + (h - floor(h)) * (sorted[above] - sorted[below]);
}

static bool cuts_of(const struct oracle *oracle, size_t quarter, double cuts[3]) {
    const struct scoring *scoring = &oracle->framework->scoring;
    double sorted[ORACLE_ORGS];
    size_t n = 0;
    bool found = false;

    for (size_t org = 0; org < org_count(oracle); org++) {
        if (!isnan(oracle->averages[quarter][org]))
            sorted[n++] = oracle->averages[quarter][org];
    }
    if (scoring->quartiles && n > 0) {
        qsort(sorted, n, sizeof(*sorted), ascending);
        for (int i = 0; i < 3; i++)
            cuts[i] = quantile(sorted, n, 0.25 * (i + 1));
        return true;
    }
    for (size_t i = 0; i < scoring->cut_count; i++) {
        if (scoring->cuts[i].from <= oracle->months[quarter]) {
            memcpy(cuts, scoring->cuts[i].bounds, sizeof(scoring->cuts[i].bounds));
            found = true;
        }
    }
    return found;
}

static int segment_of(double score, const double cuts[3]) {
    int segment = 1;

    while (segment < 4 && score > cuts[segment - 1] + 1e-9)
        segment++;
    return segment;
}

/* ---- Rows -------------------------------------------------------------------------- */

static double newest_value(const struct oracle *oracle, uint16_t measure, size_t org) {
    int month = measure == INDEX_NONE ? -1 : newest(oracle, measure, org, 0, ORACLE_MONTHS);

    return month < 0 ? NONE : oracle->values[measure][org][month];
}

static bool in_deficit(const struct oracle *oracle, size_t org) {
    const struct scoring *scoring = &oracle->framework->scoring;
    double flag = newest_value(oracle, scoring->deficit_flag, org);
    double sum =
        newest_value(oracle, scoring->deficit_planned, org) + newest_value(oracle, scoring->deficit_variance, org);

    return isnan(flag) ? !isnan(sum) && sum < -1e-9 : flag > 0;
}

static void find_row(const struct oracle *oracle, size_t org, const bool *effective, struct oracle_row *row) {
    int quarter = ORACLE_MONTHS - QUARTER, scored = -1;
    double cuts[3];

    *row = (struct oracle_row){.segment = oracle->framework->default_segment};
    for (; quarter >= 0; quarter -= QUARTER) {
        if (!effective[quarter])
            continue;
        scored = scored < 0 ? quarter : scored;
        if (!isnan(oracle->averages[quarter][org]) && cuts_of(oracle, (size_t)quarter, cuts))
            break;
    }
    for (size_t m = 0; m < oracle->framework->measure_count; m++)
        row->metrics[m] =
            scored >= 0 && reports(oracle, org, (size_t)scored) ? metric(oracle, m, org, (size_t)scored) : NONE;
    for (int t = 0; t < (int)oracle->framework->theme_count; t++)
        row->domains[t] = scored < 0 ? NONE : average(oracle, org, (size_t)scored, t);
    if (quarter < 0)
        return;
    row->scored = quarter == scored;
    row->unknown = !row->scored;
    row->average = oracle->averages[quarter][org];
    row->unadjusted = segment_of(row->average, cuts);
    row->adjusted = in_deficit(oracle, org) && row->unadjusted < 3 ? 3 : row->unadjusted;
    row->segment = newest_value(oracle, oracle->framework->scoring.recovery_flag, org) > 0 ? 5 : row->adjusted;
}

/* Hundredths, halves up. */
static long shown(double score) {
    return (long)floor(score * 100 + 0.5 + 1e-7);
}

void oracle_find(struct oracle *oracle, struct oracle_row *ret_rows) {
    bool effective[ORACLE_MONTHS] = {false};

    for (size_t m = 0; m < oracle->framework->measure_count; m++) {
        for (size_t set = 0; set < oracle->framework->measures[m].peer_set_count; set++)
            walk_measure(oracle, m, set);
    }
    walk_quarters(oracle, effective);
    for (size_t quarter = 0; quarter < ORACLE_MONTHS; quarter += QUARTER) {
        for (size_t org = 0; effective[quarter] && org < org_count(oracle); org++)
            oracle->averages[quarter][org] = average(oracle, org, quarter, -1);
    }
    for (size_t org = 0; org < org_count(oracle); org++)
        find_row(oracle, org, effective, &ret_rows[org]);
    for (size_t a = 0; a < org_count(oracle); a++) {
        for (size_t b = 0; ret_rows[a].scored && b < org_count(oracle); b++) {
            if (!ret_rows[b].scored)
                continue;
            ret_rows[a].n++;
            ret_rows[a].rank += b == a || ret_rows[b].adjusted < ret_rows[a].adjusted ||
                                (ret_rows[b].adjusted == ret_rows[a].adjusted &&
                                 shown(ret_rows[b].average) < shown(ret_rows[a].average));
        }
    }
}
