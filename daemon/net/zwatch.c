#include "daemon/net/zwatch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "common/zsock.h"

#define SAFETY_MS 1000

struct zwatch {
    void *socket;
    int fd;
    unsigned budget;
    bool paused;
    bool scheduled; /* activated, the callback has not run yet */
    bool draining;  /* the callback is on the stack */
    zwatch_callback callback;
    void *context;
    struct loop_io *io;
    struct loop_timer *safety;
    uint64_t *missed_edges;
};

static void activate(struct zwatch *watch) {
    if (watch->scheduled)
        return;
    watch->scheduled = true;
    loop_io_activate(watch->io);
}

/* Reading ZMQ_EVENTS makes libzmq look at what came in and resets the edge, so
 * this is the question to ask, not the descriptor. It is two system calls: so
 * once, when the callback has found nothing more or its turn is over. */
static void drain(void *context) {
    struct zwatch *watch = context;
    watch->scheduled = false;
    watch->draining = true;
    for (unsigned i = 0; i < watch->budget && !watch->paused; i++)
        if (!watch->callback(watch->context))
            break;
    watch->draining = false;
    if (!watch->paused && zsock_readable(watch->socket))
        activate(watch);
}

/* A message that waits while the descriptor is silent and nothing is scheduled
 * was missed: with the rules above that does not happen, and is counted. */
static void check_missed(void *context) {
    struct zwatch *watch = context;
    loop_timer_start(watch->safety, SAFETY_MS);
    struct pollfd poller = {.fd = watch->fd, .events = POLLIN};
    if (watch->paused || watch->scheduled || poll(&poller, 1, 0) != 0)
        return;
    if (!zsock_readable(watch->socket))
        return;
    if (watch->missed_edges != NULL)
        ++*watch->missed_edges;
    activate(watch);
}

struct zwatch *zwatch_create(struct loop *loop, void *socket, enum loop_priority priority, unsigned budget,
                             zwatch_callback callback, void *context, uint64_t *missed_edges) {
    int fd = zsock_fd(socket);
    if (fd < 0)
        return NULL;
    struct zwatch *watch = alloc_zero(1, sizeof *watch);
    *watch = (struct zwatch){
        .socket = socket,
        .fd = fd,
        .budget = budget,
        .callback = callback,
        .context = context,
        .missed_edges = missed_edges,
    };
    watch->io = loop_io_create(loop, fd, priority, drain, watch);
    watch->safety = loop_timer_create(loop, LOOP_LATER, check_missed, watch);
    if (watch->io == NULL || watch->safety == NULL) {
        int failure = errno;
        zwatch_destroy(watch);
        errno = failure;
        return NULL;
    }
    loop_timer_start(watch->safety, SAFETY_MS);
    activate(watch); /* what came in before the watch was there */
    return watch;
}

void zwatch_destroy(struct zwatch *watch) {
    if (watch == NULL)
        return;
    loop_timer_destroy(watch->safety);
    loop_io_destroy(watch->io);
    free(watch);
}

void zwatch_pause(struct zwatch *watch, bool paused) {
    if (watch->paused == paused)
        return;
    watch->paused = paused;
    loop_io_pause(watch->io, paused); /* forgets what was activated, and activates at the end of the pause */
    watch->scheduled = !paused;
}

bool zwatch_waits(struct zwatch *watch) {
    bool waits = !watch->paused && zsock_readable(watch->socket);
    if (waits && !watch->draining)
        activate(watch); /* asking has consumed the edge */
    return waits;
}

void zwatch_touch(struct zwatch *watch) {
    if (!watch->paused && !watch->draining)
        activate(watch);
}
