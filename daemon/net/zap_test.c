#include "daemon/net/zap_test.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/net/zap_decide.h"

#define PATIENCE_MS 5000

enum outcome { OUTCOME_ACCEPTED, OUTCOME_REFUSED, OUTCOME_SILENCE };

/* What the client's side of the handshake says. A connection that closes
 * without a word before the handshake was done is a refusal, too. */
static enum outcome await_outcome(void *monitor) {
    enum outcome outcome = OUTCOME_SILENCE;
    struct zmessage message;
    zmessage_init(&message);
    zmq_pollitem_t item = {.socket = monitor, .events = ZMQ_POLLIN};
    while (outcome == OUTCOME_SILENCE) {
        int rc = zmq_poll(&item, 1, PATIENCE_MS);
        if (rc < 0 && errno == EINTR)
            continue;
        if (rc <= 0 || zmessage_receive(&message, monitor, 2, 4096, ZMQ_DONTWAIT) == ZRECEIVE_FAILED)
            break;
        struct text head = zmessage_frame(&message, 0);
        uint16_t event = 0;
        if (head.len >= sizeof event)
            memcpy(&event, head.s, sizeof event);
        outcome = (event & ZMQ_EVENT_HANDSHAKE_SUCCEEDED) != 0 ? OUTCOME_ACCEPTED : OUTCOME_REFUSED;
    }
    zmessage_finish(&message);
    return outcome;
}

static void *open_socket(void *zmq, int type, char *error, size_t size) {
    struct zsock_options options;
    zsock_defaults(&options);
    options.linger_ms = 0;
    return zsock_create(zmq, type, &options, error, size);
}

/* One client with these keys against the address; false when it could not be tried. */
static bool try_keys(void *zmq, const char *address, const struct zkeys *server, const struct zkeys *client,
                     enum outcome *ret_outcome, char *error, size_t size) {
    const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                       ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    char where[112];
    const struct zendpoint endpoint = {address, false}, monitored = {where, false};
    void *socket = open_socket(zmq, ZMQ_DEALER, error, size), *monitor = open_socket(zmq, ZMQ_PAIR, error, size);
    /* A name of its own, also where the same key is tried again: libzmq frees
     * names some time after the end of their socket. */
    snprintf(where, sizeof where, "inproc://oversightd.zap.test.%.8s.%s", client->public_key, address);
    bool tried = socket != NULL && monitor != NULL &&
                 zcurve_set_client(socket, server->public_key, client, error, size) &&
                 zmq_socket_monitor(socket, where, events) == 0 && zsock_connect(monitor, &monitored, error, size) &&
                 zsock_connect(socket, &endpoint, error, size);
    if (tried)
        *ret_outcome = await_outcome(monitor);
    if (socket != NULL)
        zmq_socket_monitor(socket, NULL, 0);
    zsock_destroy(monitor);
    zsock_destroy(socket);
    return tried;
}

static bool judge(const char *domain, enum outcome outcome, bool known, char *error, size_t size) {
    if (outcome == (known ? OUTCOME_ACCEPTED : OUTCOME_REFUSED))
        return true;
    const char *what = outcome == OUTCOME_ACCEPTED  ? "was accepted"
                       : outcome == OUTCOME_REFUSED ? "was refused"
                                                    : "got no answer";
    snprintf(error, size, "test of keys for %s: %s key %s", domain, known ? "a known" : "an unknown", what);
    return false;
}

static bool test_domain(void *zmq, const struct zkeys *server, const struct zkeys *known, const char *domain,
                        char *error, size_t size) {
    const struct zcurve_server curve = {server->secret_key, domain};
    static const struct zendpoint anywhere = {"tcp://127.0.0.1:*", false};
    char address[64];
    struct zkeys unknown;
    enum outcome first = OUTCOME_SILENCE, second = OUTCOME_SILENCE;
    snprintf(error, size, "test of keys for %s: no socket for it", domain);
    void *socket = open_socket(zmq, ZMQ_ROUTER, error, size);
    bool good =
        socket != NULL && zkeys_generate(&unknown) && zcurve_bind_all(socket, &curve, &anywhere, 1, error, size) &&
        zsock_bound(socket, address, sizeof address) && try_keys(zmq, address, server, &unknown, &first, error, size) &&
        judge(domain, first, false, error, size) && try_keys(zmq, address, server, known, &second, error, size) &&
        judge(domain, second, true, error, size);
    zsock_destroy(socket);
    return good;
}

bool zap_test(void *zmq, const struct zkeys *server, const struct zkeys *known, char *error, size_t size) {
    static const char *const domains[] = {ZAP_DOMAIN_SUBMIT, ZAP_DOMAIN_QUERY, ZAP_DOMAIN_PUBLISH};
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
        if (!test_domain(zmq, server, known, domains[i], error, size))
            return false;
    return true;
}
