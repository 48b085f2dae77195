/* The measures of an organisation: figure, place, bands, control chart, strip of peers. */
#include <stdio.h>
#include <string.h>

#include "daemon/render/chart.h"
#include "daemon/render/page_impl.h"

#define CHARTED_MAX 60 /* measures with charts on the page itself; all have a page of their own */
#define STRIP_HEIGHT 132

static void put_bands(struct page *page, const cJSON *signal) {
    const cJSON *band = cJSON_GetArrayItem(page_member(signal, "bands"), 0);
    const char *variation = page_string(signal, "point_type", "");

    /* The first says all: the decile lies within the quartile. */
    if (cJSON_IsString(band)) {
        bool worse = strncmp(band->valuestring, "bottom", 6) == 0;

        page_put(page, worse ? "<li class=\"tag worse\"><span aria-hidden=\"true\">\xe2\x96\xbc</span> "
                             : "<li class=\"tag better\"><span aria-hidden=\"true\">\xe2\x96\xb2</span> ");
        page_plain(page, band->valuestring);
        page_said(page);
        page_put(page, "</li>");
    }
    if (page_true(signal, "drop"))
        page_put(page, "<li class=\"tag worse\"><span aria-hidden=\"true\">\xe2\x86\x93</span> dramatic drop</li>");
    if (strncmp(variation, "special_cause_", 14) == 0) {
        bool concern = strstr(variation, "concern") != NULL, better = strstr(variation, "improvement") != NULL;

        buf_printf(page->out, "<li class=\"tag %s\"><span aria-hidden=\"true\">%s</span> special cause%s</li>",
                   concern  ? "concern"
                   : better ? "improvement"
                            : "neutral",
                   concern  ? "\xe2\x97\x86"
                   : better ? "\xe2\x96\xa0"
                            : "\xe2\x96\xb2",
                   concern  ? ", concern"
                   : better ? ", improvement"
                            : "");
    }
    if (page_true(signal, "held"))
        page_put(page, "<li class=\"tag\">held: no newer figure yet</li>");
    if (page_true(signal, "unknown"))
        page_put(page, "<li class=\"tag\">no figure for long: unknown</li>");
}

static void put_figure(struct page *page, const cJSON *signal) {
    page_put(page, "<p class=\"figure\"><span class=\"value\">");
    page_figure(page, page_member(signal, "value"), page_string(signal, "unit", ""));
    page_said(page);
    page_put(page, "</span> <span class=\"of\">");
    page_period(page, page_string(signal, "period", ""));
    if (page_member(signal, "rank")) {
        buf_append_string(&page->words, ", ");
        words_ordinal(&page->words, (unsigned long)page_int(signal, "rank", 0));
        buf_printf(&page->words, " of %d", page_int(signal, "n", 0));
    }
    if (page_member(signal, "score"))
        buf_printf(&page->words, ", score %.2f", page_number(signal, "score", 0));
    page_said(page);
    page_put(page, "</span></p>\n<ul class=\"tags\">");
    put_bands(page, signal);
    page_put(page, "</ul>\n");
}

static void put_chart(struct page *page, uint32_t org, uint16_t index, const char *id, int width, int height) {
    char name[16];
    struct chart_svg_options options = {.id = name, .width = width, .height = height};
    struct org_chart chart;

    if (!org_chart_init(&chart, page->request->engine, page->request->framework, org, index))
        return;
    snprintf(name, sizeof(name), "%s%u", id, index);
    page_put(page, "<figure>");
    chart_svg(page->out, &chart.chart, &options);
    page_put(page, "</figure>\n");
    org_chart_finish(&chart);
}

static void put_strip(struct page *page, uint32_t org, uint16_t index) {
    char name[16];
    struct chart_svg_options options = {.id = name, .width = CHART_WIDTH, .height = STRIP_HEIGHT};
    struct org_strip strip;

    if (!org_strip_init(&strip, page->request->engine, page->request->framework, org, index))
        return;
    snprintf(name, sizeof(name), "p%u", index);
    page_put(page, "<figure>");
    strip_svg(page->out, &strip.strip, &options);
    page_put(page, "</figure>\n");
    org_strip_finish(&strip);
}

static void put_measure(struct page *page, uint32_t org, uint16_t index, const cJSON *signal, bool charted) {
    const struct measure *measure = &page->framework->measures[index];
    const char *code = registry_at(engine_registry(page->request->engine), org)->code;

    page_put(page, "<article class=\"measure\"");
    markup_attribute(page->out, "data-measure", measure->id);
    page_put(page, ">\n<p class=\"theme\">");
    page_text(page, page->framework->themes[measure->theme]);
    page_put(page, "</p>\n<h3>");
    if (measure->kind == MEASURE_NUMBER) {
        page_put(page, "<a");
        page_href(page, "/organisations/", code, measure->id);
        page_put(page, ">");
    }
    page_text(page, page_measure_name(page, measure->id));
    page_put(page, measure->kind == MEASURE_NUMBER ? "</a></h3>\n" : "</h3>\n");
    put_figure(page, signal);
    if (charted) {
        put_chart(page, org, index, "c", CHART_WIDTH, CHART_HEIGHT);
        put_strip(page, org, index);
    }
    page_put(page, "</article>\n");
}

static bool put_theme(struct page *page, uint32_t org, uint16_t theme, const cJSON *signals, size_t *charted) {
    const cJSON *signal;
    bool any = false;

    cJSON_ArrayForEach(signal, signals) {
        uint16_t index = framework_measure(page->framework, text_of(page_string(signal, "measure", "")));

        if (index == INDEX_NONE || page->framework->measures[index].theme != theme)
            continue;
        any = true;
        put_measure(page, org, index, signal, (*charted)++ < CHARTED_MAX);
    }
    return any;
}

