/*
 * Random feeds against slow twins: what is taken when messages come in any
 * order, and what must hold when messages, heartbeats and replays get lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/feed_app.h"
#include "tests/unit/seed.h"

#define MESSAGES 60

struct sent {
    uint64_t first, last;
};

/* MESSAGES messages of one to four updates from a random start on. */
static void make_messages(struct dice *dice, struct sent messages[MESSAGES]) {
    uint64_t next = 1 + dice_below(dice, 5);
    for (size_t i = 0; i < MESSAGES; i++) {
        messages[i] = (struct sent){next, next + dice_below(dice, 4)};
        next = messages[i].last + 1;
    }
}

static void send_live(struct app *app, const struct sent *message, int64_t now) {
    char text[64];
    snprintf(text, sizeof text, "%" PRIu64 "-%" PRIu64, message->first, message->last);
    app_live(app, text, now);
}

/* The twin: how far the messages that came reach without a hole. */
static uint64_t reach(const struct sent messages[MESSAGES], const bool came[MESSAGES]) {
    uint64_t last = 0;
    for (size_t i = 0; i < MESSAGES && came[i]; i++)
        last = messages[i].last;
    return last;
}

static void any_order(void **unused) {
    (void)unused;
    struct dice dice = dice_from_environment("any_order");
    const struct feed_settings roomy = {1000, 1000, 1000, MESSAGES, 100000};
    for (int round = 0; round < 500; round++) {
        struct sent messages[MESSAGES];
        bool came[MESSAGES] = {true};
        struct app app;
        app_start(&app, round % 2 == 0, &roomy);
        make_messages(&dice, messages);
        send_live(&app, &messages[0], 0);
        size_t missing = MESSAGES - 1;
        while (missing > 0) {
            size_t i = dice_below(&dice, MESSAGES); /* also ones that came already */
            missing -= !came[i];
            came[i] = true;
            send_live(&app, &messages[i], 0);
            assert_int_equal(app.last, reach(messages, came));
        }
        assert_int_equal(app.last, messages[MESSAGES - 1].last);
        assert_int_equal(app_state(&app).held_messages, 0);
        assert_int_equal(app.lost, 0);
        assert_int_equal(app.events[FEED_EVENT_GAP], app.recovered_from[FEED_EVENT_GAP]);
        assert_false(app.doubled);
        app_stop(&app);
    }
}

/* ---- A lossy world ------------------------------------------------------------------ */

struct world {
    struct dice *dice;
    struct sent messages[MESSAGES];
    size_t sent;      /* messages so far */
    size_t kept_from; /* the replay's oldest */
    uint32_t loss;    /* percent of live messages */
    bool faithful;    /* every request is answered whole, at once */
    size_t answered;  /* requests */
    int64_t now;
    struct app app;
};

static bool chance(struct world *world, uint32_t percent) {
    return dice_below(world->dice, 100) < percent;
}

static void answer(struct world *world) {
    struct app *app = &world->app;
    if (world->answered == app->asked)
        return;
    world->answered = app->asked;
    if (!world->faithful && chance(world, 20))
        return; /* the request or its answer is lost */
    uint64_t first = app->asked_first, last = app->asked_last;
    for (size_t i = world->kept_from; i < world->sent; i++) {
        char text[64];
        const struct sent *message = &world->messages[i];
        if (message->last < first || message->first > last)
            continue;
        snprintf(text, sizeof text, "%" PRIu64 "-%" PRIu64, message->first, message->last);
        app_replayed(app, text, world->now);
        if (!world->faithful && chance(world, 3))
            return; /* broken off */
    }
    feed_replay_end(app->feed, world->messages[world->kept_from].first, world->messages[world->sent - 1].last,
                    world->now);
}

static void step(struct world *world) {
    struct app *app = &world->app;
    world->now += dice_below(world->dice, 700);
    feed_tick(app->feed, world->now);
    if (chance(world, 60) && world->sent < MESSAGES) {
        size_t i = world->sent++;
        if (i == 0 || !chance(world, world->loss))
            send_live(app, &world->messages[i], world->now);
    } else if (chance(world, 50) && world->sent > 0) {
        feed_heartbeat(app->feed, world->messages[world->sent - 1].last, world->now);
    }
    if (!world->faithful && world->sent > 10 && chance(world, 20))
        world->kept_from += world->kept_from + 5 < world->sent;
    for (int i = 0; i < 10 && (world->faithful || chance(world, 50)); i++)
        answer(world);
    struct feed_state state = app_state(app);
    assert_true(state.held_messages <= app_settings.hold_messages);
    assert_true(state.held_bytes <= app_settings.hold_bytes);
    assert_true(feed_deadline(app->feed) > world->now - 1000);
}

/* Every seq from the start on was taken or reported as lost, and not both,
 * except for what came after it was given up. */
static void check_account(const struct world *world) {
    const struct app *app = &world->app;
    uint64_t taken = 0, last = world->messages[MESSAGES - 1].last;
    for (uint64_t seq = app->start; seq <= last; seq++)
        taken += app->taken[seq] == 1;
    assert_int_equal(app->start, world->messages[0].first);
    assert_int_equal(taken + app->lost - app->late, last - app->start + 1);
    assert_int_equal(app_state(app).lost, app->lost);
    assert_int_equal(app_state(app).restarts, 0);
    assert_int_equal(app->events[FEED_EVENT_GAP], app->recovered_from[FEED_EVENT_GAP]);
    assert_false(app->doubled);
    if (world->faithful)
        assert_int_equal(app->lost, 0);
}

static void lossy(struct dice *dice, bool replay, bool faithful) {
    struct world world = {.dice = dice, .faithful = faithful, .loss = dice_below(dice, 60)};
    make_messages(dice, world.messages);
    app_start(&world.app, replay, &app_settings);
    while (world.sent < MESSAGES)
        step(&world);
    for (int i = 0; i < 200 && (i < 5 || app_state(&world.app).gap); i++) {
        world.now += 1000;
        feed_heartbeat(world.app.feed, world.messages[MESSAGES - 1].last, world.now);
        feed_tick(world.app.feed, world.now);
        if (replay)
            answer(&world);
    }
    check_account(&world);
    app_stop(&world.app);
}

static void nothing_is_lost_with_a_faithful_replay(void **unused) {
    (void)unused;
    struct dice dice = dice_from_environment("faithful replay");
    for (int round = 0; round < 1000; round++)
        lossy(&dice, true, true);
}

static void every_loss_is_reported(void **unused) {
    (void)unused;
    struct dice dice = dice_from_environment("losses");
    for (int round = 0; round < 1000; round++)
        lossy(&dice, round % 3 != 0, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order),
        cmocka_unit_test(nothing_is_lost_with_a_faithful_replay),
        cmocka_unit_test(every_loss_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
