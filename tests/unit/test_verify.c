/*
 * oversightctl verify: it accepts every alert of every text case, alone and
 * with the framework that raised it, and no alert of which a number was
 * changed.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/cases/cases.h"
#include "clients/oversightctl/verify.h"
#include "daemon/render/event.h"

#define ALERTS_LEAST 100 /* there are that many in the cases */

struct tally {
    size_t alerts, numbers, seen_by_arithmetic, evidence, evidence_by_arithmetic, missed;
};

static void on_case(void *context, const struct case_result *result) {
    (void)context;
    assert_true(result->good);
}

static cJSON *event_of(const struct alert *alert) {
    const struct render_context context = {.instance = "test", .durability = "memory"};
    struct buf text;
    cJSON *event;

    buf_init(&text);
    render_event(alert, &context, &text);
    event = cJSON_Parse(text.data);
    assert_non_null(event);
    buf_finish(&text);
    return event;
}

static bool holds(const cJSON *event, const struct framework *framework, bool no_check) {
    struct buf out;
    bool good;

    buf_init(&out);
    good = verify_event(event, framework, no_check, &out);
    assert_int_equal(good, out.len == 0);
    buf_finish(&out);
    return good;
}

static void accepted(const cJSON *event, const struct framework *framework) {
    struct buf out;

    buf_init(&out);
    if (!verify_event(event, framework, false, &out)) {
        char *text = cJSON_Print(event);

        print_message("%s\n%s", text, out.data);
        free(text);
        fail();
    }
    buf_finish(&out);
}

/* One number after the other is changed and put back. */
static void change_numbers(struct tally *tally, const cJSON *event, const struct framework *framework, cJSON *at,
                           bool evidence) {
    cJSON *child;

    if (cJSON_IsNumber(at)) {
        double was = at->valuedouble, others[] = {was + 1, was - 1, was * 1.5 + 0.01, was + 1e-6};

        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
            bool seen;

            cJSON_SetNumberValue(at, others[i]);
            tally->numbers++;
            tally->missed += holds(event, framework, false);
            seen = !holds(event, framework, true);
            tally->seen_by_arithmetic += seen;
            tally->evidence += evidence;
            tally->evidence_by_arithmetic += evidence && seen;
        }
        cJSON_SetNumberValue(at, was);
        return;
    }
    cJSON_ArrayForEach(child, at)
        change_numbers(tally, event, framework, child, evidence || (at->string && !strcmp(at->string, "evidence")));
}

static void on_alert(void *context, const struct alert *alert) {
    struct tally *tally = context;
    cJSON *event = event_of(alert);

    tally->alerts++;
    accepted(event, NULL);
    accepted(event, alert->framework);
    change_numbers(tally, event, NULL, cJSON_GetObjectItem(event, "data"), false);
    cJSON_Delete(event);
}

static void play(const char *folder, struct tally *tally) {
    const char *srcdir = getenv("srcdir");
    char pattern[4096];
    struct cases_count count = {0};
    glob_t found = {0};

    snprintf(pattern, sizeof(pattern), "%s/%s/*.case", srcdir ? srcdir : ".", folder);
    if (!glob(pattern, 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i++)
            cases_play_observed(found.gl_pathv[i], on_case, on_alert, tally, &count);
    globfree(&found);
}

static void test_cases(void **state) {
    struct tally tally = {0};

    (void)state;
    play("tests/cases", &tally);
    play("conf/frameworks/tests", &tally);
    print_message("%zu alerts accepted; %zu changed numbers, %zu not noticed; by arithmetic alone %zu, of the %zu in "
                  "evidence %zu\n",
                  tally.alerts, tally.numbers, tally.missed, tally.seen_by_arithmetic, tally.evidence,
                  tally.evidence_by_arithmetic);
    assert_true(tally.alerts >= ALERTS_LEAST);
    assert_int_equal(tally.missed, 0);
    assert_true(tally.evidence_by_arithmetic * 10 >= tally.evidence * 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
