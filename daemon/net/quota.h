/*
 * What one client may take: bytes of replies that it has not read yet, and
 * requests a second. A client is its key or, where there is none, its
 * connection.
 *
 * Replies are counted from here to the moment libzmq lets go of them, which it
 * does in its own thread.
 */
#ifndef OV_NET_QUOTA_H
#define OV_NET_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zmq.h>

#include "common/text.h"

#define QUOTA_CLIENTS_MAX 4096 /* remembered; beyond that those who are quiet are forgotten, or share one */

struct quota;
struct quota_client;

struct quota_limits {
    size_t client_bytes; /* of unread replies of one client; 0: no limit */
    size_t total_bytes;  /* of all; 0: no limit */
    int64_t rate;        /* requests a second of one client, twice as many at once; 0: no limit */
};

struct quota *quota_create(const struct quota_limits *limits);
void quota_destroy(struct quota *quota); /* messages may outlive it */

/* Void at the next call of quota_find(). */
struct quota_client *quota_find(struct quota *quota, struct text name, int64_t now_ms);

/* May it be served? Not before it has read its replies, or others theirs. */
bool quota_has_room(const struct quota *quota, const struct quota_client *client);
/* Takes one of its requests; false: it has asked too often. */
bool quota_take(struct quota *quota, struct quota_client *client, int64_t now_ms);

/* A message with a copy of the bytes, counted until it is gone. False: out of memory. */
bool quota_message(struct quota *quota, struct quota_client *client, struct text bytes, zmq_msg_t *ret_message);

size_t quota_bytes(const struct quota *quota); /* unread now */

#endif
