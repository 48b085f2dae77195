/* The control chart as SVG. */
#include "common/chart_svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/markup.h"
#include "common/words.h"

#define LABEL_SPACE 13 /* between two lines of text */
#define CHARACTER 6.3  /* about the width of one */
#define LABEL_WIDTH 58 /* of a period, with the space beside it */
#define TICKS_MAX 20

const struct chart_svg_options chart_svg_file = {
    .id = "chart", .width = CHART_WIDE, .height = CHART_WIDE_HEIGHT, .standalone = true};

struct drawing {
    struct buf *buf;
    const struct chart *chart;
    const struct chart_svg_options *options;
    struct svg_plot plot;
    struct buf words;
};

static double x_of(const struct drawing *drawing, size_t index) {
    const struct svg_plot *plot = &drawing->plot;

    return plot->left + 6 + chart_moment(drawing->chart, index) * (plot->right - plot->left - 12);
}

/* ---- Axes ---- */

static void draw_value_axis(struct drawing *drawing) {
    const struct svg_plot *plot = &drawing->plot;
    double first = chart_first_tick(&plot->scale);

    buf_append_string(drawing->buf, "<g class=\"axis\">");
    for (int i = 0; i < TICKS_MAX && first + i * plot->scale.step <= plot->scale.high; i++) {
        double tick = first + i * plot->scale.step, y = svg_y(plot, tick);

        buf_clear(&drawing->words);
        chart_tick_label(&drawing->words, &plot->scale, tick);
        svg_line(drawing->buf, "grid", plot->left, y, plot->right, y);
        svg_text(drawing->buf, "tick", plot->left - 6, y + 4, "end", drawing->words.data);
    }
    svg_text(drawing->buf, "unit", 2, plot->top - 8, "start", drawing->chart->unit);
    buf_append_string(drawing->buf, "</g>\n");
}

/* Every so many points, counted from the newest, have room for a label: there may be gaps in time. */
static size_t label_step(const struct drawing *drawing) {
    size_t count = drawing->chart->count, step = count;

    for (size_t labels = (size_t)((drawing->plot.right - drawing->plot.left) / LABEL_WIDTH); labels > 0; labels--) {
        double least = INFINITY;

        step = chart_label_step(count, labels);
        for (size_t i = count - 1; i >= step; i -= step)
            least = fmin(least, x_of(drawing, i) - x_of(drawing, i - step));
        if (least >= LABEL_WIDTH - 12)
            break;
    }
    return step;
}

static void draw_period_axis(struct drawing *drawing) {
    const struct svg_plot *plot = &drawing->plot;
    size_t count = drawing->chart->count, step = label_step(drawing);

    buf_append_string(drawing->buf, "<g class=\"axis\">");
    svg_line(drawing->buf, "base", plot->left, plot->bottom, plot->right, plot->bottom);
    for (size_t i = count; i-- > 0;) {
        double x = x_of(drawing, i);

        if ((count - 1 - i) % step != 0)
            continue;
        buf_clear(&drawing->words);
        words_period_short(&drawing->words, drawing->chart->points[i].period);
        svg_line(drawing->buf, "base", x, plot->bottom, x, plot->bottom + 4);
        svg_text(drawing->buf, "tick", x, plot->bottom + 17, "middle", drawing->words.data);
    }
    buf_append_string(drawing->buf, "</g>\n");
}

/* ---- Limits ---- */

struct line_label {
    const char *word;
    double value, y;
};

/* Labels beside their lines, pushed apart where they would cover each other. */
static void draw_labels(struct drawing *drawing, struct line_label *labels, size_t count) {
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && labels[k].y < labels[k - 1].y; k--) {
            struct line_label swap = labels[k];

            labels[k] = labels[k - 1];
            labels[k - 1] = swap;
        }
    }
    for (size_t i = 1; i < count; i++)
        labels[i].y = fmax(labels[i].y, labels[i - 1].y + LABEL_SPACE);
    for (size_t i = count; i-- > 0;) {
        double most = i + 1 < count ? labels[i + 1].y - LABEL_SPACE : drawing->plot.bottom;

        labels[i].y = fmin(labels[i].y, most);
        buf_clear(&drawing->words);
        buf_printf(&drawing->words, "%s ", labels[i].word);
        words_figure(&drawing->words, labels[i].value);
        svg_text(drawing->buf, "limit-label", drawing->plot.right + 5, labels[i].y + 4, "start", drawing->words.data);
    }
}

