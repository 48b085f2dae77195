/* The list of alerts, and one of them in full. */
#include <string.h>

#include "daemon/render/page_impl.h"

/* A mark beside the word, so that neither colour nor reading alone is needed. */
static void put_severity(struct page *page, const char *severity) {
    static const struct {
        const char *name, *mark;
    } marks[] = {{"critical", "\xe2\x97\x86"},
                 {"warning", "\xe2\x96\xb2"},
                 {"notice", "\xe2\x97\x8f"},
                 {"info", "\xe2\x97\x8b"}};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (strcmp(severity, marks[i].name) == 0)
            buf_printf(page->out, "<span class=\"severity %s\"><span aria-hidden=\"true\">%s</span> %s</span>",
                       marks[i].name, marks[i].mark, marks[i].name);
    }
}

static void put_entry(struct page *page, const cJSON *event) {
    const cJSON *data = page_member(event, "data"), *organisation = page_member(data, "organisation");
    const char *id = page_string(event, "id", "?");

    page_put(page, "<li");
    markup_attribute(page->out, "data-alert", id);
    page_put(page, "><p class=\"head\">");
    put_severity(page, page_string(data, "severity", ""));
    page_put(page, " <span class=\"when\">");
    page_time(page, page_string(event, "time", ""));
    page_put(page, "</span></p>\n<p class=\"summary\"><a");
    page_href(page, "/alerts/", id, NULL);
    page_put(page, ">");
    page_text(page, page_string(data, "summary", page_string(data, "kind", "?")));
    page_put(page, "</a></p>\n");
    if (organisation) {
        page_put(page, "<p class=\"about\">");
        page_organisation_link(page, page_string(organisation, "code", "?"), page_string(organisation, "name", ""));
        page_put(page, "</p>\n");
    }
    page_put(page, "</li>\n");
}

void page_alerts(const struct page_request *request, const struct text *events, size_t count, struct buf *html) {
    size_t from = count > PAGE_ALERTS ? count - PAGE_ALERTS : 0;
    struct page page;

    page_begin(&page, request, PAGE_ALERT_LIST, "Alerts", html);
    page_put(&page, "<h1>Alerts</h1>\n<div id=\"alerts\" data-live>\n");
    if (count < PAGE_ALERTS)
        page_put(&page, count == 0 ? "<p>There is none yet.</p>\n" : "<p>The newest first.</p>\n");
    else
        buf_printf(html, "<p>The newest %d, the newest first.</p>\n", PAGE_ALERTS);
    page_put(&page, count ? "<ol class=\"alerts\">\n" : "");
    for (size_t i = count; i-- > from;) {
        cJSON *event = cJSON_ParseWithLength(events[i].s, events[i].len);

        if (event)
            put_entry(&page, event);
        cJSON_Delete(event);
    }
    page_put(&page, count ? "</ol>\n</div>\n" : "</div>\n");
    page_end(&page);
}

/* ---- One ------------------------------------------------------------------------------ */

static const char *attribution_in_words(const char *attribution) {
    static const char *const words[][2] = {
        {"own", "its own figures"},
        {"correction", "a correction of its figures"},
        {"decision", "a decision"},
        {"rules", "changed rules"},
        {"missing", "figures that are missing"},
        {"period", "a new period that counts"},
        {"peers", "others improved past it; its own figures did not change"},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i][0], attribution) == 0)
            return words[i][1];
    }
    return attribution;
}

static void put_cause(struct page *page, const cJSON *data) {
    const char *attribution = page_string(data, "attribution", "");
    const cJSON *cause = page_member(data, "cause");

    if (!attribution[0] && !cause)
        return;
    page_put(page, "<div><dt>Why</dt><dd>");
    buf_append_string(&page->words, attribution[0] ? attribution_in_words(attribution) : "an update");
    if (cause) {
        buf_append_string(&page->words, " (came with ");
        if (page_member(cause, "measure")) {
            buf_append_string(&page->words, page_measure_name(page, page_string(cause, "measure", "")));
            buf_append_string(&page->words, " for ");
            page_period(page, page_string(cause, "period", ""));
            buf_append_string(&page->words, ", ");
        }
        buf_printf(&page->words, "source %s, update %.0f)", page_string(cause, "source", "?"),
                   page_number(cause, "seq", 0));
    }
    page_said(page);
    page_put(page, "</dd></div>\n");
}

