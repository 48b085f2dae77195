/*
 * Rankings with a source, which are trees or grids as their keys have it: held
 * against the slow twin over random rounds that make them change their form in
 * both directions, and what changing it costs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "daemon/engine/ranking_grid.h"
#include "tests/unit/twin_compare.h"

#define MEMBERS 3000

/* Who is ranked: the twin is the source. */
struct country {
    struct dice dice;
    struct twin twin;
    double keys[MEMBERS];
    bool present[MEMBERS];
    struct ranking *ranking;
    uint32_t to_grid, to_tree, grown; /* changes of form seen */
    const struct grid *grid;
    bool counted;
};

static void tell(const void *context, double low, double high, ranking_visit visit, void *visited) {
    const struct country *country = context;

    for (uint32_t member = 0; member < MEMBERS; member++)
        if (country->present[member] && country->keys[member] >= low && country->keys[member] < high)
            visit(visited, (struct ranking_entry){country->keys[member], member});
}

static void note_form(struct country *country) {
    bool counted = country->ranking->grid != NULL;

    country->to_grid += counted && !country->counted;
    country->to_tree += !counted && country->counted;
    country->grown += counted && country->counted && country->grid != country->ranking->grid;
    country->counted = counted;
    country->grid = country->ranking->grid;
}

static void come(struct country *country, uint32_t member, double key) {
    assert_true(ranking_insert(country->ranking, key, member));
    twin_insert(&country->twin, key, member);
    country->keys[member] = key;
    country->present[member] = true;
    note_form(country);
}

static void twin_remove(struct twin *twin, uint32_t member) {
    uint32_t at = 0;

    while (twin->entries[at].member != member)
        at++;
    twin_remove_at(twin, at);
}

static void leave(struct country *country, uint32_t member) {
    assert_true(ranking_remove(country->ranking, country->keys[member], member));
    twin_remove(&country->twin, member);
    country->present[member] = false;
    note_form(country);
}

static void move(struct country *country, uint32_t member, double key) {
    assert_true(ranking_move(country->ranking, country->keys[member], key, member));
    twin_remove(&country->twin, member);
    twin_insert(&country->twin, key, member);
    country->keys[member] = key;
    note_form(country);
}

/* Wherever it was, if anywhere. */
static void put(struct country *country, uint32_t member, double key) {
    if (country->present[member])
        move(country, member, key);
    else
        come(country, member, key);
}

static struct country *country_create(const char *what) {
    struct country *country = calloc(1, sizeof *country);

    assert_non_null(country);
    country->dice = dice_from_environment(what);
    country->ranking = ranking_create();
    assert_non_null(country->ranking);
    ranking_set_source(country->ranking, tell, country);
    return country;
}

static void country_destroy(struct country *country) {
    ranking_destroy(country->ranking);
    free(country);
}

/* ---- Random rounds ------------------------------------------------------------------- */

/* What new figures are like for a while; it ends as another. */
struct mood {
    double steps, span, centre;
    uint32_t stray;  /* one in so many is no number of few decimals; 0 = none */
    uint32_t target; /* how many are ranked in the end */
};

static double draw(struct country *country, const struct mood *mood) {
    double key = mood->centre + dice_below(&country->dice, (uint32_t)(mood->span * mood->steps));

    if (mood->stray && dice_below(&country->dice, mood->stray) == 0)
        return ldexp(dice_share(&country->dice) - 0.5, (int)dice_below(&country->dice, 80) - 40);
    return key / mood->steps;
}

/* The cuts of bands, and who lies between where they were and where they are. */
static void look_between_cuts(struct country *country, double cuts[3]) {
    static const double orders[] = {0.1, 0.25, 0.75};

    if (!country->twin.count)
        return;
    for (size_t i = 0; i < 3; i++) {
        double cut = twin_quantile(&country->twin, orders[i]);

        compare_range(country->ranking, &country->twin, fmin(cut, cuts[i]), fmax(cut, cuts[i]));
        cuts[i] = cut;
    }
}

static void step(struct country *country, const struct mood *mood) {
    uint32_t member = dice_below(&country->dice, MEMBERS);
    bool more = country->twin.count < mood->target;

    if (country->present[member] && (dice_below(&country->dice, 10) || more))
        move(country, member, draw(country, mood));
    else if (country->present[member])
        leave(country, member);
    else if (more)
        come(country, member, draw(country, mood));
}

