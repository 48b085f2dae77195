/* The audit of the engine: an engine left alone has no differences, and whatever is spoilt in one is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/problems.h"
#include "daemon/engine/engine_audit.h"
#include "daemon/engine/engine_state.h"
#include "daemon/engine/mem.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"

#define ORGS 12
#define PERIODS 14
#define NOW 1620000000000

static const char triggers_text[] =
    "id = \"t\"; name = \"T\"; method = \"triggers\"; minimum_peers = 4; types = [\"acute\"]; themes = [\"x\"];\n"
    "segments = ( { number = 1; name = \"one\"; }, { number = 2; name = \"two\"; },\n"
    "  { number = 3; name = \"three\"; consequence = \"c\"; }, { number = 4; name = \"four\"; consequence = \"d\"; } "
    ");\n"
    "measures = ( { id = \"wait\"; name = \"W\"; theme = \"x\"; unit = \"u\"; kind = \"number\"; direction = "
    "\"higher\";\n"
    "    frequency = \"month\"; key = true; } );\n"
    "triggers = ( { id = \"low\"; title = \"low\"; segment = 3; signal = \"bottom_quartile\"; key = true; } );\n";

static const char scores_text[] =
    "id = \"s\"; name = \"S\"; method = \"scores\"; minimum_peers = 4; types = [\"acute\"]; themes = [\"x\"];\n"
    "segments = ( { number = 1; name = \"one\"; }, { number = 2; name = \"two\"; },\n"
    "  { number = 3; name = \"three\"; consequence = \"c\"; }, { number = 4; name = \"four\"; consequence = \"d\"; } "
    ");\n"
    "measures = ( { id = \"wait\"; name = \"W\"; theme = \"x\"; unit = \"u\"; kind = \"number\"; direction = "
    "\"higher\";\n"
    "    frequency = \"month\"; score = { kind = \"plain\"; }; } );\n"
    "scores = { frequency = \"month\"; applies_to = [\"acute\"]; cut = [2.0, 2.5, 3.0]; };\n";

struct bench {
    struct engine *engine;
    struct changes changes;
    size_t differences;
    char found[4096]; /* what was reported, a line each */
};

static void report(void *context, const char *subject, const char *text) {
    struct bench *bench = context;
    size_t len = strlen(bench->found);

    bench->differences++;
    snprintf(bench->found + len, sizeof bench->found - len, "%s: %s\n", subject, text);
}

static void audit(struct bench *bench) {
    struct engine_audit *audit = engine_audit_create(bench->engine, report, bench);

    bench->differences = 0;
    bench->found[0] = '\0';
    while (engine_audit_step(audit))
        continue;
    assert_int_equal(engine_audit_organisations(audit), 2 * ORGS);
    assert_false(engine_audit_step(audit));
    engine_audit_destroy(audit);
}

static void expect(struct bench *bench, const char *line) {
    audit(bench);
    if (!strstr(bench->found, line))
        fail_msg("'%s' was not found, but %s", line, bench->found);
}

static void clean(struct bench *bench) {
    audit(bench);
    if (bench->differences)
        fail_msg("%s", bench->found);
}

static struct framework *framework(const char *text) {
    struct problems *problems = problems_create();
    struct framework *framework = framework_parse("test", text, strlen(text), problems);

    if (!framework)
        fail_msg("%s", problems_format(problems));
    problems_destroy(problems);
    return framework;
}

static struct registry *registry(void) {
    struct problems *problems = problems_create();
    struct registry *registry;
    char text[2048] = "code,name,type,subtype,region,system,group,opened,closed,successor,predecessors\n";
    size_t len = strlen(text);

    for (int i = 0; i < ORGS; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "A%02d,Org %d,acute,,North,,,,,,\n", i, i);
    registry = registry_parse("test", text, len, problems);
    assert_non_null(registry);
    problems_destroy(problems);
    return registry;
}

/* A year and more of figures; the last organisation falls at its end and is far below the others. */
static void fill(struct bench *bench) {
    struct item items[ORGS * PERIODS + 1];
    char codes[ORGS][ORG_CODE_MAX + 1];
    struct message message = {.source = TEXT_OF("test"), .items = items};
    ov_day first;

    date_from_civil(2020, 1, 1, &first);
    for (int org = 0; org < ORGS; org++)
        for (int p = 0; p < PERIODS; p++) {
            snprintf(codes[org], sizeof codes[org], "A%02d", org % 100);
            items[message.count] =
                (struct item){.kind = ITEM_FIGURE, .seq = message.count + 1, .org = text_of(codes[org])};
            items[message.count++].figure = (struct figure_item){
                .measure = TEXT_OF("wait"),
                .period = period_add(FREQUENCY_MONTH, first, p),
                .value = {.type = VALUE_NUMBER,
                          .number = 90 - org + p % 2 - (org == ORGS - 1 && p == PERIODS - 1 ? 60 : 0)}};
        }
    items[message.count] = (struct item){.kind = ITEM_DECISION, .seq = message.count + 1, .org = TEXT_OF("A03")};
    items[message.count++].decision =
        (struct decision_item){.segment = 4, .effective = first, .decided_by = TEXT_OF("x"), .reason = TEXT_OF("y")};
    engine_tick(bench->engine, first + 500, NOW, &bench->changes);
    engine_apply(bench->engine, &message, NOW, &bench->changes);
    assert_int_equal(bench->changes.accepted, message.count);
}

