/* The load of the state, with replies of Redis as they come from a connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/store/hand_out.h"
#include "daemon/store/load.h"
#include "tests/redis_replies.h"

struct bench {
    struct redis_link link;
    struct hand_out *out;
    struct load *load;
    char loaded[256]; /* what was handed out */
    unsigned done, troubles;
};

static void on_figures(void *context, struct text measure, struct text period, const struct store_field *fields,
                       size_t count) {
    struct bench *bench = context;
    size_t len = strlen(bench->loaded);
    assert_int_equal(count, 1);
    snprintf(bench->loaded + len, sizeof bench->loaded - len, "%.*s/%.*s/%.*s=%.*s ", (int)measure.len, measure.s,
             (int)period.len, period.s, (int)fields->name.len, fields->name.s, (int)fields->value.len, fields->value.s);
}

static void on_done(void *context) {
    ((struct bench *)context)->done++;
}

static void on_trouble(void *context, enum trouble trouble, const char *text) {
    assert_int_not_equal(trouble, TROUBLE_NONE);
    assert_true(*text);
    ((struct bench *)context)->troubles++;
}

static void answers(struct bench *bench, const char *bytes) {
    redis_replies(&bench->link, bytes, strlen(bytes));
}

#define KEY(measure) "$34\r\n{oversight}:figures:" measure ":2024-04-01\r\n"
#define FIGURE(value) "*2\r\n$3\r\nRJ1\r\n$3\r\n" value "\r\n"

static void begin(struct bench *bench) {
    static const struct store_callbacks sink = {.on_load_figures = on_figures};
    static const struct load_callbacks callbacks = {on_done, on_trouble};
    *bench = (struct bench){.out = NULL};
    bench->out = hand_out_create(&sink, bench);
    bench->load = load_create(&bench->link, bench->out, &callbacks, bench);
    load_continue(bench->load);
    answers(bench, "*2\r\n$1\r\n0\r\n*3\r\n" KEY("aaa") KEY("bbb") KEY("ccc"));
}

static void finish(struct bench *bench) {
    assert_int_equal(bench->done, 1);
    assert_string_equal(bench->loaded, "aaa/2024-04-01/RJ1=1;0 bbb/2024-04-01/RJ1=2;0 ccc/2024-04-01/RJ1=3;0 ");
    load_destroy(bench->load);
    hand_out_destroy(bench->out);
}

static void in_order(void **unused) {
    (void)unused;
    struct bench bench;
    begin(&bench);
    answers(&bench, FIGURE("1;0") FIGURE("2;0") FIGURE("3;0"));
    finish(&bench);
}

/* The replies to what was asked behind a refusal are of other keys than the next that is waited for. */
static void refused_in_the_middle(void **unused) {
    (void)unused;
    struct bench bench;
    begin(&bench);
    answers(&bench, FIGURE("1;0") "-NOREPLICAS too few\r\n" FIGURE("3;0"));
    assert_int_equal(bench.troubles, 1);
    assert_string_equal(bench.loaded, "aaa/2024-04-01/RJ1=1;0 ");
    redis_replies_end(&bench.link);
    load_continue(bench.load);
    answers(&bench, FIGURE("2;0") FIGURE("3;0"));
    finish(&bench);
}

static void cut_off(void **unused) {
    (void)unused;
    struct bench bench;
    begin(&bench);
    answers(&bench, FIGURE("1;0"));
    redis_replies_end(&bench.link);
    assert_int_equal(bench.troubles, 0);
    load_continue(bench.load);
    answers(&bench, FIGURE("2;0") FIGURE("3;0"));
    finish(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order),
        cmocka_unit_test(refused_in_the_middle),
        cmocka_unit_test(cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
