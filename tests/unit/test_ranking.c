#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "daemon/engine/ranking.h"
#include "tests/unit/seed.h"
#include "tests/unit/twin_compare.h"

/* ---- All orders of a few ----------------------------------------------------------- */

static uint32_t next_order(uint32_t *order, uint32_t count) {
    uint32_t i = count - 1, j = count - 1;

    while (i > 0 && order[i - 1] >= order[i])
        i--;
    if (i == 0)
        return 0;
    while (order[j] <= order[i - 1])
        j--;
    uint32_t swap = order[i - 1];
    order[i - 1] = order[j];
    order[j] = swap;
    for (j = count - 1; i < j; i++, j--) {
        swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
    return 1;
}

static void insert_both(struct ranking *ranking, struct twin *twin, double key, uint32_t member) {
    assert_true(ranking_insert(ranking, key, member));
    twin_insert(twin, key, member);
}

static void remove_both(struct ranking *ranking, struct twin *twin, double key, uint32_t member) {
    uint32_t at = 0;

    while (twin->entries[at].member != member)
        at++;
    assert_true(ranking_remove(ranking, key, member));
    twin_remove_at(twin, at);
    assert_false(ranking_remove(ranking, key, member));
}

static void one_order_of_inserts(const double *keys, const uint32_t *order, uint32_t count) {
    static struct twin twin;
    struct ranking *ranking = ranking_create();

    twin.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        insert_both(ranking, &twin, keys[order[i]], order[i]);
        compare_all(ranking, &twin);
    }
    ranking_destroy(ranking);
}

static void one_order_of_removals(const double *keys, const uint32_t *order, uint32_t count) {
    static struct twin twin;
    struct ranking *ranking = ranking_create();

    twin.count = 0;
    for (uint32_t i = 0; i < count; i++)
        insert_both(ranking, &twin, keys[i], i);
    for (uint32_t i = 0; i < count; i++) {
        remove_both(ranking, &twin, keys[order[i]], order[i]);
        compare_all(ranking, &twin);
    }
    assert_int_equal(ranking_count(ranking), 0);
    ranking_destroy(ranking);
}

static void all_orders(void **state) {
    static const double sets[][6] = {
        {1, 2, 3, 4, 5, 6}, {1, 1, 1, 1, 1, 1}, {1, 2, 2, 3, 3, 3}, {-1, -1, 0, 0.5, 0.5, 9}, {5, 5, 5, 5, 5, 1},
    };
    (void)state;

    for (size_t set = 0; set < sizeof(sets) / sizeof(sets[0]); set++) {
        for (uint32_t count = 1; count <= 6; count++) {
            uint32_t order[6] = {0, 1, 2, 3, 4, 5};

            do {
                one_order_of_inserts(sets[set], order, count);
                one_order_of_removals(sets[set], order, count);
            } while (next_order(order, count));
        }
    }
}

/* ---- Random rounds ------------------------------------------------------------------- */

enum shape { TIES, DRIFT, GRID, WIDE, SHAPES };

static double draw(struct dice *dice, enum shape shape, uint32_t step) {
    switch (shape) {
    case TIES:
        return dice_below(dice, 5);
    case DRIFT:
        return step + 20 * dice_share(dice);
    case GRID:
        return dice_below(dice, 10001) / 100.0;
    default:
        return ldexp(dice_share(dice) - 0.5, (int)dice_below(dice, 200) - 100);
    }
}

/* To anywhere, or only past a few of its neighbours. */
static double move_both(struct dice *dice, struct ranking *ranking, struct twin *twin, double from, uint32_t member,
                        double anywhere) {
    uint32_t at = twin_worse(twin, from) + dice_below(dice, 9);
    double to = dice_below(dice, 2) ? anywhere : twin->entries[at < twin->count ? at : 0].key;

    assert_true(ranking_move(ranking, from, to, member));
    assert_false(ranking_move(ranking, from, to, member + TWIN_MAX));
    for (at = 0; twin->entries[at].member != member; at++)
        ;
    twin_remove_at(twin, at);
    twin_insert(twin, to, member);
    return to;
}

