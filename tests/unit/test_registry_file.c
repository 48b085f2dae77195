/*
 * What organisations.csv becomes, and what of it is refused.
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
#include "common/buf.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"
#include "tests/unit/seed.h"

static const char ROWS[] = "\xEF\xBB\xBFtype,name,code,system,opened,closed,group,predecessors,successor\r\n"
                           "icb,\"Vale, Hill and \"\"Dale\"\"\",QA1,,,,,,\r\n"
                           "\r\n"
                           "acute,Öst Hospital,R01,QA1,2001-04-01,2020-10-01,North Group,R88 R89,R02\r\n"
                           "acute,West Hospital,R02,QA1,,,,R01,\r\n";

static struct registry *parse(const char *text) {
    struct problems *problems = problems_create();
    struct registry *registry = registry_parse("text", text, strlen(text), problems);
    char *messages = problems_format(problems);
    if (!registry)
        fail_msg("%s", messages);
    free(messages);
    problems_destroy(problems);
    return registry;
}

/* The problems of a text that must be refused. */
static char *refuse(const char *text, size_t len) {
    struct problems *problems = problems_create();
    assert_null(registry_parse("text", text, len, problems));
    char *messages = problems_format(problems);
    problems_destroy(problems);
    return messages;
}

static void test_fields(void **state) {
    (void)state;
    struct registry *registry = parse(ROWS);
    assert_int_equal(registry_count(registry), 3);
    const struct organisation *system = registry_at(registry, registry_find(registry, TEXT_OF("QA1")));
    assert_string_equal(system->name, "Vale, Hill and \"Dale\"");
    assert_string_equal(system->region, "");
    assert_true(system->opened == OV_DAY_NONE && system->closed == OV_DAY_NONE);
    const struct organisation *first = registry_at(registry, registry_find(registry, TEXT_OF("R01")));
    assert_string_equal(first->name, "Öst Hospital");
    assert_string_equal(first->type, "acute");
    assert_string_equal(first->system, "QA1");
    assert_string_equal(first->group, "North Group");
    assert_string_equal(first->successor, "R02");
    assert_string_equal(first->predecessors, "R88 R89");
    ov_day day;
    assert_true(date_parse("2020-10-01", 10, &day) && first->closed == day);
    registry_destroy(registry);
}

static void test_only_required_columns_and_no_last_newline(void **state) {
    (void)state;
    struct registry *registry = parse("code,name,type\nR01,One,acute\nR02, Two ,acute");
    assert_int_equal(registry_count(registry), 2);
    assert_string_equal(registry_at(registry, 1)->name, "Two");
    assert_string_equal(registry_at(registry, 1)->group, "");
    registry_destroy(registry);
}

/* What outsiders can make long or odd. */
static void test_odd_bytes_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *part;
    } CASES[] = {
        {"code,name,type\nR0\0,One,acute\n", 28, "text:2: got other bytes"},
        {"code,name,type\nR01,O\rne,acute\n", 30, "text:2: got other bytes"},
        {"code,name,type\nR01,\"One\nTwo\",acute\n", 35, "text:2: got a stray or open quote"},
        {"code,name,type\nR01,One,acute,more\n", 34, "text:2: got 4 fields, expected 3"},
        {"\n\n", 2, "text:1: got no header row"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        char *messages = refuse(CASES[i].text, CASES[i].len);
        if (!strstr(messages, CASES[i].part))
            fail_msg("case %zu: got %s", i, messages);
        free(messages);
    }
}

static void test_long_lines_are_refused(void **state) {
    (void)state;
    struct buf text;
    buf_init(&text);
    buf_append_string(&text, "code,name,type\nR01,");
    for (int i = 0; i < 9000; i++)
        buf_append_char(&text, i % 2 ? 'a' : ',');
    buf_append_string(&text, ",acute\nR02,Two,\n");
    char *messages = refuse(text.data, text.len);
    assert_non_null(strstr(messages, "text:2: got a longer line"));
    assert_non_null(strstr(messages, "text:3: type: got \"\""));
    free(messages);
    buf_finish(&text);
}

static void test_types(void **state) {
    (void)state;
    const char *srcdir = getenv("srcdir");
    char *path = alloc_printf("%s/tests/cases/small.conf", srcdir ? srcdir : ".");
    struct problems *problems = problems_create();
    struct framework *framework = framework_load(path, problems);
    assert_non_null(framework);
    struct registry *registry =
        parse("code,name,type\nR01,One,acute\nR02,Two,school\nR03,Three,acute\nR04,Four,school\n"
              "R05,Five,farm\n");
    registry_check_types("text", registry, &framework, 1, problems);
    char *messages = problems_format(problems);
    assert_string_equal(messages, "text: R02: type: got \"school\", expected a type that a framework names\n"
                                  "text: R05: type: got \"farm\", expected a type that a framework names\n");
    free(messages);
    registry_destroy(registry);
    framework_destroy(framework);
    problems_destroy(problems);
    free(path);
}

/* The shipped registry: 42 systems, every type known to the framework, every provider but one in a system. */
static void test_shipped(void **state) {
    (void)state;
    const char *srcdir = getenv("srcdir");
    char *path = alloc_printf("%s/conf/organisations.csv", srcdir ? srcdir : ".");
    char *rules = alloc_printf("%s/conf/frameworks/sof-2021-22.conf", srcdir ? srcdir : ".");
    struct problems *problems = problems_create();
    struct registry *registry = registry_load(path, problems);
    struct framework *framework = framework_load(rules, problems);
    assert_non_null(registry);
    assert_non_null(framework);
    registry_check_types(path, registry, &framework, 1, problems);
    assert_int_equal(problems_count(problems), 0);
    size_t systems = 0, alone = 0;
    for (uint32_t i = 0; i < registry_count(registry); i++) {
        const struct organisation *organisation = registry_at(registry, i);
        bool system = strcmp(organisation->type, "icb") == 0;
        systems += system;
        alone += !system && organisation->system[0] == '\0';
    }
    assert_int_equal(systems, 42);
    assert_true(registry_count(registry) > 240);
    assert_true(alone <= 1);
    framework_destroy(framework);
    registry_destroy(registry);
    problems_destroy(problems);
    free(rules);
    free(path);
}

static void test_random_damage(void **state) {
    (void)state;
    struct dice dice = dice_from_environment("registry damage");
    size_t len = strlen(ROWS), refused = 0;
    char *text = alloc_zero(len + 1, 1);
    for (int round = 0; round < 2000; round++) {
        static const char LIKELY[] = "\",\n\r A1-\0\xff";
        memcpy(text, ROWS, len);
        for (int i = 0; i < 1 + round % 4; i++)
            text[dice_next(&dice) % len] = LIKELY[dice_next(&dice) % (sizeof(LIKELY) - 1)];
        struct problems *problems = problems_create();
        struct registry *registry = registry_parse("damaged", text, len, problems);
        assert_true((registry == NULL) == (problems_count(problems) > 0));
        refused += registry == NULL;
        registry_destroy(registry);
        problems_destroy(problems);
    }
    free(text);
    assert_true(refused > 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_only_required_columns_and_no_last_newline),
        cmocka_unit_test(test_odd_bytes_are_refused),
        cmocka_unit_test(test_long_lines_are_refused),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_random_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
