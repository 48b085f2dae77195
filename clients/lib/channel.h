/*
 * Requests and replies over a DEALER socket to one of several endpoints:
 * numbered requests stay until they are answered; when one waits too long, or
 * the endpoint is not there, the socket is replaced, the next endpoint tried,
 * and everything unanswered sent again in order. The requests of this protocol
 * may all be repeated.
 */
#ifndef OV_CLIENTS_CHANNEL_H
#define OV_CLIENTS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/lib/identity.h"
#include "common/zsock.h"

#define CHANNEL_FRAMES_MAX 4096
#define CHANNEL_BYTES_MAX (256U << 20)

struct channel;

/* endpoints ends with NULL and is copied. epoll_fd: the socket's descriptor is
 * kept registered there for reading; -1: not wanted. NULL with the reason in error. */
struct channel *channel_create(void *context, const char *const *endpoints, const struct oversight_keys *keys,
                               int resend_ms, int epoll_fd, char *error, size_t size);
void channel_destroy(struct channel *channel);

/* Returns the number of the request, from 1. Copies the payload. */
uint64_t channel_send(struct channel *channel, const void *payload, size_t len, int64_t now_ms);
void channel_forget(struct channel *channel, uint64_t number);

/* With several endpoints: an answer that its daemon stands by is no answer, but
 * leads to the next one. */
void channel_seek_leader(struct channel *channel);

/* With several endpoints the first one is given no more than this to answer, the next twice as long and so on up to
 * what was asked for, until there is an answer: a dead one costs little, and slow ones get their time. */
void channel_be_quick(struct channel *channel, int first_ms);

/* The next reply to a request still open, which closes it; false when there is
 * none now. Frame 0 of reply is the request id. */
bool channel_receive(struct channel *channel, struct zmessage *reply, uint64_t *ret_number);

/* Sends what is queued and repeats what is overdue. */
void channel_tick(struct channel *channel, int64_t now_ms);
/* Turns to the next endpoint at once, with everything that is unanswered. */
void channel_next(struct channel *channel, int64_t now_ms);
int channel_wait(const struct channel *channel, int64_t now_ms); /* ms until the next repeat; -1: none */

void *channel_socket(const struct channel *channel); /* for zmq_poll(); changes with a repeat */
size_t channel_open(const struct channel *channel);  /* requests without an answer */
uint64_t channel_repeats(const struct channel *channel);

/* Milliseconds of the monotonic clock: the now of these calls. */
int64_t channel_now(void);

#endif
