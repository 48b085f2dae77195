/* oversight-oncall, the pure part: routes, quiet hours, retries, folding, digests, incidents, addresses, signatures. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/oncall/address.h"
#include "clients/oncall/fold.h"
#include "clients/oncall/lane.h"
#include "clients/oncall/mail.h"
#include "clients/oncall/route.h"
#include "clients/oncall/sign.h"
#include "common/alloc.h"

static struct notice *notice(const char *id, const char *kind, const char *severity, const char *org, int after,
                             const char *key) {
    char segment[80] = "";
    if (after > 0)
        snprintf(segment, sizeof segment, "\"segment\":{\"before\":2,\"after\":%d,\"official\":2},", after);
    char *json = alloc_printf("{\"id\":\"%s\",\"source\":\"/oversightd/main\",\"subject\":\"%s\",\n"
                              "\"time\":\"2025-01-02T03:04:05.678Z\",\"data\":{\"key\":\"%s\",\"kind\":\"%s\","
                              "\"severity\":\"%s\",%s\"summary\":\"of %s\",\"framework\":{\"id\":\"fw\"},"
                              "\"organisation\":{\"code\":\"%s\",\"type\":\"acute\",\"region\":\"North\","
                              "\"system\":\"S1\"}}}",
                              id, org, key, kind, severity, segment, id, org);
    struct notice *result = notice_parse(json, strlen(json));
    free(json);
    assert_non_null(result);
    return result;
}

static void notices_are_read(void **state) {
    (void)state;
    struct notice *one = notice("3-127", "segment.worsened", "warning", "X01", 3, "k");
    assert_string_equal(one->id, "3-127");
    assert_string_equal(one->instance, "main");
    assert_string_equal(one->incident, "fw/X01/segment");
    assert_int_equal(one->segment, 3);
    assert_int_equal(one->status, NOTICE_FIRING);
    assert_int_equal(one->time, INT64_C(1735787045678));
    assert_null(strchr(one->json, '\n'));
    notice_unref(one);
    static const char *const bad[] = {
        "", "{}", "[]", "{\"id\":\"\"}", "{\"id\":\"a/b\"}", "{\"id\":7}", "{\"id\":\"1-1\""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(notice_parse(bad[i], strlen(bad[i])));
    /* A severity that is not known is not taken lightly, and nothing else is needed. */
    struct notice *bare = notice_parse("{\"id\":\"1-1\"}", 12);
    assert_int_equal(bare->level, LEVEL_WARNING);
    assert_int_equal(bare->status, NOTICE_ONCE);
    notice_unref(bare);
}

static void incidents(void **state) {
    static const struct {
        const char *kind, *key;
        int after;
        const char *incident;
        enum notice_status status;
        enum level urgency;
    } rows[] = {
        {"segment.worsened", "k", 4, "fw/X01/segment", NOTICE_FIRING, LEVEL_CRITICAL},
        {"segment.improved", "k", 3, "fw/X01/segment", NOTICE_FIRING, LEVEL_WARNING},
        {"segment.improved", "k", 2, "fw/X01/segment", NOTICE_RESOLVED, LEVEL_INFO},
        {"alert.amended", "k", 5, "fw/X01/segment", NOTICE_FIRING, LEVEL_CRITICAL},
        {"alert.withdrawn", "alert.withdrawn/segment.worsened/fw/X01/2-3/1", 2, "fw/X01/segment", NOTICE_RESOLVED,
         LEVEL_INFO},
        {"performance.drop", "performance.drop/fw/X01/ae-4h/2025-01-01/1", 3, "fw/X01/drop/ae-4h", NOTICE_FIRING,
         LEVEL_WARNING},
        {"performance.recovered", "performance.recovered/fw/X01/ae-4h/2025-01-01/1", 0, "fw/X01/drop/ae-4h",
         NOTICE_RESOLVED, LEVEL_WARNING},
        /* It names segments, too, and is about the drop all the same. */
        {"alert.withdrawn", "alert.withdrawn/performance.drop/fw/X01/ae-4h/2025-01-01/1", 3, "fw/X01/drop/ae-4h",
         NOTICE_RESOLVED, LEVEL_WARNING},
        {"programme.overdue", "programme.overdue/fw/X01/rsp/2025-01-01", 0, "fw/X01/programme/rsp", NOTICE_FIRING,
         LEVEL_WARNING},
        {"programme.left", "programme.left/fw/X01/rsp/2025-01-01", 0, "fw/X01/programme/rsp", NOTICE_RESOLVED,
         LEVEL_WARNING},
        {"feed.stale", "k", 0, "fw/X01/feed", NOTICE_FIRING, LEVEL_WARNING},
        {"feed.recovered", "k", 0, "fw/X01/feed", NOTICE_RESOLVED, LEVEL_WARNING},
        {"data.missing", "k", 0, "fw/X01/data.missing/1-1", NOTICE_ONCE, LEVEL_WARNING},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct notice *one = notice("1-1", rows[i].kind, "warning", "X01", rows[i].after, rows[i].key);
        assert_string_equal(one->incident, rows[i].incident);
        assert_int_equal(one->status, rows[i].status);
        assert_int_equal(one->urgency, rows[i].urgency);
        notice_unref(one);
    }
}

