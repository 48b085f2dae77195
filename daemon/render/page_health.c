/* Feeds and the daemon's own state. */
#include <inttypes.h>
#include <string.h>

#include "daemon/render/page_impl.h"

#define SOURCES_LISTED 100

static const char *durability_in_words(const char *durability) {
    if (strcmp(durability, "fsync") == 0)
        return "on disk before it is acknowledged";
    if (strcmp(durability, "redis") == 0)
        return "in Redis before it is acknowledged, on disk within a second";
    return "in memory only: alerts go on, acknowledgements wait";
}

static void put_state(struct page *page) {
    const struct status_facts *facts = page->request->facts;
    char time[OV_TIME_SIZE], id[ALERT_ID_SIZE];

    page_put(page, "<dl class=\"facts\">\n");
    page_fact(page, "Role", facts->role);
    page_fact(page, "Store", facts->store ? facts->store : "none");
    page_fact(page, "Kept", durability_in_words(facts->durability));
    page_fact(page, "Newest alert", alert_id_format(facts->last, id));
    buf_printf(&page->words, "%.1f s", facts->lag_ms / 1000);
    page_fact(page, "Oldest update not acknowledged", page->words.data);
    buf_clear(&page->words);
    page_put(page, "<div><dt>Running since</dt><dd>");
    page_time(page, date_format_time(facts->started_ms, time));
    page_put(page, "</dd></div>\n<div><dt>Now</dt><dd>");
    page_time(page, date_format_time(facts->now_ms, time));
    page_put(page, "</dd></div>\n</dl>\n");
}

static void put_feed(struct page *page, const struct status_feed *feed) {
    bool live = strcmp(feed->state, "live") == 0;

    page_put(page, "<tr><th scope=\"row\">");
    page_text(page, feed->source ? feed->source : "not known yet");
    page_put(page, "</th><td data-label=\"Endpoint\">");
    page_text(page, feed->endpoint);
    buf_printf(page->out,
               "</td><td data-label=\"State\"><span class=\"state %s\"><span aria-hidden=\"true\">%s</span> ",
               live ? "good" : "bad", live ? "\xe2\x97\x8f" : "\xe2\x97\x86");
    page_text(page, feed->state);
    buf_printf(page->out, "</span></td><td data-label=\"Last update\">%" PRIu64 "</td><td data-label=\"Silent for\">",
               feed->last);
    if (feed->silent_ms >= 0)
        buf_printf(page->out, "%.1f s", (double)feed->silent_ms / 1000);
    else
        page_put(page, "never heard");
    page_put(page, "</td></tr>\n");
}

static void put_feeds(struct page *page) {
    const struct status_facts *facts = page->request->facts;

    page_put(page, "<h2>Feeds</h2>\n");
    if (facts->feed_count == 0) {
        page_put(page, "<p>None is configured: figures are submitted.</p>\n");
        return;
    }
    page_put(page,
             "<table class=\"stack\">\n<caption>Subscribed feeds</caption>\n<thead><tr><th scope=\"col\">Source</th>"
             "<th scope=\"col\">Endpoint</th><th scope=\"col\">State</th><th scope=\"col\">Last update</th>"
             "<th scope=\"col\">Silent for</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < facts->feed_count; i++)
        put_feed(page, &facts->feeds[i]);
    page_put(page, "</tbody>\n</table>\n");
}

static void put_sources(struct page *page) {
    const struct engine *engine = page->request->engine;
    size_t count = engine_source_count(engine);

    if (count == 0)
        return;
    page_put(page,
             "<h2>Sources</h2>\n<table>\n<caption>Who has sent figures, and how far they are taken in</caption>\n"
             "<thead><tr><th scope=\"col\">Source</th><th scope=\"col\">Last update</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < count && i < SOURCES_LISTED; i++) {
        uint64_t last;
        const char *source = engine_source_at(engine, i, &last);

        page_put(page, "<tr><th scope=\"row\">");
        page_text(page, source);
        buf_printf(page->out, "</th><td>%" PRIu64 "</td></tr>\n", last);
    }
    page_put(page, "</tbody>\n</table>\n");
    if (count > SOURCES_LISTED)
        buf_printf(page->out, "<p>and %zu more.</p>\n", count - SOURCES_LISTED);
}

static void put_counters(struct page *page) {
    const struct status_facts *facts = page->request->facts;
    struct engine_counters counters;

    engine_counters(page->request->engine, &counters);
    page_put(page, "<details id=\"counters\"><summary>Counters</summary>\n<table>\n<caption>Since the start</caption>\n"
                   "<thead><tr><th scope=\"col\">What</th><th scope=\"col\">Count</th></tr></thead>\n<tbody>\n");
    buf_printf(page->out, "<tr><th scope=\"row\">figures held</th><td>%" PRIu64 "</td></tr>\n", counters.figures);
    for (size_t i = 0; i < facts->counter_count; i++) {
        page_put(page, "<tr><th scope=\"row\">");
        page_plain(page, facts->counters[i].name);
        page_said(page);
        buf_printf(page->out, "</th><td>%" PRIu64 "</td></tr>\n", facts->counters[i].value);
    }
    page_put(page, "</tbody>\n</table>\n</details>\n");
}

void page_health(const struct page_request *request, struct buf *html) {
    struct page page;

    page_begin(&page, request, PAGE_HEALTH, "Health", html);
    page_put(&page, "<h1>Feeds and health</h1>\n<div id=\"health\" data-live>\n");
    put_state(&page);
    put_feeds(&page);
    put_sources(&page);
    put_counters(&page);
    page_put(&page, "</div>\n");
    page_end(&page);
}
