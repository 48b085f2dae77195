/* Paths, hosts and tags of HTTP requests, as they come from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the ones above */
#include <cmocka.h>
#include <string.h>

#include "daemon/http/route.h"

static bool matches(const char *pattern, const char *path, const char *first, const char *second) {
    struct text parameters[HTTP_PARAMETERS];
    if (!route_match(pattern, path, parameters))
        return false;
    assert_true(text_equal(parameters[0], first));
    assert_true(text_equal(parameters[1], second));
    assert_int_equal(parameters[2].len + parameters[3].len, 0);
    return true;
}

static void test_patterns(void **state) {
    (void)state;
    assert_true(matches("/", "/", "", ""));
    assert_false(matches("/", "", "", ""));
    assert_false(matches("/", "//", "", ""));
    assert_true(matches("/-/ready", "/-/ready", "", ""));
    assert_false(matches("/-/ready", "/-/ready/", "", ""));
    assert_false(matches("/-/ready", "/-/read", "", ""));
    assert_true(matches("/o/{code}", "/o/R%41", "R%41", ""));
    assert_false(matches("/o/{code}", "/o/", "", ""));
    assert_false(matches("/o/{code}", "/o", "", ""));
    assert_false(matches("/o/{code}", "/o/RA/x", "", ""));
    assert_true(matches("/s/{code}/{measure}", "/s/RA/ae-4h", "RA", "ae-4h"));
    assert_false(matches("/s/{code}/{measure}", "/s/RA//", "", ""));
    assert_true(matches("/s/{code}/x", "/s/RA/x", "RA", ""));
    assert_false(matches("/s/{code}/x", "/s/RA/y", "", ""));
}

static void test_hosts(void **state) {
    (void)state;
    static const char *const names[] = {"oversight.example"};
    static const char *const good[] = {"localhost",      "LocalHost:7780",    "127.0.0.1",
                                       "127.0.0.1:7780", "10.0.0.5:80",       "[::1]",
                                       "[::1]:7780",     "oversight.example", "Oversight.Example:443"};
    static const char *const bad[] = {"",
                                      "evil.example",
                                      "localhost.evil.example",
                                      "::1",
                                      "[::1",
                                      "[localhost.evil]",
                                      "127.0.0.1.evil.example",
                                      "localhost:x",
                                      "127.0.0.1 ",
                                      "oversight.example.evil",
                                      "localhost/x",
                                      ":80",
                                      "[::1]x",
                                      "user@localhost"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(route_host(good[i], names, 1));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(route_host(bad[i], names, 1));
    assert_false(route_host("oversight.example", NULL, 0));
    char host[1000];
    memset(host, '1', sizeof host);
    host[sizeof host - 1] = '\0';
    assert_false(route_host(host, names, 1));
}

static void test_addresses(void **state) {
    (void)state;
    char host[64];
    unsigned port;
    assert_true(route_address("127.0.0.1:7780", host, sizeof host, &port));
    assert_string_equal(host, "127.0.0.1");
    assert_int_equal(port, 7780);
    assert_true(route_address("[::1]:80", host, sizeof host, &port));
    assert_string_equal(host, "::1");
    assert_true(route_address("localhost:80", host, sizeof host, &port));
    assert_string_equal(host, "127.0.0.1");
    static const char *const bad[] = {"",       "127.0.0.1",    "127.0.0.1:",      "127.0.0.1:0",
                                      ":80",    "127.0.0.1:x",  "127.0.0.1:65536", "example.org:80",
                                      "::1:80", "[127.0.0.1:80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(route_address(bad[i], host, sizeof host, &port));
}

static void test_tags(void **state) {
    (void)state;
    assert_true(route_etag("\"ab\"", "\"ab\""));
    assert_true(route_etag("W/\"ab\"", "\"ab\""));
    assert_true(route_etag("\"x\", \"ab\"", "\"ab\""));
    assert_true(route_etag("*", "\"ab\""));
    assert_false(route_etag("", "\"ab\""));
    assert_false(route_etag("\"abc\"", "\"ab\""));
    assert_false(route_etag("ab", "\"ab\""));
    assert_false(route_etag("x\"ab\"y", "\"ab\""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_tags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
