/*
 * The status page over HTTP: handlers of routes, and the files that go with it.
 */
#ifndef OV_DAEMON_APP_PAGES_H
#define OV_DAEMON_APP_PAGES_H

#include <stddef.h>

#include "daemon/http/http.h"

void pages_board(void *context, struct http_call *call, struct http_reply *reply);
void pages_organisation(void *context, struct http_call *call, struct http_reply *reply);
void pages_measure(void *context, struct http_call *call, struct http_reply *reply);
void pages_chart(void *context, struct http_call *call, struct http_reply *reply);
void pages_systems(void *context, struct http_call *call, struct http_reply *reply);
void pages_health(void *context, struct http_call *call, struct http_reply *reply);
void pages_alerts(void *context, struct http_call *call, struct http_reply *reply);
void pages_alert(void *context, struct http_call *call, struct http_reply *reply);
void pages_chart_style(void *context, struct http_call *call, struct http_reply *reply);

/* Style, script and icon, made from daemon/assets. */
extern const struct http_asset app_assets[];
extern const size_t app_asset_count;

#endif
