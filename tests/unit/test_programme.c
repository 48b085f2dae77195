/* Steps of programmes: what fits where, what follows at a date, in whatever order they came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/engine/mem.h"
#include "daemon/engine/programme.h"
#include "daemon/engine/programme_notes.h"
#include "tests/unit/seed.h"

#define ID TEXT_OF("rsp")
#define ENTER PROGRAMME_ENTER
#define REVIEW PROGRAMME_REVIEW
#define LEAVE PROGRAMME_LEAVE

static const struct programme plain = {.id = "rsp"};
static const struct programme timed = {
    .id = "rsp", .limit_days = 100, .review_days = 30, .exit_criteria = (char *)"rules"};

static enum programme_fault add(struct programme_book *book, enum programme_action action, ov_day effective,
                                ov_day *ret_on) {
    const struct programme_record step = {
        .action = action, .effective = effective, .review_by = OV_DAY_NONE, .limit = OV_DAY_NONE};
    ov_day on;

    return programme_book_add(book, 0, ID, &step, ret_on ? ret_on : &on);
}

static struct programme_stay stay_at(const struct programme_book *book, const struct programme *rules, ov_day date,
                                     size_t index) {
    const struct programme_log *log = programme_book_find(book, 0, ID);
    struct programme_stay stay;
    size_t at = 0;

    do
        assert_true(programme_stay_next(log, rules, date, &at, &stay));
    while (index--);
    return stay;
}

static size_t stays(const struct programme_book *book, ov_day date) {
    const struct programme_log *log = programme_book_find(book, 0, ID);
    struct programme_stay stay;
    size_t at = 0, count = 0;

    while (log && programme_stay_next(log, &plain, date, &at, &stay))
        count++;
    return count;
}

static void test_faults(void **state) {
    struct programme_book *book = programme_book_create(1);
    ov_day on;

    (void)state;
    assert_int_equal(add(book, LEAVE, 10, NULL), PROGRAMME_NOT_RUNNING);
    assert_int_equal(add(book, REVIEW, 10, NULL), PROGRAMME_NOT_RUNNING);
    assert_int_equal(programme_book_count(book, 0), 0); /* a refused step leaves nothing behind */
    assert_int_equal(add(book, ENTER, 10, NULL), PROGRAMME_GOOD);
    assert_int_equal(add(book, ENTER, 10, NULL), PROGRAMME_ENTERED_SAME);
    assert_int_equal(add(book, ENTER, 11, &on), PROGRAMME_RUNNING);
    assert_int_equal(on, 10);
    assert_int_equal(add(book, ENTER, 9, &on), PROGRAMME_ENTERED_NEXT);
    assert_int_equal(on, 10);
    assert_int_equal(add(book, REVIEW, 9, NULL), PROGRAMME_NOT_RUNNING);
    assert_int_equal(add(book, REVIEW, 20, NULL), PROGRAMME_GOOD);
    assert_int_equal(add(book, LEAVE, 15, &on), PROGRAMME_GOES_ON);
    assert_int_equal(on, 20);
    assert_int_equal(add(book, LEAVE, 20, NULL), PROGRAMME_GOOD);
    assert_int_equal(add(book, LEAVE, 20, NULL), PROGRAMME_NOT_RUNNING);
    assert_int_equal(add(book, LEAVE, 25, NULL), PROGRAMME_NOT_RUNNING);
    assert_int_equal(add(book, REVIEW, 20, NULL), PROGRAMME_GOOD); /* before the leave of that day */
    assert_int_equal(add(book, REVIEW, 21, NULL), PROGRAMME_NOT_RUNNING);
    assert_int_equal(add(book, ENTER, 20, NULL), PROGRAMME_GOOD); /* after it */
    assert_int_equal(programme_book_find(book, 0, ID)->count, 5);
    assert_int_equal(stays(book, 20), 2);
    programme_book_destroy(book);
}

