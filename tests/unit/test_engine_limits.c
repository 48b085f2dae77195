/* What outsiders can fill in the engine has an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/engine.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/verdict.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"

static const char framework_text[] =
    "id = \"small\"; name = \"Small\"; method = \"triggers\"; types = [\"acute\"]; themes = [\"all\"];\n"
    "segments = ( { number = 1; name = \"one\"; consequence = \"1\"; }, { number = 2; name = \"two\"; },\n"
    "  { number = 3; name = \"three\"; consequence = \"3\"; }, { number = 4; name = \"four\"; consequence = \"4\"; } "
    ");\n"
    "measures = ( { id = \"wait\"; name = \"Wait\"; theme = \"all\"; unit = \"days\"; kind = \"number\";\n"
    "    direction = \"lower\"; frequency = \"day\"; peers = \"national\"; },\n"
    "  { id = \"lead\"; name = \"Leadership\"; theme = \"all\"; kind = \"flag\"; frequency = \"day\"; } );\n"
    "triggers = ( { id = \"lead\"; title = \"lead\"; segment = 4; signal = \"flag\"; measures = [\"lead\"]; } );\n";

static const char registry_text[] = "code,name,type,subtype,region,system,group,opened,closed,successor,predecessors\n"
                                    "A1,One,acute,,,,,,,,\nA2,Two,acute,,,,,,,,\n";

#define TODAY 20200 /* 2025-04-22 */

/* With further settings in front. */
static struct framework *make_framework(const char *settings) {
    struct problems *problems = problems_create();
    char text[sizeof(framework_text) + 100];
    int len = snprintf(text, sizeof(text), "%s%s", settings, framework_text);
    struct framework *framework = framework_parse("small", text, (size_t)len, problems);

    if (!framework)
        fail_msg("%s", problems_format(problems));
    problems_destroy(problems);
    return framework;
}

static struct engine *make_engine(const char *settings) {
    struct problems *problems = problems_create();
    struct framework *framework = make_framework(settings);
    struct registry *registry = registry_parse("registry", registry_text, strlen(registry_text), problems);
    struct engine *engine = engine_create(registry, &framework, 1);
    struct changes changes;

    assert_non_null(registry);
    changes_init(&changes);
    engine_loaded(engine, false, 0, &changes);
    engine_tick(engine, TODAY, 0, &changes);
    changes_finish(&changes);
    problems_destroy(problems);
    return engine;
}

/* Items from the seq on, of the kind and shape of one; each may be altered before. */
static void apply(struct engine *engine, struct item *items, size_t count, struct changes *changes) {
    struct message message = {.source = TEXT_OF("s"), .items = items, .count = count};
    uint64_t last = engine_source_last(engine, message.source);

    for (size_t i = 0; i < count; i++)
        items[i].seq = ++last;
    engine_apply(engine, &message, 0, changes);
}

static void decisions(void **state) {
    struct engine *engine = make_engine("");
    struct item *items = calloc(DECISIONS_MAX + 2, sizeof(*items));
    struct changes changes;
    (void)state;

    assert_non_null(items);
    for (size_t i = 0; i < DECISIONS_MAX + 2; i++) {
        items[i].kind = ITEM_DECISION;
        items[i].org = text_of(i == DECISIONS_MAX + 1 ? "A2" : "A1");
        items[i].decision = (struct decision_item){.segment = 2,
                                                   .effective = TODAY - (ov_day)(i * 7 % 1000),
                                                   .decided_by = TEXT_OF("NHS England"),
                                                   .reason = TEXT_OF("review")};
    }
    changes_init(&changes);
    apply(engine, items, DECISIONS_MAX + 2, &changes);
    assert_int_equal(changes.accepted, DECISIONS_MAX + 1);
    assert_int_equal(changes.refused, 1);
    assert_int_equal(changes.refusals[0].index, DECISIONS_MAX);
    assert_int_equal(changes.refusals[0].code, REFUSAL_BAD_DECISION);
    assert_string_equal(changes.refusals[0].message,
                        "'A1' has 1000 decisions in framework 'small' already, the most there can be");
    changes_finish(&changes);
    free(items);
    engine_destroy(engine);
}

