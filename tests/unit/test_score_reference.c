/* Scores, averages and segments against the official 2025/26 results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/score.h"
#include "tests/unit/finance.h"
#include "tests/unit/shared.h"

#define QUARTERS 3
#define ROWS_MAX 200
#define FILE_NAME "nof_2025_26_q1_q3_wide.csv"

static const char *const QUARTER_NAMES[QUARTERS] = {"Q1 2025/26", "Q2 2025/26", "Q3 2025/26"};

/* Published cuts lie between these means of published scores. */
static const double GAPS[QUARTERS][3][2] = {
    {{2.0438, 2.0592}, {2.3184, 2.3320}, {2.6023, 2.6533}},
    {{2.0619, 2.0700}, {2.3373, 2.3525}, {2.6430, 2.6889}},
    {{2.0667, 2.0745}, {2.3500, 2.3600}, {2.7000, 2.7100}},
};

/* OF1080 stands in the average in place of OF1079 and OF1081. */
static const char *const AVERAGED[] = {"score_OF1005", "score_OF1016", "score_OF1035", "score_OF1041",
                                       "score_OF1057", "score_OF1061", "score_OF1063", "score_OF1067",
                                       "score_OF1080", "score_OF1082", "score_OF1084", "score_OF1086"};

static int quarter_of(const struct shared_csv *csv) {
    for (int q = 0; q < QUARTERS; q++) {
        if (strcmp(shared_field(csv, "quarter"), QUARTER_NAMES[q]) == 0)
            return q;
    }
    fail_msg("unknown quarter %s", shared_field(csv, "quarter"));
    return -1;
}

/* False for an empty cell. */
static bool number(const struct shared_csv *csv, const char *column, double *ret_number) {
    const char *text = shared_field(csv, column);

    if (*text == '\0')
        return false;
    *ret_number = strtod(text, NULL);
    return true;
}

static double average_of(const struct shared_csv *csv) {
    struct score_part parts[sizeof(AVERAGED) / sizeof(AVERAGED[0])];
    size_t count = 0;
    double average = 0;

    for (size_t i = 0; i < sizeof(AVERAGED) / sizeof(AVERAGED[0]); i++) {
        if (number(csv, AVERAGED[i], &parts[count].score)) {
            parts[count].theme = 0;
            parts[count++].weight = 1;
        }
    }
    assert_true(score_average(parts, count, &average));
    return average;
}

static void segments_of_three_quarters(void **state) {
    static struct cut_set sets[QUARTERS];
    struct scoring scoring = {.cuts = sets, .cut_count = QUARTERS};
    int rows = 0, averages = 0, unadjusted = 0, adjusted = 0, final = 0, finals = 0;
    struct shared_csv csv;
    (void)state;

    for (int q = 0; q < QUARTERS; q++) {
        sets[q].from = 90 * q;
        for (int cut = 0; cut < 3; cut++)
            sets[q].bounds[cut] = (GAPS[q][cut][0] + GAPS[q][cut][1]) / 2;
    }
    if (!shared_open(&csv, FILE_NAME))
        skip();
    for (; shared_next(&csv); rows++) {
        double average = average_of(&csv), published = 0, official = 0, override = 0, recovery = 0;
        const struct cut_set *cuts = score_cuts_at(&scoring, 90 * quarter_of(&csv));
        int before = score_segment(average, cuts->bounds), after;
        bool flag;

        assert_true(number(&csv, "average_metric_score_OF5002", &published));
        averages += fabs(average - published) <= 0.01;
        assert_true(number(&csv, "unadjusted_segment_OF5003", &official));
        unadjusted += before == (int)official;
        assert_true(number(&csv, "financial_override_OF5004", &override));
        flag = override > 0;
        after = score_adjusted(before, score_in_deficit(&flag, NULL, NULL));
        assert_true(number(&csv, "adjusted_segment_OF5000", &official));
        adjusted += after == (int)official;
        if (!number(&csv, "final_segment_OF5005", &official)) /* none in the third quarter */
            continue;
        finals++;
        number(&csv, "in_rsp_OF5007", &recovery);
        final += score_final(after, recovery > 0) == (int)official;
    }
    shared_close(&csv);
    printf("%d rows: %d averages, %d unadjusted, %d adjusted, %d of %d final segments agree\n", rows, averages,
           unadjusted, adjusted, final, finals);
    assert_int_equal(rows, 183);
    assert_int_equal(averages, rows);
    assert_int_equal(unadjusted, rows);
    assert_int_equal(adjusted, rows);
    assert_int_equal(finals, 122);
    assert_int_equal(final, finals);
}

