/*
 * What is served over HTTP. The table of routes stands in app_http.c; handlers
 * get the struct app as context, also before anything is loaded: those that
 * read the engine begin with app_http_serving().
 */
#ifndef OV_DAEMON_APP_HTTP_H
#define OV_DAEMON_APP_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/http/http.h"

struct app;

/* Listens where the configuration says; fine when that is nowhere. */
bool app_http_open(struct app *app, char *error, size_t size);

/* True when the state is loaded; else fills the reply with 503. */
bool app_http_serving(const struct app *app, struct http_reply *reply);

/* Before a question to the store, which goes on when the client is gone: true,
 * and app_http_has_read() follows with the store's answer; or too many wait
 * already, and the reply (may be NULL) is filled with 503. */
bool app_http_may_read(struct app *app, struct http_reply *reply);
void app_http_has_read(struct app *app);

#endif
