/* Segments beside each other and beside a rating, and the reply that lists them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/wire.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"
#include "daemon/render/request.h"

static const char framework_text[] =
    "id = \"small\"; name = \"Small\"; method = \"triggers\"; types = [\"acute\", \"icb\"]; themes = [\"all\"];\n"
    "segments = ( { number = 1; name = \"one\"; }, { number = 2; name = \"two\"; },\n"
    "  { number = 3; name = \"three\"; consequence = \"c\"; }, { number = 4; name = \"four\"; consequence = \"c\"; } "
    ");\n"
    "measures = (\n"
    "  { id = \"band\"; name = \"Band\"; theme = \"all\"; kind = \"rating\"; frequency = \"day\";\n"
    "    words = [\"good\", \"inadequate\"]; },\n"
    "  { id = \"cqc\"; name = \"Rating\"; theme = \"all\"; kind = \"rating\"; frequency = \"day\"; valid_for = 100;\n"
    "    words = [\"outstanding\", \"good\", \"requires improvement\", \"inadequate\"]; applies_to = [\"acute\"]; },\n"
    "  { id = \"cqc-2\"; name = \"Rating\"; theme = \"all\"; kind = \"rating\"; frequency = \"day\";\n"
    "    words = [\"outstanding\", \"good\", \"requires improvement\", \"inadequate\"]; },\n"
    "  { id = \"lead\"; name = \"Leadership\"; theme = \"all\"; kind = \"flag\"; frequency = \"day\"; } );\n"
    "triggers = ( { id = \"lead\"; title = \"lead\"; segment = 4; signal = \"flag\"; measures = [\"lead\"]; } );\n";

static const char registry_text[] = "code,name,type,subtype,region,system,group,opened,closed,successor,predecessors\n"
                                    "A1,One,acute,,,,,,,,\nA2,Two,acute,,,,,,2025-01-01,,\nS1,System,icb,,,,,,,,\n";

#define TODAY 20200 /* 2025-04-22 */

static struct engine *make_engine(void) {
    struct problems *problems = problems_create();
    struct framework *framework = framework_parse("small", framework_text, strlen(framework_text), problems);
    struct registry *registry = registry_parse("registry", registry_text, strlen(registry_text), problems);
    struct changes changes;

    if (!framework || !registry)
        fail_msg("%s", problems_format(problems));
    struct engine *engine = engine_create(registry, &framework, 1);
    changes_init(&changes);
    engine_loaded(engine, false, 0, &changes);
    engine_tick(engine, TODAY, 0, &changes);
    changes_finish(&changes);
    problems_destroy(problems);
    return engine;
}

static void apply(struct engine *engine, const char *json) {
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    struct message message;
    struct changes changes;
    const char *error;

    changes_init(&changes);
    assert_int_equal(wire_decode(decoder, json, strlen(json), &message, &error), REFUSAL_NONE);
    engine_apply(engine, &message, 0, &changes);
    assert_int_equal(changes.refused, 0);
    changes_finish(&changes);
    wire_decoder_destroy(decoder);
}

