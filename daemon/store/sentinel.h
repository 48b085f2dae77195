/*
 * Where the master is, asked of sentinels at every connect: of one after the
 * other, each with a deadline of its own, the one that answered last first.
 *
 * Its word is not the last: the session looks whether who is found there says
 * itself that it is the master, and comes back here when it does not.
 */
#ifndef OV_STORE_SENTINEL_H
#define OV_STORE_SENTINEL_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/store/address.h"

struct loop;
struct sentinel;

struct sentinel_callbacks {
    void (*on_master)(void *context, const struct address *address);
    void (*on_failed)(void *context, const char *reason); /* none of them could say: that of the last */
};

/* address, of kind sentinel, is copied; beyond_loopback: a master may be there. */
struct sentinel *sentinel_create(struct loop *loop, const struct address *address, bool beyond_loopback,
                                 const struct sentinel_callbacks *callbacks, void *context);
void sentinel_destroy(struct sentinel *sentinel); /* accepts NULL; not from a callback of a link */

/* Begins a round, unless one is under way; ends with one of the callbacks. */
void sentinel_ask(struct sentinel *sentinel);

/* The pure part: an answer to SENTINEL GET-MASTER-ADDR-BY-NAME. False: ret_reason. */
bool sentinel_read(const redisReply *reply, const char *master, bool beyond_loopback, struct address *ret_address,
                   char *ret_reason, size_t size);

#endif
