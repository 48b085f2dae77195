/*
 * Where the state in memory comes from, for a daemon that has the lease and
 * for one that waits for it.
 *
 * A daemon that waits says so in the store. From then on the leader's steps
 * are kept in a stream of changes, within bounds, as they were written. The
 * standby notes its place in the stream, reads the whole state once, and then
 * takes over step by step what comes after that place, a few times a second.
 * What it reads twice does no harm: steps hold values, not differences, and
 * decisions are numbered. When the lease falls to it, it reads the stream to
 * its end, which is short, and is the leader; nobody else can write any more.
 *
 * A place that is gone from the stream means that steps may have been missed
 * (the standby slept, or the store lost its data): everything is forgotten and
 * read again. So the state is never older than it seems. But when the leader's
 * lease is gone with it, what is in memory may be all that there is: it is kept
 * until a leader is there again, or the lease is ours and the store is known.
 */
#ifndef OV_STORE_STANDBY_H
#define OV_STORE_STANDBY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/store/redis_link.h"
#include "daemon/store/store.h"
#include "daemon/store/trouble.h"

struct loop;
struct standby;

struct standby_callbacks {
    void (*on_free)(void *context);    /* nobody holds the lease */
    void (*on_emptied)(void *context); /* before that: the changes went away with it */
    /* Who holds the lease, "": nobody; left: ms that it lasts, -1: without end. */
    void (*on_leader)(void *context, const char *holder, int64_t left);
    void (*on_warm)(void *context);   /* the state is in memory and followed */
    void (*on_cold)(void *context);   /* no longer: it is forgotten and read again */
    void (*on_loaded)(void *context); /* after standby_finish() */
    void (*on_trouble)(void *context, enum trouble trouble, const char *text);
};

/* sink holds the on_load_ callbacks, called with sink_context; name is said to the leader and copied. */
struct standby *standby_create(struct loop *loop, struct redis_link *link, const char *name, int64_t lease_ms,
                               const struct store_callbacks *sink, void *sink_context,
                               const struct standby_callbacks *callbacks, void *context);
void standby_destroy(struct standby *standby); /* accepts NULL */

/* Another daemon has the lease: load and follow. Again after each reconnect. */
void standby_wait(struct standby *standby);
/* The lease is ours: load or read to the end, then on_loaded. Likewise. */
void standby_finish(struct standby *standby);
/* The lease is ours and the store has lost its data. Is the state in memory? Then that is it, as of the last step that
 * was followed, and on_loaded follows, also from each standby_finish() after that. */
bool standby_keep(struct standby *standby);
/* The link went down. */
void standby_pause(struct standby *standby);

bool standby_has_begun(const struct standby *standby); /* to load or follow */
bool standby_is_warm(const struct standby *standby);

#endif
