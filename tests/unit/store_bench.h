/*
 * A bench for the store: a loop, a folder, a Redis server started by the module
 * under test, stores on it that write down what they are told, and a plain
 * client to look behind their backs.
 */
#ifndef OV_TESTS_STORE_BENCH_H
#define OV_TESTS_STORE_BENCH_H

#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "daemon/os/loop.h"
#include "daemon/store/private_server.h"
#include "daemon/store/store.h"

#define PATIENCE_MS 60000 /* a test that waits longer has failed */
#define TELLS_MAX 65536

struct bench;

/* One store and what it said. */
struct teller {
    struct bench *bench;
    struct store *store;
    enum store_state state;
    char text[512];
    bool was[STORE_STOPPED + 1]; /* states it has been in */
    uint64_t epoch;
    struct store_alert_range range;
    bool loaded, stopped, clean;
    size_t wanted;    /* confirmed steps to wait for */
    size_t confirmed; /* tags must be 1, 2, 3, ... */
    bool out_of_order;
    size_t behind, resets;
    void (*on_state)(struct teller *teller);
    void (*on_behind)(struct teller *teller);
    void (*on_refill)(struct teller *teller);
    size_t slices;
    char *tells; /* what was loaded, a line each */
    size_t tells_len;
    /* the last page */
    size_t pages, page_count;
    bool page_failed, more, truncated;
    char page_first[64], page_last[64], page_event[64];
};

typedef bool (*bench_condition)(struct teller *teller);

struct bench {
    struct loop *loop;
    struct loop_timer *patience;
    bool impatient;
    char dir[64], where[128], password[128];
    struct private_server *server;
    bool server_runs, server_ended;
    struct teller a, b;
    struct teller *waited;
    bench_condition condition;
};

static inline void bench_check(struct bench *bench) {
    if (bench->condition && bench->condition(bench->waited))
        loop_stop(bench->loop);
}

static inline void bench_impatient(void *context) {
    struct bench *bench = context;
    bench->impatient = true;
    loop_stop(bench->loop);
}

/* Runs the loop until the condition holds. */
static inline void bench_wait(struct teller *teller, bench_condition condition) {
    struct bench *bench = teller->bench;
    if (condition(teller))
        return;
    bench->waited = teller;
    bench->condition = condition;
    loop_timer_start(bench->patience, PATIENCE_MS);
    assert_true(loop_run(bench->loop));
    loop_timer_stop(bench->patience);
    bench->condition = NULL;
    if (bench->impatient)
        fail_msg("waited too long; state %s, text \"%s\", confirmed %zu", store_state_name(teller->state), teller->text,
                 teller->confirmed);
}

/* ---- What a store says --------------------------------------------------------- */

