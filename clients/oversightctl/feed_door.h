/*
 * Who may connect to an encrypted feed: one client, known by its public key.
 * It answers libzmq's questions (ZeroMQ RFC 27) while feed_door_answer() is
 * called; nobody gets in before that.
 */
#ifndef OV_CTL_FEED_DOOR_H
#define OV_CTL_FEED_DOOR_H

#include <stddef.h>

#define FEED_DOOR_DOMAIN "feed"

struct feed_door;

/* Before any other socket of the context is bound. client_key: in Z85. NULL
 * with the reason in error. */
struct feed_door *feed_door_create(void *context, const char *client_key, char *error, size_t size);
void feed_door_destroy(struct feed_door *door); /* NULL is accepted */

void *feed_door_socket(const struct feed_door *door); /* for zmq_poll() */

/* Answers what was asked; returns how many were refused. */
unsigned feed_door_answer(struct feed_door *door);

#endif
