/*
 * Requests over HTTP: libcurl's multi interface in the loop. The one module
 * that includes curl.
 */
#ifndef OV_ONCALL_HTTP_H
#define OV_ONCALL_HTTP_H

#include "clients/oncall/send.h"
#include "common/buf.h"

struct http;
struct http_request;

struct http *http_create(struct loop *loop); /* NULL after a log line */
void http_destroy(struct http *http);

struct http_header {
    const char *name;
    char *value;
};

/* Everything is copied but conf and target, which outlive the request. */
struct http_request *http_send(struct http *http, const struct conf *conf, const struct target *target,
                               const struct http_header *headers, size_t header_count, struct text body,
                               send_callback callback, void *context);
void http_cancel(struct http_request *request);

#endif
