/*
 * Live alerts: an XPUB socket with a heartbeat. Publishing never waits: a
 * subscriber whose queue is full loses the event, which is counted, and finds
 * the hole by the ids.
 */
#ifndef OV_NET_PUBLISH_H
#define OV_NET_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/zsock.h"
#include "daemon/net/counters.h"
#include "daemon/os/loop.h"

struct publish;

#define PUBLISH_TOPIC_MAX 128 /* bytes; longer ones get lost inside libzmq 4.3.4 from 246 on */
#define PUBLISH_HEARTBEAT_MAX 512

/* Writes the payload of a heartbeat into buf and returns its length; 0 stays silent this time. */
typedef size_t (*publish_heartbeat)(void *context, char *buf, size_t size);

struct publish_settings {
    struct loop *loop;
    void *zmq; /* context */
    const struct zendpoint *endpoints;
    size_t endpoint_count;
    int queue;        /* events kept per subscriber */
    int heartbeat_ms; /* 1000 */
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

#endif