static void draw_limit_labels(struct drawing *drawing) {
    const struct chart *chart = drawing->chart;
    const struct chart_point *last = &chart->points[chart->count - 1];
    struct line_label labels[4];
    size_t count = 0;

    if (last->has_limits) {
        labels[count++] = (struct line_label){"upper", last->upper, 0};
        labels[count++] = (struct line_label){"mean", last->mean, 0};
        labels[count++] = (struct line_label){"lower", last->lower, 0};
    }
    if (chart->has_target)
        labels[count++] = (struct line_label){"standard", chart->target, 0};
    for (size_t i = 0; i < count; i++)
        labels[i].y = svg_y(&drawing->plot, labels[i].value);
    draw_labels(drawing, labels, count);
}

/* Where the limits of a run of points begin or end: half way to the neighbour. */
static double edge(const struct drawing *drawing, size_t index, bool left) {
    if (left)
        return index == 0 ? drawing->plot.left : (x_of(drawing, index - 1) + x_of(drawing, index)) / 2;
    return index + 1 == drawing->chart->count ? drawing->plot.right
                                              : (x_of(drawing, index) + x_of(drawing, index + 1)) / 2;
}

static void draw_limits(struct drawing *drawing) {
    const struct chart *chart = drawing->chart;
    size_t end;

    for (size_t from = 0; from < chart->count; from = end) {
        const struct chart_point *point = &chart->points[from];

        for (end = from + 1; end < chart->count && chart_same_limits(point, &chart->points[end]);)
            end++;
        if (!point->has_limits)
            continue;
        double left = edge(drawing, from, true), right = edge(drawing, end - 1, false);

        buf_append_string(drawing->buf, "<g class=\"limits\"");
        markup_number(drawing->buf, "data-mean", point->mean);
        markup_number(drawing->buf, "data-lower", point->lower);
        markup_number(drawing->buf, "data-upper", point->upper);
        buf_append_char(drawing->buf, '>');
        svg_line(drawing->buf, "limit", left, svg_y(&drawing->plot, point->upper), right,
                 svg_y(&drawing->plot, point->upper));
        svg_line(drawing->buf, "limit", left, svg_y(&drawing->plot, point->lower), right,
                 svg_y(&drawing->plot, point->lower));
        svg_line(drawing->buf, "mean", left, svg_y(&drawing->plot, point->mean), right,
                 svg_y(&drawing->plot, point->mean));
        buf_append_string(drawing->buf, "</g>\n");
    }
    if (chart->has_target) {
        double y = svg_y(&drawing->plot, chart->target);

        svg_line(drawing->buf, "target", drawing->plot.left, y, drawing->plot.right, y);
    }
}

/* ---- Points ---- */

static void draw_point(struct drawing *drawing, size_t index) {
    const struct chart_point *point = &drawing->chart->points[index];
    double room = (drawing->plot.right - drawing->plot.left) / (double)drawing->chart->count;
    double size = fmin(4.6, fmax(2.8, room * 0.6)); /* of many points each is small */
    char date[OV_DATE_SIZE];

    svg_mark(drawing->buf, point->kind, point->high, x_of(drawing, index), svg_y(&drawing->plot, point->y),
             point->kind == CHART_COMMON ? size * 0.62 : size);
    buf_truncate(drawing->buf, drawing->buf->len - 1); /* the ">": further attributes */
    markup_attribute(drawing->buf, "data-period", date_format(point->period, date));
    markup_number(drawing->buf, "data-y", point->y);
    markup_attribute(drawing->buf, "data-type", chart_kind_name(point->kind, point->high));
    if (point->has_limits) {
        markup_number(drawing->buf, "data-mean", point->mean);
        markup_number(drawing->buf, "data-lower", point->lower);
        markup_number(drawing->buf, "data-upper", point->upper);
    }
    buf_clear(&drawing->words);
    words_period(&drawing->words, point->period);
    buf_append_string(&drawing->words, ": ");
    words_figure_unit(&drawing->words, point->y, drawing->chart->unit);
    if (point->has_limits)
        buf_printf(&drawing->words, ", %s", chart_kind_words(point->kind));
    if (point->cause)
        buf_printf(&drawing->words, " (%s)", point->cause);
    buf_append_string(drawing->buf, "><title>");
    markup_string(drawing->buf, drawing->words.data);
    buf_append_string(drawing->buf, "</title></path>\n");
}

