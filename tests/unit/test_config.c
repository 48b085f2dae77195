#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/config.h"
#include "daemon/config_text.h"

#define MINIMAL "frameworks = [ \"f.conf\" ];\n"

static struct config *parse(const char *text) {
    struct problems *problems = problems_create();
    struct config *config = config_parse("test.conf", "/etc/x", text, problems);
    if (!config) {
        char *report = problems_format(problems);
        print_error("%s", report);
        free(report);
    }
    problems_destroy(problems);
    assert_non_null(config);
    return config;
}

/* The text must give no configuration and exactly these problems. */
static void expect_problems(const char *text, const char *expected) {
    struct problems *problems = problems_create();
    assert_null(config_parse("test.conf", "/etc/x", text, problems));
    char *report = problems_format(problems);
    assert_string_equal(report, expected);
    free(report);
    problems_destroy(problems);
}

static char *printed(const struct config *config) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    config_print(config, stream);
    fclose(stream);
    return text;
}

static void defaults_are_those_of_the_table(void **state) {
    (void)state;
    struct config *config = parse(MINIMAL);
    assert_string_equal(config->instance, "main");
    assert_int_equal(config->frameworks.count, 1);
    assert_string_equal(config->frameworks.items[0], "/etc/x/f.conf");
    assert_string_equal(config->registry, "/etc/x/organisations.csv");
    assert_string_equal(config->state_dir, "/var/lib/oversightd");
    assert_string_equal(config->store, "private");
    assert_string_equal(config->store_password_file, "");
    assert_true(strlen(config->redis_server) > 0);
    assert_int_equal(config->publish.count, 1);
    assert_string_equal(config->publish.items[0].address, "tcp://127.0.0.1:7710");
    assert_false(config->publish.items[0].insecure);
    assert_int_equal(config->feeds.count, 0);
    assert_int_equal(config->max_message_bytes, 16 * 1024 * 1024);
    assert_int_equal(config->memory_bound, 256 * 1024 * 1024);
    assert_int_equal(config->more_timeout, 60000);
    assert_string_equal(config->log_level, "info");
    config_unload(config);
    config_unload(NULL);
}

static const char full[] =
    MINIMAL "instance = \"north\";\n"
            "store = \"unix:run/redis.sock\";\n"
            "memory_bound = 3000000000;\n"
            "gap_timeout = 1.25;\n"
            "http = ( \"127.0.0.1:80\", { address = \"10.0.0.5:80\"; insecure = true; } );\n"
            "http_names = [ \"a.example\", \"b\" ];\n"
            "publish = ( \"ipc:///run/a\", { endpoint = \"tcp://10.0.0.5:7710\"; insecure = "
            "true; } );\n"
            "submit = ( );\n"
            "feeds = ( { source = \"a\"; connect = \"tcp://127.0.0.1:7800\"; },\n"
            "          { source = \"b\"; connect = \"tcp://[::1]:1\"; replay = "
            "\"tcp://10.0.0.1:2\"; insecure = true; },\n"
            "          { source = \"c\"; connect = \"tcp://10.0.0.1:3\"; server_key = "
            "\"key\"; } );\n"
            "keys = \"/etc/keys\"; server_secret = \"own\"; store_password_file = \"credential:redis\";\n"
            "log_level = \"debug\";\n"
            "log_levels = { store = \"info\"; access = \"error\"; };\n";

static void values_are_read(void **state) {
    (void)state;
    struct config *config = parse(full);
    assert_string_equal(config->store, "unix:/etc/x/run/redis.sock");
    assert_true(config->memory_bound == 3000000000);
    assert_int_equal(config->gap_timeout, 1250);
    assert_int_equal(config->publish.count, 2);
    assert_true(config->publish.items[1].insecure);
    assert_int_equal(config->submit.count, 0);
    assert_string_equal(config->server_secret, "/etc/x/own");
    assert_string_equal(config->store_password_file, "credential:redis");
    assert_int_equal(config->log_levels.count, 2);
    assert_string_equal(config->log_levels.items[1].subsystem, "access");
    assert_string_equal(config->log_levels.items[1].level, "error");
    assert_int_equal(config->feeds.count, 3);
    assert_null(config->feeds.items[1].server_key);
    assert_string_equal(config->feeds.items[2].server_key, "key");
    assert_null(config->feeds.items[0].replay.address);
    assert_string_equal(config->feeds.items[1].source, "b");
    assert_string_equal(config->feeds.items[1].replay.address, "tcp://10.0.0.1:2");
    config_unload(config);
}

