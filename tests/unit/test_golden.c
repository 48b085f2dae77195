/*
 * The messages for mistaken files: every tests/golden/<file> beside its
 * <file>.expected, and every shipped framework and registry without any.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/alloc.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"
#include "daemon/frameworks/source.h"

#define GOLDEN_KINDS 25 /* of mistakes, at least */

static char *path_of(const char *name) {
    const char *srcdir = getenv("srcdir");
    return alloc_printf("%s/%s", srcdir ? srcdir : ".", name);
}

static char *read_file(const char *path, size_t *ret_len) {
    struct problems *problems = problems_create();
    char *bytes = source_read(path, FRAMEWORK_FILE_MAX, problems, ret_len);
    if (!bytes)
        fail_msg("%s cannot be read", path);
    problems_destroy(problems);
    return bytes;
}

static bool ends_with(const char *string, const char *end) {
    size_t len = strlen(string), end_len = strlen(end);
    return len >= end_len && strcmp(string + len - end_len, end) == 0;
}

/* Parses a file under its base name; its problems as text, and whether it was accepted. */
static char *messages_of(const char *path, bool *ret_accepted) {
    size_t len;
    char *bytes = read_file(path, &len);
    const char *name = strrchr(path, '/') + 1;
    struct problems *problems = problems_create();
    if (ends_with(name, ".csv")) {
        struct registry *registry = registry_parse(name, bytes, len, problems);
        *ret_accepted = registry != NULL;
        registry_destroy(registry);
    } else {
        struct framework *framework = framework_parse(name, bytes, len, problems);
        *ret_accepted = framework != NULL;
        framework_destroy(framework);
    }
    char *text = problems_format(problems);
    problems_destroy(problems);
    free(bytes);
    return text;
}

/* Runs check over every file of a pattern; the number of files. */
static size_t each(const char *pattern, void (*check)(const char *path)) {
    char *full = path_of(pattern);
    glob_t found;
    assert_int_equal(glob(full, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check(found.gl_pathv[i]);
    size_t count = found.gl_pathc;
    globfree(&found);
    free(full);
    return count;
}

static void check_golden(const char *path) {
    bool accepted;
    char *text = messages_of(path, &accepted);
    char *beside = alloc_printf("%s.expected", path);
    size_t len;
    char *expected = read_file(beside, &len);
    if (strcmp(text, expected) != 0)
        fail_msg("%s: got\n%s\nexpected\n%s", path, text, expected);
    assert_false(accepted);
    assert_int_not_equal(len, 0);
    free(expected);
    free(beside);
    free(text);
}

static void test_golden(void **state) {
    (void)state;
    assert_true(each("tests/golden/*.conf", check_golden) >= 10);
    assert_true(each("tests/golden/*.csv", check_golden) >= 3);
}

/* The text of a message without names and values: "got *, expected a date". */
static size_t count_kinds(const char *text, char **kinds, size_t count, size_t max) {
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = alloc_copy_bytes(text, len);
        char *kind = strstr(line, "expected ");
        kind = kind ? kind : strrchr(line, ':') + 2;
        kind[strcspn(kind, "0123456789\";")] = '\0';
        bool known = false;
        for (size_t i = 0; i < count && !known; i++)
            known = strcmp(kinds[i], kind) == 0;
        if (!known && count < max)
            kinds[count++] = alloc_copy(kind);
        free(line);
        text += len + (text[len] == '\n');
    }
    return count;
}

static void test_golden_shows_many_kinds(void **state) {
    (void)state;
    char *kinds[200];
    size_t count = 0;
    char *full = path_of("tests/golden/*.expected");
    glob_t found;
    assert_int_equal(glob(full, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        size_t len;
        char *text = read_file(found.gl_pathv[i], &len);
        count = count_kinds(text, kinds, count, 200);
        free(text);
    }
    globfree(&found);
    free(full);
    print_message("%zu kinds of message\n", count);
    assert_true(count >= GOLDEN_KINDS);
    for (size_t i = 0; i < count; i++)
        free(kinds[i]);
}

static void check_shipped(const char *path) {
    bool accepted;
    char *text = messages_of(path, &accepted);
    if (!accepted || text[0] != '\0')
        fail_msg("%s: got\n%s", path, text);
    free(text);
}

static void test_shipped_files_have_no_mistake(void **state) {
    (void)state;
    assert_true(each("conf/frameworks/*.conf", check_shipped) >= 1);
    assert_true(each("conf/organisations.csv", check_shipped) == 1);
    assert_true(each("conf/example/example.conf", check_shipped) == 1);
    assert_true(each("conf/example/organisations.csv", check_shipped) == 1);
    assert_true(each("tests/cases/*.conf", check_shipped) >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_golden_shows_many_kinds),
        cmocka_unit_test(test_shipped_files_have_no_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
