/*
 * Whom a client says it is: its keys, shown on every encrypted connection.
 */
#ifndef OV_CLIENTS_IDENTITY_H
#define OV_CLIENTS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/lib/oversight_client.h"
#include "common/zcurve.h"

struct identity {
    bool known; /* there are keys */
    char server_key[ZKEY_SIZE];
    struct zkeys own;
};

/* keys NULL: none. False when they are unusable, with the reason in error. */
bool identity_take(struct identity *identity, const struct oversight_keys *keys, char *error, size_t size);
void identity_finish(struct identity *identity);

/* Prepares the socket for the connection to this address: TCP with keys is encrypted. */
bool identity_show(const struct identity *identity, void *socket, const char *address, char *error, size_t size);

#endif