static void live(struct country *country, const struct mood *mood, uint32_t steps) {
    double cuts[3] = {0, 0, 0};

    for (uint32_t i = 0; i < steps; i++) {
        step(country, mood);
        if (i % 8 == 0)
            look_between_cuts(country, cuts);
        if (i % 4 == 0)
            compare_some(&country->dice, country->ranking, &country->twin, draw(country, mood));
        if (i % 1000 == 0)
            assert_true(ranking_agrees(country->ranking));
    }
    assert_true(ranking_agrees(country->ranking));
}

static void random_forms(void **state) {
    struct country *country = country_create("random_forms");
    static const uint32_t strays[] = {0, 0, 0, 0, 500, 2};
    (void)state;

    for (uint32_t round = 0; round < 40; round++) {
        struct mood mood = {.steps = dice_below(&country->dice, 2) ? 1 : 10,
                            .span = 2 + dice_below(&country->dice, 100),
                            .centre = (double)dice_below(&country->dice, 2000) - 1000,
                            .stray = strays[dice_below(&country->dice, 6)],
                            .target = dice_below(&country->dice, 4) ? MEMBERS : dice_below(&country->dice, 300)};

        bool all = mood.stray != 2 && dice_below(&country->dice, 5);

        /* Everybody goes over to the new numbers, or many stay with the old ones. */
        for (uint32_t member = 0; member < MEMBERS; member++)
            if (all && country->present[member])
                move(country, member, draw(country, &mood));
        live(country, &mood, 500 + dice_below(&country->dice, 4000));
    }
    compare_all(country->ranking, &country->twin);
    printf("%u times to a grid, %u times to a tree, %u times to a larger grid\n", country->to_grid, country->to_tree,
           country->grown);
    country_destroy(country);
}

/* Each change of form for sure, whatever the seed. */
static void every_change_of_form(void **state) {
    struct country *country = country_create("every_change_of_form");
    const struct mood whole = {.steps = 1, .span = 50, .target = MEMBERS};
    (void)state;

    for (uint32_t member = 0; member < MEMBERS; member++)
        come(country, member, draw(country, &whole));
    live(country, &whole, 2 * MEMBERS);
    assert_true(country->counted);
    put(country, 7, 400); /* beyond the room around */
    assert_true(country->counted && country->grown == 1);
    put(country, 8, 3.5); /* a decimal more */
    assert_true(country->counted && country->grown == 2);
    live(country, &whole, 500);
    put(country, 7, 1e9); /* alone far out */
    assert_true(!country->counted && country->to_tree == 1);
    live(country, &whole, 500);
    put(country, 7, 1.0 / 3);
    live(country, &whole, 2 * MEMBERS);
    put(country, 7, 2);
    live(country, &whole, 2 * MEMBERS);
    assert_true(country->counted);
    put(country, 9, 1.0 / 3); /* between all numbers */
    assert_true(!country->counted && country->to_tree >= 2);
    put(country, 9, 1);
    live(country, &whole, 3 * MEMBERS);
    assert_true(country->counted);
    for (uint32_t member = 0; member < MEMBERS; member++)
        if (country->present[member])
            leave(country, member);
    assert_false(country->counted);
    assert_int_equal(ranking_count(country->ranking), 0);
    country_destroy(country);
}

/* ---- Bulk build, and what is on a grid --------------------------------------------------- */

static void gathered_equals_inserted(void **state) {
    struct country *country = country_create("gathered_equals_inserted");
    static const struct mood moods[] = {{10, 100, 0, 0, 0}, {1, 3, -1, 0, 0}, {10, 100, 0, 50, 0}, {100, 500, 0, 0, 0}};
    static const bool grids[] = {true, true, false, false};
    (void)state;

    for (size_t i = 0; i < sizeof moods / sizeof *moods; i++) {
        country->twin.count = 0;
        for (uint32_t member = 0; member < MEMBERS; member++) {
            country->keys[member] = draw(country, &moods[i]);
            country->present[member] = member % 3 != 0;
            if (country->present[member])
                twin_insert(&country->twin, country->keys[member], member);
        }
        ranking_destroy(country->ranking);
        country->ranking = ranking_create();
        ranking_set_source(country->ranking, tell, country);
        assert_true(ranking_gather(country->ranking));
        assert_int_equal(country->ranking->grid != NULL, grids[i]);
        compare_all(country->ranking, &country->twin);
        assert_true(ranking_agrees(country->ranking));
    }
    country_destroy(country);
}

