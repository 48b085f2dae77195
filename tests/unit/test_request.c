/* Requests parsed, and replies of a small engine to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "common/wire.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"
#include "daemon/render/request.h"

/* ---- Parsing ---- */

static void test_parse(void **state) {
    static const char alerts[] =
        "{\"get\":\"alerts\",\"after\":\"3-17\",\"limit\":50,\"framework\":\"sof\",\"new\":[1]}";
    static const char reset[] = "{\"do\":\"reset-source\",\"source\":\"S.1\",\"last\":9007199254740993}";
    static const char measure[] =
        "{\"get\":\"measure\",\"id\":\"ae-4h\",\"period\":\"2025-02\",\"peers\":\"mental-health\"}";
    struct request request;
    struct request_error error;
    (void)state;
    assert_true(request_parse(alerts, strlen(alerts), &request, &error));
    assert_int_equal(request.kind, REQUEST_ALERTS);
    assert_true(request.after.epoch == 3 && request.after.seq == 17 && request.limit == 50);
    assert_string_equal(request.framework, "sof");
    assert_false(request_is_action(request.kind));
    assert_true(request_parse(reset, strlen(reset), &request, &error));
    assert_int_equal(request.kind, REQUEST_RESET_SOURCE);
    assert_true(request_is_action(request.kind) && request.last == 9007199254740993);
    assert_int_equal(request.limit, REQUEST_LIMIT_DEFAULT);
    assert_string_equal(request.framework, "");
    assert_true(request_parse(measure, strlen(measure), &request, &error));
    assert_string_equal(request.measure, "ae-4h");
    assert_string_equal(request.peers, "mental-health");
    assert_int_equal(request.period, 20120);
    assert_true(request_parse("{\"get\":\"alerts\"}", 16, &request, &error));
    assert_true(request.after.epoch == 0 && request.after.seq == 0);
    assert_true(request_parse("{\"do\":\"reload\",\"dry_run\":true}", 30, &request, &error) && request.dry_run);
}

