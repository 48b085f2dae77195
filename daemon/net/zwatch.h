/*
 * A ZeroMQ socket in the event loop. ZMQ_FD is edge-triggered and says only
 * "look again", so the socket is drained until ZMQ_EVENTS shows nothing,
 * under a budget per turn; what is left is picked up in the next turn.
 */
#ifndef OV_NET_ZWATCH_H
#define OV_NET_ZWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/os/loop.h"

struct zwatch;

/* Reads and handles one message without waiting, if there is one: it is also
 * called where there may be none. False: there was none, or its turn is over;
 * true: call it again. It may pause or touch its own watch but not destroy it. */
typedef bool (*zwatch_callback)(void *context);

/* The socket stays the caller's and must outlive the watch. missed_edges may
 * be NULL. NULL on failure, errno set. */
struct zwatch *zwatch_create(struct loop *loop, void *socket, enum loop_priority priority, unsigned budget,
                             zwatch_callback callback, void *context, uint64_t *missed_edges);
void zwatch_destroy(struct zwatch *watch);

/* A paused watch reads nothing: the socket's queue fills and pushes back. */
void zwatch_pause(struct zwatch *watch, bool paused);

/* To be called after every send, receive or option outside the callback: such
 * a call may have consumed the edge. */
void zwatch_touch(struct zwatch *watch);

/* Is there a message to read, and nobody said not to? */
bool zwatch_waits(struct zwatch *watch);

#endif