static void drops(void **state) {
    struct framework *framework = make_framework("");
    struct arena *arena = arena_create();
    struct verdict verdict, again;
    const char *text;
    (void)state;

    verdict_init(&verdict, framework);
    for (ov_day i = 0; i < DROPS_KEPT + 100; i++) {
        struct drop_record drop = {.period = TODAY + i,
                                   .occurrence = 1,
                                   .state = i % 10 ? DROP_RECOVERED : DROP_OPEN,
                                   .alert = {1, (uint64_t)i + 1}};

        verdict_add_drop(&verdict, &drop);
    }
    assert_int_equal(verdict.drop_count, DROPS_KEPT);
    for (ov_day i = 0; i < DROPS_KEPT + 100; i++) /* the hundred oldest that are over have gone */
        assert_int_equal(verdict_find_drop(&verdict, 0, TODAY + i) != NULL, i % 10 == 0 || i > 111);
    text = verdict_write(&verdict, framework, arena);
    verdict_init(&again, framework);
    assert_true(verdict_read(&again, framework, text));
    assert_int_equal(again.drop_count, DROPS_KEPT);
    assert_string_equal(verdict_write(&again, framework, arena), text);
    verdict_finish(&verdict);
    verdict_finish(&again);
    arena_destroy(arena);
    framework_destroy(framework);
}

/* Only open ones: the oldest gives way. */
static void open_drops(void **state) {
    struct framework *framework = make_framework("");
    struct verdict verdict;
    (void)state;

    verdict_init(&verdict, framework);
    for (ov_day i = 0; i <= DROPS_KEPT; i++) {
        struct drop_record drop = {.period = TODAY - i, .occurrence = 1, .state = DROP_OPEN, .alert = {1, 1}};

        verdict_add_drop(&verdict, &drop);
    }
    assert_int_equal(verdict.drop_count, DROPS_KEPT);
    assert_null(verdict_find_drop(&verdict, 0, TODAY - DROPS_KEPT + 1));
    assert_non_null(verdict_find_drop(&verdict, 0, TODAY - DROPS_KEPT));
    verdict_finish(&verdict);
    framework_destroy(framework);
}

/* Withdrawing figures that never were uses up no period of the measure. */
static void withdrawals(void **state) {
    struct engine *engine = make_engine("");
    struct item items[500], figure;
    struct changes changes;
    const ov_day *periods;
    (void)state;

    changes_init(&changes);
    for (ov_day first = 0; first < 5000; first += 500) {
        memset(items, 0, sizeof(items));
        for (ov_day i = 0; i < 500; i++) {
            items[i].kind = ITEM_FIGURE;
            items[i].org = text_of("A1");
            items[i].figure = (struct figure_item){.measure = TEXT_OF("wait"), .period = first + i};
            items[i].figure.value.type = VALUE_NULL;
        }
        apply(engine, items, 500, &changes);
        assert_int_equal(changes.accepted, 500);
    }
    figure = items[0];
    figure.figure.value = (struct value){.type = VALUE_NUMBER, .number = 3};
    apply(engine, &figure, 1, &changes);
    assert_int_equal(changes.accepted, 1);
    assert_int_equal(engine_periods(engine, 0, 0, &changes, &periods), 1);
    changes_finish(&changes);
    engine_destroy(engine);
}

/* The summary ends at a character, whatever the text. */
static void summaries(void **state) {
    struct engine *engine = make_engine("");
    struct changes changes;
    char text[2 * ALERT_SUMMARY_SIZE];
    (void)state;

    changes_init(&changes);
    for (size_t plain = 0; plain < 2; plain++) {
        const char *summary;

        memset(text, 'x', plain);
        for (size_t i = plain; i + 2 < sizeof(text); i += 2)
            memcpy(text + i, "\xc3\xa9", 3);
        engine_announce(engine, ALERT_OPERATIONAL, "daemon", "key", text, 0, &changes);
        summary = changes.alerts[0]->summary;
        assert_in_range(strlen(summary), ALERT_SUMMARY_SIZE - 4, ALERT_SUMMARY_SIZE - 1);
        assert_int_equal((strlen(summary) - plain) % 2, 0);
        assert_memory_equal(summary, text, strlen(summary));
        assert_string_equal(changes.alerts[0]->detail, text);
    }
    changes_finish(&changes);
    engine_destroy(engine);
}

