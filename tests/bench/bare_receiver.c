/*
 * The raw limit of receiving: subscribes, takes every message, does nothing.
 * Prints messages per second from the first to the last.
 *
 * usage: bare_receiver ENDPOINT MESSAGES
 */
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "tests/bench/load.h"

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: bare_receiver ENDPOINT MESSAGES\n", stderr);
        return 64;
    }
    size_t wanted = strtoul(argv[2], NULL, 10), received = 0;
    void *zmq = zmq_ctx_new(), *sub = zmq_socket(zmq, ZMQ_SUB);
    int queue = 100000; /* as the daemon's */
    zmq_setsockopt(sub, ZMQ_RCVHWM, &queue, sizeof queue);
    zmq_setsockopt(sub, ZMQ_SUBSCRIBE, LOAD_TOPIC, sizeof LOAD_TOPIC - 1);
    if (zmq_connect(sub, argv[1]) < 0)
        load_die(argv[1]);
    double first = 0;
    zmq_msg_t part;
    zmq_msg_init(&part);
    while (received < wanted) {
        if (zmq_msg_recv(&part, sub, 0) < 0)
            load_die("receive");
        if (zmq_msg_more(&part))
            continue;
        if (received++ == 0)
            first = load_now();
    }
    printf("{\"messages\": %zu, \"seconds\": %.6f}\n", received, load_now() - first);
    zmq_msg_close(&part);
    zmq_close(sub);
    zmq_ctx_term(zmq);
    return 0;
}
