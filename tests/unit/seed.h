/*
 * Random numbers for tests. The seed is always the same unless the environment
 * variable SEED gives another, or is "random": a test that passed must not fail
 * without a change. It is printed, so that a failure can be repeated.
 */
#ifndef OV_TESTS_UNIT_SEED_H
#define OV_TESTS_UNIT_SEED_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct dice {
    uint64_t state;
};

#define SEED_USUAL 20260101

static inline uint64_t seed_from_environment(void) {
    const char *text = getenv("SEED");
    if (!text)
        return SEED_USUAL;
    return strcmp(text, "random") == 0 ? (uint64_t)time(NULL) : strtoull(text, NULL, 0);
}

static inline struct dice dice_from_environment(const char *what) {
    uint64_t seed = seed_from_environment();

    printf("%s: SEED=%llu\n", what, (unsigned long long)seed);
    fflush(stdout);
    return (struct dice){seed};
}

/* splitmix64 */
static inline uint64_t dice_next(struct dice *dice) {
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 <= number < limit */
static inline uint32_t dice_below(struct dice *dice, uint32_t limit) {
    return (uint32_t)(dice_next(dice) % limit);
}

/* 0 <= number < 1 */
static inline double dice_share(struct dice *dice) {
    return (double)(dice_next(dice) >> 11) / 9007199254740992.0;
}

#endif