static void put_move(struct page *page, const cJSON *data) {
    const cJSON *segment = page_member(data, "segment");

    if (!segment)
        return;
    page_put(page, "<div><dt>Segment</dt><dd>");
    page_segment(page, page_int(segment, "before", 0));
    page_put(page, " to ");
    page_segment(page, page_int(segment, "after", 0));
    buf_printf(page->out, " by the figures; officially %d</dd></div>\n", page_int(segment, "official", 0));
}

static void put_refers(struct page *page, const cJSON *data) {
    const cJSON *refers = page_member(data, "refers"), *refer;

    if (cJSON_GetArraySize(refers) == 0)
        return;
    page_put(page, "<div><dt>Refers to</dt><dd>");
    cJSON_ArrayForEach(refer, refers) {
        const char *id = cJSON_IsString(refer) ? refer->valuestring : "?";

        page_put(page, "<a");
        page_href(page, "/alerts/", id, NULL);
        page_put(page, ">");
        page_text(page, id);
        page_put(page, "</a> ");
    }
    page_put(page, "</dd></div>\n");
}

static void put_event(struct page *page, const cJSON *event) {
    const cJSON *data = page_member(event, "data"), *organisation = page_member(data, "organisation");

    page_put(page, "<p class=\"head\">");
    put_severity(page, page_string(data, "severity", ""));
    page_put(page, " <span class=\"when\">");
    page_time(page, page_string(event, "time", ""));
    page_put(page, "</span></p>\n<dl class=\"facts\">\n");
    if (organisation) {
        page_put(page, "<div><dt>Organisation</dt><dd>");
        page_organisation_link(page, page_string(organisation, "code", "?"), page_string(organisation, "name", ""));
        page_put(page, "</dd></div>\n");
    }
    put_move(page, data);
    put_cause(page, data);
    page_fact(page, "Follows", page_string(data, "consequence", ""));
    page_fact(page, "Detail", page_string(data, "detail", ""));
    put_refers(page, data);
    page_fact(page, "Kind", page_string(data, "kind", ""));
    page_fact(page, "Rules", page_string(page_member(data, "framework"), "id", ""));
    if (strcmp(page_string(data, "durability", ""), "memory") == 0)
        page_fact(page, "Stored", "not yet when it was sent");
    page_put(page, "</dl>\n");
    if (page_member(data, "evidence")) {
        page_put(page, "<h2>The figure</h2>\n<p>");
        page_evidence(page, page_member(data, "evidence"));
        page_put(page, "</p>\n");
    }
    if (cJSON_GetArraySize(page_member(data, "triggers")) > 0) {
        page_put(page, "<h2>Grounds</h2>\n");
        page_grounds(page, page_member(data, "triggers"), false);
    }
}

void page_alert(const struct page_request *request, const char *id, const struct text *event, struct buf *html) {
    cJSON *json = event ? cJSON_ParseWithLength(event->s, event->len) : NULL;
    struct page page;

    if (!json) {
        page_problem(request, "Not found", "No alert with this id is kept (any more).", html);
        return;
    }
    page_begin(&page, request, PAGE_ALERT_LIST, page_string(page_member(json, "data"), "summary", id), html);
    page_put(&page, "<p class=\"back\"><a");
    page_href(&page, "/alerts", NULL, NULL);
    page_put(&page, ">All alerts</a></p>\n<h1>");
    page_text(&page, page_string(page_member(json, "data"), "summary", id));
    page_put(&page, "</h1>\n");
    put_event(&page, json);
    page_end(&page);
    cJSON_Delete(json);
}
