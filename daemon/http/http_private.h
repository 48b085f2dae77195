/*
 * Inside of the server:
 *
 *   server.c  listeners, start and end
 *   pool.c    connections: how many, how old, and who has to go
 *   call.c    a request: the rules for all of them, its route
 *   reply.c   what is sent
 *   stream.c  replies that never end
 *   route.c   patterns of paths, hosts
 */
#ifndef OV_HTTP_HTTP_PRIVATE_H
#define OV_HTTP_HTTP_PRIVATE_H

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "daemon/http/http.h"
#include "daemon/os/list.h"

struct bufferevent;
struct evconnlistener;

enum connection_state {
    CONNECTION_FRESH,   /* accepted in this turn */
    CONNECTION_WAITING, /* for a request, or the rest of one */
    CONNECTION_ANSWERING,
    CONNECTION_STREAMING
};

/* A connection that evhttp owns; ours ends with it. */
struct connection {
    struct list link; /* in pool->connections: the oldest in its state first */
    struct pool *pool;
    struct bufferevent *bufferevent; /* FRESH: a reference of ours */
    struct evhttp_connection *evcon; /* NULL when FRESH */
    enum connection_state state;
    int64_t deadline;
    size_t heard;  /* bytes since the last request */
    size_t unsent; /* of the reply under way */
    bool expired;  /* to be closed at the next sweep */
    struct http_call *call;
};

struct pool {
    struct http *http;
    struct list connections;
    struct loop_timer *sweep;
    bool paused;  /* nothing is accepted */
    size_t count; /* without streams */
    size_t streams;
};

struct http_call {
    struct http *http;
    struct connection *connection;  /* NULL: the client is gone */
    struct evhttp_request *request; /* NULL likewise */
    char *parameters[HTTP_PARAMETERS];
    struct evkeyvalq query;
    bool later;
    struct http_stream stream;
};

struct http {
    struct http_settings settings;
    struct evhttp *evhttp;
    struct evconnlistener **listeners; /* evhttp owns them */
    size_t listener_count;
    struct pool pool;
};

/* server.c */
void server_listen(struct http *http, bool on);

/* pool.c */
bool pool_init(struct pool *pool, struct http *http);
void pool_finish(struct pool *pool);                                  /* after evhttp is gone */
struct bufferevent *pool_accept(struct event_base *base, void *pool); /* for evhttp_set_bevcb() */
struct connection *pool_find(struct pool *pool, const struct evhttp_connection *evcon);
void pool_answering(struct connection *connection, struct http_call *call);
void pool_sending(struct connection *connection, size_t len); /* a reply of that length is on its way */
void pool_sent(struct connection *connection);                /* all of it is with the client */
void pool_streaming(struct connection *connection);
void pool_expire(struct connection *connection); /* it is closed at the end of the turn */

/* call.c */
void call_request(struct evhttp_request *request, void *http); /* for evhttp_set_gencb() */
void call_destroy(struct http_call *call);
void call_gone(struct http_call *call); /* its connection is */

/* reply.c */
void reply_add_rules(struct evkeyvalq *headers);
/* bytes are the body; owned, when not NULL, is freed once they are sent. Ends the call. */
void reply_send(struct http_call *call, struct http_reply *reply, const void *bytes, size_t len, void *owned);

#endif
