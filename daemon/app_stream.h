/*
 * Alerts as server-sent events: each with its id, so that a browser that comes
 * back says where it was (Last-Event-ID) and gets from the store what it missed.
 */
#ifndef OV_DAEMON_APP_STREAM_H
#define OV_DAEMON_APP_STREAM_H

#include "common/text.h"
#include "daemon/engine/alert.h"
#include "daemon/http/http.h"

struct app;
struct streams;

struct streams *streams_create(struct app *app);
void streams_destroy(struct streams *streams); /* after the server; NULL is accepted */

/* An event that is published now, in the order of the ids. */
void streams_event(struct streams *streams, struct alert_id id, struct text json);

/* The handler of the route; context is the struct app. */
void streams_open(void *context, struct http_call *call, struct http_reply *reply);

#endif
