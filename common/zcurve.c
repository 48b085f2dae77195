#include "common/zcurve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/secret.h"

#define KEY_FILE_MAX 4096
#define ZAP_ENFORCE_DOMAIN 93 /* by number: the header hides it, the library knows it */

/* ---- Keys ---------------------------------------------------------------------- */

static const char z85[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

bool zkey_is_valid(struct text text) {
    char key[ZKEY_SIZE];
    uint8_t bytes[32];
    return text.len == ZKEY_LEN && text_copy(key, sizeof key, text) && strspn(key, z85) == ZKEY_LEN &&
           zmq_z85_decode(bytes, key) != NULL;
}

bool zkeys_generate(struct zkeys *ret_keys) {
    struct zkeys keys;
    if (zmq_curve_keypair(keys.public_key, keys.secret_key) != 0)
        return false;
    *ret_keys = keys;
    return true;
}

/* ---- Files ------------------------------------------------------------------------ */

/* The first line of an open file as a key. */
static bool read_key(const char *name, int fd, char ret_key[ZKEY_SIZE], char *error, size_t size) {
    char buf[KEY_FILE_MAX];
    ssize_t len = read(fd, buf, sizeof buf);
    close(fd);
    struct text line = {buf, len > 0 ? (size_t)len : 0};
    const char *end = memchr(line.s, '\n', line.len);
    line.len = end ? (size_t)(end - line.s) : line.len;
    while (line.len > 0 && (line.s[line.len - 1] == '\r' || line.s[line.len - 1] == ' '))
        line.len--;
    bool good = zkey_is_valid(line);
    if (good)
        text_copy(ret_key, ZKEY_SIZE, line);
    else
        snprintf(error, size, "%s: cannot be used: the first line is not a key, 40 characters of Z85", name);
    explicit_bzero(buf, sizeof buf);
    return good;
}

bool zkeys_read(const char *path, struct zkeys *ret_keys, char *error, size_t size) {
    struct zkeys keys;
    int fd = secret_open(path, error, size);
    if (fd < 0 || !read_key(path, fd, keys.secret_key, error, size))
        return false;
    if (zmq_curve_public(keys.public_key, keys.secret_key) != 0) {
        snprintf(error, size, "%s: cannot be used: %s", path, zmq_strerror(errno));
        return false;
    }
    *ret_keys = keys;
    explicit_bzero(&keys, sizeof keys);
    return true;
}

bool zkey_read_public(const char *key_or_path, char ret_key[ZKEY_SIZE], char *error, size_t size) {
    struct text text = text_of(key_or_path);
    if (zkey_is_valid(text))
        return text_copy(ret_key, ZKEY_SIZE, text);
    int fd = open(key_or_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
        return read_key(key_or_path, fd, ret_key, error, size);
    snprintf(error, size, "%s: cannot be read: %s", key_or_path, strerror(errno));
    return false;
}

/* ---- Sockets ------------------------------------------------------------------------ */

bool zcurve_covers(const struct zendpoint *endpoint) {
    return !endpoint->insecure && strncmp(endpoint->address, "tcp://", 6) == 0;
}

/* libzmq copies these options at each bind, so they may differ between the
 * endpoints of one socket. */
static bool set_server(void *socket, const struct zcurve_server *server, bool curve) {
    const char *domain = curve ? server->domain : ZAP_DOMAIN_PLAIN;
    int on = curve, yes = 1;
    zmq_setsockopt(socket, ZAP_ENFORCE_DOMAIN, &yes, sizeof yes); /* not everywhere; tested at start, not here */
    return zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0 &&
           (!curve || zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, server->secret_key, ZKEY_SIZE) == 0) &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0;
}

bool zcurve_bind_all(void *socket, const struct zcurve_server *server, const struct zendpoint *endpoints, size_t count,
                     char *error, size_t size) {
    if (server == NULL)
        return zsock_bind_all(socket, endpoints, count, error, size);
    for (size_t i = 0; i < count; i++) {
        bool curve = zcurve_covers(&endpoints[i]);
        struct zendpoint endpoint = {endpoints[i].address, curve || endpoints[i].insecure};
        if (!set_server(socket, server, curve)) {
            snprintf(error, size, "cannot set up encryption of %s: %s", endpoint.address, zmq_strerror(errno));
            return false;
        }
        if (!zsock_bind(socket, &endpoint, error, size))
            return false;
    }
    return true;
}

bool zcurve_set_client(void *socket, const char *server_key, const struct zkeys *keys, char *error, size_t size) {
    if (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key, ZKEY_SIZE) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, ZKEY_SIZE) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, ZKEY_SIZE) == 0)
        return true;
    snprintf(error, size, "cannot set up encryption: %s", zmq_strerror(errno));
    return false;
}