static void draw_points(struct drawing *drawing) {
    const struct chart *chart = drawing->chart;

    buf_append_string(drawing->buf, "<path class=\"line\" d=\"");
    for (size_t i = 0; i < chart->count; i++)
        buf_printf(drawing->buf, "%c%.1f %.1f", i ? 'L' : 'M', x_of(drawing, i),
                   svg_y(&drawing->plot, chart->points[i].y));
    buf_append_string(drawing->buf, "\"/>\n<g class=\"points\">");
    for (size_t i = 0; i < chart->count; i++)
        draw_point(drawing, i);
    buf_append_string(drawing->buf, "</g>\n");
}

/* ---- The whole ---- */

/* For the longest of the labels beside the lines. */
static double label_room(struct drawing *drawing) {
    const struct chart *chart = drawing->chart;
    const struct chart_point *last = &chart->points[chart->count - 1];
    const double values[] = {last->mean, last->lower, last->upper};
    size_t longest = 0;

    for (size_t i = 0; i < 3 && last->has_limits; i++) {
        buf_clear(&drawing->words);
        words_figure(&drawing->words, values[i]);
        longest = drawing->words.len > longest ? drawing->words.len : longest;
    }
    if (chart->has_target && longest < 8)
        longest = 8;
    return longest ? 14 + CHARACTER * (double)(longest + 6) : 14;
}

static void lay_out(struct drawing *drawing) {
    const struct chart_svg_options *options = drawing->options;
    struct svg_plot *plot = &drawing->plot;
    size_t longest = 0;

    chart_scale_of(&plot->scale, drawing->chart, options->height > 280 ? 6 : 4);
    for (int i = 0; i < TICKS_MAX; i++) {
        buf_clear(&drawing->words);
        chart_tick_label(&drawing->words, &plot->scale, chart_first_tick(&plot->scale) + i * plot->scale.step);
        longest = drawing->words.len > longest ? drawing->words.len : longest;
    }
    plot->left = 14 + CHARACTER * (double)longest;
    plot->right = options->width - label_room(drawing);
    plot->top = options->standalone ? 62 : 20;
    plot->bottom = options->height - (options->standalone ? 56 : 24);
}

static void draw_heading(struct drawing *drawing) {
    const struct chart *chart = drawing->chart;

    buf_clear(&drawing->words);
    buf_append_string(&drawing->words, chart->name);
    svg_text(drawing->buf, "heading", 2, 18, "start", drawing->words.data);
    buf_clear(&drawing->words);
    buf_printf(&drawing->words, "%s (%s)", chart->organisation, chart->code);
    svg_text(drawing->buf, "subheading", 2, 36, "start", drawing->words.data);
}

static void draw_legend(struct drawing *drawing) {
    static const enum chart_kind kinds[] = {CHART_COMMON, CHART_IMPROVEMENT, CHART_CONCERN, CHART_NEUTRAL};
    double x = 8, y = drawing->options->height - 12;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const char *words = chart_kind_words(kinds[i]);

        if (kinds[i] == CHART_NEUTRAL && drawing->chart->better != CHART_BETTER_NEITHER)
            continue;
        svg_mark(drawing->buf, kinds[i], true, x, y, 4.6);
        buf_append_string(drawing->buf, "</path>");
        svg_text(drawing->buf, "tick", x + 10, y + 4, "start", words);
        x += 34 + CHARACTER * (double)strlen(words);
    }
    svg_text(drawing->buf, "tick", x, y + 4, "start", "dashed: usual range");
}

static void draw_nothing(struct drawing *drawing) {
    svg_text(drawing->buf, "tick", drawing->options->width / 2.0, drawing->options->height / 2.0, "middle",
             "No figures yet");
}

void chart_svg(struct buf *buf, const struct chart *chart, const struct chart_svg_options *options) {
    struct drawing drawing = {.buf = buf, .chart = chart, .options = options};
    struct buf title;

    buf_init(&drawing.words);
    buf_init(&title);
    buf_printf(&title, "%s, %s (%s)", chart->name, chart->organisation, chart->code);
    chart_describe(&drawing.words, chart);
    svg_begin(buf, options, "chart control-chart", title.data, drawing.words.data);
    if (options->standalone)
        draw_heading(&drawing);
    if (chart->count == 0) {
        draw_nothing(&drawing);
    } else {
        lay_out(&drawing);
        draw_value_axis(&drawing);
        draw_period_axis(&drawing);
        draw_limits(&drawing);
        draw_points(&drawing);
        draw_limit_labels(&drawing);
    }
    if (options->standalone)
        draw_legend(&drawing);
    svg_end(buf);
    buf_finish(&title);
    buf_finish(&drawing.words);
}
