#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "daemon/engine/bands.h"
#include "tests/unit/seed.h"

#define MEMBERS 400

static const enum band BANDS[] = {BAND_BOTTOM_QUARTILE, BAND_BOTTOM_DECILE, BAND_TOP_QUARTILE};

/* Everything by full passes over the keys. */
static double slow_quantile(const double *sorted, uint32_t count, double p) {
    double h = (double)(count - 1) * p;
    uint32_t i = (uint32_t)floor(h);

    return i + 1 < count ? sorted[i] + (h - floor(h)) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Bit 0, 1, 2: bottom quartile, bottom decile, top quartile. */
static void slow_membership(const double *keys, const bool *present, uint32_t minimum, unsigned *ret_bits) {
    static double sorted[MEMBERS];
    uint32_t count = 0;

    for (uint32_t i = 0; i < MEMBERS; i++) {
        ret_bits[i] = 0;
        if (present[i])
            sorted[count++] = keys[i];
    }
    if (count < minimum || count == 0)
        return;
    qsort(sorted, count, sizeof(*sorted), compare_doubles);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        if (!present[i])
            continue;
        ret_bits[i] |= keys[i] < slow_quantile(sorted, count, 0.25) ? 1u : 0;
        ret_bits[i] |= keys[i] < slow_quantile(sorted, count, 0.1) ? 2u : 0;
        ret_bits[i] |= keys[i] > slow_quantile(sorted, count, 0.75) ? 4u : 0;
    }
}

static unsigned bits_of(const struct bands *bands, double key) {
    unsigned bits = 0;

    bits |= bands_bottom_quartile(bands, key) ? 1u : 0;
    bits |= bands_bottom_decile(bands, key) ? 2u : 0;
    bits |= bands_top_quartile(bands, key) ? 4u : 0;
    return bits;
}

struct visited {
    const double *keys;
    uint32_t times[MEMBERS];
};

static void visit(void *context, struct ranking_entry entry) {
    struct visited *visited = context;

    assert_true(entry.member < MEMBERS);
    assert_false(entry.key < visited->keys[entry.member] || entry.key > visited->keys[entry.member]);
    visited->times[entry.member]++;
}

/* Places by count: those of its side of the cut that are at least as good. */
static uint32_t slow_places(const double *keys, const bool *present, const struct bands *bands, enum band band,
                            double key) {
    uint32_t places = 0;
    bool bottom = band != BAND_TOP_QUARTILE;

    if (!bands->active || bands_in(bands, band, key) != bottom)
        return 0;
    for (uint32_t i = 0; i < MEMBERS; i++)
        places += present[i] && keys[i] >= key && bands_in(bands, band, keys[i]) == bottom;
    return places;
}

static void check_step(const struct ranking *ranking, const double *keys, const bool *present, uint32_t minimum,
                       const struct bands *before, struct bands *ret_after) {
    static struct visited visited;
    static unsigned should[MEMBERS];
    struct bands after = bands_of(ranking, minimum);

    memset(&visited, 0, sizeof(visited));
    visited.keys = keys;
    slow_membership(keys, present, minimum, should);
    bands_changed(ranking, before, &after, visit, &visited);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        if (!present[i]) {
            assert_int_equal(visited.times[i], 0);
            continue;
        }
        assert_int_equal(bits_of(&after, keys[i]), should[i]);
        assert_int_equal(visited.times[i], bits_of(before, keys[i]) != should[i]);
    }
    *ret_after = after;
}

static void random_round(struct dice *dice, uint32_t members, uint32_t levels) {
    static double keys[MEMBERS];
    static bool present[MEMBERS];
    struct ranking *ranking = ranking_create();
    struct bands bands = bands_none();

    memset(present, 0, sizeof(present));
    for (uint32_t step = 0; step < 400; step++) {
        /* One message changes one figure or many. */
        uint32_t changes = dice_below(dice, 10) ? 1 : dice_below(dice, members);

        while (changes-- > 0) {
            uint32_t member = dice_below(dice, members);

            if (present[member])
                assert_true(ranking_remove(ranking, keys[member], member));
            present[member] = dice_below(dice, 8) > 0;
            keys[member] = (double)dice_below(dice, levels) / 100 - 1 + (double)(dice_below(dice, 40) == 0) * step;
            if (present[member])
                assert_true(ranking_insert(ranking, keys[member], member));
        }
        check_step(ranking, keys, present, 8, &bands, &bands);

        double key = keys[dice_below(dice, members)];

        for (size_t b = 0; b < 3; b++)
            assert_int_equal(bands_places_to_leave(ranking, &bands, BANDS[b], key),
                             slow_places(keys, present, &bands, BANDS[b], key));
    }
    ranking_destroy(ranking);
}

static void random_rounds(void **state) {
    struct dice dice = dice_from_environment("random_rounds");
    (void)state;

    for (uint32_t round = 0; round < 20; round++) {
        random_round(&dice, 12, 10);
        random_round(&dice, 40, 20);
        random_round(&dice, 40, 10000);
        random_round(&dice, MEMBERS, 300);
    }
}

static void few_peers(void **state) {
    struct ranking *ranking = ranking_create();
    struct bands bands = bands_of(ranking, 0);
    (void)state;

    assert_false(bands.active);
    for (uint32_t i = 0; i < 7; i++)
        assert_true(ranking_insert(ranking, i, i));
    bands = bands_of(ranking, 8);
    assert_false(bands.active);
    assert_int_equal(bits_of(&bands, -1e300), 0);
    assert_int_equal(bits_of(&bands, 1e300), 0);
    assert_int_equal(bands_places_to_leave(ranking, &bands, BAND_BOTTOM_QUARTILE, 0), 0);
    assert_true(ranking_insert(ranking, 7, 7));
    bands = bands_of(ranking, 8);
    assert_true(bands.active);
    /* 0 .. 7: h = 1.75, 0.7, 5.25. */
    assert_int_equal(bits_of(&bands, 0), 3);
    assert_int_equal(bits_of(&bands, 1), 1);
    assert_int_equal(bits_of(&bands, 2), 0);
    assert_int_equal(bits_of(&bands, 5), 0);
    assert_int_equal(bits_of(&bands, 6), 4);
    assert_int_equal(bands_places_to_leave(ranking, &bands, BAND_BOTTOM_QUARTILE, 1), 1);
    assert_int_equal(bands_places_to_leave(ranking, &bands, BAND_BOTTOM_QUARTILE, 0), 2);
    assert_int_equal(bands_places_to_leave(ranking, &bands, BAND_BOTTOM_QUARTILE, 2), 0);
    assert_int_equal(bands_places_to_leave(ranking, &bands, BAND_TOP_QUARTILE, 5), 1);
    assert_int_equal(bands_places_to_leave(ranking, &bands, BAND_TOP_QUARTILE, 6), 0);
    ranking_destroy(ranking);
}

static void all_equal(void **state) {
    struct ranking *ranking = ranking_create();
    struct visited visited = {.keys = (const double[20]){0}};
    (void)state;

    for (uint32_t i = 0; i < 20; i++)
        assert_true(ranking_insert(ranking, 0, i));
    struct bands before = bands_none(), after = bands_of(ranking, 8);

    assert_true(after.active);
    assert_int_equal(bits_of(&after, 0), 0);
    bands_changed(ranking, &before, &after, visit, &visited);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(visited.times[i], 0);
    ranking_destroy(ranking);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_rounds),
        cmocka_unit_test(few_peers),
        cmocka_unit_test(all_equal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
