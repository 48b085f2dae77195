/*
 * A feed that publishes as fast as it is read: a full queue blocks it, nothing
 * is dropped. With a query endpoint it then waits until the daemon has applied
 * the last update, and prints the time from the first to then.
 *
 * usage: feed_sender BIND MESSAGES PER-MESSAGE msgpack|json ORGS MEASURES SEED [QUERY [FIRST-SEQ]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "tests/bench/load.h"

#define POOL_UPDATES 200000 /* made before the clock starts, sent again and again */

int main(int argc, char **argv) {
    if (argc < 8) {
        fputs("usage: feed_sender BIND MESSAGES PER-MESSAGE msgpack|json ORGS MEASURES SEED [QUERY [FIRST-SEQ]]\n",
              stderr);
        return 64;
    }
    size_t messages = strtoul(argv[2], NULL, 10);
    struct load_shape shape = {.per_message = (unsigned)strtoul(argv[3], NULL, 10),
                               .json = !strcmp(argv[4], "json"),
                               .orgs = (unsigned)strtoul(argv[5], NULL, 10),
                               .measures = (unsigned)strtoul(argv[6], NULL, 10),
                               .seed = strtoull(argv[7], NULL, 10),
                               .period = "2025-03-01"};
    uint64_t seq = LOAD_SEQ_FIRST;
    if (argc > 9)
        seq = strtoull(argv[9], NULL, 10);
    size_t pool = POOL_UPDATES / shape.per_message;
    struct load *load = load_create(&shape, pool < messages ? pool : messages);
    void *zmq = zmq_ctx_new(), *query = NULL;
    if (argc > 8) {
        query = zmq_socket(zmq, ZMQ_DEALER);
        if (zmq_connect(query, argv[8]) < 0)
            load_die(argv[8]);
    }
    void *pub = load_feed(zmq, argv[1]);
    double start = load_now();
    for (size_t i = 0; i < messages; i++, seq += shape.per_message) {
        size_t len;
        const void *bytes = load_message(load, i, seq, &len);
        if (zmq_send(pub, LOAD_TOPIC, sizeof LOAD_TOPIC - 1, ZMQ_SNDMORE) < 0 || zmq_send(pub, bytes, len, 0) < 0)
            load_die("send");
    }
    double sent = load_now();
    if (query)
        load_wait_applied(query, seq - 1);
    printf("{\"messages\": %zu, \"updates\": %zu, \"seconds\": %.6f, \"sending\": %.6f, \"next\": %llu}\n", messages,
           messages * shape.per_message, load_now() - start, sent - start, (unsigned long long)seq);
    if (query)
        zmq_close(query);
    zmq_close(pub);
    zmq_ctx_term(zmq);
    load_destroy(load);
    return 0;
}
