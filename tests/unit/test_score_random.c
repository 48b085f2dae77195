/*
 * Method scores under random histories: the engine, which only follows what a
 * message touches, must after every message say what the oracle says from
 * scratch. So must an engine loaded from what a store would hold, and one that
 * gets the last figures in another order.
 *
 * SEED repeats a run, HISTORIES sets its length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/problems.h"
#include "daemon/engine/engine.h"
#include "daemon/frameworks/framework_file.h"
#include "tests/unit/audited.h"
#include "tests/unit/score_oracle.h"
#include "tests/unit/score_rules.h"
#include "tests/unit/seed.h"

#define ORGS 14
#define MESSAGES 30
#define ITEMS_MAX 24
#define QUARTERS 6
#define FIRST "2024-01-01"
#define TEXT_MAX_SIZE 8192

struct history {
    struct dice *dice;
    struct framework *rules; /* a copy for the oracle and the test */
    struct registry *registry;
    struct oracle oracle;
    struct engine *engine;
    struct changes changes;
    char text[TEXT_MAX_SIZE]; /* of the framework */
    uint64_t seq;
    struct standing reported[ORGS]; /* as of the last time the engine said it had changed */
};

/* ---- Making ------------------------------------------------------------------------ */

static struct framework *parse(const char *text) {
    struct problems *problems = problems_create();
    struct framework *framework = framework_parse("random", text, strlen(text), problems);

    if (!framework)
        fail_msg("%s", problems_format(problems));
    problems_destroy(problems);
    return framework;
}

static void write_rules(struct history *history) {
    struct dice *dice = history->dice;
    bool all = dice_below(dice, 3) == 0;

    snprintf(history->text, sizeof(history->text),
             "%sminimum_peers = %u; coverage = %s;\nscores = { frequency = \"quarter\"; cut = %s;\n"
             "applies_to = [\"a\", \"b\"%s]; deficit_flag = \"deficit\"; deficit_planned = \"planned\";\n"
             "deficit_variance = \"variance\"; recovery_flag = \"recovery\"; };\n",
             SCORE_RULES, 2 + dice_below(dice, 3), dice_below(dice, 2) ? "0.8" : "0.4", SCORE_CUTS[dice_below(dice, 3)],
             all ? ", \"c\"" : "");
}

static ov_day some_month(struct dice *dice) {
    ov_day first = 0;

    date_parse(FIRST, strlen(FIRST), &first);
    return period_add(FREQUENCY_MONTH, first, (int)dice_below(dice, QUARTERS * 3));
}

static struct registry *make_registry(uint64_t seed) {
    static char types[3][2] = {"a", "b", "c"}, empty[] = "";
    struct dice dice = {seed};
    struct registry *registry = registry_create();

    for (int i = 0; i < ORGS; i++) {
        struct organisation organisation = {.name = types[0],
                                            .type = types[dice_below(&dice, 8) % 3],
                                            .subtype = empty,
                                            .region = empty,
                                            .group = empty,
                                            .predecessors = empty,
                                            .opened = dice_below(&dice, 6) ? OV_DAY_NONE : some_month(&dice),
                                            .closed = dice_below(&dice, 6) ? OV_DAY_NONE : some_month(&dice) + 14};

        snprintf(organisation.code, sizeof(organisation.code), "R%02d", i % 100);
        assert_int_equal(registry_add(registry, &organisation), REGISTRY_OK);
    }
    return registry;
}

/* ---- Figures ------------------------------------------------------------------------- */

/* The figure as the oracle keeps it. */
static double number_of(const struct measure *measure, const struct value *value) {
    if (value->type == VALUE_WORD) {
        for (size_t i = 0; i < measure->word_count; i++) {
            if (text_equal(value->word, measure->words[i]))
                return (double)i;
        }
    }
    if (value->type == VALUE_BOOLEAN)
        return value->boolean;
    return value->type == VALUE_NUMBER ? value->number : (double)NAN;
}