/* As many sources as there is room for, and those go on. */
static void sources(void **state) {
    struct engine *engine = make_engine("");
    char name[SOURCE_MAX + 1];
    (void)state;

    for (int i = 0; i < SOURCES_KNOWN_MAX; i++) {
        snprintf(name, sizeof(name), "source-%d", i);
        assert_true(engine_source_room(engine, text_of(name)));
        engine_load_source(engine, text_of(name), 1);
    }
    assert_true(engine_source_room(engine, TEXT_OF("source-0")));
    assert_false(engine_source_room(engine, TEXT_OF("source-x")));
    engine_destroy(engine);
}

/* A baseline may be as long as a framework can say. */
static void baselines(void **state) {
    char settings[80];
    (void)state;

    for (ov_day least = 300; least <= RULE_PERIODS_MAX; least += 700) {
        struct engine *engine;
        struct item *items = calloc((size_t)least + 1, sizeof(*items));
        struct changes changes;

        assert_non_null(items);
        snprintf(settings, sizeof(settings), "baseline_min = %d; baseline_max = %d;", least, RULE_PERIODS_MAX);
        engine = make_engine(settings);
        for (ov_day i = 0; i <= least; i++) {
            items[i].kind = ITEM_FIGURE;
            items[i].org = text_of("A1");
            items[i].figure = (struct figure_item){.measure = TEXT_OF("wait"), .period = TODAY - least + i};
            items[i].figure.value = (struct value){.type = VALUE_NUMBER, .number = i == least ? 30 : 10 + i % 2};
        }
        changes_init(&changes);
        apply(engine, items, (size_t)least, &changes);
        assert_int_equal(changes.alert_count, 0);
        apply(engine, items + least, 1, &changes);
        assert_int_equal(changes.alert_count, 1);
        assert_int_equal(changes.alerts[0]->kind, ALERT_PERFORMANCE_DROP);
        changes_finish(&changes);
        free(items);
        engine_destroy(engine);
    }
}

static struct item figure_of(ov_day period, enum value_type type) {
    struct item item = {.kind = ITEM_FIGURE, .org = TEXT_OF("A1")};

    item.figure = (struct figure_item){.measure = TEXT_OF("wait"), .period = period};
    item.figure.value = (struct value){.type = type, .number = 1};
    return item;
}

/* A mistyped year is refused; one that stands, from an earlier date, can be withdrawn. */
static void periods_ahead(void **state) {
    struct engine *engine = make_engine("");
    struct item items[] = {figure_of(TODAY + 1830, VALUE_NUMBER), figure_of(TODAY + 1831, VALUE_NUMBER),
                           figure_of(TODAY + 1831, VALUE_NULL)};
    struct changes changes;
    (void)state;

    changes_init(&changes);
    apply(engine, items, 3, &changes);
    assert_int_equal(changes.accepted, 2);
    assert_int_equal(changes.refused_by_code[REFUSAL_BAD_PERIOD], 1);
    assert_int_equal(changes.refusals[0].index, 1);
    assert_non_null(strstr(changes.refusals[0].message, "2030-04-27 lies more than 1830 days after 2025-04-22"));
    changes_finish(&changes);
    engine_destroy(engine);
}

/* A period of which every figure has been withdrawn takes up no memory. */
static void emptied_periods(void **state) {
    struct engine *engine = make_engine("");
    struct engine_counters before, after;
    struct changes changes;
    (void)state;

    changes_init(&changes);
    apply(engine, (struct item[]){figure_of(TODAY, VALUE_NUMBER)}, 1, &changes);
    engine_counters(engine, &before);
    for (ov_day back = 1; back <= 5000; back++) { /* more than a measure can hold at a time */
        struct item items[] = {figure_of(TODAY - back, VALUE_NUMBER), figure_of(TODAY - back, VALUE_NULL)};

        apply(engine, items, 1, &changes);
        assert_int_equal(changes.accepted, 1);
        apply(engine, items + 1, 1, &changes);
        assert_int_equal(changes.accepted, 1);
    }
    engine_counters(engine, &after);
    assert_int_equal(after.figures, 1);
    assert_int_equal(after.memory_bytes, before.memory_bytes);
    changes_finish(&changes);
    engine_destroy(engine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions),   cmocka_unit_test(drops),         cmocka_unit_test(open_drops),
        cmocka_unit_test(withdrawals), cmocka_unit_test(summaries),     cmocka_unit_test(baselines),
        cmocka_unit_test(sources),     cmocka_unit_test(periods_ahead), cmocka_unit_test(emptied_periods),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
