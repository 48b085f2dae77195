/* Figures, rankings, effective periods and signals of the oracle. */
#include "tests/unit/engine_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void oracle_init(struct oracle *oracle, const struct framework *framework, const struct registry *registry,
                 ov_day from) {
    memset(oracle, 0, sizeof *oracle);
    oracle->framework = framework;
    oracle->registry = registry;
    oracle->orgs = registry_count(registry);
    oracle->date = OV_DAY_NONE;
    for (uint32_t org = 0; org < oracle->orgs; org++) {
        oracle->types[org] = -1;
        for (size_t t = 0; t < framework->type_count; t++)
            if (!strcmp(framework->types[t], registry_at(registry, org)->type))
                oracle->types[org] = (int)t;
    }
    for (size_t m = 0; m < framework->measure_count; m++)
        for (size_t p = 0; p < ORACLE_PERIODS; p++) {
            enum frequency frequency = framework->measures[m].frequency;

            oracle->periods[m][p] = period_add(frequency, period_of(frequency, from), (int)p);
            for (uint32_t org = 0; org < ORACLE_ORGS; org++)
                oracle->values[m][p][org] = (double)NAN;
        }
}

bool oracle_counts(const struct oracle *oracle, uint32_t org, ov_day day) {
    const struct organisation *o = registry_at(oracle->registry, org);

    return (o->opened == OV_DAY_NONE || o->opened <= day) && (o->closed == OV_DAY_NONE || day < o->closed);
}

bool oracle_closed(const struct oracle *oracle, uint32_t org) {
    ov_day closed = registry_at(oracle->registry, org)->closed;

    return closed != OV_DAY_NONE && oracle->date != OV_DAY_NONE && oracle->date >= closed;
}

bool oracle_applies(const struct oracle *oracle, uint32_t org, uint32_t types) {
    return oracle->types[org] >= 0 && (types >> oracle->types[org]) % 2 == 1;
}

enum oracle_outcome oracle_set(struct oracle *oracle, uint32_t org, uint16_t measure, size_t period, double value,
                               uint32_t revision) {
    if (!oracle_applies(oracle, org, oracle->framework->measures[measure].applies_to) ||
        !oracle_counts(oracle, org, oracle->periods[measure][period]))
        return ORACLE_REFUSED;
    if (revision < oracle->revisions[measure][period][org])
        return ORACLE_SUPERSEDED;
    oracle->revisions[measure][period][org] = revision;
    oracle->values[measure][period][org] = value;
    return ORACLE_ACCEPTED;
}

int oracle_set_of(const struct oracle *oracle, uint32_t org, uint16_t measure) {
    const struct measure *m = &oracle->framework->measures[measure];

    if (!m->peer_set_count || oracle->types[org] < 0 || m->peer_set[oracle->types[org]] == PEER_SET_NONE)
        return -1;
    return m->peer_set[oracle->types[org]];
}

static bool has(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period) {
    return !isnan(oracle->values[measure][period][org]);
}

bool oracle_is_ranked(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period) {
    return oracle_set_of(oracle, org, measure) >= 0 && has(oracle, org, measure, period) &&
           oracle_counts(oracle, org, oracle->periods[measure][period]);
}

static bool worse(const struct measure *measure, double a, double b) {
    return measure->direction == DIRECTION_LOWER ? a > b : a < b;
}

uint32_t oracle_rank(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period) {
    const double *values = oracle->values[measure][period];
    uint32_t rank = 1;

    for (uint32_t other = 0; other < oracle->orgs; other++)
        if (oracle_is_ranked(oracle, other, measure, period) &&
            oracle_set_of(oracle, other, measure) == oracle_set_of(oracle, org, measure) &&
            worse(&oracle->framework->measures[measure], values[org], values[other]))
            rank++;
    return rank;
}

/* The quantile of order p of n values that stand worst first. */
static double quantile(const double *x, uint32_t n, double p) {
    double h = (n - 1) * p, below = floor(h);
    size_t i = (size_t)below;

    return i + 1 < n ? x[i] + (h - below) * (x[i + 1] - x[i]) : x[i];
}

