/* Payloads good and bad, oversight-protocol(7), "Updates in". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/wire.h"
#include "tests/unit/wire_twin.h"

#define HEAD "\"source\":\"s\",\"seq\":7,"
#define FIGURE "\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":1.5"
#define DECISION "\"org\":\"R1H\",\"effective\":\"2025-02-03\",\"decided_by\":\"a\",\"reason\":\"b\""
#define STEP DECISION ",\"programme\":\"rsp\""
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

static enum refusal decode(struct wire_decoder *decoder, const char *json, struct message *ret_message) {
    const char *error = NULL;
    enum refusal refusal = wire_decode(decoder, json, strlen(json), ret_message, &error);
    if (refusal != REFUSAL_NONE && (!error || strlen(error) < 10))
        fail_msg("no reason for %s", json);
    return refusal;
}

static void test_all_kinds(void **state) {
    static const char json[] =
        "[{\"v\":1,\"source\":\"feed.A-1\",\"seq\":9007199254740993,\"more\":true,\"baseline\":true," FIGURE
        ",\"revision\":4294967295},"
        "{\"org\":\"R1H\",\"measure\":\"cqc\",\"period\":\"2025-02-03\",\"value\":\"caf\\u00e9 \\ud83d\\ude00\"},"
        "{\"seq\":9007199254740999,\"skip\":true},"
        "{\"org\":\"QHM\",\"measure\":\"flag\",\"period\":\"2025-02-03\",\"value\":true,\"extra\":[{\"a\":[]}]},"
        "{\"org\":\"QHM\",\"measure\":\"flag\",\"period\":\"2025-02-03\",\"value\":null},"
        "{" DECISION ",\"decision\":4,\"framework\":\"sof\",\"trigger\":\"leadership\"},"
        "{" STEP
        ",\"action\":\"review\",\"review_by\":\"2025-08-01\",\"limit\":\"2026-02-03\",\"exit_criteria\":\"x\"}]\n";
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    struct message m;
    (void)state;
    assert_int_equal(decode(decoder, json, &m), REFUSAL_NONE);
    assert_true(text_equal(m.source, "feed.A-1") && m.more && m.baseline && !m.allow_gap);
    assert_int_equal(m.count, 7);
    assert_int_equal(m.unknown_fields, 1);
    assert_int_equal(m.items[0].kind, ITEM_FIGURE);
    assert_true(m.items[0].seq == 9007199254740993 && m.items[1].seq == 9007199254740994);
    assert_true(m.items[0].figure.value.number == 1.5 && m.items[0].figure.revision == UINT32_MAX);
    assert_true(text_equal(m.items[1].figure.value.word, "caf\xc3\xa9 \xf0\x9f\x98\x80"));
    assert_int_equal(m.items[1].figure.revision, 0);
    assert_int_equal(m.items[1].figure.period - m.items[0].figure.period, 2);
    assert_int_equal(m.items[2].kind, ITEM_SKIP);
    assert_true(m.items[3].seq == 9007199254741000);
    assert_true(m.items[3].figure.value.type == VALUE_BOOLEAN && m.items[3].figure.value.boolean);
    assert_int_equal(m.items[4].figure.value.type, VALUE_NULL);
    assert_int_equal(m.items[5].kind, ITEM_DECISION);
    assert_int_equal(m.items[5].decision.segment, 4);
    assert_true(text_equal(m.items[5].decision.trigger, "leadership"));
    assert_int_equal(m.items[6].kind, ITEM_PROGRAMME);
    assert_int_equal(m.items[6].programme.action, PROGRAMME_REVIEW);
    assert_int_equal(m.items[6].programme.limit - m.items[6].programme.effective, 365);
    wire_decoder_destroy(decoder);
}

struct refused_case {
    const char *json; /* the fields of one map behind HEAD */
    enum refusal code;
    const char *message; /* how it begins */
};

