/*
 * What a framework file becomes: every key in its place in the record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/alloc.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/source.h"
#include "tests/unit/lsan_libconfig.h"
#include "tests/unit/seed.h"

#define SEGMENTS                                                                                                       \
    "segments = ({ number = 1; name = \"one\"; consequence = \"less\"; }, { number = 2; name = \"two\"; },"            \
    " { number = 3; name = \"three\"; consequence = \"help\"; }, { number = 4; name = \"four\";"                       \
    " consequence = \"much\" \" help\"; }, { number = 5; name = \"five\"; });"

static const char SCORES[] = "id = \"s\"; name = \"Scores\"; method = \"scores\"; types = [\"acute\", \"icb\"];"
                             "themes = [\"access\", \"money\"];" SEGMENTS "measures = ("
                             "{ id = \"plain\"; name = \"P\"; theme = \"access\"; kind = \"number\";"
                             "  direction = \"lower\"; frequency = \"month\"; score = { kind = \"plain\";"
                             "  weight = 0.5; }; },"
                             "{ id = \"floor\"; name = \"F\"; theme = \"access\"; kind = \"number\";"
                             "  direction = \"higher\"; frequency = \"quarter\"; score = { kind = \"floor\";"
                             "  floor = 70; }; },"
                             "{ id = \"rated\"; name = \"R\"; theme = \"access\"; kind = \"rating\";"
                             "  frequency = \"quarter\"; words = [\"good\", \"bad\"]; score = { kind = \"bands\";"
                             "  bands = ({ word = \"bad\"; score = 4; }, { word = \"good\"; score = 1; }); }; },"
                             "{ id = \"plan\"; name = \"A\"; theme = \"money\"; kind = \"number\";"
                             "  direction = \"higher\"; frequency = \"quarter\"; score = { kind = \"bands\";"
                             "  bands = ({ at_least = 0; score = 1; }, { above = -1.5; score = 2; }); otherwise = 4; };"
                             " },"
                             "{ id = \"both\"; name = \"B\"; theme = \"money\"; kind = \"number\";"
                             "  direction = \"neutral\"; frequency = \"quarter\"; score = { kind = \"combined\";"
                             "  first = \"plan\"; second = \"plan-2\"; table = ([1, 1, 2, 3], [2, 2, 3, 4],"
                             "  [2, 3, 3, 4], [2, 3, 4, 4]); }; },"
                             "{ id = \"plan-2\"; name = \"A\"; theme = \"money\"; kind = \"number\";"
                             "  direction = \"higher\"; frequency = \"quarter\"; score = { kind = \"bands\";"
                             "  bands = ({ at_least = 0; score = 1; }); otherwise = 4; }; },"
                             "{ id = \"deficit\"; name = \"D\"; theme = \"money\"; kind = \"flag\";"
                             "  frequency = \"quarter\"; },"
                             "{ id = \"recovery\"; name = \"D\"; theme = \"money\"; kind = \"flag\";"
                             "  frequency = \"quarter\"; });"
                             "scores = { frequency = \"quarter\"; applies_to = [\"acute\"]; cut = ("
                             "  { from = \"2025-04-01\"; bounds = [2.05, 2.33, 2.63]; },"
                             "  { from = \"2025-07-01\"; bounds = [2.07, 2.34, 2.66]; });"
                             "  deficit_flag = \"deficit\"; deficit_planned = \"plan\"; deficit_variance = \"plan-2\";"
                             "  recovery_flag = \"recovery\"; };";

static struct framework *parse(const char *text) {
    struct problems *problems = problems_create();
    struct framework *framework = framework_parse("text", text, strlen(text), problems);
    char *messages = problems_format(problems);
    if (!framework)
        fail_msg("%s", messages);
    free(messages);
    problems_destroy(problems);
    return framework;
}

static struct framework *load(const char *name) {
    const char *srcdir = getenv("srcdir");
    char *path = alloc_printf("%s/%s", srcdir ? srcdir : ".", name);
    struct problems *problems = problems_create();
    struct framework *framework = framework_load(path, problems);
    char *messages = problems_format(problems);
    if (!framework)
        fail_msg("%s", messages);
    free(messages);
    problems_destroy(problems);
    free(path);
    return framework;
}

static const struct measure *measure_of(const struct framework *framework, const char *id) {
    uint16_t index = framework_measure(framework, text_of(id));
    assert_int_not_equal(index, INDEX_NONE);
    return &framework->measures[index];
}

static const struct trigger *trigger_of(const struct framework *framework, const char *id) {
    uint16_t index = framework_trigger(framework, text_of(id));
    assert_int_not_equal(index, INDEX_NONE);
    return &framework->triggers[index];
}

static void test_small_head(void **state) {
    (void)state;
    struct framework *framework = load("tests/cases/small.conf");
    assert_string_equal(framework->id, "small");
    assert_int_equal(framework->method, METHOD_TRIGGERS);
    assert_int_equal(framework->minimum_peers, 4);
    assert_true(framework->coverage == 0.8);
    assert_int_equal(framework->default_segment, 2);
    assert_int_equal(framework->type_count, 3);
    assert_string_equal(framework->types[2], "icb");
    assert_int_equal(framework->theme_count, 2);
    assert_string_equal(framework->segments[3].consequence, "mandated support");
    assert_null(framework->segments[2].consequence);
    assert_null(framework->segments[5].name);
    framework_destroy(framework);
}

static void test_small_measures(void **state) {
    (void)state;
    struct framework *framework = load("tests/cases/small.conf");
    const struct measure *wait = measure_of(framework, "wait");
    assert_true(wait->key && wait->drop && wait->screen && measure_is_ranked(wait));
    assert_int_equal(wait->direction, DIRECTION_LOWER);
    assert_int_equal(wait->peer_set_count, 1);
    assert_int_equal(wait->peer_set[0], 0);
    assert_int_equal(wait->peer_set[2], 0);
    assert_int_equal(wait->peer_set[3], PEER_SET_NONE);
    const struct measure *by_type = measure_of(framework, "by-type");
    assert_int_equal(by_type->applies_to, 3);
    assert_int_equal(by_type->peer_set_count, 2);
    assert_int_equal(by_type->peer_set[1], 1);
    assert_int_equal(by_type->peer_set[2], PEER_SET_NONE);
    assert_false(by_type->drop);
    const struct measure *actual = measure_of(framework, "actual");
    assert_ptr_equal(&framework->measures[actual->plan], measure_of(framework, "plan"));
    assert_false(measure_is_ranked(actual));
    const struct measure *cqc = measure_of(framework, "cqc");
    assert_int_equal(cqc->kind, MEASURE_RATING);
    assert_int_equal(cqc->word_count, 4);
    assert_int_equal(cqc->valid_for, 730);
    assert_int_equal(cqc->frequency, FREQUENCY_DAY);
    framework_destroy(framework);
}

static void test_small_triggers(void **state) {
    (void)state;
    struct framework *framework = load("tests/cases/small.conf");
    const struct trigger *quartile = trigger_of(framework, "bottom-quartile");
    assert_int_equal(quartile->measure_count, 2); /* by-type is ranked but no key measure */
    assert_int_equal(quartile->count, 2);
    assert_int_equal(quartile->themes, 2);
    assert_int_equal(trigger_of(framework, "drop")->measure_count, 2);
    assert_int_equal(trigger_of(framework, "bottom-decile")->signal.sustained, 3);
    assert_true(trigger_of(framework, "behind-plan")->signal.margin == 1.0);
    const struct trigger *rating = trigger_of(framework, "inadequate");
    assert_int_equal(rating->signal.word_count, 1);
    assert_string_equal(rating->signal.words[0], "inadequate");
    const struct trigger *leadership = trigger_of(framework, "leadership");
    assert_true(leadership->latched);
    assert_int_equal(leadership->segment, 4);
    const struct trigger *longstanding = trigger_of(framework, "longstanding");
    assert_int_equal(longstanding->signal.frequency, FREQUENCY_QUARTER);
    assert_int_equal(longstanding->signal.sustained, 4);
    assert_int_equal(longstanding->requires_segment, 3);
    assert_int_equal(longstanding->measure_count, 0);
    assert_int_equal(framework->promotion_count, 3);
    assert_int_equal(framework->promotion[0].at_most, -1);
    framework_destroy(framework);
}