static struct words words(const char *word) {
    struct words list = {alloc_zero(1, sizeof *list.items), 1};
    list.items[0] = alloc_copy(word);
    return list;
}

static void routes_fit(void **state) {
    struct notice *one = notice("1-1", "segment.worsened", "warning", "X01", 3, "k");
    struct route route = {0};
    (void)state;
    assert_true(route_fits(&route, one));
    route.level = LEVEL_CRITICAL;
    assert_false(route_fits(&route, one));
    route.level = LEVEL_WARNING;
    assert_true(route_fits(&route, one));
    route.segments = 1u << 4;
    assert_false(route_fits(&route, one));
    route.segments |= 1u << 3;
    assert_true(route_fits(&route, one));
    struct words *lists[] = {&route.kinds, &route.organisations, &route.systems, &route.regions, &route.types};
    static const char *const good[] = {"segment", "X01", "S1", "North", "acute"};
    static const char *const bad[] = {"seg", "X0", "S2", "north", "mental"};
    for (size_t i = 0; i < 5; i++) {
        *lists[i] = words(bad[i]);
        assert_false(route_fits(&route, one));
        words_finish(lists[i]);
        *lists[i] = words(good[i]);
        assert_true(route_fits(&route, one));
    }
    for (size_t i = 0; i < 5; i++)
        words_finish(lists[i]);
    notice_unref(one);
}

static void quiet_hours(void **state) {
    /* From 22:00 on Friday to 07:00 on Saturday; Sunday all day; 12:00 to 13:00 every day. */
    const struct quiet quiet = {{{1u << 5, 22 * 60, 7 * 60}, {1u << 0, 0, 0}, {0x7f, 720, 780}}, 3};
    (void)state;
    assert_false(quiet_holds(&quiet, 5, 22 * 60 - 1));
    assert_true(quiet_holds(&quiet, 5, 22 * 60));
    assert_true(quiet_holds(&quiet, 6, 7 * 60 - 1));
    assert_false(quiet_holds(&quiet, 6, 7 * 60));
    assert_false(quiet_holds(&quiet, 5, 6 * 60));
    assert_false(quiet_holds(&quiet, 6, 23 * 60));
    assert_true(quiet_holds(&quiet, 0, 0));
    assert_true(quiet_holds(&quiet, 0, 1439));
    assert_false(quiet_holds(&quiet, 1, 0));
    for (int day = 0; day < 7; day++)
        assert_true(quiet_holds(&quiet, day, 720));
    assert_false(quiet_holds(&quiet, 1, 780));
}

static void retries(void **state) {
    const struct retry retry = {1000, 300000, 86400000};
    (void)state;
    for (uint32_t chance = 0; chance < 100000; chance += 777) {
        int64_t whole = 1000;
        for (unsigned failures = 1; failures < 40; failures++) {
            int64_t pause = retry_pause(&retry, failures, 0, chance * 2654435761u);
            assert_in_range(pause, whole / 2, whole);
            whole = whole * 2 > 300000 ? 300000 : whole * 2;
        }
    }
    assert_int_equal(retry_pause(&retry, 1, 60000, 0), 60000);
    assert_int_equal(retry_pause(&retry, 1, 7 * 86400000, 0), 3600000); /* not for a week */
    assert_false(retry_is_over(&retry, 1000, 86400999));
    assert_true(retry_is_over(&retry, 1000, 86401000));
}

