/*
 * CURVE: keys and their files, and sockets that use them. A key is 40
 * characters of Z85. Used by the daemon and by the clients.
 *
 * Who serves with keys gives every bound socket a ZAP domain; the handler
 * behind it decides about clients. Without a handler libzmq would let everybody
 * in, so the option that forbids this is set, and must be tested all the same.
 */
#ifndef OV_COMMON_ZCURVE_H
#define OV_COMMON_ZCURVE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/text.h"
#include "common/zsock.h"

#define ZKEY_LEN 40
#define ZKEY_SIZE (ZKEY_LEN + 1)

struct zkeys {
    char public_key[ZKEY_SIZE], secret_key[ZKEY_SIZE];
};

bool zkey_is_valid(struct text text);
bool zkeys_generate(struct zkeys *ret_keys);

/* A file, or a credential as in common/secret.h, whose first line is a secret
 * key. False with the reason in error. */
bool zkeys_read(const char *path, struct zkeys *ret_keys, char *error, size_t size);

/* A public key: the key itself, or a file whose first line it is. */
bool zkey_read_public(const char *key_or_path, char ret_key[ZKEY_SIZE], char *error, size_t size);

/* ---- Sockets ---------------------------------------------------------------- */

#define ZAP_DOMAIN_PLAIN "plain" /* of endpoints without encryption beside others that have it */

struct zcurve_server {
    const char *secret_key;
    const char *domain; /* what the ZAP handler is asked about */
};

/* True when an endpoint is bound with encryption: TCP that is not said to be insecure. */
bool zcurve_covers(const struct zendpoint *endpoint);

/* As zsock_bind_all(); with a server TCP is encrypted, and so may go beyond
 * loopback. server NULL: no encryption, nobody is asked about clients. */
bool zcurve_bind_all(void *socket, const struct zcurve_server *server, const struct zendpoint *endpoints, size_t count,
                     char *error, size_t size);

/* For a socket about to connect: encrypts to the server with this key. */
bool zcurve_set_client(void *socket, const char *server_key, const struct zkeys *keys, char *error, size_t size);

#endif
