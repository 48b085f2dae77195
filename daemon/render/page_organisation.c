/* One organisation: where it stands, why, how far from the next segment, and its measures. */
#include <string.h>

#include "daemon/render/page_history.h"
#include "daemon/render/page_impl.h"

/* Where it belongs, as links to the others there. */
static void put_place(struct page *page, const char *label, const char *key, const char *value, const char *name) {
    if (!value[0])
        return;
    page_put(page, "<div><dt>");
    page_put(page, label);
    page_put(page, "</dt><dd><a href=\"/?");
    page_put(page, key);
    page_put(page, "=");
    markup_url(page->out, value);
    page_rules(page, "&amp;");
    page_put(page, "\">");
    page_text(page, name);
    page_put(page, "</a></dd></div>\n");
}

static void put_facts(struct page *page, const cJSON *reply) {
    const struct registry *registry = engine_registry(page->request->engine);
    const char *system = page_string(reply, "system", "");
    uint32_t org = registry_find(registry, text_of(system));
    const cJSON *successor = page_member(reply, "successor");

    page_put(page, "<dl class=\"facts\">\n");
    page_fact(page, "Code", page_string(reply, "code", ""));
    put_place(page, "Type", "type", page_string(reply, "type", ""), page_string(reply, "type", ""));
    put_place(page, "Region", "region", page_string(reply, "region", ""), page_string(reply, "region", ""));
    put_place(page, "System", "system", system, org == ORG_NONE ? system : registry_at(registry, org)->name);
    page_fact(page, "Group", page_string(reply, "group", ""));
    page_fact(page, "Closed", page_string(reply, "closed", ""));
    if (successor)
        page_fact(page, "Successor", page_string(successor, "name", page_string(successor, "code", "")));
    page_put(page, "</dl>\n");
}

static void put_standing(struct page *page, const cJSON *reply) {
    int indicative = page_int(reply, "indicative", 0), official = page_int(reply, "official", 0);
    const char *name =
        indicative >= 1 && indicative <= SEGMENTS_MAX ? page->framework->segments[indicative].name : NULL;
    const char *consequence = name ? page->framework->segments[indicative].consequence : NULL;
    const char *since = page_string(reply, "since", "");

    page_put(page, "<p class=\"standing\">");
    page_segment(page, indicative);
    page_put(page, " <strong>");
    page_text(page, name ? name : "");
    page_put(page, "</strong> by the figures");
    if (since[0]) {
        ov_day day;

        buf_append_string(&page->words, ", since ");
        if (date_parse(since, strlen(since), &day))
            words_day(&page->words, day);
        page_said(page);
    }
    if (official == indicative)
        page_put(page, "; officially the same.");
    else if (official)
        buf_printf(page->out, "; officially %d, so a decision is due.", official);
    page_put(page, "</p>\n");
    if (consequence && consequence[0]) {
        page_put(page, "<p class=\"consequence\">");
        page_text(page, consequence);
        page_put(page, "</p>\n");
    }
}

static void put_score(struct page *page, const cJSON *reply) {
    const cJSON *score = page_member(reply, "score"), *domain;

    if (!score)
        return;
    buf_printf(page->out, "<p>Score %.2f on average: segment %d, adjusted %d", page_number(score, "average", 0),
               page_int(score, "unadjusted", 0), page_int(score, "adjusted", 0));
    if (page_member(score, "rank")) {
        buf_append_string(&page->words, "; ");
        words_ordinal(&page->words, (unsigned long)page_int(score, "rank", 0));
        buf_printf(&page->words, " of %d", page_int(score, "n", 0));
        page_said(page);
    }
    page_put(page, ".</p>\n");
    if (!page_member(reply, "domains"))
        return;
    page_put(page, "<ul class=\"domains\">");
    cJSON_ArrayForEach(domain, page_member(reply, "domains")) {
        page_put(page, "<li>");
        page_text(page, page_string(domain, "theme", "?"));
        buf_printf(page->out, " <b>%.2f</b></li>", page_number(domain, "score", 0));
    }
    page_put(page, "</ul>\n");
}