static void folding(void **state) {
    const struct route route = {.limit = 2, .window = 1000, .quiet = true};
    struct fold fold = {0};
    (void)state;
    assert_true(fold_passes(&fold, &route, LEVEL_WARNING, false, 100));
    assert_true(fold_passes(&fold, &route, LEVEL_WARNING, false, 200));
    assert_int_equal(fold_wait(&fold, &route, 250), -1);
    assert_false(fold_passes(&fold, &route, LEVEL_WARNING, false, 300));
    assert_true(fold_passes(&fold, &route, LEVEL_CRITICAL, true, 300));
    assert_int_equal(fold_wait(&fold, &route, 300), 800);
    assert_false(fold_release(&fold, &route, false, 1099));
    /* Beyond the window, but the digest of it has not gone out: still one digest. */
    assert_false(fold_passes(&fold, &route, LEVEL_INFO, false, 1200));
    assert_int_equal(fold.held, 2);
    assert_false(fold_release(&fold, &route, true, 1200));
    assert_true(fold_release(&fold, &route, false, 1200));
    assert_int_equal(fold.held, 0);
    assert_true(fold_passes(&fold, &route, LEVEL_WARNING, false, 1201));
    /* A window of few does not weigh on the next. */
    assert_true(fold_passes(&fold, &route, LEVEL_WARNING, false, 2202));
    assert_true(fold_passes(&fold, &route, LEVEL_WARNING, false, 2203));
    assert_false(fold_passes(&fold, &route, LEVEL_WARNING, false, 2204));
    struct fold held = {0};
    assert_false(fold_passes(&held, &route, LEVEL_WARNING, true, 5000));
    struct fold restored = {0};
    fold_restore(&restored, 5000);
    assert_false(fold_release(&restored, &route, false, 5999));
    assert_true(fold_release(&restored, &route, false, 6000));
    /* The clock is put back by an hour: a window from then on, and no hour. */
    fold_restore(&restored, 3605000);
    assert_int_equal(fold_wait(&restored, &route, 5000), 1000);
    assert_false(fold_release(&restored, &route, false, 5000));
    assert_true(fold_release(&restored, &route, false, 6000));
}

static void digests(void **state) {
    struct notice *some[40];
    const struct notice *list[40];
    char summary[DIGEST_SUMMARY_MAX], code[16];
    struct buf buf;
    (void)state;
    for (int i = 0; i < 40; i++) {
        snprintf(code, sizeof code, "X%02d", i);
        some[i] = i < 12 ? notice("1-1", "segment.worsened", "warning", code, i < 3 ? 4 : 3, "k")
                         : notice("1-2", "performance.drop", "warning", code, 0, "k");
        list[i] = some[i];
    }
    digest_summary(list, 12, summary);
    assert_string_equal(summary, "12 organisations moved, 3 into segment 4, 9 into segment 3: X00, X01, X02");
    digest_summary(list, 13, summary);
    assert_string_equal(summary, "12 organisations moved, 3 into segment 4, 9 into segment 3; 1 drop");
    digest_summary(list + 11, 1, summary);
    assert_string_equal(summary, "1 organisation moved, 1 into segment 3: X11");
    digest_summary(list + 12, 28, summary);
    assert_string_equal(summary, "28 drops");
    buf_init(&buf);
    digest_event(list, 40, "north", "chat", 5000, 9000, &buf);
    struct notice *digest = notice_parse(buf.data, buf.len);
    assert_non_null(digest);
    assert_string_equal(digest->id, "digest-5-1-1");
    assert_string_equal(digest->instance, "main");
    assert_string_equal(digest->kind, "oncall.digest");
    assert_int_equal(digest->level, LEVEL_WARNING);
    assert_int_equal(digest->status, NOTICE_ONCE);
    notice_unref(digest);
    buf_finish(&buf);
    for (int i = 0; i < 40; i++)
        notice_unref(some[i]);
}

static void lanes(void **state) {
    struct lane *lane = lane_create("t", NULL);
    struct notice *fires = notice("1-1", "segment.worsened", "critical", "X01", 4, "k");
    struct notice *other = notice("1-2", "segment.worsened", "warning", "X02", 3, "k");
    struct notice *ends = notice("1-3", "segment.improved", "info", "X01", 2, "k");
    struct job *batch[8];
    (void)state;
    struct job *first = lane_add(lane, fires, NULL, "r", JOB_QUEUED, 0);
    assert_ptr_equal(lane_victim(lane), first);
    struct job *second = lane_add(lane, other, NULL, "r", JOB_QUEUED, 0);
    assert_ptr_equal(lane_victim(lane), second); /* the oldest that is not critical */
    assert_ptr_equal(lane_firing(lane, ends), fires);
    struct job *third = lane_add(lane, ends, fires, "r", JOB_QUEUED, 0);
    /* One incident twice in a request would be told in no order. */
    assert_int_equal(lane_pick(lane, JOB_QUEUED, 0, batch, 8), 2);
    assert_int_equal(lane_pick(lane, JOB_QUEUED, 0, batch, 1), 1);
    second->alone = true;
    assert_int_equal(lane_pick(lane, JOB_QUEUED, 0, batch, 8), 1);
    lane_move(first, JOB_STANDING);
    assert_int_equal(lane_pick(lane, JOB_QUEUED, 0, batch, 8), 1);
    assert_ptr_equal(batch[0], second);
    first->resend = 100;
    assert_int_equal(lane_pick(lane, JOB_STANDING, 99, batch, 8), 0);
    assert_int_equal(lane_pick(lane, JOB_STANDING, 100, batch, 8), 1);
    /* One that has ended is told so before those whose time has not come. */
    struct job *ended = lane_add(lane, other, NULL, "r", JOB_STANDING, 0);
    lane_hurry(ended);
    assert_int_equal(lane_pick(lane, JOB_STANDING, 50, batch, 8), 1);
    assert_ptr_equal(batch[0], ended);
    lane_remove(ended);
    assert_ptr_equal(lane_find(lane, "1-3", JOB_QUEUED, JOB_STANDING), third);
    assert_null(lane_find(lane, "1-1", JOB_QUEUED, JOB_HELD));
    assert_int_equal(lane->counts[JOB_QUEUED], 2);
    notice_unref(fires);
    notice_unref(other);
    notice_unref(ends);
    lane_destroy(lane);
}

