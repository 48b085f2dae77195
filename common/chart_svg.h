/* What the drawings in SVG share. */
#ifndef OV_COMMON_CHART_SVG_H
#define OV_COMMON_CHART_SVG_H

#include "common/chart.h"
#include "common/chart_scale.h"

/* The area in which figures are drawn. */
struct svg_plot {
    double left, top, right, bottom;
    struct chart_scale scale;
};

double svg_y(const struct svg_plot *plot, double value);

/* The svg element with its title and description; close it with svg_end(). */
void svg_begin(struct buf *buf, const struct chart_svg_options *options, const char *class, const char *title,
               const char *description);
void svg_end(struct buf *buf);

void svg_line(struct buf *buf, const char *class, double x1, double y1, double x2, double y2);
/* anchor: "start", "middle" or "end". The text is escaped. */
void svg_text(struct buf *buf, const char *class, double x, double y, const char *anchor, const char *text);
/* A mark of the kind at a place: its shape says what its colour says. Left open: close with "</path>". */
void svg_mark(struct buf *buf, enum chart_kind kind, bool high, double x, double y, double size);

#endif
