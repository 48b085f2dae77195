#include "clients/lib/identity.h"

#include <stdio.h>
#include <string.h>

bool identity_take(struct identity *identity, const struct oversight_keys *keys, char *error, size_t size) {
    *identity = (struct identity){.known = keys != NULL};
    if (keys == NULL)
        return true;
    if (!zkey_is_valid(text_of(keys->server_key)) || !zkey_is_valid(text_of(keys->secret_key))) {
        snprintf(error, size, "a key is not 40 characters of Z85");
        return false;
    }
    memcpy(identity->server_key, keys->server_key, ZKEY_SIZE);
    memcpy(identity->own.secret_key, keys->secret_key, ZKEY_SIZE);
    if (zmq_curve_public(identity->own.public_key, identity->own.secret_key) == 0)
        return true;
    snprintf(error, size, "the key cannot be used: %s", zmq_strerror(zmq_errno()));
    return false;
}

void identity_finish(struct identity *identity) {
    explicit_bzero(&identity->own, sizeof identity->own);
}

/* The mechanism is part of each connection, so one socket may have several. */
bool identity_show(const struct identity *identity, void *socket, const char *address, char *error, size_t size) {
    if (identity->known && strncmp(address, "tcp://", 6) == 0)
        return zcurve_set_client(socket, identity->server_key, &identity->own, error, size);
    int off = 0;
    if (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &off, sizeof off) == 0) /* back to no mechanism */
        return true;
    snprintf(error, size, "cannot connect without encryption: %s", zmq_strerror(zmq_errno()));
    return false;
}