static void test_parse_refused(void **state) {
    static const struct {
        const char *json, *code, *message;
    } bad[] = {
        {"", "bad-request", "expected a JSON object"},
        {"[]", "bad-request", "expected a JSON object"},
        {"nonsense", "bad-request", "expected a JSON object"},
        {"{\"get\":\"status\"", "bad-request", "byte 15: expected a comma or }, found the end"},
        {"{\"get\":\"status\"}{}", "bad-request", "byte 16: 2 bytes after the end"},
        {"{\"get\":\"status\",\"get\":\"status\"}", "bad-request", "byte 16: key \"get\" stands twice in a map"},
        {"{}", "bad-request", "expected either get, a query, or do, an action"},
        {"{\"get\":\"status\",\"do\":\"reload\"}", "bad-request", "expected either get, a query, or do, an action"},
        {"{\"get\":5}", "bad-request", "get is not text, expected the name of a query"},
        {"{\"get\":\"freeze\"}", "unknown-request",
         "get \"freeze\": expected snapshot, alerts, organisation, measure, series, source, status, mismatches, "
         "explain, why-not, systems, registry, figures, decisions or verdicts"},
        {"{\"do\":\"status\"}", "unknown-request",
         "do \"status\": expected freeze, reset-source, reload, failover or audit"},
        {"{\"get\":\"organisation\"}", "bad-request",
         "code is missing, expected an organisation code, 1 to 10 of A-Z 0-9"},
        {"{\"get\":\"organisation\",\"code\":\"r1h\"}", "bad-request",
         "code is wrong, expected an organisation code, 1 to 10 of A-Z 0-9"},
        {"{\"get\":\"series\",\"code\":\"R1H\"}", "bad-request", "measure is missing, expected the id of a measure"},
        {"{\"get\":\"measure\",\"id\":\"a\",\"period\":\"2025\"}", "bad-request",
         "period is wrong, expected the first day of a period, YYYY-MM-DD or YYYY-MM"},
        {"{\"get\":\"alerts\",\"after\":\"x\"}", "bad-request", "after is wrong, expected an alert id, <epoch>-<seq>"},
        {"{\"get\":\"alerts\",\"limit\":-1}", "bad-request", "limit is wrong, expected an integer from 1 to 10000"},
        {"{\"get\":\"alerts\",\"limit\":0}", "bad-request", "limit is wrong, expected an integer from 1 to 10000"},
        {"{\"get\":\"source\",\"source\":\"a b\"}", "bad-request",
         "source is wrong, expected a source, 1 to 64 of A-Z a-z 0-9 . _ -"},
        {"{\"do\":\"reset-source\",\"source\":\"a\"}", "bad-request",
         "last is missing, expected an integer from 0 to 9223372036854775807"},
        {"{\"get\":\"why-not\",\"code\":\"R1H\",\"segment\":6}", "bad-request",
         "segment is wrong, expected a segment from 1 to 5"},
        {"{\"get\":\"systems\",\"by\":\"colour\"}", "bad-request", "by is wrong, expected system, region or group"},
        {"{\"do\":\"reload\",\"dry_run\":1}", "bad-request", "dry_run is wrong, expected true or false"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct request request = {.limit = 12345};
        struct request_error error;
        assert_false(request_parse(bad[i].json, strlen(bad[i].json), &request, &error));
        assert_string_equal(error.code, bad[i].code);
        assert_string_equal(error.message, bad[i].message);
        assert_int_equal(request.limit, 12345);
    }
}

/* ---- Replies ---- */

static const char framework_text[] =
    "id = \"small\"; name = \"Small\"; method = \"triggers\"; minimum_peers = 4;\n"
    "types = [\"acute\", \"community\", \"icb\"]; themes = [\"access\", \"quality\"];\n"
    "segments = ( { number = 2; name = \"default\"; },\n"
    "  { number = 3; name = \"support\"; consequence = \"mandated support\"; },\n"
    "  { number = 4; name = \"intensive support\"; consequence = \"director\"; } );\n"
    "measures = (\n"
    "  { id = \"wait\"; name = \"Wait\"; theme = \"access\"; unit = \"days\"; kind = \"number\"; direction = "
    "\"lower\";\n"
    "    frequency = \"month\"; peers = \"national\"; applies_to = [\"acute\", \"community\"]; },\n"
    "  { id = \"calls\"; name = \"Calls\"; theme = \"access\"; unit = \"%\"; kind = \"number\"; direction = "
    "\"higher\";\n"
    "    frequency = \"month\"; peers = \"type\"; applies_to = [\"acute\", \"community\"]; },\n"
    "  { id = \"cqc\"; name = \"Rating\"; theme = \"quality\"; kind = \"rating\"; frequency = \"day\";\n"
    "    words = [\"good\", \"inadequate\"]; applies_to = [\"acute\", \"community\"]; },\n"
    "  { id = \"people\"; name = \"People\"; theme = \"access\"; kind = \"number\"; direction = \"neutral\";\n"
    "    frequency = \"month\"; applies_to = [\"icb\"]; } );\n"
    "triggers = (\n"
    "  { id = \"slow\"; title = \"slow\"; segment = 3; signal = \"bottom_quartile\"; measures = [\"wait\"]; },\n"
    "  { id = \"inadequate\"; title = \"inadequate\"; segment = 3; signal = \"rating\"; measures = [\"cqc\"];\n"
    "    words = [\"inadequate\"]; } );\n";

static const char registry_text[] = "code,name,type,subtype,region,system,group,opened,closed,successor,predecessors\n"
                                    "A1,One,acute,,North,S1,,,,,\nA2,Two,acute,,North,S1,,,,,\n"
                                    "A3,Three,acute,,North,S1,,,,,\nA4,Four,acute,,North,S1,,,,,\n"
                                    "A5,Five,community,,South,S1,Chain,,,,\nS1,System,icb,,North,,,,,,\n";

static const char updates[] =
    "[{\"source\":\"s\",\"seq\":1,\"org\":\"A1\",\"measure\":\"wait\",\"period\":\"2025-02\",\"value\":10},"
    "{\"org\":\"A2\",\"measure\":\"wait\",\"period\":\"2025-02\",\"value\":20},"
    "{\"org\":\"A3\",\"measure\":\"wait\",\"period\":\"2025-02\",\"value\":30},"
    "{\"org\":\"A4\",\"measure\":\"wait\",\"period\":\"2025-02\",\"value\":40},"
    "{\"org\":\"A5\",\"measure\":\"wait\",\"period\":\"2025-02\",\"value\":90.5},"
    "{\"org\":\"A1\",\"measure\":\"wait\",\"period\":\"2025-03\",\"value\":12},"
    "{\"org\":\"A1\",\"measure\":\"calls\",\"period\":\"2025-02\",\"value\":12},"
    "{\"org\":\"A1\",\"measure\":\"cqc\",\"period\":\"2025-01-15\",\"value\":\"good\"}]";

static struct engine *engine_of(const char *rules, const char *figures, uint64_t accepted) {
    struct problems *problems = problems_create();
    struct framework *framework = framework_parse("small", rules, strlen(rules), problems);
    struct registry *registry = registry_parse("registry", registry_text, strlen(registry_text), problems);
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    struct message message;
    struct changes changes;
    const char *error;
    if (!framework || !registry)
        fail_msg("%s", problems_format(problems));
    struct engine *engine = engine_create(registry, &framework, 1);
    changes_init(&changes);
    engine_set_alert_id(engine, (struct alert_id){4, 0});
    engine_loaded(engine, false, 0, &changes);
    engine_tick(engine, 20150, 1740960000000, &changes);
    assert_int_equal(wire_decode(decoder, figures, strlen(figures), &message, &error), REFUSAL_NONE);
    engine_apply(engine, &message, 1740960000000, &changes);
    assert_int_equal(changes.accepted, accepted);
    changes_finish(&changes);
    wire_decoder_destroy(decoder);
    problems_destroy(problems);
    return engine;
}

static int setup(void **state) {
    *state = engine_of(framework_text, updates, 8);
    return 0;
}

static int teardown(void **state) {
    engine_destroy(*state);
    return 0;
}

#define PARTS_MAX 16

struct reply {
    cJSON *parts[PARTS_MAX];
    size_t count;
};

static void keep_part(void *context, const char *json, size_t len) {
    struct reply *reply = context;
    assert_int_equal(strlen(json), len);
    assert_true(reply->count < PARTS_MAX);
    reply->parts[reply->count] = cJSON_ParseWithOpts(json, NULL, 1);
    if (!reply->parts[reply->count++])
        fail_msg("not JSON: %s", json);
}

static struct reply ask(const struct engine *engine, const char *json, size_t part_bytes) {
    static const struct status_feed feed = {"s", "tcp://127.0.0.1:1", "live", 8, 1500};
    static const struct status_counter counter = {"refused", 3};
    static const struct status_facts facts = {.version = "0.1",
                                              .last = {4, 1},
                                              .instance = "main",
                                              .role = "leader",
                                              .durability = "fsync",
                                              .feeds = &feed,
                                              .feed_count = 1,
                                              .counters = &counter,
                                              .counter_count = 1};
    struct reply reply = {.count = 0};
    struct request request;
    struct request_error error;
    if (!request_parse(json, strlen(json), &request, &error))
        fail_msg("%s", error.message);
    request_answer(engine, &request, &facts, part_bytes, keep_part, &reply);
    return reply;
}

static void forget(struct reply *reply) {
    for (size_t i = 0; i < reply->count; i++)
        cJSON_Delete(reply->parts[i]);
}

/* The part as text must be this. */
static void check_json(const cJSON *json, const char *expected) {
    char *text = cJSON_PrintUnformatted(json);
    assert_string_equal(text, expected);
    cJSON_free(text);
}

static const cJSON *at(const cJSON *json, const char *key) {
    const cJSON *child = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!child)
        fail_msg("no %s", key);
    return child;
}

