#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "common/alloc.h"
#include "common/log.h"

struct sink {
    FILE *stream;
    char *text;
    size_t size;
};

static int setup(void **state) {
    struct sink *sink = calloc(1, sizeof *sink);
    assert_non_null(sink);
    sink->stream = open_memstream(&sink->text, &sink->size);
    assert_non_null(sink->stream);
    log_to_stream(sink->stream);
    log_set_level(LOG_LEVEL_INFO);
    *state = sink;
    return 0;
}

static int teardown(void **state) {
    struct sink *sink = *state;
    log_to_stream(NULL);
    fclose(sink->stream);
    free(sink->text);
    free(sink);
    return 0;
}

static unsigned lines(const char *text) {
    unsigned count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void a_line_has_time_level_subject_and_text(void **state) {
    struct sink *sink = *state;
    log_warning("feed ed", "gap of %d", 3);
    assert_int_equal(strlen("2000-01-01T00:00:00.000Z"), 24);
    assert_true(sink->size > 25);
    assert_int_equal(sink->text[10], 'T');
    assert_int_equal(sink->text[23], 'Z');
    assert_string_equal(sink->text + 24, " warning feed ed: gap of 3\n");
}

static void foreign_text_is_escaped(void **state) {
    struct sink *sink = *state;
    log_info("submit", "source '%s'", "a\nerror fake: line\x1b[2J");
    assert_int_equal(lines(sink->text), 1);
    assert_null(strchr(sink->text, '\x1b'));
    assert_non_null(strstr(sink->text, "a\\x0aerror"));
}

static void a_long_line_is_cut(void **state) {
    struct sink *sink = *state;
    char *long_text = alloc_zero(1, 3 * LOG_LINE_MAX);
    memset(long_text, 'x', 3 * LOG_LINE_MAX - 1);
    log_info("test", "%s", long_text);
    assert_true(sink->size < LOG_LINE_MAX + 64);
    assert_int_equal(lines(sink->text), 1);
    free(long_text);
}

static void repeats_are_counted(void **state) {
    struct sink *sink = *state;
    for (int i = 0; i < 5; i++)
        log_info("store", "no answer");
    assert_int_equal(lines(sink->text), 1);
    log_info("store", "back");
    assert_int_equal(lines(sink->text), 3);
    assert_non_null(strstr(sink->text, "store: no answer ... 4 more like this\n"));
    log_flush();
    assert_int_equal(lines(sink->text), 3);
}

static void levels_are_obeyed(void **state) {
    struct sink *sink = *state;
    log_debug("test", "not seen");
    log_set_level(LOG_LEVEL_ERROR);
    log_warning("test", "not seen");
    log_error("test", "seen");
    log_set_level(LOG_LEVEL_DEBUG);
    log_debug("test", "seen too");
    assert_int_equal(lines(sink->text), 2);
    assert_null(strstr(sink->text, "not seen"));
}

static void subsystems_have_levels_of_their_own(void **state) {
    struct sink *sink = *state;
    assert_true(log_set_level_of("store", LOG_LEVEL_DEBUG));
    assert_true(log_set_level_of("alert", LOG_LEVEL_ERROR));
    assert_false(log_set_level_of("nonsense", LOG_LEVEL_DEBUG));
    assert_string_equal(log_subsystem_at(0), "access");
    log_debug("store", "one");
    log_write(LOG_LEVEL_NOTICE, "alert", "X01", "not seen");
    log_debug("feed", "not seen");
    log_info("feed", "two");
    log_write(LOG_LEVEL_ERROR, "alert", "X01\n", "three");
    log_set_level(LOG_LEVEL_INFO);
    log_debug("store", "not seen");
    log_write(LOG_LEVEL_NOTICE, "alert", "X01", "four");
    assert_int_equal(lines(sink->text), 4);
    assert_null(strstr(sink->text, "not seen"));
    assert_non_null(strstr(sink->text, " error alert X01\\x0a: three\n"));
}

static void errno_is_printed_and_kept(void **state) {
    struct sink *sink = *state;
    errno = ENOENT;
    log_error("file", "cannot open: %m");
    assert_int_equal(errno, ENOENT);
    assert_non_null(strstr(sink->text, strerror(ENOENT)));
}

static void names_parse(void **state) {
    (void)state;
    enum log_level level = LOG_LEVEL_ERROR;
    int facility = -1;
    assert_true(log_level_parse("debug", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_string_equal(log_level_name(level), "debug");
    assert_false(log_level_parse("loud", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_true(log_facility_parse("local3", &facility));
    assert_int_equal(facility, LOG_LOCAL3);
    assert_false(log_facility_parse("kern", &facility));
}

static void memory_helpers_copy(void **state) {
    (void)state;
    char *copy = alloc_copy_bytes("abc", 2), *text = alloc_printf("%s-%d", copy, 7), *none = alloc_copy(NULL);
    unsigned char *zero = alloc_zero(0, 8);
    assert_string_equal(copy, "ab");
    assert_string_equal(text, "ab-7");
    assert_null(none);
    assert_non_null(zero);
    free(copy);
    free(text);
    free(zero);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_time_level_subject_and_text),
        TEST(foreign_text_is_escaped),
        TEST(a_long_line_is_cut),
        TEST(repeats_are_counted),
        TEST(levels_are_obeyed),
        TEST(subsystems_have_levels_of_their_own),
        TEST(errno_is_printed_and_kept),
        cmocka_unit_test(names_parse),
        cmocka_unit_test(memory_helpers_copy),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
