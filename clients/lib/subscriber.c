#include "clients/lib/subscriber.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "common/alloc.h"

void subscriber_init(struct subscriber *subscriber, void *context, const char *const *endpoints, int epoll_fd) {
    size_t count = 0;

    while (endpoints != NULL && endpoints[count] != NULL)
        count++;
    *subscriber = (struct subscriber){.context = context, .epoll_fd = epoll_fd, .fd = -1};
    subscriber->endpoints = alloc_zero(count + 1, sizeof(*subscriber->endpoints));
    for (size_t i = 0; i < count; i++)
        subscriber->endpoints[i] = alloc_copy(endpoints[i]);
}

void subscriber_finish(struct subscriber *subscriber) {
    subscriber_close(subscriber);
    identity_finish(&subscriber->identity);
    for (size_t i = 0; subscriber->endpoints[i] != NULL; i++)
        free(subscriber->endpoints[i]);
    free(subscriber->endpoints);
}

bool subscriber_open(struct subscriber *subscriber, char *error, size_t size) {
    struct zsock_options options;
    struct epoll_event event = {.events = EPOLLIN};

    if (subscriber->endpoints[0] == NULL) {
        snprintf(error, size, "no endpoint to subscribe to");
        return false;
    }
    zsock_defaults(&options);
    options.linger_ms = 0;
    options.max_message = SUBSCRIBER_BYTES_MAX;
    options.reconnect_max_ms = 1000;
    subscriber->socket = zsock_create(subscriber->context, ZMQ_SUB, &options, error, size);
    if (subscriber->socket == NULL)
        return false;
    zmq_setsockopt(subscriber->socket, ZMQ_SUBSCRIBE, "alert/", 6);
    zmq_setsockopt(subscriber->socket, ZMQ_SUBSCRIBE, "heartbeat/", 10);
    for (size_t i = 0; subscriber->endpoints[i] != NULL; i++) {
        struct zendpoint endpoint = {subscriber->endpoints[i], true};

        if (!identity_show(&subscriber->identity, subscriber->socket, endpoint.address, error, size) ||
            !zsock_connect(subscriber->socket, &endpoint, error, size)) {
            subscriber_close(subscriber);
            return false;
        }
    }
    subscriber->fd = zsock_fd(subscriber->socket);
    if (subscriber->fd >= 0)
        epoll_ctl(subscriber->epoll_fd, EPOLL_CTL_ADD, subscriber->fd, &event);
    return true;
}

void subscriber_close(struct subscriber *subscriber) {
    if (subscriber->socket == NULL)
        return;
    if (subscriber->fd >= 0)
        epoll_ctl(subscriber->epoll_fd, EPOLL_CTL_DEL, subscriber->fd, NULL);
    zsock_destroy(subscriber->socket);
    subscriber->socket = NULL;
    subscriber->fd = -1;
}
