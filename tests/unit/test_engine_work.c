/*
 * What an update costs in operations, whatever the size of the country: the
 * comparisons and nodes of the rankings, the flips reported and the
 * organisations looked at again, counted by the engine for every single update,
 * stay within c log n + what was flipped. No time is measured.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench_world.h"
#include "tests/unit/audited.h"

#define MEASURES 4
#define UPDATES 3000
#define BATCH 100
/* Operations of an update for each doubling of the country: a search compares three keys at a time, and the last
 * sixteen all. */
#define PER_LOG 22
#define TOLD 300   /* entries that grids ask for, for each update on average, beside the first time */
#define PER_FLIP 3 /* and for each membership that changed */

struct work {
    uint64_t updates, operations, flips, judged, alerts, told;
};

static struct work work_of(const struct world *world) {
    struct engine_counters counters;

    engine_counters(world->engine, &counters);
    return (struct work){.updates = counters.updates,
                         .operations = counters.ranking.comparisons + counters.ranking.nodes,
                         .flips = counters.flips,
                         .judged = counters.evaluations,
                         .told = counters.ranking.told};
}

/* A message of count updates; what it took. */
static struct work apply(struct world *world, size_t count) {
    static struct item items[BATCH];
    static char codes[BATCH][CODE_SIZE];
    struct message message = {.source = TEXT_OF("bench"), .count = count, .items = items};
    struct work before = work_of(world), after;
    struct changes changes;

    world_updates(world, items, codes, count);
    changes_init(&changes);
    engine_apply(world->engine, &message, 0, &changes);
    assert_int_equal(changes.accepted, count);
    after = work_of(world);
    after = (struct work){after.updates - before.updates,
                          after.operations - before.operations,
                          after.flips - before.flips,
                          after.judged - before.judged,
                          changes.alert_count,
                          after.told - before.told};
    changes_finish(&changes);
    return after;
}

/* An alert shows the evidence of every measure of its triggers. */
static double bound(const struct work *work, uint32_t orgs) {
    double log_n = log2(orgs);

    return ((double)work->updates + (double)work->alerts * MEASURES) * PER_LOG * log_n + PER_FLIP * (double)work->flips;
}

static void check(const struct work *work, uint32_t orgs, enum pattern pattern) {
    double most = bound(work, orgs);

    if ((double)work->operations > most || work->judged > work->updates + work->flips)
        fail_msg("%s, %u organisations: %llu updates took %llu operations (bound %.0f), %llu flips, %llu judged",
                 pattern_name(pattern), (unsigned)orgs, (unsigned long long)work->updates,
                 (unsigned long long)work->operations, most, (unsigned long long)work->flips,
                 (unsigned long long)work->judged);
}

static void play(uint32_t orgs, enum pattern pattern) {
    struct world world;
    struct work work;
    double most = 0;
    uint64_t told = 0;

    world_init(&world, "quartile", orgs, MEASURES, 1, pattern, orgs);
    world_load(&world);
    for (size_t i = 0; i < UPDATES; i++) {
        double share;

        work = apply(&world, 1);
        check(&work, orgs, pattern);
        told += work.told;
        share = (double)work.operations / bound(&work, orgs);
        most = share > most ? share : most;
    }
    for (size_t i = 0; i < UPDATES / BATCH; i++) {
        work = apply(&world, BATCH);
        check(&work, orgs, pattern);
        told += work.told;
    }
    if (told > (uint64_t)MEASURES * 3 * orgs + (uint64_t)2 * UPDATES * TOLD) /* three cuts of each measure */
        fail_msg("%s, %u organisations: %llu entries were asked for", pattern_name(pattern), (unsigned)orgs,
                 (unsigned long long)told);
    if (orgs <= 10000)
        assert_int_equal(audited_differences(world.engine), 0);
    printf("%s, %u organisations: at most %.0f%% of the bound\n", pattern_name(pattern), (unsigned)orgs, 100 * most);
    world_finish(&world);
}

static void updates_cost_what_they_change(void **state) {
    (void)state;
    for (uint32_t orgs = 100; orgs <= 100000; orgs *= 10) {
        play(orgs, PATTERN_RANDOM);
        play(orgs, PATTERN_DRIFTING);
        play(orgs, PATTERN_GRID);
    }
    play(250, PATTERN_BOUNDARY);
    play(2500, PATTERN_BOUNDARY);
}

static void count_row(void *context, const struct league_row *row) {
    uint32_t *rows = context;

    (void)row;
    ++*rows;
}

/* The counters count: reading a whole league is far beyond the bound of an update. */
static void a_full_pass_is_seen(void **state) {
    struct world world;
    struct work before, after;
    struct league league;
    uint32_t rows = 0;

    (void)state;
    world_init(&world, "quartile", 1000, MEASURES, 1, PATTERN_RANDOM, 1);
    world_load(&world);
    before = work_of(&world);
    assert_true(engine_league(world.engine, 0, 0, 0, OV_DAY_NONE, &league, count_row, &rows));
    after = work_of(&world);
    assert_int_equal(rows, 1000);
    before = (struct work){.updates = 1, .operations = after.operations - before.operations};
    assert_true((double)before.operations > 10 * bound(&before, 1000));
    world_finish(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(updates_cost_what_they_change),
                                       cmocka_unit_test(a_full_pass_is_seen)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
