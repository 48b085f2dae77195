/* Alerts made by hand, and the events they must become. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "common/json_write.h"
#include "daemon/render/check.h"
#include "daemon/render/event.h"
#include "tests/unit/seed.h"

static const struct render_context context = {.instance = "main", .durability = "fsync"};

static struct framework framework = {.id = "sof-2021-22", .digest = "0123456789abcdef"};

static const struct organisation organisation = {.code = "R1H",
                                                 .name = "Bar \"T\" Trust",
                                                 .type = "acute",
                                                 .subtype = "",
                                                 .region = "London",
                                                 .system = "QMF",
                                                 .group = "",
                                                 .predecessors = ""};

static struct measure wait = {.id = "wait", .unit = "%", .kind = MEASURE_NUMBER, .score.weight = 1};
static struct measure rating = {
    .id = "cqc", .unit = "", .kind = MEASURE_RATING, .words = {"good", "inadequate"}, .word_count = 2};
static struct measure flag = {.id = "leadership", .kind = MEASURE_FLAG};
static const struct trigger bottom = {.id = "bottom-quartile", .title = "key measures", .segment = 3};
static const struct trigger leadership = {.id = "leadership", .segment = 4};

static ov_day day(const char *text) {
    ov_day number = OV_DAY_NONE;
    assert_true(date_parse_period(text, strlen(text), &number));
    return number;
}

/* The check stands for all the event says but durability, whatever its layout; and for every number. */
static void check_digest(const char *json, cJSON *tree) {
    cJSON *data = cJSON_GetObjectItem(tree, "data"), *given = cJSON_GetObjectItem(data, "check");
    char found[RENDER_CHECK_SIZE];
    assert_string_equal(render_check(tree, found), given->valuestring);
    cJSON_SetValuestring(cJSON_GetObjectItem(data, "durability"), "mem");
    cJSON_AddItemToObject(tree, "subject", cJSON_DetachItemFromObject(tree, "subject"));
    assert_string_equal(render_check(tree, found), given->valuestring);
    for (const char *at = json; at < strstr(json, "\"check\""); at++) {
        char *copy;
        cJSON *other;
        if (*at < '0' || *at > '9')
            continue;
        copy = strdup(json);
        copy[at - json] = *at == '9' ? '8' : (char)(*at + 1);
        other = cJSON_Parse(copy);
        assert_non_null(other);
        assert_string_not_equal(render_check(other, found), given->valuestring);
        cJSON_Delete(other);
        free(copy);
    }
}

static void check(const struct alert *alert, const char *expected) {
    struct buf buf;
    buf_init(&buf);
    buf_append_string(&buf, "kept");
    render_event(alert, &context, &buf);
    assert_null(strchr(buf.data, '\n'));
    cJSON *tree = cJSON_ParseWithOpts(buf.data + 4, NULL, 1);
    assert_non_null(tree);
    check_digest(buf.data + 4, tree);
    cJSON_Delete(tree);
    /* All the rest, to the letter. */
    char *digest = strstr(buf.data, ",\"check\":\"");
    assert_non_null(digest);
    strcpy(digest, "}}");
    assert_string_equal(buf.data + 4, expected);
    buf_finish(&buf);
}

#define FRAME(id, kind, subject)                                                                                       \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"source\":\"/oversightd/main\",\"type\":\"org.oversightd." kind       \
    ".v1\",\"subject\":\"" subject "\",\"time\":\"2025-02-03T04:05:06.789Z\",\"datacontenttype\":"                     \
    "\"application/json\",\"data\":"
#define FRAMEWORK "\"framework\":{\"id\":\"sof-2021-22\",\"digest\":\"0123456789abcdef\"},"
#define ORGANISATION                                                                                                   \
    "\"organisation\":{\"code\":\"R1H\",\"name\":\"Bar \\\"T\\\" Trust\",\"type\":\"acute\",\"region\":\"London\","    \
    "\"system\":\"QMF\"},"

static struct alert alert_of(enum alert_kind kind, enum severity severity) {
    return (struct alert){.id = {3, 17},
                          .key = "the-key",
                          .kind = kind,
                          .severity = severity,
                          .time = 1738555506789,
                          .summary = "R1H moved",
                          .framework = &framework,
                          .organisation = &organisation};
}

