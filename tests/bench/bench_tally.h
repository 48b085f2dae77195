/*
 * Rounds of a measurement and how they are told: one JSON object in a line.
 */
#ifndef OV_TESTS_BENCH_TALLY_H
#define OV_TESTS_BENCH_TALLY_H

#include <stddef.h>
#include <stdint.h>

#define TALLY_ROUNDS_MAX 101

struct tally {
    double rounds[TALLY_ROUNDS_MAX];
    size_t count;
};

struct tally_summary {
    double median, min, max;
};

void tally_add(struct tally *tally, double value);
struct tally_summary tally_summary(const struct tally *tally);

/* Seconds of processor this thread has used: what others take does not count. */
double bench_processor_seconds(void);
/* Bytes of memory of this process that are in use, as the system counts them. */
uint64_t bench_resident_bytes(void);

#endif
