/*
 * The invented country of the engine's benchmark: organisations, a framework,
 * and updates in the patterns that are measured. Same seed, same updates.
 */
#ifndef OV_TESTS_BENCH_WORLD_H
#define OV_TESTS_BENCH_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/message.h"
#include "daemon/engine/engine.h"

enum pattern {
    PATTERN_RANDOM,      /* any organisation, any measure, any number */
    PATTERN_DRIFTING,    /* the last number, moved a little */
    PATTERN_GRID,        /* numbers of two decimals from 0 to 100: many ties */
    PATTERN_CORRECTIONS, /* random, in any of the older periods */
    PATTERN_BOUNDARY,    /* each update moves the cut of the bottom quartile over a tie of a quarter of the country */
    PATTERN_PUBLICATION, /* every figure of a new period, in the order of organisations */
    PATTERN_COUNT
};

const char *pattern_name(enum pattern pattern);
bool pattern_of(const char *name, enum pattern *ret_pattern);

struct world {
    struct engine *engine;
    const struct framework *framework;
    const struct registry *registry;
    uint32_t orgs;
    uint16_t measures;
    int periods; /* with figures before the first update */
    enum pattern pattern;
    uint64_t dice, seq;
    ov_day *current; /* by measure: the newest period */
    float *levels;   /* by measure and organisation; drifting only */
    uint64_t next;   /* publication: figures of the period so far; boundary: updates so far */
};

/* framework: "quartile" (50 measures unless said otherwise, national peers, key
 * measures in the bottom quartile), "tail" (the same, but many measures must be
 * there, so that segments move), or the path of a framework file. */
void world_init(struct world *world, const char *framework, uint32_t orgs, uint16_t measures, int periods,
                enum pattern pattern, uint64_t seed);
void world_finish(struct world *world);

/* Figures of all periods, into the engine as from a store. */
void world_load(struct world *world);

#define CODE_SIZE (ORG_CODE_MAX + 1)

/* The next count updates of the pattern; codes has room for a code each. */
void world_updates(struct world *world, struct item *items, char (*codes)[CODE_SIZE], size_t count);

#endif
