/* Two stores on one server: the second follows the first and takes over. */
#include "daemon/store/library.h"
#include "tests/unit/store_bench.h"

#define LEASE_MS 4000 /* long enough for a busy machine */

/* Two that do not wait for each other. */
static void open_pair(struct bench *bench, struct store_options *options) {
    bench_start_server(bench);
    *options = bench_options(bench);
    options->lease_ms = LEASE_MS;
    options->instance = "first";
    teller_open(&bench->a, options);
    bench_wait(&bench->a, is_ready);
    options->instance = "second";
    teller_open(&bench->b, options);
}

static void commit_decision(struct teller *teller, const char *org, const char *segment, size_t tag) {
    const struct store_field fields[] = {{TEXT_OF("segment"), text_of(segment)}};
    struct store_step *step = store_step_begin(teller->store);
    store_step_decision(step, org, fields, 1);
    store_step_commit(step, (void *)(uintptr_t)tag);
}

static bool three_confirmed(struct teller *teller) {
    return teller->confirmed == 3;
}

static bool heard_third(struct teller *teller) {
    return strstr(teller->tells, "source feed 3\n") != NULL;
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

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

/* Without anything to hear, a look from time to time. */
static void wait_looking(struct teller *teller, bench_condition condition) {
    for (int tries = 0; !condition(teller); tries++) {
        assert_true(tries < PATIENCE_MS / 10);
        loop_timer_start(teller->bench->patience, 10);
        assert_true(loop_run(teller->bench->loop));
        teller->bench->impatient = false;
    }
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
    open_pair(bench, &options);
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

/* Decisions written anew, as after a loss, cannot be followed one by one. */
static void refill_one(struct teller *teller) {
    const struct store_field field = {TEXT_OF("segment"), TEXT_OF("9")};
    struct store_step *step = store_refill_begin(teller->store);
    store_step_decision(step, "RJ1", &field, 1);
    store_step_source(step, "feed", 3);
    store_step_commit(step, NULL);
    store_refilled(teller->store);
}

static bool is_behind_and_ready(struct teller *teller) {
    return teller->behind && teller->state == STORE_READY;
}

static bool heard_refill(struct teller *teller) {
    return teller->resets > 0 && is_warm(teller) && heard_third(teller) &&
           count_of(teller->tells, "decision RJ1 segment=9\n") == 1;
}

static void test_emptied_store(void **state) {
    struct bench *bench = *state;
    struct store_options options;
    open_pair(bench, &options);
    bench->a.on_behind = refill_one;
    commit_decision(&bench->a, "RJ1", "9", 1);
    bench_wait(&bench->b, is_warm);
    bench_ask(bench, "FLUSHALL");
    bench_ask(bench, "CLIENT KILL TYPE normal");
    bench_wait(&bench->a, is_behind_and_ready);
    wait_looking(&bench->b, heard_refill);
    assert_int_equal(count_of(bench->b.tells, "decision"), 1);
    teller_close(&bench->a);
    bench_wait(&bench->b, is_ready);
    assert_int_equal(count_of(bench->b.tells, "decision"), 1);
    teller_close(&bench->b);
}

static bool has_figure(struct teller *teller) {
    return strstr(teller->tells, "figure waits 2024-04-01 3 3\n") != NULL;
}

/* The store is emptied and the leader dies: what the standby has followed is all that there is, and it is written. */
static void test_emptied_and_dead(void **state) {
    struct bench *bench = *state;
    struct store_options options;
    open_pair(bench, &options);
    bench_wait(&bench->b, is_warm);
    commit_decision(&bench->a, "RJ1", "9", 1);
    commit_numbered(&bench->a, 2);
    commit_numbered(&bench->a, 3);
    wait_looking(&bench->b, has_figure);
    store_destroy(bench->a.store);
    bench->a.store = NULL;
    bench_ask(bench, "FLUSHALL");
    bench->b.on_behind = refill_one;
    bench_wait(&bench->b, is_behind_and_ready);
    assert_true(bench->b.loaded);
    assert_int_equal(bench->b.resets, 0); /* nothing was forgotten */
    assert_true(bench->b.epoch > bench->a.epoch);
    assert_string_equal(bench_ask(bench, "HGET {oversight}:sources feed"), "3");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta refilling"), "0");
    assert_string_equal(bench_ask(bench, "XLEN {oversight}:decisions:RJ1"), "1");
    commit_numbered(&bench->b, 1);
    wait_confirmed(&bench->b, 1);
    /* The alerts of the first are gone, and whoever asks is told. */
    store_alerts_after(bench->b.store, bench_id(bench->a.epoch, 2).text, 10, on_page, &bench->b);
    bench_wait(&bench->b, has_page);
    assert_true(bench->b.truncated);
    assert_string_equal(bench->b.page_first, bench_id(bench->b.epoch, 1).text);
    teller_close(&bench->b);
    assert_true(bench->b.clean);
}

static void cut_off(struct teller *teller) {
    if (teller->state != STORE_LOADING)
        return;
    teller->on_state = NULL;
    bench_ask(teller->bench, "CLIENT KILL TYPE normal");
}

static void cut_off_and_empty(struct teller *teller) {
    if (teller->state == STORE_LOADING)
        bench_ask(teller->bench, "FLUSHALL");
    cut_off(teller);
}

/* As when the answer that the lease is ours gets lost: it is, and the connection has to be made anew. The functions are
 * loaded again with it. */
static void take_unheard(const struct bench *bench) {
    static const char answer[] = "  return {1, epoch, lost and 1 or 0}\n";
    static char source[65536];
    const char *whole = library_source(), *at = strstr(whole, answer);
    assert_non_null(at);
    int len = snprintf(source, sizeof(source), "%.*s  return redis.error_reply('TRYAGAIN')\n%s", (int)(at - whole),
                       whole, at + strlen(answer));
    assert_in_range(len, 1, sizeof(source) - 1);
    assert_string_equal(bench_ask(bench, "FUNCTION LOAD REPLACE %s", source), "oversight_1");
}

/* Nor does it forget that when the connection ends between the lease and the alerts, whatever else is lost. */
static void check_kept(struct bench *bench, bool unheard, void (*hook)(struct teller *teller)) {
    struct store_options options;
    open_pair(bench, &options);
    bench_wait(&bench->b, is_warm);
    commit_numbered(&bench->a, 1);
    commit_numbered(&bench->a, 2);
    commit_numbered(&bench->a, 3);
    wait_looking(&bench->b, has_figure);
    store_destroy(bench->a.store);
    bench->a.store = NULL;
    bench_ask(bench, "FLUSHALL");
    bench->b.on_state = hook;
    if (unheard)
        take_unheard(bench);
    bench->b.on_behind = refill_one;
    bench_wait(&bench->b, is_behind_and_ready);
    assert_null(bench->b.on_state); /* it was cut off */
    assert_int_equal(count_of(bench_ask(bench, "HGET {oversight}:meta epochs"), " "), unheard ? 2 : 1);
    assert_int_equal(bench->b.resets, 0);
    assert_true(has_figure(&bench->b));
    assert_int_equal(bench->b.behind, 1);
    assert_string_equal(bench_ask(bench, "HGET {oversight}:sources feed"), "3");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta refilling"), "0");
    store_alerts_after(bench->b.store, bench_id(bench->a.epoch, 2).text, 10, on_page, &bench->b);
    bench_wait(&bench->b, has_page);
    assert_true(bench->b.truncated);
    teller_close(&bench->b);
    assert_true(bench->b.clean);
}

static void test_emptied_and_cut_off(void **state) {
    check_kept(*state, false, cut_off);
}

static void test_emptied_and_unheard(void **state) {
    check_kept(*state, true, NULL);
}

static void test_emptied_twice(void **state) {
    check_kept(*state, false, cut_off_and_empty);
}

/* The changes are gone, and so is the leader, but not the data: that is read, as steps may have been missed. */
static void test_missed_and_dead(void **state) {
    struct bench *bench = *state;
    struct store_options options;
    open_pair(bench, &options);
    bench_wait(&bench->b, is_warm);
    store_destroy(bench->a.store);
    bench->a.store = NULL;
    bench_ask(bench, "DEL {oversight}:changes {oversight}:lease");
    bench_ask(bench, "HSET {oversight}:sources feed 3");
    bench_wait(&bench->b, is_ready);
    assert_int_equal(bench->b.resets, 1);
    assert_int_equal(bench->b.behind, 0);
    assert_true(heard_third(&bench->b));
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
        BENCH_TEST(test_follows),          BENCH_TEST(test_takes_over),
        BENCH_TEST(test_announces_itself), BENCH_TEST(test_starts_over),
        BENCH_TEST(test_emptied_store),    BENCH_TEST(test_yields),
        BENCH_TEST(test_yields_once),      BENCH_TEST(test_emptied_and_dead),
        BENCH_TEST(test_missed_and_dead),  BENCH_TEST(test_emptied_and_cut_off),
        BENCH_TEST(test_emptied_twice),    BENCH_TEST(test_emptied_and_unheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