static int set_up(void **state) {
    struct bench *bench = mem_alloc(1, sizeof *bench);
    struct framework *frameworks[] = {framework(triggers_text), framework(scores_text)};

    bench->engine = engine_create(registry(), frameworks, 2);
    changes_init(&bench->changes);
    fill(bench);
    *state = bench;
    return 0;
}

static int tear_down(void **state) {
    struct bench *bench = *state;

    changes_finish(&bench->changes);
    engine_destroy(bench->engine);
    free(bench);
    return 0;
}

static struct verdict *verdict_of(struct bench *bench, int framework, int org) {
    return &bench->engine->assessments[framework]->verdicts[org];
}

static struct column *newest(struct bench *bench) {
    struct figures *figures = bench->engine->assessments[0]->figures[0];

    return figures->columns[figures->count - 1];
}

static void intact(void **state) {
    clean(*state);
    assert_int_equal(verdict_of(*state, 0, ORGS - 1)->segment, 3); /* there is something to be wrong about */
    assert_int_equal(verdict_of(*state, 0, ORGS - 1)->drop_count, 1);
    assert_int_equal(verdict_of(*state, 0, 3)->official, 4);
    assert_true(verdict_of(*state, 1, 0)->score.scored);
}

static void spoilt_verdicts(void **state) {
    struct bench *bench = *state;
    struct verdict *verdict = verdict_of(bench, 0, ORGS - 1), before = *verdict;

    verdict->segment = 2;
    expect(bench, "t/A11: segment is 2, recomputed 3\n");
    assert_int_equal(bench->differences, 1);
    *verdict = before;
    verdict->on = 0;
    expect(bench, "t/A11: trigger low is not on, recomputed on\n");
    *verdict = before;
    verdict->unknown = 1;
    expect(bench, "t/A11: trigger low is unknown, recomputed not unknown\n");
    *verdict = before;
    verdict->met = 1;
    expect(bench, "t/A11: conditions for segment 1 met are 0x1, recomputed 0\n");
    *verdict = before;
    verdict->drop_count = 0;
    expect(bench, "t/A11: the newest figure of wait is a dramatic drop that is not on record\n");
    *verdict = before;
    verdict_set_missing(verdict, 0, true);
    expect(bench, "t/A11: wait is missing, recomputed not missing\n");
    verdict_set_missing(verdict, 0, false);
    clean(bench);
}

static void spoilt_drops(void **state) {
    struct bench *bench = *state;
    struct drop_record record = {.occurrence = 1, .period = newest(bench)->period, .state = DROP_OPEN};

    verdict_add_drop(verdict_of(bench, 0, 0), &record);
    expect(bench, "t/A00: a dramatic drop in wait, 2021-02-01, is on record that the figures do not show\n");
    verdict_of(bench, 0, 0)->drop_count = 0;
    clean(bench);
}

static void spoilt_decisions(void **state) {
    struct bench *bench = *state;
    struct verdict *verdict = verdict_of(bench, 0, 3);

    verdict->official = 2;
    expect(bench, "t/A03: official segment is 2, by the decisions 4\n");
    verdict->official = 4;
    verdict->decisions[0].applied = false;
    expect(bench, "t/A03: decision test/169 is not in force, recomputed in force\n");
    verdict->decisions[0].applied = true;
    clean(bench);
}

static void spoilt_rankings(void **state) {
    struct bench *bench = *state;
    struct column *column = newest(bench);
    struct table *table = &column->tables[0], before = *table;
    struct figures *figures = bench->engine->assessments[0]->figures[0];
    double value = column->values[0];

    column->values[0] = 1;
    expect(bench, "t/wait: period 2021-02-01: the order in peer set 0 is not that of the figures\n");
    column->values[0] = value;
    table->bands.quartile += 1;
    expect(bench, "t/wait: period 2021-02-01: the bands of peer set 0 end at ");
    *table = before;
    assert_true(ranking_remove(table->ranking, value, 0));
    expect(bench, "t/wait: period 2021-02-01: 11 are ranked in peer set 0, recomputed 12\n");
    assert_true(ranking_insert(table->ranking, value, 0));
    table->ordinal = 3;
    expect(bench, "t/wait: period 2021-02-01 is effective period 3 of peer set 0, recomputed 13\n");
    *table = before;
    column->present++;
    expect(bench, "t/wait: period 2021-02-01: 13 figures are counted, there are 12\n");
    column->present--;
    figures->walks[0].count--;
    expect(bench, "t/wait: 13 periods of peer set 0 are effective, recomputed 14\n");
    figures->walks[0].count++;
    clean(bench);
}

static void spoilt_scores(void **state) {
    struct bench *bench = *state;
    struct column *column = bench->engine->assessments[1]->figures[0]->columns[PERIODS - 1];
    struct verdict *verdict = verdict_of(bench, 1, 0);
    double value = column->values[0], average = verdict->score.average;

    verdict->score.average = 9;
    expect(bench, "s/A00: score is 9, adjusted 1, recomputed 1 and 1\n");
    verdict->score.average = average;
    clean(bench);

    /* The board no longer follows the figures, though ranking and figures agree. */
    assert_true(ranking_remove(column->tables[0].ranking, value, 0));
    assert_true(ranking_insert(column->tables[0].ranking, 1, 0));
    column->values[0] = 1;
    expect(bench, "s/A00: score 1, unadjusted 1, adjusted 1, place 1 of 12, segment 1, recomputed 4, ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(intact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spoilt_verdicts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spoilt_drops, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spoilt_decisions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spoilt_rankings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spoilt_scores, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