static void random_item(struct history *history, struct item *item, int newest_quarter) {
    static const char *const WORDS[] = {"good", "fair", "poor"};
    struct dice *dice = history->dice;
    size_t m = dice_below(dice, (uint32_t)history->rules->measure_count);
    const struct measure *measure = &history->rules->measures[m];
    uint32_t quarter = (uint32_t)newest_quarter, org = dice_below(dice, ORGS);

    if (dice_below(dice, 4) == 0)
        quarter = dice_below(dice, quarter + 1); /* late */
    *item = (struct item){
        .kind = ITEM_FIGURE, .seq = ++history->seq, .org = text_of(registry_at(history->registry, org)->code)};
    item->figure.measure = text_of(measure->id);
    item->figure.period =
        history->oracle.months[quarter * 3 + (measure->frequency == FREQUENCY_MONTH ? dice_below(dice, 3) : 0)];
    if (dice_below(dice, 7) == 0)
        return; /* VALUE_NULL: withdrawn */
    item->figure.value.type = measure->kind == MEASURE_NUMBER ? VALUE_NUMBER
                              : measure->kind == MEASURE_FLAG ? VALUE_BOOLEAN
                                                              : VALUE_WORD;
    if (measure->kind == MEASURE_FLAG)
        item->figure.value.boolean = dice_below(dice, 3) == 0;
    else if (measure->kind == MEASURE_RATING)
        item->figure.value.word = text_of(WORDS[dice_below(dice, 3)]);
    else if (measure->score.kind == SCORE_SUPPLIED)
        item->figure.value.number = 1 + dice_below(dice, 301) / 100.0;
    else if (measure->score.kind == SCORE_BANDS)
        item->figure.value.number = (double)dice_below(dice, 12) - 6;
    else
        item->figure.value.number = dice_below(dice, 10);
}

static void take_items(struct history *history, const struct message *message) {
    for (size_t i = 0; i < message->count; i++) {
        const struct item *item = &message->items[i];
        uint16_t m = framework_measure(history->rules, item->figure.measure);
        uint32_t org = registry_find(history->registry, item->org);

        if (history->changes.outcomes[i] == OUTCOME_ACCEPTED)
            oracle_set(&history->oracle, m, org, item->figure.period,
                       number_of(&history->rules->measures[m], &item->figure.value));
        else
            assert_int_equal(history->changes.outcomes[i], OUTCOME_REFUSED);
    }
}

/* ---- Comparing ------------------------------------------------------------------------- */

static bool near(double a, double b) {
    return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-12;
}

static void compare_scores(const struct history *history, const struct engine *engine, uint32_t org,
                           const struct oracle_row *row) {
    for (uint16_t m = 0; m < history->rules->measure_count; m++) {
        double score = (double)NAN;

        engine_metric_score(engine, 0, org, m, &score);
        if (!near(score, row->metrics[m]))
            fail_msg("organisation %u: score %.17g on %s, expected %.17g", org, score, history->rules->measures[m].id,
                     row->metrics[m]);
    }
    for (uint16_t t = 0; t < history->rules->theme_count; t++) {
        double score = (double)NAN;

        engine_domain_score(engine, 0, org, t, &score);
        assert_true(near(score, row->domains[t]));
    }
}

static void compare(struct history *history, const struct engine *engine) {
    static struct oracle_row rows[ORACLE_ORGS];

    oracle_find(&history->oracle, rows);
    for (uint32_t org = 0; org < ORGS; org++) {
        struct standing standing;

        engine_standing(engine, 0, org, &standing);
        compare_scores(history, engine, org, &rows[org]);
        if (standing.indicative != rows[org].segment || standing.score.scored != rows[org].scored ||
            standing.score.unknown != rows[org].unknown || !near(standing.score.average, rows[org].average) ||
            standing.score.unadjusted != rows[org].unadjusted || standing.score.adjusted != rows[org].adjusted ||
            standing.score.rank != rows[org].rank || standing.score.n != rows[org].n)
            fail_msg("organisation %u: segment %d scored %d unknown %d average %.17g unadjusted %d adjusted %d rank %u "
                     "of %u, expected %d %d %d %.17g %d %d %u of %u",
                     org, standing.indicative, standing.score.scored, standing.score.unknown, standing.score.average,
                     standing.score.unadjusted, standing.score.adjusted, standing.score.rank, standing.score.n,
                     rows[org].segment, rows[org].scored, rows[org].unknown, rows[org].average, rows[org].unadjusted,
                     rows[org].adjusted, rows[org].rank, rows[org].n);
    }
}

