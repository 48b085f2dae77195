/*
 * The queries of oversight-protocol(7) over HTTP: handlers of routes. The names
 * in {} and the query of the address become the fields of a question, which is
 * checked and answered like one that came over ZeroMQ.
 */
#ifndef OV_DAEMON_APP_API_H
#define OV_DAEMON_APP_API_H

#include "daemon/http/http.h"

void api_alerts(void *context, struct http_call *call, struct http_reply *reply);
void api_explain(void *context, struct http_call *call, struct http_reply *reply);
void api_measure(void *context, struct http_call *call, struct http_reply *reply);
void api_mismatches(void *context, struct http_call *call, struct http_reply *reply);
void api_organisation(void *context, struct http_call *call, struct http_reply *reply);
void api_organisations(void *context, struct http_call *call, struct http_reply *reply);
void api_series(void *context, struct http_call *call, struct http_reply *reply);
void api_status(void *context, struct http_call *call, struct http_reply *reply);
void api_systems(void *context, struct http_call *call, struct http_reply *reply);

#endif
