/* Grounds and their evidence in words. */
#include <math.h>
#include <string.h>

#include "daemon/render/page_impl.h"

/* Where it stands, and how far beyond the line it was held against. */
static void say_standing(struct page *page, const cJSON *evidence, const char *unit) {
    const char *band = page_string(evidence, "band", "");
    double distance = page_number(evidence, "distance", 0);
    int places = page_int(evidence, "places", 0);

    if (page_member(evidence, "rank")) {
        buf_append_string(&page->words, ", ");
        words_ordinal(&page->words, (unsigned long)page_int(evidence, "rank", 0));
        buf_printf(&page->words, " of %d", page_int(evidence, "n", 0));
    }
    if (band[0]) {
        buf_append_string(&page->words, ", in the ");
        page_plain(page, band);
    }
    if (page_member(evidence, "cut")) {
        buf_append_string(&page->words, ": ");
        words_figure_unit(&page->words, fabs(distance), unit);
        buf_append_string(&page->words, distance < 0 ? " short of the cut at " : " beyond the cut at ");
        words_figure_unit(&page->words, page_number(evidence, "cut", 0), unit);
    }
    if (places > 0) {
        buf_append_string(&page->words, "; ");
        words_count(&page->words, (unsigned long)places, "place");
        buf_append_string(&page->words, " to climb to leave it");
    }
}

static void say_limits(struct page *page, const cJSON *limits, const char *unit) {
    buf_append_string(&page->words, "; usual range ");
    words_figure(&page->words, page_number(limits, "lower", 0));
    buf_append_string(&page->words, " to ");
    words_figure_unit(&page->words, page_number(limits, "upper", 0), unit);
    buf_append_string(&page->words, ", mean ");
    words_figure_unit(&page->words, page_number(limits, "mean", 0), unit);
}

void page_evidence(struct page *page, const cJSON *evidence) {
    const char *unit = page_string(evidence, "unit", ""), *period = page_string(evidence, "period", "");
    const cJSON *limits = page_member(evidence, "limits");

    page_put(page, "<b>");
    page_text(page, page_measure_name(page, page_string(evidence, "measure", "?")));
    page_put(page, "</b>: ");
    page_figure(page, page_member(evidence, "value"), unit);
    if (period[0]) {
        buf_append_string(&page->words, " in ");
        page_period(page, period);
    }
    if (page_member(evidence, "before")) {
        buf_append_string(&page->words, ", before that ");
        page_figure(page, page_member(evidence, "before"), unit);
    }
    say_standing(page, evidence, unit);
    /* Drops carry their limits beside the figure, signals in a member of their own. */
    if (limits || page_member(evidence, "lower"))
        say_limits(page, limits ? limits : evidence, unit);
    if (page_member(evidence, "score"))
        buf_printf(&page->words, ", score %.2f", page_number(evidence, "score", 0));
    if (page_true(evidence, "held"))
        buf_append_string(&page->words, " (held: no newer figure yet)");
    if (page_true(evidence, "unknown"))
        buf_append_string(&page->words, " (no figure for long: unknown)");
    page_said(page);
}

static void put_ground(struct page *page, const cJSON *trigger) {
    const cJSON *evidence;
    const char *since = page_string(trigger, "since", "");
    int segment = page_int(trigger, "segment", 0), periods = page_int(trigger, "for", 0);

    page_put(page, "<li><p class=\"ground\">");
    if (segment > 0) {
        page_segment(page, segment);
        page_put(page, " ");
    }
    page_put(page, "<strong>");
    page_text(page, page_string(trigger, "title", page_string(trigger, "id", "?")));
    page_put(page, "</strong>");
    if (since[0]) {
        buf_append_string(&page->words, ", since ");
        page_period(page, since);
    }
    if (periods > 1)
        buf_printf(&page->words, ", %d periods running", periods);
    if (page_true(trigger, "latched"))
        buf_append_string(&page->words, ", stays until a decision releases it");
    if (page_true(trigger, "unknown"))
        buf_append_string(&page->words, ", data missing");
    page_said(page);
    page_put(page, "</p>\n");
    page_put(page, cJSON_GetArraySize(page_member(trigger, "evidence")) > 0 ? "<ul>\n" : "");
    cJSON_ArrayForEach(evidence, page_member(trigger, "evidence")) {
        page_put(page, "<li>");
        page_evidence(page, evidence);
        page_put(page, "</li>\n");
    }
    page_put(page, cJSON_GetArraySize(page_member(trigger, "evidence")) > 0 ? "</ul></li>\n" : "</li>\n");
}

void page_grounds(struct page *page, const cJSON *triggers, bool only_on) {
    const cJSON *trigger;
    bool any = false;

    cJSON_ArrayForEach(trigger, triggers) {
        if (only_on && !page_true(trigger, "on"))
            continue;
        page_put(page, any ? "" : "<ul class=\"grounds\">\n");
        any = true;
        put_ground(page, trigger);
    }
    if (any)
        page_put(page, "</ul>\n");
    else if (page->framework->trigger_count > 0)
        page_put(page, "<p>No ground for segment 3 or 4.</p>\n");
}
