/* The control chart for a terminal. */
#include "common/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/chart_scale.h"
#include "common/words.h"

#define ROWS 15
#define COLUMNS_LEAST 24

/* What a place shows; the later wins over the earlier. */
enum cell { CELL_EMPTY, CELL_LIMIT, CELL_MEAN, CELL_TARGET, CELL_COMMON, CELL_NEUTRAL, CELL_IMPROVEMENT, CELL_CONCERN };

struct canvas {
    const struct chart *chart;
    const struct chart_text_options *options;
    struct chart_scale scale;
    size_t columns;
    enum cell *cells;
};

static enum cell cell_of(enum chart_kind kind) {
    static const enum cell cells[] = {[CHART_COMMON] = CELL_COMMON,
                                      [CHART_IMPROVEMENT] = CELL_IMPROVEMENT,
                                      [CHART_CONCERN] = CELL_CONCERN,
                                      [CHART_NEUTRAL] = CELL_NEUTRAL};

    return cells[kind];
}

static const char *glyph(enum cell cell, bool utf8) {
    static const char *const ascii[] = {" ", "-", "_", "=", "o", "N", "I", "C"};
    static const char *const wide[] = {" ",
                                       "\xe2\x95\x8c",  /* dashes */
                                       "\xe2\x94\x80",  /* a line */
                                       "\xe2\x95\x90",  /* a double line */
                                       "\xe2\x97\x8f",  /* a disc */
                                       "\xe2\x96\xb2",  /* a triangle */
                                       "\xe2\x96\xa0",  /* a square */
                                       "\xe2\x97\x86"}; /* a diamond */

    return utf8 ? wide[cell] : ascii[cell];
}

static const char *colour_of(enum cell cell) {
    switch (cell) {
    case CELL_CONCERN:
        return "\033[33m";
    case CELL_IMPROVEMENT:
        return "\033[36m";
    case CELL_NEUTRAL:
        return "\033[35m";
    case CELL_LIMIT:
    case CELL_MEAN:
        return "\033[2m";
    default:
        return NULL;
    }
}

static void append_cell(struct buf *buf, const struct chart_text_options *options, enum cell cell) {
    const char *colour = options->colour ? colour_of(cell) : NULL;

    if (colour)
        buf_append_string(buf, colour);
    buf_append_string(buf, glyph(cell, options->utf8));
    if (colour)
        buf_append_string(buf, "\033[0m");
}

static size_t row_of(const struct canvas *canvas, double value) {
    return ROWS - 1 - (size_t)lround(chart_fraction(&canvas->scale, value) * (ROWS - 1));
}

static size_t column_of(const struct canvas *canvas, size_t index) {
    return (size_t)lround(chart_moment(canvas->chart, index) * (double)(canvas->columns - 1));
}

static void put(struct canvas *canvas, size_t column, double value, enum cell cell) {
    enum cell *at = &canvas->cells[row_of(canvas, value) * canvas->columns + column];

    if (cell > *at)
        *at = cell;
}

static void draw(struct canvas *canvas) {
    const struct chart *chart = canvas->chart;

    for (size_t i = 0; i < chart->count; i++) {
        const struct chart_point *point = &chart->points[i];
        size_t from = i == 0 ? 0 : (column_of(canvas, i - 1) + column_of(canvas, i)) / 2 + 1;
        size_t to = i + 1 == chart->count ? canvas->columns - 1 : (column_of(canvas, i) + column_of(canvas, i + 1)) / 2;

        for (size_t column = from; column <= to; column++) {
            if (chart->has_target)
                put(canvas, column, chart->target, CELL_TARGET);
            if (!point->has_limits)
                continue;
            put(canvas, column, point->lower, CELL_LIMIT);
            put(canvas, column, point->upper, CELL_LIMIT);
            put(canvas, column, point->mean, CELL_MEAN);
        }
        put(canvas, column_of(canvas, i), point->y, cell_of(point->kind));
    }
}

/* ---- Axes ---- */

static void append_spaces(struct buf *buf, size_t count) {
    while (count-- > 0)
        buf_append_char(buf, ' ');
}

/* The label of the tick that falls on the row; empty when there is none. */
static void tick_of_row(const struct canvas *canvas, size_t row, struct buf *label) {
    double first = chart_first_tick(&canvas->scale);

    buf_clear(label);
    for (int i = 0; i < ROWS && first + i * canvas->scale.step <= canvas->scale.high; i++) {
        double tick = first + i * canvas->scale.step;

        if (row_of(canvas, tick) == row)
            chart_tick_label(label, &canvas->scale, tick);
    }
}

