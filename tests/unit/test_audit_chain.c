/* Histories and alerts that agree, and every way in which they do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "clients/oversightctl/audit_chain.h"

struct bench {
    struct audit_chain *chain;
    struct audit_counts counts;
    char found[2048];
};

static struct oversight_id id(uint64_t epoch, uint64_t seq) {
    return (struct oversight_id){epoch, seq};
}

static void report(void *context, const char *subject, const char *text) {
    struct bench *bench = context;
    size_t len = strlen(bench->found);

    snprintf(bench->found + len, sizeof bench->found - len, "%s: %s\n", subject, text);
}

static int set_up(void **state) {
    static struct bench bench;

    memset(&bench, 0, sizeof bench);
    bench.chain = audit_chain_create();
    *state = &bench;
    return 0;
}

static int tear_down(void **state) {
    struct bench *bench = *state;

    audit_chain_destroy(bench->chain);
    return 0;
}

static void alert(struct bench *bench, const char *code, uint64_t seq, int before, int after) {
    char key[64];

    snprintf(key, sizeof key, "%s/%d-%d/%u", code, before, after, (unsigned)seq);
    audit_chain_alert(bench->chain, "f", code, id(1, seq), after > before, before, after, key);
}

/* 2 to 3 and back with alerts, then silently to 1; another that never moved. */
static void tell_story(struct bench *bench) {
    audit_chain_subject(bench->chain, "f", "B", 1, true);
    audit_chain_move(bench->chain, 2, 3, id(1, 4));
    audit_chain_move(bench->chain, 3, 2, id(1, 6));
    audit_chain_move(bench->chain, 2, 1, id(0, 0));
    audit_chain_subject(bench->chain, "f", "A", 2, true);
}

static void check(struct bench *bench, struct oversight_id kept, const char *expected) {
    audit_chain_check(bench->chain, kept, id(1, 10), report, bench, &bench->counts);
    assert_string_equal(bench->found, expected);
}

static void agree(void **state) {
    struct bench *bench = *state;

    tell_story(bench);
    alert(bench, "B", 4, 2, 3);
    alert(bench, "B", 6, 3, 2);
    alert(bench, "GONE", 7, 2, 3); /* of an organisation that is no more */
    alert(bench, "A", 11, 2, 3);   /* after the histories were taken */
    assert_int_equal(audit_chain_newest_move(bench->chain).seq, 6);
    check(bench, id(0, 0), "");
    assert_int_equal(bench->counts.subjects, 2);
    assert_int_equal(bench->counts.moves, 3);
    assert_int_equal(bench->counts.announced, 2);
    assert_int_equal(bench->counts.silent, 1);
    assert_int_equal(bench->counts.not_kept, 0);
}

static void alert_missing(void **state) {
    tell_story(*state);
    alert(*state, "B", 6, 3, 2);
    check(*state, id(0, 0), "f/B: the move from 2 to 3 has no alert: 1-4 is not there\n");
}

static void alert_held_no_more(void **state) {
    struct bench *bench = *state;

    tell_story(bench);
    alert(bench, "B", 6, 3, 2);
    check(bench, id(1, 5), "");
    assert_int_equal(bench->counts.not_kept, 1);
    assert_int_equal(bench->counts.announced, 1);
}

static void alert_too_many(void **state) {
    tell_story(*state);
    alert(*state, "B", 4, 2, 3);
    alert(*state, "B", 5, 2, 3);
    alert(*state, "B", 6, 3, 2);
    alert(*state, "A", 9, 2, 4);
    check(*state, id(0, 0),
          "f/B: alert 1-5 from 2 to 3 belongs to no move\nf/A: alert 1-9 from 2 to 4 belongs to no move\n");
}

static void alert_of_another(void **state) {
    tell_story(*state);
    alert(*state, "A", 4, 2, 3);
    alert(*state, "B", 6, 4, 2);
    check(*state, id(0, 0),
          "f/B: the move from 2 to 3 has alert 1-4, which says of f/A 2 to 3\n"
          "f/B: the move from 3 to 2 has alert 1-6, which says of f/B 4 to 2\n"
          "f/A: alert 1-4 from 2 to 3 belongs to no move\n"
          "f/B: alert 1-6 from 4 to 2 belongs to no move\n");
}

static void one_key_twice_and_the_wrong_kind(void **state) {
    struct bench *bench = *state;

    tell_story(bench);
    audit_chain_alert(bench->chain, "f", "B", id(1, 4), true, 2, 3, "k");
    audit_chain_alert(bench->chain, "f", "B", id(1, 6), true, 3, 2, "k");
    check(bench, id(0, 0), "f/B: two alerts have the key k\nf/B: alert 1-6 from 3 to 2 is of the wrong kind\n");
}

static void broken_history(void **state) {
    struct bench *bench = *state;

    audit_chain_subject(bench->chain, "f", "C", 2, true);
    audit_chain_move(bench->chain, 2, 3, id(0, 0));
    audit_chain_move(bench->chain, 4, 1, id(0, 0));
    check(bench, id(0, 0),
          "f/C: a move to 3 is followed by one from 4\nf/C: the last move leads to 1, the segment is 2\n");
}

/* The daemon keeps the newest moves only: alerts before the first announced one are of moves it has forgotten. */
static void history_cut_short(void **state) {
    struct bench *bench = *state;

    audit_chain_subject(bench->chain, "f", "D", 2, false);
    audit_chain_move(bench->chain, 3, 2, id(1, 6));
    alert(bench, "D", 4, 2, 3);
    alert(bench, "D", 6, 3, 2);
    check(bench, id(0, 0), "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(agree),          TEST(alert_missing),     TEST(alert_held_no_more),
        TEST(alert_too_many), TEST(alert_of_another),  TEST(one_key_twice_and_the_wrong_kind),
        TEST(broken_history), TEST(history_cut_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
