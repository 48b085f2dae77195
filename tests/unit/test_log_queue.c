/* A logger that is slow or stuck: nobody who logs waits for it, and what it
 * does not take is dropped, counted and told. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "common/log.h"
#include "common/log_queue.h"

/* ---- A logger that can be stopped ------------------------------------------------ */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stuck, waiting;
    unsigned lines;
    int priority;
    char last[LOG_LINE_MAX];
} logger = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false, 0, 0, ""};

static void take(int priority, const char *line) {
    pthread_mutex_lock(&logger.lock);
    logger.waiting = true;
    pthread_cond_broadcast(&logger.changed);
    while (logger.stuck)
        pthread_cond_wait(&logger.changed, &logger.lock);
    logger.waiting = false;
    logger.lines++;
    logger.priority = priority;
    snprintf(logger.last, sizeof logger.last, "%s", line);
    pthread_cond_broadcast(&logger.changed);
    pthread_mutex_unlock(&logger.lock);
}

/* libc's are taken over by the linker: nothing goes to the log of this machine. */
static void take_list(int priority, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static void take_list(int priority, const char *format, va_list args) {
    char line[LOG_LINE_MAX];
    vsnprintf(line, sizeof line, format, args);
    take(priority, line);
}

void __wrap_syslog(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void __wrap_syslog(int priority, const char *format, ...) {
    va_list args;
    va_start(args, format);
    take_list(priority, format, args);
    va_end(args);
}

void __wrap___syslog_chk(int priority, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));
void __wrap___syslog_chk(int priority, int flag, const char *format, ...) {
    (void)flag;
    va_list args;
    va_start(args, format);
    take_list(priority, format, args);
    va_end(args);
}

static void set_stuck(bool stuck) {
    pthread_mutex_lock(&logger.lock);
    logger.stuck = stuck;
    pthread_cond_broadcast(&logger.changed);
    pthread_mutex_unlock(&logger.lock);
}

/* Until the writer hangs in the logger with a line. */
static void await_waiting(void) {
    pthread_mutex_lock(&logger.lock);
    while (!logger.waiting)
        pthread_cond_wait(&logger.changed, &logger.lock);
    pthread_mutex_unlock(&logger.lock);
}

static void await_lines(unsigned lines) {
    pthread_mutex_lock(&logger.lock);
    while (logger.lines < lines)
        pthread_cond_wait(&logger.changed, &logger.lock);
    pthread_mutex_unlock(&logger.lock);
}

/* ---- Tests --------------------------------------------------------------------------- */

static void lines_come_out_in_order(void **state) {
    (void)state;
    logger.lines = 0;
    struct log_queue *queue = log_queue_create(4, take);
    assert_non_null(queue);
    for (unsigned i = 0; i < 100; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %u", i);
        assert_true(log_queue_put(queue, (int)i, line));
        await_lines(i + 1);
        assert_string_equal(logger.last, line);
        assert_int_equal(logger.priority, i);
    }
    assert_int_equal(log_queue_room(queue), 4);
    assert_true(log_queue_destroy(queue, 60000));
}

static void a_full_queue_takes_nothing_more(void **state) {
    (void)state;
    logger.lines = 0;
    set_stuck(true);
    struct log_queue *queue = log_queue_create(3, take);
    assert_true(log_queue_put(queue, 0, "in the logger"));
    await_waiting();
    for (int i = 0; i < 3; i++)
        assert_true(log_queue_put(queue, 0, "waits"));
    assert_false(log_queue_put(queue, 0, "dropped"));
    assert_int_equal(log_queue_room(queue), 0);
    set_stuck(false);
    await_lines(4);
    assert_string_equal(logger.last, "waits");
    assert_true(log_queue_destroy(queue, 60000));
}

static void a_stuck_writer_is_left(void **state) {
    (void)state;
    set_stuck(true);
    struct log_queue *queue = log_queue_create(3, take);
    assert_true(log_queue_put(queue, 0, "in the logger"));
    await_waiting();
    assert_false(log_queue_destroy(queue, 1));
    set_stuck(false);
    assert_true(log_queue_destroy(queue, 60000)); /* it could be tried again */
}

static void syslog_that_is_stuck_stops_nobody(void **state) {
    (void)state;
    logger.lines = 0;
    log_to_syslog("test", LOG_LOCAL3);
    log_start_queue(10);
    log_warning("store", "first");
    await_lines(1);
    assert_string_equal(logger.last, "store: first");
    assert_int_equal(logger.priority, LOG_LOCAL3 | LOG_WARNING);
    set_stuck(true);
    for (int i = 0; i < 50; i++)
        log_error("store", "line %d", i); /* would hang here for good without a queue */
    await_waiting();
    assert_true(log_dropped() >= 39 && log_dropped() <= 40);
    log_set_facility(LOG_USER);
    set_stuck(false);
    uint64_t dropped = log_dropped();
    await_lines(51 - (unsigned)dropped);
    log_info("store", "back");
    log_stop_queue();
    assert_int_equal(log_dropped(), dropped);
    assert_int_equal(logger.lines, 1 + 50 - dropped + 2);
    assert_string_equal(logger.last, "store: back");
    assert_int_equal(logger.priority, LOG_USER | LOG_INFO);
    log_to_stream(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_out_in_order),
        cmocka_unit_test(a_full_queue_takes_nothing_more),
        cmocka_unit_test(a_stuck_writer_is_left),
        cmocka_unit_test(syslog_that_is_stuck_stops_nobody),
    };
    return cmocka_run_group_tests_name("log queue", tests, NULL, NULL);
}
