/*
 * The SUB socket of a consumer: connected to every publisher, subscribed to all
 * alerts and heartbeats (a part of them would make ids skip), registered with
 * an epoll descriptor.
 */
#ifndef OV_CLIENTS_SUBSCRIBER_H
#define OV_CLIENTS_SUBSCRIBER_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/lib/identity.h"
#include "common/zsock.h"

#define SUBSCRIBER_BYTES_MAX (4U << 20) /* of a live message */

struct subscriber {
    void *context, *socket;   /* socket NULL: not open */
    struct identity identity; /* to be taken before it is opened */
    int epoll_fd, fd;
    char **endpoints;
};

/* endpoints ends with NULL and is copied; NULL is an empty list. */
void subscriber_init(struct subscriber *subscriber, void *context, const char *const *endpoints, int epoll_fd);
void subscriber_finish(struct subscriber *subscriber);

bool subscriber_open(struct subscriber *subscriber, char *error, size_t size);
void subscriber_close(struct subscriber *subscriber);

#endif