static void test_snapshot(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"snapshot\"}", 0);
    const cJSON *part = reply.parts[0];
    assert_int_equal(reply.count, 1);
    assert_string_equal(at(part, "last")->valuestring, "4-1");
    const cJSON *rows = at(part, "organisations");
    assert_int_equal(cJSON_GetArraySize(rows), 6);
    const cJSON *five = cJSON_GetArrayItem(rows, 4);
    assert_string_equal(at(five, "code")->valuestring, "A5");
    assert_string_equal(at(five, "group")->valuestring, "Chain");
    assert_int_equal(at(five, "indicative")->valueint, 3);
    assert_int_equal(at(five, "official")->valueint, 2);
    assert_string_equal(at(five, "since")->valuestring, "2025-03-03");
    check_json(at(five, "on"), "[\"slow\"]");
    check_json(at(five, "alerts"), "[\"4-1\"]");
    check_json(at(five, "held"), "[]");
    assert_null(cJSON_GetObjectItem(five, "closed"));
    assert_null(cJSON_GetObjectItem(cJSON_GetArrayItem(rows, 0), "since"));
    forget(&reply);
}

/* Small parts hold the same list, each with the head. */
static void test_parts(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"snapshot\"}", 100);
    assert_int_equal(reply.count, 6);
    for (size_t i = 0; i < reply.count; i++) {
        assert_string_equal(at(reply.parts[i], "last")->valuestring, "4-1");
        assert_int_equal(cJSON_GetArraySize(at(reply.parts[i], "organisations")), 1);
    }
    forget(&reply);
}

