#include "clients/oversightctl/feed_door.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/zcurve.h"

#define ADDRESS "inproc://zeromq.zap.01"
#define KEY_BYTES 32
#define FRAMES_MAX 8
#define BYTES_MAX 1024
#define PER_ANSWER 100 /* junk at the door must not keep the feed waiting */

struct feed_door {
    void *socket;
    uint8_t key[KEY_BYTES];
    struct zmessage message;
};

struct feed_door *feed_door_create(void *context, const char *client_key, char *error, size_t size) {
    struct feed_door *door = alloc_zero(1, sizeof(*door));
    int linger = 0;

    zmessage_init(&door->message);
    door->socket = zmq_socket(context, ZMQ_REP);
    if (door->socket != NULL && zmq_z85_decode(door->key, client_key) != NULL &&
        zmq_setsockopt(door->socket, ZMQ_LINGER, &linger, sizeof(linger)) == 0 && zmq_bind(door->socket, ADDRESS) == 0)
        return door;
    snprintf(error, size, "no check of keys: %s", zmq_strerror(errno));
    feed_door_destroy(door);
    return NULL;
}

void feed_door_destroy(struct feed_door *door) {
    if (door == NULL)
        return;
    zsock_destroy(door->socket);
    zmessage_finish(&door->message);
    free(door);
}

void *feed_door_socket(const struct feed_door *door) {
    return door->socket;
}

/* Frames: version, request id, domain, address, identity, mechanism, key. */
static bool is_let_in(const struct feed_door *door, enum zreceive result) {
    struct text key = zmessage_frame(&door->message, 6);

    /* Endpoints that have no encryption, beside others that have: ipc. */
    if (result == ZRECEIVE_OK && zmessage_is(&door->message, 2, ZAP_DOMAIN_PLAIN) &&
        zmessage_is(&door->message, 5, "NULL"))
        return true;
    return result == ZRECEIVE_OK && door->message.count == 7 && zmessage_is(&door->message, 0, "1.0") &&
           zmessage_is(&door->message, 5, "CURVE") && key.len == KEY_BYTES && memcmp(key.s, door->key, KEY_BYTES) == 0;
}

unsigned feed_door_answer(struct feed_door *door) {
    unsigned refused = 0;

    for (int i = 0; i < PER_ANSWER; i++) {
        enum zreceive result = zmessage_receive(&door->message, door->socket, FRAMES_MAX, BYTES_MAX, ZMQ_DONTWAIT);
        bool good;

        if (result == ZRECEIVE_NONE || result == ZRECEIVE_FAILED)
            break;
        good = is_let_in(door, result);
        refused += !good;
        const struct text frames[] = {TEXT_OF("1.0"),
                                      zmessage_frame(&door->message, 1),
                                      good ? TEXT_OF("200") : TEXT_OF("400"),
                                      good ? TEXT_OF("OK") : TEXT_OF("unknown key"),
                                      good ? TEXT_OF("daemon") : TEXT_OF(""),
                                      TEXT_OF("")};
        zsock_send(door->socket, frames, 6);
    }
    return refused;
}
