/*
 * In place of a connection to Redis: commands wait here for their replies, which
 * come byte by byte as from the connection. A program that includes this takes it
 * for daemon/store/redis_link.c.
 */
#ifndef OV_TESTS_REDIS_REPLIES_H
#define OV_TESTS_REDIS_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "daemon/store/redis_link.h"

#define WAITING_MAX 256

struct redis_link {
    struct {
        redis_link_reply callback;
        void *context;
    } waiting[WAITING_MAX];
    size_t count;
    size_t bytes; /* of the commands, read so that a sanitizer sees them */
    bool over;    /* nothing more is read */
};

bool redis_link_send(struct redis_link *link, const struct text *args, size_t count, int64_t allowance_ms,
                     redis_link_reply callback, void *context) {
    (void)allowance_ms;
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < args[i].len; at++)
            link->bytes += (unsigned char)args[i].s[at];
    if (link->count == WAITING_MAX)
        return false;
    link->waiting[link->count].callback = callback;
    link->waiting[link->count++].context = context;
    return true;
}

/* The oldest command gets the next reply. */
static inline void redis_replies_one(struct redis_link *link, const redisReply *reply) {
    redis_link_reply callback = link->waiting[0].callback;
    void *context = link->waiting[0].context;
    memmove(link->waiting, link->waiting + 1, --link->count * sizeof link->waiting[0]);
    callback(context, reply);
}

static inline void redis_replies(struct redis_link *link, const char *bytes, size_t size) {
    redisReader *reader = redisReaderCreate();
    void *reply = NULL;
    redisReaderFeed(reader, bytes, size);
    while (!link->over && link->count > 0 && redisReaderGetReply(reader, &reply) == REDIS_OK && reply) {
        redis_replies_one(link, reply);
        freeReplyObject(reply);
    }
    redisReaderFree(reader);
}

/* The connection ends: nobody knows what became of the commands. */
static inline void redis_replies_end(struct redis_link *link) {
    while (link->count > 0)
        redis_replies_one(link, NULL);
}

#endif
