/* A ranking held against its slow twin. Include after cmocka.h. */
#ifndef OV_TESTS_UNIT_TWIN_COMPARE_H
#define OV_TESTS_UNIT_TWIN_COMPARE_H

#include <math.h>

#include "daemon/engine/ranking.h"
#include "tests/unit/seed.h"
#include "tests/unit/twin.h"

#define assert_same(a, b) assert_true((a) <= (b) && (a) >= (b))

struct twin_walk {
    struct ranking_entry entries[TWIN_MAX];
    uint32_t count;
};

static inline void twin_collect(void *context, struct ranking_entry entry) {
    struct twin_walk *walk = context;

    assert_true(walk->count < TWIN_MAX);
    walk->entries[walk->count++] = entry;
}

static inline void compare_range_near(const struct ranking *ranking, const struct twin *twin, double low, double high,
                                      uint32_t near) {
    static struct twin_walk walk;
    uint32_t at = 0;

    walk.count = 0;
    ranking_between(ranking, low, high, near, twin_collect, &walk);
    for (uint32_t i = 0; i < twin->count; i++) {
        if (twin->entries[i].key < low || twin->entries[i].key >= high)
            continue;
        assert_true(at < walk.count);
        assert_same(walk.entries[at].key, twin->entries[i].key);
        assert_int_equal(walk.entries[at].member, twin->entries[i].member);
        at++;
    }
    assert_int_equal(walk.count, at);
}

/* From nowhere, and from places before, at and behind the first. */
static inline void compare_range(const struct ranking *ranking, const struct twin *twin, double low, double high) {
    uint32_t first = twin_worse(twin, low);

    compare_range_near(ranking, twin, low, high, 0);
    compare_range_near(ranking, twin, low, high, UINT32_MAX);
    compare_range_near(ranking, twin, low, high, UINT32_MAX - 1);
    for (uint32_t near = first < 10 ? 0 : first - 10; near <= first + 10; near += 3)
        compare_range_near(ranking, twin, low, high, near);
}

static inline void compare_key(const struct ranking *ranking, const struct twin *twin, double key) {
    assert_int_equal(ranking_worse(ranking, key), twin_worse(twin, key));
    assert_int_equal(ranking_better(ranking, key), twin_better(twin, key));
    assert_int_equal(ranking_rank(ranking, key), 1 + twin_better(twin, key));
}

static inline void compare_quantiles(const struct ranking *ranking, const struct twin *twin) {
    static const double orders[] = {0, 0.1, 0.25, 0.5, 0.75, 0.9, 1};

    for (size_t i = 0; twin->count > 0 && i < sizeof(orders) / sizeof(orders[0]); i++)
        assert_same(ranking_quantile(ranking, orders[i]), twin_quantile(twin, orders[i]));
}

/* Every query on every entry: for small rankings and at the end of rounds. */
static inline void compare_all(const struct ranking *ranking, const struct twin *twin) {
    assert_int_equal(ranking_count(ranking), twin->count);
    for (uint32_t i = 0; i < twin->count; i++) {
        double key = ranking_key_at(ranking, i);

        assert_same(key, twin->entries[i].key);
        compare_key(ranking, twin, key);
        compare_key(ranking, twin, key + 0.005);
    }
    compare_quantiles(ranking, twin);
    compare_range(ranking, twin, -HUGE_VAL, HUGE_VAL);
}

static inline void compare_some(struct dice *dice, const struct ranking *ranking, const struct twin *twin, double key) {
    assert_int_equal(ranking_count(ranking), twin->count);
    compare_key(ranking, twin, key);
    compare_quantiles(ranking, twin);
    if (twin->count > 0) {
        uint32_t at = dice_below(dice, twin->count);
        double other = ranking_key_at(ranking, at);

        assert_same(other, twin->entries[at].key);
        compare_range(ranking, twin, fmin(key, other), fmax(key, other));
    }
}

#endif
