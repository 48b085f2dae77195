/*
 * The connections of one socket, from the events of its monitor. Belongs to the
 * thread of the ZAP handler.
 */
#ifndef OV_NET_ZAP_MONITOR_H
#define OV_NET_ZAP_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

#define ZAP_DOMAIN_SIZE 16
#define DESCRIPTORS_MAX 1048576 /* what Linux allows at most by default */
#define HANDSHAKE_S_MAX 64      /* a power of two, more than the longest handshake */

struct zap_monitor {
    void *socket; /* NULL: free */
    char domain[ZAP_DOMAIN_SIZE];
    uint64_t open;
    uint32_t recent[HANDSHAKE_S_MAX]; /* accepted in each of the last seconds */
    int64_t second;                   /* the newest of them */
    int64_t *since;                   /* when the connection of a descriptor was accepted */
    size_t since_count;
};

/* what: the address of the monitor, a space, the domain. False: a monitor that
 * nobody reads would stop the I/O thread. */
bool zap_monitor_open(struct zap_monitor *monitor, void *zmq, struct text what);
void zap_monitor_close(struct zap_monitor *monitor);

void zap_monitor_accepted(struct zap_monitor *monitor, uint32_t fd, int64_t now_s);
void zap_monitor_disconnected(struct zap_monitor *monitor, uint32_t fd);

/* Open connections that have outlived the time for a handshake. */
uint64_t zap_monitor_settled(const struct zap_monitor *monitor, int64_t now_s, uint32_t handshake_s);

#endif
