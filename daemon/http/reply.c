#include <event2/buffer.h>
#include <event2/http.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/http/http_private.h"
#include "daemon/http/route.h"

void http_reply_init(struct http_reply *reply) {
    *reply = (struct http_reply){.status = 200, .type = HTTP_TEXT, .cache = "no-store"};
    buf_init(&reply->body);
}

void http_problem(struct http_reply *reply, int status, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_clear(&reply->body);
    buf_printf(&reply->body, "%s\n", text);
    reply->status = status;
    reply->type = HTTP_TEXT;
    reply->cache = "no-store";
    reply->etag = NULL;
}

static const char *phrase(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Content Too Large";
    case 421:
        return "Misdirected Request";
    case 503:
        return "Service Unavailable";
    default:
        return status < 500 ? "Refused" : "Error";
    }
}

/* What holds for every reply: nothing is guessed, framed, or fetched from elsewhere. */
void reply_add_rules(struct evkeyvalq *headers) {
    evhttp_add_header(headers, "Content-Security-Policy",
                      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(headers, "Referrer-Policy", "no-referrer");
    evhttp_add_header(headers, "Cross-Origin-Resource-Policy", "same-origin");
}

static void add_headers(struct evhttp_request *request, const struct http_reply *reply, size_t len) {
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    char number[24];
    reply_add_rules(headers);
    evhttp_add_header(headers, "Cache-Control", reply->cache);
    if (reply->etag)
        evhttp_add_header(headers, "ETag", reply->etag);
    if (reply->status == 405)
        evhttp_add_header(headers, "Allow", "GET, HEAD");
    if (reply->status == 503)
        evhttp_add_header(headers, "Retry-After", "1");
    if (reply->status == 304)
        return;
    evhttp_add_header(headers, "Content-Type", reply->type);
    snprintf(number, sizeof number, "%zu", len);
    evhttp_add_header(headers, "Content-Length", number);
}

static void on_sent(struct evhttp_request *request, void *context) {
    (void)request;
    pool_sent(context);
}

static void free_bytes(const void *bytes, size_t len, void *context) {
    (void)bytes, (void)len;
    free(context);
}

void reply_send(struct http_call *call, struct http_reply *reply, const void *bytes, size_t len, void *owned) {
    struct http_counters *counters = call->http->settings.counters;
    struct evhttp_request *request = call->request;
    struct connection *connection = call->connection;
    struct evbuffer *body = evbuffer_new();
    const char *known = reply->etag ? http_header(call, "If-None-Match") : NULL;
    if (reply->status == 200 && known && route_etag(known, reply->etag))
        reply->status = 304;
    add_headers(request, reply, len);
    bool empty = reply->status == 304 || len == 0 || evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
    if (empty || !body || evbuffer_add_reference(body, bytes, len, owned ? free_bytes : NULL, owned) != 0) {
        len = 0;
        free(owned);
    }
    counters->requests++;
    counters->bytes += len;
    counters->status[reply->status / 100 % 6]++;
    pool_sending(connection, len);
    evhttp_request_set_on_complete_cb(request, on_sent, connection);
    evhttp_send_reply(request, reply->status, phrase(reply->status), body);
    if (body)
        evbuffer_free(body);
    call_destroy(call);
}

void http_answer(struct http_call *call, struct http_reply *reply) {
    struct http *http = call->http;
    size_t len = reply->body.len;
    if (!call->connection) {
        call_destroy(call);
    } else {
        if (http->settings.counters->unsent + len > http->settings.reply_bytes_max && len > 1024) {
            http->settings.counters->overfull++;
            http_problem(reply, 503, "too much is being sent to others; ask again later");
            len = reply->body.len;
        }
        char *bytes = buf_take(&reply->body);
        reply_send(call, reply, bytes, len, bytes);
    }
    buf_finish(&reply->body);
}
