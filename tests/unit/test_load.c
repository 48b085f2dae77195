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

#define WAITING_MAX 16

/* In place of a connection: commands wait here for their reply. */
struct redis_link {
    struct {
        redis_link_reply callback;
        void *context;
    } waiting[WAITING_MAX];
    size_t count;
    char loaded[256]; /* what was handed out */
    unsigned done, troubles;
};

bool redis_link_send(struct redis_link *link, const struct text *args, size_t count, int64_t allowance_ms,
                     redis_link_reply callback, void *context) {
    (void)args, (void)count, (void)allowance_ms;
    assert_true(link->count < WAITING_MAX);
    link->waiting[link->count].callback = callback;
    link->waiting[link->count++].context = context;
    return true;
}

static void on_figures(void *context, struct text measure, struct text period, const struct store_field *fields,
                       size_t count) {
    struct redis_link *link = context;
    size_t len = strlen(link->loaded);
    assert_int_equal(count, 1);
    snprintf(link->loaded + len, sizeof link->loaded - len, "%.*s/%.*s/%.*s=%.*s ", (int)measure.len, measure.s,
             (int)period.len, period.s, (int)fields->name.len, fields->name.s, (int)fields->value.len, fields->value.s);
}

static void on_done(void *context) {
    ((struct redis_link *)context)->done++;
}

static void on_trouble(void *context, enum trouble trouble, const char *text) {
    assert_int_not_equal(trouble, TROUBLE_NONE);
    assert_true(*text);
    ((struct redis_link *)context)->troubles++;
}

/* The oldest command gets the next reply. */
static void answer(struct redis_link *link, const redisReply *reply) {
    redis_link_reply callback = link->waiting[0].callback;
    void *context = link->waiting[0].context;
    assert_true(link->count > 0);
    memmove(link->waiting, link->waiting + 1, --link->count * sizeof link->waiting[0]);
    callback(context, reply);
}

static void answers(struct redis_link *link, const char *bytes) {
    redisReader *reader = redisReaderCreate();
    void *reply = NULL;
    assert_int_equal(redisReaderFeed(reader, bytes, strlen(bytes)), REDIS_OK);
    while (redisReaderGetReply(reader, &reply) == REDIS_OK && reply) {
        answer(link, reply);
        freeReplyObject(reply);
    }
    redisReaderFree(reader);
}

static void connection_ends(struct redis_link *link) {
    while (link->count > 0)
        answer(link, NULL);
}

#define KEY(measure) "$34\r\n{oversight}:figures:" measure ":2024-04-01\r\n"
#define FIGURE(value) "*2\r\n$3\r\nRJ1\r\n$3\r\n" value "\r\n"

struct bench {
    struct redis_link link;
    struct hand_out *out;
    struct load *load;
};

static void begin(struct bench *bench) {
    static const struct store_callbacks sink = {.on_load_figures = on_figures};
    static const struct load_callbacks callbacks = {on_done, on_trouble};
    *bench = (struct bench){.out = NULL};
    bench->out = hand_out_create(&sink, &bench->link);
    bench->load = load_create(&bench->link, bench->out, &callbacks, &bench->link);
    load_continue(bench->load);
    answers(&bench->link, "*2\r\n$1\r\n0\r\n*3\r\n" KEY("aaa") KEY("bbb") KEY("ccc"));
}

static void finish(struct bench *bench) {
    assert_int_equal(bench->link.done, 1);
    assert_string_equal(bench->link.loaded, "aaa/2024-04-01/RJ1=1;0 bbb/2024-04-01/RJ1=2;0 ccc/2024-04-01/RJ1=3;0 ");
    load_destroy(bench->load);
    hand_out_destroy(bench->out);
}

static void in_order(void **unused) {
    (void)unused;
    struct bench bench;
    begin(&bench);
    answers(&bench.link, FIGURE("1;0") FIGURE("2;0") FIGURE("3;0"));
    finish(&bench);
}

/* The replies to what was asked behind a refusal are of other keys than the next that is waited for. */
static void refused_in_the_middle(void **unused) {
    (void)unused;
    struct bench bench;
    begin(&bench);
    answers(&bench.link, FIGURE("1;0") "-NOREPLICAS too few\r\n" FIGURE("3;0"));
    assert_int_equal(bench.link.troubles, 1);
    assert_string_equal(bench.link.loaded, "aaa/2024-04-01/RJ1=1;0 ");
    connection_ends(&bench.link);
    load_continue(bench.load);
    answers(&bench.link, FIGURE("2;0") FIGURE("3;0"));
    finish(&bench);
}

static void cut_off(void **unused) {
    (void)unused;
    struct bench bench;
    begin(&bench);
    answers(&bench.link, FIGURE("1;0"));
    connection_ends(&bench.link);
    assert_int_equal(bench.link.troubles, 0);
    load_continue(bench.load);
    answers(&bench.link, FIGURE("2;0") FIGURE("3;0"));
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