/* Each move among the bad segments has its one alert, and whatever has changed is reported for storing. */
static void check_reports(struct history *history, bool quiet) {
    struct standing before[ORGS];
    int moves[ORGS] = {0};

    memcpy(before, history->reported, sizeof(before));
    for (size_t i = 0; i < history->changes.alert_count; i++) {
        const struct alert *alert = history->changes.alerts[i];
        uint32_t org = registry_find(history->registry, text_of(alert->organisation->code));

        if (alert->kind != ALERT_SEGMENT_WORSENED && alert->kind != ALERT_SEGMENT_IMPROVED)
            continue;
        moves[org]++;
        assert_int_equal(alert->before, before[org].indicative);
        assert_true(alert->attribution != ATTRIBUTION_NONE);
    }
    for (size_t i = 0; i < history->changes.verdict_count; i++)
        engine_standing(history->engine, 0, history->changes.verdicts[i].org,
                        &history->reported[history->changes.verdicts[i].org]);
    for (uint32_t org = 0; org < ORGS; org++) {
        const struct standing *reported = &history->reported[org];
        struct standing now;
        bool moved;

        engine_standing(history->engine, 0, org, &now);
        assert_int_equal(now.indicative, reported->indicative);
        assert_int_equal(now.score.scored, reported->score.scored);
        assert_int_equal(now.score.unknown, reported->score.unknown);
        assert_true(near(now.score.average, reported->score.average));
        assert_int_equal(now.score.unadjusted, reported->score.unadjusted);
        assert_int_equal(now.score.adjusted, reported->score.adjusted);
        moved = now.indicative != before[org].indicative && (now.indicative >= 3 || before[org].indicative >= 3);
        assert_int_equal(moves[org], moved && !quiet && !now.closed);
    }
}

/* ---- Steps of a history -------------------------------------------------------------------- */

static void send(struct history *history, int quarter) {
    struct item items[ITEMS_MAX];
    struct message message = {
        .source = text_of("test"), .items = items, .baseline = dice_below(history->dice, 10) == 0};

    message.count = 1 + dice_below(history->dice, dice_below(history->dice, 3) ? 4 : ITEMS_MAX);
    for (size_t i = 0; i < message.count; i++)
        random_item(history, &items[i], quarter);
    engine_apply(history->engine, &message, 0, &history->changes);
    assert_int_equal(audited_differences(history->engine), 0);
    take_items(history, &message);
    check_reports(history, message.baseline);
}

static void tick(struct history *history) {
    ov_day date = history->oracle.date == OV_DAY_NONE
                      ? history->oracle.months[2]
                      : history->oracle.date + 1 + (ov_day)dice_below(history->dice, 60);

    history->oracle.date = date;
    engine_tick(history->engine, date, 0, &history->changes);
    assert_int_equal(audited_differences(history->engine), 0);
    check_reports(history, false);
}

struct copy {
    struct engine *to;
    const struct registry *registry;
    size_t figures, columns;
};

static void copy_figure(void *context, const struct figure_change *figure) {
    struct copy *copy = context;

    assert_true(engine_load_figure(copy->to, text_of(figure->measure), figure->period,
                                   text_of(registry_at(copy->registry, figure->org)->code), &figure->value,
                                   figure->revision));
    copy->figures++;
}

static void count_column(void *context, const char *measure, ov_day period) {
    struct copy *copy = context;

    (void)measure;
    (void)period;
    copy->columns++;
}