static void what_is_printed_reads_the_same(void **state) {
    (void)state;
    struct config *first = parse(full);
    char *text = printed(first);
    struct config *second = parse(text);
    char *again = printed(second);
    assert_string_equal(text, again);
    struct problems *problems = problems_create();
    assert_true(config_check_fixed(first, second, "f", problems));
    problems_destroy(problems);
    free(text);
    free(again);
    config_unload(first);
    config_unload(second);
}

static void every_mistake_is_reported_with_its_line(void **state) {
    (void)state;
    expect_problems(
        "instance = \"no spaces\";\n"
        "frameworks = \"f.conf\";\n"
        "max_bach = 5;\n"
        "max_batch = 20000;\n"
        "gap_hold = 1.5;\n"
        "more_timeout = \"soon\";\n"
        "store = \"tcp:localhost\";\n"
        "store_insecure = 1;\n"
        "log_level = \"loud\";\n"
        "log_facility = 3;\n"
        "query = [ ];\n"
        "registry = { };\n"
        "log_levels = {\n store = \"loud\";\n stare = \"info\"; };\n",
        "test.conf:1: option 'instance': got \"no spaces\", expected 1 to 64 of A-Z a-z 0-9 . _ -\n"
        "test.conf:2: option 'frameworks': got \"f.conf\", expected a list of paths\n"
        "test.conf:3: option 'max_bach': is unknown; oversightd.conf(5) lists the options\n"
        "test.conf:4: option 'max_batch': got 20000, expected a whole number from 1 to 10000\n"
        "test.conf:5: option 'gap_hold': got 1.5, expected a whole number from 1 to 10000000\n"
        "test.conf:6: option 'more_timeout': got \"soon\", expected seconds from 1 to 86400\n"
        "test.conf:7: option 'store': got \"tcp:localhost\", expected \"private\", \"none\", \"unix:PATH\", "
        "\"tcp:HOST:PORT\" or \"sentinel:NAME@HOST:PORT,...\"\n"
        "test.conf:8: option 'store_insecure': got 1, expected true or false\n"
        "test.conf:9: option 'log_level': got \"loud\", expected \"error\", \"warning\", \"notice\", "
        "\"info\" or \"debug\"\n"
        "test.conf:10: option 'log_facility': got 3, expected \"daemon\", \"user\" or \"local0\" to "
        "\"local7\"\n"
        "test.conf:11: option 'query': got a list of 0, expected a list of 1 to 16 endpoints\n"
        "test.conf:12: option 'registry': got a group, expected a path\n"
        "test.conf:14: option 'log_levels': got \"loud\", expected \"error\", \"warning\", \"notice\", "
        "\"info\" or \"debug\"\n"
        "test.conf:15: option 'log_levels': subsystem 'stare' is unknown; oversightd.conf(5) lists them\n");
}

static void feeds_are_checked(void **state) {
    (void)state;
    expect_problems(MINIMAL "feeds = (\n"
                            "  { source = \"a\"; connect = \"ipc:///a\"; },\n"
                            "  { source = \"a\"; connect = \"ipc:///b\"; },\n"
                            "  { source = \"c d\"; connect = 7; },\n"
                            "  { connect = \"ipc:///c\"; port = 8; },\n"
                            "  \"e\");\n",
                    "test.conf:4: option 'feeds': got \"a\", expected a source that no other feed has\n"
                    "test.conf:5: option 'feeds': got 7, expected a string as 'connect'\n"
                    "test.conf:5: option 'feeds': got \"c d\", expected 1 to 64 of A-Z a-z 0-9 . _ - as 'source'\n"
                    "test.conf:6: option 'feeds': key 'port' is unknown here\n"
                    "test.conf:6: option 'feeds': key 'source' is missing\n"
                    "test.conf:7: option 'feeds': got \"e\", expected { source = \"...\"; connect = \"...\"; replay = "
                    "\"...\"; }\n");
}

