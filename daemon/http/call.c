#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/alloc.h"
#include "daemon/http/http_private.h"
#include "daemon/http/route.h"

/* ---- What a handler is told ----------------------------------------------------- */

const char *http_parameter(const struct http_call *call, size_t index) {
    return index < HTTP_PARAMETERS && call->parameters[index] ? call->parameters[index] : "";
}

const char *http_query(const struct http_call *call, const char *key) {
    return evhttp_find_header(&call->query, key);
}

const char *http_header(const struct http_call *call, const char *name) {
    return evhttp_find_header(evhttp_request_get_input_headers(call->request), name);
}

/* ---- Replies ---------------------------------------------------------------------- */

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
    case 421:
        return "Misdirected Request";
    case 503:
        return "Service Unavailable";
    default:
        return status < 500 ? "Refused" : "Error";
    }
}

/* What holds for every reply: nothing is guessed, framed, or fetched from elsewhere. */
static void add_rules(struct evkeyvalq *headers) {
    evhttp_add_header(headers, "Content-Security-Policy",
                      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(headers, "Referrer-Policy", "no-referrer");
    evhttp_add_header(headers, "Cross-Origin-Resource-Policy", "same-origin");
}

static void add_headers(struct evhttp_request *request, const struct http_reply *reply, size_t len) {
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    char number[24];
    add_rules(headers);
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

static void destroy(struct http_call *call) {
    for (size_t i = 0; i < HTTP_PARAMETERS; i++)
        free(call->parameters[i]);
    evhttp_clear_headers(&call->query);
    free(call);
}

static void free_bytes(const void *bytes, size_t len, void *context) {
    (void)bytes, (void)len;
    free(context);
}

/* bytes: of the body; owned, when not NULL, is what to free once they are sent. */
static void send_reply(struct http_call *call, struct http_reply *reply, const void *bytes, size_t len, void *owned) {
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
    destroy(call);
}

void http_answer(struct http_call *call, struct http_reply *reply) {
    struct http *http = call->http;
    size_t len = reply->body.len;
    if (!call->connection) {
        destroy(call);
    } else {
        if (http->settings.counters->unsent + len > http->settings.reply_bytes_max && len > 1024) {
            http->settings.counters->overfull++;
            http_problem(reply, 503, "too much is being sent to others; ask again later");
            len = reply->body.len;
        }
        char *bytes = buf_take(&reply->body);
        send_reply(call, reply, bytes, len, bytes);
    }
    buf_finish(&reply->body);
}

void http_later(struct http_call *call) {
    call->later = true;
}

void call_gone(struct http_call *call) {
    /* One that the client has left is ours to free; one that we close is evhttp's. */
    if (!evhttp_request_get_connection(call->request))
        evhttp_request_free(call->request);
    call->request = NULL;
    call->connection = NULL;
}

/* ---- Requests ------------------------------------------------------------------------ */

/* More than one Host header is how one is hidden behind another. */
static bool host_is_good(const struct http_call *call) {
    const struct http_settings *settings = &call->http->settings;
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(call->request);
    const struct evkeyval *header;
    const char *host = NULL;
    TAILQ_FOREACH(header, headers, next) {
        if (evutil_ascii_strcasecmp(header->key, "Host") != 0)
            continue;
        if (host)
            return false;
        host = header->value;
    }
    return host && route_host(host, settings->names, settings->name_count);
}

static bool take_parameters(struct http_call *call, const struct text parameters[HTTP_PARAMETERS]) {
    for (size_t i = 0; i < HTTP_PARAMETERS && parameters[i].len > 0; i++) {
        char *raw = alloc_copy_bytes(parameters[i].s, parameters[i].len);
        size_t len = 0;
        call->parameters[i] = evhttp_uridecode(raw, 0, &len);
        free(raw);
        if (!call->parameters[i] || strlen(call->parameters[i]) != len ||
            !text_is_free(text_of(call->parameters[i]), len))
            return false;
    }
    return true;
}

static const struct http_route *find_route(const struct http_settings *settings, const char *path,
                                           struct text ret_parameters[HTTP_PARAMETERS]) {
    for (size_t i = 0; i < settings->route_count; i++)
        if (route_match(settings->routes[i].pattern, path, ret_parameters))
            return &settings->routes[i];
    return NULL;
}

static const struct http_asset *find_asset(const struct http_settings *settings, const char *path) {
    for (size_t i = 0; i < settings->asset_count; i++)
        if (strcmp(settings->assets[i].path, path) == 0)
            return &settings->assets[i];
    return NULL;
}

static void run_route(struct http_call *call, const char *path, struct http_reply *reply) {
    const struct http_settings *settings = &call->http->settings;
    struct text parameters[HTTP_PARAMETERS];
    const struct http_route *route = find_route(settings, path, parameters);
    if (!route)
        http_problem(reply, 404, "nothing is here");
    else if (!take_parameters(call, parameters))
        http_problem(reply, 400, "the path holds what is no text");
    else
        route->handler(settings->context, call, reply);
}

static void send_asset(struct http_call *call, const struct http_asset *asset, struct http_reply *reply) {
    reply->type = asset->type;
    reply->cache = "no-cache"; /* asks each time, and is told 304 */
    reply->etag = asset->etag;
    send_reply(call, reply, asset->bytes, asset->len, NULL);
}

/* False when the request is refused, with the reply. */
static bool is_allowed(const struct http_call *call, struct http_reply *reply) {
    struct http_counters *counters = call->http->settings.counters;
    enum evhttp_cmd_type command = evhttp_request_get_command(call->request);
    if (!host_is_good(call)) {
        counters->wrong_host++;
        http_problem(reply, 421, "this Host is not served here; oversightd.conf(5), http_names");
        return false;
    }
    if (command == EVHTTP_REQ_GET || command == EVHTTP_REQ_HEAD)
        return true;
    counters->wrong_method++;
    http_problem(reply, 405, "read only: GET and HEAD");
    return false;
}

void call_request(struct evhttp_request *request, void *context) {
    struct http *http = context;
    struct connection *connection = pool_find(&http->pool, evhttp_request_get_connection(request));
    struct http_call *call = alloc_zero(1, sizeof *call);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL, *query = uri ? evhttp_uri_get_query(uri) : NULL;
    const struct http_asset *asset = NULL;
    struct http_reply reply;
    http_reply_init(&reply);
    *call = (struct http_call){.http = http, .connection = connection, .request = request};
    TAILQ_INIT(&call->query);
    pool_answering(connection, call);
    if (query && evhttp_parse_query_str(query, &call->query) != 0)
        http_problem(&reply, 400, "the query cannot be read");
    else if (is_allowed(call, &reply) && !(asset = find_asset(&http->settings, path && *path ? path : "/")))
        run_route(call, path && *path ? path : "/", &reply);
    if (asset)
        send_asset(call, asset, &reply);
    else if (call->later)
        buf_finish(&reply.body);
    else
        http_answer(call, &reply);
}
