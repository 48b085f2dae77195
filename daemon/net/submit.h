/*
 * Submission with acknowledgement: a ROUTER socket. Each request becomes a
 * ticket that the application answers when it likes, in any order; answering
 * frees the ticket.
 */
#ifndef OV_NET_SUBMIT_H
#define OV_NET_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/zcurve.h"
#include "common/zsock.h"
#include "daemon/net/counters.h"
#include "daemon/net/quota.h"
#include "daemon/os/loop.h"

struct submit;
struct zap;
struct submit_request; /* the ticket; void after its answer and after submit_destroy() */

/* payload lives until the callback returns. Answering inside it is fine. */
typedef void (*submit_callback)(void *context, struct submit_request *request, const void *payload, size_t len);

struct submit_settings {
    struct loop *loop;
    void *zmq; /* context */
    const struct zendpoint *endpoints;
    size_t endpoint_count;
    const struct zcurve_server *curve; /* NULL: no encryption */
    struct zap *zap;                   /* NULL with curve */
    int handshake_ms;                  /* 0: the usual */
    struct quota_limits limits;        /* of each client */
    size_t max_message;                /* bytes of a payload */
    size_t max_outstanding;            /* tickets; at the bound reading stops until one is answered */
    submit_callback on_submit;
    void *context;
    struct net_counters *counters;
};

/* Binds and starts reading. NULL on failure, with the reason in error. */
struct submit *submit_create(const struct submit_settings *settings, char *error, size_t size);
/* Drops what is unanswered: its clients will ask again. */
void submit_destroy(struct submit *submit);

/* Who asks, as the ZAP handler named the client; "" when nobody was asked. */
const char *submit_user(const struct submit_request *request);

/* Stops and resumes reading: back-pressure, nothing is dropped. */
void submit_pause(struct submit *submit, bool paused);
/* Is a message there, unread, though reading is not paused? For the watchdog. */
bool submit_waits(const struct submit *submit);

/* Sends the reply and frees the ticket. A client that is gone is counted. */
void submit_reply(struct submit *submit, struct submit_request *request, const char *json, size_t len);
/* {"error":{"code":...,"message":...}} */
void submit_reject(struct submit *submit, struct submit_request *request, const char *code, const char *message);

#endif
