#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/message.h"
#include "common/text.h"
#include "tests/unit/seed.h"

static void test_good_numbers(void **state) {
    static const struct {
        const char *text;
        double number;
    } good[] = {
        {"0", 0},
        {"-0.0", 0},
        {"+1", 1},
        {"1.", 1},
        {".5", 0.5},
        {"00012.50", 12.5},
        {"1e3", 1000},
        {"1E-3", 0.001},
        {"-2.5e+2", -250},
        {"9007199254740993", 9007199254740992.0},
        {"0.1", 0.1},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"1.7976931348623157e308", DBL_MAX},
        {"4.9e-324", 4.9e-324},
        {"1e-400", 0},
        {"0e999999999999999999999", 0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"0.000000000000000000000000000000000000000001e42", 1},
        {"100000000000000000000000000000000000000000e-41", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        double number = -99;
        assert_true(text_to_double(text_of(good[i].text), &number));
        assert_true(number == good[i].number);
    }
}

static void test_bad_numbers(void **state) {
    static const char *const bad[] = {"",          " 1",    "1 ",  "1,5",   "0x10",  "nan",    "NaN",     "inf",
                                      "-Infinity", "1e999", "1e",  "e5",    ".",     "-",      "+-1",     "--1",
                                      "1.2.3",     "1e5.0", "1e+", "1_000", "1e1e1", "-1e400", "\xd9\xa1"};
    double number = -99;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(text_to_double(text_of(bad[i]), &number));
    assert_false(text_to_double((struct text){"1\0", 2}, &number));
    assert_true(number == -99);
    assert_true(text_to_double((struct text){"12345", 2}, &number) && number == 12);
}

/* A long run of digits is decided by its last one. */
static void test_halfway(void **state) {
    char text[1100] = "9007199254740993";
    double number;
    (void)state;
    strcat(text, ".");
    memset(text + 17, '0', 1000);
    text[1017] = '\0';
    assert_true(text_to_double(text_of(text), &number) && number == 9007199254740992.0);
    text[1016] = '1';
    assert_true(text_to_double(text_of(text), &number) && number == 9007199254740994.0);
}

static void check_round_trip(double number) {
    char text[NUMBER_SIZE], shorter[40];
    double back = 0;
    assert_true(strlen(text_from_double(number, text)) < NUMBER_SIZE);
    assert_true(text_to_double(text_of(text), &back));
    assert_true(back == number);
    size_t digits = 0;
    for (const char *at = text; *at && *at != 'e'; at++)
        digits += *at >= '0' && *at <= '9';
    if (strchr(text, '.') && digits >= 15) {
        /* One digit less does not do. */
        const char *at = text + (*text == '-');
        digits -= strspn(at, "0.") - (strspn(at, "0.") > strspn(at, "0"));
        snprintf(shorter, sizeof(shorter), "%.*e", (int)digits - 2, number);
        assert_true(strtod(shorter, NULL) != number);
    }
}

static void test_round_trip(void **state) {
    struct dice dice = dice_from_environment("round trip");
    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = dice_next(&dice);
        double number;
        memcpy(&number, &bits, sizeof(number));
        if (isfinite(number))
            check_round_trip(number);
        check_round_trip((double)dice_below(&dice, 1000000) / 1000);
    }
    for (int exponent = -1074; exponent < 1024; exponent++) {
        check_round_trip(ldexp(1, exponent));
        check_round_trip(nextafter(ldexp(1, exponent), 0));
        check_round_trip(-nextafter(ldexp(1, exponent), INFINITY));
    }
}

/* Figures as they come: up to 15 digits, some of them decimals. */
static void test_decimals(void **state) {
    struct dice dice = dice_from_environment("decimals");
    char text[NUMBER_SIZE], expected[40];
    (void)state;
    for (int i = 0; i < 100000; i++) {
        double whole = (double)(dice_next(&dice) % 1000000000000000 >> dice_below(&dice, 50));
        double number = whole / pow(10, (double)dice_below(&dice, 9));
        if (number != 0 && number < 1e-4)
            continue; /* with an exponent there, not here */
        snprintf(expected, sizeof(expected), "%.15g", number);
        assert_string_equal(text_from_double(number, text), expected);
    }
}

/* Differences and quotients of figures take up to 17 digits: the first of 15, 16 and 17 that read back. */
static void test_differences(void **state) {
    struct dice dice = dice_from_environment("differences");
    char text[NUMBER_SIZE], expected[40];
    (void)state;
    for (int i = 0; i < 300000; i++) {
        double scale = pow(10, (double)dice_below(&dice, 9));
        double a = (double)dice_below(&dice, 1000000) / 100, b = (double)dice_below(&dice, 1000000) / 1000;
        double number = dice_below(&dice, 2) ? fabs(a * scale - b) : dice_share(&dice) * scale;
        int exponent;
        if (number < 1e-4 || frexp(number, &exponent) <= 0.5)
            continue;
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(expected, sizeof(expected), "%.*g", digits, number);
            if (strtod(expected, NULL) == number)
                break;
        }
        assert_string_equal(text_from_double(number, text), expected);
    }
}

