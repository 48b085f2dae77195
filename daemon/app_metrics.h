/*
 * /metrics: what the daemon counts, for Prometheus. Each name stands in
 * oversight-metrics(7); a new counter is a row in a table of app_metrics.c.
 */
#ifndef OV_DAEMON_APP_METRICS_H
#define OV_DAEMON_APP_METRICS_H

#include "daemon/http/http.h"
#include "daemon/render/metrics.h"

struct app;

/* The handler of the route; context is the struct app. */
void app_metrics(void *context, struct http_call *call, struct http_reply *reply);

/* A timer of its own in struct app: by how much does it come late? */
void app_metrics_pulse(void *context);

/* The parts: app_metrics_state.c has what no counter of the table holds,
 * app_metrics_process.c what the system knows of the process. */
void app_metrics_state(const struct app *app, struct metrics *metrics);
void app_metrics_process(struct metrics *metrics);

#endif