static void settle_table(struct oracle *oracle, uint16_t measure, int set, size_t period) {
    const struct measure *m = &oracle->framework->measures[measure];
    struct oracle_table *table = &oracle->tables[measure][set][period];
    double x[ORACLE_ORGS];
    uint32_t n = 0;

    for (uint32_t org = 0; org < oracle->orgs; org++)
        if (oracle_is_ranked(oracle, org, measure, period) && oracle_set_of(oracle, org, measure) == set) {
            uint32_t at = n++;

            for (; at && worse(m, oracle->values[measure][period][org], x[at - 1]); at--)
                x[at] = x[at - 1];
            x[at] = oracle->values[measure][period][org];
        }
    *table = (struct oracle_table){.n = n};
    if (!n)
        return;
    table->quartile = quantile(x, n, 0.25);
    table->decile = quantile(x, n, 0.1);
    table->top = quantile(x, n, 0.75);
}

/* Walks the periods in date order. */
static void settle_periods(struct oracle *oracle, uint16_t measure, int set) {
    int last = -1;

    for (int p = 0; p < ORACLE_PERIODS; p++) {
        struct oracle_table *table = &oracle->tables[measure][set][p];
        uint32_t expected = 0;

        for (uint32_t org = 0; last >= 0 && org < oracle->orgs; org++)
            expected += oracle_set_of(oracle, org, measure) == set &&
                        oracle_is_ranked(oracle, org, measure, (size_t)last) &&
                        oracle_counts(oracle, org, oracle->periods[measure][p]);
        table->effective =
            table->n >= oracle->framework->minimum_peers && table->n + 1e-9 >= oracle->framework->coverage * expected;
        if (table->effective)
            last = p;
    }
}

void oracle_settle(struct oracle *oracle) {
    for (uint16_t m = 0; m < oracle->framework->measure_count; m++)
        for (int set = 0; set < (int)oracle->framework->measures[m].peer_set_count; set++) {
            for (size_t p = 0; p < ORACLE_PERIODS; p++)
                settle_table(oracle, m, set, p);
            settle_periods(oracle, m, set);
        }
}

bool oracle_band(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period, enum signal_kind band) {
    const struct measure *m = &oracle->framework->measures[measure];
    const struct oracle_table *table;
    double value = oracle->values[measure][period][org];

    if (!oracle_is_ranked(oracle, org, measure, period))
        return false;
    table = &oracle->tables[measure][oracle_set_of(oracle, org, measure)][period];
    if (table->n < oracle->framework->minimum_peers)
        return false;
    if (band == SIGNAL_BOTTOM_QUARTILE)
        return worse(m, value, table->quartile);
    return band == SIGNAL_BOTTOM_DECILE ? worse(m, value, table->decile) : worse(m, table->top, value);
}

int oracle_speaks(const struct oracle *oracle, uint32_t org, uint16_t measure, ov_day until, int *ret_age) {
    int set = oracle_set_of(oracle, org, measure), age = 0;

    for (int p = ORACLE_PERIODS - 1; set >= 0 && p >= 0; p--) {
        if (oracle->periods[measure][p] >= until || !oracle->tables[measure][set][p].effective)
            continue;
        if (oracle_is_ranked(oracle, org, measure, (size_t)p)) {
            *ret_age = age;
            return p;
        }
        age++;
    }
    return -1;
}

int oracle_newest(const struct oracle *oracle, uint32_t org, uint16_t measure, ov_day until) {
    for (int p = ORACLE_PERIODS - 1; p >= 0; p--)
        if (oracle->periods[measure][p] < until && has(oracle, org, measure, (size_t)p))
            return p;
    return -1;
}

/* ---- The dramatic drop ---- */

struct baseline {
    double y[ORACLE_PERIODS]; /* oldest first */
    size_t count;
    double before, range, lower, upper;
    bool limits;
};