static void test_number_texts(void **state) {
    static const struct {
        double number;
        const char *text;
    } texts[] = {{0, "0"},
                 {-0.0, "0"},
                 {1, "1"},
                 {-12.5, "-12.5"},
                 {0.1, "0.1"},
                 {72.3, "72.3"},
                 {0.669414096154, "0.669414096154"},
                 {1e15, "1000000000000000"},
                 {1e17, "1e17"},
                 {0.00001, "0.00001"},
                 {0.000001, "1e-6"},
                 {1.5e-7, "1.5e-7"},
                 {5e-324, "5e-324"},
                 {DBL_MAX, "1.7976931348623157e308"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {8.0000152587890625, "8.000015258789062"}, /* halfway between two digits: the even one */
                 {8.0000457763671875, "8.000045776367188"},
                 {NAN, "nan"},
                 {-INFINITY, "-inf"}};
    char text[NUMBER_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_string_equal(text_from_double(texts[i].number, text), texts[i].text);
}

/* A locale with a decimal comma changes nothing; skipped where there is none. */
static void test_locale(void **state) {
    char text[NUMBER_SIZE];
    double number;
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
        skip();
    assert_true(text_to_double(text_of("1.2345678901234567e-5"), &number) && number == 1.2345678901234567e-5);
    assert_false(text_to_double(text_of("1,5"), &number));
    assert_string_equal(text_from_double(1.2345678901234567, text), "1.2345678901234567");
    /* Beyond what is done in whole numbers. */
    assert_string_equal(text_from_double(1.2345678901234567e-7, text), "1.2345678901234567e-7");
    setlocale(LC_ALL, "C");
}

static void test_integers(void **state) {
    uint64_t u = 7;
    int64_t i = 7;
    (void)state;
    assert_true(text_to_uint64(text_of("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_false(text_to_uint64(text_of("18446744073709551616"), &u));
    assert_false(text_to_uint64(text_of(""), &u));
    assert_false(text_to_uint64(text_of("-1"), &u));
    assert_false(text_to_uint64(text_of("1 "), &u));
    assert_true(text_to_int64(text_of("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(text_to_int64(text_of("9223372036854775807"), &i) && i == INT64_MAX);
    assert_false(text_to_int64(text_of("9223372036854775808"), &i));
    assert_false(text_to_int64(text_of("-9223372036854775809"), &i));
    assert_false(text_to_int64(text_of("-"), &i));
    assert_true(u == UINT64_MAX && i == INT64_MAX);
}

static void test_names(void **state) {
    char long_name[66];
    (void)state;
    memset(long_name, 'a', 65);
    long_name[65] = '\0';
    assert_true(text_is_org_code(text_of("R1H")));
    assert_false(text_is_org_code(text_of("r1h")));
    assert_false(text_is_org_code(text_of("")));
    assert_false(text_is_org_code(text_of("ABCDEFGHIJK")));
    assert_true(text_is_name(text_of("ae-4h_x.1")));
    assert_false(text_is_name(text_of("AE")));
    assert_false(text_is_name((struct text){"a\0b", 3}));
    assert_true(text_is_name((struct text){long_name, 64}));
    assert_false(text_is_name(text_of(long_name)));
    assert_true(text_is_source(text_of("NHS.feed-1")));
    assert_false(text_is_source(text_of("a/b")));
}

static void test_utf8(void **state) {
    static const char *const good[] = {
        "", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {
        "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xe2\x82"};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(text_is_utf8(text_of(good[i])) && text_is_free(text_of(good[i]), 10));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(text_is_utf8(text_of(bad[i])) || text_is_free(text_of(bad[i]), 10));
    assert_true(text_is_utf8(text_of("a\nb")));
    assert_false(text_is_free(text_of("a\nb"), 10));
    assert_false(text_is_free(text_of("a\x7f"), 10));
    assert_false(text_is_free(text_of("\xc2\x85"), 10));
    assert_false(text_is_free((struct text){"\0", 1}, 10));
    assert_false(text_is_free(text_of("eleven bytes"), 11));
}

static void test_escape(void **state) {
    char text[64];
    (void)state;
    assert_string_equal(text_escape(text, sizeof(text), text_of("a\\b\n\xc3\xa9")), "a\\\\b\\x0a\\xc3\\xa9");
    assert_string_equal(text_escape(text, 8, text_of("1234567")), "1234567");
    assert_string_equal(text_escape(text, 8, text_of("12345678")), "1234...");
    assert_string_equal(text_escape(text, 8, text_of("123\n\n")), "123...");
    assert_string_equal(text_escape(text, 3, text_of("abcdef")), "..");
    assert_string_equal(text_escape(text, 1, text_of("abcdef")), "");
}

static void test_copy(void **state) {
    char text[4];
    (void)state;
    assert_true(text_copy(text, sizeof(text), text_of("abc")));
    assert_string_equal(text, "abc");
    assert_false(text_copy(text, sizeof(text), text_of("abcd")));
    assert_string_equal(text, "abc");
    assert_false(text_copy(text, 0, text_of("")));
    assert_true(text_equal((struct text){NULL, 0}, ""));
    assert_true(text_equal(text_of(NULL), ""));
}

static void test_refusal_codes(void **state) {
    (void)state;
    for (int i = REFUSAL_NONE; i < REFUSAL_COUNT; i++) {
        assert_string_not_equal(refusal_code((enum refusal)i), "unknown");
        for (int k = REFUSAL_NONE; k < i; k++)
            assert_string_not_equal(refusal_code((enum refusal)i), refusal_code((enum refusal)k));
    }
    assert_string_equal(refusal_code(REFUSAL_CLOSED_ORGANISATION), "closed-organisation");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_numbers), cmocka_unit_test(test_bad_numbers),   cmocka_unit_test(test_halfway),
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_decimals),      cmocka_unit_test(test_differences),
        cmocka_unit_test(test_number_texts), cmocka_unit_test(test_locale),        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_names),        cmocka_unit_test(test_utf8),          cmocka_unit_test(test_escape),
        cmocka_unit_test(test_copy),         cmocka_unit_test(test_refusal_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
