/*
 * What submission and queries have in common: a bound ROUTER socket in the
 * loop, requests of three frames (identity, request id, payload), and replies
 * to a remembered address.
 */
#ifndef OV_NET_ROUTER_H
#define OV_NET_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/zcurve.h"
#include "common/zsock.h"
#include "daemon/net/quota.h"
#include "daemon/net/zap.h"
#include "daemon/os/loop.h"

#define REQUEST_ID_MAX 64
#define IDENTITY_MAX 255 /* of libzmq */

struct router;

/* Whom to answer, and on which request. */
struct router_address {
    uint8_t identity_len, id_len;
    char bytes[IDENTITY_MAX + REQUEST_ID_MAX];
    char user[ZKEY_SIZE]; /* of the ZAP handler; "" when nobody was asked */
};

struct router_settings {
    struct loop *loop;
    void *zmq;
    const struct zendpoint *endpoints;
    size_t endpoint_count;
    const struct zcurve_server *curve; /* NULL: no encryption */
    struct zap *zap;                   /* watches the handshakes; NULL with curve */
    enum loop_priority priority;
    unsigned budget;    /* requests per turn */
    size_t max_message; /* bytes of a payload; somewhat longer ones are answered, much longer ones disconnected */
    int queue;          /* replies kept per client that does not read */
    int handshake_ms;   /* 0: as zsock_defaults() has it */
    struct quota_limits limits;
    void (*on_request)(void *context, const struct router_address *from, struct text payload);
    void *context;
    uint64_t *malformed, *undeliverable, *missed_edges;
    uint64_t *unread;    /* requests dropped, as earlier replies are not read */
    uint64_t *throttled; /* refused, as there were too many in a short time */
};

struct router *router_create(const struct router_settings *settings, char *error, size_t size);
void router_destroy(struct router *router);
void router_pause(struct router *router, bool paused);
bool router_waits(const struct router *router); /* a request is there, unread, and reading is not paused */

/* Sends identity and request id followed by the parts. A client that is gone
 * or does not read loses the reply: counted, and it may ask again. */
void router_reply(struct router *router, const struct router_address *to, const struct text *parts, size_t count);
void router_reject(struct router *router, const struct router_address *to, const char *code, const char *message);

#endif