static void test_segment(void **state) {
    struct evidence ranked = {.measure = &wait,
                              .period = day("2025-02"),
                              .value = 61.25,
                              .ranked = true,
                              .rank = 9,
                              .n = 10,
                              .equal = 1,
                              .has_band = true,
                              .band = SIGNAL_BOTTOM_QUARTILE,
                              .has_cut = true,
                              .cut = 62.5,
                              .distance = 1.25,
                              .places = 2,
                              .has_quantile = true,
                              .order = 0.25,
                              .between = {62, 64},
                              .beyond = 3,
                              .held = true};
    struct evidence others[] = {{.measure = &rating, .period = day("2025-01-10"), .value = 1},
                                {.measure = &flag, .period = day("2025-01-11"), .value = 1, .unknown = true}};
    struct alert_trigger triggers[] = {{&bottom, day("2025-01"), 2, false, &ranked, 1},
                                       {&leadership, day("2025-01-11"), 1, true, others, 2}};
    struct alert_id refers[] = {{2, 5}, {3, 1}};
    struct alert alert = alert_of(ALERT_SEGMENT_WORSENED, SEVERITY_CRITICAL);
    (void)state;
    alert.has_segment = true;
    alert.before = 2;
    alert.after = 4;
    alert.official = 2;
    alert.consequence = "mandated intensive support";
    alert.attribution = ATTRIBUTION_PEERS;
    alert.cause = (struct cause){"feed.a", 9007199254740993, "wait", day("2025-02")};
    alert.triggers = triggers;
    alert.trigger_count = 2;
    alert.refers = refers;
    alert.refer_count = 2;
    check(
        &alert,
        FRAME(
            "3-17", "segment.worsened",
            "R1H") "{\"key\":\"the-key\",\"kind\":\"segment.worsened\",\"severity\":\"critical\",\"durability\":"
                   "\"fsync\","
                   "\"summary\":\"R1H moved\"," FRAMEWORK ORGANISATION
                   "\"segment\":{\"before\":2,\"after\":4,\"official\":2},\"consequence\":\"mandated intensive "
                   "support\","
                   "\"attribution\":\"peers\",\"cause\":{\"source\":\"feed.a\",\"seq\":9007199254740993,\"measure\":"
                   "\"wait\","
                   "\"period\":\"2025-02-01\"},\"triggers\":[{\"id\":\"bottom-quartile\",\"title\":\"key measures\","
                   "\"segment\":3,\"since\":\"2025-01-01\",\"for\":2,\"evidence\":[{\"measure\":\"wait\","
                   "\"period\":\"2025-02-01\",\"value\":61.25,\"unit\":\"%\",\"direction\":\"higher\",\"rank\":9,\"n\":"
                   "10,\"equal\":1,\"band\":\"bottom_"
                   "quartile\","
                   "\"cut\":62.5,\"distance\":1.25,\"places\":2,\"quantile\":{\"order\":0.25,\"between\":[62,64],"
                   "\"beyond\":3},"
                   "\"held\":true}]},{\"id\":\"leadership\",\"segment\":4,"
                   "\"since\":\"2025-01-11\",\"for\":1,\"unknown\":true,\"evidence\":[{\"measure\":\"cqc\","
                   "\"period\":\"2025-01-10\",\"value\":\"inadequate\"},{\"measure\":\"leadership\",\"period\":\"2025-"
                   "01-11\","
                   "\"value\":true,\"unknown\":true}]}],\"refers\":[\"2-5\",\"3-1\"]}}");
}

static void test_drop(void **state) {
    struct alert alert = alert_of(ALERT_PERFORMANCE_DROP, SEVERITY_WARNING);
    (void)state;
    alert.has_evidence = true;
    alert.evidence = (struct evidence){.measure = &wait,
                                       .period = day("2025-02"),
                                       .value = 50,
                                       .has_before = true,
                                       .before = 70.1,
                                       .has_limits = true,
                                       .mean = 70,
                                       .lower = 65.5,
                                       .upper = 74.5};
    check(&alert, FRAME("3-17", "performance.drop",
                        "R1H") "{\"key\":\"the-key\",\"kind\":\"performance.drop\","
                               "\"severity\":\"warning\",\"durability\":\"fsync\","
                               "\"summary\":\"R1H moved\"," FRAMEWORK ORGANISATION
                               "\"evidence\":{\"measure\":\"wait\",\"period\":\"2025-02-"
                               "01\",\"value\":50,\"before\":70.1,\"unit\":\"%\",\"direction\":\"higher\","
                               "\"mean\":70,\"lower\":65.5,\"upper\":74.5}}}");
}

static void test_score(void **state) {
    struct alert alert = alert_of(ALERT_SEGMENT_IMPROVED, SEVERITY_INFO);
    (void)state;
    alert.has_segment = true;
    alert.before = 3;
    alert.after = 2;
    alert.official = 3;
    alert.attribution = ATTRIBUTION_OWN;
    alert.score = (struct score_verdict){true, 2.125, 2, 3, 41, 205, false};
    check(
        &alert,
        FRAME(
            "3-17", "segment.improved",
            "R1H") "{\"key\":\"the-key\",\"kind\":\"segment.improved\",\"severity\":\"info\",\"durability\":\"fsync\","
                   "\"summary\":\"R1H moved\"," FRAMEWORK ORGANISATION
                   "\"segment\":{\"before\":3,\"after\":2,\"official\":3},\"attribution\":\"own\","
                   "\"score\":{\"average\":2.125,\"unadjusted\":2,\"adjusted\":3,\"rank\":41,\"n\":205}}}");
}

static void test_feed(void **state) {
    struct alert alert = alert_of(ALERT_FEED_GAP, SEVERITY_WARNING);
    (void)state;
    alert.framework = NULL;
    alert.organisation = NULL;
    alert.detail = "seq 5 to 9 are missing";
    strcpy(alert.source, "feed.a");
    check(
        &alert,
        FRAME("3-17", "feed.gap",
              "feed.a") "{\"key\":\"the-key\",\"kind\":\"feed.gap\",\"severity\":\"warning\",\"durability\":\"fsync\","
                        "\"summary\":\"R1H moved\",\"detail\":\"seq 5 to 9 are missing\"}}");
}