/* Members come, go and move; the target size wanders so that the tree grows, stays and shrinks. */
static void random_round(struct dice *dice, enum shape shape, uint32_t members, uint32_t steps) {
    static struct twin twin;
    static double keys[TWIN_MAX];
    static bool present[TWIN_MAX];
    struct ranking *ranking = ranking_create();
    uint32_t chance = 70;

    twin.count = 0;
    for (uint32_t i = 0; i < members; i++)
        present[i] = false;
    for (uint32_t step = 0; step < steps; step++) {
        uint32_t member = dice_below(dice, members);

        if (step % 500 == 499)
            chance = 10 + dice_below(dice, 81);
        if (present[member] && dice_below(dice, 2)) {
            keys[member] = move_both(dice, ranking, &twin, keys[member], member, draw(dice, shape, step));
        } else if (present[member]) {
            remove_both(ranking, &twin, keys[member], member);
            present[member] = false;
        }
        if (!present[member] && dice_below(dice, 100) < chance) {
            keys[member] = draw(dice, shape, step);
            insert_both(ranking, &twin, keys[member], member);
            present[member] = true;
        }
        compare_some(dice, ranking, &twin, draw(dice, shape, step));
    }
    compare_all(ranking, &twin);
    for (uint32_t i = 0; i < members; i++) {
        if (present[i])
            remove_both(ranking, &twin, keys[i], i);
    }
    assert_int_equal(ranking_count(ranking), 0);
    ranking_destroy(ranking);
}

static void random_rounds(void **state) {
    struct dice dice = dice_from_environment("random_rounds");
    (void)state;

    for (enum shape shape = TIES; shape < SHAPES; shape++) {
        for (uint32_t round = 0; round < 6; round++) {
            random_round(&dice, shape, 10 + dice_below(&dice, 60), 2000);
            random_round(&dice, shape, 200 + dice_below(&dice, 800), 4000);
        }
        random_round(&dice, shape, 4000, 12000);
    }
}

/* ---- Bulk build, exact values, bounds --------------------------------------------------- */

static void build_equals_inserts(void **state) {
    struct dice dice = dice_from_environment("build_equals_inserts");
    static struct ranking_entry entries[TWIN_MAX];
    static struct twin twin;
    (void)state;

    for (uint32_t count = 0; count < 2000; count = count * 3 / 2 + 1) {
        struct ranking *ranking = ranking_create();

        twin.count = 0;
        for (uint32_t i = 0; i < count; i++) {
            entries[i] = (struct ranking_entry){draw(&dice, GRID, 0), i};
            twin_insert(&twin, entries[i].key, i);
        }
        assert_true(ranking_build(ranking, entries, count));
        compare_all(ranking, &twin);
        for (uint32_t i = 0; i < count; i += 2)
            remove_both(ranking, &twin, twin.entries[i / 2].key, twin.entries[i / 2].member);
        compare_all(ranking, &twin);
        ranking_destroy(ranking);
    }
}

static void competition_ranks(void **state) {
    struct ranking *ranking = ranking_create();
    static const double keys[] = {9, 7, 7, 3};
    static const uint32_t ranks[] = {1, 2, 2, 4};
    (void)state;

    for (uint32_t i = 0; i < 4; i++)
        assert_true(ranking_insert(ranking, keys[i], i));
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(ranking_rank(ranking, keys[i]), ranks[i]);
    assert_int_equal(ranking_worse(ranking, 7), 1);
    assert_int_equal(ranking_better(ranking, 7), 1);
    /* Worst first: 3 7 7 9; h = 0.75, 1.5, 0.3. */
    assert_same(ranking_quantile(ranking, 0.25), 6.0);
    assert_same(ranking_quantile(ranking, 0.5), 7.0);
    assert_true(fabs(ranking_quantile(ranking, 0.1) - 4.2) < 1e-12);
    assert_true(ranking_insert(ranking, -1e308, 10));
    assert_true(ranking_insert(ranking, 1e308, 11));
    for (uint32_t i = 0; i < 4; i++)
        assert_true(ranking_remove(ranking, keys[i], i));
    assert_same(ranking_quantile(ranking, 0.5), 0.0);
    ranking_destroy(ranking);
    ranking_destroy(NULL);
}