/* How many problems the text has; it must have some when it gives nothing. */
static size_t problems_of(const char *text) {
    struct problems *problems = problems_create();
    struct config *config = config_parse("test.conf", "/", text, problems);
    size_t count = problems_count(problems);
    assert_true((config == NULL) == (count > 0));
    config_unload(config);
    problems_destroy(problems);
    return count;
}

static void tcp_beyond_loopback_must_be_asked_for(void **state) {
    (void)state;
    assert_int_equal(problems_of(MINIMAL "publish = [ \"tcp://10.0.0.5:7710\" ];"), 1);
    assert_int_equal(problems_of(MINIMAL "publish = [ \"tcp://*:7710\" ];"), 1);
    assert_int_equal(problems_of(MINIMAL "publish = ( { endpoint = \"tcp://10.0.0.5:7710\"; } );"), 1);
    assert_int_equal(problems_of(MINIMAL "publish = ( { endpoint = \"tcp://10.0.0.5:7710\"; insecure = true; } );"), 0);
    assert_int_equal(problems_of(MINIMAL "publish = [ \"tcp://127.8.0.5:7710\", \"tcp://[::1]:7710\" ];"), 0);
    assert_int_equal(problems_of(MINIMAL "feeds = ( { source = \"a\"; connect = \"tcp://10.0.0.1:1\"; } );"), 1);
    assert_int_equal(problems_of(MINIMAL "store = \"tcp:127.0.0.1:6379\";"), 0);
    assert_int_equal(problems_of(MINIMAL "store = \"tcp:localhost:6379\";"), 0);
    assert_int_equal(problems_of(MINIMAL "store = \"tcp:[::1]:6379\";"), 0);
    assert_int_equal(problems_of(MINIMAL "store = \"tcp:10.0.0.1:6379\";"), 1);
    assert_int_equal(problems_of(MINIMAL "store = \"tcp:10.0.0.1:6379\"; store_insecure = true;"), 0);
    assert_int_equal(problems_of(MINIMAL "store = \"sentinel:nhs@127.0.0.1:26379,[::1]:26379\";"), 0);
    assert_int_equal(problems_of(MINIMAL "store = \"sentinel:nhs@127.0.0.1:26379,10.0.0.1:26379\";"), 1);
    assert_int_equal(problems_of(MINIMAL "store = \"sentinel:nhs@10.0.0.1:26379\"; store_insecure = true;"), 0);
    assert_int_equal(problems_of(MINIMAL "store = \"sentinel:nhs@127.0.0.1\";"), 1);
    assert_int_equal(problems_of(MINIMAL "store = \"sentinel:nhs@127.0.0.1:26379,\";"), 1);
    assert_int_equal(problems_of(MINIMAL "store = \"sentinel:@127.0.0.1:26379\";"), 1);
}

static void http_is_never_encrypted(void **state) {
    (void)state;
    assert_int_equal(problems_of(MINIMAL "http = [ \"127.0.0.1:80\", \"[::1]:80\", \"localhost:81\" ];"), 0);
    assert_int_equal(problems_of(MINIMAL "http = [ ]; http_names = [ \"a.example\" ];"), 0);
    assert_int_equal(problems_of(MINIMAL "http = [ \"10.0.0.5:80\" ];"), 1);
    assert_int_equal(problems_of(MINIMAL "keys = \"k\"; server_secret = \"s\"; http = [ \"10.0.0.5:80\" ];"), 1);
    assert_int_equal(problems_of(MINIMAL "http = ( { address = \"10.0.0.5:80\"; insecure = true; } );"), 0);
    assert_int_equal(problems_of(MINIMAL "http = ( { address = \"10.0.0.5:80\"; insecure = 1; } );"), 1);
    assert_int_equal(problems_of(MINIMAL "http = ( { address = \"10.0.0.5:80\"; insecure = true; x = 1; } );"), 1);
    assert_int_equal(problems_of(MINIMAL "http = \"127.0.0.1:80\";"), 1);
    assert_int_equal(problems_of(MINIMAL "http = [ \"127.0.0.1\", \"example.org:80\", \"127.0.0.1:0\", \"\" ];"), 4);
    assert_int_equal(problems_of(MINIMAL "http = [ \"127.0.0.1:7710\" ];"), 1); /* the default of publish */
    assert_int_equal(problems_of(MINIMAL "http_names = [ \"a b\", \"\", \"a.example:80\" ];"), 3);
    struct config *config = parse(MINIMAL "http = ( \"[::1]:80\", { address = \"10.0.0.5:80\"; insecure = true; } );");
    assert_int_equal(config->http.count, 2);
    assert_string_equal(config->http.items[1].address, "tcp://10.0.0.5:80");
    assert_true(config->http.items[1].insecure);
    config_unload(config);
}

