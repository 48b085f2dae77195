/* The strip of peers: a dot for each, worse to the left, with the cuts of the bottom quartile and decile. */
#include "common/chart.h"

#include <math.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "common/chart_svg.h"
#include "common/markup.h"
#include "common/words.h"

#define DOT 5.2 /* across, with the space between two */

struct strip_drawing {
    struct buf *buf;
    const struct strip *strip;
    struct chart_scale scale;
    double left, right, base, top;
    struct buf words;
};

/* The worse end is on the left whatever the direction of the measure. */
static double place(const struct strip *strip, const struct chart_scale *scale, double value) {
    double fraction = chart_fraction(scale, value);

    return strip->better == CHART_BETTER_LOWER ? 1 - fraction : fraction;
}

static double x_of(const struct strip_drawing *drawing, double value) {
    return drawing->left + place(drawing->strip, &drawing->scale, value) * (drawing->right - drawing->left);
}

static void scale_of(const struct strip *strip, struct chart_scale *scale, int ticks) {
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < strip->count; i++) {
        low = fmin(low, strip->peers[i].value);
        high = fmax(high, strip->peers[i].value);
    }
    if (!(low <= high))
        low = high = 0;
    chart_scale_init(scale, low, high, ticks);
}

/* ---- SVG ---- */

static void draw_cut(struct strip_drawing *drawing, double value, const char *word, const char *class, double y) {
    double x = x_of(drawing, value);

    buf_printf(drawing->buf, "<rect class=\"worst %s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", class,
               drawing->left, drawing->top, fmax(0, x - drawing->left), drawing->base - drawing->top);
    svg_line(drawing->buf, "cut", x, y - 4, x, drawing->base);
    if (x > drawing->right - 50)
        svg_text(drawing->buf, "tick", x - 4, y + 4, "end", word);
    else
        svg_text(drawing->buf, "tick", x + 4, y + 4, "start", word);
}

static void draw_axis(struct strip_drawing *drawing) {
    double first = chart_first_tick(&drawing->scale);

    buf_append_string(drawing->buf, "<g class=\"axis\">");
    svg_line(drawing->buf, "base", drawing->left, drawing->base, drawing->right, drawing->base);
    for (int i = 0; i < 20 && first + i * drawing->scale.step <= drawing->scale.high; i++) {
        double tick = first + i * drawing->scale.step, x = x_of(drawing, tick);

        buf_clear(&drawing->words);
        chart_tick_label(&drawing->words, &drawing->scale, tick);
        svg_line(drawing->buf, "base", x, drawing->base, x, drawing->base + 4);
        svg_text(drawing->buf, "tick", x, drawing->base + 16, "middle", drawing->words.data);
    }
    svg_text(drawing->buf, "tick", drawing->left, drawing->base + 31, "start",
             drawing->strip->better == CHART_BETTER_NEITHER ? "lower" : "\xe2\x86\x90 worse");
    svg_text(drawing->buf, "tick", drawing->right, drawing->base + 31, "end",
             drawing->strip->better == CHART_BETTER_NEITHER ? "higher" : "better \xe2\x86\x92");
    buf_append_string(drawing->buf, "</g>\n");
}

/* Dots of the same place are stacked; a stack that is too high is pressed together. */
static void draw_dots(struct strip_drawing *drawing) {
    size_t bins = (size_t)((drawing->right - drawing->left) / DOT) + 1, highest = 0;
    unsigned *stacks = alloc_zero(bins * 2, sizeof(*stacks));
    double space = DOT;

    for (size_t i = 0; i < drawing->strip->count; i++) {
        size_t bin = (size_t)((x_of(drawing, drawing->strip->peers[i].value) - drawing->left) / DOT);

        if (++stacks[bin] > highest)
            highest = stacks[bin];
    }
    if ((double)highest * DOT > drawing->base - drawing->top)
        space = (drawing->base - drawing->top) / (double)highest;
    for (size_t i = 0; i < drawing->strip->count; i++) {
        const struct strip_peer *peer = &drawing->strip->peers[i];
        size_t bin = (size_t)((x_of(drawing, peer->value) - drawing->left) / DOT);
        double x = drawing->left + ((double)bin + 0.5) * DOT, y = drawing->base - (stacks[bins + bin]++ + 0.6) * space;

        if (!peer->own)
            buf_printf(drawing->buf, "<circle class=\"peer\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.1\"/>", x, y);
    }
    free(stacks);
}