static void put_headroom(struct page *page, const cJSON *reply) {
    const cJSON *headroom = page_member(reply, "headroom");
    int segment = page_int(headroom, "segment", 0), measures = page_int(headroom, "measures", 1);
    const char *measure = page_string(headroom, "measure", "");
    uint16_t index = framework_measure(page->framework, text_of(measure));
    const char *unit = index == INDEX_NONE ? NULL : page->framework->measures[index].unit;

    if (!headroom)
        return;
    page_put(page, "<section aria-labelledby=\"headroom\">\n<h2 id=\"headroom\">Headroom</h2>\n<p>");
    buf_printf(&page->words, "To segment %d: ", segment);
    if (page_member(headroom, "distance")) {
        words_figure_unit(&page->words, page_number(headroom, "distance", 0), unit);
        if (page_member(headroom, "places")) {
            buf_append_string(&page->words, " or ");
            words_count(&page->words, (unsigned long)page_int(headroom, "places", 0), "place");
        }
        buf_append_string(&page->words, " on ");
        buf_append_string(&page->words, measure[0] ? page_measure_name(page, measure) : "the average");
        if (measures > 1)
            buf_printf(&page->words, ", the furthest of %d measures", measures);
        buf_append_string(&page->words, ", all others standing still");
    } else {
        buf_append_string(&page->words, "not by moving figures; it takes a decision or time");
    }
    if (page_int(headroom, "periods", 0) > 1)
        buf_printf(&page->words, ", and to stay there for %d periods", page_int(headroom, "periods", 0));
    buf_append_char(&page->words, '.');
    page_said(page);
    page_put(page, "</p>\n</section>\n");
}

static void put_conditions(struct page *page, const cJSON *reply) {
    const cJSON *conditions = page_member(reply, "conditions"), *condition;

    if (cJSON_GetArraySize(conditions) == 0)
        return;
    page_put(page, "<details id=\"conditions\"><summary>Conditions for segment 1</summary>\n<ul>\n");
    cJSON_ArrayForEach(condition, conditions) {
        page_put(page, page_true(condition, "met") ? "<li><b>met:</b> " : "<li><b>not met:</b> ");
        page_text(page, page_string(condition, "title", page_string(condition, "id", "?")));
        page_put(page, "</li>\n");
    }
    page_put(page, "</ul>\n</details>\n");
}

static void put_programmes(struct page *page, const cJSON *reply) {
    const cJSON *programmes = page_member(reply, "programmes"), *programme;

    if (cJSON_GetArraySize(programmes) == 0)
        return;
    page_put(page, "<section aria-labelledby=\"programmes\">\n<h2 id=\"programmes\">Programmes</h2>\n<ul>\n");
    cJSON_ArrayForEach(programme, programmes) {
        page_put(page, "<li><strong>");
        page_text(page, page_string(programme, "name", page_string(programme, "programme", "?")));
        page_put(page, "</strong>");
        buf_printf(&page->words, ", entered %s", page_string(programme, "entered", "?"));
        if (page_member(programme, "review_by"))
            buf_printf(&page->words, ", review by %s%s", page_string(programme, "review_by", ""),
                       page_true(programme, "due") ? " (due)" : "");
        if (page_member(programme, "limit"))
            buf_printf(&page->words, ", limit %s%s", page_string(programme, "limit", ""),
                       page_true(programme, "overdue") ? " (passed)" : "");
        if (page_member(programme, "left"))
            buf_printf(&page->words, ", left %s", page_string(programme, "left", ""));
        if (page_member(programme, "exit_criteria"))
            buf_printf(&page->words, ". To leave: %s", page_string(programme, "exit_criteria", ""));
        page_said(page);
        page_put(page, "</li>\n");
    }
    page_put(page, "</ul>\n</section>\n");
}