static void test_organisation(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"organisation\",\"code\":\"A5\"}", 0);
    const cJSON *part = reply.parts[0], *trigger = cJSON_GetArrayItem(at(part, "triggers"), 0);
    assert_string_equal(at(part, "code")->valuestring, "A5");
    check_json(at(part, "signals"),
               "[{\"measure\":\"wait\",\"period\":\"2025-02-01\",\"value\":90.5,\"unit\":\"days\",\"rank\":5,\"n\":5,"
               "\"bands\":[\"bottom_decile\",\"bottom_quartile\"],\"held\":false}]");
    assert_int_equal(cJSON_GetArraySize(at(part, "triggers")), 2);
    assert_string_equal(at(trigger, "id")->valuestring, "slow");
    assert_true(cJSON_IsTrue(at(trigger, "on")) && cJSON_IsFalse(at(trigger, "latched")));
    assert_string_equal(at(cJSON_GetArrayItem(at(trigger, "evidence"), 0), "band")->valuestring, "bottom_quartile");
    check_json(at(part, "history"),
               "[{\"time\":\"2025-03-03T00:00:00.000Z\",\"before\":2,\"after\":3,\"alert\":\"4-1\"}]");
    check_json(at(part, "programmes"), "[]");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"organisation\",\"code\":\"A1\"}", 0);
    const cJSON *rating = cJSON_GetArrayItem(at(reply.parts[0], "signals"), 2);
    assert_string_equal(at(rating, "value")->valuestring, "good");
    forget(&reply);
}

/* The element of a list whose "id", "measure" or "system" is the name. */
static const cJSON *named(const cJSON *list, const char *key, const char *name) {
    const cJSON *element;
    cJSON_ArrayForEach(element, list) {
        if (!strcmp(at(element, key)->valuestring, name))
            return element;
    }
    fail_msg("no %s %s", key, name);
    return NULL;
}

static void test_headroom(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"snapshot\"}", 0);
    const cJSON *rows = at(reply.parts[0], "organisations");
    /* 40 of 10 20 30 40 90.5, lower is better: it must pass 90.5 to take the one place in the bottom quartile. */
    check_json(
        at(named(rows, "code", "A4"), "headroom"),
        "{\"segment\":3,\"trigger\":\"slow\",\"measure\":\"wait\",\"figure\":90.5,\"distance\":50.5,\"places\":1}");
    check_json(
        at(named(rows, "code", "A5"), "headroom"),
        "{\"segment\":2,\"trigger\":\"slow\",\"measure\":\"wait\",\"figure\":40,\"distance\":50.5,\"places\":1}");
    assert_null(cJSON_GetObjectItem(named(rows, "code", "S1"), "headroom"));
    forget(&reply);
}

static void test_explain(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"explain\",\"code\":\"A5\"}", 0);
    const cJSON *steps = at(reply.parts[0], "steps"), *step, *slow;
    assert_int_equal(cJSON_GetArraySize(steps), 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(at(cJSON_GetArrayItem(steps, i), "step")->valueint, i + 1);
    assert_int_equal(at(reply.parts[0], "decided")->valueint, 3);
    assert_int_equal(at(reply.parts[0], "indicative")->valueint, 3);
    step = cJSON_GetArrayItem(steps, 2);
    assert_true(cJSON_IsTrue(at(step, "holds")));
    slow = named(at(step, "grounds"), "id", "slow");
    assert_true(cJSON_IsTrue(at(slow, "on")) && cJSON_IsTrue(at(slow, "holds")));
    check_json(at(slow, "asks"), "{\"measures\":1,\"themes\":1,\"for\":1}");
    check_json(at(slow, "shows"), "{\"measures\":1,\"themes\":1}");
    check_json(
        at(slow, "measures"),
        "[{\"measure\":\"wait\",\"holds\":true,\"period\":\"2025-02-01\",\"value\":90.5,\"unit\":\"days\",\"rank\":5,"
        "\"n\":5,\"cut\":40,\"distance\":50.5,\"places\":1,"
        "\"turn\":{\"by\":\"move\",\"figure\":40,\"beyond\":false,\"distance\":50.5,\"places\":1}}]");
    check_json(at(slow, "way"),
               "{\"by\":\"figures\",\"measures\":1,\"measure\":\"wait\",\"figure\":40,\"beyond\":false,"
               "\"distance\":50.5,\"places\":1}");
    assert_true(cJSON_IsFalse(at(cJSON_GetArrayItem(steps, 1), "holds")));
    forget(&reply);
    reply = ask(*state, "{\"get\":\"explain\",\"code\":\"A1\"}", 0);
    assert_int_equal(at(reply.parts[0], "decided")->valueint, 5);
    forget(&reply);
}

