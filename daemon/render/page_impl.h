/* What the pages share: the frame, and how text, links and figures are written. */
#ifndef OV_RENDER_PAGE_IMPL_H
#define OV_RENDER_PAGE_IMPL_H

#include <cjson/cJSON.h>

#include "common/markup.h"
#include "common/words.h"
#include "daemon/render/page.h"
#include "daemon/render/request.h"

enum page_place { PAGE_BOARD, PAGE_SYSTEMS, PAGE_ALERT_LIST, PAGE_HEALTH, PAGE_ELSEWHERE };

struct page {
    const struct page_request *request;
    const struct framework *framework;
    struct buf *out;
    struct buf words; /* a sentence that is being put together: see page_said() */
};

void page_begin(struct page *page, const struct page_request *request, enum page_place place, const char *title,
                struct buf *out);
void page_end(struct page *page);

/* Markup of ours, as it is. */
void page_put(struct page *page, const char *markup);
/* Text of anybody, escaped. */
void page_text(struct page *page, const char *text);
/* The sentence in words, escaped; words is empty then. */
void page_said(struct page *page);

/* Other rules than the first go along from page to page: "framework=..." behind "?" or "&amp;". */
void page_rules(struct page *page, const char *join);
/* href="..." of a path of ours; the parts are escaped for URLs. middle and last may be NULL. */
void page_href(struct page *page, const char *first, const char *middle, const char *last);
/* <a class="organisation"> with its name. */
void page_organisation_link(struct page *page, const char *code, const char *name);
/* A row of <dl class="facts">; none for "". */
void page_fact(struct page *page, const char *label, const char *text);
/* The badge of a segment: its number in a coloured field. */
void page_segment(struct page *page, int segment);
/* <time>: a wire time as "22 November 2026, 13:05". */
void page_time(struct page *page, const char *time);

/* Members of JSON objects with a fallback. */
const char *page_string(const cJSON *object, const char *name, const char *fallback);
double page_number(const cJSON *object, const char *name, double fallback);
int page_int(const cJSON *object, const char *name, int fallback);
bool page_true(const cJSON *object, const char *name);
const cJSON *page_member(const cJSON *object, const char *name);

/* The name of a measure of the page's framework, or its id. */
const char *page_measure_name(const struct page *page, const char *id);
/* "bottom_quartile" as "bottom quartile", into words. */
void page_plain(struct page *page, const char *word);
/* A period or date of the wire into words. */
void page_period(struct page *page, const char *date);
/* A figure of the wire, with its unit, into words. */
void page_figure(struct page *page, const cJSON *value, const char *unit);

/* page_evidence.c: triggers with their evidence in words, as a list. */
void page_grounds(struct page *page, const cJSON *triggers, bool only_on);
void page_evidence(struct page *page, const cJSON *evidence);

/* page_measures.c: each measure with its figure, place, charts. */
void page_measures(struct page *page, uint32_t org, const cJSON *signals);

/* The reply of the daemon's queries to a request without fields but these; the caller deletes it. */
cJSON *page_ask(const struct page *page, const struct request *request);

#endif
