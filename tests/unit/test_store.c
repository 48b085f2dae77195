#include "tests/unit/store_bench.h"

/* ---- What is written comes back -------------------------------------------------- */

static void commit_everything(struct teller *teller) {
    const struct store_field verdict[] = {{TEXT_OF("indicative"), TEXT_OF("3")}, {TEXT_OF("state"), TEXT_OF("x y")}};
    const struct store_field move[] = {{TEXT_OF("before"), TEXT_OF("2")}, {TEXT_OF("after"), TEXT_OF("3")}};
    const struct store_field first[] = {{TEXT_OF("segment"), TEXT_OF("4")}, {TEXT_OF("by"), TEXT_OF("one")}};
    const struct store_field second[] = {{TEXT_OF("segment"), TEXT_OF("2")}};
    char id[48];
    snprintf(id, sizeof(id), "%llu-1", (unsigned long long)teller->epoch);
    struct store_step *step = store_step_begin(teller->store);
    assert_true(store_step_is_empty(step));
    store_step_meta(step, "test_date", TEXT_OF("2024-05-01"));
    store_step_source(step, "feed.one", 17);
    store_step_figure(step, "waits", "2024-04-01", "RJ1", TEXT_OF("superseded within the step"));
    store_step_figure(step, "waits", "2024-04-01", "RJ1", TEXT_OF("12.5;r1"));
    store_step_figure(step, "waits", "2024-05-01", "RJ1", TEXT_OF(""));
    store_step_decision(step, "RJ1", first, 2);
    store_step_decision(step, "RJ1", second, 1);
    store_step_programme(step, "RJ1", "recovery", TEXT_OF("entered"));
    store_step_verdict(step, "sof", "RJ1", verdict, 2);
    store_step_history(step, "sof", "RJ1", id, move, 2);
    store_step_alert(step, id, 1714521600000, TEXT_OF("{\"kind\":\"segment.worsened\"}"));
    assert_false(store_step_is_empty(step));
    store_step_commit(step, (void *)1);
}

static bool one_confirmed(struct teller *teller) {
    return teller->confirmed == 1;
}

static void test_comes_back(void **state) {
    struct bench *bench = *state;
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    assert_true(bench->a.epoch > 1700000000); /* the clock: above all that any copy of the store has had */
    assert_string_equal(bench->a.tells, "");
    assert_string_equal(bench->a.range.last, "");
    struct store_status status;
    store_status(bench->a.store, &status);
    assert_int_equal(status.durability, STORE_DURABILITY_FSYNC);
    assert_int_equal(status.server_starts, 1);
    assert_true(store_lease_left(bench->a.store) == INT64_MAX);
    commit_everything(&bench->a);
    bench_wait(&bench->a, one_confirmed);
    pid_t server = bench_server_pid(bench);
    teller_close(&bench->a);
    assert_true(bench->a.clean);
    assert_int_equal(kill(server, 0), -1);

    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    assert_true(bench->b.epoch > bench->a.epoch);
    assert_string_equal(bench->b.range.first, bench_id(bench->a.epoch, 1).text);
    assert_string_equal(bench->b.range.last, bench_id(bench->a.epoch, 1).text);
    char expected[1024];
    snprintf(expected, sizeof(expected),
             "meta test_date 2024-05-01\n"
             "source feed.one 17\n"
             "figure waits 2024-04-01 RJ1 12.5;r1\n"
             "figure waits 2024-05-01 RJ1 \n"
             "decision RJ1 segment=4 by=one\n"
             "decision RJ1 segment=2\n"
             "programme RJ1 recovery entered\n"
             "verdict sof RJ1 indicative=3 state=x y\n"
             "history sof RJ1 %s before=2 after=3\n",
             bench_id(bench->a.epoch, 1).text);
    assert_string_equal(bench->b.tells, expected);
    store_alerts_after(bench->b.store, "", 10, on_page, &bench->b);
    bench_wait(&bench->b, has_page);
    assert_int_equal(bench->b.page_count, 1);
    assert_string_equal(bench->b.page_event, "{\"kind\":\"segment.worsened\"}");
    assert_false(bench->b.truncated);
    teller_close(&bench->b);
}

/* More fields than Lua can unpack, longer than the short forms of the packing,
 * with bytes of every kind, and many keys: one step all the same. */
