#include "tests/bench/load.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "common/buf.h"
#include "common/wire.h"

#define SEQ_PLACEHOLDER "1000000000000"

struct load {
    size_t count, per_message;
    struct buf buf;
    size_t *start; /* count + 1 */
    size_t *seq_at;
    bool json;
    struct load_figure *figures;
};

double load_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void load_die(const char *what) {
    fprintf(stderr, "bench: %s: %s\n", what, zmq_strerror(errno));
    exit(1);
}

/* ---- Messages -------------------------------------------------------------------- */

static uint64_t roll(uint64_t *dice) { /* splitmix64 */
    uint64_t z = (*dice += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void invent(struct load_figure *figure, const struct load_shape *shape, size_t index, uint64_t *dice) {
    size_t org = index / shape->measures % shape->orgs, measure = index % shape->measures;
    if (!shape->publication) {
        org = roll(dice) % shape->orgs;
        measure = roll(dice) % shape->measures;
    }
    snprintf(figure->org, sizeof figure->org, "X%05u", (unsigned)(org % 100000));
    snprintf(figure->measure, sizeof figure->measure, "m%02u", (unsigned)(measure % 100));
    snprintf(figure->value, sizeof figure->value, "%.2f", (double)(roll(dice) % 1000000) / 100);
}

/* Where the seq of the message just appended stands in it. */
static size_t seq_place(const struct load *load, size_t from) {
    static const unsigned char packed[] = {0xcf, 0x00, 0x00, 0x00, 0xe8, 0xd4, 0xa5, 0x10, 0x00};
    const char *text = load->buf.data + from;
    size_t len = load->buf.len - from;
    const char *found = load->json ? memmem(text, len, SEQ_PLACEHOLDER, sizeof SEQ_PLACEHOLDER - 1)
                                   : memmem(text, len, packed, sizeof packed);
    if (!found)
        load_die("a message without its seq");
    return (size_t)(found - load->buf.data) + (load->json ? 0 : 1);
}

static void append(struct load *load, const struct load_shape *shape, size_t index, ov_day period) {
    struct item items[WIRE_BATCH_MAX];
    struct message message = {.source = text_of(LOAD_SOURCE), .count = shape->per_message, .items = items};
    message.more = shape->more && index + 1 < load->count;
    memset(items, 0, sizeof *items * shape->per_message);
    for (size_t i = 0; i < shape->per_message; i++) {
        const struct load_figure *figure = &load->figures[index * shape->per_message + i];
        items[i].kind = ITEM_FIGURE;
        items[i].seq = LOAD_SEQ_FIRST + i;
        items[i].org = text_of(figure->org);
        items[i].figure.measure = text_of(figure->measure);
        items[i].figure.period = period;
        items[i].figure.value = (struct value){.type = VALUE_NUMBER, .number = strtod(figure->value, NULL)};
    }
    load->start[index] = load->buf.len;
    if (!(shape->json ? wire_encode_json(&message, &load->buf) : wire_encode_msgpack(&message, &load->buf)))
        load_die("a message that cannot be encoded");
    load->seq_at[index] = seq_place(load, load->start[index]);
}

struct load *load_create(const struct load_shape *shape, size_t count) {
    struct load *load = calloc(1, sizeof *load);
    uint64_t dice = shape->seed;
    ov_day period;
    if (!load || shape->per_message > WIRE_BATCH_MAX || !date_parse(shape->period, strlen(shape->period), &period))
        load_die("a shape that makes no sense");
    load->count = count;
    load->per_message = shape->per_message;
    load->json = shape->json;
    buf_init(&load->buf);
    load->start = calloc(count + 1, sizeof *load->start);
    load->seq_at = calloc(count, sizeof *load->seq_at);
    load->figures = calloc(count * shape->per_message, sizeof *load->figures);
    if (!load->start || !load->seq_at || !load->figures)
        load_die("memory");
    for (size_t i = 0; i < count * shape->per_message; i++)
        invent(&load->figures[i], shape, i, &dice);
    for (size_t i = 0; i < count; i++)
        append(load, shape, i, period);
    load->start[count] = load->buf.len;
    return load;
}

void load_destroy(struct load *load) {
    if (!load)
        return;
    buf_finish(&load->buf);
    free(load->start);
    free(load->seq_at);
    free(load->figures);
    free(load);
}

const void *load_message(struct load *load, size_t index, uint64_t seq, size_t *ret_len) {
    size_t i = index % load->count;
    char *place = load->buf.data + load->seq_at[i];
    if (load->json) {
        for (int digit = (int)sizeof SEQ_PLACEHOLDER - 2; digit >= 0; digit--, seq /= 10)
            place[digit] = (char)('0' + seq % 10);
    } else {
        for (int byte = 7; byte >= 0; byte--, seq >>= 8)
            place[byte] = (char)(seq & 0xff);
    }
    *ret_len = load->start[i + 1] - load->start[i];
    return load->buf.data + load->start[i];
}

const struct load_figure *load_figure(const struct load *load, size_t index) {
    return &load->figures[index % (load->count * load->per_message)];
}

/* ---- A feed -------------------------------------------------------------------------- */

void *load_feed(void *zmq, const char *endpoint) {
    void *pub = zmq_socket(zmq, ZMQ_XPUB);
    int on = 1, linger = -1;
    char subscription[64];
    zmq_setsockopt(pub, ZMQ_XPUB_NODROP, &on, sizeof on);
    zmq_setsockopt(pub, ZMQ_LINGER, &linger, sizeof linger);
    if (zmq_bind(pub, endpoint) < 0)
        load_die(endpoint);
    do { /* the receiver is there when it has subscribed to the updates */
        int len = zmq_recv(pub, subscription, sizeof subscription, 0);
        if (len < 0)
            load_die("subscription");
        subscription[len < (int)sizeof subscription ? len : (int)sizeof subscription - 1] = '\0';
    } while (subscription[0] != 1 || strncmp(subscription + 1, LOAD_TOPIC, strlen(subscription + 1)) != 0);
    return pub;
}

/* ---- Questions ---------------------------------------------------------------------- */

char *load_query(void *dealer, const char *request) {
    char *first = NULL;
    zmq_msg_t part;
    if (zmq_send(dealer, "1", 1, ZMQ_SNDMORE) < 0 || zmq_send(dealer, request, strlen(request), 0) < 0)
        load_die("query");
    zmq_msg_init(&part);
    if (zmq_msg_recv(&part, dealer, 0) < 0) /* the request's id */
        load_die("no answer to a query");
    for (bool more = zmq_msg_more(&part); more; more = zmq_msg_more(&part)) {
        if (zmq_msg_recv(&part, dealer, 0) < 0)
            load_die("no answer to a query");
        if (!first)
            first = strndup(zmq_msg_data(&part), zmq_msg_size(&part));
    }
    zmq_msg_close(&part);
    if (!first)
        load_die("an empty answer");
    return first;
}

void load_wait_applied(void *dealer, uint64_t last) {
    for (;;) {
        char *answer = load_query(dealer, "{\"get\":\"source\",\"source\":\"" LOAD_SOURCE "\"}");
        const char *found = strstr(answer, "\"last\":");
        uint64_t applied = found ? strtoull(found + 7, NULL, 10) : 0;
        free(answer);
        if (applied >= last)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
}

/* ---- Percentiles ----------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void load_sort(double *values, size_t count) {
    qsort(values, count, sizeof *values, compare);
}

double load_percentile(double *values, size_t count, double share) {
    size_t rank = (size_t)ceil(share * (double)count);
    return count == 0 ? NAN : values[rank == 0 ? 0 : rank - 1];
}
