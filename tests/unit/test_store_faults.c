/* The store against servers that die, freeze, refuse, or belong to another. */
#include "tests/unit/seed.h"
#include "tests/unit/store_bench.h"

/* Figures, position and alerts 1 to count of this epoch are there, each once. */
static void check_numbered(struct bench *bench, uint64_t epoch, size_t count) {
    char expected[48];
    snprintf(expected, sizeof(expected), "%zu", count);
    assert_string_equal(bench_ask(bench, "HLEN {oversight}:figures:waits:2024-04-01"), expected);
    assert_string_equal(bench_ask(bench, "HGET {oversight}:sources feed"), expected);
    assert_string_equal(bench_ask(bench, "XLEN {oversight}:alerts"), expected);
    for (size_t n = 1; n <= count; n++) {
        snprintf(expected, sizeof(expected), "%llu-%zu", (unsigned long long)epoch, n);
        assert_string_equal(bench_ask(bench, "XRANGE {oversight}:alerts %s %s", expected, expected), "1");
    }
}

/* ---- A server that dies ------------------------------------------------------------- */

/* Steps go out all the time; now and then the server is killed in the middle of
 * it, with some of them on the way, some done and not yet answered. */
static void test_server_killed(void **state) {
    struct bench *bench = *state;
    struct dice dice = dice_from_environment("test_server_killed");
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    size_t committed = 0;
    for (int round = 0; round < 8; round++) {
        size_t burst = 20 + dice_below(&dice, 60);
        for (size_t i = 0; i < burst; i++)
            commit_numbered(&bench->a, ++committed);
        wait_confirmed(&bench->a, committed - burst + dice_below(&dice, (uint32_t)burst));
        pid_t server = bench_server_pid(bench);
        for (size_t i = 0; i < burst; i++)
            commit_numbered(&bench->a, ++committed);
        assert_int_equal(kill(server, SIGKILL), 0);
        wait_confirmed(&bench->a, committed);
        bench_wait(&bench->a, is_ready);
    }
    assert_false(bench->a.out_of_order);
    assert_int_equal(bench->a.behind, 0); /* nothing that was confirmed was lost */
    assert_true(bench->a.was[STORE_DEGRADED]);
    check_numbered(bench, bench->a.epoch, committed);
    struct store_status status;
    store_status(bench->a.store, &status);
    assert_int_equal(status.server_starts, 9);
    assert_int_equal(status.steps_confirmed, committed);
    assert_int_equal(status.steps_queued, 0);
    assert_int_equal(status.bytes_queued, 0);
    teller_close(&bench->a);
    assert_true(bench->a.clean);
}

static bool has_no_room(struct teller *teller) {
    return teller->state == STORE_DEGRADED && !store_has_room(teller->store);
}

/* While it is away steps wait within the bound that the caller is told of. */
static void test_server_frozen(void **state) {
    struct bench *bench = *state;
    struct store_options options = bench_options(bench);
    options.deadline_ms = 300;
    options.connect_ms = 300;
    options.steps_bound = 50;
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    commit_numbered(&bench->a, 1);
    wait_confirmed(&bench->a, 1);
    pid_t server = bench_server_pid(bench);
    assert_int_equal(kill(server, SIGSTOP), 0);
    for (size_t n = 2; n <= 50; n++)
        commit_numbered(&bench->a, n);
    assert_true(store_has_room(bench->a.store));
    commit_numbered(&bench->a, 51);
    bench_wait(&bench->a, has_no_room);
    assert_non_null(strstr(bench->a.text, "no reply within 300 ms"));
    assert_int_equal(bench->a.confirmed, 1);
    assert_int_equal(kill(server, SIGCONT), 0);
    wait_confirmed(&bench->a, 51);
    bench_wait(&bench->a, is_ready);
    assert_true(store_has_room(bench->a.store));
    assert_int_equal(bench->a.behind, 0);
    check_numbered(bench, bench->a.epoch, 51);
    teller_close(&bench->a);
}

/* ---- A daemon that dies ---------------------------------------------------------------- */