/* What an average was computed from goes with it. */
static void test_score_grounds(void **state) {
    struct measure finance = {.id = "finance", .score.weight = 0.5};
    struct score_ground parts[] = {{&wait, 1.5}, {&finance, 4}};
    struct score_grounds grounds = {day("2025-04"), parts, 2, true, {2.1, 2.4, 2.7}, true, false};
    struct alert alert = alert_of(ALERT_SEGMENT_WORSENED, SEVERITY_WARNING);
    struct buf buf;
    (void)state;
    alert.score =
        (struct score_verdict){.scored = true, .average = 2.25, .unadjusted = 2, .adjusted = 3, .rank = 1, .n = 2};
    alert.score_grounds = &grounds;
    buf_init(&buf);
    render_event(&alert, &context, &buf);
    assert_non_null(strstr(buf.data, "\"n\":2,\"period\":\"2025-04-01\",\"parts\":[{\"measure\":\"wait\",\"score\":1.5,"
                                     "\"weight\":1},{\"measure\":\"finance\",\"score\":4,\"weight\":0.5}],"
                                     "\"cuts\":[2.1,2.4,2.7],\"deficit\":true,\"recovery\":false}"));
    buf_finish(&buf);
}

/* A number that is none must not end up in JSON. */
static void test_not_finite(void **state) {
    struct alert alert = alert_of(ALERT_DATA_MISSING, SEVERITY_NOTICE);
    struct buf buf;
    (void)state;
    alert.has_evidence = true;
    alert.evidence = (struct evidence){.measure = &wait, .period = OV_DAY_NONE, .value = NAN};
    buf_init(&buf);
    render_event(&alert, &context, &buf);
    assert_non_null(
        strstr(buf.data, "\"evidence\":{\"measure\":\"wait\",\"value\":null,\"unit\":\"%\",\"direction\":\"higher\"}"));
    buf_finish(&buf);
}

/* Anything that the writer can write, members in any order. */
static void put_anything(struct json_writer *json, struct dice *dice, const char *key, unsigned depth) {
    static const char *const texts[] = {"",    "data", "check", "durability", "Bar \"T\" Trust", "L\xc3\xa9on",
                                        "1.5", "{}"};
    static const char *const names[] = {"data", "check", "durability", "dat", "data2", "a", "b", "value"};
    uint64_t bits = dice_next(dice);
    double number;
    memcpy(&number, &bits, sizeof number);
    switch (dice_below(dice, depth < 4 ? 9 : 6)) {
    case 0:
        json_number(json, key, number);
        break;
    case 1:
        json_number(json, key, (double)dice_below(dice, 1000000) / 100);
        break;
    case 2:
        json_uint(json, key, bits >> dice_below(dice, 64));
        break;
    case 3:
        json_int(json, key, -(int64_t)(bits >> 1 >> dice_below(dice, 63)));
        break;
    case 4:
        json_bool(json, key, bits & 1);
        break;
    case 5:
        json_string(json, key, texts[dice_below(dice, sizeof texts / sizeof *texts)]);
        break;
    case 6:
        json_array(json, key);
        for (unsigned left = dice_below(dice, 5); left; left--)
            put_anything(json, dice, NULL, depth + 1);
        json_array_end(json);
        break;
    default:
        json_object(json, key);
        for (unsigned first = dice_below(dice, 8), left = dice_below(dice, 8); left; left--)
            put_anything(json, dice, names[(first + left) % 8], depth + 1);
        json_object_end(json);
    }
}

/* The check of the text is the check of its tree. */
static void test_check_of_text(void **state) {
    struct dice dice = dice_from_environment("check");
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char of_text[RENDER_CHECK_SIZE], of_tree[RENDER_CHECK_SIZE];
        struct json_writer json;
        struct buf buf;
        buf_init(&buf);
        json_init(&json, &buf);
        put_anything(&json, &dice, NULL, 0);
        cJSON *tree = cJSON_ParseWithLength(buf.data, buf.len);
        assert_non_null(tree);
        assert_true(render_check_text((struct text){buf.data, buf.len}, of_text));
        assert_string_equal(of_text, render_check(tree, of_tree));
        cJSON_Delete(tree);
        assert_false(render_check_text((struct text){buf.data, 0}, of_text));
        buf_finish(&buf);
    }
    char none[RENDER_CHECK_SIZE];
    static const char *const broken[] = {"{", "[1", "{\"a\"}", "{\"a\":}", "\"a", "[1,]"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_false(render_check_text(text_of(broken[i]), none));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segment),       cmocka_unit_test(test_drop),       cmocka_unit_test(test_score),
        cmocka_unit_test(test_feed),          cmocka_unit_test(test_not_finite), cmocka_unit_test(test_score_grounds),
        cmocka_unit_test(test_check_of_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
