/* The epochs that a store notes, and whoever asks for the alerts after an id: truncated says that some of them are
 * lost, and nothing else. */
#include <time.h>

#include "tests/unit/store_bench.h"

static void write_ten(struct teller *teller) {
    for (size_t n = 1; n <= 10; n++)
        commit_numbered(teller, n);
    wait_confirmed(teller, 10);
}

static void check_after(struct teller *teller, struct bench_id after, bool expected) {
    teller->pages = 0;
    store_alerts_after(teller->store, after.text, 10, on_page, teller);
    bench_wait(teller, has_page);
    assert_false(teller->page_failed);
    assert_int_equal(teller->truncated, expected);
}

static void check_truncated(struct teller *teller, uint64_t epoch, bool expected) {
    check_after(teller, bench_id(epoch, epoch ? 10 : 0), expected);
}

/* A copy from before the last take-overs, and nobody who takes it knows of them: no epoch comes back all the same. */
static void test_older_copy_unknown(void **state) {
    struct bench *bench = *state;
    char path[128];
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    bench_ask(bench, "HSET {oversight}:meta epoch 6 format 1");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    write_ten(&bench->a);
    teller_close(&bench->a);
    bench_ask(bench, "FLUSHALL");
    bench_ask(bench, "HSET {oversight}:meta epoch 6 step 4 format 1");
    snprintf(path, sizeof(path), "%s/epoch", bench->dir);
    assert_int_equal(remove(path), 0);
    /* A clock has to tick between the two; an older copy is not put back in the same second. */
    while (time(NULL) <= (time_t)bench->a.epoch)
        usleep(10000);
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    assert_true(bench->b.epoch > bench->a.epoch);
    /* Who has seen alerts of the lost history hears that some are gone, others do not. */
    check_truncated(&bench->b, bench->a.epoch, true);
    check_truncated(&bench->b, 6, false);
    check_truncated(&bench->b, 0, false);
    check_truncated(&bench->b, bench->b.epoch, false);
    teller_close(&bench->b);
}

/* Before this start older versions had the store, which note no epochs: what they left is of its history. */
static void test_epochs_not_noted(void **state) {
    struct bench *bench = bench_begin(state);
    uint64_t epoch = bench->a.epoch;
    struct store_options options = bench_options(bench);
    teller_close(&bench->a);
    bench_ask(bench, "XADD {oversight}:alerts %s event x", bench_id(epoch + 2, 10).text);
    bench_ask(bench, "HSET {oversight}:meta epoch %llu", (unsigned long long)epoch + 4);
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    assert_true(bench->b.epoch > epoch + 4);
    check_truncated(&bench->b, epoch, false);
    check_truncated(&bench->b, epoch + 1, true);
    check_truncated(&bench->b, epoch + 2, false); /* such an alert is here */
    check_truncated(&bench->b, epoch + 3, true);
    check_truncated(&bench->b, epoch + 4, false); /* the last of them */
    check_truncated(&bench->b, bench->b.epoch, false);
    teller_close(&bench->b);
}

static void put_back(const struct bench *bench, uint64_t epoch) {
    char epochs[32];
    snprintf(epochs, sizeof(epochs), "0 %llu", (unsigned long long)epoch);
    bench_ask(bench, "FLUSHALL");
    bench_ask(bench, "HSET {oversight}:meta epoch %s epochs %s step 4 format 1", epochs + 2, epochs);
    bench_ask(bench, "XADD {oversight}:alerts %s event 4", bench_id(epoch, 4).text);
}

static void write_nothing(struct teller *teller) {
    store_refilled(teller->store);
}

/* The same copy once while nobody was there, and once more under the daemon that found it. */
static void test_older_copy_again(void **state) {
    struct bench *bench = bench_begin(state);
    struct store_options options = bench_options(bench);
    write_ten(&bench->a);
    teller_close(&bench->a);
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    teller_close(&bench->b);
    put_back(bench, bench->a.epoch);
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    check_truncated(&bench->b, bench->a.epoch, true);
    bench->b.on_behind = write_nothing;
    put_back(bench, bench->a.epoch);
    bench_ask(bench, "CLIENT KILL TYPE normal");
    bench_wait(&bench->b, was_behind);
    bench_wait(&bench->b, is_ready);
    check_truncated(&bench->b, bench->a.epoch, true);
    teller_close(&bench->b);
}

