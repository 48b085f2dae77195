/* The frame of all pages and how text is written into it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/render/page_impl.h"

void page_put(struct page *page, const char *markup) {
    buf_append_string(page->out, markup);
}

void page_text(struct page *page, const char *text) {
    markup_string(page->out, text);
}

void page_said(struct page *page) {
    markup_text(page->out, (struct text){page->words.data, page->words.len});
    buf_clear(&page->words);
}

void page_fact(struct page *page, const char *label, const char *text) {
    if (!text[0])
        return;
    page_put(page, "<div><dt>");
    page_put(page, label);
    page_put(page, "</dt><dd>");
    page_text(page, text);
    page_put(page, "</dd></div>\n");
}

/* ---- Links ------------------------------------------------------------------------ */

void page_rules(struct page *page, const char *join) {
    if (page->request->framework == 0)
        return;
    page_put(page, join);
    page_put(page, "framework=");
    markup_url(page->out, page->framework->id);
}

void page_href(struct page *page, const char *first, const char *middle, const char *last) {
    page_put(page, " href=\"");
    page_put(page, first);
    if (middle)
        markup_url(page->out, middle);
    if (last) {
        buf_append_char(page->out, '/');
        markup_url(page->out, last);
    }
    page_rules(page, "?");
    buf_append_char(page->out, '"');
}

void page_organisation_link(struct page *page, const char *code, const char *name) {
    page_put(page, "<a");
    page_href(page, "/organisations/", code, NULL);
    page_put(page, ">");
    page_text(page, name && name[0] ? name : code);
    page_put(page, "</a>");
}

void page_segment(struct page *page, int segment) {
    buf_printf(page->out, "<span class=\"segment s%d\"><span class=\"unseen\">segment </span>%d</span>", segment,
               segment);
}

void page_time(struct page *page, const char *time) {
    int64_t ms;

    if (!date_parse_time(time, strlen(time), &ms)) {
        page_text(page, time);
        return;
    }
    page_put(page, "<time");
    markup_attribute(page->out, "datetime", time);
    page_put(page, ">");
    words_day(&page->words, date_of_time(ms));
    buf_printf(&page->words, ", %.5s", time + 11);
    page_said(page);
    page_put(page, "</time>");
}

/* ---- JSON ------------------------------------------------------------------------- */

const cJSON *page_member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *page_string(const cJSON *object, const char *name, const char *fallback) {
    const cJSON *member = page_member(object, name);

    return cJSON_IsString(member) ? member->valuestring : fallback;
}

double page_number(const cJSON *object, const char *name, double fallback) {
    const cJSON *member = page_member(object, name);

    return cJSON_IsNumber(member) ? member->valuedouble : fallback;
}

int page_int(const cJSON *object, const char *name, int fallback) {
    const cJSON *member = page_member(object, name);

    return cJSON_IsNumber(member) ? member->valueint : fallback;
}

bool page_true(const cJSON *object, const char *name) {
    return cJSON_IsTrue(page_member(object, name)) != 0;
}

const char *page_measure_name(const struct page *page, const char *id) {
    uint16_t index = framework_measure(page->framework, text_of(id));
    const char *name = index == INDEX_NONE ? NULL : page->framework->measures[index].name;

    return name && name[0] ? name : id;
}

void page_plain(struct page *page, const char *word) {
    for (; *word != '\0'; word++)
        buf_append_char(&page->words, *word == '_' ? ' ' : *word);
}

void page_period(struct page *page, const char *date) {
    ov_day day;

    if (date_parse(date, strlen(date), &day))
        words_period(&page->words, day);
    else
        buf_append_string(&page->words, date);
}

void page_figure(struct page *page, const cJSON *value, const char *unit) {
    if (cJSON_IsNumber(value))
        words_figure_unit(&page->words, value->valuedouble, unit);
    else if (cJSON_IsString(value))
        buf_append_string(&page->words, value->valuestring);
    else
        buf_append_string(&page->words, cJSON_IsTrue(value) ? "yes" : cJSON_IsFalse(value) ? "no" : "none");
}

static void gather(void *context, const char *json, size_t len) {
    buf_append(context, json, len);
}

cJSON *page_ask(const struct page *page, const struct request *request) {
    struct buf buf;
    cJSON *reply;

    buf_init(&buf);
    request_answer(page->request->engine, request, page->request->facts, 0, gather, &buf);
    reply = cJSON_ParseWithLength(buf.data, buf.len);
    buf_finish(&buf);
    return reply;
}

