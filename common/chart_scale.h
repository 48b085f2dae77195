/* Where things go in a chart: shared by the drawings and the text. */
#ifndef OV_COMMON_CHART_SCALE_H
#define OV_COMMON_CHART_SCALE_H

#include "common/chart.h"

struct chart_scale {
    double low, high; /* of the axis, low < high */
    double step;      /* between ticks */
    int decimals;     /* of their labels */
};

/* An axis that holds the values from low to high with about so many ticks. */
void chart_scale_init(struct chart_scale *scale, double low, double high, int ticks);
/* All that the chart draws: figures, limits, target. */
void chart_scale_of(struct chart_scale *scale, const struct chart *chart, int ticks);

/* 0 at the low end, 1 at the high one; never outside. */
double chart_fraction(const struct chart_scale *scale, double value);
/* The place of a point in time, from 0 to 1. */
double chart_moment(const struct chart *chart, size_t index);

/* The first tick and the label of one; ticks go on while they are <= high. */
double chart_first_tick(const struct chart_scale *scale);
void chart_tick_label(struct buf *buf, const struct chart_scale *scale, double tick);

/* Every so many points, counted from the newest, one gets a label when there is room for so many labels. */
size_t chart_label_step(size_t count, size_t labels);

/* Do two neighbours have the same limits, so that one line goes through both? */
bool chart_same_limits(const struct chart_point *a, const struct chart_point *b);

#endif
