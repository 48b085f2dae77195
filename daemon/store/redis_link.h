/*
 * One connection to Redis that comes back: attempts with a deadline and
 * back-off, a deadline on the oldest command under way, and every callback
 * from a clean stack. The only file that knows the event adapter of hiredis.
 *
 * SIGPIPE must be ignored by the process.
 */
#ifndef OV_STORE_REDIS_LINK_H
#define OV_STORE_REDIS_LINK_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "daemon/store/address.h"

struct loop;
struct redis_link;

struct redis_link_options {
    const struct address *address; /* copied; kind unix or tcp, or else found before each attempt */
    int64_t connect_ms, deadline_ms, back_off_ms;
};

struct redis_link_callbacks {
    void (*on_up)(void *context);
    /* The connection, or an attempt, ended; all replies under way have been
     * given as NULL. The next attempt follows by itself. */
    void (*on_down)(void *context, const char *reason);
    /* NULL, or called before each attempt, from a clean stack: answer with
     * redis_link_found() or redis_link_not_found(), now or later. */
    void (*find)(void *context);
};

/* reply is NULL when the connection ended first: whether the command was done
 * is then unknown. It is freed after the callback. */
typedef void (*redis_link_reply)(void *context, const redisReply *reply);

struct redis_link *redis_link_create(struct loop *loop, const struct redis_link_options *options,
                                     const struct redis_link_callbacks *callbacks, void *context);
/* Not from a callback of the link. Replies under way are dropped silently. */
void redis_link_destroy(struct redis_link *link);

void redis_link_open(struct redis_link *link);
bool redis_link_is_up(const struct redis_link *link);

/* Answers to find; ignored when nothing is being looked for. */
void redis_link_found(struct redis_link *link, const struct address *address);
void redis_link_not_found(struct redis_link *link, const char *reason);

/* From a clean stack: ends the connection for good, without on_down. Replies
 * under way are given as NULL. */
void redis_link_close(struct redis_link *link);

/* The connection is of use: the next failure starts again with a short wait. */
void redis_link_settled(struct redis_link *link);

/* Ends the connection in the next turn; slowly: wait the longest back-off. */
void redis_link_drop(struct redis_link *link, const char *reason, bool slowly);

/* False, and no callback, when the connection is not up. Long commands ask for
 * an allowance on top of the deadline. */
bool redis_link_send(struct redis_link *link, const struct text *args, size_t count, int64_t allowance_ms,
                     redis_link_reply callback, void *context);

/* Writes what was sent now, as far as the connection takes it, not in the next
 * turn; also from a reply's callback. */
void redis_link_flush(struct redis_link *link);

#endif