/* ---- Frame ------------------------------------------------------------------------ */

static void put_head(struct page *page, const char *title) {
    page_put(page, "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    page_text(page, title);
    page_put(page, " \xe2\x80\x93 ");
    page_text(page, page->request->facts->instance);
    page_put(page, "</title>\n<link rel=\"icon\" href=\"/assets/icon.svg\" type=\"image/svg+xml\">\n"
                   "<link rel=\"stylesheet\" href=\"/assets/chart.css\">\n"
                   "<link rel=\"stylesheet\" href=\"/assets/page.css\">\n"
                   "<script src=\"/assets/page.js\" defer></script>\n</head>\n");
}

static void put_navigation(struct page *page, enum page_place place) {
    static const struct {
        enum page_place place;
        const char *path, *name;
    } entries[] = {{PAGE_BOARD, "/", "Board"},
                   {PAGE_SYSTEMS, "/systems", "Systems"},
                   {PAGE_ALERT_LIST, "/alerts", "Alerts"},
                   {PAGE_HEALTH, "/health", "Health"}};

    page_put(page, "<nav aria-label=\"Pages\"><ul>");
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        page_put(page, "<li><a");
        page_href(page, entries[i].path, NULL, NULL);
        page_put(page, entries[i].place == place ? " aria-current=\"page\">" : ">");
        page_put(page, entries[i].name);
        page_put(page, "</a></li>");
    }
    page_put(page, "</ul></nav>\n");
}

void page_begin(struct page *page, const struct page_request *request, enum page_place place, const char *title,
                struct buf *out) {
    char id[ALERT_ID_SIZE];

    *page = (struct page){.request = request, .out = out};
    page->framework = engine_framework(request->engine, request->framework);
    buf_init(&page->words);
    put_head(page, title);
    page_put(page, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header class=\"top\">\n"
                   "<p class=\"brand\"><a");
    page_href(page, "/", NULL, NULL);
    page_put(page, ">Oversight</a> <span class=\"instance\">");
    page_text(page, request->facts->instance);
    page_put(page, "</span></p>\n");
    put_navigation(page, place);
    page_put(page, "<p class=\"live\" id=\"live\" data-state=\"off\"");
    markup_attribute(out, "data-after", alert_id_format(request->facts->last, id));
    page_put(page, "></p>\n</header>\n"
                   "<p class=\"news\" id=\"news\" role=\"status\" aria-live=\"polite\"></p>\n"
                   "<main id=\"main\" tabindex=\"-1\">\n");
}

static void put_other_rules(struct page *page) {
    size_t count = engine_framework_count(page->request->engine);

    if (count < 2)
        return;
    page_put(page, "<p>Other rules in force: ");
    for (uint16_t i = 0; i < count; i++) {
        const struct framework *framework = engine_framework(page->request->engine, i);

        if (framework == page->framework)
            continue;
        page_put(page, "<a href=\"/?framework=");
        markup_url(page->out, framework->id);
        page_put(page, "\">");
        page_text(page, framework->name && framework->name[0] ? framework->name : framework->id);
        page_put(page, "</a> ");
    }
    page_put(page, "</p>\n");
}

void page_end(struct page *page) {
    const struct status_facts *facts = page->request->facts;

    page_put(page, "</main>\n<footer>\n<p>Segments by the figures, under the rules of ");
    page_text(page, page->framework->name && page->framework->name[0] ? page->framework->name : page->framework->id);
    page_put(page, ", on ");
    words_day(&page->words, engine_date(page->request->engine));
    page_said(page);
    page_put(page, ". Official segments are decisions of people.</p>\n");
    put_other_rules(page);
    page_put(page, "<p>oversightd ");
    page_text(page, facts->version);
    page_put(page, ", ");
    page_text(page, facts->role);
    page_put(page,
             ". All times are UTC. The same as data: <a href=\"/api/v1/organisations\">/api/v1/organisations</a>, "
             "<a href=\"/metrics\">/metrics</a>.</p>\n</footer>\n</body>\n</html>\n");
    buf_finish(&page->words);
}

void page_problem(const struct page_request *request, const char *title, const char *words, struct buf *html) {
    struct page page;

    page_begin(&page, request, PAGE_ELSEWHERE, title, html);
    page_put(&page, "<h1>");
    page_text(&page, title);
    page_put(&page, "</h1>\n<p>");
    page_text(&page, words);
    page_put(&page, "</p>\n");
    page_end(&page);
}
