/* The store against servers that lose what they had confirmed: it is written anew, in steps among those that go on. */
#include "tests/unit/store_bench.h"

static void refill(struct teller *teller) {
    const struct store_field decision = {TEXT_OF("segment"), TEXT_OF("4")};
    struct store_step *step = store_refill_begin(teller->store);
    char number[24];
    for (size_t n = 1; n <= 10; n++) {
        snprintf(number, sizeof(number), "%zu", n);
        store_step_figure(step, "waits", "2024-04-01", number, text_of(number));
    }
    store_step_commit(step, NULL);
    step = store_refill_begin(teller->store);
    store_step_decision(step, "RJ1", &decision, 1);
    store_step_source(step, "feed", 10);
    store_step_commit(step, NULL);
    /* Ordinary steps of this moment follow the refill. */
    commit_numbered(teller, 11);
    store_refilled(teller->store);
}

static void write_ten(struct teller *teller) {
    const struct store_field decision = {TEXT_OF("segment"), TEXT_OF("4")};
    for (size_t n = 1; n <= 9; n++)
        commit_numbered(teller, n);
    struct store_step *step = store_step_begin(teller->store);
    store_step_figure(step, "waits", "2024-04-01", "10", TEXT_OF("10"));
    store_step_decision(step, "RJ1", &decision, 1);
    char id[48];
    snprintf(id, sizeof(id), "%llu-10", (unsigned long long)teller->epoch);
    store_step_alert(step, id, 1010, TEXT_OF("10"));
    store_step_commit(step, (void *)10);
    wait_confirmed(teller, 10);
}

static void check_refilled(struct bench *bench) {
    wait_confirmed(&bench->a, 11);
    bench_wait(&bench->a, is_ready);
    assert_int_equal(bench->a.behind, 1);
    assert_false(bench->a.out_of_order);
    assert_true(bench->a.was[STORE_DEGRADED]);
    assert_string_equal(bench_ask(bench, "HLEN {oversight}:figures:waits:2024-04-01"), "11");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:sources feed"), "11");
    assert_string_equal(bench_ask(bench, "XLEN {oversight}:decisions:RJ1"), "1");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta refilling"), "0");
    assert_int_equal(strtoull(bench_ask(bench, "HGET {oversight}:meta epoch"), NULL, 10), bench->a.epoch);
    /* Alerts 1 to 10 are gone or may be, and whoever asks is told. */
    store_alerts_after(bench->a.store, bench_id(bench->a.epoch, 9).text, 10, on_page, &bench->a);
    bench_wait(&bench->a, has_page);
    assert_true(bench->a.truncated);
    assert_string_equal(bench->a.page_last, bench_id(bench->a.epoch, 11).text);
    bench->a.pages = 0;
    store_alerts_after(bench->a.store, bench_id(bench->a.epoch, 10).text, 10, on_page, &bench->a);
    bench_wait(&bench->a, has_page);
    assert_false(bench->a.truncated);
    assert_int_equal(bench->a.page_count, 1);
    teller_close(&bench->a);
    assert_true(bench->a.clean);
}

static void test_emptied(void **state) {
    struct bench *bench = bench_begin(state);
    bench->a.on_behind = refill;
    write_ten(&bench->a);
    bench_ask(bench, "FLUSHALL");
    bench_wait(&bench->a, was_behind); /* found by the renewal of the lease */
    check_refilled(bench);
}

static void test_older_copy(void **state) {
    struct bench *bench = bench_begin(state);
    bench->a.on_behind = refill;
    write_ten(&bench->a);
    /* As a copy from before the last steps would be. */
    bench_ask(bench, "HSET {oversight}:meta step 7");
    bench_ask(bench, "HDEL {oversight}:figures:waits:2024-04-01 8 9 10");
    bench_ask(bench, "XTRIM {oversight}:alerts MAXLEN 0");
    bench_ask(bench, "CLIENT KILL TYPE normal SKIPME yes");
    bench_wait(&bench->a, was_behind);
    check_refilled(bench);
}

