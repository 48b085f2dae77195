/* Two stores on one server: the second follows the first and takes over. */
#include "tests/unit/standby_bench.h"

/* What is stored before, while and after the standby reads: each decision once, figures at least. */
static void test_follows(void **state) {
    struct bench *bench = *state;
    struct store_options options;
    bench_start_server(bench);
    options = bench_options(bench);
    options.lease_ms = LEASE_MS;
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    commit_decision(&bench->a, "RJ1", "1", 1);
    options.instance = "second";
    teller_open(&bench->b, &options);
    commit_decision(&bench->a, "RJ1", "2", 2);
    bench_wait(&bench->b, is_warm);
    assert_int_equal(bench->b.state, STORE_WAITING);
    assert_false(bench->b.loaded);
    const struct store_field verdict = {TEXT_OF("state"), TEXT_OF("x")};
    const struct store_field before[] = {{TEXT_OF("state"), TEXT_OF("w")}, {TEXT_OF("since"), TEXT_OF("s")}};
    const struct store_field third = {TEXT_OF("segment"), TEXT_OF("3")};
    struct store_step *step = store_step_begin(bench->a.store);
    store_step_decision(step, "RJ1", &third, 1);
    store_step_decision(step, "RJ2", &third, 1);
    store_step_figure(step, "waits", "2024-04-01", "RJ1", TEXT_OF("12;0"));
    store_step_programme(step, "RJ1", "recovery", TEXT_OF("[]"));
    store_step_meta(step, "test_date", TEXT_OF("2024-05-01"));
    store_step_verdict(step, "sof", "RJ1", before, 2);
    store_step_verdict(step, "sof", "RJ1", &verdict, 1); /* the later one holds */
    store_step_history(step, "sof", "RJ1", "1-1", &third, 1);
    store_step_alert(step, "1-1", 1000, TEXT_OF("{}"));
    store_step_source(step, "feed", 3);
    store_step_commit(step, (void *)3);
    bench_wait(&bench->a, three_confirmed);
    teller_close(&bench->a); /* gives the lease back */
    bench_wait(&bench->b, is_ready);
    assert_true(bench->b.epoch > bench->a.epoch);
    assert_string_equal(bench->b.range.last, "1-1");
    assert_int_equal(bench->b.resets, 0);
    assert_non_null(strstr(bench->b.tells, "source feed 3\n"));
    assert_non_null(strstr(bench->b.tells, "meta test_date 2024-05-01\n"));
    const char *once[] = {"decision RJ1 segment=1\n",           "decision RJ1 segment=2\n",
                          "decision RJ1 segment=3\n",           "decision RJ2 segment=3\n",
                          "figure waits 2024-04-01 RJ1 12;0\n", "programme RJ1 recovery []\n",
                          "verdict sof RJ1 state=x since=s\n",  "history sof RJ1 1-1 segment=3\n"};
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
        if (count_of(bench->b.tells, once[i]) != 1)
            fail_msg("\"%s\" is %zu times in\n%s", once[i], count_of(bench->b.tells, once[i]), bench->b.tells);
    commit_numbered(&bench->b, 1);
    teller_close(&bench->b);
    assert_true(bench->b.clean);
    assert_int_equal(bench->b.confirmed, 1);
}

/* The leader is there but says nothing any more: its lease runs out, it is silent by its own clock, and fenced. */
static void test_takes_over(void **state) {
    struct bench *bench = *state;
    struct store_options options;
    open_pair(bench, &options);
    bench_wait(&bench->b, is_warm);
    assert_true(store_lease_left(bench->a.store) > 0);
    /* Its renewal comes too late: as if its process had stood still. */
    bench_ask(bench, "SET {oversight}:lease other/1/0 PX 1500");
    bench_wait(&bench->b, is_ready);
    assert_true(bench->b.epoch > bench->a.epoch);
    commit_numbered(&bench->a, 1);
    bench_wait(&bench->a, is_lost);
    assert_int_equal(bench->a.confirmed, 0);
    assert_int_equal(store_lease_left(bench->a.store), 0);
    assert_string_equal(bench_ask(bench, "HGET {oversight}:sources feed"), "(nil)");
    teller_close(&bench->b);
    store_destroy(bench->a.store);
    bench->a.store = NULL;
}

