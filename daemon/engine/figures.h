/*
 * The figures of one measure: a column per period, in it the figure of every
 * organisation, and per peer set the ranking of that period. Which periods are
 * effective is maintained here by the walk of oversight-framework(5),
 * "Effective periods".
 *
 * Shared within the engine: signal, evidence and league read the records
 * directly; only figures.c and walk.c change them.
 */
#ifndef OV_ENGINE_FIGURES_H
#define OV_ENGINE_FIGURES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/engine/bands.h"
#include "daemon/engine/framework.h"
#include "daemon/engine/ranking.h"
#include "daemon/engine/registry.h"

#define PERIODS_MAX 4000 /* per measure: bounds what bogus dates can fill */

/* One peer set of one period. Figures of periods that nobody touches need no
 * ranking but their cuts: it rests, and is built again from the column when it
 * is asked for. */
struct table {
    const struct figures *figures;
    const struct column *column;
    struct ranking *ranking; /* NULL: at rest, or nobody is ranked; figures_table() has it awake */
    uint32_t count;          /* who is ranked */
    uint32_t used;           /* figures->changes when it was last needed */
    struct bands bands;      /* as of the last settling */
    int32_t ordinal;         /* among the effective periods of the peer set; -1 = not effective */
    bool touched;            /* changed since the last settling */
    bool resized;            /* somebody came or went since then */
};

struct column {
    ov_day period;
    uint32_t present;     /* figures in it */
    double *values;       /* by organisation; NAN = none */
    uint32_t *revisions;  /* by organisation; NULL while all are 0 */
    struct table *tables; /* by peer set */
};

/* The effective periods of one peer set, oldest first. */
struct walk {
    struct column **effective;
    size_t count, capacity;
    struct column *newest; /* the last of them; NULL = none */
    struct column *from;   /* the oldest that was resized since the last walk; NULL = none */
};

struct figures {
    const struct measure *measure;
    const struct framework *framework;
    const struct registry *registry;
    const uint64_t *bounds;  /* of the registry */
    const uint8_t *types;    /* of the framework, by organisation */
    const uint32_t *closing; /* organisations with a closing date */
    size_t closing_count;
    struct column **columns; /* oldest first */
    size_t count, capacity;
    struct walk *walks;         /* by peer set */
    struct ranking_work rested; /* done by rankings that are at rest now */
    uint32_t changes;           /* of figures so far, to tell which rankings are needed; wraps around */
    bool emptied;               /* some column has lost its last figure */
    struct column *recent;      /* the one last set, as the next is mostly of the same period */
};

struct figures *figures_create(const struct measure *measure, const struct framework *framework,
                               const struct registry *registry, const uint8_t *types, const uint32_t *closing,
                               size_t closing_count);
void figures_destroy(struct figures *figures);

enum figure_result { FIGURE_ACCEPTED, FIGURE_SUPERSEDED, FIGURE_TOO_MANY_PERIODS };

struct figure_effect {
    struct column *column; /* NULL: there is none, and nothing changed */
    bool changed;          /* the figure differs from the one before */
    bool correction;       /* it replaced or withdrew a figure, or is older than the organisation's newest */
    bool reranked;         /* tables[set] of the column has changed */
    uint8_t set;           /* peer set, or PEER_SET_NONE */
};

/* value NAN withdraws. Does not settle bands or the walk. */
enum figure_result figures_set(struct figures *figures, uint32_t org, ov_day period, double value, uint32_t revision,
                               struct figure_effect *ret_effect);

/* The same for many at a time, as from a store: builds no ranking. Follow with figures_settle(). */
enum figure_result figures_load(struct figures *figures, uint32_t org, ov_day period, double value, uint32_t revision);
/* Bands and effective periods of everything. */
void figures_settle(struct figures *figures);

/* The table with its ranking; NULL where nobody is ranked. Wakes a ranking at
 * rest, in O(n log n), which changes no answer; at most once in as many changes
 * of the measure's figures as it ranks, times REST_AFTER. */
#define REST_AFTER 1
const struct table *figures_table(const struct figures *figures, const struct column *column, uint8_t set);
/* An empty ranking for the table, whose source is the column. */
struct ranking *figures_ranking(const struct table *table);
/* Puts rankings to rest that are neither of the newest periods nor were needed lately. */
void figures_rest(struct figures *figures);

/* Forgets periods of which nothing is left, neither figure nor revision. Nobody
 * may hold a column. */
void figures_forget(struct figures *figures);

/* Recomputes the effective periods of a peer set from a column on. True when
 * they differ from before. */
bool figures_walk(struct figures *figures, uint8_t set, ov_day from);

/* Column of a period, or NULL. */
struct column *figures_column(const struct figures *figures, ov_day period);

/* The organisation's newest figure in a period before `until`; NULL = none. */
struct column *figures_newest(const struct figures *figures, uint32_t org, ov_day until);
/* The same among the effective periods of its peer set. ret_age: effective
 * periods before `until` that have passed since it. */
struct column *figures_newest_effective(const struct figures *figures, uint32_t org, ov_day until, int *ret_age);

static inline uint8_t figures_peer_set(const struct figures *figures, uint32_t org) {
    if (figures->types[org] >= TYPES_MAX || !figures->measure->peer_set_count)
        return PEER_SET_NONE;
    return figures->measure->peer_set[figures->types[org]];
}

static inline bool column_has(const struct column *column, uint32_t org) {
    return !isnan(column->values[org]);
}

/* The same, and the organisation counts in the period: a figure from outside
 * its time, left from an earlier registry, is kept but does not speak. */
static inline bool figures_speaks(const struct figures *figures, const struct column *column, uint32_t org) {
    return column_has(column, org) &&
           (!(figures->bounds[org / 64] >> (org % 64) & 1) || registry_counts(figures->registry, org, column->period));
}
uint32_t column_revision(const struct column *column, uint32_t org);

/* The figure as a ranking key: larger is better. */
static inline double measure_key(const struct measure *measure, double value) {
    return direction_key(measure->direction, value);
}
double measure_value(const struct measure *measure, double key);

/* The series of an organisation before `until`, oldest first, into arrays of
 * figures->count entries; returns its length. periods may be NULL. */
size_t figures_series(const struct figures *figures, uint32_t org, ov_day until, ov_day *periods, double *values);

#define UNTIL_NOW INT32_MAX /* every period */

/* figures_newest_effective() of every period: mostly it is in the newest of them. */
static inline struct column *figures_effective_now(const struct figures *figures, uint32_t org, int *ret_age) {
    uint8_t set = figures_peer_set(figures, org);
    struct column *newest = set == PEER_SET_NONE ? NULL : figures->walks[set].newest;

    if (!newest || !figures_speaks(figures, newest, org))
        return figures_newest_effective(figures, org, UNTIL_NOW, ret_age);
    *ret_age = 0;
    return newest;
}

#endif