static void test_scores(void **state) {
    (void)state;
    struct framework *framework = parse(SCORES);
    assert_int_equal(framework->method, METHOD_SCORES);
    assert_string_equal(framework->segments[4].consequence, "much help");
    const struct score_rule *plain = &measure_of(framework, "plain")->score;
    assert_int_equal(plain->kind, SCORE_PLAIN);
    assert_true(plain->weight == 0.5);
    assert_true(measure_of(framework, "floor")->score.parameter == 70);
    const struct score_rule *rated = &measure_of(framework, "rated")->score;
    assert_int_equal(rated->band_count, 2);
    assert_int_equal(rated->bands[0].word, 1);
    assert_true(rated->bands[0].score == 4);
    assert_true(rated->otherwise != rated->otherwise); /* NAN: none */
    const struct score_rule *plan = &measure_of(framework, "plan")->score;
    assert_int_equal(plan->bands[1].comparison, COMPARE_ABOVE);
    assert_true(plan->bands[1].bound == -1.5 && plan->otherwise == 4);
    const struct score_rule *both = &measure_of(framework, "both")->score;
    assert_int_equal(both->first, 3);
    assert_int_equal(both->second, 5);
    assert_true(both->combined[0][3] == 3 && both->combined[3][0] == 2);
    const struct scoring *scoring = &framework->scoring;
    assert_int_equal(scoring->applies_to, 1);
    assert_int_equal(scoring->cut_count, 2);
    assert_true(scoring->cuts[0].from < scoring->cuts[1].from && scoring->cuts[1].bounds[2] == 2.66);
    assert_int_equal(scoring->deficit_flag, 6);
    assert_int_equal(scoring->recovery_flag, 7);
    assert_true(!scoring->quartiles);
    framework_destroy(framework);
}

