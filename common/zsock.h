/*
 * ZeroMQ sockets as this project wants them: created with every option set
 * that libzmq leaves dangerous by default, bound and connected under the
 * loopback rule with errors in words, and read as whole multipart messages
 * within limits. Used by the daemon and by the clients.
 *
 * A socket belongs to one thread. Error texts are one line without newline.
 */
#ifndef OV_COMMON_ZSOCK_H
#define OV_COMMON_ZSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zmq.h>

#include "common/text.h"

#define ZERROR_SIZE 512 /* a comfortable size for the error texts below */

/* ---- Context ---------------------------------------------------------------- */

/* NULL on failure, errno set. Created with ZMQ_BLOCKY 0; must not cross fork(). */
void *zcontext_create(void);
/* All its sockets must be destroyed before. Waits no longer than the longest
 * linger of a socket. NULL is accepted. */
void zcontext_destroy(void *context);

/* ---- Sockets ---------------------------------------------------------------- */

struct zsock_options {
    int handshake_ms;                   /* a peer that does not finish its handshake is dropped */
    int heartbeat_ms;                   /* ZMTP pings of sockets that bind, so that half-open connections are found */
    int heartbeat_timeout_ms;           /* and given up; DEALER: also what was sent and not taken for so long */
    int64_t max_message;                /* bytes per frame; a peer that sends more is disconnected */
    int linger_ms;                      /* how long unsent messages survive zsock_destroy() */
    int send_hwm, receive_hwm;          /* messages per peer */
    int reconnect_ms, reconnect_max_ms; /* back-off between these */
    int backlog;
    bool ipv6;
    bool immediate; /* DEALER, PUSH: queue only to peers that are connected */
};

/* Handshake 5 s, heartbeat 5 s with time-out 15 s, 16 MiB, linger 1 s, HWM
 * 10,000 both ways, reconnect 100 ms to 10 s, backlog 256, no IPv6. */
void zsock_defaults(struct zsock_options *options);

/* ROUTER sockets are made with ROUTER_MANDATORY, TCP sockets with keepalive that
 * gives up after 25 s. SUB and DEALER are for connecting. NULL on failure, with the reason in error. */
void *zsock_create(void *context, int type, const struct zsock_options *options, char *error, size_t size);
void zsock_destroy(void *socket); /* NULL is accepted */

/* ---- Endpoints ---------------------------------------------------------------- */

struct zendpoint {
    const char *address; /* tcp://host:port, ipc://path, inproc://name */
    bool insecure;       /* the configuration allows TCP beyond loopback without encryption */
};

/* True for inproc, ipc, and TCP to 127.0.0.0/8, [::1] or localhost. Wildcards
 * and interface names are not local. */
bool zsock_is_local(const char *address);

/* All refuse an address that is malformed or, unless insecure, not local.
 * False on failure, with address and reason in error. A bound ipc socket file
 * gets mode 0660. */
bool zsock_bind(void *socket, const struct zendpoint *endpoint, char *error, size_t size);
bool zsock_bind_all(void *socket, const struct zendpoint *endpoints, size_t count, char *error, size_t size);
bool zsock_connect(void *socket, const struct zendpoint *endpoint, char *error, size_t size);

/* The checks of those above without a socket, for configuration checks. */
bool zsock_check(const struct zendpoint *endpoint, char *error, size_t size);

/* The address a socket was last bound to, with the port filled in: for port "*"
 * and "0" in tests. False when it does not fit. */
bool zsock_bound(void *socket, char *address, size_t size);

/* ---- Whole messages ------------------------------------------------------------ */

struct zmessage {
    size_t count;       /* frames kept */
    size_t bytes;       /* in them */
    zmq_msg_t *frames;  /* all initialised; read with zmessage_frame() */
    struct text *texts; /* what is in those kept */
    size_t used;        /* frames that may hold something, of earlier messages, too: until nothing comes */
    size_t capacity;
};

enum zreceive {
    ZRECEIVE_OK,
    ZRECEIVE_NONE,   /* nothing to read now */
    ZRECEIVE_EXCESS, /* beyond max_frames or max_bytes: the frames before are kept, the rest was read and dropped */
    ZRECEIVE_FAILED  /* errno set: ETERM, ENOTSOCK */
};

void zmessage_init(struct zmessage *message);
void zmessage_finish(struct zmessage *message);
/* The bytes of one frame; they live until the next receive or finish. An index
 * beyond the last gives an empty text. */
struct text zmessage_frame(const struct zmessage *message, size_t index);
bool zmessage_is(const struct zmessage *message, size_t index, const char *word);
/* Who sent it, as the ZAP handler named the peer; "" when nobody was asked. To
 * be asked of a frame of the body: libzmq 4.3.4 loses it on the identity. */
const char *zmessage_user(const struct zmessage *message, size_t index);

/* Reads all frames of the next message, replacing what message held. flags: 0
 * (blocks as the socket's time-out says) or ZMQ_DONTWAIT. */
enum zreceive zmessage_receive(struct zmessage *message, void *socket, size_t max_frames, size_t max_bytes, int flags);

/* Sends the texts as one multipart message without waiting. False with errno
 * (EAGAIN: the peer's queue is full, EHOSTUNREACH: the peer is gone); then no
 * frame was sent. */
bool zsock_send(void *socket, const struct text *frames, size_t count);

/* ZMQ_EVENTS now: true when a message can be read. On error false. */
bool zsock_readable(void *socket);
int zsock_fd(void *socket); /* ZMQ_FD, edge-triggered; -1 on failure */

#endif
