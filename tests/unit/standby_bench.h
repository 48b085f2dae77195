/* Two stores on one server, one of which waits for the other. */
#ifndef OV_TESTS_STANDBY_BENCH_H
#define OV_TESTS_STANDBY_BENCH_H

#include "tests/unit/store_bench.h"

#define LEASE_MS 4000 /* long enough for a busy machine */
#define SHORT_MS 600  /* of a second that need not be quick: three times this it lets the first go first */

static inline void open_first(struct bench *bench, struct store_options *options) {
    bench_start_server(bench);
    *options = bench_options(bench);
    options->lease_ms = LEASE_MS;
    options->instance = "first";
    teller_open(&bench->a, options);
    bench_wait(&bench->a, is_ready);
}

static inline void open_second(struct bench *bench, struct store_options *options, int64_t lease_ms) {
    options->lease_ms = lease_ms;
    options->instance = "second";
    teller_open(&bench->b, options);
}

/* Two that do not wait for each other. */
static inline void open_pair(struct bench *bench, struct store_options *options) {
    open_first(bench, options);
    open_second(bench, options, LEASE_MS);
}

static inline void commit_decision(struct teller *teller, const char *org, const char *segment, size_t tag) {
    const struct store_field fields[] = {{TEXT_OF("segment"), text_of(segment)}};
    struct store_step *step = store_step_begin(teller->store);
    store_step_decision(step, org, fields, 1);
    store_step_commit(step, (void *)(uintptr_t)tag);
}

static inline bool three_confirmed(struct teller *teller) {
    return teller->confirmed == 3;
}

static inline bool heard_third(struct teller *teller) {
    return strstr(teller->tells, "source feed 3\n") != NULL;
}

static inline size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

/* Without anything to hear, a look from time to time. */
static inline void wait_looking(struct teller *teller, bench_condition condition) {
    for (int tries = 0; !condition(teller); tries++) {
        assert_true(tries < PATIENCE_MS / 10);
        loop_timer_start(teller->bench->patience, 10);
        assert_true(loop_run(teller->bench->loop));
        teller->bench->impatient = false;
    }
}

#endif
