/*
 * What is pending for a step against a slow twin: every figure once, with its newest
 * value, and nothing left behind when it has been drained.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/pending.h"
#include "tests/unit/seed.h"

#define ORGS 30
#define MEASURES 4
#define PERIODS 3

static const char *const measures[MEASURES] = {"ae-4h", "rtt-52w", "a", "cqc"};

struct twin {
    struct {
        bool noted;
        double number;
        char word[16];
        uint32_t revision;
    } figures[MEASURES][PERIODS][ORGS];
    bool verdicts[2][ORGS];
    uint64_t sources[2];
    size_t count, visited;
    char last[32]; /* measure and period that are visited */
    char seen[MEASURES * PERIODS + 1][32];
    size_t seen_count;
};

static int measure_index(const char *measure) {
    for (int i = 0; i < MEASURES; i++)
        if (!strcmp(measure, measures[i]))
            return i;
    fail_msg("measure \"%s\"", measure);
    return 0;
}

/* Those of a measure and period come together: none comes back later. */
static void visit_column(void *context, const char *measure, ov_day period) {
    struct twin *twin = context;
    snprintf(twin->last, sizeof twin->last, "%s %d", measure, period);
    for (size_t i = 0; i < twin->seen_count; i++)
        assert_string_not_equal(twin->last, twin->seen[i]);
    snprintf(twin->seen[twin->seen_count++], sizeof twin->seen[0], "%s", twin->last);
}

static void check_column(const struct twin *twin, const struct figure_change *figure) {
    char column[32];
    snprintf(column, sizeof column, "%s %d", figure->measure, figure->period);
    assert_string_equal(column, twin->last);
}

static void visit_figure(void *context, const struct figure_change *figure) {
    struct twin *twin = context;
    int measure = measure_index(figure->measure), period = figure->period - 100;
    check_column(twin, figure);
    assert_true(twin->figures[measure][period][figure->org].noted);
    assert_int_equal(figure->revision, twin->figures[measure][period][figure->org].revision);
    if (figure->value.type == VALUE_WORD)
        assert_true(text_equal(figure->value.word, twin->figures[measure][period][figure->org].word));
    else
        assert_true(figure->value.number == twin->figures[measure][period][figure->org].number);
    twin->figures[measure][period][figure->org].noted = false;
    twin->visited++;
}

static void visit_verdict(void *context, uint16_t framework, uint32_t org) {
    struct twin *twin = context;
    assert_true(twin->verdicts[framework][org]);
    twin->verdicts[framework][org] = false;
    twin->visited++;
}

static void visit_source(void *context, const char *source, uint64_t last) {
    struct twin *twin = context;
    int index = source[0] - 'a';
    assert_int_equal(last, twin->sources[index]);
    twin->sources[index] = 0;
}

static const struct pending_visitor visitor = {visit_column, visit_figure, visit_verdict, visit_source};

static void note(struct pending *pending, struct twin *twin) {
    int measure = rand() % MEASURES, period = rand() % PERIODS, org = rand() % ORGS;
    char word[16];
    struct figure_change figure = {
        .measure = measures[measure], .period = 100 + period, .org = (uint32_t)org, .revision = (uint32_t)rand()};
    snprintf(word, sizeof word, "w%d", rand());
    if (measure == 3)
        figure.value = (struct value){.type = VALUE_WORD, .word = text_of(word)};
    else
        figure.value = (struct value){.type = VALUE_NUMBER, .number = rand()};
    pending_figure(pending, &figure);
    twin->count += !twin->figures[measure][period][org].noted;
    twin->figures[measure][period][org].noted = true;
    twin->figures[measure][period][org].number = figure.value.type == VALUE_NUMBER ? figure.value.number : 0;
    snprintf(twin->figures[measure][period][org].word, sizeof word, "%s", word);
    twin->figures[measure][period][org].revision = figure.revision;
}

static void test_random_steps(void **state) {
    unsigned seed = (unsigned)seed_from_environment();
    struct pending *pending = pending_create();
    struct twin *twin = calloc(1, sizeof *twin);

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    assert_non_null(twin);
    for (int step = 0; step < 400; step++) {
        int updates = step % 7 == 0 ? 3000 : rand() % 40;
        for (int i = 0; i < updates; i++)
            note(pending, twin);
        for (int i = rand() % 5; i > 0; i--) {
            int framework = rand() % 2, org = rand() % ORGS;
            pending_verdict(pending, (uint16_t)framework, (uint32_t)org);
            twin->count += !twin->verdicts[framework][org];
            twin->verdicts[framework][org] = true;
        }
        for (int i = rand() % 3; i > 0; i--) {
            int source = rand() % 2;
            twin->sources[source] = 1 + (uint64_t)rand();
            pending_source(pending, text_of(source ? "b" : "a"), twin->sources[source]);
        }
        assert_int_equal(pending_count(pending), twin->count);
        pending_drain(pending, &visitor, twin);
        assert_int_equal(twin->visited, twin->count);
        assert_int_equal(pending_count(pending), 0);
        assert_int_equal(twin->sources[0] + twin->sources[1], 0);
        twin->count = twin->visited = twin->seen_count = 0;
        twin->last[0] = '\0';
    }
    free(twin);
    pending_destroy(pending);
}

static void test_destroyed_full(void **state) {
    struct pending *pending = pending_create();
    const struct figure_change figure = {.measure = "cqc", .value = {.type = VALUE_WORD, .word = {"good", 4}}};

    (void)state;
    pending_figure(pending, &figure);
    pending_destroy(pending); /* the sanitizers say whether the word is gone */
    pending_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_steps),
        cmocka_unit_test(test_destroyed_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
