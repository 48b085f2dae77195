/* How many organisations of each system, region or group are in which segment. */
#include <string.h>

#include "daemon/render/page_impl.h"

#define COUNTED_MAX 50000 /* organisations: the reply that is counted from names each */

static void put_ways(struct page *page, const char *by) {
    static const char *const ways[] = {"system", "region", "group"};

    page_put(page, "<ul class=\"inline\">");
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        buf_printf(page->out, "<li><a href=\"/systems?by=%s", ways[i]);
        page_rules(page, "&amp;");
        buf_printf(page->out, "\"%s>By %s</a></li>", strcmp(by, ways[i]) == 0 ? " aria-current=\"true\"" : "", ways[i]);
    }
    page_put(page, "</ul>\n");
}

static void put_name(struct page *page, const cJSON *unit, const char *by) {
    const char *key = page_string(unit, by, "?"), *name = page_string(unit, "name", key);
    const cJSON *own = page_member(unit, "own");

    page_put(page, "<th scope=\"row\">");
    if (own) {
        page_segment(page, page_int(own, "indicative", 0));
        page_put(page, " ");
        page_organisation_link(page, key, name);
    } else {
        page_text(page, name);
    }
    page_put(page, "</th>");
}

static void put_unit(struct page *page, const cJSON *unit, const char *by, int worst) {
    const cJSON *segments = page_member(unit, "segments");
    const char *key = page_string(unit, by, "");

    page_put(page, "<tr>");
    put_name(page, unit, by);
    page_put(page, "<td data-label=\"Organisations\">");
    if (strcmp(by, "group") != 0) {
        buf_printf(page->out, "<a href=\"/?%s=", by);
        markup_url(page->out, key);
        page_rules(page, "&amp;");
        buf_printf(page->out, "\">%d</a>", page_int(unit, "members", 0));
    } else {
        buf_printf(page->out, "%d", page_int(unit, "members", 0));
    }
    page_put(page, "</td>");
    for (int segment = worst; segment >= 1; segment--) {
        char name[2] = {(char)('0' + segment), '\0'};
        int count = page_int(segments, name, 0);

        buf_printf(page->out, "<td data-label=\"Segment %d\"%s>%d</td>", segment,
                   count == 0     ? " class=\"nil\""
                   : segment >= 4 ? " class=\"s4\""
                   : segment == 3 ? " class=\"s3\""
                                  : "",
                   count);
    }
    page_put(page, "</tr>\n");
}

void page_systems(const struct page_request *request, const char *by, struct buf *html) {
    struct request query = {.kind = REQUEST_SYSTEMS, .period = OV_DAY_NONE};
    const cJSON *unit;
    struct page page;
    int worst = 4;
    cJSON *reply;

    if (!by || (strcmp(by, "region") != 0 && strcmp(by, "group") != 0))
        by = "system";
    if (registry_count(engine_registry(request->engine)) > COUNTED_MAX) {
        page_problem(request, "Too many organisations",
                     "There are too many organisations for this page: oversightctl systems counts them.", html);
        return;
    }
    page_begin(&page, request, PAGE_SYSTEMS, "Systems", html);
    text_copy(query.by, sizeof(query.by), text_of(by));
    text_copy(query.framework, sizeof(query.framework), text_of(page.framework->id));
    reply = page_ask(&page, &query);
    if (page.framework->segments[SEGMENTS_MAX].name)
        worst = SEGMENTS_MAX;
    page_put(&page, "<h1>Systems</h1>\n");
    put_ways(&page, by);
    page_put(&page, "<div id=\"systems\" data-live>\n<table class=\"stack\">\n<caption>Organisations by ");
    page_put(&page, by);
    page_put(&page,
             " and segment</caption>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Organisations</th>");
    for (int segment = worst; segment >= 1; segment--)
        buf_printf(html, "<th scope=\"col\">Segment %d</th>", segment);
    page_put(&page, "</tr></thead>\n<tbody>\n");
    cJSON_ArrayForEach(unit, page_member(reply, "systems")) put_unit(&page, unit, by, worst);
    page_put(&page, "</tbody>\n</table>\n");
    if (cJSON_GetArraySize(page_member(reply, "systems")) == 0)
        page_put(&page, "<p>There is none.</p>\n");
    page_put(&page, "</div>\n");
    page_end(&page);
    cJSON_Delete(reply);
}
