/*
 * The ZAP handler: a thread of its own that is asked by libzmq whether a client
 * may connect. It has a copy of the keys, which comes as a message; nothing is
 * shared with it. It also reads the monitors of the bound sockets, so that
 * handshakes that never come to a key are counted, too, and no monitor can stop
 * the I/O thread.
 *
 * To be created before any other socket is bound, and destroyed after all of
 * them are closed.
 */
#ifndef OV_NET_ZAP_H
#define OV_NET_ZAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/net/keys.h"
#include "daemon/net/zap_decide.h"
#include "daemon/os/loop.h"

enum zap_socket { ZAP_PUBLISH, ZAP_QUERY, ZAP_SUBMIT, ZAP_SOCKETS };

struct zap;

struct zap_refusal {
    enum zap_result result;
    char domain[16], address[64];
    char public_key[ZKEY_SIZE]; /* as claimed; "" when it did not come to that */
};

struct zap_report {
    uint64_t results[ZAP_RESULT_COUNT];
    uint64_t connections[ZAP_SOCKETS]; /* open now, whoever made them */
    uint64_t handshakes;               /* that failed before a key was shown: no encryption, junk, silence */
    struct zap_refusal last;
};

struct zap_settings {
    struct loop *loop;
    void *zmq;
    const struct keys *keys;
    /* After each client; several may come as one. */
    void (*on_report)(void *context, const struct zap_report *report);
    void *context;
    uint64_t *missed_edges;
    uint32_t max_connections; /* per socket; 0: no limit */
    uint32_t handshake_s;     /* younger connections do not count: they may come to nothing */
};

/* Returns when the handler answers. NULL on failure, with the reason in error. */
struct zap *zap_create(const struct zap_settings *settings, char *error, size_t size);
void zap_destroy(struct zap *zap);

/* Returns when these keys are in force. probe: one more key for every socket,
 * or NULL. False when the handler does not answer. */
bool zap_set_keys(struct zap *zap, const struct keys *keys, const char *probe);

/* Lets the handler watch a socket for connections and failed handshakes; before
 * it is bound. It lets go when the socket is closed. domain: of its clients. */
bool zap_watch(struct zap *zap, void *socket, const char *domain);

const struct zap_report *zap_report(const struct zap *zap);

#endif
