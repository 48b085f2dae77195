/* Names that differ in one byte only, of every length, are names of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/engine/names.h"

#define LONGEST 20

static void check_position(size_t len, size_t position) {
    struct names *names = names_create();
    char bytes[LONGEST] = "abcdefghijklmnopqrs";

    for (int value = 0; value < 256; value++) {
        bytes[position] = (char)value;
        assert_int_equal(names_find(names, (struct text){bytes, len}), NAMES_NONE);
        assert_int_equal(names_add(names, (struct text){bytes, len}), value);
    }
    assert_int_equal(names_count(names), 256);
    for (int value = 0; value < 256; value++) {
        bytes[position] = (char)value;
        assert_int_equal(names_find(names, (struct text){bytes, len}), value);
    }
    names_destroy(names);
}

static void one_byte_tells_names_apart(void **state) {
    (void)state;
    for (size_t len = 1; len <= LONGEST; len++)
        for (size_t position = 0; position < len; position++)
            check_position(len, position);
}

/* The start of a name is another name. */
static void lengths_tell_names_apart(void **state) {
    static const char bytes[LONGEST];
    struct names *names = names_create();

    (void)state;
    for (uint32_t len = 0; len <= LONGEST; len++)
        assert_int_equal(names_add(names, (struct text){bytes, len}), len);
    for (uint32_t len = 0; len <= LONGEST; len++)
        assert_int_equal(names_find(names, (struct text){bytes, len}), len);
    names_destroy(names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_byte_tells_names_apart),
        cmocka_unit_test(lengths_tell_names_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