static void test_large_step(void **state) {
    struct bench *bench = *state;
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    struct store_step *step = store_step_begin(bench->a.store);
    char org[24], measure[24], value[256];
    for (int i = 0; i < 256; i++)
        value[i] = (char)i;
    for (int i = 0; i < 20001; i++) {
        snprintf(org, sizeof(org), "O%d", i);
        store_step_figure(step, "waits", "2024-04-01", org, (struct text){value, (size_t)i % 257});
    }
    for (int i = 0; i < 3000; i++) {
        snprintf(measure, sizeof(measure), "m%d", i % 1500);
        snprintf(org, sizeof(org), "O%d", i / 1500);
        store_step_figure(step, measure, "2024-04-01", org, TEXT_OF("1"));
    }
    store_step_commit(step, (void *)1);
    bench_wait(&bench->a, one_confirmed);
    assert_string_equal(bench_ask(bench, "HLEN {oversight}:figures:waits:2024-04-01"), "20001");
    assert_string_equal(bench_ask(bench, "HSTRLEN {oversight}:figures:waits:2024-04-01 O20000"), "211");
    assert_string_equal(bench_ask(bench, "HSTRLEN {oversight}:figures:waits:2024-04-01 O256"), "256");
    assert_string_equal(bench_ask(bench, "HLEN {oversight}:figures:m1499:2024-04-01"), "2");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta step"), "1");
    teller_close(&bench->a);
}

static void test_history_is_bounded(void **state) {
    struct bench *bench = *state;
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    struct store_step *step = store_step_begin(bench->a.store);
    char id[48];
    const struct store_field field = {TEXT_OF("after"), TEXT_OF("3")};
    for (int i = 1; i <= 100; i++) {
        snprintf(id, sizeof(id), "1-%d", i);
        store_step_history(step, "sof", "RJ1", id, &field, 1);
    }
    store_step_commit(step, (void *)1);
    teller_close(&bench->a); /* drains */
    assert_int_equal(bench->a.confirmed, 1);
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    /* The newest 64, oldest first. */
    const char *oldest = "history sof RJ1 1-37 after=3\n";
    assert_memory_equal(bench->b.tells, oldest, strlen(oldest));
    assert_int_equal(bench->b.tells_len, 64 * strlen(oldest) + 1);
    teller_close(&bench->b);
}

/* ---- Alerts ----------------------------------------------------------------------------- */

static bool all_alerts(struct teller *teller) {
    return teller->confirmed == 1000;
}

static bool is_trimmed(struct teller *teller) {
    if (teller->pages == 0)
        return false;
    if (strcmp(teller->range.first, bench_id(teller->epoch, 901).text) == 0)
        return true;
    teller->pages = 0;
    store_alerts_after(teller->store, bench_id(teller->epoch, 10).text, 20, on_page, teller);
    return false;
}

/* Who asked is told of the end, to give back what it holds for the answer. */
static void test_page_without_end(void **state) {
    struct bench *bench = *state;
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    store_alerts_after(bench->a.store, "", 10, on_page, &bench->a);
    store_alerts_newest(bench->a.store, 10, on_page, &bench->a);
    assert_int_equal(bench->a.pages, 0);
    store_destroy(bench->a.store);
    bench->a.store = NULL;
    assert_int_equal(bench->a.pages, 2);
}

static void test_alert_pages(void **state) {
    struct bench *bench = *state;
    struct store_options options = bench_options(bench);
    options.alerts_keep = 100;
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    for (size_t n = 1; n <= 1000; n++)
        commit_numbered(&bench->a, n);
    bench_wait(&bench->a, all_alerts);
    store_alerts_after(bench->a.store, bench_id(bench->a.epoch, 10).text, 20, on_page, &bench->a);
    bench_wait(&bench->a, is_trimmed);
    assert_true(bench->a.truncated);
    assert_true(bench->a.more);
    assert_int_equal(bench->a.page_count, 20);
    assert_string_equal(bench->a.page_first, bench_id(bench->a.epoch, 901).text);
    assert_string_equal(bench->a.page_last, bench_id(bench->a.epoch, 920).text);
    assert_string_equal(bench->a.page_event, "901");

    /* The last one that is gone was seen: nothing is missing. */
    bench->a.pages = 0;
    store_alerts_after(bench->a.store, bench_id(bench->a.epoch, 900).text, 100, on_page, &bench->a);
    bench_wait(&bench->a, has_page);
    assert_false(bench->a.truncated);
    assert_false(bench->a.more);
    assert_int_equal(bench->a.page_count, 100);
    assert_string_equal(bench->a.page_last, bench_id(bench->a.epoch, 1000).text);

    bench->a.pages = 0;
    store_alerts_after(bench->a.store, bench_id(bench->a.epoch, 1000).text, 100, on_page, &bench->a);
    bench_wait(&bench->a, has_page);
    assert_false(bench->a.page_failed);
    assert_int_equal(bench->a.page_count, 0);
    assert_false(bench->a.more);

    bench->a.pages = 0;
    store_alerts_newest(bench->a.store, 3, on_page, &bench->a);
    bench_wait(&bench->a, has_page);
    assert_false(bench->a.page_failed);
    assert_false(bench->a.more);
    assert_int_equal(bench->a.page_count, 3);
    assert_string_equal(bench->a.page_first, bench_id(bench->a.epoch, 998).text);
    assert_string_equal(bench->a.page_last, bench_id(bench->a.epoch, 1000).text);

    bench->a.pages = 0;
    store_alerts_after(bench->a.store, "yesterday", 100, on_page, &bench->a);
    assert_int_equal(bench->a.pages, 0); /* never from inside the call */
    bench_wait(&bench->a, has_page);
    assert_true(bench->a.page_failed);
    teller_close(&bench->a);
}

