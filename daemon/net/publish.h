/*
 * Live alerts: an XPUB socket with a heartbeat. Publishing never waits: a
 * subscriber whose queue is full loses the event, which is counted, and finds
 * the hole by the ids.
 */
#ifndef OV_NET_PUBLISH_H
#define OV_NET_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/zcurve.h"
#include "common/zsock.h"
#include "daemon/net/counters.h"
#include "daemon/net/listeners.h"
#include "daemon/os/loop.h"

struct publish;
struct zap;

#define PUBLISH_TOPIC_MAX 128 /* bytes; longer ones get lost inside libzmq 4.3.4 from 246 on */
#define PUBLISH_HEARTBEAT_MAX 512

/* Writes the payload of a heartbeat into buf and returns its length; 0 stays silent this time. */
typedef size_t (*publish_heartbeat)(void *context, char *buf, size_t size);

struct publish_settings {
    struct loop *loop;
    void *zmq;                         /* context */
    const struct zendpoint *endpoints; /* these and curve must outlive it */
    size_t endpoint_count;
    const struct zcurve_server *curve; /* NULL: no encryption */
    int handshake_ms;                  /* 0: the usual */
    struct zap *zap;                   /* NULL with curve */
    int queue;                         /* events kept per subscriber */
    int heartbeat_ms;                  /* 1000 */
    publish_heartbeat on_heartbeat;
    void *context;
    struct net_counters *counters;
};

/* Binds and starts the heartbeat. NULL on failure, with the reason in error. */
struct publish *publish_create(const struct publish_settings *settings, char *error, size_t size);
void publish_destroy(struct publish *publish);

/* False when the topic is empty, too long or not closed by a slash, or the
 * socket failed: counted as a failure. */
bool publish_event(struct publish *publish, const char *topic, const void *bytes, size_t len);

/* Cuts off all subscribers and listens again: those who still may come back by
 * themselves and ask for what they missed. It is how a key is taken away, for
 * libzmq cannot close one connection. What is published until the endpoints
 * are bound again, a moment later, counts as a failure. */
void publish_renew(struct publish *publish);

/* Who has subscribed, by what the ZAP handler named them; nobody without one. */
const struct listeners *publish_listeners(const struct publish *publish);

#endif