static void finance(void **state) {
    struct score_rule planned_rule = finance_planned(), variance_rule = finance_variance(),
                      combined_rule = finance_combined();
    struct shared_csv csv;
    int rows = 0, equal = 0;
    (void)state;

    if (!shared_open(&csv, FILE_NAME))
        skip();
    for (; shared_next(&csv); rows++) {
        double planned = 0, variance = 0, both = 0, official[3] = {0};

        assert_true(number(&csv, "value_OF0079", &planned) && number(&csv, "value_OF0081", &variance));
        assert_true(number(&csv, "score_OF1079", &official[0]) && number(&csv, "score_OF1081", &official[1]) &&
                    number(&csv, "score_OF1080", &official[2]));
        assert_true(score_of_number(&planned_rule, DIRECTION_HIGHER, NULL, planned, &planned));
        assert_true(score_of_number(&variance_rule, DIRECTION_HIGHER, NULL, variance, &variance));
        assert_true(score_combined(&combined_rule, planned, variance, &both));
        equal += fabs(planned - official[0]) < 1e-9 && fabs(variance - official[1]) < 1e-9 &&
                 fabs(both - official[2]) < 1e-9;
    }
    shared_close(&csv);
    printf("%d of %d rows: finance scores equal\n", equal, rows);
    assert_int_equal(rows, 183);
    assert_int_equal(equal, rows);
}

struct column {
    uint32_t count;
    double values[ROWS_MAX], scores[ROWS_MAX];
    bool scored[ROWS_MAX];
    struct ranking *ranking;
};

/* The figures of one measure and quarter, ranked. False when the data are absent. */
static bool read_column(struct column *column, int quarter, const char *value, const char *score) {
    struct shared_csv csv;

    if (!shared_open(&csv, FILE_NAME))
        return false;
    column->count = 0;
    column->ranking = ranking_create();
    while (shared_next(&csv)) {
        uint32_t i = column->count;

        if (quarter_of(&csv) != quarter || !number(&csv, value, &column->values[i]))
            continue;
        column->scored[i] = number(&csv, score, &column->scores[i]);
        assert_true(ranking_insert(column->ranking, column->values[i], i));
        column->count++;
    }
    shared_close(&csv);
    return true;
}

/* The worst distance from the official score, in steps of one rank. */
static double worst_steps(const struct column *column) {
    struct score_rule rule = {.kind = SCORE_PLAIN, .weight = 1};
    double worst = 0, score = 0;

    for (uint32_t i = 0; i < column->count; i++) {
        if (!column->scored[i])
            continue;
        assert_true(score_of_number(&rule, DIRECTION_HIGHER, column->ranking, column->values[i], &score));
        worst = fmax(worst, fabs(score - column->scores[i]) * (column->count - 1) / 3);
    }
    return worst;
}

/* Published figures carry two decimals, scores were computed on more, so ties
 * here may be apart there; published scores carry two decimals as well. */
static void staff_survey(void **state) {
    static const char *const columns[][2] = {{"value_OF0061", "score_OF1061"}, {"value_OF0084", "score_OF1084"}};
    static struct column column;
    (void)state;

    for (size_t c = 0; c < 2; c++) {
        for (int q = 0; q < QUARTERS; q++) {
            if (!read_column(&column, q, columns[c][0], columns[c][1]))
                skip();
            double worst = worst_steps(&column);

            printf("%s %s: %u report, at most %.2f rank steps apart\n", QUARTER_NAMES[q], columns[c][0], column.count,
                   worst);
            assert_int_equal(column.count, 61);
            assert_true(worst <= 3 + 0.005 * 60 / 3);
            ranking_destroy(column.ranking);
        }
    }
}

/* Urgent community response within 2 hours: below 70 is 4, and nothing else is. */
static void response_floor(void **state) {
    struct score_rule rule = {.kind = SCORE_FLOOR, .weight = 1, .parameter = 70};
    static struct column column;
    (void)state;

    for (int q = 0; q < QUARTERS; q++) {
        if (!read_column(&column, q, "value_OF0057", "score_OF1057"))
            skip();
        for (uint32_t i = 0; i < column.count; i++) {
            double score = 0;

            if (!column.scored[i])
                continue;
            assert_true(score_of_number(&rule, DIRECTION_HIGHER, column.ranking, column.values[i], &score));
            assert_int_equal(score > 3.5, column.scores[i] > 3.5);
        }
        ranking_destroy(column.ranking);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_of_three_quarters),
        cmocka_unit_test(finance),
        cmocka_unit_test(staff_survey),
        cmocka_unit_test(response_floor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
