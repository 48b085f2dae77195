/* The pure parts of the store: what replies and options mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/address.h"
#include "daemon/store/alerts.h"
#include "daemon/store/bytes.h"
#include "daemon/store/fields.h"
#include "daemon/store/sentinel.h"
#include "daemon/store/session.h"
#include "daemon/store/trouble.h"

static void test_trouble(void **state) {
    (void)state;
    static const struct {
        const char *reply;
        enum trouble trouble;
        const char *text;
    } rows[] = {
        {"FENCED epoch is 4, ours is 3", TROUBLE_FENCED, "taken over"},
        {"UNSYNCED epoch is absent, ours is 3", TROUBLE_UNSYNCED, "absent"},
        {"FORMAT is 2, known up to 1", TROUBLE_FORMAT, "newer version"},
        {"OLDFORMAT is 0, which nothing turns into 1", TROUBLE_FORMAT, "too old"},
        {"LOADING Redis is loading the dataset in memory", TROUBLE_WAIT, "loading"},
        {"BUSY Redis is busy running a script.", TROUBLE_WAIT, "busy"},
        {"UNKILLABLE The busy script was sent by a master", TROUBLE_WAIT, "busy"},
        {"OOM command not allowed when used memory > 'maxmemory'.", TROUBLE_WAIT, "memory limit"},
        {"MISCONF Errors writing to the AOF file", TROUBLE_WAIT, "cannot write to its disk"},
        {"NOREPLICAS Not enough good replicas to write.", TROUBLE_WAIT, "replicas"},
        {"NOPERM this user has no permissions", TROUBLE_WAIT, "permission"},
        {"READONLY You can't write against a read only replica.", TROUBLE_RECONNECT, "read-only replica"},
        {"MASTERDOWN Link with MASTER is down", TROUBLE_RECONNECT, "lost its master"},
        {"NOAUTH Authentication required.", TROUBLE_RECONNECT, "store_password_file"},
        {"WRONGPASS invalid username-password pair", TROUBLE_RECONNECT, "does not accept"},
        {"NOSCRIPT No matching script.", TROUBLE_RECONNECT, "functions"},
        {"MOVED 1234 127.0.0.1:7001", TROUBLE_RECONNECT, "cluster node without our slot"},
        {"ASK 1234 127.0.0.1:7001", TROUBLE_RECONNECT, "moving our slot"},
        {"CLUSTERDOWN The cluster is down", TROUBLE_WAIT, "cluster is down"},
        {"ERR Function not found", TROUBLE_RECONNECT, "could not be loaded"},
        {"ERR something else", TROUBLE_RECONNECT, "unexpected reply of Redis: ERR something else"},
        {"LOADINGS is another word", TROUBLE_RECONNECT, "unexpected"},
        {"OOM \x1b[2J", TROUBLE_WAIT, "\\x1b[2J"},
        {"", TROUBLE_RECONNECT, "unexpected"},
    };
    char text[TROUBLE_TEXT_SIZE];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char said[128];
        snprintf(said, sizeof(said), "%s", rows[i].reply);
        redisReply reply = {.type = REDIS_REPLY_ERROR, .str = said, .len = strlen(said)};
        assert_int_equal(trouble_of(&reply, text, sizeof(text)), rows[i].trouble);
        if (!strstr(text, rows[i].text))
            fail_msg("expected \"%s\" in \"%s\"", rows[i].text, text);
    }
    assert_int_equal(trouble_of(NULL, text, sizeof(text)), TROUBLE_RECONNECT);
    redisReply fine = {.type = REDIS_REPLY_STATUS, .str = text, .len = 0};
    assert_int_equal(trouble_of(&fine, text, sizeof(text)), TROUBLE_NONE);
}

static void test_info(void **state) {
    (void)state;
    static const struct {
        const char *info;
        enum trouble trouble;
        enum store_durability durability;
        const char *text;
    } rows[] = {
        {"redis_version:7.0.15\r\nrole:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\nloading:0\r\n",
         TROUBLE_NONE, STORE_DURABILITY_REDIS, ""},
        {"redis_version:8.2\r\nrole:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:0", TROUBLE_NONE,
         STORE_DURABILITY_MEMORY, ""},
        {"redis_version:6.2.7\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n", TROUBLE_REFUSED, 0,
         "version 6.2.7, expected 7.0"},
        {"redis_version:7.0.15\r\nrole:master\r\nmaxmemory_policy:volatile-ttl\r\n", TROUBLE_REFUSED, 0,
         "maxmemory-policy volatile-ttl"},
        {"redis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\nrole:slave\r\n", TROUBLE_RECONNECT, 0, "role slave"},
        {"redis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\nrole:master\r\nloading:1\r\n", TROUBLE_WAIT, 0,
         "loading"},
        {"", TROUBLE_REFUSED, 0, "version"},
        {"\n\n:\r\nredis_version", TROUBLE_REFUSED, 0, "version"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct session_facts facts = {.version = "untouched"};
        char text[TROUBLE_TEXT_SIZE] = "";
        assert_int_equal(session_read_info(text_of(rows[i].info), &facts, text, sizeof(text)), rows[i].trouble);
        if (!strstr(text, rows[i].text))
            fail_msg("expected \"%s\" in \"%s\"", rows[i].text, text);
        if (rows[i].trouble == TROUBLE_NONE)
            assert_int_equal(facts.durability, rows[i].durability);
        else
            assert_string_equal(facts.version, "untouched");
    }
}

static void test_alert_ids(void **state) {
    (void)state;
    uint64_t epoch = 9, seq = 9;
    assert_true(alerts_id_read(TEXT_OF("12-345"), &epoch, &seq));
    assert_int_equal(epoch, 12);
    assert_int_equal(seq, 345);
    assert_true(alerts_id_read(TEXT_OF("18446744073709551615-18446744073709551615"), &epoch, &seq));
    assert_true(seq == UINT64_MAX);
    static const char *const bad[] = {"-", "1", "1-", "-1", "1-2-3", "1 -2", "+1-2", "18446744073709551616-1", "a-b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(alerts_id_read(text_of(bad[i]), &epoch, &seq));
    assert_true(seq == UINT64_MAX);
    assert_true(alerts_id_read(TEXT_OF(""), &epoch, &seq));
    assert_int_equal(epoch, 0);
}

static void test_address(void **state) {
    (void)state;
    struct address address;
    char error[256] = "", path[200];
    assert_true(address_parse("tcp:[::1]:6379", &address, error, sizeof(error)));
    assert_int_equal(address.kind, ADDRESS_TCP);
    assert_string_equal(address.tcp.host, "::1");
    assert_int_equal(address.tcp.port, 6379);
    assert_true(address_parse("tcp:127.0.0.1:1", &address, error, sizeof(error)));
    assert_string_equal(address.tcp.host, "127.0.0.1");
    assert_true(address_parse("sentinel:nhs@127.0.0.1:26379,[::1]:26380", &address, error, sizeof(error)));
    assert_int_equal(address.kind, ADDRESS_SENTINEL);
    assert_string_equal(address.master, "nhs");
    assert_int_equal(address.sentinel_count, 2);
    assert_string_equal(address.sentinels[1].host, "::1");
    assert_int_equal(address.sentinels[1].port, 26380);
    static const char *const bad[] = {"sentinel:127.0.0.1:26379",      "sentinel:@127.0.0.1:26379", "sentinel:nhs@",
                                      "sentinel:nhs@127.0.0.1:26379,", "sentinel:nhs@127.0.0.1",    "tcp:127.0.0.1:0"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct address none;
        assert_false(address_parse(bad[i], &none, error, sizeof(error)));
        assert_non_null(strstr(error, bad[i]));
        error[0] = '\0';
    }
    snprintf(path, sizeof(path), "unix:/%0*d", ADDRESS_PATH_MAX - 1, 0);
    assert_true(address_parse(path, &address, error, sizeof(error)));
    assert_int_equal(address.kind, ADDRESS_UNIX);
    assert_int_equal(strlen(address.path), ADDRESS_PATH_MAX);
    assert_string_equal(error, "");
    snprintf(path, sizeof(path), "unix:/%0*d", ADDRESS_PATH_MAX, 0);
    assert_false(address_parse(path, &address, error, sizeof(error)));
    assert_non_null(strstr(error, "a unix socket takes 107"));
    assert_int_equal(address.kind, ADDRESS_UNIX);
}

/* What a sentinel says is not taken on trust. */
static void test_sentinel_answer(void **state) {
    (void)state;
    struct address address = {.kind = ADDRESS_NONE};
    char host[100] = "127.0.0.1", port[10] = "6380", reason[300] = "";
    redisReply parts[2] = {{.type = REDIS_REPLY_STRING, .str = host}, {.type = REDIS_REPLY_STRING, .str = port}};
    redisReply *elements[] = {&parts[0], &parts[1]}, nil = {.type = REDIS_REPLY_NIL};
    redisReply reply = {.type = REDIS_REPLY_ARRAY, .elements = 2, .element = elements};
    static const struct {
        const char *host, *port;
        bool beyond, good;
    } cases[] = {
        {"127.0.0.1", "6380", false, true},  {"::1", "6380", false, true},        {"10.0.0.1", "6380", true, true},
        {"10.0.0.1", "6380", false, false},  {"db.example", "6380", true, false}, {"127.0.0.1", "0", true, false},
        {"127.0.0.1", "65536", true, false}, {"127.0.0.1", "", true, false},      {"", "6380", true, false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(host, sizeof(host), "%s", cases[i].host);
        snprintf(port, sizeof(port), "%s", cases[i].port);
        parts[0].len = strlen(host);
        parts[1].len = strlen(port);
        assert_int_equal(sentinel_read(&reply, "nhs", cases[i].beyond, &address, reason, sizeof(reason)),
                         cases[i].good);
    }
    assert_string_equal(address.tcp.host, "10.0.0.1");
    assert_false(sentinel_read(&nil, "nhs", true, &address, reason, sizeof(reason)));
    assert_non_null(strstr(reason, "no master of the name \"nhs\""));
    reply.elements = 1;
    assert_false(sentinel_read(&reply, "nhs", true, &address, reason, sizeof(reason)));
}

static void test_packed_array(void **state) {
    (void)state;
    char long_text[40];
    memset(long_text, 'x', sizeof(long_text));
    struct bytes bytes = {0};
    bytes_array_begin(&bytes);
    bytes_array_add(&bytes, TEXT_OF("ab"));
    bytes_array_add(&bytes, TEXT_OF(""));
    bytes_array_add(&bytes, (struct text){long_text, sizeof(long_text)});
    bytes_array_end(&bytes, 3);
    assert_int_equal(bytes.len, 5 + 3 + 1 + 5 + 40);
    assert_memory_equal(bytes.data,
                        "\xdd\0\0\0\3\xa2"
                        "ab\xa0\xdb\0\0\0\x28xx",
                        16);
    bytes_finish(&bytes);
    assert_null(bytes.data);
}

/* However often they change, fields take the room of one. */
static void test_fields_coalesce(void **state) {
    (void)state;
    struct fields fields = {0};
    char name[24], value[64];
    size_t held = 0, after_first = 0;
    for (size_t turn = 0; turn < 50; turn++) {
        for (size_t n = 0; n < 1000; n++) {
            snprintf(name, sizeof(name), "X%zu", n);
            /* of changing length, below what a slot holds at first */
            snprintf(value, sizeof(value), "%.*s%zu;%zu", (int)((n + turn) % 8), "12345678", n, turn);
            held += fields_set(&fields, text_of(name), text_of(value));
        }
        after_first = turn == 0 ? held : after_first;
    }
    assert_int_equal(fields.count, 1000);
    assert_int_equal(held, after_first);
    struct bytes content = {0};
    bytes_array_begin(&content);
    fields_pack(&fields, &content);
    bytes_array_end(&content, 2000);
    assert_memory_equal(content.data + BYTES_ARRAY_HEAD,
                        "\xa2X0\xa5"
                        "10;49",
                        9);
    bytes_finish(&content);
    fields_finish(&fields);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trouble),         cmocka_unit_test(test_info),
        cmocka_unit_test(test_alert_ids),       cmocka_unit_test(test_address),
        cmocka_unit_test(test_sentinel_answer), cmocka_unit_test(test_packed_array),
        cmocka_unit_test(test_fields_coalesce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
