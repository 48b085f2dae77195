#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <stdlib.h>

#include "daemon/http/http_private.h"

static void on_drained(struct evhttp_connection *evcon, void *context) {
    (void)evcon;
    const struct http_call *call = context;
    if (call->stream.drained)
        call->stream.drained(call->stream.context);
}

bool http_stream(struct http_call *call, const struct http_stream *stream, struct http_reply *reply) {
    const struct http_settings *settings = &call->http->settings;
    struct evkeyvalq *headers = evhttp_request_get_output_headers(call->request);
    if (evhttp_request_get_command(call->request) == EVHTTP_REQ_HEAD) {
        reply->type = stream->type;
        return false;
    }
    if (call->http->pool.streams >= settings->streams_max) {
        settings->counters->streams_refused++;
        http_problem(reply, 503, "there are %zu streams already; ask again later", settings->streams_max);
        return false;
    }
    reply_add_rules(headers);
    evhttp_add_header(headers, "Content-Type", stream->type);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    evhttp_add_header(headers, "X-Accel-Buffering", "no"); /* proxies pass it on as it comes */
    call->later = true;
    call->stream = *stream;
    settings->counters->requests++;
    settings->counters->status[2]++;
    pool_streaming(call->connection);
    evhttp_send_reply_start(call->request, 200, "OK");
    return true;
}

void http_stream_send(struct http_call *call, const void *bytes, size_t len) {
    struct connection *connection = call->connection;
    if (connection->expired)
        return;
    const struct evbuffer *unread = bufferevent_get_output(connection->bufferevent);
    if (evbuffer_get_length(unread) > call->http->settings.stream_bytes_max) {
        call->http->settings.counters->streams_slow++;
        pool_expire(connection);
        return;
    }
    struct evbuffer *chunk = evbuffer_new();
    if (!chunk || evbuffer_add(chunk, bytes, len) != 0)
        pool_expire(connection);
    else
        evhttp_send_reply_chunk_with_cb(call->request, chunk, on_drained, call);
    call->http->settings.counters->bytes += len;
    if (chunk)
        evbuffer_free(chunk);
}

void http_stream_end(struct http_call *call) {
    pool_expire(call->connection);
}
