#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "daemon/engine/score.h"
#include "tests/unit/finance.h"

#define assert_near(a, b) assert_true(fabs((double)(a) - (double)(b)) <= 1e-12 * fmax(1, fabs((double)(b))))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct score_rule rule_of(enum score_kind kind, double parameter) {
    return (struct score_rule){.kind = kind, .weight = 1, .parameter = parameter, .otherwise = (double)NAN};
}

static void check_scores(const struct score_rule *rule, enum direction direction, const double *values,
                         const double *scores, size_t count) {
    struct ranking *ranking = ranking_create();
    double score;

    for (uint32_t i = 0; i < count; i++)
        assert_true(ranking_insert(ranking, direction == DIRECTION_LOWER ? -values[i] : values[i], i));
    for (size_t i = 0; i < count; i++) {
        assert_true(score_of_number(rule, direction, ranking, values[i], &score));
        assert_near(score, scores[i]);
    }
    ranking_destroy(ranking);
}

/* ---- Step 1 -------------------------------------------------------------------------------- */

static void plain_ranks(void **state) {
    static const double values[] = {90, 80, 80, 70, 60}, higher[] = {1, 1.75, 1.75, 3.25, 4};
    static const double lower[] = {4, 2.5, 2.5, 1.75, 1};
    struct score_rule rule = rule_of(SCORE_PLAIN, 0);
    (void)state;

    check_scores(&rule, DIRECTION_HIGHER, values, higher, 5);
    check_scores(&rule, DIRECTION_LOWER, values, lower, 5);
    check_scores(&rule, DIRECTION_HIGHER, values, higher, 1); /* alone: (r-1)/(n-1) is 0 */
}

/* Two meet the standard of 80 (one exactly); three fail it, two of them tied. */
static void standard(void **state) {
    static const double values[] = {95, 80, 79.9, 60, 60}, higher[] = {1, 1, 2, 3, 3};
    static const double small[] = {0.5, 1, 1.1, 5}, lower[] = {1, 1, 2, 4};
    static const double one[] = {95, 10}, one_scores[] = {1, 2};
    struct score_rule rule = rule_of(SCORE_STANDARD, 80);
    (void)state;

    check_scores(&rule, DIRECTION_HIGHER, values, higher, 5);
    check_scores(&rule, DIRECTION_HIGHER, one, one_scores, 2);
    rule.parameter = 1;
    check_scores(&rule, DIRECTION_LOWER, small, lower, 4);
}

static void floors(void **state) {
    static const double values[] = {95, 80, 75, 70, 69.9, 10}, higher[] = {1, 1 + 2.0 / 3, 1 + 4.0 / 3, 3, 4, 4};
    static const double small[] = {0, 3, 4, 9}, lower[] = {1, 3, 4, 4};
    struct score_rule rule = rule_of(SCORE_FLOOR, 70);
    (void)state;

    check_scores(&rule, DIRECTION_HIGHER, values, higher, 6);
    rule.parameter = 3;
    check_scores(&rule, DIRECTION_LOWER, small, lower, 4);
}

static void bands_and_words(void **state) {
    static const double values[] = {0, -0.5, -1, -2, -2.01}, scores[] = {1, 2, 3, 3, 4};
    struct score_rule rule = finance_planned(), words = rule_of(SCORE_BANDS, 0);
    double score = -1;
    (void)state;

    check_scores(&rule, DIRECTION_HIGHER, values, scores, COUNT(values));
    rule.otherwise = (double)NAN;
    assert_false(score_of_number(&rule, DIRECTION_HIGHER, NULL, -5, &score));
    words.band_count = 2;
    words.bands[0] = (struct score_band){.word = 2, .score = 3};
    words.bands[1] = (struct score_band){.word = 0, .score = 1};
    assert_false(score_of_word(&words, 1, &score));
    assert_near(score, -1); /* untouched so far */
    assert_true(score_of_word(&words, 2, &score));
    assert_near(score, 3);
    words.otherwise = 2;
    assert_true(score_of_word(&words, 1, &score));
    assert_near(score, 2);
    rule = rule_of(SCORE_BANDS, 0);
    rule.band_count = 2;
    rule.bands[0] = (struct score_band){.comparison = COMPARE_BELOW, .bound = 1, .score = 1};
    rule.bands[1] = (struct score_band){.comparison = COMPARE_AT_MOST, .bound = 1, .score = 2};
    assert_true(score_of_number(&rule, DIRECTION_LOWER, NULL, 1, &score));
    assert_near(score, 2);
    assert_true(score_of_number(&rule, DIRECTION_LOWER, NULL, 0.99, &score));
    assert_near(score, 1);
}

