#include "daemon/app_http.h"

#include <stdlib.h>

#include "common/alloc.h"
#include "daemon/app_api.h"
#include "daemon/app_metrics.h"
#include "daemon/app_pages.h"
#include "daemon/app_state.h"
#include "daemon/app_stream.h"

#define SCHEME_LEN 6           /* tcp:// */
#define CONNECTIONS_PER_READ 4 /* so that questions to the store leave connections to others */

bool app_http_serving(const struct app *app, struct http_reply *reply) {
    if (app->serving)
        return true;
    http_problem(reply, 503, "this daemon does not lead: the store is %s%s%s", store_state_name(app->store_state),
                 *app->store_text ? ": " : "", app->store_text);
    return false;
}

bool app_http_may_read(struct app *app, struct http_reply *reply) {
    if (app->http_reads < (size_t)app->config->http_connections / CONNECTIONS_PER_READ) {
        app->http_reads++;
        return true;
    }
    app->http_reads_refused++;
    if (reply)
        http_problem(reply, 503, "too many wait for the store; ask again later");
    return false;
}

void app_http_has_read(struct app *app) {
    app->http_reads--;
}

/* The loop goes round, or nobody would answer. */
static void healthy(void *context, struct http_call *call, struct http_reply *reply) {
    (void)context, (void)call;
    buf_append_string(&reply->body, "healthy\n");
}

/* A feed that is silent is known to be: that is told elsewhere. */
static void await_feeds(const struct app *app, struct buf *reasons) {
    for (size_t i = 0; app->ingest && i < ingest_count(app->ingest); i++) {
        struct ingest_status feed;

        ingest_status(app->ingest, i, &feed);
        if (!feed.state.alive && !feed.state.stale)
            buf_printf(reasons, "feed %s: not heard yet\n", feed.source);
    }
}

static void ready(void *context, struct http_call *call, struct http_reply *reply) {
    const struct app *app = context;

    (void)call;
    if (!app_http_serving(app, reply))
        return;
    if (app->stopping)
        buf_append_string(&reply->body, "stopping\n");
    if (store_lease_left(app->store) <= 0)
        buf_append_string(&reply->body, "the lease may have run out: another daemon may have taken over\n");
    await_feeds(app, &reply->body);
    if (reply->body.len > 0)
        reply->status = 503;
    else
        buf_append_string(&reply->body, "ready\n");
}

static const struct http_route routes[] = {
    {"/", pages_board},
    {"/-/healthy", healthy},
    {"/-/ready", ready},
    {"/metrics", app_metrics},
    {"/api/v1/alerts", api_alerts},
    {"/api/v1/measures/{id}", api_measure},
    {"/api/v1/mismatches", api_mismatches},
    {"/api/v1/organisations", api_organisations},
    {"/api/v1/organisations/{code}", api_organisation},
    {"/api/v1/organisations/{code}/explain", api_explain},
    {"/api/v1/series/{code}/{measure}", api_series},
    {"/api/v1/status", api_status},
    {"/api/v1/stream", streams_open},
    {"/api/v1/systems", api_systems},
    {"/alerts", pages_alerts},
    {"/alerts/{id}", pages_alert},
    {"/assets/chart.css", pages_chart_style},
    {"/charts/{code}/{measure}", pages_chart},
    {"/health", pages_health},
    {"/organisations/{code}", pages_organisation},
    {"/organisations/{code}/{measure}", pages_measure},
    {"/systems", pages_systems},
};

bool app_http_open(struct app *app, char *error, size_t size) {
    const struct config *config = app->config;
    struct http_settings settings = {.loop = app->loop,
                                     .address_count = config->http.count,
                                     .names = (const char *const *)config->http_names.items,
                                     .name_count = config->http_names.count,
                                     .routes = routes,
                                     .route_count = sizeof routes / sizeof routes[0],
                                     .assets = app_assets,
                                     .asset_count = app_asset_count,
                                     .connections_max = (size_t)config->http_connections,
                                     .header_max = (size_t)config->http_header_bytes,
                                     .reply_bytes_max = (size_t)config->http_reply_bytes,
                                     .streams_max = (size_t)config->http_streams,
                                     .stream_bytes_max = (size_t)config->http_stream_bytes,
                                     .timeout_ms = config->http_timeout,
                                     .context = app,
                                     .counters = &app->http_counters};
    const char **addresses;

    if (!config->http.count)
        return true;
    addresses = alloc_zero(config->http.count, sizeof *addresses);
    for (size_t i = 0; i < config->http.count; i++)
        addresses[i] = config->http.items[i].address + SCHEME_LEN;
    settings.addresses = addresses;
    app->http = http_create(&settings, error, size);
    free(addresses);
    return app->http != NULL;
}