/* In a process of its own: writes, tells how much is confirmed, waits to be killed. */
static _Noreturn void run_doomed(struct bench *bench, int out) {
    struct store_options options = bench_options(bench);
    alarm(PATIENCE_MS / 1000); /* whatever goes wrong here */
    bench->loop = loop_create();
    bench->patience = loop_timer_create(bench->loop, LOOP_URGENT, bench_impatient, bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    for (size_t n = 1; n <= 100; n++)
        commit_numbered(&bench->a, n);
    wait_confirmed(&bench->a, 100);
    pid_t server = bench_server_pid(bench);
    if (write(out, &server, sizeof(server)) != sizeof(server))
        _exit(1);
    for (;;)
        pause();
}

static void test_daemon_killed(void **state) {
    struct bench *bench = *state;
    int channel[2];
    assert_int_equal(pipe(channel), 0);
    pid_t daemon = fork();
    assert_true(daemon >= 0);
    if (daemon == 0)
        run_doomed(bench, channel[1]);
    close(channel[1]);
    pid_t server = 0;
    assert_int_equal(read(channel[0], &server, sizeof(server)), sizeof(server));
    close(channel[0]);

    /* As long as it lives its folder is not ours. */
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, has_text);
    assert_int_equal(bench->a.state, STORE_CONNECTING);
    assert_non_null(strstr(bench->a.text, "another daemon"));
    uint64_t epoch = strtoull(bench_ask(bench, "HGET {oversight}:meta epoch"), NULL, 10);
    assert_true(epoch > 0);

    /* Its server dies with it, and ours comes after. */
    assert_int_equal(kill(daemon, SIGKILL), 0);
    assert_int_equal(waitpid(daemon, NULL, 0), daemon);
    bench_wait(&bench->a, is_ready);
    assert_int_not_equal(bench_server_pid(bench), server);
    assert_true(bench->a.epoch > epoch);
    check_numbered(bench, epoch, 100);
    teller_close(&bench->a);
}

/* ---- Two daemons -------------------------------------------------------------------------- */

static void test_waits_for_lease(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    int64_t left = store_lease_left(bench->a.store);
    assert_true(left > 0 && left <= options.lease_ms);

    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_waiting);
    assert_non_null(strstr(bench->b.text, "holds the lease"));
    assert_non_null(strstr(bench->b.text, "bench/"));
    /* Gone without a word: it runs out. */
    store_destroy(bench->a.store);
    bench->a.store = NULL;
    bench_wait(&bench->b, is_ready);
    assert_true(bench->b.epoch > bench->a.epoch);

    /* Given back: no wait, and the lease key is gone. */
    teller_close(&bench->b);
    assert_string_equal(bench_ask(bench, "EXISTS {oversight}:lease"), "0");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    assert_false(bench->a.was[STORE_WAITING]);
    assert_true(bench->a.epoch > bench->b.epoch);
    teller_close(&bench->a);
}

static bool b_is_ready_a_is_lost(struct teller *teller) {
    return is_ready(&teller->bench->b) && is_lost(&teller->bench->a);
}

static void test_fenced(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    options.lease_ms = 60000; /* no renewal within the test: the step itself must find out */
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    commit_numbered(&bench->a, 1);
    wait_confirmed(&bench->a, 1);
    bench_ask(bench, "DEL {oversight}:lease"); /* as if it had run out */
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, is_ready);
    assert_true(bench->b.epoch > bench->a.epoch);
    commit_numbered(&bench->a, 2);
    commit_numbered(&bench->a, 3);
    bench_wait(&bench->a, b_is_ready_a_is_lost);
    assert_non_null(strstr(bench->a.text, "another daemon has taken over"));
    assert_int_equal(bench->a.confirmed, 1);
    assert_string_equal(bench_ask(bench, "HLEN {oversight}:figures:waits:2024-04-01"), "1");
    assert_string_equal(bench_ask(bench, "XLEN {oversight}:alerts"), "1");
    commit_numbered(&bench->b, 1);
    wait_confirmed(&bench->b, 1);
    assert_string_equal(bench_ask(bench, "HGET {oversight}:sources feed"), "1");
    teller_close(&bench->a);
    assert_false(bench->a.clean);
    /* The loser does not take the winner's lease with it. */
    assert_string_equal(bench_ask(bench, "EXISTS {oversight}:lease"), "1");
    teller_close(&bench->b);
    assert_true(bench->b.clean);
}

/* The holder finds out by its renewal, though it has nothing to write. */
static void test_fenced_idle(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    bench_ask(bench, "HSET {oversight}:meta epoch 7000000000");
    bench_wait(&bench->a, is_lost);
    assert_non_null(strstr(bench->a.text, "epoch is 7000000000, ours is "));
    teller_close(&bench->a);
}

/* ---- A server that refuses --------------------------------------------------------------------- */

static void test_refused_settings(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    bench_ask(bench, "CONFIG SET maxmemory-policy allkeys-lru");
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_refused);
    assert_non_null(strstr(bench->a.text, "maxmemory-policy allkeys-lru"));
    assert_non_null(strstr(bench->a.text, "noeviction"));
    bench_ask(bench, "CONFIG SET maxmemory-policy noeviction");
    bench_wait(&bench->a, is_ready);
    teller_close(&bench->a);
}

static void test_durability(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    static const struct {
        const char *name, *value;
        enum store_durability durability;
    } rows[] = {
        {"appendfsync", "always", STORE_DURABILITY_FSYNC},
        {"appendfsync", "everysec", STORE_DURABILITY_REDIS},
        {"appendonly", "no", STORE_DURABILITY_MEMORY},
        {"save", "900 1", STORE_DURABILITY_REDIS},
    };
    struct store_options options = bench_options(bench);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(bench_ask(bench, "CONFIG SET %s %s", rows[i].name, rows[i].value), "OK");
        teller_open(&bench->a, &options);
        bench_wait(&bench->a, is_ready);
        struct store_status status;
        store_status(bench->a.store, &status);
        assert_int_equal(status.durability, rows[i].durability);
        assert_int_equal(status.version[0], '7');
        teller_close(&bench->a);
    }
}