static void combined_and_supplied(void **state) {
    struct score_rule rule = finance_combined(), supplied = rule_of(SCORE_SUPPLIED, 0), none = rule_of(SCORE_NONE, 0);
    double score = -1;
    (void)state;

    assert_false(score_of_number(&rule, DIRECTION_HIGHER, NULL, 1, &score));
    assert_false(score_of_number(&none, DIRECTION_HIGHER, NULL, 1, &score));
    assert_false(score_combined(&rule, 1.5, 2, &score));
    assert_false(score_combined(&rule, 0, 2, &score));
    assert_false(score_combined(&supplied, 1, 2, &score));
    assert_false(score_of_word(&supplied, 0, &score));
    assert_near(score, -1);
    assert_true(score_combined(&rule, 4, 2, &score));
    assert_near(score, 3);
    assert_true(score_combined(&rule, 2, 4, &score));
    assert_near(score, 4);
    assert_true(score_of_number(&supplied, DIRECTION_HIGHER, NULL, 2.345, &score));
    assert_near(score, 2.345);
}

/* ---- Steps 2 to 5 and the league --------------------------------------------------------------- */

static void averages(void **state) {
    const struct score_part parts[] = {{0, 1, 1},       {0, 2, 1.0 / 3}, {0, 3, 1.0 / 3},
                                       {0, 4, 1.0 / 3}, {1, 2.5, 1},     {3, 4, 0}};
    double average = -1;
    (void)state;

    assert_false(score_average(parts, 0, &average));
    assert_false(score_domain(parts, COUNT(parts), 2, &average));
    assert_false(score_domain(parts, COUNT(parts), 3, &average));
    assert_near(average, -1);
    assert_true(score_average(parts, COUNT(parts), &average));
    assert_near(average, (1 + 3 + 2.5) / 3);
    assert_true(score_domain(parts, COUNT(parts), 0, &average));
    assert_near(average, 2);
    assert_true(score_domain(parts, COUNT(parts), 1, &average));
    assert_near(average, 2.5);
}

/* Every half at the third decimal goes up, however its binary fraction falls. */
static void rounding(void **state) {
    (void)state;

    for (int thousandths = 1000; thousandths <= 4000; thousandths++) {
        double exact = thousandths / 1000.0;

        assert_int_equal(score_hundredths(exact), (thousandths + 5) / 10);
        assert_near(score_rounded(exact), ((thousandths + 5) / 10) / 100.0);
    }
    assert_int_equal(score_hundredths((2.34 + 2.35) / 2), 235);
    assert_int_equal(score_hundredths(2.3449999), 234);
}

static void segments(void **state) {
    static const double bounds[3] = {2.05, 2.325, 2.63};
    (void)state;

    assert_int_equal(score_segment(1, bounds), 1);
    assert_int_equal(score_segment(2.05, bounds), 1);
    assert_int_equal(score_segment(2.05 + 5e-10, bounds), 1);
    assert_int_equal(score_segment(2.05 + 5e-9, bounds), 2);
    assert_int_equal(score_segment(2.325, bounds), 2);
    assert_int_equal(score_segment(2.326, bounds), 3);
    assert_int_equal(score_segment(2.63, bounds), 3);
    assert_int_equal(score_segment(4, bounds), 4);
    for (int segment = 1; segment <= 4; segment++) {
        assert_int_equal(score_adjusted(segment, false), segment);
        assert_int_equal(score_adjusted(segment, true), segment < 3 ? 3 : segment);
        assert_int_equal(score_final(segment, false), segment);
        assert_int_equal(score_final(segment, true), 5);
    }
}

