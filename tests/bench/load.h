/*
 * What the load generators share: the clock, messages made before the clock
 * starts, and how results are told.
 */
#ifndef OV_TESTS_BENCH_LOAD_H
#define OV_TESTS_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_SOURCE "bench"
#define LOAD_TOPIC "update/" LOAD_SOURCE "/"
/* The first seq of every run: the numbers from here on take the same room in
 * both encodings, so a message made once is numbered again in place. */
#define LOAD_SEQ_FIRST UINT64_C(1000000000000)

/* Seconds of a clock that nobody sets. */
double load_now(void);
void load_die(const char *what) __attribute__((noreturn));

struct load_shape {
    unsigned orgs, measures, per_message;
    const char *period; /* yyyy-mm-01 */
    bool json;
    bool publication; /* each organisation's each measure once, in order; else random ones */
    bool more;        /* all messages are one, which the last ends */
    uint64_t seed;
};

struct load;

/* count messages of random figures of organisations X00000 on, and measures m00 on. */
struct load *load_create(const struct load_shape *shape, size_t count);
void load_destroy(struct load *load);
/* Message index (of count, then again from the first), numbered from seq on. */
const void *load_message(struct load *load, size_t index, uint64_t seq, size_t *ret_len);

/* The figure at an index of all: for a bare writer of the same figures. */
struct load_figure {
    char org[8], measure[8], value[24];
};
const struct load_figure *load_figure(const struct load *load, size_t index);

/* A bound feed that drops nothing, as soon as somebody has subscribed to it. */
void *load_feed(void *zmq, const char *endpoint);

/* One request of oversight-protocol(7), "Queries", and its first part, which the
 * caller frees. */
char *load_query(void *dealer, const char *request);
/* Until the daemon says that it has applied the source up to last. */
void load_wait_applied(void *dealer, uint64_t last);

/* The value below which the share of the sorted values lies. */
double load_percentile(double *values, size_t count, double share);
void load_sort(double *values, size_t count);

#endif