static void test_full(void **state) {
    struct programme_book *book = programme_book_create(1);

    (void)state;
    assert_int_equal(add(book, ENTER, 0, NULL), PROGRAMME_GOOD);
    for (int i = 1; i < PROGRAMME_STEPS_MAX; i++)
        assert_int_equal(add(book, REVIEW, i, NULL), PROGRAMME_GOOD);
    assert_int_equal(add(book, LEAVE, 1000, NULL), PROGRAMME_FULL);
    programme_book_destroy(book);
}

/* What the framework says holds where a step says nothing. */
static void test_terms(void **state) {
    struct programme_book *book = programme_book_create(1);
    struct programme_record step = {.action = ENTER, .effective = 1000, .review_by = OV_DAY_NONE, .limit = OV_DAY_NONE};
    struct programme_stay stay;
    ov_day on;

    (void)state;
    assert_int_equal(programme_book_add(book, 0, ID, &step, &on), PROGRAMME_GOOD);
    stay = stay_at(book, &timed, 1000, 0);
    assert_true(stay.review_by == 1030 && stay.limit == 1100 && stay.left == OV_DAY_NONE);
    assert_string_equal(stay.exit_criteria, "rules");
    stay = stay_at(book, &plain, 1000, 0);
    assert_true(stay.review_by == OV_DAY_NONE && stay.limit == OV_DAY_NONE && !stay.exit_criteria);
    assert_false(programme_due(&stay, 9999) || programme_overdue(&stay, 9999));

    step = (struct programme_record){
        .action = REVIEW, .effective = 1010, .review_by = 1020, .limit = 1200, .exit_criteria = (char *)"agreed"};
    assert_int_equal(programme_book_add(book, 0, ID, &step, &on), PROGRAMME_GOOD);
    assert_int_equal(add(book, REVIEW, 1050, NULL), PROGRAMME_GOOD);
    stay = stay_at(book, &timed, 1009, 0);
    assert_int_equal(stay.review_by, 1030);
    stay = stay_at(book, &timed, 1010, 0);
    assert_true(stay.review_by == 1020 && stay.limit == 1200);
    assert_string_equal(stay.exit_criteria, "agreed");
    assert_false(programme_due(&stay, 1019));
    assert_true(programme_due(&stay, 1020));
    stay = stay_at(book, &timed, 1050, 0);
    assert_true(stay.review_by == 1080 && stay.limit == 1200);
    assert_false(programme_overdue(&stay, 1200));
    assert_true(programme_overdue(&stay, 1201));

    assert_int_equal(add(book, LEAVE, 1060, NULL), PROGRAMME_GOOD);
    assert_int_equal(stays(book, 999), 0);
    assert_int_equal(stays(book, OV_DAY_NONE), 0);
    stay = stay_at(book, &timed, 1059, 0);
    assert_int_equal(stay.left, OV_DAY_NONE);
    stay = stay_at(book, &timed, 1060, 0);
    assert_int_equal(stay.left, 1060);
    assert_false(programme_due(&stay, 9999) || programme_overdue(&stay, 9999));
    programme_book_destroy(book);
}

static void test_covers(void **state) {
    struct programme rules[] = {{.id = "rsp", .segment = 4}, {.id = "other"}};
    struct framework framework = {.programmes = rules, .programme_count = 2};
    struct programme_book *book = programme_book_create(1);
    bool named;

    (void)state;
    assert_int_equal(add(book, ENTER, 10, NULL), PROGRAMME_GOOD);
    assert_int_equal(add(book, LEAVE, 20, NULL), PROGRAMME_GOOD);
    assert_false(programme_covers(book, 0, &framework, 4, 9, &named));
    assert_true(named);
    assert_true(programme_covers(book, 0, &framework, 4, 10, &named));
    assert_true(programme_covers(book, 0, &framework, 4, 19, &named));
    assert_false(programme_covers(book, 0, &framework, 4, 20, &named));
    assert_false(programme_covers(book, 0, &framework, 3, 15, &named));
    assert_false(named);
    programme_book_destroy(book);
}

/* ---- Notes as text ---- */