static void cuts(void **state) {
    static struct cut_set sets[] = {{.from = 100, .bounds = {1, 2, 3}}, {.from = 200, .bounds = {4, 5, 6}}};
    struct scoring scoring = {.cuts = sets, .cut_count = 2};
    struct ranking *ranking = ranking_create();
    static const double values[] = {1.5, 3, 2, 2.5, 1};
    double bounds[3];
    (void)state;

    assert_null(score_cuts_at(&scoring, 99));
    assert_ptr_equal(score_cuts_at(&scoring, 100), &sets[0]);
    assert_ptr_equal(score_cuts_at(&scoring, 199), &sets[0]);
    assert_ptr_equal(score_cuts_at(&scoring, 200), &sets[1]);
    sets[0].from = OV_DAY_NONE;
    assert_ptr_equal(score_cuts_at(&scoring, -5), &sets[0]);
    for (uint32_t i = 0; i < 5; i++)
        assert_true(ranking_insert(ranking, score_average_key(values[i]), i));
    score_cuts_quartiles(ranking, bounds);
    assert_near(bounds[0], 1.5);
    assert_near(bounds[1], 2);
    assert_near(bounds[2], 2.5);
    assert_true(ranking_insert(ranking, score_average_key(4), 5));
    score_cuts_quartiles(ranking, bounds); /* 1 1.5 2 2.5 3 4: h = 1.25, 2.5, 3.75 */
    assert_near(bounds[0], 1.625);
    assert_near(bounds[1], 2.25);
    assert_near(bounds[2], 2.875);
    ranking_destroy(ranking);
}

static void deficits(void **state) {
    static const bool yes = true, no = false;
    static const double good = 0.3, bad = -0.3, worse = -1;
    (void)state;

    assert_true(score_in_deficit(&yes, &good, &good));
    assert_false(score_in_deficit(&no, &worse, &worse));
    assert_true(score_in_deficit(NULL, &good, &worse));
    assert_false(score_in_deficit(NULL, &good, &bad));
    assert_false(score_in_deficit(NULL, &worse, NULL));
    assert_false(score_in_deficit(NULL, NULL, &worse));
    assert_false(score_in_deficit(NULL, NULL, NULL));
}

static void league(void **state) {
    static const struct {
        int adjusted;
        double average;
        uint32_t rank;
    } rows[] = {{1, 1.5, 1}, {2, 1.4, 2}, {2, 2.104, 3}, {2, 2.1, 3}, {2, 2.105, 5}, {3, 1.2, 6}, {5, 1, 7}};
    struct ranking *ranking = ranking_create();
    (void)state;

    for (uint32_t i = 0; i < COUNT(rows); i++)
        assert_true(ranking_insert(ranking, score_league_key(rows[i].adjusted, rows[i].average), i));
    for (uint32_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(ranking_rank(ranking, score_league_key(rows[i].adjusted, rows[i].average)), rows[i].rank);
    ranking_destroy(ranking);
}

/* Ranks among those failing or passing cost no more than a few searches. */
static void work_is_logarithmic(void **state) {
    struct ranking *ranking = ranking_create();
    struct score_rule rules[] = {rule_of(SCORE_PLAIN, 0), rule_of(SCORE_STANDARD, 4000), rule_of(SCORE_FLOOR, 2000)};
    double score;
    (void)state;

    for (uint32_t i = 0; i < 20000; i++)
        assert_true(ranking_insert(ranking, i % 9973, i));
    for (size_t r = 0; r < COUNT(rules); r++) {
        uint64_t nodes = ranking_work_done(ranking).nodes;

        for (uint32_t i = 0; i < 1000; i++)
            assert_true(score_of_number(&rules[r], DIRECTION_HIGHER, ranking, i * 9, &score));
        assert_true(ranking_work_done(ranking).nodes - nodes <= 1000 * 2 * 6);
    }
    ranking_destroy(ranking);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_ranks),     cmocka_unit_test(standard), cmocka_unit_test(floors),
        cmocka_unit_test(bands_and_words), cmocka_unit_test(averages), cmocka_unit_test(combined_and_supplied),
        cmocka_unit_test(rounding),        cmocka_unit_test(segments), cmocka_unit_test(cuts),
        cmocka_unit_test(deficits),        cmocka_unit_test(league),   cmocka_unit_test(work_is_logarithmic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