/* A theme of two measures with weights, one of one, and one without scores. */
static const char scoring_text[] =
    "id = \"scoring\"; name = \"Scoring\"; method = \"scores\"; minimum_peers = 2;\n"
    "types = [\"acute\", \"community\", \"icb\"]; themes = [\"access\", \"quality\", \"money\"];\n"
    "segments = ( { number = 1; name = \"a\"; }, { number = 2; name = \"b\"; }, { number = 3; name = \"c\"; "
    "consequence = \"C\"; },\n"
    "  { number = 4; name = \"d\"; consequence = \"D\"; } );\n"
    "measures = (\n"
    "  { id = \"wait\"; name = \"W\"; theme = \"access\"; kind = \"number\"; direction = \"lower\";\n"
    "    frequency = \"quarter\"; peers = \"none\"; score = { kind = \"supplied\"; }; },\n"
    "  { id = \"calls\"; name = \"C\"; theme = \"access\"; kind = \"number\"; direction = \"lower\";\n"
    "    frequency = \"quarter\"; peers = \"none\"; score = { kind = \"supplied\"; weight = 0.5; }; },\n"
    "  { id = \"survey\"; name = \"S\"; theme = \"quality\"; kind = \"number\"; direction = \"lower\";\n"
    "    frequency = \"quarter\"; peers = \"none\"; score = { kind = \"supplied\"; }; },\n"
    "  { id = \"deficit\"; name = \"D\"; theme = \"money\"; kind = \"flag\"; frequency = \"quarter\"; } );\n"
    "scores = { frequency = \"quarter\"; applies_to = [\"acute\"]; cut = [2.0, 2.5, 3.0];\n"
    "  deficit_flag = \"deficit\"; };\n";

static const char scores[] =
    "[{\"source\":\"s\",\"seq\":1,\"org\":\"A1\",\"measure\":\"wait\",\"period\":\"2024-10\",\"value\":1},"
    "{\"org\":\"A1\",\"measure\":\"calls\",\"period\":\"2024-10\",\"value\":4},"
    "{\"org\":\"A1\",\"measure\":\"survey\",\"period\":\"2024-10\",\"value\":3},"
    "{\"org\":\"A2\",\"measure\":\"survey\",\"period\":\"2024-10\",\"value\":1.5},"
    "{\"org\":\"A3\",\"measure\":\"deficit\",\"period\":\"2024-10\",\"value\":true}]";

static const cJSON *average_step(const cJSON *reply) {
    return cJSON_GetArrayItem(at(reply, "steps"), 1);
}

static void test_domains(void **state) {
    static const char one[] = "[{\"theme\":\"access\",\"score\":2},{\"theme\":\"quality\",\"score\":3}]";
    struct engine *engine = engine_of(scoring_text, scores, 5);
    struct reply reply = ask(engine, "{\"get\":\"organisation\",\"code\":\"A1\"}", 0);
    check_json(at(reply.parts[0], "domains"), one);
    forget(&reply);
    reply = ask(engine, "{\"get\":\"explain\",\"code\":\"A1\"}", 0);
    check_json(at(average_step(reply.parts[0]), "domains"), one);
    assert_null(cJSON_GetObjectItem(reply.parts[0], "domains"));
    forget(&reply);
    reply = ask(engine, "{\"get\":\"organisation\",\"code\":\"A2\"}", 0);
    check_json(at(reply.parts[0], "domains"), "[{\"theme\":\"quality\",\"score\":1.5}]");
    forget(&reply);
    /* No score in the scored period: none of a theme either. */
    reply = ask(engine, "{\"get\":\"organisation\",\"code\":\"A3\"}", 0);
    assert_null(cJSON_GetObjectItem(reply.parts[0], "domains"));
    forget(&reply);
    reply = ask(engine, "{\"get\":\"explain\",\"code\":\"A3\"}", 0);
    assert_null(cJSON_GetObjectItem(average_step(reply.parts[0]), "domains"));
    forget(&reply);
    engine_destroy(engine);
    /* Nor where triggers decide. */
    reply = ask(*state, "{\"get\":\"organisation\",\"code\":\"A5\"}", 0);
    assert_null(cJSON_GetObjectItem(reply.parts[0], "domains"));
    forget(&reply);
}