static void minus_zero_is_zero(void **state) {
    struct ranking *ranking = ranking_create();
    (void)state;

    assert_true(ranking_insert(ranking, -0.0, 2));
    assert_true(ranking_insert(ranking, 0.0, 1));
    assert_false(signbit(ranking_key_at(ranking, 1)));
    assert_int_equal(ranking_worse(ranking, -0.0), 0);
    assert_true(ranking_remove(ranking, 0.0, 2));
    assert_true(ranking_remove(ranking, -0.0, 1));
    ranking_destroy(ranking);
}

static uint64_t work_of(const struct ranking *ranking) {
    struct ranking_work work = ranking_work_done(ranking);

    return work.nodes + work.comparisons;
}

/* One update, and the queries that go with it, stay within c log n whatever the size. */
static void work_is_logarithmic(void **state) {
    struct dice dice = dice_from_environment("work_is_logarithmic");
    static double keys[100000];
    (void)state;

    for (uint32_t count = 100; count <= 100000; count *= 10) {
        struct ranking *ranking = ranking_create();
        double log_n = log2(count);
        uint64_t most_nodes = 0, most = 0;

        for (uint32_t i = 0; i < count; i++)
            assert_true(ranking_insert(ranking, keys[i] = draw(&dice, GRID, 0), i));
        for (uint32_t step = 0; step < 20000; step++) {
            uint32_t member = dice_below(&dice, count);
            uint64_t nodes = ranking_work_done(ranking).nodes, all = work_of(ranking);

            assert_true(ranking_remove(ranking, keys[member], member));
            keys[member] = draw(&dice, GRID, 0);
            assert_true(ranking_insert(ranking, keys[member], member));
            ranking_rank(ranking, keys[member]);
            ranking_quantile(ranking, 0.25);
            ranking_quantile(ranking, 0.1);
            nodes = ranking_work_done(ranking).nodes - nodes;
            all = work_of(ranking) - all;
            most_nodes = nodes > most_nodes ? nodes : most_nodes;
            most = all > most ? all : most;
        }
        printf("n=%u: at most %lu nodes, %lu nodes and comparisons per update\n", count, (unsigned long)most_nodes,
               (unsigned long)most);
        assert_true((double)most_nodes <= 5 * log_n);
        assert_true((double)most <= 15 * log_n);
        ranking_destroy(ranking);
    }
}

/* Memory per entry after a long random coming and going. */
static void memory_is_small(void **state) {
    struct dice dice = dice_from_environment("memory_is_small");
    static double keys[20000];
    static const uint32_t counts[] = {12, 40, 60, 140, 200, 256, 320, 500, 1000, 20000};
    (void)state;

    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        struct ranking *ranking = ranking_create();
        uint32_t count = counts[c];

        for (uint32_t i = 0; i < count; i++)
            assert_true(ranking_insert(ranking, keys[i] = dice_share(&dice), i));
        for (uint32_t step = 0; step < 20 * count; step++) {
            uint32_t member = dice_below(&dice, count);

            assert_true(ranking_remove(ranking, keys[member], member));
            assert_true(ranking_insert(ranking, keys[member] = dice_share(&dice), member));
        }
        double each = (double)ranking_memory(ranking) / count;

        printf("n=%u: %.1f bytes per entry\n", count, each);
        assert_true(each <= (count < 20 ? 24 : 20));
        for (uint32_t i = 0; i < count; i++)
            assert_true(ranking_remove(ranking, keys[i], i));
        assert_true(ranking_memory(ranking) <= 128);
        ranking_destroy(ranking);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_orders),           cmocka_unit_test(random_rounds),
        cmocka_unit_test(build_equals_inserts), cmocka_unit_test(competition_ranks),
        cmocka_unit_test(minus_zero_is_zero),   cmocka_unit_test(work_is_logarithmic),
        cmocka_unit_test(memory_is_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