/* Ends the engine and starts another from what a store would hold: the same board, and nothing to say. */
static void restart(struct history *history, uint64_t registry_seed) {
    struct framework *framework = parse(history->text);
    struct engine *engine = engine_create(make_registry(registry_seed), &framework, 1);
    struct copy copy = {engine, history->registry, 0, 0};

    if (history->oracle.date != OV_DAY_NONE)
        engine_load_date(engine, history->oracle.date);
    engine_load_source(engine, text_of("test"), history->seq);
    struct figure_cursor cursor = FIGURE_CURSOR_START;
    while (engine_figures_next(history->engine, &cursor, 1 + dice_below(history->dice, 50), count_column, copy_figure,
                               &copy))
        continue;
    assert_true(copy.columns || !copy.figures);
    for (uint32_t org = 0; org < ORGS; org++)
        assert_true(
            engine_load_verdict(engine, 0, org, engine_verdict_state(history->engine, 0, org, &history->changes)));
    engine_set_alert_id(engine, engine_last_alert_id(history->engine));
    engine_loaded(engine, true, 0, &history->changes);
    assert_int_equal(history->changes.alert_count, 0);
    assert_int_equal(history->changes.verdict_count, 0);
    engine_destroy(history->engine);
    history->engine = engine;
    for (uint32_t org = 0; org < ORGS; org++) /* the texts and arrays of the old engine are gone */
        engine_standing(engine, 0, org, &history->reported[org]);
}

struct shuffled {
    struct figure_change figures[8192];
    size_t count;
};

static void collect(void *context, const struct figure_change *figure) {
    struct shuffled *all = context;

    assert_true(all->count < sizeof(all->figures) / sizeof(all->figures[0]));
    all->figures[all->count++] = *figure;
}

/* The same last figures in any order end in the same board. */
static void another_order(struct history *history, uint64_t registry_seed) {
    struct framework *framework = parse(history->text);
    struct engine *engine = engine_create(make_registry(registry_seed), &framework, 1);
    struct shuffled *all = calloc(1, sizeof(*all));

    assert_non_null(all);
    engine_figures(history->engine, collect, all);
    if (history->oracle.date != OV_DAY_NONE)
        engine_tick(engine, history->oracle.date, 0, &history->changes);
    for (size_t left = all->count; left > 0; left--) {
        size_t at = dice_below(history->dice, (uint32_t)left);
        const struct figure_change *figure = &all->figures[at];
        struct item item = {.kind = ITEM_FIGURE, .org = text_of(registry_at(history->registry, figure->org)->code)};
        struct message message = {.source = text_of("other"), .items = &item, .count = 1};

        item.seq = all->count - left + 1;
        item.figure.measure = text_of(figure->measure);
        item.figure.period = figure->period;
        item.figure.value = figure->value;
        engine_apply(engine, &message, 0, &history->changes);
        assert_int_equal(history->changes.accepted, 1);
        all->figures[at] = all->figures[left - 1];
    }
    compare(history, engine);
    free(all);
    engine_destroy(engine);
}

static void one_history(struct dice *dice) {
    struct history history = {.dice = dice};
    uint64_t registry_seed = dice_next(dice);
    struct framework *framework;
    ov_day first = 0;

    write_rules(&history);
    history.rules = parse(history.text);
    history.registry = make_registry(registry_seed);
    assert_true(date_parse(FIRST, strlen(FIRST), &first));
    oracle_init(&history.oracle, history.rules, history.registry, first);
    framework = parse(history.text);
    history.engine = engine_create(make_registry(registry_seed), &framework, 1);
    changes_init(&history.changes);
    for (uint32_t org = 0; org < ORGS; org++)
        engine_standing(history.engine, 0, org, &history.reported[org]);
    for (int i = 0; i < MESSAGES; i++) {
        if (dice_below(dice, 12) == 0)
            tick(&history);
        else
            send(&history, i * QUARTERS / MESSAGES);
        compare(&history, history.engine);
        if (dice_below(dice, 15) == 0)
            restart(&history, registry_seed);
    }
    another_order(&history, registry_seed);
    changes_finish(&history.changes);
    engine_destroy(history.engine);
    registry_destroy(history.registry);
    framework_destroy(history.rules);
}

static void random_histories(void **state) {
    struct dice dice = dice_from_environment("test_score_random");
    const char *text = getenv("HISTORIES");
    unsigned long histories = text ? strtoul(text, NULL, 10) : 1000;
    (void)state;

    for (unsigned long i = 0; i < histories; i++) {
        struct dice own = {dice_next(&dice)};

        one_history(&own);
    }
    printf("%lu histories of %d messages\n", histories, MESSAGES);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_histories)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
