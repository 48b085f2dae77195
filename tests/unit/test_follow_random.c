/* A consumer against a daemon that publishes over a bad line: alerts lost, doubled and out of order, answers lost and
 * late, take-overs, a store that forgets. In the end everything the daemon still had was told exactly once, in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/lib/follow.h"
#include "tests/unit/seed.h"

#define HISTORY 600
#define ROUNDS 2000
#define STEPS 400
#define LINE 64

struct world {
    struct oversight_id history[HISTORY]; /* all alerts ever, in order */
    size_t count, first_kept;             /* those before first_kept are forgotten */
    struct oversight_id last;             /* what a heartbeat says */

    struct oversight_id line[LINE]; /* published, not yet arrived */
    size_t line_count;

    struct follow_request request; /* on its way or being answered; FOLLOW_NOTHING: none */

    /* What the consumer was told. */
    size_t told[HISTORY];
    struct oversight_id position;
    bool placed;
    size_t delivered;
    struct dice dice;
};

static uint64_t roll(struct world *world, uint64_t sides) {
    return dice_next(&world->dice) % sides;
}

static size_t index_of(const struct world *world, struct oversight_id id) {
    for (size_t i = 0; i < world->count; i++)
        if (oversight_id_compare(world->history[i], id) == 0)
            return i;
    return HISTORY;
}

static void on_deliver(void *arg, struct oversight_id id, const char *json, size_t len, bool replayed) {
    struct world *world = arg;
    size_t index = index_of(world, id);

    (void)replayed;
    assert_true(index < HISTORY);
    assert_int_equal(len, 1);
    assert_int_equal(json[0], 'a' + (char)(index % 26)); /* its own bytes, not another's */
    assert_true(world->placed);
    assert_true(oversight_id_compare(id, world->position) > 0);
    /* None between the position and this one is passed over. */
    for (size_t i = 0; i < index; i++)
        assert_true(oversight_id_compare(world->history[i], world->position) <= 0);
    assert_int_equal(world->told[index], 0);
    world->told[index]++;
    world->position = id;
    world->delivered++;
}

static void on_snapshot(void *arg, struct oversight_id last, bool lost) {
    struct world *world = arg;

    /* Something is only given up when the daemon has really forgotten it. */
    if (lost) {
        assert_true(world->first_kept > 0);
        assert_true(oversight_id_compare(world->history[world->first_kept - 1], world->position) > 0);
    }
    world->position = last;
    world->placed = true;
}

static void publish(struct world *world) {
    if (world->count == HISTORY)
        return;
    world->last.seq++;
    world->history[world->count++] = world->last;
    for (uint64_t copies = roll(world, 4) == 0 ? 0 : 1 + (roll(world, 6) == 0); copies > 0; copies--)
        if (world->line_count < LINE)
            world->line[world->line_count++] = world->last;
}

/* One of the first few on the line, so that order is not kept. */
static void arrive(struct world *world, struct follow *follow) {
    size_t at;
    struct oversight_id id;
    char text;

    if (world->line_count == 0)
        return;
    at = roll(world, world->line_count < 3 ? world->line_count : 3);
    id = world->line[at];
    memmove(&world->line[at], &world->line[at + 1], (--world->line_count - at) * sizeof(id));
    text = (char)('a' + index_of(world, id) % 26);
    follow_live(follow, id, &text, 1);
}

static void answer(struct world *world, struct follow *follow, int64_t now, uint64_t page) {
    struct follow_request request = world->request;
    size_t from = 0, sent = 0;

    world->request.kind = FOLLOW_NOTHING;
    if (request.kind == FOLLOW_SNAPSHOT) {
        follow_answer_snapshot(follow, request.number, world->last, world->last);
        return;
    }
    while (from < world->count && oversight_id_compare(world->history[from], request.after) <= 0)
        from++;
    if (!follow_answer_begin(follow, request.number, from < world->first_kept))
        return;
    if (from < world->first_kept)
        from = world->first_kept; /* the forgotten are not there to be sent */
    for (; from < world->count && sent < page; from++, sent++) {
        char text = (char)('a' + from % 26);

        follow_answer_alert(follow, world->history[from], &text, 1);
    }
    follow_answer_end(follow, from < world->count, now);
}

static void step(struct world *world, struct follow *follow, int64_t now, bool forgets) {
    struct follow_request request;

    switch (roll(world, 12)) {
    case 0:
    case 1:
    case 2:
        publish(world);
        break;
    case 3:
    case 4:
    case 5:
        arrive(world, follow);
        break;
    case 6:
        follow_heartbeat(follow, world->last, world->last);
        break;
    case 7: /* a take-over; what was on the line may still come */
        if (roll(world, 8) == 0)
            world->last = (struct oversight_id){world->last.epoch + 1 + roll(world, 2), 0};
        break;
    case 8:
        if (world->request.kind != FOLLOW_NOTHING) {
            follow_failed(follow, world->request.number, now);
            /* The answer may come all the same, too late. */
            if (roll(world, 2) == 0)
                world->request.kind = FOLLOW_NOTHING;
        }
        break;
    case 9:
        if (forgets && roll(world, 10) == 0 && world->count > world->first_kept)
            world->first_kept += roll(world, world->count - world->first_kept);
        break;
    default:
        if (world->request.kind != FOLLOW_NOTHING)
            answer(world, follow, now, 1 + roll(world, 5));
    }
    request = follow_next_request(follow, now);
    if (request.kind != FOLLOW_NOTHING)
        world->request = request;
}

/* The line gets better: everything must come to rest with nothing missing. */
static void settle(struct world *world, struct follow *follow, int64_t now) {
    for (int i = 0; i < 500; i++) {
        struct follow_request request;

        follow_heartbeat(follow, world->last, world->last);
        now += 10000;
        request = follow_next_request(follow, now);
        if (request.kind != FOLLOW_NOTHING)
            world->request = request;
        if (world->request.kind != FOLLOW_NOTHING)
            answer(world, follow, now, 50);
        else if (follow_caught_up(follow))
            break;
    }
    assert_true(follow_caught_up(follow));
    assert_int_equal(oversight_id_compare(follow_position(follow), world->last), 0);
}

static size_t round_of(struct dice dice, bool resume, bool forgets) {
    struct world *world = calloc(1, sizeof(*world));
    static const struct follow_handlers handlers = {on_deliver, on_snapshot};
    struct follow *follow;
    size_t delivered;
    int64_t now = 0;

    world->dice = dice;
    world->last = (struct oversight_id){1, 0};
    for (uint64_t before = roll(world, 20); before > 0; before--)
        publish(world);
    world->line_count = 0;
    if (resume) {
        world->placed = true;
        world->position = world->count > 0 ? world->history[roll(world, world->count)] : (struct oversight_id){0, 0};
    }
    follow = follow_create(&handlers, world, resume, world->position);
    for (int i = 0; i < STEPS; i++) {
        now += (int64_t)roll(world, 400);
        step(world, follow, now, forgets);
    }
    settle(world, follow, now);
    delivered = world->delivered;
    follow_destroy(follow);
    free(world);
    return delivered;
}

static void everything_once_and_in_order(void **unused) {
    struct dice dice = dice_from_environment("follow");
    size_t delivered = 0;

    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct dice own = {dice_next(&dice)};

        delivered += round_of(own, i % 2 == 0, i % 4 >= 2);
    }
    printf("%d rounds, %zu alerts told\n", ROUNDS, delivered);
    assert_true(delivered > ROUNDS * 30); /* the rounds are not empty */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(everything_once_and_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