#define KEYS "keys = \"k\"; server_secret = \"s\";"

static void keys_allow_tcp_beyond_loopback(void **state) {
    (void)state;
    static const char far[] = "publish = ( \"tcp://10.0.0.5:7710\" );";
    char text[1024];
    snprintf(text, sizeof text, MINIMAL "%s" KEYS, far);
    assert_int_equal(problems_of(text), 0);
    snprintf(text, sizeof text, MINIMAL KEYS "%s", far); /* in either order */
    assert_int_equal(problems_of(text), 0);
    snprintf(text, sizeof text, MINIMAL "keys = \"\"; server_secret = \"s\"; %s", far);
    assert_int_equal(problems_of(text), 1);
    assert_int_equal(problems_of(MINIMAL "server_secret = \"s\"; publish = ( \"tcp://10.0.0.5:7710\" );"), 1);
    assert_int_equal(problems_of(MINIMAL "keys = \"k\";"), 1);                           /* without a key of our own */
    assert_int_equal(problems_of(MINIMAL KEYS "publish = ( \"ipc://@abstract\" );"), 1); /* not encrypted */
    assert_int_equal(problems_of(MINIMAL KEYS "store = \"tcp:10.0.0.1:6379\";"), 1);     /* nor is this */

    assert_int_equal(problems_of(MINIMAL KEYS "feeds = ( { source = \"a\"; connect = \"tcp://10.0.0.1:1\"; } );"), 1);
    assert_int_equal(problems_of(MINIMAL KEYS "feeds = ( { source = \"a\"; connect = \"tcp://10.0.0.1:1\"; "
                                              "replay = \"tcp://10.0.0.1:2\"; server_key = \"n\"; } );"),
                     0);
    assert_int_equal(problems_of(MINIMAL "feeds = ( { source = \"a\"; connect = \"tcp://127.0.0.1:1\"; "
                                         "server_key = \"n\"; } );"),
                     1);

    struct config *config = parse(MINIMAL KEYS "feeds = ( { source = \"a\"; connect = \"tcp://10.0.0.1:1\"; "
                                               "server_key = \"n\"; } );");
    assert_string_equal(config->keys, "/etc/x/k");
    assert_string_equal(config->server_secret, "/etc/x/s");
    assert_string_equal(config->feeds.items[0].server_key, "n");
    config_unload(config);
}

static void the_whole_is_checked(void **state) {
    (void)state;
    expect_problems("", "test.conf: option 'frameworks': got nothing, expected at least one framework file\n");
    expect_problems(MINIMAL "query = [ \"tcp://127.0.0.1:7710\" ];",
                    "test.conf: option 'query': got \"tcp://127.0.0.1:7710\", expected an endpoint that 'publish' "
                    "does not have already\n");
    expect_problems(MINIMAL "instance = ;\n", "test.conf:2: syntax error\n");
    assert_int_equal(problems_of(MINIMAL "instance = \"a\"; instance = \"b\";"), 1);
}

static void wide_numbers_keep_their_value(void **state) {
    (void)state;
    char *text = config_text_widen("a = 2147483647; b = 2147483648; c = \"9999999999 \\\" 9999999999\"; # 9999999999\n"
                                   "d = 9999999999L; e = 9999999999.5; /* 9999999999 */ f9999999999 = -9999999999;\n"
                                   "g = [ 0x1ffffffff, 0xff ]; // 9999999999");
    assert_string_equal(text, "a = 2147483647; b = 2147483648L; c = \"9999999999 \\\" 9999999999\"; # 9999999999\n"
                              "d = 9999999999L; e = 9999999999.5; /* 9999999999 */ f9999999999 = -9999999999L;\n"
                              "g = [ 0x1ffffffffL, 0xff ]; // 9999999999");
    free(text);
    assert_int_equal(problems_of(MINIMAL "gap_hold = 4294967297;"), 1); /* not 1 */
}

