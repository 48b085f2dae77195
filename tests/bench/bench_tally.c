#include "tests/bench/bench_tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void tally_add(struct tally *tally, double value) {
    if (tally->count < TALLY_ROUNDS_MAX)
        tally->rounds[tally->count++] = value;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct tally_summary tally_summary(const struct tally *tally) {
    double sorted[TALLY_ROUNDS_MAX];

    if (!tally->count)
        return (struct tally_summary){0};
    memcpy(sorted, tally->rounds, tally->count * sizeof *sorted);
    qsort(sorted, tally->count, sizeof *sorted, ascending);
    return (struct tally_summary){
        .median = (sorted[(tally->count - 1) / 2] + sorted[tally->count / 2]) / 2,
        .min = sorted[0],
        .max = sorted[tally->count - 1],
    };
}

double bench_processor_seconds(void) {
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

uint64_t bench_resident_bytes(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file)
        return 0;
    if (fscanf(file, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