static bool says_memory_limit(struct teller *teller) {
    return is_degraded(teller) && strstr(teller->text, "memory limit");
}

static bool says_replica(struct teller *teller) {
    return is_degraded(teller) && (strstr(teller->text, "replica") || strstr(teller->text, "role slave"));
}

static void test_refuses_writes(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    bench_ask(bench, "CONFIG SET maxmemory 1");
    for (size_t n = 1; n <= 40; n++)
        commit_numbered(&bench->a, n);
    bench_wait(&bench->a, says_memory_limit);
    assert_int_equal(bench->a.confirmed, 0);
    bench_ask(bench, "CONFIG SET maxmemory 0");
    wait_confirmed(&bench->a, 40);
    bench_wait(&bench->a, is_ready);

    bench_ask(bench, "REPLICAOF 127.0.0.1 1");
    commit_numbered(&bench->a, 41);
    bench_wait(&bench->a, says_replica);
    bench_ask(bench, "REPLICAOF NO ONE");
    wait_confirmed(&bench->a, 41);
    bench_wait(&bench->a, is_ready);
    assert_int_equal(bench->a.behind, 0);
    check_numbered(bench, bench->a.epoch, 41);

    /* Our functions taken away under way. */
    bench_ask(bench, "FUNCTION FLUSH");
    commit_numbered(&bench->a, 42);
    wait_confirmed(&bench->a, 42);
    check_numbered(bench, bench->a.epoch, 42);
    teller_close(&bench->a);
}

static void write_password(struct bench *bench, const char *password) {
    snprintf(bench->password, sizeof(bench->password), "%s/password", bench->dir);
    FILE *file = fopen(bench->password, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", password);
    assert_int_equal(fchmod(fileno(file), 0600), 0);
    assert_int_equal(fclose(file), 0);
}

static bool says_wrong_password(struct teller *teller) {
    return teller->state == STORE_CONNECTING && strstr(teller->text, "does not accept the user and password");
}

static bool says_no_password(struct teller *teller) {
    return teller->state == STORE_CONNECTING && strstr(teller->text, "set store_password_file");
}

static bool says_no_file(struct teller *teller) {
    return teller->state == STORE_CONNECTING && strstr(teller->text, "No such file");
}

static void test_password(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    /* What oversight-redis(7) says that the daemon needs, without config|get. */
    assert_string_equal(bench_ask(bench, "ACL SETUSER writer on >secret ~{oversight}:* +@connection +info +scan "
                                         "+hgetall +hget +hmget +hset +get +set +del +pttl +xadd +xlen +xrange "
                                         "+xrevrange +xtrim +fcall +function|load"),
                        "OK");
    struct store_options options = bench_options(bench);
    options.user = "writer";
    write_password(bench, "guess");
    options.password_file = bench->password;
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, says_wrong_password);
    write_password(bench, "secret"); /* read again at the next connect */
    bench_wait(&bench->a, is_ready);
    struct store_status status;
    store_status(bench->a.store, &status);
    /* CONFIG is denied to this user: only what INFO shows is claimed. */
    assert_int_equal(status.durability, STORE_DURABILITY_REDIS);
    commit_numbered(&bench->a, 1);
    wait_confirmed(&bench->a, 1);
    teller_close(&bench->a);

    unlink(bench->password);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, says_no_file);
    store_destroy(bench->a.store);
    bench->a.store = NULL;

    bench_ask(bench, "CONFIG SET requirepass other");
    options.user = options.password_file = NULL;
    teller_open(&bench->b, &options);
    bench_wait(&bench->b, says_no_password);
}

static void test_stop_without_server(void **state) {
    struct bench *bench = *state;
    struct store_options options = bench_options(bench);
    snprintf(bench->where, sizeof(bench->where), "unix:%s/nobody", bench->dir);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, has_text);
    assert_int_equal(bench->a.state, STORE_CONNECTING);
    teller_close(&bench->a);
    assert_true(bench->a.clean); /* there was nothing to write */

    /* With steps that cannot be written the drain ends all the same. */
    bench_start_server(bench);
    options.stop_ms = 200;
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    private_server_stop(bench->server, on_server_ended);
    bench_wait(&bench->b, server_ended);
    commit_numbered(&bench->a, 1);
    teller_close(&bench->a);
    assert_false(bench->a.clean);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_server_killed),
        BENCH_TEST(test_server_frozen),
        BENCH_TEST(test_daemon_killed),
        BENCH_TEST(test_waits_for_lease),
        BENCH_TEST(test_fenced),
        BENCH_TEST(test_fenced_idle),
        BENCH_TEST(test_refused_settings),
        BENCH_TEST(test_durability),
        BENCH_TEST(test_refuses_writes),
        BENCH_TEST(test_password),
        BENCH_TEST(test_stop_without_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
