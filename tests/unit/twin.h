/* The slow twin of a ranking: a sorted array, every answer by a full pass. */
#ifndef OV_TESTS_UNIT_TWIN_H
#define OV_TESTS_UNIT_TWIN_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "daemon/engine/ranking.h"

#define TWIN_MAX 4096

struct twin {
    uint32_t count;
    struct ranking_entry entries[TWIN_MAX];
};

static inline void twin_insert(struct twin *twin, double key, uint32_t member) {
    uint32_t at = 0;

    while (at < twin->count &&
           (twin->entries[at].key < key || (!(twin->entries[at].key > key) && twin->entries[at].member < member)))
        at++;
    memmove(twin->entries + at + 1, twin->entries + at, (twin->count - at) * sizeof(twin->entries[0]));
    twin->entries[at] = (struct ranking_entry){key, member};
    twin->count++;
}

static inline void twin_remove_at(struct twin *twin, uint32_t at) {
    twin->count--;
    memmove(twin->entries + at, twin->entries + at + 1, (twin->count - at) * sizeof(twin->entries[0]));
}

static inline uint32_t twin_worse(const struct twin *twin, double key) {
    uint32_t n = 0;

    for (uint32_t i = 0; i < twin->count; i++)
        n += twin->entries[i].key < key;
    return n;
}

static inline uint32_t twin_better(const struct twin *twin, double key) {
    uint32_t n = 0;

    for (uint32_t i = 0; i < twin->count; i++)
        n += twin->entries[i].key > key;
    return n;
}

static inline double twin_quantile(const struct twin *twin, double p) {
    double h = (double)(twin->count - 1) * p, low = floor(h);
    uint32_t i = (uint32_t)low;

    if (i + 1 >= twin->count)
        return twin->entries[i].key;
    return twin->entries[i].key + (h - low) * (twin->entries[i + 1].key - twin->entries[i].key);
}

#endif
