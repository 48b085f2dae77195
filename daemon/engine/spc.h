/*
 * Statistical process control: the XmR chart as NHSRplotthedots 0.2.2 computes
 * it (NHS England, "Making Data Count"), and the dramatic drop.
 *
 * m = mean; MR_i = |y_i - y_(i-1)|; A0 = mean MR; screening keeps
 * MR_i < 3.267 A0, once; A = mean of the kept. Limits m +- 2.66 A, near limits
 * m +- (2/3) 2.66 A. Pure arithmetic on arrays the caller owns.
 */
#ifndef OV_ENGINE_SPC_H
#define OV_ENGINE_SPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/date.h"

enum spc_improvement { SPC_IMPROVES_UP, SPC_IMPROVES_DOWN, SPC_NEUTRAL };

struct spc_options {
    enum spc_improvement improvement;
    bool screen;          /* drop moving ranges of 3.267 A0 and more, once */
    size_t fix_after;     /* only the first so many points of a group enter its limits; 0 = all */
    const ov_day *rebase; /* periods at which a new group starts, ascending */
    size_t rebase_count;
};

enum spc_rule { SPC_RULE_NONE, SPC_RULE_OUTSIDE, SPC_RULE_TREND, SPC_RULE_TWO_OF_THREE, SPC_RULE_SHIFT };
enum spc_point_type { SPC_COMMON_CAUSE, SPC_SPECIAL_IMPROVEMENT, SPC_SPECIAL_CONCERN, SPC_SPECIAL_NEUTRAL };

struct spc_limits {
    double mean, lower, upper, near_lower, near_upper;
    double moving_range; /* A: the mean of the kept moving ranges */
    bool defined;        /* false: a constant series or fewer than 2 points: no limits, no signal */
    bool trial;          /* fewer than 13 points */
};

struct spc_point {
    struct spc_limits limits; /* of the point's rebase group */
    size_t group;             /* number of the rebase group, from 0 */
    enum spc_rule rule;
    bool high; /* the signal lies above the mean, or the trend increases */
    enum spc_point_type type;
};

/* Limits of one group of count points; no rules. */
struct spc_limits spc_limits_of(const double *y, size_t count, bool screen);

/* Classifies every point of a series ordered by period. points has room for
 * count entries. Rules: (1) outside, (2) trend, (3) two of three, (4) shift;
 * the first that holds names the point. */
void spc_chart(const ov_day *periods, const double *y, size_t count, const struct spc_options *options,
               struct spc_point *points);

/* The words of NHSRplotthedots: "common_cause", "special_cause_concern", ..., a
 * neutral point by its side, "special_cause_neutral_high"; and "Above UCL",
 * "7 Point Trend (Increasing)", ...; see spc.c for the list. */
const char *spc_point_type_name(enum spc_point_type type, bool high);
/* What the newest point shows, as the icons of "Making Data Count" do: "improvement-high",
 * "improvement-low", "concern-high", "concern-low", "neutral-high", "neutral-low", "common-cause". */
const char *spc_variation_name(enum spc_point_type type, bool high);
const char *spc_rule_name(enum spc_rule rule, bool high);

/* The dramatic drop: a point against the points before it in its rebase group. */
struct drop_options {
    enum spc_improvement improvement; /* SPC_NEUTRAL never drops */
    bool screen;
    size_t baseline_min, baseline_max; /* 12, 24 */
    double minimum;                    /* least adverse change, in units */
    double step;                       /* plain adverse change for series too short for a baseline; 0 = off */
};

struct drop_result {
    bool drop;
    bool has_baseline; /* the limits below were computed */
    struct spc_limits baseline;
    double before; /* the point before */
    double change; /* adverse change, positive = worse */
    bool by_rank;  /* set by the caller that found a drop in the ranking alone ... */
    double fall;   /* ... of so many percentiles */
};

/* y holds the series of one rebase group up to and including the point judged,
 * which is the last of count. */
struct drop_result spc_drop(const double *y, size_t count, const struct drop_options *options);

/* The value at which the point judged turns into a drop against its baseline,
 * and whether it must go beyond it or need only reach it. False without a baseline. */
bool spc_drop_bound(const struct drop_result *result, const struct drop_options *options, double *ret_bound,
                    bool *ret_beyond);

/* True when value lies strictly beyond the adverse limit of baseline. */
bool spc_beyond_adverse(const struct spc_limits *baseline, double value, enum spc_improvement improvement);

#endif
