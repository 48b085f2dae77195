/*
 * Queries and replay of alerts: a ROUTER socket. A reply is one multipart
 * message: request id, the JSON parts, an empty frame. Replies may come later
 * and in any order.
 */
#ifndef OV_NET_QUERY_H
#define OV_NET_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "common/zcurve.h"
#include "common/zsock.h"
#include "daemon/net/counters.h"
#include "daemon/net/quota.h"
#include "daemon/os/loop.h"

struct query;
struct zap;
struct query_request; /* the ticket; void after query_end(), query_reject() and query_destroy() */

/* json lives until the callback returns. Answering inside it is fine. */
typedef void (*query_callback)(void *context, struct query_request *request, const char *json, size_t len);

struct query_settings {
    struct loop *loop;
    void *zmq; /* context */
    const struct zendpoint *endpoints;
    size_t endpoint_count;
    const struct zcurve_server *curve; /* NULL: no encryption */
    struct zap *zap;                   /* NULL with curve */
    int handshake_ms;                  /* 0: the usual */
    struct quota_limits limits;        /* of each client */
    size_t max_request;                /* bytes of a question */
    size_t max_outstanding;            /* tickets; further questions are refused with code "busy" */
    query_callback on_query;
    void *context;
    struct net_counters *counters;
};

/* Binds and starts reading. NULL on failure, with the reason in error. */
struct query *query_create(const struct query_settings *settings, char *error, size_t size);
void query_destroy(struct query *query);

/* Who asks, as the ZAP handler named the client; "" when nobody was asked. */
const char *query_user(const struct query_request *request);

/* Adds one JSON part (copied) to the reply. */
void query_part(struct query *query, struct query_request *request, const char *json, size_t len);
/* Sends the reply and frees the ticket. A client that is gone is counted. */
void query_end(struct query *query, struct query_request *request);
/* Drops the parts so far and answers {"error":{"code":...,"message":...}}. */
void query_reject(struct query *query, struct query_request *request, const char *code, const char *message);

#endif
