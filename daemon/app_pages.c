#include "daemon/app_pages.h"

#include <stdlib.h>

#include "common/alloc.h"
#include "common/chart.h"
#include "daemon/app_http.h"
#include "daemon/app_state.h"
#include "daemon/render/page.h"

/* One page that is asked for, while the facts are there. */
struct asking {
    const struct app *app;
    const struct http_call *call; /* NULL: what came later stands below */
    struct http_reply *reply;
    void (*make)(struct asking *asking, const struct page_request *request);
    uint16_t framework;
    const char *id; /* of an alert */
    const struct text *events;
    size_t count;
};

/* "" for what is not there: a filter of everything. */
static const char *query_of(const struct asking *asking, const char *key) {
    return asking->call ? http_query(asking->call, key) : NULL;
}

static void with_facts(void *context, const struct status_facts *facts) {
    struct asking *asking = context;
    struct page_request request = {.engine = asking->app->engine,
                                   .facts = facts,
                                   .framework = asking->framework,
                                   .name = query_of(asking, "name"),
                                   .type = query_of(asking, "type"),
                                   .region = query_of(asking, "region"),
                                   .system = query_of(asking, "system")};

    asking->reply->type = HTTP_HTML;
    if (asking->framework == INDEX_NONE) {
        request.framework = 0;
        asking->reply->status = 404;
        page_problem(&request, "Not found", "No such rules are in force.", &asking->reply->body);
        return;
    }
    asking->make(asking, &request);
}

static uint16_t framework_of(const struct app *app, const struct http_call *call) {
    const char *id = http_query(call, "framework");

    return engine_find_framework(app->engine, text_of(id ? id : ""));
}

static void ask(void *context, struct http_call *call, struct http_reply *reply,
                void (*make)(struct asking *asking, const struct page_request *request)) {
    struct asking asking = {.app = context, .call = call, .reply = reply, .make = make};

    if (!app_http_serving(asking.app, reply))
        return;
    asking.framework = framework_of(asking.app, call);
    app_with_facts(asking.app, true, with_facts, &asking);
}

/* ---- What the engine knows ------------------------------------------------------- */

static void make_board(struct asking *asking, const struct page_request *request) {
    page_board(request, &asking->reply->body);
}

void pages_board(void *context, struct http_call *call, struct http_reply *reply) {
    ask(context, call, reply, make_board);
}

static void make_organisation(struct asking *asking, const struct page_request *request) {
    if (!page_organisation(request, http_parameter(asking->call, 0), &asking->reply->body))
        asking->reply->status = 404;
}

void pages_organisation(void *context, struct http_call *call, struct http_reply *reply) {
    ask(context, call, reply, make_organisation);
}

static void make_measure(struct asking *asking, const struct page_request *request) {
    if (!page_measure(request, http_parameter(asking->call, 0), http_parameter(asking->call, 1), &asking->reply->body))
        asking->reply->status = 404;
}

void pages_measure(void *context, struct http_call *call, struct http_reply *reply) {
    ask(context, call, reply, make_measure);
}

static void make_chart(struct asking *asking, const struct page_request *request) {
    asking->reply->type = HTTP_SVG;
    if (!page_chart(request, http_parameter(asking->call, 0), http_parameter(asking->call, 1), &asking->reply->body))
        http_problem(asking->reply, 404, "no such organisation or measure, or no chart of it");
}

void pages_chart(void *context, struct http_call *call, struct http_reply *reply) {
    ask(context, call, reply, make_chart);
}

static void make_systems(struct asking *asking, const struct page_request *request) {
    page_systems(request, query_of(asking, "by"), &asking->reply->body);
}

void pages_systems(void *context, struct http_call *call, struct http_reply *reply) {
    ask(context, call, reply, make_systems);
}

static void make_health(struct asking *asking, const struct page_request *request) {
    page_health(request, &asking->reply->body);
}

void pages_health(void *context, struct http_call *call, struct http_reply *reply) {
    ask(context, call, reply, make_health);
}

void pages_chart_style(void *context, struct http_call *call, struct http_reply *reply) {
    (void)context, (void)call;
    reply->type = HTTP_CSS;
    reply->cache = "max-age=300";
    buf_append_string(&reply->body, chart_css);
}

/* ---- What the store knows ---------------------------------------------------------- */

/* Alerts on their way from the store. */
struct reading {
    struct app *app;
    struct http_call *call;
    char id[ALERT_ID_SIZE]; /* of the one alert that is asked for; empty: the newest */
};

static void make_alerts(struct asking *asking, const struct page_request *request) {
    page_alerts(request, asking->events, asking->count, &asking->reply->body);
}

static void make_alert(struct asking *asking, const struct page_request *request) {
    asking->reply->status = asking->count ? 200 : 404;
    page_alert(request, asking->id, asking->count ? asking->events : NULL, &asking->reply->body);
}

static void on_alerts(void *context, const struct store_alerts_page *page) {
    struct reading *reading = context;
    struct text events[PAGE_ALERTS];
    struct http_reply reply;
    struct asking asking = {.app = reading->app,
                            .reply = &reply,
                            .make = reading->id[0] ? make_alert : make_alerts,
                            .id = reading->id,
                            .events = events};

    if (!page) {
        free(reading);
        return;
    }
    app_http_has_read(reading->app);
    asking.framework = framework_of(reading->app, reading->call); /* a reload may have come between */
    http_reply_init(&reply);
    for (size_t i = 0; i < page->count && asking.count < PAGE_ALERTS; i++)
        if (!reading->id[0] || text_equal(page->alerts[i].id, reading->id))
            events[asking.count++] = page->alerts[i].event;
    if (page->error)
        http_problem(&reply, 503, "the alerts cannot be read now: %s", page->error);
    else
        app_with_facts(reading->app, false, with_facts, &asking);
    http_answer(reading->call, &reply);
    free(reading);
}

static struct reading *read_later(struct app *app, struct http_call *call) {
    struct reading *reading = alloc_zero(1, sizeof *reading);

    reading->app = app;
    reading->call = call;
    http_later(call);
    return reading;
}

void pages_alerts(void *context, struct http_call *call, struct http_reply *reply) {
    struct app *app = context;

    if (app_http_serving(app, reply) && app_http_may_read(app, reply))
        store_alerts_newest(app->store, PAGE_ALERTS, on_alerts, read_later(app, call));
}

void pages_alert(void *context, struct http_call *call, struct http_reply *reply) {
    struct app *app = context;
    struct alert_id id;
    struct reading *reading;
    char after[ALERT_ID_SIZE];

    if (!app_http_serving(app, reply))
        return;
    if (!alert_id_parse(text_of(http_parameter(call, 0)), &id) || id.seq == 0) {
        http_problem(reply, 404, "expected an alert id, <epoch>-<seq>");
        return;
    }
    if (!app_http_may_read(app, reply))
        return;
    reading = read_later(app, call);
    alert_id_format(id, reading->id);
    id.seq--;
    store_alerts_after(app->store, alert_id_format(id, after), 1, on_alerts, reading);
}
