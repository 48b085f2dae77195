/*
 * The status page: HTML out of read-only engine queries, complete without any
 * script. What comes from outside (names, reasons, filters) is text everywhere:
 * page_impl.h has the one way to write it.
 */
#ifndef OV_RENDER_PAGE_H
#define OV_RENDER_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"
#include "common/text.h"
#include "daemon/engine/engine.h"
#include "daemon/render/status.h"

/* What is asked for. Filters may be NULL or empty: all. */
struct page_request {
    const struct engine *engine;
    const struct status_facts *facts;
    uint16_t framework;
    const char *name;                   /* part of a name or code, in any case */
    const char *type, *region, *system; /* whole words */
};

void page_board(const struct page_request *request, struct buf *html);
/* False: there is no such organisation, and a page that says so. */
bool page_organisation(const struct page_request *request, const char *code, struct buf *html);
/* One measure of it: a large chart and the figures as a table. False likewise. */
bool page_measure(const struct page_request *request, const char *code, const char *measure, struct buf *html);
/* by: "system", "region" or "group". */
void page_systems(const struct page_request *request, const char *by, struct buf *html);
void page_health(const struct page_request *request, struct buf *html);

/* Events as they are stored, oldest first; the newest are shown. */
#define PAGE_ALERTS 100
void page_alerts(const struct page_request *request, const struct text *events, size_t count, struct buf *html);
/* One of them in full; event NULL: not kept (any more), and a page that says so. */
void page_alert(const struct page_request *request, const char *id, const struct text *event, struct buf *html);

/* A page of a sentence or two for what went wrong. */
void page_problem(const struct page_request *request, const char *title, const char *words, struct buf *html);

/* The chart alone, as a file. False: no such organisation or measure, or no chart of it. */
bool page_chart(const struct page_request *request, const char *code, const char *measure, struct buf *svg);

#endif