static void test_digest_follows_the_bytes(void **state) {
    (void)state;
    assert_true(source_digest("", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(source_digest("a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    struct framework *one = parse(SCORES);
    char *longer = alloc_printf("%s\n", SCORES);
    struct framework *two = parse(longer);
    assert_int_equal(strlen(one->digest), 16);
    assert_string_not_equal(one->digest, two->digest);
    free(longer);
    framework_destroy(one);
    framework_destroy(two);
}

/* The catalogue and the grounds of the framework of 2021/22. */
static void test_sof_2021_22(void **state) {
    (void)state;
    static const char *const THREE[] = {
        "key-bottom-quartile", "dramatic-drop",        "bottom-decile-months", "bottom-decile-quarters",
        "behind-plan",         "forecast-behind-plan", "cqc-quality",          "no-commissioning-plan"};
    static const char *const FOUR[] = {"longstanding",         "judged-longstanding", "gap-to-plan",
                                       "forecast-gap-to-plan", "leadership-failure",  "cqc-recommendation"};
    struct framework *framework = load("conf/frameworks/sof-2021-22.conf");
    assert_int_equal(framework->default_segment, 2);
    assert_true(framework->measure_count >= 25);
    assert_int_equal(framework->trigger_count, 14);
    for (size_t i = 0; i < sizeof(THREE) / sizeof(THREE[0]); i++)
        assert_int_equal(trigger_of(framework, THREE[i])->segment, 3);
    for (size_t i = 0; i < sizeof(FOUR) / sizeof(FOUR[0]); i++)
        assert_int_equal(trigger_of(framework, FOUR[i])->segment, 4);
    for (int segment = 1; segment <= 4; segment++)
        assert_non_null(framework->segments[segment].consequence);
    assert_true(trigger_of(framework, "leadership-failure")->latched);
    assert_int_equal(trigger_of(framework, "no-commissioning-plan")->applies_to,
                     1U << framework_type(framework, "ccg"));
    for (size_t i = 0; i < framework->trigger_count; i++) {
        const struct trigger *trigger = &framework->triggers[i];
        for (size_t k = 1; k < trigger->measure_count; k++)
            assert_true(trigger->measures[k - 1] < trigger->measures[k]);
    }
    framework_destroy(framework);
}

/* Every measure that is key must also be looked at for the bottom decile, unless it is yearly. */
static void test_sof_2021_22_deciles_are_complete(void **state) {
    (void)state;
    struct framework *framework = load("conf/frameworks/sof-2021-22.conf");
    const struct trigger *months = trigger_of(framework, "bottom-decile-months");
    const struct trigger *quarters = trigger_of(framework, "bottom-decile-quarters");
    for (uint16_t i = 0; i < framework->measure_count; i++) {
        const struct measure *measure = &framework->measures[i];
        if (!measure->key || measure->frequency == FREQUENCY_YEAR)
            continue;
        const struct trigger *trigger = measure->frequency == FREQUENCY_MONTH ? months : quarters;
        bool found = false;
        for (size_t k = 0; k < trigger->measure_count; k++)
            found = found || trigger->measures[k] == i;
        if (!found)
            fail_msg("%s is missing in %s", measure->id, trigger->id);
    }
    framework_destroy(framework);
}

/* The shipped frameworks can stand side by side; a measure that differs is named. */
static void test_together(void **state) {
    (void)state;
    static const char *const NAMES[] = {"sof-2016", "sof-2021-22", "nof-2022-23", "nof-2025-26", "nof-2026-27"};
    struct framework *frameworks[6];
    for (size_t i = 0; i < 5; i++) {
        char *path = alloc_printf("conf/frameworks/%s.conf", NAMES[i]);
        frameworks[i] = load(path);
        assert_string_equal(frameworks[i]->id, NAMES[i]);
        free(path);
    }
    struct problems *problems = problems_create();
    frameworks_check_together(frameworks, 5, problems);
    char *messages = problems_format(problems);
    assert_string_equal(messages, "");
    free(messages);
    frameworks[5] = frameworks[0];
    struct measure *measure = &frameworks[1]->measures[framework_measure(frameworks[1], TEXT_OF("ae-4h"))];
    measure->frequency = FREQUENCY_WEEK;
    frameworks_check_together(frameworks, 6, problems);
    /* With each of the four others, the first of them twice, and the framework that stands twice. */
    assert_int_equal(problems_count(problems), 6);
    for (size_t i = 0; i < 5; i++)
        framework_destroy(frameworks[i]);
    problems_destroy(problems);
}

/* Damaged text is refused or read, never more. */
static void test_random_damage(void **state) {
    (void)state;
    struct dice dice = dice_from_environment("framework damage");
    size_t len = strlen(SCORES), refused = 0;
    char *text = alloc_zero(len + 1, 1);
    for (int round = 0; round < 500; round++) {
        memcpy(text, SCORES, len);
        for (int i = 0; i < 1 + round % 4; i++)
            text[dice_next(&dice) % len] = (char)dice_next(&dice);
        struct problems *problems = problems_create();
        size_t cut = round % 5 == 0 ? dice_next(&dice) % len : len;
        struct framework *framework = framework_parse("damaged", text, cut, problems);
        assert_true((framework == NULL) == (problems_count(problems) > 0));
        refused += framework == NULL;
        framework_destroy(framework);
        problems_destroy(problems);
    }
    free(text);
    assert_true(refused > 100);
}

static void test_absent_file(void **state) {
    (void)state;
    struct problems *problems = problems_create();
    assert_null(framework_load("/nonexistent/framework.conf", problems));
    assert_int_equal(problems_count(problems), 1);
    assert_int_equal(problems_at(problems, 0)->line, 0);
    problems_destroy(problems);
}

/* More than the list keeps are counted. */
static void test_problems_are_bounded(void **state) {
    (void)state;
    struct problems *problems = problems_create();
    for (unsigned i = 0; i < PROBLEMS_MAX + 7; i++)
        problems_add(problems, i % 2 ? "b" : "a", PROBLEMS_MAX - i % PROBLEMS_MAX, "number %u", i);
    assert_int_equal(problems_count(problems), PROBLEMS_MAX + 7);
    assert_int_equal(problems_kept(problems), PROBLEMS_MAX);
    problems_sort(problems);
    assert_string_equal(problems_at(problems, 0)->file, "a");
    for (size_t i = 1; i < PROBLEMS_MAX / 2; i++)
        assert_true(problems_at(problems, i - 1)->line <= problems_at(problems, i)->line);
    char *text = problems_format(problems);
    assert_non_null(strstr(text, "and 7 more\n"));
    free(text);
    problems_destroy(problems);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_head),
        cmocka_unit_test(test_small_measures),
        cmocka_unit_test(test_small_triggers),
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_digest_follows_the_bytes),
        cmocka_unit_test(test_sof_2021_22),
        cmocka_unit_test(test_sof_2021_22_deciles_are_complete),
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_random_damage),
        cmocka_unit_test(test_absent_file),
        cmocka_unit_test(test_problems_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