static void test_why_not(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"why-not\",\"code\":\"A5\",\"segment\":2}", 0);
    assert_true(cJSON_IsFalse(at(reply.parts[0], "there")));
    assert_int_equal(cJSON_GetArraySize(at(reply.parts[0], "must_end")), 1);
    named(at(reply.parts[0], "must_end"), "id", "slow");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"why-not\",\"code\":\"A1\",\"segment\":3}", 0);
    assert_int_equal(cJSON_GetArraySize(at(reply.parts[0], "must_end")), 0);
    assert_int_equal(cJSON_GetArraySize(at(reply.parts[0], "one_must_begin")), 2);
    /* A word can be set, not moved. */
    check_json(at(named(at(reply.parts[0], "one_must_begin"), "id", "inadequate"), "way"),
               "{\"by\":\"figures\",\"measures\":1,\"measure\":\"cqc\"}");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"why-not\",\"code\":\"A1\",\"segment\":2}", 0);
    assert_true(cJSON_IsTrue(at(reply.parts[0], "there")));
    forget(&reply);
}

static void test_systems(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"systems\"}", 0);
    const cJSON *one = cJSON_GetArrayItem(at(reply.parts[0], "systems"), 0);
    assert_int_equal(cJSON_GetArraySize(at(reply.parts[0], "systems")), 1);
    assert_string_equal(at(one, "system")->valuestring, "S1");
    assert_int_equal(at(one, "members")->valueint, 5);
    check_json(at(one, "segments"), "{\"2\":4,\"3\":1,\"4\":0}");
    check_json(at(one, "worst"), "[]");
    check_json(at(one, "own"),
               "{\"code\":\"S1\",\"name\":\"System\",\"type\":\"icb\",\"indicative\":2,\"official\":2}");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"systems\",\"by\":\"region\"}", 0);
    check_json(at(named(at(reply.parts[0], "systems"), "region", "South"), "segments"), "{\"2\":0,\"3\":1,\"4\":0}");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"systems\",\"by\":\"group\"}", 0);
    assert_int_equal(cJSON_GetArraySize(at(reply.parts[0], "systems")), 1);
    forget(&reply);
}

static void test_measure(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"measure\",\"id\":\"wait\"}", 0);
    const cJSON *part = reply.parts[0], *rows = at(part, "rows");
    assert_string_equal(at(part, "period")->valuestring, "2025-02-01");
    assert_int_equal(at(part, "n")->valueint, 5);
    assert_true(cJSON_IsTrue(at(part, "effective")));
    check_json(at(part, "peers"), "[\"acute\",\"community\"]");
    assert_true(at(at(part, "quantiles"), "0.25")->valuedouble == 40);
    assert_true(at(at(part, "quantiles"), "0.5")->valuedouble == 30);
    check_json(cJSON_GetArrayItem(rows, 0),
               "{\"code\":\"A1\",\"name\":\"One\",\"value\":10,\"rank\":1,\"bands\":[\"top_quartile\"]}");
    check_json(cJSON_GetArrayItem(rows, 4), "{\"code\":\"A5\",\"name\":\"Five\",\"value\":90.5,\"rank\":5,"
                                            "\"bands\":[\"bottom_decile\",\"bottom_quartile\"]}");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"measure\",\"id\":\"calls\",\"peers\":\"acute\",\"period\":\"2025-02\"}", 0);
    check_json(at(reply.parts[0], "peers"), "[\"acute\"]");
    assert_true(cJSON_IsFalse(at(reply.parts[0], "effective")));
    forget(&reply);
}