static double mean_range(const struct baseline *b, double below, size_t *ret_kept) {
    double sum = 0;

    *ret_kept = 0;
    for (size_t i = 1; i < b->count; i++)
        if (fabs(b->y[i] - b->y[i - 1]) < below) {
            sum += fabs(b->y[i] - b->y[i - 1]);
            ++*ret_kept;
        }
    return *ret_kept ? sum / (double)*ret_kept : 0;
}

/* The points before the period, those of its rebase group, the newest baseline_max of them. */
static struct baseline baseline_of(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period) {
    const struct measure *m = &oracle->framework->measures[measure];
    struct baseline b = {.count = 0};
    ov_day start = INT32_MIN;
    double sum = 0;
    size_t kept;

    for (size_t i = 0; i < m->rebase_count; i++)
        if (m->rebase[i] <= oracle->periods[measure][period])
            start = m->rebase[i];
    for (size_t p = 0; p < period; p++)
        if (oracle->periods[measure][p] >= start && has(oracle, org, measure, p))
            b.y[b.count++] = oracle->values[measure][p][org];
    if (b.count)
        b.before = b.y[b.count - 1];
    if (b.count > oracle->framework->baseline_max) {
        memmove(b.y, b.y + b.count - oracle->framework->baseline_max, oracle->framework->baseline_max * sizeof *b.y);
        b.count = oracle->framework->baseline_max;
    }
    b.range = mean_range(&b, INFINITY, &kept);
    b.limits = b.count >= 2 && b.range > 0;
    if (m->screen && b.limits)
        b.range = mean_range(&b, 3.267 * b.range, &kept);
    for (size_t i = 0; i < b.count; i++)
        sum += b.y[i];
    sum /= b.count ? (double)b.count : 1;
    b.lower = sum - 2.66 * b.range;
    b.upper = sum + 2.66 * b.range;
    return b;
}

static double percentile(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period) {
    double n = oracle->tables[measure][oracle_set_of(oracle, org, measure)][period].n;

    return 100 * (n - oracle_rank(oracle, org, measure, period)) / (n - 1);
}

/* Has it fallen so far since the effective period before this one? */
static bool fallen(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period) {
    const struct measure *m = &oracle->framework->measures[measure];
    int set = oracle_set_of(oracle, org, measure), before = (int)period - 1;

    if (m->drop_rank <= 0 || set < 0 || !oracle->tables[measure][set][period].effective)
        return false;
    while (before >= 0 && !oracle->tables[measure][set][before].effective)
        before--;
    return before >= 0 && oracle_is_ranked(oracle, org, measure, (size_t)before) &&
           percentile(oracle, org, measure, (size_t)before) - percentile(oracle, org, measure, period) >= m->drop_rank;
}

bool oracle_drop(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t period) {
    const struct measure *m = &oracle->framework->measures[measure];
    struct baseline b = baseline_of(oracle, org, measure, period);
    double value = oracle->values[measure][period][org];
    double change = m->direction == DIRECTION_LOWER ? value - b.before : b.before - value;

    if (m->direction == DIRECTION_NEUTRAL)
        return false;
    if (fallen(oracle, org, measure, period))
        return true;
    if (!b.count)
        return false;
    if (b.count < oracle->framework->baseline_min)
        return m->drop_step > 0 && change >= m->drop_step && change >= m->drop_minimum;
    return b.limits && b.range > 0 && change > 3.267 * b.range && change >= m->drop_minimum &&
           (m->direction == DIRECTION_LOWER ? value > b.upper : value < b.lower);
}

bool oracle_recovered(const struct oracle *oracle, uint32_t org, uint16_t measure, size_t dropped, size_t newest) {
    const struct measure *m = &oracle->framework->measures[measure];
    struct baseline b = baseline_of(oracle, org, measure, dropped);
    double value = oracle->values[measure][newest][org];

    if (newest <= dropped)
        return false;
    if (b.count < oracle->framework->baseline_min || !b.limits) /* a plain step: back where it was */
        return !worse(m, value, b.before);
    return m->direction == DIRECTION_LOWER ? value <= b.upper : value >= b.lower;
}