void page_measures(struct page *page, uint32_t org, const cJSON *signals) {
    size_t charted = 0;
    bool any = false;

    page_put(page, "<section aria-labelledby=\"measures\">\n<h2 id=\"measures\">Measures</h2>\n");
    page_put(page,
             "<ul class=\"legend\">"
             "<li><span class=\"mark-common\" aria-hidden=\"true\">\xe2\x97\x8f</span> common cause</li>"
             "<li><span class=\"mark-improvement\" aria-hidden=\"true\">\xe2\x96\xa0</span> special cause, "
             "improvement</li>"
             "<li><span class=\"mark-concern\" aria-hidden=\"true\">\xe2\x97\x86</span> special cause, concern</li>"
             "<li><span aria-hidden=\"true\">\xe2\x94\x80</span> mean</li>"
             "<li><span aria-hidden=\"true\">\xe2\x95\x8c</span> usual range</li>"
             "<li><span aria-hidden=\"true\">\xe2\x96\xb2</span> this organisation among its peers</li></ul>\n"
             "<div class=\"measures\">\n");
    for (uint16_t theme = 0; theme < page->framework->theme_count; theme++)
        any = put_theme(page, org, theme, signals, &charted) || any;
    page_put(page, any ? "</div>\n</section>\n" : "</div>\n<p>No figures yet.</p>\n</section>\n");
}

/* ---- A page of its own ------------------------------------------------------------- */

static void put_table_row(struct page *page, const struct chart *chart, size_t index) {
    const struct chart_point *point = &chart->points[index];

    page_put(page, "<tr><th scope=\"row\">");
    words_period(&page->words, point->period);
    page_said(page);
    page_put(page, "</th><td>");
    words_figure_unit(&page->words, point->y, chart->unit);
    page_said(page);
    page_put(page, "</td><td>");
    if (point->has_limits) {
        words_figure(&page->words, point->lower);
        buf_append_string(&page->words, " to ");
        words_figure(&page->words, point->upper);
    }
    page_said(page);
    page_put(page, "</td><td>");
    if (point->has_limits)
        buf_append_string(&page->words, chart_kind_words(point->kind));
    if (point->cause)
        buf_printf(&page->words, " (%s)", point->cause);
    page_said(page);
    page_put(page, "</td></tr>\n");
}

static void put_table(struct page *page, const struct chart *chart) {
    page_put(page, "<table>\n<caption>All figures, the newest first</caption>\n<thead><tr><th scope=\"col\">Period</th>"
                   "<th scope=\"col\">Figure</th><th scope=\"col\">Usual range</th><th scope=\"col\">What it shows</th>"
                   "</tr></thead>\n<tbody>\n");
    for (size_t i = chart->count; i-- > 0;)
        put_table_row(page, chart, i);
    page_put(page, "</tbody>\n</table>\n");
}

static void put_measure_page(struct page *page, uint32_t org, uint16_t index, const struct chart *chart) {
    page_put(page, "<p class=\"back\">");
    page_organisation_link(page, chart->code, chart->organisation);
    page_put(page, "</p>\n<h1>");
    page_text(page, chart->name);
    page_put(page, "</h1>\n<div id=\"measure\" data-live>\n<p>");
    chart_describe(&page->words, chart);
    page_said(page);
    page_put(page, "</p>\n<div class=\"wide\">");
    put_chart(page, org, index, "w", CHART_WIDE, CHART_WIDE_HEIGHT);
    page_put(page, "</div>\n<div class=\"narrow\">");
    put_chart(page, org, index, "n", CHART_WIDTH, CHART_HEIGHT);
    page_put(page, "</div>\n<h2>Place among peers</h2>\n<div class=\"measures\">");
    put_strip(page, org, index);
    page_put(page, "</div>\n");
    put_table(page, chart);
    page_put(page, "<p><a");
    page_href(page, "/charts/", chart->code, chart->measure);
    page_put(page, ">The chart as a file (SVG)</a></p>\n</div>\n");
}

bool page_measure(const struct page_request *request, const char *code, const char *measure, struct buf *html) {
    const struct framework *framework = engine_framework(request->engine, request->framework);
    uint32_t org = registry_find(engine_registry(request->engine), text_of(code));
    uint16_t index = framework_measure(framework, text_of(measure));
    struct org_chart chart;
    struct page page;

    if (org == ORG_NONE || index == INDEX_NONE ||
        !org_chart_init(&chart, request->engine, request->framework, org, index)) {
        page_problem(request, "Not found", "There is no such organisation or measure, or no chart of it.", html);
        return false;
    }
    page_begin(&page, request, PAGE_ELSEWHERE, chart.chart.name, html);
    put_measure_page(&page, org, index, &chart.chart);
    page_end(&page);
    org_chart_finish(&chart);
    return true;
}

bool page_chart(const struct page_request *request, const char *code, const char *measure, struct buf *svg) {
    const struct framework *framework = engine_framework(request->engine, request->framework);
    uint32_t org = registry_find(engine_registry(request->engine), text_of(code));
    uint16_t index = framework_measure(framework, text_of(measure));
    struct org_chart chart;

    if (org == ORG_NONE || index == INDEX_NONE ||
        !org_chart_init(&chart, request->engine, request->framework, org, index))
        return false;
    chart_svg(svg, &chart.chart, &chart_svg_file);
    org_chart_finish(&chart);
    return true;
}