static void test_series(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"series\",\"code\":\"A1\",\"measure\":\"wait\"}", 0);
    check_json(
        reply.parts[0],
        "{\"code\":\"A1\",\"organisation\":\"One\",\"type\":\"acute\",\"measure\":\"wait\",\"name\":\"Wait\",\"unit\":"
        "\"days\",\"direction\":\"lower\",\"ranked\":true,\"points\":[{\"period\":\"2025-02-01\",\"y\":10,"
        "\"mean\":11,\"lower\":5.68,\"upper\":16.32,\"point_type\":\"common_cause\"},"
        "{\"period\":\"2025-03-01\",\"y\":12,\"mean\":11,\"lower\":5.68,\"upper\":16.32,"
        "\"point_type\":\"common_cause\"}],\"trial\":true}");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"series\",\"code\":\"S1\",\"measure\":\"wait\"}", 0);
    check_json(reply.parts[0],
               "{\"code\":\"S1\",\"organisation\":\"System\",\"type\":\"icb\",\"measure\":\"wait\",\"name\":\"Wait\","
               "\"unit\":\"days\",\"direction\":\"lower\",\"ranked\":false,\"points\":[],\"trial\":false}");
    forget(&reply);
}

/* A trend in a measure that is neither better nor worse. */
static void test_neutral_series(void **state) {
    struct engine *engine = engine_of(framework_text, updates, 8);
    struct item items[7];
    struct message message = {.source = TEXT_OF("t"), .items = items, .count = 7};
    struct changes changes;
    (void)state;
    for (int i = 0; i < 7; i++) {
        items[i] = (struct item){.kind = ITEM_FIGURE, .seq = (uint64_t)i + 1, .org = TEXT_OF("S1")};
        items[i].figure.measure = TEXT_OF("people");
        items[i].figure.period = period_add(FREQUENCY_MONTH, 19723, i); /* 2024-01-01 */
        items[i].figure.value = (struct value){.type = VALUE_NUMBER, .number = i};
    }
    changes_init(&changes);
    engine_apply(engine, &message, 0, &changes);
    assert_int_equal(changes.accepted, 7);
    changes_finish(&changes);
    for (int i = 0; i < 2; i++) {
        struct reply reply = ask(engine,
                                 i ? "{\"get\":\"organisation\",\"code\":\"S1\"}"
                                   : "{\"get\":\"series\",\"code\":\"S1\",\"measure\":\"people\"}",
                                 0);
        const cJSON *point = cJSON_GetArrayItem(at(reply.parts[0], i ? "signals" : "points"), i ? 0 : 6);
        assert_string_equal(at(point, "point_type")->valuestring, "special_cause_neutral_high");
        forget(&reply);
    }
    engine_destroy(engine);
}

static void test_source_and_status(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"source\",\"source\":\"s\"}", 0);
    check_json(reply.parts[0], "{\"source\":\"s\",\"last\":8}");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"source\",\"source\":\"t\"}", 0);
    assert_int_equal(at(reply.parts[0], "last")->valueint, 0);
    forget(&reply);
    reply = ask(*state, "{\"get\":\"status\"}", 0);
    const cJSON *status = reply.parts[0];
    assert_string_equal(at(status, "role")->valuestring, "leader");
    assert_string_equal(at(status, "date")->valuestring, "2025-03-03");
    assert_int_equal(at(status, "epoch")->valueint, 4);
    assert_int_equal(at(at(status, "counters"), "refused")->valueint, 3);
    assert_true(at(cJSON_GetArrayItem(at(status, "feeds"), 0), "silent")->valuedouble == 1.5);
    assert_int_equal(at(at(status, "registry"), "organisations")->valueint, 6);
    forget(&reply);
}

