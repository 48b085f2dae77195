/* A store that loses its data under a leader and a standby. */
#include "daemon/store/library.h"
#include "tests/unit/standby_bench.h"

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

/* The leader hears of it by itself only when it renews its lease, and comes first all the same: whoever stands by looks
 * more often. */
static void test_emptied_below_both(void **state) {
    struct bench *bench = *state;
    struct store_options options;
    open_pair(bench, &options);
    bench->a.on_behind = refill_one;
    commit_decision(&bench->a, "RJ1", "9", 1);
    bench_wait(&bench->b, is_warm);
    bench_ask(bench, "FLUSHALL");
    bench_wait(&bench->a, is_behind_and_ready);
    assert_false(bench->a.was[STORE_LOST]);
    wait_looking(&bench->b, heard_refill);
    assert_int_equal(bench->b.state, STORE_WAITING);
    teller_close(&bench->a);
    bench_wait(&bench->b, is_ready);
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

/* A copy from before the newest alerts of the first. */
static void cut_off_and_put_back(struct teller *teller) {
    struct bench *bench = teller->bench;
    unsigned long long epoch = bench->a.epoch;
    if (teller->state == STORE_LOADING) {
        bench_ask(bench, "FLUSHALL");
        bench_ask(bench, "HSET {oversight}:meta format 1 epoch %llu epochs %llu step 1", epoch, epoch);
        bench_ask(bench, "XADD {oversight}:alerts %s event 1", bench_id(bench->a.epoch, 1).text);
    }
    cut_off(teller);
}

/* As when the answer that the lease is ours gets lost: it is, and the connection has to be made anew. The functions are
 * loaded again with it. */
static void take_unheard(const struct bench *bench) {
    static const char answer[] = "  return {1, epoch, lost and 1 or 0, redis.call('HGET', meta, 'epochs')}\n";
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
    open_first(bench, &options);
    commit_numbered(&bench->a, 1);
    commit_numbered(&bench->a, 2);
    commit_numbered(&bench->a, 3);
    wait_confirmed(&bench->a, 3);
    open_second(bench, &options, SHORT_MS);
    bench_wait(&bench->b, is_warm);
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

static void test_emptied_and_put_back(void **state) {
    check_kept(*state, false, cut_off_and_put_back);
}

/* The changes are gone, and so is the leader, but not the data: that is read, as steps may have been missed. */
static void test_missed_and_dead(void **state) {
    struct bench *bench = *state;
    struct store_options options;
    open_first(bench, &options);
    open_second(bench, &options, SHORT_MS);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_emptied_store),        BENCH_TEST(test_emptied_below_both),  BENCH_TEST(test_emptied_and_dead),
        BENCH_TEST(test_emptied_and_cut_off),  BENCH_TEST(test_emptied_and_unheard), BENCH_TEST(test_emptied_twice),
        BENCH_TEST(test_emptied_and_put_back), BENCH_TEST(test_missed_and_dead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
