#include "daemon/net/zap_monitor.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/zsock.h"

bool zap_monitor_open(struct zap_monitor *monitor, void *zmq, struct text what) {
    const char *space = memchr(what.s, ' ', what.len);
    char address[64], error[ZERROR_SIZE];
    struct zsock_options options;
    if (space == NULL)
        return false;
    size_t len = (size_t)(space - what.s);
    *monitor = (struct zap_monitor){.socket = NULL};
    if (!text_copy(address, sizeof address, (struct text){what.s, len}) ||
        !text_copy(monitor->domain, sizeof monitor->domain, (struct text){space + 1, what.len - len - 1}))
        return false;
    zsock_defaults(&options);
    options.linger_ms = 0;
    options.receive_hwm = 0; /* an event that finds no room would stop the I/O thread */
    const struct zendpoint endpoint = {address, false};
    monitor->socket = zsock_create(zmq, ZMQ_PAIR, &options, error, sizeof error);
    if (monitor->socket != NULL && zsock_connect(monitor->socket, &endpoint, error, sizeof error))
        return true;
    zap_monitor_close(monitor);
    return false;
}

void zap_monitor_close(struct zap_monitor *monitor) {
    zsock_destroy(monitor->socket);
    free(monitor->since);
    *monitor = (struct zap_monitor){.socket = NULL};
}

/* The seconds that have passed since are empty. */
static void advance(struct zap_monitor *monitor, int64_t now_s) {
    if (now_s - monitor->second >= HANDSHAKE_S_MAX) {
        memset(monitor->recent, 0, sizeof monitor->recent);
        monitor->second = now_s;
    }
    while (monitor->second < now_s)
        monitor->recent[++monitor->second % HANDSHAKE_S_MAX] = 0;
}

void zap_monitor_accepted(struct zap_monitor *monitor, uint32_t fd, int64_t now_s) {
    monitor->open++;
    if (fd >= DESCRIPTORS_MAX)
        return;
    if (fd >= monitor->since_count) {
        size_t count = (size_t)fd * 2 + 64;
        monitor->since = alloc_resize(monitor->since, count, sizeof *monitor->since);
        memset(monitor->since + monitor->since_count, 0, (count - monitor->since_count) * sizeof *monitor->since);
        monitor->since_count = count;
    }
    advance(monitor, now_s);
    monitor->since[fd] = now_s;
    monitor->recent[now_s % HANDSHAKE_S_MAX]++;
}

void zap_monitor_disconnected(struct zap_monitor *monitor, uint32_t fd) {
    monitor->open -= monitor->open > 0;
    if (fd >= monitor->since_count)
        return;
    int64_t since = monitor->since[fd];
    if (since > monitor->second - HANDSHAKE_S_MAX && monitor->recent[since % HANDSHAKE_S_MAX] > 0)
        monitor->recent[since % HANDSHAKE_S_MAX]--;
}

uint64_t zap_monitor_settled(const struct zap_monitor *monitor, int64_t now_s, uint32_t handshake_s) {
    uint64_t young = 0;
    for (int64_t s = now_s - handshake_s; s <= monitor->second; s++)
        if (s >= 0 && s > monitor->second - HANDSHAKE_S_MAX)
            young += monitor->recent[s % HANDSHAKE_S_MAX];
    return monitor->open > young ? monitor->open - young : 0;
}