/* Of A1: officially in a segment, rated, perhaps in 4 by the figures. */
static void test_table(void **state) {
    static const struct {
        int official;
        const char *word; /* NULL: not rated */
        bool four;
        bool listed, differ, official_odd, indicative_odd;
    } rows[] = {
        {2, NULL, false, false, false, false, false},
        {2, "outstanding", false, false, false, false, false},
        {2, "good", false, false, false, false, false},
        {2, "requires improvement", false, true, false, true, true},
        {2, "inadequate", false, true, false, true, true},
        {1, "inadequate", false, true, true, true, true},
        {1, "good", false, true, true, false, false},
        {2, "good", true, true, true, false, true},
        {2, "inadequate", true, true, true, true, false},
        {3, "good", true, true, true, true, true},
        {4, "good", true, true, false, true, true},
        {4, "outstanding", true, true, false, true, true},
        {4, "requires improvement", true, false, false, false, false},
        {4, NULL, true, false, false, false, false},
        {4, NULL, false, true, true, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct engine *engine = make_engine();
        struct mismatch found;
        char json[600];
        int len = snprintf(json, sizeof(json),
                           "[{\"source\":\"s\",\"seq\":1,\"org\":\"A1\",\"measure\":\"lead\",\"period\":\"2025-04-01\","
                           "\"value\":%s},{\"org\":\"A1\",\"decision\":%d,\"effective\":\"2025-04-01\","
                           "\"decided_by\":\"a\",\"reason\":\"b\"}",
                           rows[i].four ? "true" : "false", rows[i].official);

        if (rows[i].word)
            len += snprintf(json + len, sizeof(json) - (size_t)len,
                            ",{\"org\":\"A1\",\"measure\":\"cqc\",\"period\":\"2025-03-01\",\"value\":\"%s\"}",
                            rows[i].word);
        snprintf(json + len, sizeof(json) - (size_t)len, "]");
        apply(engine, json);
        if (engine_mismatch(engine, 0, 0, &found) != rows[i].listed)
            fail_msg("row %zu: expected %slisted", i, rows[i].listed ? "" : "not ");
        assert_int_equal(found.differ, rows[i].differ);
        assert_int_equal(found.official_odd, rows[i].official_odd);
        assert_int_equal(found.indicative_odd, rows[i].indicative_odd);
        assert_int_equal(found.word != NULL, rows[i].word != NULL);
        engine_destroy(engine);
    }
}

/* The rating that counts: the first in the four words that applies, while it is fresh. */
static void test_rating(void **state) {
    struct engine *engine = make_engine();
    struct mismatch found;
    struct changes changes;
    (void)state;
    apply(engine, "[{\"source\":\"s\",\"seq\":1,\"org\":\"A1\",\"measure\":\"cqc\",\"period\":\"2025-03-01\",\"value\":"
                  "\"inadequate\"},"
                  "{\"org\":\"A1\",\"measure\":\"cqc-2\",\"period\":\"2025-03-01\",\"value\":\"good\"},"
                  "{\"org\":\"A1\",\"measure\":\"band\",\"period\":\"2025-03-01\",\"value\":\"good\"},"
                  "{\"org\":\"S1\",\"measure\":\"band\",\"period\":\"2025-03-01\",\"value\":\"good\"},"
                  "{\"org\":\"S1\",\"measure\":\"cqc-2\",\"period\":\"2025-03-01\",\"value\":\"inadequate\"},"
                  "{\"org\":\"A2\",\"measure\":\"cqc\",\"period\":\"2024-12-31\",\"value\":\"inadequate\"}]");
    assert_true(engine_mismatch(engine, 0, 0, &found));
    assert_int_equal(found.measure, 1);
    assert_string_equal(found.word, "inadequate");
    assert_false(engine_mismatch(engine, 0, 1, &found)); /* closed */
    assert_true(engine_mismatch(engine, 0, 2, &found));
    assert_int_equal(found.measure, 2);
    changes_init(&changes);
    engine_tick(engine, 20148 + 100, 0, &changes); /* 2025-03-01 and 100 days */
    assert_true(engine_mismatch(engine, 0, 0, &found));
    engine_tick(engine, 20148 + 101, 0, &changes);
    assert_false(engine_mismatch(engine, 0, 0, &found));
    assert_null(found.word);
    assert_true(engine_mismatch(engine, 0, 2, &found)); /* holds until replaced */
    changes_finish(&changes);
    engine_destroy(engine);
}

static void keep(void *context, const char *json, size_t len) {
    char *text = context;
    assert_true(strlen(text) + len < 4000);
    strcat(text, json);
}

static void test_reply(void **state) {
    struct engine *engine = make_engine();
    struct request request;
    struct request_error error;
    char text[4096] = "";
    (void)state;
    apply(engine, "[{\"source\":\"s\",\"seq\":1,\"org\":\"A1\",\"measure\":\"cqc\",\"period\":\"2025-03-01\",\"value\":"
                  "\"good\"},{\"org\":\"A1\",\"measure\":\"lead\",\"period\":\"2025-04-01\",\"value\":true}]");
    assert_true(request_parse("{\"get\":\"mismatches\"}", 20, &request, &error));
    request_answer(engine, &request, NULL, 0, keep, text);
    assert_string_equal(
        text, "{\"framework\":\"small\",\"date\":\"2025-04-22\",\"mismatches\":[{\"code\":\"A1\",\"name\":\"One\","
              "\"type\":\"acute\",\"region\":\"\",\"system\":\"\",\"indicative\":4,\"official\":2,"
              "\"rating\":{\"measure\":\"cqc\",\"period\":\"2025-03-01\",\"value\":\"good\"},\"reasons\":["
              "{\"reason\":\"segments-differ\",\"text\":\"the figures say 4, officially it is 2\"},"
              "{\"reason\":\"indicative-rating\",\"text\":\"the figures say 4, but it is rated good\"}]}]}");
    engine_destroy(engine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_rating),
        cmocka_unit_test(test_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