static bool is_aged(struct teller *teller) {
    if (teller->pages == 0)
        return false;
    if (strcmp(teller->range.first, bench_id(teller->epoch, 1000).text) == 0)
        return true;
    teller->pages = 0;
    store_alerts_after(teller->store, "", 1, on_page, teller);
    return false;
}

/* Their time is long ago; the newest is kept whatever its age. */
static void test_alerts_age(void **state) {
    struct bench *bench = *state;
    struct store_options options = bench_options(bench);
    options.alerts_keep_ms = 86400000;
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    for (size_t n = 1; n <= 1000; n++)
        commit_numbered(&bench->a, n);
    bench_wait(&bench->a, all_alerts);
    store_alerts_after(bench->a.store, "", 1, on_page, &bench->a);
    bench_wait(&bench->a, is_aged);
    assert_true(bench->a.truncated);
    teller_close(&bench->a);
}

/* ---- Without a store, without good options -------------------------------------------------- */

static void test_none(void **state) {
    struct bench *bench = *state;
    struct store_options options = {.where = "none"};
    teller_open(&bench->a, &options);
    assert_false(bench->a.loaded);
    bench_wait(&bench->a, is_ready);
    assert_true(bench->a.epoch > 0);
    struct store_status status;
    store_status(bench->a.store, &status);
    assert_string_equal(store_durability_name(status.durability), "memory");
    for (size_t n = 1; n <= 1000; n++)
        commit_numbered(&bench->a, n);
    assert_int_equal(bench->a.confirmed, 0); /* not from inside the call */
    assert_true(store_has_room(bench->a.store));
    bench_wait(&bench->a, all_alerts);
    assert_false(bench->a.out_of_order);
    store_alerts_after(bench->a.store, "", 10, on_page, &bench->a);
    bench_wait(&bench->a, has_page);
    assert_true(bench->a.page_failed);
    commit_numbered(&bench->a, 1001);
    teller_close(&bench->a);
    assert_int_equal(bench->a.confirmed, 1001);
    assert_true(bench->a.clean);
}

static void refuse(struct bench *bench, const struct store_options *options, const char *expected) {
    char error[512] = "";
    assert_null(store_create(bench->loop, options, &teller_callbacks, bench, error, sizeof(error)));
    if (!strstr(error, expected))
        fail_msg("expected \"%s\" in \"%s\"", expected, error);
}

static void test_bad_options(void **state) {
    struct bench *bench = *state;
    char deep[512];
    snprintf(deep, sizeof(deep), "%s/%0120d", bench->dir, 0);
    refuse(bench, &(struct store_options){.where = "redis"},
           "expected private, none, unix:/path, tcp:host:port or sentinel:");
    refuse(bench, &(struct store_options){.where = "unix:socket"}, "absolute path");
    refuse(bench, &(struct store_options){.where = "tcp:127.0.0.1"}, "port from 1 to 65535");
    refuse(bench, &(struct store_options){.where = "tcp:127.0.0.1:65536"}, "port from 1 to 65535");
    refuse(bench, &(struct store_options){.where = "tcp::1"}, "expected host:port");
    refuse(bench, &(struct store_options){.where = "private"}, "expected state_dir");
    refuse(bench, &(struct store_options){.where = "private", .state_dir = deep}, "too long for the unix socket");
    refuse(bench, &(struct store_options){.where = "private", .state_dir = "/proc/none/such"}, "cannot be made");
    refuse(bench, &(struct store_options){.where = "private", .state_dir = bench->dir, .redis_server = "/no/redis"},
           "redis_server = \"/no/redis\": no such program");
    refuse(bench, &(struct store_options){.where = "none", .user = "me"}, "store_password_file");
    refuse(bench, &(struct store_options){.where = "none", .lease_ms = 10}, "lease_ms = 10");
    /* A start that nobody waits for can be taken back at any time. */
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    store_destroy(bench->a.store);
    bench->a.store = NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_comes_back),  BENCH_TEST(test_large_step),       BENCH_TEST(test_history_is_bounded),
        BENCH_TEST(test_alert_pages), BENCH_TEST(test_alerts_age),       BENCH_TEST(test_none),
        BENCH_TEST(test_bad_options), BENCH_TEST(test_page_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
