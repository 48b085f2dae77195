/*
 * A message, and its acknowledgement: how long each takes, with so many in
 * flight. Beside it the same turn through bare sockets.
 *
 * usage: turns submit ENDPOINT MESSAGES PER-MESSAGE IN-FLIGHT ORGS MEASURES SEED FIRST-SEQ
 *        turns echo   ENDPOINT MESSAGES
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "tests/bench/load.h"

/* The acknowledgement of a message whole, or the end of the run. */
static void take(void *dealer) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    do
        if (zmq_msg_recv(&part, dealer, 0) < 0)
            load_die("acknowledgement");
    while (zmq_msg_more(&part));
    if (memmem(zmq_msg_data(&part), zmq_msg_size(&part), "\"through\"", 9) == NULL ||
        memmem(zmq_msg_data(&part), zmq_msg_size(&part), "\"refused\":[]", 12) == NULL) {
        fprintf(stderr, "bench: refused: %.*s\n", (int)zmq_msg_size(&part), (const char *)zmq_msg_data(&part));
        exit(1);
    }
    zmq_msg_close(&part);
}

static void tell(double seconds, size_t updates, double *delays, size_t count) {
    load_sort(delays, count);
    printf("{\"updates\": %zu, \"seconds\": %.6f, \"p50\": %.9f, \"p99\": %.9f}\n", updates, seconds,
           load_percentile(delays, count, 0.5), load_percentile(delays, count, 0.99));
}

static void submit(char **argv, double *delays, size_t messages) {
    size_t in_flight = strtoul(argv[5], NULL, 10), taken = 0;
    struct load_shape shape = {.per_message = (unsigned)strtoul(argv[4], NULL, 10),
                               .orgs = (unsigned)strtoul(argv[6], NULL, 10),
                               .measures = (unsigned)strtoul(argv[7], NULL, 10),
                               .seed = strtoull(argv[8], NULL, 10),
                               .period = "2025-03-01"};
    struct load *load = load_create(&shape, messages);
    void *zmq = zmq_ctx_new(), *dealer = zmq_socket(zmq, ZMQ_DEALER);
    if (in_flight == 0 || zmq_connect(dealer, argv[2]) < 0)
        load_die(argv[2]);
    uint64_t seq = strtoull(argv[9], NULL, 10);
    double start = load_now();
    for (size_t sent = 0; taken < messages;) {
        if (sent < messages && sent - taken < in_flight) {
            size_t len;
            const void *bytes = load_message(load, sent, seq, &len);
            delays[sent++] = load_now();
            seq += shape.per_message;
            if (zmq_send(dealer, "m", 1, ZMQ_SNDMORE) < 0 || zmq_send(dealer, bytes, len, 0) < 0)
                load_die("send");
        } else {
            take(dealer);
            delays[taken] = load_now() - delays[taken];
            taken++;
        }
    }
    tell(load_now() - start, messages * shape.per_message, delays, messages);
    zmq_close(dealer);
    zmq_ctx_term(zmq);
    load_destroy(load);
}

static void *answer(void *router) {
    char bytes[256];
    for (;;) {
        int more = 0, len = zmq_recv(router, bytes, sizeof bytes, 0);
        size_t size = sizeof more;
        if (len < 0 || (size_t)len > sizeof bytes || zmq_getsockopt(router, ZMQ_RCVMORE, &more, &size) < 0)
            load_die("echo");
        if (!more && len == 1)
            return NULL;
        if (zmq_send(router, bytes, (size_t)len, more ? ZMQ_SNDMORE : 0) < 0)
            load_die("echo");
    }
}

static void echo(const char *endpoint, double *delays, size_t messages) {
    void *zmq = zmq_ctx_new(), *dealer = zmq_socket(zmq, ZMQ_DEALER), *router = zmq_socket(zmq, ZMQ_ROUTER);
    pthread_t thread;
    char bytes[140] = "";
    if (zmq_bind(router, endpoint) < 0 || zmq_connect(dealer, endpoint) < 0 ||
        pthread_create(&thread, NULL, answer, router) != 0)
        load_die(endpoint);
    double start = load_now();
    for (size_t i = 0; i < messages; i++) {
        double sent = load_now();
        if (zmq_send(dealer, bytes, sizeof bytes, 0) < 0 || zmq_recv(dealer, bytes, sizeof bytes, 0) < 0)
            load_die("echo");
        delays[i] = load_now() - sent;
    }
    tell(load_now() - start, messages, delays, messages);
    zmq_send(dealer, "q", 1, 0);
    pthread_join(thread, NULL);
    zmq_close(dealer);
    zmq_close(router);
    zmq_ctx_term(zmq);
}

int main(int argc, char **argv) {
    size_t messages = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    double *delays = calloc(messages + 1, sizeof *delays);
    if (argc == 10 && messages > 0 && delays && !strcmp(argv[1], "submit")) {
        submit(argv, delays, messages);
    } else if (argc == 4 && messages > 0 && delays && !strcmp(argv[1], "echo")) {
        echo(argv[2], delays, messages);
    } else {
        fputs("usage: turns submit ENDPOINT MESSAGES PER-MESSAGE IN-FLIGHT ORGS MEASURES SEED FIRST-SEQ\n"
              "       turns echo   ENDPOINT MESSAGES\n",
              stderr);
        return 64;
    }
    free(delays);
    return 0;
}