static void take_again(struct bench *bench, struct teller *teller) {
    struct store_options options = bench_options(bench);
    teller_close(teller);
    teller_open(teller, &options);
    bench_wait(teller, is_ready);
}

static void empty_under(struct bench *bench, struct teller *teller) {
    teller->behind = 0;
    teller->on_behind = write_nothing;
    bench_ask(bench, "FLUSHALL");
    bench_ask(bench, "CLIENT KILL TYPE normal");
    bench_wait(teller, was_behind);
    bench_wait(teller, is_ready);
}

/* Who has the newest alert of all, from before the last take-overs, has missed nothing of what is lost. */
static void test_emptied_after_take_overs(void **state) {
    struct bench *bench = bench_begin(state);
    uint64_t first = bench->a.epoch;
    write_ten(&bench->a);
    take_again(bench, &bench->a);
    uint64_t second = bench->a.epoch;
    take_again(bench, &bench->a);
    empty_under(bench, &bench->a);
    check_after(&bench->a, bench_id(first, 9), true);
    check_after(&bench->a, bench_id(first, 10), false);
    check_after(&bench->a, bench_id(second, 0), false); /* as a heartbeat names it */
    check_after(&bench->a, bench_id(second - 1, 11), first < second - 1);
    teller_close(&bench->a);
}

/* What was lost the first time still is, although nothing of it is left in the store or in memory. */
static void test_emptied_once_more(void **state) {
    struct bench *bench = bench_begin(state);
    uint64_t first = bench->a.epoch;
    write_ten(&bench->a);
    empty_under(bench, &bench->a);
    take_again(bench, &bench->a);
    empty_under(bench, &bench->a);
    check_after(&bench->a, bench_id(first, 9), true);
    check_after(&bench->a, bench_id(first, 10), false);
    teller_close(&bench->a);
}

/* The leader knows its own epoch to be of the history, whatever copy is put back under it. */
static void test_older_copy_own_epoch(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    bench_ask(bench, "HSET {oversight}:meta epoch 6 format 1");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    bench->a.on_behind = write_nothing;
    write_ten(&bench->a);
    bench_ask(bench, "FLUSHALL");
    bench_ask(bench, "HSET {oversight}:meta epoch 6 step 4 format 1 epochs %b", "0 6", (size_t)3);
    bench_wait(&bench->a, was_behind);
    bench_wait(&bench->a, is_ready);
    teller_close(&bench->a);
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    bench_ask(bench, "HDEL {oversight}:meta alerts_gap");
    check_truncated(&bench->b, bench->a.epoch, false);
    check_truncated(&bench->b, bench->a.epoch - 1, true);
    teller_close(&bench->b);
}

/* A list of epochs that nobody of ours has written keeps nobody from the store. */
static void test_epochs_damaged(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    bench_ask(bench, "HSET {oversight}:meta epoch 6 format 1 epochs junk");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    check_truncated(&bench->a, 6, false);
    check_truncated(&bench->a, bench->a.epoch, false);
    teller_close(&bench->a);
}

/* The clock was ahead once, or there were more take-overs than seconds: one more than the highest that is known. */
static void test_epoch_beyond_clock(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    bench_ask(bench, "HSET {oversight}:meta epoch 7000000000 format 1");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    assert_int_equal(bench->a.epoch, 7000000001);
    teller_close(&bench->a);
    bench_ask(bench, "FLUSHALL");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    assert_int_equal(bench->a.epoch, 7000000002);
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta alerts_gap"), "7000000001-9007199254740991");
    teller_close(&bench->a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_older_copy_unknown), BENCH_TEST(test_epochs_not_noted),
        BENCH_TEST(test_older_copy_again),   BENCH_TEST(test_emptied_after_take_overs),
        BENCH_TEST(test_emptied_once_more),  BENCH_TEST(test_older_copy_own_epoch),
        BENCH_TEST(test_epochs_damaged),     BENCH_TEST(test_epoch_beyond_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
