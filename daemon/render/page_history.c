#include "daemon/render/page_history.h"

#include <inttypes.h>
#include <stdio.h>

#define WIDTH 480
#define LEFT 24
#define RIGHT 468
#define ROW 24
#define TOP 14

struct span {
    int64_t from, to;
    int segments; /* the worst that is drawn */
};

static double x_of(const struct span *span, int64_t time) {
    double part = span->to > span->from ? (double)(time - span->from) / (double)(span->to - span->from) : 0;

    return LEFT + 8 + part * (RIGHT - LEFT - 16);
}

static double y_of(int segment) {
    return TOP + (segment - 1) * ROW;
}

static struct span span_of(const struct page *page, const struct standing *standing) {
    struct span span = {standing->moves[0].time, page->request->facts->now_ms, 4};
    int64_t before;

    for (size_t i = 0; i < standing->move_count; i++) {
        if (standing->moves[i].after > span.segments || standing->moves[i].before > span.segments)
            span.segments = SEGMENTS_MAX;
    }
    if (span.to <= span.from)
        span.to = span.from + 1;
    before = (span.to - span.from) / 12; /* where it came from shows, too */
    span.from -= before ? before : 1;
    return span;
}

static void draw_steps(struct page *page, const struct standing *standing, const struct span *span) {
    buf_printf(page->out, "<path class=\"steps\" d=\"M%.1f %.1f", x_of(span, span->from),
               y_of(standing->moves[0].before));
    for (size_t i = 0; i < standing->move_count; i++)
        buf_printf(page->out, "H%.1fV%.1f", x_of(span, standing->moves[i].time), y_of(standing->moves[i].after));
    buf_printf(page->out, "H%.1f\"/>\n", x_of(span, span->to));
    for (size_t i = 0; i < standing->move_count; i++)
        buf_printf(page->out, "<circle class=\"step s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>", standing->moves[i].after,
                   x_of(span, standing->moves[i].time), y_of(standing->moves[i].after));
}

/* A small timeline; what it shows stands in the table below it. */
static void draw(struct page *page, const struct standing *standing) {
    struct span span = span_of(page, standing);

    buf_printf(page->out, "<svg class=\"chart timeline\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">\n", WIDTH,
               TOP + (span.segments - 1) * ROW + 32);
    for (int segment = 1; segment <= span.segments; segment++)
        buf_printf(page->out,
                   "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                   "<text class=\"tick\" x=\"4\" y=\"%.1f\">%d</text>",
                   LEFT, RIGHT, y_of(segment), y_of(segment), y_of(segment) + 4, segment);
    draw_steps(page, standing, &span);
    words_day(&page->words, date_of_time(span.from));
    buf_printf(page->out, "<text class=\"tick\" x=\"%d\" y=\"%.1f\">", LEFT, y_of(span.segments) + 24);
    page_said(page);
    words_day(&page->words, date_of_time(span.to));
    buf_printf(page->out, "</text><text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", RIGHT,
               y_of(span.segments) + 24);
    page_said(page);
    page_put(page, "</text></svg>\n");
}

void page_history(struct page *page, const struct standing *standing) {
    char text[OV_TIME_SIZE], id[ALERT_ID_SIZE];

    page_put(page, "<section aria-labelledby=\"history\">\n<h2 id=\"history\">History</h2>\n");
    if (standing->move_count == 0) {
        page_put(page, "<p>It has not moved since figures are taken in.</p>\n</section>\n");
        return;
    }
    draw(page, standing);
    page_put(page, "<table>\n<caption>Moves, the newest first</caption>\n<thead><tr><th scope=\"col\">When</th>"
                   "<th scope=\"col\">Move</th><th scope=\"col\">Alert</th></tr></thead>\n<tbody>\n");
    for (size_t i = standing->move_count; i-- > 0;) {
        const struct move *move = &standing->moves[i];

        page_put(page, "<tr><td>");
        page_time(page, date_format_time(move->time, text));
        buf_printf(page->out, "</td><td>%d to %d</td><td>", move->before, move->after);
        if (move->alert.seq) {
            page_put(page, "<a");
            page_href(page, "/alerts/", alert_id_format(move->alert, id), NULL);
            page_put(page, ">");
            page_text(page, id);
            page_put(page, "</a>");
        } else {
            page_put(page, "not announced");
        }
        page_put(page, "</td></tr>\n");
    }
    page_put(page, "</tbody>\n</table>\n</section>\n");
}
