/* Stores whose layout is of another version. */
#include "daemon/store/library.h"
#include "tests/unit/store_bench.h"

static bool is_foreign(struct teller *teller) {
    return teller->state == STORE_FOREIGN;
}

static void test_newer(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    bench_ask(bench, "HSET {oversight}:meta format 2");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_foreign);
    assert_non_null(strstr(bench->a.text, "newer version of oversightd"));
    assert_string_equal(bench_ask(bench, "EXISTS {oversight}:lease"), "0");
    assert_string_equal(bench_ask(bench, "HLEN {oversight}:meta"), "1");
    teller_close(&bench->a);
}

static void test_too_old(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    bench_ask(bench, "HSET {oversight}:meta format 0");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_foreign);
    assert_non_null(strstr(bench->a.text, "too old"));
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta format"), "0");
    teller_close(&bench->a);
}

/* A leader and a standby, and a newer daemon that changes the layout under them. */
static void test_changed_below(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_warm);
    bench_ask(bench, "HSET {oversight}:meta format 2");
    bench_wait(&bench->b, is_foreign);
    bench_ask(bench, "CLIENT KILL TYPE normal");
    bench_wait(&bench->a, is_lost);
    teller_close(&bench->a);
    teller_close(&bench->b);
}

/* ---- Steps from one format to the next ----------------------------------------------- */

static const char steps[] = "migrations[1] = function(meta)\n"
                            "  redis.call('HSET', meta, 'second', redis.call('HGET', meta, 'first'))\n"
                            "  redis.call('HDEL', meta, 'first')\n"
                            "end\n"
                            "migrations[2] = function(meta)\n"
                            "  redis.call('HSET', meta, 'third', redis.call('HGET', meta, 'second') .. '!')\n"
                            "end\n";

/* Our functions, with invented steps in their table. */
static void load_with_steps(const struct bench *bench) {
    static char source[65536];
    const char *whole = library_source(), *end = strstr(whole, "-- end of migrations");
    assert_non_null(end);
    int len = snprintf(source, sizeof(source), "%.*s%s%s", (int)(end - whole), whole, steps, end);
    assert_in_range(len, 1, sizeof(source) - 1);
    assert_string_equal(bench_ask(bench, "FUNCTION LOAD REPLACE %s", source), "oversight_1");
}

static const char *take(const struct bench *bench, const char *format) {
    return bench_ask(bench, "FCALL " FUNCTION_TAKE " 3 " KEY_META " " KEY_LEASE " " KEY_ALERTS " me 1000 1 me %s 0 0",
                     format);
}

static void test_steps(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    load_with_steps(bench);
    bench_ask(bench, "HSET {oversight}:meta format 1 first x epoch 7");
    assert_string_equal(take(bench, "3"), "4"); /* parts of the answer that it is ours */
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta third"), "x!");
    assert_string_equal(bench_ask(bench, "HEXISTS {oversight}:meta first"), "0");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta format"), "3");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta epoch"), "8");
    take(bench, "3"); /* nothing is done twice */
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta third"), "x!");
    assert_non_null(strstr(take(bench, "2"), "FORMAT is 3, known up to 2"));
    /* No step is done where one after it is missing. */
    bench_ask(bench, "HSET {oversight}:meta format 2 third y");
    assert_non_null(strstr(take(bench, "4"), "OLDFORMAT is 2"));
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta third"), "y");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta format"), "2");
    bench_ask(bench, "DEL {oversight}:meta");
    assert_string_equal(take(bench, "3"), "4");
    assert_string_equal(bench_ask(bench, "HGET {oversight}:meta format"), "3");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_newer),
        BENCH_TEST(test_too_old),
        BENCH_TEST(test_changed_below),
        BENCH_TEST(test_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
