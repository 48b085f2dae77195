/*
 * HTTP for people and monitors, read only, over evhttp: listeners, limits,
 * the rules that hold for every request, and a table of routes. What stands in
 * a reply is made by handlers that are passed in; nothing is known here of what
 * the daemon does.
 *
 *   static void board(void *context, struct http_call *call, struct http_reply *reply)
 *   {
 *       const char *region = http_query(call, "region");    NULL when absent
 *       reply->type = HTTP_HTML;
 *       page_board(context, region, &reply->body);
 *   }
 *   ...
 *   static const struct http_route routes[] = {{"/", board}, {"/organisations/{code}", organisation}};
 *
 * Every reply carries a Content-Security-Policy of "default-src 'self'", so
 * that pages can neither have scripts or styles inside of them (no style="..."
 * either) nor fetch anything from elsewhere. One thread, the loop's.
 */
#ifndef OV_HTTP_HTTP_H
#define OV_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "daemon/os/loop.h"

struct http;
struct http_call; /* one request while it is answered */

/* ---- Handlers --------------------------------------------------------------- */

#define HTTP_TEXT "text/plain; charset=utf-8"
#define HTTP_HTML "text/html; charset=utf-8"
#define HTTP_CSS "text/css; charset=utf-8"
#define HTTP_SCRIPT "text/javascript; charset=utf-8"
#define HTTP_SVG "image/svg+xml; charset=utf-8"
#define HTTP_JSON "application/json"
#define HTTP_EVENTS "text/event-stream"

/* Filled by a handler. The texts are literals, or live until it returns. */
struct http_reply {
    int status;        /* 200 unless set */
    const char *type;  /* HTTP_TEXT unless set */
    const char *cache; /* Cache-Control: "no-store" unless set */
    const char *etag;  /* with its quotes; NULL: none. A client that has it gets 304 and no body */
    struct buf body;   /* belongs to the reply: handlers only append */
};

/* Called for GET and HEAD. From it the call may also be kept for later, or
 * become a stream; the reply is not looked at then. */
typedef void (*http_handler)(void *context, struct http_call *call, struct http_reply *reply);

struct http_route {
    const char *pattern; /* "/api/v1/series/{code}/{measure}": {} matches one segment that is not empty */
    http_handler handler;
};

/* A file that is part of the program, with bytes that never change. */
struct http_asset {
    const char *path, *type;
    const void *bytes;
    size_t len;
    const char *etag; /* with its quotes: of these bytes only */
};

#define HTTP_PARAMETERS 4

/* The index-th {} of the route, decoded; "" beyond the last. */
const char *http_parameter(const struct http_call *call, size_t index);
/* The first value of a key of the query, decoded, or NULL. */
const char *http_query(const struct http_call *call, const char *key);
/* The value of a header of the request, or NULL. */
const char *http_header(const struct http_call *call, const char *name);

/* A reply of one line, in place of what was filled in so far. */
void http_problem(struct http_reply *reply, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- Later ------------------------------------------------------------------- */

/* From a handler: the reply comes after it has returned, by exactly one
 * http_answer(), also when the client or the server is gone by then. */
void http_later(struct http_call *call);
void http_reply_init(struct http_reply *reply);
void http_answer(struct http_call *call, struct http_reply *reply); /* uses up both */

/* ---- Streams ------------------------------------------------------------------- */

/* From a handler: the reply never ends, but goes on by http_stream_send(). False:
 * streams_max is reached, or it was a HEAD; the reply is filled in. closed comes
 * once, from the loop, also at http_destroy(); the call is void from then on.
 * drained (may be NULL) comes whenever all that was sent is with the client. */
struct http_stream {
    const char *type;
    void (*drained)(void *context);
    void (*closed)(void *context);
    void *context;
};
bool http_stream(struct http_call *call, const struct http_stream *stream, struct http_reply *reply);

/* Bytes are copied. One that has more than stream_bytes_max unread, or reads
 * none of it for the time-out, is closed. Does nothing once it is to be closed. */
void http_stream_send(struct http_call *call, const void *bytes, size_t len);
void http_stream_end(struct http_call *call); /* closed comes soon */

/* ---- Server -------------------------------------------------------------------- */

/* For metrics: plain numbers that are lent. */
struct http_counters {
    uint64_t accepted;            /* connections */
    uint64_t requests, bytes;     /* replies given, and the bytes of their bodies */
    uint64_t status[6];           /* replies by the first digit of their status */
    uint64_t evicted;             /* connections closed to make room: more than connections_max at once */
    uint64_t timeouts;            /* connections closed for being slow: request not sent, reply not read */
    uint64_t malformed;           /* requests that cannot be read, are above a limit, or end too early */
    uint64_t wrong_host;          /* refused for their Host */
    uint64_t wrong_method;        /* neither GET nor HEAD */
    uint64_t overfull;            /* replies not given because reply_bytes_max was reached */
    uint64_t streams_refused;     /* streams_max was reached */
    uint64_t streams_slow;        /* closed for not being read */
    uint64_t connections, unsent; /* now; unsent: bytes of replies not yet sent */
    uint64_t streams;             /* now, not among connections */
};

struct http_settings {
    struct loop *loop;
    const char *const *addresses; /* "127.0.0.1:7780", "[::1]:7780": numbers, not names */
    size_t address_count;
    const char *const *names; /* accepted as Host beside numbers and localhost */
    size_t name_count;
    const struct http_route *routes; /* the first that matches; these and the assets must outlive it */
    size_t route_count;
    const struct http_asset *assets;
    size_t asset_count;
    size_t connections_max; /* at once; one more closes the one that has waited longest */
    size_t header_max;      /* bytes of a request without its body */
    size_t reply_bytes_max; /* of all replies that are not yet sent: beyond that the answer is 503 */
    size_t streams_max;
    size_t stream_bytes_max;
    int64_t timeout_ms; /* to send a request; to read a reply: this, and a second per 64 KiB */
    void *context;      /* of all handlers */
    struct http_counters *counters;
};

/* Binds and listens. NULL on failure, with the reason in error. */
struct http *http_create(const struct http_settings *settings, char *error, size_t size);
void http_destroy(struct http *http);

#endif
