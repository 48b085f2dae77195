#include "common/chart_scale.h"

#include <math.h>

#define BOUND 1e306

void chart_scale_init(struct chart_scale *scale, double low, double high, int ticks) {
    double range, raw, magnitude, pad;

    /* What is further out is drawn at the edge, so that nothing overflows. */
    low = fmin(BOUND, fmax(-BOUND, low));
    high = fmin(BOUND, fmax(-BOUND, high));
    if (!(high > low)) {
        pad = fabs(low) > 0 ? fabs(low) * 0.1 : 1;
        low -= pad;
        high += pad;
    }
    range = high - low;
    scale->low = low - range * 0.06;
    scale->high = high + range * 0.06;
    raw = range / ticks;
    magnitude = pow(10, floor(log10(raw)));
    if (raw / magnitude <= 1)
        scale->step = magnitude;
    else if (raw / magnitude <= 2)
        scale->step = 2 * magnitude;
    else
        scale->step = (raw / magnitude <= 5 ? 5 : 10) * magnitude;
    scale->decimals = (int)fmax(0, -floor(log10(scale->step) + 1e-9));
}

void chart_scale_of(struct chart_scale *scale, const struct chart *chart, int ticks) {
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < chart->count; i++) {
        const struct chart_point *point = &chart->points[i];

        low = fmin(low, point->y);
        high = fmax(high, point->y);
        if (point->has_limits) {
            low = fmin(low, point->lower);
            high = fmax(high, point->upper);
        }
    }
    if (chart->has_target) {
        low = fmin(low, chart->target);
        high = fmax(high, chart->target);
    }
    if (!(low <= high))
        low = high = 0;
    chart_scale_init(scale, low, high, ticks);
}

double chart_fraction(const struct chart_scale *scale, double value) {
    double fraction = (value - scale->low) / (scale->high - scale->low);

    return fmin(1, fmax(0, fraction));
}

double chart_moment(const struct chart *chart, size_t index) {
    ov_day first = chart->points[0].period, last = chart->points[chart->count - 1].period;

    if (last <= first)
        return 0.5;
    return (double)(chart->points[index].period - first) / (double)(last - first);
}

double chart_first_tick(const struct chart_scale *scale) {
    return ceil(scale->low / scale->step) * scale->step;
}

void chart_tick_label(struct buf *buf, const struct chart_scale *scale, double tick) {
    if (fabs(tick) < scale->step / 2)
        tick = 0; /* no "-0" and no rest of a subtraction */
    if (fabs(tick) >= 1e6 || scale->decimals > 6)
        buf_printf(buf, "%.4g", tick);
    else
        buf_printf(buf, "%.*f", scale->decimals, tick);
}

size_t chart_label_step(size_t count, size_t labels) {
    static const size_t steps[] = {1, 2, 3, 4, 6, 12, 24, 36, 60, 120};
    size_t step;

    if (labels == 0)
        labels = 1;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if ((count + steps[i] - 1) / steps[i] <= labels)
            return steps[i];
    }
    step = (count + labels - 1) / labels;
    return step ? step : 1;
}

static bool same(double a, double b) {
    return !(a < b) && !(b < a);
}

bool chart_same_limits(const struct chart_point *a, const struct chart_point *b) {
    return a->has_limits && b->has_limits && same(a->mean, b->mean) && same(a->lower, b->lower) &&
           same(a->upper, b->upper);
}
