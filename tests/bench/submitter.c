/*
 * Sends figures with acknowledgement, a bounded number of messages in flight,
 * and prints the time until the last is acknowledged.
 *
 * usage: submitter ENDPOINT MESSAGES PER-MESSAGE IN-FLIGHT ORGS MEASURES SEED [PERIOD FIRST-SEQ]
 *
 * With a period each organisation's figure of each measure is sent once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "tests/bench/load.h"

static void take(void *dealer) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    do
        if (zmq_msg_recv(&part, dealer, 0) < 0)
            load_die("acknowledgement");
    while (zmq_msg_more(&part));
    if (memmem(zmq_msg_data(&part), zmq_msg_size(&part), "\"through\"", 9) == NULL) {
        fprintf(stderr, "bench: refused: %.*s\n", (int)zmq_msg_size(&part), (const char *)zmq_msg_data(&part));
        exit(1);
    }
    zmq_msg_close(&part);
}

int main(int argc, char **argv) {
    if (argc != 8 && argc != 10) {
        fputs("usage: submitter ENDPOINT MESSAGES PER-MESSAGE IN-FLIGHT ORGS MEASURES SEED [PERIOD FIRST-SEQ]\n",
              stderr);
        return 64;
    }
    size_t messages = strtoul(argv[2], NULL, 10), in_flight = strtoul(argv[4], NULL, 10);
    struct load_shape shape = {.per_message = (unsigned)strtoul(argv[3], NULL, 10),
                               .orgs = (unsigned)strtoul(argv[5], NULL, 10),
                               .measures = (unsigned)strtoul(argv[6], NULL, 10),
                               .seed = strtoull(argv[7], NULL, 10),
                               .period = argc > 8 ? argv[8] : "2025-03-01",
                               .publication = argc > 8};
    struct load *load = load_create(&shape, messages);
    void *zmq = zmq_ctx_new(), *dealer = zmq_socket(zmq, ZMQ_DEALER);
    if (zmq_connect(dealer, argv[1]) < 0)
        load_die(argv[1]);
    uint64_t seq = argc > 9 ? strtoull(argv[9], NULL, 10) : LOAD_SEQ_FIRST;
    double start = load_now();
    for (size_t i = 0; i < messages; i++, seq += shape.per_message) {
        size_t len;
        const void *bytes = load_message(load, i, seq, &len);
        if (i >= in_flight)
            take(dealer);
        if (zmq_send(dealer, "m", 1, ZMQ_SNDMORE) < 0 || zmq_send(dealer, bytes, len, 0) < 0)
            load_die("send");
    }
    for (size_t i = 0; i < in_flight && i < messages; i++)
        take(dealer);
    printf("{\"messages\": %zu, \"updates\": %zu, \"seconds\": %.6f}\n", messages, messages * shape.per_message,
           load_now() - start);
    zmq_close(dealer);
    zmq_ctx_term(zmq);
    load_destroy(load);
    return 0;
}