static void a_file_gives_its_folder(void **state) {
    (void)state;
    char path[] = "/tmp/config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, MINIMAL, sizeof MINIMAL - 1), sizeof MINIMAL - 1);
    close(fd);
    struct problems *problems = problems_create();
    struct config *config = config_load(path, problems);
    assert_non_null(config);
    assert_string_equal(config->frameworks.items[0], "/tmp/f.conf");
    config_unload(config);
    unlink(path);
    assert_null(config_load(path, problems));
    assert_null(config_load("/", problems));
    assert_int_equal(problems_count(problems), 2);
    problems_destroy(problems);
}

static void a_reload_may_not_change_everything(void **state) {
    (void)state;
    struct config *a = parse(MINIMAL), *b = parse(MINIMAL "log_level = \"debug\";\nquery_limit = 7;"),
                  *c = parse(MINIMAL "\nlog_level = \"debug\";\ngap_hold = 5;\nstore = \"none\";");
    struct problems *problems = problems_create();
    assert_true(config_check_fixed(a, b, "f.conf", problems));
    assert_false(config_check_fixed(a, c, "f.conf", problems));
    assert_int_equal(problems_count(problems), 2);
    const struct problem *store = problems_at(problems, 0), *hold = problems_at(problems, 1);
    assert_int_equal(store->line, 5);
    assert_string_equal(
        store->text,
        "option 'store': got \"none\", but a reload cannot change it from \"private\": the daemon must be restarted");
    assert_int_equal(hold->line, 4);
    assert_string_equal(hold->file, "f.conf");
    problems_destroy(problems);
    config_unload(c);
    const char *instance = a->instance;
    config_take_reloadable(a, b);
    assert_ptr_equal(a->instance, instance);
    assert_string_equal(a->log_level, "debug");
    assert_string_equal(b->log_level, "info");
    assert_int_equal(a->query_limit, 7);
    assert_int_equal(b->query_limit, 1000);
    config_unload(a);
    config_unload(b);
}

/* The sample with every comment sign before a setting taken away. */
static char *uncommented_sample(void) {
    const char *srcdir = getenv("srcdir");
    char path[4096], line[1024], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/conf/oversightd.conf", srcdir ? srcdir : ".");
    FILE *sample = fopen(path, "r"), *stream = open_memstream(&text, &size);
    assert_non_null(sample);
    assert_non_null(stream);
    while (fgets(line, sizeof line, sample))
        if (strncmp(line, "#redis_server", 13) != 0) /* its default is known to the build only */
            fputs(line[0] == '#' && line[1] >= 'a' && line[1] <= 'z' ? line + 1 : line, stream);
    fclose(sample);
    fclose(stream);
    return text;
}

static void the_sample_shows_the_defaults(void **state) {
    (void)state;
    char *sample = uncommented_sample();
    struct config *shown = parse(sample), *defaults = parse("frameworks = [ \"frameworks/sof-2021-22.conf\" ];");
    char *a = printed(shown), *b = printed(defaults);
    assert_string_equal(a, b);
    free(sample);
    free(a);
    free(b);
    config_unload(shown);
    config_unload(defaults);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_table),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(what_is_printed_reads_the_same),
        cmocka_unit_test(every_mistake_is_reported_with_its_line),
        cmocka_unit_test(feeds_are_checked),
        cmocka_unit_test(tcp_beyond_loopback_must_be_asked_for),
        cmocka_unit_test(http_is_never_encrypted),
        cmocka_unit_test(keys_allow_tcp_beyond_loopback),
        cmocka_unit_test(the_whole_is_checked),
        cmocka_unit_test(wide_numbers_keep_their_value),
        cmocka_unit_test(a_file_gives_its_folder),
        cmocka_unit_test(a_reload_may_not_change_everything),
        cmocka_unit_test(the_sample_shows_the_defaults),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