static void keys_on_grids(void **state) {
    static const double on[] = {0.1, 0.2, 0.3, 0.7, 1.1, 33.3, 99.9, -0.1, -99.9, 1e6, 123456.7, 0};
    struct extent extent = EXTENT_NONE;
    (void)state;

    for (size_t i = 0; i < sizeof on / sizeof *on; i++)
        assert_true(extent_add(&extent, on[i]));
    assert_true(extent.steps > 9 && extent.steps < 11);
    assert_int_equal(extent.least, -999);
    assert_int_equal(extent.most, 10000000);
    assert_false(extent_add(&extent, 0.1 + 0.2)); /* not 0.3 */
    assert_false(extent_add(&extent, 1));
    extent = EXTENT_NONE;
    assert_true(extent_add(&extent, 1e14));
    assert_false(extent_add(&extent, 0.001)); /* too fine for the numbers there are */
    extent = EXTENT_NONE;
    assert_false(extent_add(&extent, 1e300));
    extent = EXTENT_NONE;
    assert_false(extent_add(&extent, nextafter(1, 2)));
}

/* ---- What it costs ------------------------------------------------------------------------ */

#define TOLD_MOST GRID_MARGIN /* entries passed for each change, on average */

static void assert_told(const struct country *country, uint64_t changes, const char *what) {
    struct ranking_work work = ranking_work_done(country->ranking);
    double each = (double)work.told / (double)changes;

    printf("%s: %.1f entries told for each change\n", what, each);
    assert_true(each <= TOLD_MOST);
}

/* All drift, up and down again, so that the cuts do nothing but leave their stretches. */
static void a_drift_is_paid_for(void **state) {
    struct country *country = country_create("a_drift_is_paid_for");
    const struct mood mood = {.steps = 10, .span = 30, .target = MEMBERS};
    double cuts[3] = {0, 0, 0};
    uint64_t changes = 0;
    (void)state;

    for (uint32_t member = 0; member < MEMBERS; member++, changes++)
        come(country, member, draw(country, &mood));
    for (uint32_t round = 1; round <= 9; round++)
        for (uint32_t i = 0; i < MEMBERS; i++, changes++) {
            move(country, i, draw(country, &mood) + (round < 5 ? 10.0 * round : 100 - 10.0 * round));
            look_between_cuts(country, cuts);
        }
    assert_true(country->to_grid >= 1);
    assert_told(country, changes, "drift");
    country_destroy(country);
}

/* One figure spoils the grid whenever there is one. */
static void a_spoiler_is_paid_for(void **state) {
    struct country *country = country_create("a_spoiler_is_paid_for");
    const struct mood mood = {.steps = 10, .span = 30, .target = MEMBERS};
    uint64_t changes = 0;
    (void)state;

    for (uint32_t member = 0; member < MEMBERS; member++, changes++)
        come(country, member, draw(country, &mood));
    for (uint32_t i = 0; i < 10 * MEMBERS; i++, changes++)
        move(country, 0, country->counted ? 1.0 / 3 : 1);
    assert_true(country->to_grid >= 9 && country->to_tree >= 9);
    assert_told(country, changes, "spoiler");
    move(country, 0, 1e6 + 1.0 / 3); /* behind all others, and stays */
    for (uint32_t i = 0; i < 2 * MEMBERS; i++, changes++)
        move(country, 1 + i % (MEMBERS - 1), draw(country, &mood));
    assert_false(country->counted);
    assert_told(country, changes, "lasting spoiler");
    country_destroy(country);
}

/* The one whose key is on no grid is under way just when the others are looked at. */
static void the_spoiler_moves(void **state) {
    struct country *country = country_create("the_spoiler_moves");
    const struct mood mood = {.steps = 10, .span = 30, .target = MEMBERS};
    uint32_t other = 0;
    (void)state;

    for (uint32_t member = 0; member < MEMBERS; member++)
        come(country, member, draw(country, &mood));
    move(country, 0, 1.0 / 3);
    assert_false(country->counted);
    for (uint32_t tried = MEMBERS - 3; tried <= MEMBERS + 1; tried++) {
        while (country->ranking->tried != tried) {
            other = other % (MEMBERS - 1) + 1;
            move(country, other, country->keys[other] + (country->keys[other] < 15 ? 1 : -1));
        }
        move(country, 0, country->keys[0] < 10 ? 20 + 1.0 / 3 : 1.0 / 3);
        assert_int_equal(ranking_count(country->ranking), MEMBERS);
        assert_true(ranking_agrees(country->ranking));
        assert_false(country->counted);
    }
    country_destroy(country);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_forms),        cmocka_unit_test(every_change_of_form),
        cmocka_unit_test(keys_on_grids),       cmocka_unit_test(gathered_equals_inserted),
        cmocka_unit_test(a_drift_is_paid_for), cmocka_unit_test(a_spoiler_is_paid_for),
        cmocka_unit_test(the_spoiler_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
