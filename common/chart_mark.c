/* Elements that all drawings are made of, and how they look. */
#include "common/chart_svg.h"

#include <string.h>

#include "common/markup.h"

const char chart_css[] =
    ".chart{display:block;width:100%;height:auto;overflow:visible;color:#1d2a35;"
    "font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif;font-size:12px;"
    "font-variant-numeric:tabular-nums}\n"
    ".chart text{fill:currentColor}\n"
    ".chart .tick,.chart .unit,.chart .limit-label{font-size:11.5px;fill:#4c5f6e}\n"
    ".chart .heading{font-size:16px;font-weight:600}\n"
    ".chart .subheading{font-size:13px}\n"
    ".chart line,.chart .line{fill:none;stroke-width:1}\n"
    ".chart .grid{stroke:#e3e9ed}\n"
    ".chart .base{stroke:#8796a1}\n"
    ".chart .mean{stroke:#4c5f6e;stroke-width:1.2}\n"
    ".chart .limit{stroke:#4c5f6e;stroke-width:1.2;stroke-dasharray:5 4}\n"
    ".chart .target{stroke:#a3004c;stroke-width:1.4;stroke-dasharray:1.5 3.5;stroke-linecap:round}\n"
    ".chart .line{stroke:#7a8a96;stroke-width:1.5;stroke-linejoin:round}\n"
    ".chart .mark{stroke:#fff;stroke-width:1}\n"
    ".chart .common,.chart .peer{fill:#6b7b87}\n"
    ".chart .improvement{fill:#005eb8}\n"
    ".chart .concern{fill:#c2500a}\n"
    ".chart .neutral{fill:#6a3fa0}\n"
    ".chart .worst{fill:#c2500a;fill-opacity:.1}\n"
    ".chart .worst.decile{fill-opacity:.14}\n"
    ".chart .cut{stroke:#c2500a;stroke-width:1.2;stroke-dasharray:5 4}\n"
    ".chart .own{fill:#1d2a35;stroke:#fff;stroke-width:1.5}\n"
    ".chart .own-label{font-weight:600}\n"
    "@media (prefers-color-scheme:dark){\n"
    ".chart{color:#e8edf1}\n"
    ".chart .tick,.chart .unit,.chart .limit-label{fill:#a9b7c2}\n"
    ".chart .grid{stroke:#26323c}\n"
    ".chart .base{stroke:#6c7c88}\n"
    ".chart .mean,.chart .limit{stroke:#a9b7c2}\n"
    ".chart .target{stroke:#ff8fb5}\n"
    ".chart .line{stroke:#74838f}\n"
    ".chart .mark{stroke:#131b22}\n"
    ".chart .common,.chart .peer{fill:#93a2ae}\n"
    ".chart .improvement{fill:#6cb4ff}\n"
    ".chart .concern{fill:#ff9d4d}\n"
    ".chart .neutral{fill:#c5a5ff}\n"
    ".chart .worst{fill:#ff9d4d}\n"
    ".chart .cut{stroke:#ff9d4d}\n"
    ".chart .own{fill:#fff;stroke:#131b22}\n"
    "}\n"
    "@media print{.chart{color:#000}.chart text{fill:#000}.chart .mark{stroke:#fff}}\n";

double svg_y(const struct svg_plot *plot, double value) {
    return plot->bottom - chart_fraction(&plot->scale, value) * (plot->bottom - plot->top);
}

void svg_begin(struct buf *buf, const struct chart_svg_options *options, const char *class, const char *title,
               const char *description) {
    if (options->standalone)
        buf_append_string(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buf_append_string(buf, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    markup_attribute(buf, "class", class);
    buf_printf(buf, " viewBox=\"0 0 %d %d\"", options->width, options->height);
    if (options->standalone)
        buf_printf(buf, " width=\"%d\" height=\"%d\"", options->width, options->height);
    buf_append_string(buf, " aria-labelledby=\"");
    markup_string(buf, options->id);
    buf_append_string(buf, "-t ");
    markup_string(buf, options->id);
    buf_append_string(buf, "-d\">\n<title id=\"");
    markup_string(buf, options->id);
    buf_append_string(buf, "-t\">");
    markup_string(buf, title);
    buf_append_string(buf, "</title>\n<desc id=\"");
    markup_string(buf, options->id);
    buf_append_string(buf, "-d\">");
    markup_string(buf, description);
    buf_append_string(buf, "</desc>\n");
    if (options->standalone) {
        buf_append_string(buf, "<style>\n");
        buf_append_string(buf, chart_css);
        buf_append_string(buf, "svg{background:#fff}@media (prefers-color-scheme:dark){svg{background:#131b22}}\n"
                               "</style>\n");
    }
}

void svg_end(struct buf *buf) {
    buf_append_string(buf, "</svg>\n");
}

void svg_line(struct buf *buf, const char *class, double x1, double y1, double x2, double y2) {
    buf_printf(buf, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", class, x1, y1, x2, y2);
}

void svg_text(struct buf *buf, const char *class, double x, double y, const char *anchor, const char *text) {
    buf_printf(buf, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\"", class, x, y);
    if (strcmp(anchor, "start") != 0)
        buf_printf(buf, " text-anchor=\"%s\"", anchor);
    buf_append_char(buf, '>');
    markup_string(buf, text);
    buf_append_string(buf, "</text>");
}

void svg_mark(struct buf *buf, enum chart_kind kind, bool high, double x, double y, double size) {
    static const char *const classes[] = {"common", "improvement", "concern", "neutral"};

    buf_printf(buf, "<path class=\"mark %s%s\" d=\"", classes[kind],
               kind == CHART_COMMON ? ""
               : high               ? " high"
                                    : " low");
    switch (kind) {
    case CHART_IMPROVEMENT: /* a square */
        buf_printf(buf, "M%.1f %.1fh%.1fv%.1fh-%.1fz", x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8,
                   size * 1.8);
        break;
    case CHART_CONCERN: /* a diamond */
        buf_printf(buf, "M%.1f %.1fl%.1f %.1fl-%.1f %.1fl-%.1f -%.1fz", x, y - size * 1.25, size * 1.25, size * 1.25,
                   size * 1.25, size * 1.25, size * 1.25, size * 1.25);
        break;
    case CHART_NEUTRAL: { /* a triangle that points to its side */
        double up = high ? -size * 1.2 : size * 1.2;

        buf_printf(buf, "M%.1f %.1fL%.1f %.1fL%.1f %.1fz", x, y + up, x + size * 1.2, y - up * 0.8, x - size * 1.2,
                   y - up * 0.8);
        break;
    }
    default: /* a disc */
        buf_printf(buf, "M%.1f %.1fa%.1f %.1f 0 1 0 %.1f 0a%.1f %.1f 0 1 0 -%.1f 0z", x - size, y, size, size, size * 2,
                   size, size, size * 2);
        break;
    }
    buf_append_string(buf, "\">");
}