/* What an open alert is about, when it is a move of segment. */
static void say_subject(struct page *page, const cJSON *reply, const char *id) {
    const cJSON *move;

    cJSON_ArrayForEach(move, page_member(reply, "history")) {
        if (strcmp(page_string(move, "alert", ""), id) != 0)
            continue;
        buf_printf(&page->words, ": segment %d to %d", page_int(move, "before", 0), page_int(move, "after", 0));
        return;
    }
}

static void put_open(struct page *page, const cJSON *reply) {
    const cJSON *alerts = page_member(reply, "alerts"), *alert;

    page_put(page, "<section aria-labelledby=\"open\">\n<h2 id=\"open\">Open alerts</h2>\n");
    page_put(page, cJSON_GetArraySize(alerts) ? "<ul class=\"inline\">\n" : "<p>None.</p>\n");
    cJSON_ArrayForEach(alert, alerts) {
        const char *id = cJSON_IsString(alert) ? alert->valuestring : "?";

        page_put(page, "<li><a");
        page_href(page, "/alerts/", id, NULL);
        page_put(page, ">Alert ");
        page_text(page, id);
        say_subject(page, reply, id);
        page_said(page);
        page_put(page, "</a></li>\n");
    }
    page_put(page, cJSON_GetArraySize(alerts) ? "</ul>\n</section>\n" : "</section>\n");
}

static void put_members(struct page *page, const cJSON *reply) {
    const cJSON *member;

    if (cJSON_GetArraySize(page_member(reply, "group_members")) == 0)
        return;
    page_put(page, "<section aria-labelledby=\"group\">\n<h2 id=\"group\">Others of its group</h2>\n<ul>\n");
    cJSON_ArrayForEach(member, page_member(reply, "group_members")) {
        page_put(page, "<li>");
        page_segment(page, page_int(member, "indicative", 0));
        page_put(page, " ");
        page_organisation_link(page, page_string(member, "code", "?"), page_string(member, "name", ""));
        page_put(page, page_member(member, "closed") ? " (closed)</li>\n" : "</li>\n");
    }
    page_put(page, "</ul>\n</section>\n");
}

bool page_organisation(const struct page_request *request, const char *code, struct buf *html) {
    const struct registry *registry = engine_registry(request->engine);
    uint32_t org = registry_find(registry, text_of(code));
    struct request query = {.kind = REQUEST_ORGANISATION, .period = OV_DAY_NONE};
    struct standing standing;
    struct page page;
    cJSON *reply;

    if (org == ORG_NONE) {
        page_problem(request, "Not found", "There is no organisation with this code.", html);
        return false;
    }
    page_begin(&page, request, PAGE_ELSEWHERE, registry_at(registry, org)->name, html);
    text_copy(query.code, sizeof(query.code), text_of(code));
    text_copy(query.framework, sizeof(query.framework), text_of(page.framework->id));
    reply = page_ask(&page, &query);
    engine_standing(request->engine, request->framework, org, &standing);
    page_put(&page, "<h1>");
    page_text(&page, registry_at(registry, org)->name);
    page_put(&page, "</h1>\n");
    put_facts(&page, reply);
    page_put(&page, "<div id=\"organisation\" data-live>\n<div class=\"panels\">\n<section class=\"main-panel\" "
                    "aria-labelledby=\"why\">\n<h2 id=\"why\">Where it stands, and why</h2>\n");
    put_standing(&page, reply);
    put_score(&page, reply);
    page_grounds(&page, page_member(reply, "triggers"), true);
    put_conditions(&page, reply);
    page_put(&page, "</section>\n<div>\n");
    put_headroom(&page, reply);
    put_open(&page, reply);
    put_programmes(&page, reply);
    put_members(&page, reply);
    page_history(&page, &standing);
    page_put(&page, "</div>\n</div>\n");
    page_measures(&page, org, page_member(reply, "signals"));
    page_put(&page, "</div>\n");
    page_end(&page);
    cJSON_Delete(reply);
    return true;
}
