/* What the charts show, in sentences, and the names of kinds of points. */
#include "common/chart.h"

#include <string.h>

#include "common/words.h"

const char *chart_kind_words(enum chart_kind kind) {
    static const char *const words[] = {[CHART_COMMON] = "common cause",
                                        [CHART_IMPROVEMENT] = "special cause, improvement",
                                        [CHART_CONCERN] = "special cause, concern",
                                        [CHART_NEUTRAL] = "special cause, neither better nor worse"};

    return words[kind];
}

const char *chart_kind_name(enum chart_kind kind, bool high) {
    static const char *const names[] = {[CHART_COMMON] = "common_cause",
                                        [CHART_IMPROVEMENT] = "special_cause_improvement",
                                        [CHART_CONCERN] = "special_cause_concern"};

    if (kind == CHART_NEUTRAL)
        return high ? "special_cause_neutral_high" : "special_cause_neutral_low";
    return names[kind];
}

bool chart_kind_parse(const char *name, enum chart_kind *ret_kind, bool *ret_high) {
    for (enum chart_kind kind = CHART_COMMON; kind <= CHART_NEUTRAL; kind++) {
        for (int high = 0; high <= 1; high++) {
            if (strcmp(name, chart_kind_name(kind, high != 0)) != 0)
                continue;
            *ret_kind = kind;
            *ret_high = high != 0;
            return true;
        }
    }
    return false;
}

static void describe_limits(struct buf *buf, const struct chart *chart, const struct chart_point *last) {
    buf_append_string(buf, " Mean ");
    words_figure_unit(buf, last->mean, chart->unit);
    buf_append_string(buf, ", usual range ");
    words_figure_unit(buf, last->lower, chart->unit);
    buf_append_string(buf, " to ");
    words_figure_unit(buf, last->upper, chart->unit);
    buf_append_string(buf, chart->trial ? ", from few points." : ".");
}

static void describe_kinds(struct buf *buf, const struct chart *chart) {
    size_t counts[CHART_NEUTRAL + 1] = {0};
    const char *between = " ";

    for (size_t i = 0; i < chart->count; i++)
        counts[chart->points[i].kind]++;
    for (enum chart_kind kind = CHART_IMPROVEMENT; kind <= CHART_NEUTRAL; kind++) {
        if (counts[kind] == 0)
            continue;
        buf_append_string(buf, between);
        words_count(buf, counts[kind], "point");
        buf_append_string(buf, " of ");
        buf_append_string(buf, chart_kind_words(kind));
        between = ", ";
    }
    buf_append_string(buf, between[0] == ',' ? "." : " No point of special cause.");
}

void chart_describe(struct buf *buf, const struct chart *chart) {
    const struct chart_point *last;

    if (chart->count == 0) {
        buf_append_string(buf, "No figures yet.");
        return;
    }
    last = &chart->points[chart->count - 1];
    words_count(buf, chart->count, "figure");
    buf_append_string(buf, " from ");
    words_period(buf, chart->points[0].period);
    buf_append_string(buf, " to ");
    words_period(buf, last->period);
    buf_append_string(buf, ". The newest is ");
    words_figure_unit(buf, last->y, chart->unit);
    if (last->has_limits) {
        buf_append_string(buf, ", ");
        buf_append_string(buf, chart_kind_words(last->kind));
    }
    buf_append_char(buf, '.');
    if (last->has_limits) {
        describe_limits(buf, chart, last);
        describe_kinds(buf, chart);
    } else {
        buf_append_string(buf, " Too few or too equal for limits.");
    }
    if (chart->has_target) {
        buf_append_string(buf, " The standard is ");
        words_figure_unit(buf, chart->target, chart->unit);
        buf_append_char(buf, '.');
    }
    if (chart->better != CHART_BETTER_NEITHER)
        buf_append_string(buf, chart->better == CHART_BETTER_HIGHER ? " Higher is better." : " Lower is better.");
}

void strip_describe(struct buf *buf, const struct strip *strip) {
    words_count(buf, strip->count, "organisation");
    buf_append_string(buf, " in ");
    words_period(buf, strip->period);
    buf_append_char(buf, '.');
    if (strip->has_own) {
        buf_append_string(buf, " This one, ");
        words_figure_unit(buf, strip->own, strip->unit);
        buf_append_string(buf, ", is ");
        words_ordinal(buf, strip->rank);
        buf_append_string(buf, " from the best.");
    }
    if (strip->has_cuts) {
        buf_append_string(buf, " The bottom quartile begins at ");
        words_figure_unit(buf, strip->quartile, strip->unit);
        buf_append_string(buf, ", the bottom decile at ");
        words_figure_unit(buf, strip->decile, strip->unit);
        buf_append_char(buf, '.');
    } else {
        buf_append_string(buf, " Too few have reported for bottom quartile and decile.");
    }
}