static size_t widest_label(const struct canvas *canvas) {
    struct buf label;
    size_t widest = 0;

    buf_init(&label);
    for (size_t row = 0; row < ROWS; row++) {
        tick_of_row(canvas, row, &label);
        widest = label.len > widest ? label.len : widest;
    }
    buf_finish(&label);
    return widest;
}

static void append_rows(struct buf *buf, const struct canvas *canvas, size_t margin) {
    struct buf label;

    buf_init(&label);
    for (size_t row = 0; row < ROWS; row++) {
        size_t length = canvas->columns;

        tick_of_row(canvas, row, &label);
        append_spaces(buf, margin - label.len);
        buf_append_text(buf, (struct text){label.data, label.len});
        buf_append_string(buf, canvas->options->utf8 ? " \xe2\x94\x82" : " |");
        while (length > 0 && canvas->cells[row * canvas->columns + length - 1] == CELL_EMPTY)
            length--;
        for (size_t column = 0; column < length; column++)
            append_cell(buf, canvas->options, canvas->cells[row * canvas->columns + column]);
        buf_append_char(buf, '\n');
    }
    buf_finish(&label);
}

/* Labels of periods under their points, the newest always. */
static void append_periods(struct buf *buf, const struct canvas *canvas, size_t margin) {
    size_t count = canvas->chart->count, step = chart_label_step(count, canvas->columns / 10);
    char *line = alloc_zero(canvas->columns + margin + 16, 1);
    struct buf label;
    size_t room = canvas->columns + margin + 12, end = 0;

    buf_init(&label);
    memset(line, ' ', canvas->columns + margin + 12);
    for (size_t i = count; i-- > 0;) {
        size_t at = margin + 2 + column_of(canvas, i);

        buf_clear(&label);
        words_period_short(&label, canvas->chart->points[i].period);
        if ((count - 1 - i) % step != 0)
            continue;
        if (i == count - 1 && at + label.len > margin + 2 + canvas->columns)
            at = margin + 2 + canvas->columns - label.len;
        if (at + label.len + 1 > room)
            continue;
        memcpy(line + at, label.data, label.len);
        end = at + label.len > end ? at + label.len : end;
        room = at;
    }
    buf_append(buf, line, end);
    buf_append_char(buf, '\n');
    buf_finish(&label);
    free(line);
}

static void append_legend(struct buf *buf, const struct canvas *canvas) {
    static const enum chart_kind kinds[] = {CHART_COMMON, CHART_IMPROVEMENT, CHART_CONCERN, CHART_NEUTRAL};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i] == CHART_NEUTRAL && canvas->chart->better != CHART_BETTER_NEITHER)
            continue;
        buf_append_string(buf, "  ");
        append_cell(buf, canvas->options, cell_of(kinds[i]));
        buf_printf(buf, " %s\n", chart_kind_words(kinds[i]));
    }
    buf_append_string(buf, "  ");
    append_cell(buf, canvas->options, CELL_MEAN);
    buf_append_string(buf, " mean   ");
    append_cell(buf, canvas->options, CELL_LIMIT);
    buf_append_string(buf, " usual range");
    if (canvas->chart->has_target) {
        buf_append_string(buf, "   ");
        append_cell(buf, canvas->options, CELL_TARGET);
        buf_append_string(buf, " standard");
    }
    buf_append_char(buf, '\n');
}

void chart_text(struct buf *buf, const struct chart *chart, const struct chart_text_options *options) {
    struct canvas canvas = {.chart = chart, .options = options};
    struct buf words;
    size_t margin, width = options->width > 0 ? (size_t)options->width : 80;

    buf_printf(buf, "%s", chart->name);
    if (chart->unit[0])
        buf_printf(buf, " (%s)", chart->unit);
    buf_printf(buf, ": %s (%s)\n\n", chart->organisation, chart->code);
    if (chart->count > 0) {
        chart_scale_of(&canvas.scale, chart, 5);
        margin = widest_label(&canvas) + 1;
        canvas.columns = width > margin + 2 + COLUMNS_LEAST ? width - margin - 2 : COLUMNS_LEAST;
        canvas.cells = alloc_zero(ROWS * canvas.columns, sizeof(*canvas.cells));
        draw(&canvas);
        append_rows(buf, &canvas, margin);
        append_periods(buf, &canvas, margin);
        buf_append_char(buf, '\n');
        append_legend(buf, &canvas);
        free(canvas.cells);
    }
    buf_init(&words);
    chart_describe(&words, chart);
    words_wrap(buf, words.data, " ", width);
    buf_finish(&words);
}