static const struct refused_case refused[] = {
    {"\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":1", REFUSAL_BAD_FIELD, "org is missing, expected"},
    {"\"org\":7,\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":1", REFUSAL_BAD_FIELD, "org 7: expected"},
    {"\"org\":\"r1h\",\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":1", REFUSAL_BAD_FIELD,
     "org \"r1h\": expected"},
    {"\"org\":\"ABCDEFGHIJK\",\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":1", REFUSAL_BAD_FIELD, "org \"ABC"},
    {"\"org\":\"R1H\\u0000\",\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":1", REFUSAL_BAD_FIELD,
     "org \"R1H\\x00\": expected"},
    {"\"org\":\"R1H\",\"measure\":\"A&E\",\"period\":\"2025-02\",\"value\":1", REFUSAL_BAD_FIELD,
     "measure \"A&E\": ex"},
    {"\"org\":\"R1H\",\"measure\":null,\"period\":\"2025-02\",\"value\":1", REFUSAL_BAD_FIELD,
     "measure null: expected"},
    {"\"org\":\"R1H\",\"measure\":\"ae\",\"value\":1", REFUSAL_BAD_PERIOD, "period is missing, expected"},
    {"\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"\",\"value\":1", REFUSAL_BAD_PERIOD, "period \"\": expected"},
    {"\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"2025-13\",\"value\":1", REFUSAL_BAD_PERIOD,
     "period \"2025-13\":"},
    {"\"org\":\"R1H\",\"measure\":\"ae\",\"period\":202502,\"value\":1", REFUSAL_BAD_PERIOD, "period 202502: expected"},
    {"\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"2025-02\"", REFUSAL_BAD_VALUE, "value is missing, expected"},
    {"\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":[1]", REFUSAL_BAD_VALUE, "value (an array):"},
    {"\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":{}", REFUSAL_BAD_VALUE, "value (a map): ex"},
    {"\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":\"a\\nb\"", REFUSAL_BAD_VALUE,
     "value \"a\\x0ab\": expected a word"},
    {"\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":\"" FIFTY FIFTY "\"", REFUSAL_BAD_VALUE,
     "value \"0123"},
    {FIGURE ",\"revision\":-1", REFUSAL_BAD_REVISION, "revision -1: expected"},
    {FIGURE ",\"revision\":1.5", REFUSAL_BAD_REVISION, "revision 1.5: expected"},
    {FIGURE ",\"revision\":\"1\"", REFUSAL_BAD_REVISION, "revision \"1\": expected"},
    {FIGURE ",\"revision\":4294967296", REFUSAL_BAD_REVISION, "revision 4294967296: expected"},
    {FIGURE ",\"skip\":1", REFUSAL_BAD_FIELD, "skip 1: expected true or false"},
    {FIGURE ",\"skip\":true", REFUSAL_BAD_FIELD, "skip and measure stand in one update"},
    {FIGURE ",\"more\":\"yes\"", REFUSAL_BAD_FIELD, "more \"yes\": expected true or false"},
    {FIGURE ",\"baseline\":0", REFUSAL_BAD_FIELD, "baseline 0: expected true or false"},
    {DECISION ",\"decision\":0", REFUSAL_BAD_DECISION, "decision 0: expected a segment"},
    {DECISION ",\"decision\":6", REFUSAL_BAD_DECISION, "decision 6: expected a segment"},
    {DECISION ",\"decision\":\"3\"", REFUSAL_BAD_DECISION, "decision \"3\": expected a segment"},
    {DECISION ",\"decision\":3,\"framework\":\"No\"", REFUSAL_BAD_DECISION, "framework \"No\": expected"},
    {DECISION ",\"decision\":3,\"trigger\":\"\"", REFUSAL_BAD_DECISION, "trigger \"\": expected"},
    {DECISION ",\"decision\":3,\"value\":1", REFUSAL_BAD_DECISION, "decision and value stand in one update"},
    {DECISION ",\"decision\":3,\"programme\":\"rsp\"", REFUSAL_BAD_DECISION, "decision and programme stand"},
    {"\"org\":\"R1H\",\"decision\":3,\"effective\":\"2025-02\",\"decided_by\":\"a\",\"reason\":\"b\"",
     REFUSAL_BAD_DECISION, "effective \"2025-02\": expected"},
    {"\"org\":\"R1H\",\"decision\":3,\"effective\":\"2025-02-01\",\"reason\":\"b\"", REFUSAL_BAD_DECISION,
     "decided_by is missing"},
    {"\"org\":\"R1H\",\"decision\":3,\"effective\":\"2025-02-01\",\"decided_by\":\"a\",\"reason\":\"a\\tb\"",
     REFUSAL_BAD_DECISION, "reason \"a\\x09b\": expected"},
    {STEP, REFUSAL_BAD_PROGRAMME, "action is missing"},
    {STEP ",\"action\":\"stop\"", REFUSAL_BAD_PROGRAMME, "action \"stop\": expected"},
    {DECISION ",\"action\":\"enter\"", REFUSAL_BAD_PROGRAMME, "programme is missing"},
    {STEP ",\"action\":\"enter\",\"limit\":\"soon\"", REFUSAL_BAD_PROGRAMME, "limit \"soon\": expected"},
    {STEP ",\"action\":\"enter\",\"review_by\":1", REFUSAL_BAD_PROGRAMME, "review_by 1: expected"},
    {STEP ",\"action\":\"enter\",\"exit_criteria\":[]", REFUSAL_BAD_PROGRAMME, "exit_criteria (an array): expected"},
    {STEP ",\"action\":\"enter\",\"period\":\"2025-01\"", REFUSAL_BAD_PROGRAMME, "programme and period stand"},
};

static void check_refused(const struct message *m, const struct refused_case *expected) {
    assert_int_equal(m->count, 2);
    assert_int_equal(m->items[0].kind, ITEM_REFUSED);
    assert_int_equal(m->items[0].seq, 7);
    assert_string_equal(refusal_code(m->items[0].refused.code), refusal_code(expected->code));
    struct text message = m->items[0].refused.message;
    if (strncmp(message.s, expected->message, strlen(expected->message)) != 0)
        fail_msg("%s: said \"%.*s\"", expected->json, (int)message.len, message.s);
    assert_int_equal(m->items[1].kind, ITEM_FIGURE);
    assert_int_equal(m->items[1].seq, 8);
}

/* One bad map is refused alone, in both encodings with the same words. */
static void test_refused_updates(void **state) {
    struct wire_decoder *decoder = wire_decoder_create(NULL), *other = wire_decoder_create(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        char json[2000];
        struct message m, packed;
        msgpack_sbuffer buffer;
        const char *error;
        snprintf(json, sizeof(json), "[{" HEAD "%s},{" FIGURE "}]", refused[i].json);
        assert_int_equal(decode(decoder, json, &m), REFUSAL_NONE);
        check_refused(&m, &refused[i]);
        if (strstr(json, "u0000")) /* cJSON has no such strings */
            continue;
        assert_true(twin_msgpack(json, &buffer));
        assert_int_equal(wire_decode(other, buffer.data, buffer.size, &packed, &error), REFUSAL_NONE);
        assert_true(same_message(&m, &packed));
        msgpack_sbuffer_destroy(&buffer);
    }
    wire_decoder_destroy(decoder);
    wire_decoder_destroy(other);
}

/* What holds for the message as a whole, in later maps. */
static void test_later_maps(void **state) {
    static const char json[] =
        "[{" HEAD "\"baseline\":true," FIGURE "},{\"baseline\":true,\"source\":\"s\"," FIGURE "},{\"more\":true," FIGURE
        "},{\"seq\":0," FIGURE "},{\"seq\":-5," FIGURE "},{\"seq\":\"12\"," FIGURE "},{\"seq\":20," FIGURE
        "},{\"seq\":3," FIGURE "},{" FIGURE ",\"v\":1}]";
    static const uint64_t seqs[] = {7, 8, 9, 10, 11, 12, 20, 3, 4};
    static const bool good[] = {true, true, false, false, false, false, true, true, true};
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    struct message m;
    (void)state;
    assert_int_equal(decode(decoder, json, &m), REFUSAL_NONE);
    assert_true(m.baseline && !m.more);
    for (size_t i = 0; i < m.count; i++) {
        assert_true(m.items[i].seq == seqs[i]);
        assert_int_equal(m.items[i].kind, good[i] ? ITEM_FIGURE : ITEM_REFUSED);
    }
    wire_decoder_destroy(decoder);
}

/* Refused whole; start is how the reason begins. */
static const struct {
    const char *json, *start;
} whole[] = {
    {"", "byte 0: empty payload"},
    {"hello", "byte 0: starts with 0x68"},
    {" {}", "byte 0: starts with 0x20"},
    {"\xef\xbb\xbf{}", "byte 0: starts with 0xef"},
    {"[]", "an empty array"},
    {"{}", "update 0: source is missing"},
    {"[1]", "update 0: expected a map"},
    {"[{" HEAD FIGURE "},[]]", "update 1: expected a map"},
    {"{\"seq\":7," FIGURE "}", "update 0: source is missing"},
    {"{\"source\":\"s\"," FIGURE "}", "update 0: seq is missing"},
    {"{\"source\":\"a b\",\"seq\":7," FIGURE "}", "update 0: source \"a b\": expected"},
    {"{\"source\":5,\"seq\":7," FIGURE "}", "update 0: source 5: expected"},
    {"{\"source\":\"s\",\"seq\":0," FIGURE "}", "update 0: seq 0: expected"},
    {"{\"source\":\"s\",\"seq\":1.0," FIGURE "}", "update 0: seq 1: expected"},
    {"{\"source\":\"s\",\"seq\":9223372036854775808," FIGURE "}", "update 0: seq 9223372036854775808: expected"},
    {"[{\"source\":\"s\",\"seq\":9223372036854775807," FIGURE "},{" FIGURE "}]", "update 1: seq goes beyond"},
    {"{" HEAD "\"v\":2," FIGURE "}", "update 0: v 2: expected 1"},
    {"{" HEAD "\"v\":\"1\"," FIGURE "}", "update 0: v \"1\": expected 1"},
    {"[{" HEAD FIGURE "},{\"v\":null," FIGURE "}]", "update 1: v null: expected 1"},
    {"[{" HEAD FIGURE "},{\"source\":\"t\"," FIGURE "}]", "update 1: source \"t\": expected the source of the first"},
    {"{" HEAD FIGURE ",\"value\":2}", "byte 80: key \"value\" stands twice"},
    {"{" HEAD FIGURE ",\"v\\u0061lue\":2}", "byte 80: key \"value\" stands twice"},
    {"{" HEAD FIGURE ",\"x\":{\"a\":1,\"b\":2,\"a\":3}}", "byte 97: key \"a\" stands twice"},
    {"{" HEAD FIGURE "} x", "byte 81: 1 bytes after the end"},
    {"{" HEAD FIGURE "}{}", "byte 80: 2 bytes after the end"},
    {"{" HEAD FIGURE, "byte 79: expected a comma or }, found the end"},
    {"{" HEAD FIGURE ",}", "byte 80: expected a key in quotes, found }"},
    {"[{" HEAD FIGURE "},]", "byte 82: expected a value, found ]"},
    {"{\"a\"=1}", "byte 4: expected a colon, found =1}"},
    {"{\"a\":01}", "byte 5: a number with a leading zero"},
    {"{\"a\":1.}", "byte 7: expected a digit, found }"},
    {"{\"a\":.5}", "byte 5: expected a value, found .5}"},
    {"{\"a\":+5}", "byte 5: expected a value, found +5}"},
    {"{\"a\":-}", "byte 6: expected a digit, found }"},
    {"{\"a\":1e}", "byte 7: expected a digit, found }"},
    {"{\"a\":0x1}", "byte 6: expected a comma or }, found x1}"},
    {"{\"a\":NaN}", "byte 5: expected a value, found NaN}"},
    {"{\"a\":Infinity}", "byte 5: expected a value, found Infi"},
    {"{\"a\":tru}", "byte 5: expected a value, found tru}"},
    {"{\"a\":nul", "byte 5: expected a value, found nul"},
    {"{'a':1}", "byte 1: expected a key in quotes, found 'a':1}"},
    {"{\"a\":1 /* */}", "byte 7: expected a comma or }, found /* */}"},
    {"{\"a\":\"\t\"}", "byte 6: control character 0x09"},
    {"{\"a\":\"\\x\"}", "byte 7: expected an escape, found x\"}"},
    {"{\"a\":\"\\u12g4\"}", "byte 8: expected four hexadecimal digits, found 12g4"},
    {"{\"a\":\"\\ud800\"}", "byte 6: half of a surrogate pair"},
    {"{\"a\":\"\\ud800\\u0041\"}", "byte 6: half of a surrogate pair"},
    {"{\"a\":\"\\udc00\"}", "byte 6: half of a surrogate pair"},
    {"{\"a\":\"\xff\"}", "byte 6: a string that is not UTF-8"},
    {"{\"a\":\"\xc0\xaf\"}", "byte 6: a string that is not UTF-8"},
    {"{\"a\":\"\\n\xed\xa0\x80\"}", "byte 8: a string that is not UTF-8"},
    {"{\"a\":\"open", "byte 10: expected the closing quote"},
    {"{\"a\":\"open\\", "byte 11: expected an escape, found the end"},
    {"[[[[[[[[[]]]]]]]]]", "update 0: expected a map"},
    {"{\"a\":[[[[[[[[[]]]]]]]]]}", "byte 12: nested deeper than 8 levels"},
};

static void test_refused_whole(void **state) {
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        struct message m = {.count = 99};
        const char *error = "";
        assert_int_equal(wire_decode(decoder, whole[i].json, strlen(whole[i].json), &m, &error), REFUSAL_UNDECODABLE);
        if (strncmp(error, whole[i].start, strlen(whole[i].start)) != 0)
            fail_msg("%s: said \"%s\"", whole[i].json, error);
        assert_int_equal(m.count, 99); /* untouched */
    }
    wire_decoder_destroy(decoder);
}

/* MessagePack that only MessagePack can get wrong. */
static const struct {
    const char *bytes;
    size_t len;
    const char *start;
} packed_whole[] = {
    {"\xc1", 1, "byte 0: starts with 0xc1"},
    {"\x05", 1, "byte 0: starts with 0x05"},
    {"\x81\xa1\x61\xc1", 4, "byte 3: 0xc1 is no MessagePack type"},
    {"\x81\x05\x05", 3, "byte 1: a key that is not text"},
    {"\x81\xc4\x01\x61\x05", 5, "byte 1: a key that is not text"},
    {"\x82\xa1\x61\x01\xa1\x61\x02", 7, "byte 4: key \"a\" stands twice"},
    {"\xdf\xff\xff\xff\xff\xa1\x61", 7, "byte 5: a map of 4294967295, but 2 bytes are left"},
    {"\xdd\x7f\xff\xff\xff", 5, "byte 5: an array of 2147483647, but 0 bytes are left"},
    {"\x81\xdb\xff\xff\xff\xff\x61", 7, "byte 6: a length of 4294967295, but 1 bytes are left"},
    {"\x81\xa1\x61\xdc\xff\xff\x01", 7, "byte 6: an array of 65535, but 1 bytes are left"},
    {"\x81\xa1\x61", 3, "byte 3: expected more, found the end"},
    {"\x81\xa1\x61\xcd\x01", 5, "byte 5: expected more, found the end"},
    {"\x81\xa1\x61\xc9\xff\xff\xff\xff\x01", 9, "byte 8: a length of 4294967296"},
    {"\x81\xa1\x61\x91\x91\x91\x91\x91\x91\x91\x91\xc0", 12, "byte 11: nested deeper than 8 levels"},
    {"\x90", 1, "an empty array"},
    {"\x80\x01", 2, "update 0: source is missing"},
};

static void test_packed_whole(void **state) {
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof(packed_whole) / sizeof(packed_whole[0]); i++) {
        struct message m;
        const char *error = "";
        assert_int_equal(wire_decode(decoder, packed_whole[i].bytes, packed_whole[i].len, &m, &error),
                         REFUSAL_UNDECODABLE);
        if (strncmp(error, packed_whole[i].start, strlen(packed_whole[i].start)) != 0)
            fail_msg("case %zu: said \"%s\"", i, error);
    }
    wire_decoder_destroy(decoder);
}

/* Values that JSON cannot say: NaN, infinity, binary, extensions, bad UTF-8. */
static void test_packed_values(void **state) {
    static const struct {
        const char *bytes;
        size_t len;
        const char *start; /* NULL: fine */
    } values[] = {{"\xcb\x7f\xf8\0\0\0\0\0\0", 9, "value nan: expected a finite number"},
                  {"\xcb\x7f\xf0\0\0\0\0\0\0", 9, "value inf: expected a finite number"},
                  {"\xca\xff\x80\0\0", 5, "value -inf: expected a finite number"},
                  {"\xc4\x01\x61", 3, "value (binary data): expected"},
                  {"\xd4\x01\x61", 3, "value (binary data): expected"},
                  {"\xc7\x02\x01\x61\x61", 5, "value (binary data): expected"},
                  {"\xd6\xff\0\0\0\0", 6, "value (binary data): expected"},
                  {"\xa2\xc3\x28", 3, "value \"\\xc3(\": expected a word"},
                  {"\xa1\0", 2, "value \"\\x00\": expected a word"},
                  {"\xca\x3f\xc0\0\0", 5, NULL},
                  {"\xd3\xff\xff\xff\xff\xff\xff\xff\xfe", 9, NULL},
                  {"\xd9\x01\x61", 3, NULL}};
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct buf buf;
        struct message m;
        const char *error = "";
        buf_init(&buf);
        buf_append_string(&buf, "\x86\xa6source\xa1s\xa3seq\x07\xa3org\xa3R1H\xa7measure\xa2"
                                "ae\xa6period\xa7"
                                "2025-02\xa5value");
        buf_append(&buf, values[i].bytes, values[i].len);
        assert_int_equal(wire_decode(decoder, buf.data, buf.len, &m, &error), REFUSAL_NONE);
        assert_int_equal(m.items[0].kind, values[i].start ? ITEM_REFUSED : ITEM_FIGURE);
        if (values[i].start) {
            assert_int_equal(m.items[0].refused.code, REFUSAL_BAD_VALUE);
            if (strncmp(m.items[0].refused.message.s, values[i].start, strlen(values[i].start)) != 0)
                fail_msg("case %zu: said \"%s\"", i, m.items[0].refused.message.s);
        }
        buf_finish(&buf);
    }
    wire_decoder_destroy(decoder);
}

/* JSON overflow is a bad value of its update, not a broken message. */
static void test_overflow(void **state) {
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    struct message m;
    (void)state;
    assert_int_equal(
        decode(decoder, "{" HEAD "\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"2025-02\",\"value\":-1e999}", &m),
        REFUSAL_NONE);
    assert_int_equal(m.items[0].refused.code, REFUSAL_BAD_VALUE);
    assert_int_equal(decode(decoder,
                            "{" HEAD "\"org\":\"R1H\",\"measure\":\"ae\",\"period\":\"2025-02\","
                            "\"value\":123456789012345678901234567890}",
                            &m),
                     REFUSAL_NONE);
    assert_true(m.items[0].figure.value.number == 123456789012345678901234567890.0);
    wire_decoder_destroy(decoder);
}

static void test_limits(void **state) {
    const struct wire_limits limits = {.max_batch = 3, .max_bytes = 400};
    struct wire_decoder *decoder = wire_decoder_create(&limits);
    struct message m;
    struct buf buf;
    (void)state;
    assert_int_equal(decode(decoder, "[{" HEAD "\"skip\":true},{\"skip\":true},{\"skip\":true}]", &m), REFUSAL_NONE);
    assert_int_equal(decode(decoder, "[{" HEAD "\"skip\":true},{\"skip\":true},{\"skip\":true},{\"skip\":true}]", &m),
                     REFUSAL_TOO_LARGE);
    buf_init(&buf);
    buf_printf(&buf, "{" HEAD "\"x\":\"%0400d\"}", 0);
    assert_int_equal(decode(decoder, buf.data, &m), REFUSAL_TOO_LARGE);
    buf_clear(&buf);
    buf_append_string(&buf, "{" HEAD "\"skip\":true");
    for (int i = 0; i < 64; i++)
        buf_printf(&buf, ",\"%d\":0", i);
    buf_append_char(&buf, '}');
    wire_decoder_destroy(decoder);
    decoder = wire_decoder_create(NULL);
    assert_int_equal(decode(decoder, buf.data, &m), REFUSAL_UNDECODABLE); /* more than 64 keys */
    buf_finish(&buf);
    wire_decoder_destroy(decoder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds),    cmocka_unit_test(test_refused_updates),
        cmocka_unit_test(test_later_maps),   cmocka_unit_test(test_refused_whole),
        cmocka_unit_test(test_packed_whole), cmocka_unit_test(test_packed_values),
        cmocka_unit_test(test_overflow),     cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
