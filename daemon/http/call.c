#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
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

/* ---- Begin and end ----------------------------------------------------------------- */

void call_destroy(struct http_call *call) {
    for (size_t i = 0; i < HTTP_PARAMETERS; i++)
        free(call->parameters[i]);
    evhttp_clear_headers(&call->query);
    free(call);
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
    if (call->stream.closed) {
        call->stream.closed(call->stream.context);
        call_destroy(call);
    }
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

/* evhttp reads no body of GET and HEAD: one that is there would be taken for the
 * next request, and what a proxy took for a body would be answered. */
static bool has_body(const struct http_call *call) {
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(call->request);
    const struct evkeyval *header;
    unsigned lengths = 0;
    TAILQ_FOREACH(header, headers, next) {
        if (evutil_ascii_strcasecmp(header->key, "Transfer-Encoding") == 0)
            return true;
        if (evutil_ascii_strcasecmp(header->key, "Content-Length") == 0 &&
            (strcmp(header->value, "0") != 0 || ++lengths > 1))
            return true;
    }
    return false;
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
    reply_send(call, reply, asset->bytes, asset->len, NULL);
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
    if (command != EVHTTP_REQ_GET && command != EVHTTP_REQ_HEAD) {
        counters->wrong_method++;
        http_problem(reply, 405, "read only: GET and HEAD");
        return false;
    }
    if (!has_body(call))
        return true;
    counters->malformed++;
    evhttp_add_header(evhttp_request_get_output_headers(call->request), "Connection", "close");
    http_problem(reply, 400, "a GET has no body");
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