static void draw_own(struct strip_drawing *drawing) {
    double x = x_of(drawing, drawing->strip->own);
    bool right = x > (drawing->left + drawing->right) / 2;

    if (!drawing->strip->has_own)
        return;
    buf_printf(drawing->buf, "<path class=\"own\" d=\"M%.1f %.1fl-6.5 -10h13z\"", x, drawing->base + 1);
    markup_number(drawing->buf, "data-value", drawing->strip->own);
    buf_append_string(drawing->buf, "/>");
    buf_clear(&drawing->words);
    words_figure_unit(&drawing->words, drawing->strip->own, drawing->strip->unit);
    buf_append_string(&drawing->words, ", ");
    words_ordinal(&drawing->words, drawing->strip->rank);
    buf_printf(&drawing->words, " of %zu", drawing->strip->count);
    svg_line(drawing->buf, "base", x, drawing->base - 9, x, 12);
    svg_text(drawing->buf, "own-label", right ? x - 5 : x + 5, 13, right ? "end" : "start", drawing->words.data);
}

void strip_svg(struct buf *buf, const struct strip *strip, const struct chart_svg_options *options) {
    struct strip_drawing drawing = {
        .buf = buf, .strip = strip, .left = 8, .right = options->width - 8, .base = options->height - 36, .top = 34};
    struct buf title;

    buf_init(&drawing.words);
    buf_init(&title);
    buf_printf(&title, "%s: place among peers", strip->name);
    strip_describe(&drawing.words, strip);
    svg_begin(buf, options, "chart strip", title.data, drawing.words.data);
    scale_of(strip, &drawing.scale, 5);
    if (strip->has_cuts) {
        draw_cut(&drawing, strip->quartile, "quartile", "quartile", 26);
        draw_cut(&drawing, strip->decile, "decile", "decile", 40);
    }
    draw_axis(&drawing);
    draw_dots(&drawing);
    draw_own(&drawing);
    svg_end(buf);
    buf_finish(&title);
    buf_finish(&drawing.words);
}

/* ---- Text ---- */

static char density(unsigned count, unsigned most) {
    static const char marks[] = ".:+*#";

    return count == 0 ? ' ' : marks[(count - 1) * (sizeof(marks) - 1) / most];
}

void strip_text(struct buf *buf, const struct strip *strip, const struct chart_text_options *options) {
    size_t columns = options->width > 20 ? (size_t)options->width - 14 : 6;
    unsigned *counts = alloc_zero(columns, sizeof(*counts));
    struct chart_scale scale;
    struct buf words;
    unsigned most = 1;
    size_t own;

    scale_of(strip, &scale, 5);
    for (size_t i = 0; i < strip->count; i++) {
        unsigned *count = &counts[(size_t)(place(strip, &scale, strip->peers[i].value) * (double)(columns - 1))];

        if (++*count > most)
            most = *count;
    }
    buf_append_string(buf, " worse ");
    for (size_t i = 0; i < columns; i++) {
        bool cut = strip->has_cuts && (i == (size_t)(place(strip, &scale, strip->quartile) * (double)(columns - 1)) ||
                                       i == (size_t)(place(strip, &scale, strip->decile) * (double)(columns - 1)));

        buf_append_char(buf, cut ? '|' : density(counts[i], most));
    }
    buf_append_string(buf, " better\n");
    if (strip->has_own) {
        own = (size_t)(place(strip, &scale, strip->own) * (double)(columns - 1));
        for (size_t i = 0; i < own + 7; i++)
            buf_append_char(buf, ' ');
        buf_append_string(buf, "^\n");
    }
    buf_init(&words);
    strip_describe(&words, strip);
    words_wrap(buf, words.data, " ", (size_t)options->width);
    buf_finish(&words);
    free(counts);
}