/* The loss was noted, but the answer that told it got lost: as the store is then, with step and epoch in order. */
static void test_loss_unheard(void **state) {
    struct bench *bench = bench_begin(state);
    bench->a.on_behind = refill;
    write_ten(&bench->a);
    bench_ask(bench, "HDEL {oversight}:figures:waits:2024-04-01 8 9 10");
    bench_ask(bench, "XTRIM {oversight}:alerts MAXLEN 0");
    bench_ask(bench, "HSET {oversight}:meta refilling 1 losses 1");
    bench_ask(bench, "CLIENT KILL TYPE normal SKIPME yes");
    bench_wait(&bench->a, was_behind);
    check_refilled(bench);
}

/* A copy from before we took over: the lease in it is that of one we have followed. */
static void test_older_lease(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    bench_ask(bench, "HSET {oversight}:meta epoch 0 format 1");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    bench->a.on_behind = refill;
    write_ten(&bench->a);
    bench_ask(bench, "FLUSHALL");
    bench_ask(bench, "HSET {oversight}:meta epoch 0 step 4 format 1");
    bench_ask(bench,
              "EVAL redis.call('SET',KEYS[1],'other/1/abc'..string.char(32)..'0','PX',60000) 1 {oversight}:lease");
    bench_ask(bench, "CLIENT KILL TYPE normal SKIPME yes");
    bench_wait(&bench->a, was_behind);
    wait_confirmed(&bench->a, 11);
    assert_false(bench->a.was[STORE_LOST]);
    assert_null(strstr(bench_ask(bench, "GET {oversight}:lease"), "other"));
    teller_close(&bench->a);
}

/* Slices are asked for one after the other, as there is room. */
static void slice(struct teller *teller) {
    char number[24];
    snprintf(number, sizeof(number), "%zu", ++teller->slices);
    if (teller->slices == 3)
        commit_numbered(teller, 11); /* what goes on meanwhile goes among them */
    struct store_step *step = store_refill_begin(teller->store);
    store_step_figure(step, "waits", "2024-04-01", number, text_of(number));
    store_step_commit(step, NULL);
    assert_int_equal(teller->confirmed, 10); /* nothing is told before the last */
    if (teller->slices == 10)
        store_refilled(teller->store);
}

static void test_refill_in_slices(void **state) {
    struct bench *bench = bench_begin(state);
    bench->a.on_refill = slice;
    write_ten(&bench->a);
    bench_ask(bench, "FLUSHALL");
    wait_confirmed(&bench->a, 11);
    assert_int_equal(bench->a.slices, 10);
    assert_string_equal(bench_ask(bench, "HLEN {oversight}:figures:waits:2024-04-01"), "11");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta refilling"), "0");
    teller_close(&bench->a);
}

/* The stop comes in the middle of a refill, with nothing else to be written. */
static void slice_and_stop(struct teller *teller) {
    struct store_step *step = store_refill_begin(teller->store);
    store_step_figure(step, "waits", "2024-04-01", "1", TEXT_OF("1"));
    store_step_commit(step, NULL);
    if (++teller->slices == 3)
        store_stop(teller->store, on_stopped, teller);
    if (teller->slices == 10)
        store_refilled(teller->store);
}

static void test_stop_while_refilling(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    options.stop_ms = 5000;
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    bench->a.on_refill = slice_and_stop;
    write_ten(&bench->a);
    bench_ask(bench, "FLUSHALL");
    bench_wait(&bench->a, has_stopped);
    assert_true(bench->a.clean);
    assert_int_equal(bench->a.slices, 10);
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta refilling"), "0");
}

/* The second loss comes in the middle of the first refill. */
static void forget_again(struct teller *teller) {
    if (teller->behind == 1) {
        struct store_step *step = store_refill_begin(teller->store);
        store_step_figure(step, "waits", "2024-04-01", "1", TEXT_OF("1"));
        store_step_commit(step, NULL);
        bench_ask(teller->bench, "FLUSHALL");
        return;
    }
    teller->behind = 1;
    refill(teller);
}

static void test_emptied_twice(void **state) {
    struct bench *bench = bench_begin(state);
    bench->a.on_behind = forget_again;
    write_ten(&bench->a);
    bench_ask(bench, "FLUSHALL");
    wait_confirmed(&bench->a, 11);
    check_refilled(bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_emptied),          BENCH_TEST(test_older_copy),           BENCH_TEST(test_older_lease),
        BENCH_TEST(test_refill_in_slices), BENCH_TEST(test_stop_while_refilling), BENCH_TEST(test_emptied_twice),
        BENCH_TEST(test_loss_unheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