static bool knows_standby(struct teller *teller) {
    struct store_status status;
    store_status(teller->store, &status);
    return strcmp(status.standby, "second") == 0;
}

static bool knows_none(struct teller *teller) {
    struct store_status status;
    store_status(teller->store, &status);
    return !*status.standby;
}

/* The leader hears of its standby, and that it went away; the changes are kept only meanwhile. */
static void test_announces_itself(void **state) {
    struct bench *bench = *state;
    struct store_options options;
    open_pair(bench, &options);
    wait_looking(&bench->a, knows_standby);
    commit_numbered(&bench->a, 1);
    commit_numbered(&bench->a, 2);
    commit_numbered(&bench->a, 3);
    bench_wait(&bench->b, is_warm);
    wait_looking(&bench->b, heard_third);
    assert_string_not_equal(bench_ask(bench, "XLEN {oversight}:changes"), "0");
    store_destroy(bench->b.store);
    bench->b.store = NULL;
    wait_looking(&bench->a, knows_none);
    commit_numbered(&bench->a, 4);
    teller_close(&bench->a);
    assert_int_equal(bench->a.confirmed, 4);
    assert_string_equal(bench_ask(bench, "EXISTS {oversight}:changes"), "0");
}

static bool was_reset(struct teller *teller) {
    return teller->resets > 0 && is_warm(teller);
}

/* A place that is gone: all is forgotten and read again, before and after the lease is ours. */
static void test_starts_over(void **state) {
    struct bench *bench = *state;
    struct store_options options;
    open_first(bench, &options);
    open_second(bench, &options, SHORT_MS);
    bench_wait(&bench->b, is_warm);
    commit_numbered(&bench->a, 1);
    bench_ask(bench, "DEL {oversight}:changes");
    /* Ids of changes are milliseconds: a stream begun anew within the same one would give the old id again. */
    bench_ask(bench, "WAIT 1 3");
    commit_numbered(&bench->a, 2);
    commit_numbered(&bench->a, 3);
    wait_looking(&bench->b, was_reset);
    wait_looking(&bench->b, heard_third);
    bench_ask(bench, "DEL {oversight}:changes {oversight}:lease");
    teller_close(&bench->a);
    bench_wait(&bench->b, is_ready);
    assert_true(heard_third(&bench->b));
    assert_non_null(strstr(bench->b.tells, "figure waits 2024-04-01 3 3\n"));
    teller_close(&bench->b);
}

/* Who has just handed over lets others go first, and takes the lease again when nobody does. */
static void test_yields(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    options.yield_ms = 1500;
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_waiting);
    bench_wait(&bench->a, is_ready);
    assert_true(bench->a.epoch > 0);
    options.yield_ms = 0;
    options.no_standby = true;
    assert_true(store_lease_left(bench->a.store) < INT64_MAX);
    teller_close(&bench->a);
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    assert_true(store_lease_left(bench->b.store) == INT64_MAX);
    teller_close(&bench->b);
}

static bool sees_the_second(struct teller *teller) {
    return strncmp(teller->text, "second/", 7) == 0;
}

/* Who was let go first had it, and goes: there is nothing left to wait for. */
static void test_yields_once(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    options.yield_ms = 3600000;
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_waiting);
    options.yield_ms = 0;
    options.instance = "second";
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    bench_wait(&bench->a, sees_the_second);
    teller_close(&bench->b);
    bench_wait(&bench->a, is_ready);
    assert_true(bench->a.epoch > bench->b.epoch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_follows),     BENCH_TEST(test_takes_over), BENCH_TEST(test_announces_itself),
        BENCH_TEST(test_starts_over), BENCH_TEST(test_yields),     BENCH_TEST(test_yields_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