static void test_notes(void **state) {
    struct programme rules[] = {{.id = "rsp"}, {.id = "success"}};
    struct framework framework = {.programmes = rules, .programme_count = 2};
    static const char *const good[] = {"", "rsp/2016-07-20/in//",
                                       "rsp/2016-07-20/left/2017-07-20/2018-07-20,success/2016-07-20/in/2017-07-20/"};
    static const char *const bad[] = {"rsp",
                                      "rsp/2016-07-20/in/",
                                      "rsp//in//",
                                      "rsp/2016-13-20/in//",
                                      "rsp/2016-07-20/in/x/",
                                      "rsp/2016-07-20/in///"};
    struct arena *arena = arena_create();

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct verdict verdict = {0};
        struct arena_text text = {.arena = arena};

        assert_true(programme_notes_read(&verdict, &framework, text_of(good[i])));
        programme_notes_write(&verdict, &framework, &text);
        assert_string_equal(text.s ? text.s + strlen(" programmes=") : "", good[i]);
        verdict_finish(&verdict);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct verdict verdict = {0};

        assert_false(programme_notes_read(&verdict, &framework, text_of(bad[i])));
        verdict_finish(&verdict);
    }
    struct verdict verdict = {0};
    assert_true(programme_notes_read(&verdict, &framework, TEXT_OF("gone/2016-07-20/in//")));
    assert_int_equal(verdict.note_count, 0);
    verdict_finish(&verdict);
    arena_destroy(arena);
}

/* ---- Against a slow twin, in random order ---- */

#define DAYS 12
#define TRIES 40

struct twin_step {
    enum programme_action action;
    ov_day day;
};

static bool valid(const struct twin_step *steps, size_t count) {
    bool running = false;
    ov_day entered = OV_DAY_NONE;

    for (size_t i = 0; i < count; i++) {
        if ((steps[i].action == ENTER) == running || (i && steps[i].day < steps[i - 1].day))
            return false;
        if (steps[i].action == ENTER && steps[i].day == entered)
            return false;
        if (steps[i].action == ENTER)
            entered = steps[i].day;
        running = steps[i].action != LEAVE;
    }
    return true;
}

/* Tries every place. */
static bool twin_add(struct twin_step *steps, size_t *count, struct twin_step step) {
    for (size_t at = *count + 1; at-- > 0;) {
        struct twin_step tried[TRIES + 1];

        memcpy(tried, steps, at * sizeof *steps);
        tried[at] = step;
        memcpy(tried + at + 1, steps + at, (*count - at) * sizeof *steps);
        if (valid(tried, *count + 1)) {
            memcpy(steps, tried, ++*count * sizeof *steps);
            return true;
        }
    }
    return false;
}

static void same_as_twin(const struct programme_book *book, const struct twin_step *steps, size_t count, ov_day date) {
    size_t expected = 0;
    ov_day left = OV_DAY_NONE, entered = OV_DAY_NONE;

    for (size_t i = 0; i < count && steps[i].day <= date; i++) {
        expected += steps[i].action == ENTER;
        if (steps[i].action == ENTER)
            entered = steps[i].day;
        left = steps[i].action == LEAVE ? steps[i].day : OV_DAY_NONE;
    }
    assert_int_equal(stays(book, date), expected);
    if (expected) {
        struct programme_stay stay = stay_at(book, &plain, date, expected - 1);

        assert_int_equal(stay.entered, entered);
        assert_int_equal(stay.left, left);
    }
}

static void test_random(void **state) {
    struct dice dice = dice_from_environment("programmes in random order");

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct programme_book *book = programme_book_create(1);
        struct twin_step steps[TRIES + 1];
        size_t count = 0;

        for (int i = 0; i < TRIES; i++) {
            struct twin_step step = {(enum programme_action)dice_below(&dice, 3), (ov_day)dice_below(&dice, DAYS)};
            bool taken = twin_add(steps, &count, step);

            assert_int_equal(add(book, step.action, step.day, NULL) == PROGRAMME_GOOD, taken);
        }
        for (ov_day date = -1; date <= DAYS; date++)
            same_as_twin(book, steps, count, date);
        programme_book_destroy(book);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults), cmocka_unit_test(test_full),  cmocka_unit_test(test_terms),
        cmocka_unit_test(test_covers), cmocka_unit_test(test_notes), cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