static bool is_private(const char *text) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return address_is_private((const struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return address_is_private((const struct sockaddr *)&v6);
}

static void addresses(void **state) {
    static const char *const private[] = {"127.0.0.1",      "10.1.2.3",        "172.16.0.1", "172.31.255.255",
                                          "192.168.1.1",    "169.254.1.1",     "100.64.0.1", "0.0.0.0",
                                          "224.0.0.1",      "255.255.255.255", "::1",        "::",
                                          "fe80::1",        "fd00::1",         "ff02::1",    "::ffff:10.0.0.1",
                                          "64:ff9b::7f00:1"};
    static const char *const public[] = {"8.8.8.8", "172.32.0.1", "192.169.0.1", "2a00:1450::1", "::ffff:8.8.8.8"};
    (void)state;
    for (size_t i = 0; i < sizeof private / sizeof private[0]; i++)
        assert_true(is_private(private[i]));
    for (size_t i = 0; i < sizeof public / sizeof public[0]; i++)
        assert_false(is_private(public[i]));
}

static void addresses_as_text(void **state) {
    static const char *const rows[][2] = {{"2a00:1450::1", "2a00:1450::1"},
                                          /* So that a drop list of IPv4 holds for them, too. */
                                          {"::ffff:169.254.169.254", "169.254.169.254"},
                                          {"64:ff9b::a9fe:a9fe", "169.254.169.254"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
        char text[INET6_ADDRSTRLEN];
        assert_int_equal(inet_pton(AF_INET6, rows[i][0], &v6.sin6_addr), 1);
        assert_true(address_text((const struct sockaddr *)&v6, text, sizeof text));
        assert_string_equal(text, rows[i][1]);
    }
}

static void signatures(void **state) {
    char signature[SIGNATURE_SIZE];
    (void)state;
    /* Computed with openssl dgst -sha256 -hmac key over "1700000000.{}". */
    sign_request("key", "1700000000", text_of("{}"), signature);
    assert_string_equal(signature, "sha256=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae");
}

static void mails(void **state) {
    struct notice *one = notice("1-1", "segment.worsened", "critical", "X01", 4, "k");
    struct item item = {.notice = one, .route = "r", .target = "duty", .now = INT64_C(1735787045678)};
    struct words to = words("a@example.org");
    struct buf buf;
    (void)state;
    free(one->summary);
    /* Header injection, and more than fits one word of RFC 2047. */
    one->summary = alloc_copy("a\nBcc: x@y\xc3\xa9 and a good deal more of it, so that it takes several words");
    buf_init(&buf);
    mail_message(&item, "from@example.org", &to, text_of("body"), &buf);
    assert_null(strstr(buf.data, "\nBcc:"));
    assert_non_null(strstr(buf.data, "\nSubject: =?UTF-8?B?"));
    assert_non_null(strstr(buf.data, "\nDate: Thu, 2 Jan 2025 03:04:05 +0000\n"));
    assert_non_null(strstr(buf.data, "\nMessage-Id: <main.1-1.duty@oversight-oncall>\n"));
    assert_non_null(strstr(buf.data, "\n\nbody\n"));
    for (char *line = strtok(buf.data, "\n"); line; line = strtok(NULL, "\n"))
        assert_true(strlen(line) <= 78);
    buf_finish(&buf);
    words_finish(&to);
    notice_unref(one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notices_are_read),  cmocka_unit_test(incidents),  cmocka_unit_test(routes_fit),
        cmocka_unit_test(quiet_hours),       cmocka_unit_test(retries),    cmocka_unit_test(folding),
        cmocka_unit_test(digests),           cmocka_unit_test(lanes),      cmocka_unit_test(addresses),
        cmocka_unit_test(addresses_as_text), cmocka_unit_test(signatures), cmocka_unit_test(mails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