/* What an engine elsewhere needs to come to the same verdicts. */
static void test_export(void **state) {
    struct reply reply = ask(*state, "{\"get\":\"registry\"}", 0);
    assert_string_equal(at(cJSON_GetArrayItem(at(reply.parts[0], "organisations"), 4), "group")->valuestring, "Chain");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"figures\",\"measure\":\"wait\"}", 60);
    assert_int_equal(reply.count, 6);
    check_json(reply.parts[4],
               "{\"measure\":\"wait\",\"figures\":[{\"org\":\"A5\",\"period\":\"2025-02-01\",\"value\":90.5}]}");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"figures\",\"measure\":\"cqc\"}", 0);
    check_json(at(reply.parts[0], "figures"), "[{\"org\":\"A1\",\"period\":\"2025-01-15\",\"value\":\"good\"}]");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"figures\",\"measure\":\"none\"}", 0);
    assert_string_equal(at(at(reply.parts[0], "error"), "code")->valuestring, "unknown-measure");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"decisions\"}", 0);
    check_json(at(reply.parts[0], "decisions"), "[]");
    forget(&reply);
    reply = ask(*state, "{\"get\":\"verdicts\"}", 0);
    assert_string_equal(at(reply.parts[0], "date")->valuestring, "2025-03-03");
    assert_string_equal(at(reply.parts[0], "last")->valuestring, "4-1");
    const cJSON *five = cJSON_GetArrayItem(at(reply.parts[0], "verdicts"), 4);
    assert_string_equal(at(five, "code")->valuestring, "A5");
    assert_non_null(strstr(at(five, "state")->valuestring, "segment=3"));
    forget(&reply);
}

static void test_errors(void **state) {
    static const struct {
        const char *json, *code;
    } errors[] = {
        {"{\"get\":\"snapshot\",\"framework\":\"none\"}", "unknown-framework"},
        {"{\"get\":\"organisation\",\"code\":\"ZZZ\"}", "unknown-organisation"},
        {"{\"get\":\"measure\",\"id\":\"none\"}", "unknown-measure"},
        {"{\"get\":\"measure\",\"id\":\"cqc\"}", "not-applicable"},
        {"{\"get\":\"measure\",\"id\":\"calls\"}", "bad-request"},
        {"{\"get\":\"measure\",\"id\":\"calls\",\"peers\":\"icb\"}", "unknown-peers"},
        {"{\"get\":\"measure\",\"id\":\"wait\",\"peers\":\"none\"}", "unknown-peers"},
        {"{\"get\":\"measure\",\"id\":\"calls\",\"peers\":\"acute\"}", "unknown-ranking"},
        {"{\"get\":\"measure\",\"id\":\"wait\",\"period\":\"2025-02-02\"}", "unknown-ranking"},
        {"{\"get\":\"series\",\"code\":\"ZZZ\",\"measure\":\"wait\"}", "unknown-organisation"},
        {"{\"get\":\"series\",\"code\":\"A1\",\"measure\":\"none\"}", "unknown-measure"},
        {"{\"get\":\"explain\",\"code\":\"ZZZ\"}", "unknown-organisation"},
        {"{\"get\":\"why-not\",\"code\":\"A1\",\"segment\":5}", "not-applicable"},
    };
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        struct reply reply = ask(*state, errors[i].json, 0);
        assert_int_equal(reply.count, 1);
        const cJSON *error = at(reply.parts[0], "error");
        assert_string_equal(at(error, "code")->valuestring, errors[i].code);
        assert_true(strlen(at(error, "message")->valuestring) > 10);
        forget(&reply);
    }
}

static void test_events(void **state) {
    const struct text events[] = {TEXT_OF("{\"id\":\"1-1\"}"), TEXT_OF("{\"id\":\"1-2\"}")};
    struct reply reply = {.count = 0};
    (void)state;
    request_emit_events(events, 2, false, true, 0, keep_part, &reply);
    request_emit_events(NULL, 0, true, false, 10, keep_part, &reply);
    request_emit_events(events, 2, false, false, 10, keep_part, &reply);
    assert_int_equal(reply.count, 4);
    check_json(reply.parts[0], "{\"events\":[{\"id\":\"1-1\"},{\"id\":\"1-2\"}],\"truncated\":false,\"more\":true}");
    check_json(reply.parts[1], "{\"events\":[],\"truncated\":true,\"more\":false}");
    check_json(reply.parts[3], "{\"events\":[{\"id\":\"1-2\"}],\"truncated\":false,\"more\":false}");
    forget(&reply);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),   cmocka_unit_test(test_parse_refused),  cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_parts),   cmocka_unit_test(test_measure),        cmocka_unit_test(test_organisation),
        cmocka_unit_test(test_series),  cmocka_unit_test(test_neutral_series), cmocka_unit_test(test_source_and_status),
        cmocka_unit_test(test_errors),  cmocka_unit_test(test_events),         cmocka_unit_test(test_headroom),
        cmocka_unit_test(test_explain), cmocka_unit_test(test_why_not),        cmocka_unit_test(test_systems),
        cmocka_unit_test(test_export),  cmocka_unit_test(test_domains),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
