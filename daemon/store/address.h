/*
 * Where the store is: the option "store" taken apart.
 */
#ifndef OV_STORE_ADDRESS_H
#define OV_STORE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum address_kind { ADDRESS_PRIVATE, ADDRESS_UNIX, ADDRESS_TCP, ADDRESS_SENTINEL, ADDRESS_NONE };

#define ADDRESS_PATH_MAX 107 /* what a unix socket's name may hold */
#define ADDRESS_SENTINELS_MAX 8

struct address_host {
    char host[64]; /* numeric */
    int port;
};

struct address {
    enum address_kind kind;
    char path[ADDRESS_PATH_MAX + 1]; /* of the unix socket */
    struct address_host tcp;
    char master[64]; /* its name, which these know: */
    struct address_host sentinels[ADDRESS_SENTINELS_MAX];
    size_t sentinel_count;
};

/* "private", "none", "unix:/path", "tcp:host:port" or
 * "sentinel:name@host:port,host:port...". A host name is resolved
 * here, blocking, because the Redis client would block for it at every
 * connect. False: ret_error says what is wrong with it. */
bool address_parse(const char *where, struct address *ret_address, char *ret_error, size_t size);

#endif