static inline void tell(struct teller *teller, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void tell(struct teller *teller, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len = vsnprintf(teller->tells + teller->tells_len, TELLS_MAX - teller->tells_len, format, args);
    va_end(args);
    if (len > 0 && teller->tells_len + (size_t)len < TELLS_MAX)
        teller->tells_len += (size_t)len;
}

#define SLICE(text) (int)(text).len, (text).s

static inline void tell_fields(struct teller *teller, const struct store_field *fields, size_t count) {
    for (size_t i = 0; i < count; i++)
        tell(teller, " %.*s=%.*s", SLICE(fields[i].name), SLICE(fields[i].value));
    tell(teller, "\n");
}

static inline void on_state(void *context, enum store_state state, const char *text) {
    struct teller *teller = context;
    teller->state = state;
    teller->was[state] = true;
    snprintf(teller->text, sizeof(teller->text), "%s", text);
    if (teller->on_state)
        teller->on_state(teller);
    bench_check(teller->bench);
}

static inline void on_load_reset(void *context) {
    struct teller *teller = context;
    teller->resets++;
    teller->tells[teller->tells_len = 0] = '\0';
}

static inline void on_load_meta(void *context, struct text field, struct text value) {
    /* Only what the test itself wrote is the same every time. */
    if (field.len >= 5 && memcmp(field.s, "test_", 5) == 0)
        tell(context, "meta %.*s %.*s\n", SLICE(field), SLICE(value));
}

static inline void on_load_source(void *context, struct text source, uint64_t last) {
    tell(context, "source %.*s %llu\n", SLICE(source), (unsigned long long)last);
}

static inline void on_load_figures(void *context, struct text measure, struct text period,
                                   const struct store_field *fields, size_t count) {
    for (size_t i = 0; i < count; i++)
        tell(context, "figure %.*s %.*s %.*s %.*s\n", SLICE(measure), SLICE(period), SLICE(fields[i].name),
             SLICE(fields[i].value));
}

static inline void on_load_decision(void *context, struct text org, const struct store_field *fields, size_t count) {
    tell(context, "decision %.*s", SLICE(org));
    tell_fields(context, fields, count);
}

static inline void on_load_programme(void *context, struct text org, struct text programme, struct text value) {
    tell(context, "programme %.*s %.*s %.*s\n", SLICE(org), SLICE(programme), SLICE(value));
}

static inline void on_load_verdict(void *context, struct text framework, struct text org,
                                   const struct store_field *fields, size_t count) {
    tell(context, "verdict %.*s %.*s", SLICE(framework), SLICE(org));
    tell_fields(context, fields, count);
}

static inline void on_load_history(void *context, struct text framework, struct text org, struct text id,
                                   const struct store_field *fields, size_t count) {
    tell(context, "history %.*s %.*s %.*s", SLICE(framework), SLICE(org), SLICE(id));
    tell_fields(context, fields, count);
}

static inline void on_loaded(void *context, uint64_t epoch, const struct store_alert_range *range) {
    struct teller *teller = context;
    teller->loaded = true;
    teller->epoch = epoch;
    teller->range = *range;
    bench_check(teller->bench);
}

static inline void on_step(void *context, void *tag) {
    struct teller *teller = context;
    if (!tag)
        return; /* of a refill */
    if ((size_t)(uintptr_t)tag != teller->confirmed + 1)
        teller->out_of_order = true;
    teller->confirmed++;
    bench_check(teller->bench);
}

static inline void on_behind(void *context, const char *text) {
    struct teller *teller = context;
    (void)text;
    teller->behind++;
    if (teller->on_behind)
        teller->on_behind(teller);
    else if (!teller->on_refill)
        store_refilled(teller->store);
    bench_check(teller->bench);
}

static inline void on_refill(void *context) {
    struct teller *teller = context;
    if (teller->on_refill)
        teller->on_refill(teller);
}

static inline void on_page(void *context, const struct store_alerts_page *page) {
    struct teller *teller = context;
    teller->pages++;
    if (!page)
        return;
    teller->page_failed = page->error != NULL;
    teller->page_count = page->count;
    teller->more = page->more;
    teller->truncated = page->truncated;
    teller->range = page->range;
    teller->page_first[0] = teller->page_last[0] = teller->page_event[0] = '\0';
    if (page->count) {
        text_copy(teller->page_first, sizeof(teller->page_first), page->alerts[0].id);
        text_copy(teller->page_last, sizeof(teller->page_last), page->alerts[page->count - 1].id);
        text_copy(teller->page_event, sizeof(teller->page_event), page->alerts[0].event);
    }
    bench_check(teller->bench);
}

static inline void on_stopped(void *context, bool clean) {
    struct teller *teller = context;
    teller->stopped = true;
    teller->clean = clean;
    bench_check(teller->bench);
}

static const struct store_callbacks teller_callbacks = {
    .on_state = on_state,
    .on_load_reset = on_load_reset,
    .on_load_meta = on_load_meta,
    .on_load_source = on_load_source,
    .on_load_figures = on_load_figures,
    .on_load_decision = on_load_decision,
    .on_load_programme = on_load_programme,
    .on_load_verdict = on_load_verdict,
    .on_load_history = on_load_history,
    .on_loaded = on_loaded,
    .on_step = on_step,
    .on_behind = on_behind,
    .on_refill = on_refill,
};

/* ---- Conditions ------------------------------------------------------------------ */

static inline bool is_ready(struct teller *teller) {
    return teller->loaded && teller->state == STORE_READY;
}

static inline bool is_degraded(struct teller *teller) {
    return teller->state == STORE_DEGRADED;
}

static inline bool is_refused(struct teller *teller) {
    return teller->state == STORE_REFUSED;
}

static inline bool is_lost(struct teller *teller) {
    return teller->state == STORE_LOST;
}

static inline bool is_waiting(struct teller *teller) {
    return teller->state == STORE_WAITING;
}

static inline bool is_warm(struct teller *teller) {
    struct store_status status;
    store_status(teller->store, &status);
    return status.warm;
}

static inline bool has_stopped(struct teller *teller) {
    return teller->stopped;
}

static inline bool has_page(struct teller *teller) {
    return teller->pages > 0;
}

static inline bool enough_confirmed(struct teller *teller) {
    return teller->confirmed >= teller->wanted;
}

static inline void wait_confirmed(struct teller *teller, size_t count) {
    teller->wanted = count;
    bench_wait(teller, enough_confirmed);
}

static inline bool has_text(struct teller *teller) {
    return teller->text[0] != '\0';
}

/* ---- Stores ------------------------------------------------------------------------- */

/* Short times: nothing here is far away. The lease: no test may lose it for want of a processor. */
static inline struct store_options bench_options(const struct bench *bench) {
    return (struct store_options){.where = bench->where,
                                  .state_dir = bench->dir,
                                  .redis_server = getenv("REDIS_SERVER"),
                                  .instance = "bench",
                                  .back_off_ms = 200,
                                  .lease_ms = 3000};
}

static inline void teller_open(struct teller *teller, const struct store_options *options) {
    char error[512] = "";
    struct bench *bench = teller->bench;
    char *tells = teller->tells ? teller->tells : calloc(1, TELLS_MAX);
    *teller = (struct teller){.bench = bench, .tells = tells};
    assert_non_null(tells);
    tells[0] = '\0';
    teller->store = store_create(bench->loop, options, &teller_callbacks, teller, error, sizeof(error));
    assert_string_equal(error, "");
    assert_non_null(teller->store);
    store_start(teller->store);
}

static inline void teller_close(struct teller *teller) {
    store_stop(teller->store, on_stopped, teller);
    bench_wait(teller, has_stopped);
    store_destroy(teller->store);
    teller->store = NULL;
}

/* ---- The server and a client of it ------------------------------------------------------ */

static inline redisContext *bench_client(const struct bench *bench) {
    char path[128];
    snprintf(path, sizeof(path), "%s/redis/socket", bench->dir);
    /* A server just started may not listen yet. */
    for (int tries = 0; tries < PATIENCE_MS / 10; tries++) {
        redisContext *client = redisConnectUnix(path);
        assert_non_null(client);
        if (!client->err)
            return client;
        redisFree(client);
        usleep(10000);
    }
    fail_msg("no server at %s", path);
    return NULL;
}

/* The reply as text: of a number its digits, of an array the count, of nil "(nil)". */
static inline const char *bench_ask(const struct bench *bench, const char *format, ...) {
    static char text[8192];
    redisContext *client = bench_client(bench);
    va_list args;
    va_start(args, format);
    redisReply *reply = redisvCommand(client, format, args);
    va_end(args);
    assert_non_null(reply);
    switch (reply->type) {
    case REDIS_REPLY_NIL:
        snprintf(text, sizeof(text), "(nil)");
        break;
    case REDIS_REPLY_INTEGER:
        snprintf(text, sizeof(text), "%lld", reply->integer);
        break;
    case REDIS_REPLY_ARRAY:
        snprintf(text, sizeof(text), "%zu", reply->elements);
        break;
    default:
        snprintf(text, sizeof(text), "%s", reply->str);
    }
    freeReplyObject(reply);
    redisFree(client);
    return text;
}

static inline pid_t bench_server_pid(const struct bench *bench) {
    const char *line = strstr(bench_ask(bench, "INFO server"), "process_id:");
    assert_non_null(line);
    return (pid_t)strtol(line + strlen("process_id:"), NULL, 10);
}

static inline void on_running(void *context) {
    struct bench *bench = context;
    bench->server_runs = true;
    bench_check(bench);
}

static inline void on_text(void *context, const char *text) {
    (void)context, (void)text;
}

static inline void on_server_ended(void *context) {
    struct bench *bench = context;
    bench->server_ended = true;
    bench_check(bench);
}

static inline bool server_answers(struct teller *teller) {
    return teller->bench->server_runs;
}

static inline bool server_ended(struct teller *teller) {
    return teller->bench->server_ended;
}

/* A server that outlives the stores; they reach it by bench->where. */
static inline void bench_start_server(struct bench *bench) {
    char error[512] = "";
    const char *program = getenv("REDIS_SERVER");
    const struct private_server_options options = {
        .state_dir = bench->dir, .program = program ? program : "redis-server", .stop_ms = 10000};
    static const struct private_server_callbacks callbacks = {on_running, on_text};
    bench->server = private_server_create(bench->loop, &options, &callbacks, bench, error, sizeof(error));
    assert_string_equal(error, "");
    private_server_start(bench->server);
    bench_wait(&bench->a, server_answers);
    snprintf(bench->where, sizeof(bench->where), "unix:%s/redis/socket", bench->dir);
}

/* ---- Fixture --------------------------------------------------------------------------------- */

static inline int bench_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw) {
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static inline int bench_setup(void **state) {
    struct bench *bench = calloc(1, sizeof(*bench));
    assert_non_null(bench);
    const char *folder = getenv("TMPDIR");
    snprintf(bench->dir, sizeof(bench->dir), "%s/store.XXXXXX", folder && strlen(folder) < 40 ? folder : "/tmp");
    assert_non_null(mkdtemp(bench->dir));
    snprintf(bench->where, sizeof(bench->where), "private");
    bench->loop = loop_create();
    assert_non_null(bench->loop);
    bench->patience = loop_timer_create(bench->loop, LOOP_URGENT, bench_impatient, bench);
    bench->a.bench = bench->b.bench = bench;
    *state = bench;
    return 0;
}

static inline int bench_teardown(void **state) {
    struct bench *bench = *state;
    store_destroy(bench->a.store);
    store_destroy(bench->b.store);
    private_server_destroy(bench->server);
    free(bench->a.tells);
    free(bench->b.tells);
    loop_timer_destroy(bench->patience);
    loop_destroy(bench->loop);
    nftw(bench->dir, bench_remove, 16, FTW_DEPTH | FTW_PHYS);
    free(bench);
    return 0;
}

#define BENCH_TEST(function) cmocka_unit_test_setup_teardown(function, bench_setup, bench_teardown)

/* ---- Steps of the tests -------------------------------------------------------------------------- */

struct bench_id {
    char text[48];
};

/* The alert n of an epoch. */
static inline struct bench_id bench_id(uint64_t epoch, size_t n) {
    struct bench_id id;
    snprintf(id.text, sizeof(id.text), "%llu-%zu", (unsigned long long)epoch, n);
    return id;
}

/* Step number n: one figure, the position of its source, and the alert <epoch>-n. */
static inline void commit_numbered(struct teller *teller, size_t n) {
    char number[24];
    struct bench_id id = bench_id(teller->epoch, n);
    snprintf(number, sizeof(number), "%zu", n);
    struct store_step *step = store_step_begin(teller->store);
    store_step_figure(step, "waits", "2024-04-01", number, text_of(number));
    store_step_source(step, "feed", n);
    store_step_alert(step, id.text, 1000 + (int64_t)n, text_of(number));
    store_step_commit(step, (void *)(uintptr_t)n);
}

/* A server, and a store that is ready. */
static inline struct bench *bench_begin(void **state) {
    struct bench *bench = *state;
    bench_start_server(bench);
    struct store_options options = bench_options(bench);
    teller_open(&bench->a, &options);
    bench_wait(&bench->a, is_ready);
    return bench;
}

static inline bool was_behind(struct teller *teller) {
    return teller->behind > 0;
}

#endif
