/* Headroom against brute force: figures are moved by what it says, and by a
 * hair less, in a real engine, and the verdicts compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/why.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"
#include "tests/unit/seed.h"

#define ORGS 23
#define PERIODS 15
#define HAIR 1e-6

static const char rules[] =
    "id = \"h\"; name = \"H\"; method = \"triggers\"; minimum_peers = 4; types = [\"acute\"];\n"
    "themes = [\"x\", \"y\", \"z\"];\n"
    "segments = ( { number = 1; name = \"one\"; }, { number = 2; name = \"two\"; }, { number = 3; name = \"three\"; "
    "consequence = \"c\"; },\n"
    "  { number = 4; name = \"four\"; consequence = \"d\"; } );\n"
    "measures = (\n"
    "  { id = \"a\"; name = \"A\"; theme = \"x\"; unit = \"u\"; kind = \"number\"; direction = \"higher\";\n"
    "    frequency = \"month\"; key = true; },\n"
    "  { id = \"b\"; name = \"B\"; theme = \"x\"; unit = \"u\"; kind = \"number\"; direction = \"lower\";\n"
    "    frequency = \"month\"; key = true; },\n"
    "  { id = \"c\"; name = \"C\"; theme = \"y\"; unit = \"u\"; kind = \"number\"; direction = \"higher\";\n"
    "    frequency = \"month\"; key = true; },\n"
    "  { id = \"d\"; name = \"D\"; theme = \"z\"; unit = \"u\"; kind = \"number\"; direction = \"lower\";\n"
    "    frequency = \"month\"; key = true; },\n"
    "  { id = \"plan\"; name = \"P\"; theme = \"z\"; unit = \"u\"; kind = \"number\"; direction = \"neutral\";\n"
    "    frequency = \"month\"; },\n"
    "  { id = \"actual\"; name = \"F\"; theme = \"z\"; unit = \"u\"; kind = \"number\"; direction = \"higher\";\n"
    "    frequency = \"month\"; peers = \"none\"; plan = \"plan\"; drop = false; },\n"
    "  { id = \"failure\"; name = \"L\"; theme = \"z\"; kind = \"flag\"; frequency = \"month\"; } );\n"
    "triggers = (\n"
    "  { id = \"quartile\"; title = \"q\"; segment = 3; signal = \"bottom_quartile\"; key = true; count = 2; themes = "
    "2; },\n"
    "  { id = \"decile\"; title = \"d\"; segment = 3; signal = \"bottom_decile\"; key = true; for = 2; },\n"
    "  { id = \"drop\"; title = \"drop\"; segment = 3; signal = \"drop\"; measures = [\"a\", \"b\"]; },\n"
    "  { id = \"slow\"; title = \"t\"; segment = 3; signal = \"threshold\"; measures = [\"d\"]; at_least = 92.0; },\n"
    "  { id = \"behind\"; title = \"p\"; segment = 4; signal = \"missed_plan\"; measures = [\"actual\"]; margin = 1.5; "
    "},\n"
    "  { id = \"both\"; title = \"b\"; segment = 4; signal = \"bottom_decile\"; measures = [\"c\"]; requires_segment = "
    "3; },\n"
    "  { id = \"failure\"; title = \"f\"; segment = 4; signal = \"flag\"; measures = [\"failure\"]; } );\n"
    "promotion = (\n"
    "  { id = \"top\"; title = \"top\"; signal = \"top_quartile\"; key = true; },\n"
    "  { id = \"clean\"; title = \"clean\"; signal = \"bottom_quartile\"; key = true; count_at_most = 0; } );\n";

static const char *const NUMBERS[] = {"a", "b", "c", "d", "plan", "actual"};
#define NUMBER_COUNT (sizeof NUMBERS / sizeof *NUMBERS)

struct bench {
    struct engine *engine;
    const struct framework *framework;
    struct changes changes;
    uint64_t seq;
    ov_day newest;
};

static char *registry_text(void) {
    static char text[ORGS * 40 + 200];
    size_t len = (size_t)snprintf(text, sizeof text,
                                  "code,name,type,subtype,region,system,group,opened,closed,successor,predecessors\n");

    for (int i = 0; i < ORGS; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "A%02d,Org %d,acute,,North,,,,,,\n", i, i);
    return text;
}

static const char *code_of(const struct bench *bench, uint32_t org) {
    return registry_at(engine_registry(bench->engine), org)->code;
}

static struct item figure(const char *org, const char *measure, ov_day period, double value) {
    struct item item = {.kind = ITEM_FIGURE, .org = text_of(org)};

    item.figure.measure = text_of(measure);
    item.figure.period = period;
    item.figure.value = (struct value){.type = VALUE_NUMBER, .number = value};
    return item;
}

static void send_items(struct bench *bench, struct item *items, size_t count) {
    struct message message = {.source = TEXT_OF("t"), .count = count, .items = items};

    for (size_t i = 0; i < count; i++)
        items[i].seq = ++bench->seq;
    engine_apply(bench->engine, &message, 0, &bench->changes);
    if (bench->changes.accepted != count)
        fail_msg("%s", bench->changes.refusals[0].message);
}

static void set_figure(struct bench *bench, uint32_t org, const char *measure, double value) {
    struct item item = figure(code_of(bench, org), measure, bench->newest, value);

    send_items(bench, &item, 1);
}

/* On a coarse grid, so that there are ties. */
static double roll(struct dice *dice, size_t measure) {
    if (measure >= 4)
        return dice_below(dice, 8);
    return 50 + dice_below(dice, 100) * 0.5;
}

static void fill(struct bench *bench, struct dice *dice) {
    struct item *items = calloc(ORGS * NUMBER_COUNT * PERIODS, sizeof *items);
    size_t count = 0;

    for (int period = 0; period < PERIODS; period++)
        for (uint32_t org = 0; org < ORGS; org++)
            for (size_t m = 0; m < NUMBER_COUNT; m++) {
                double value = roll(dice, m);

                /* Quiet until the last, so that drops are within reach. */
                if (m < 2 && period + 1 < PERIODS)
                    value = 80 + org * 0.5 + dice_below(dice, 3);
                /* Gaps, for held figures. */
                if (period + 1 == PERIODS && dice_below(dice, 20) == 0)
                    continue;
                items[count++] =
                    figure(code_of(bench, org), NUMBERS[m], period_add(FREQUENCY_MONTH, 19723, period), value);
            }
    bench->newest = period_add(FREQUENCY_MONTH, 19723, PERIODS - 1);
    send_items(bench, items, count);
    free(items);
}

static void decide(struct bench *bench, uint32_t org, int segment) {
    struct item item = {.kind = ITEM_DECISION, .org = text_of(code_of(bench, org))};

    item.decision = (struct decision_item){
        .segment = segment, .effective = 20100, .decided_by = TEXT_OF("r"), .reason = TEXT_OF("for the test")};
    send_items(bench, &item, 1);
}

static void bench_init(struct bench *bench, struct dice *dice) {
    struct problems *problems = problems_create();
    struct framework *framework = framework_parse("h", rules, strlen(rules), problems);
    char *text = registry_text();
    struct registry *registry = registry_parse("registry", text, strlen(text), problems);

    if (!framework || !registry)
        fail_msg("%s", problems_format(problems));
    *bench = (struct bench){.engine = engine_create(registry, &framework, 1), .framework = framework};
    changes_init(&bench->changes);
    engine_set_alert_id(bench->engine, (struct alert_id){1, 0});
    engine_loaded(bench->engine, false, 0, &bench->changes);
    engine_tick(bench->engine, 20180, 0, &bench->changes);
    fill(bench, dice);
    for (uint32_t org = 0; org < ORGS; org += 5)
        decide(bench, org, 3);
    problems_destroy(problems);
}

static void bench_finish(struct bench *bench) {
    changes_finish(&bench->changes);
    engine_destroy(bench->engine);
}

static size_t ground_count(const struct bench *bench) {
    return bench->framework->trigger_count + bench->framework->promotion_count;
}

static struct ground ground_at(const struct bench *bench, uint32_t org, size_t index, struct changes *changes) {
    size_t triggers = bench->framework->trigger_count;
    struct ground ground;

    if (index < triggers)
        assert_true(engine_ground(bench->engine, 0, org, (uint16_t)index, changes, &ground));
    else
        assert_true(engine_ground_for_one(bench->engine, 0, org, (uint16_t)(index - triggers), changes, &ground));
    return ground;
}

/* ---- One measure of one ground ---- */

/* In the newest period; 0 where that does not count. */
static int rank_of(const struct bench *bench, uint32_t org, uint16_t measure) {
    struct signal_row row;

    assert_true(engine_signal(bench->engine, 0, org, measure, &row));
    return row.evidence.period == bench->newest ? (int)row.evidence.rank : 0;
}

/* Hairs beyond the bound, as seen from the figure; negative: before it. */
static double beside(const struct room *room, double hairs) {
    return room->bound + (room->value < room->bound ? HAIR : -HAIR) * hairs;
}

/* At exactly the bound of a plan or a drop arithmetic may round either way. */
static double turning_figure(const struct room *room, bool exact) {
    return room->beyond || !exact ? beside(room, 1) : room->bound;
}

static double short_figure(const struct room *room, bool exact) {
    return room->beyond && exact ? room->bound : beside(room, -1);
}

static bool look_holds(const struct bench *bench, uint32_t org, size_t ground, size_t look) {
    struct changes changes;
    bool holds;

    changes_init(&changes);
    holds = ground_at(bench, org, ground, &changes).looks[look].room.holds;
    changes_finish(&changes);
    return holds;
}

static void check_look(struct bench *bench, uint32_t org, size_t ground, size_t index, const struct look *look,
                       bool exact, bool top) {
    const struct room *room = &look->room;
    const char *id = bench->framework->measures[look->measure].id;
    int before = room->has_places ? rank_of(bench, org, look->measure) : 0;
    double turning = turning_figure(room, exact), less = short_figure(room, exact);

    set_figure(bench, org, id, turning);
    if (look_holds(bench, org, ground, index) == room->holds)
        fail_msg("%s: %.9g moved to %.9g does not turn it over", id, room->value, turning);
    if (before && abs(rank_of(bench, org, look->measure) - before) != (int)room->places)
        fail_msg("%s: %.9g to %.9g: rank %d to %d, not by %u", id, room->value, turning, before,
                 rank_of(bench, org, look->measure), room->places);
    set_figure(bench, org, id, less);
    if (look_holds(bench, org, ground, index) != room->holds)
        fail_msg("%s: %.9g moved to %.9g turns it over, before %.9g", id, room->value, less, room->bound);
    /* Ties share the best rank: from above, the rank of the bound is reached a hair before it. */
    if (room->band)
        assert_true(abs(rank_of(bench, org, look->measure) - before) < (int)room->places + top);
    set_figure(bench, org, id, room->value);
}

static size_t check_looks(struct bench *bench, uint32_t org, size_t index) {
    struct changes changes;
    struct ground ground;
    size_t checked = 0;

    changes_init(&changes);
    ground = ground_at(bench, org, index, &changes);
    for (size_t i = 0; i < ground.look_count; i++) {
        const struct look *look = &ground.looks[i];

        /* A held figure is not in the newest period; one on its bound has no side it comes from. */
        if (look->room.turning != TURN_MOVE || look->room.period != bench->newest || look->room.distance <= 0)
            continue;
        check_look(bench, org, index, i, look, look->room.band || ground.trigger->signal.kind == SIGNAL_THRESHOLD,
                   ground.trigger->signal.kind == SIGNAL_TOP_QUARTILE);
        checked++;
    }
    changes_finish(&changes);
    return checked;
}

static void rooms(void **state) {
    struct dice dice = dice_from_environment("headroom");
    size_t checked = 0;
    (void)state;

    for (int round = 0; round < 4; round++) {
        struct bench bench;

        bench_init(&bench, &dice);
        for (uint32_t org = 0; org < ORGS; org++)
            for (size_t i = 0; i < ground_count(&bench); i++)
                checked += check_looks(&bench, org, i);
        bench_finish(&bench);
    }
    assert_true(checked > 1000);
}

/* ---- One ground: the nearest and the fewest, out of all subsets ---- */

static bool subset_turns(const struct framework *framework, const struct ground *ground, unsigned subset, bool wanted) {
    int measures = 0, themes = 0, by_theme[3] = {0};
    const struct trigger *trigger = ground->trigger;

    for (size_t i = 0; i < ground->look_count; i++) {
        const struct look *look = &ground->looks[i];

        if (subset >> i & 1 && look->room.turning == TURN_NEVER)
            return false;
        if (look->room.holds == (subset >> i & 1))
            continue;
        measures++;
        by_theme[framework->measures[look->measure].theme]++;
    }
    for (int i = 0; i < 3; i++)
        themes += by_theme[i] > 0;
    if (trigger->at_most >= 0)
        return (measures <= trigger->at_most) == wanted;
    return (measures >= trigger->count && themes >= trigger->themes) == wanted;
}

static const struct room *furthest_of(const struct ground *ground, unsigned subset) {
    const struct room *furthest = NULL;

    for (size_t i = 0; i < ground->look_count; i++)
        if (subset >> i & 1 && (!furthest || room_compare(&ground->looks[i].room, furthest) > 0))
            furthest = &ground->looks[i].room;
    return furthest;
}

static void check_way(const struct framework *framework, const struct ground *ground) {
    bool wanted = !ground->on;
    const struct room *nearest = NULL;
    int fewest = 0;

    if (subset_turns(framework, ground, 0, wanted)) {
        assert_int_equal(ground->way.measures, 0); /* it waits for another ground */
        return;
    }
    for (unsigned subset = 1; subset < 1U << ground->look_count; subset++) {
        const struct room *room = furthest_of(ground, subset);
        int size = __builtin_popcount(subset), order;

        if (!subset_turns(framework, ground, subset, wanted))
            continue;
        order = nearest ? room_compare(room, nearest) : -1;
        if (order < 0 || (order == 0 && size < fewest)) {
            nearest = room;
            fewest = size;
        }
    }
    assert_int_equal(ground->way.kind, nearest ? WAY_FIGURES : WAY_NONE);
    if (!nearest)
        return;
    assert_int_equal(room_compare(nearest, &ground->way.room), 0);
    if (ground->way.measures != fewest)
        fail_msg("%s %s: %d measures, %d are enough", ground->trigger->id, wanted ? "on" : "off", ground->way.measures,
                 fewest);
}

static void ways(void **state) {
    struct dice dice = dice_from_environment("headroom");
    size_t several = 0;
    (void)state;

    for (int round = 0; round < 20; round++) {
        struct changes changes;
        struct bench bench;

        bench_init(&bench, &dice);
        changes_init(&changes);
        for (uint32_t org = 0; org < ORGS; org++)
            for (size_t i = 0; i < ground_count(&bench); i++) {
                struct ground ground = ground_at(&bench, org, i, &changes);

                check_way(bench.framework, &ground);
                several += ground.way.measures > 1;
            }
        changes_finish(&changes);
        bench_finish(&bench);
    }
    assert_true(several > 100);
}

/* ---- The organisation ---- */

static int segment_of(const struct bench *bench, uint32_t org) {
    struct standing standing;

    engine_standing(bench->engine, 0, org, &standing);
    return standing.indicative;
}

/* Nothing else keeps it there, but for what the ground needs itself. */
static bool is_alone(const struct bench *bench, uint32_t org, const struct trigger *ground) {
    struct standing standing;
    int others = 0;

    engine_standing(bench->engine, 0, org, &standing);
    for (size_t i = 0; i < bench->framework->trigger_count; i++)
        if (standing.triggers_on >> i & 1 && &bench->framework->triggers[i] != ground)
            others += ground->requires_segment && bench->framework->triggers[i].segment == 3 ? 1 : 2;
    return others <= 1;
}

/* Moves the one measure the headroom names, by what it says and by a hair less. */
static bool check_headroom(struct bench *bench, uint32_t org) {
    struct headroom headroom;
    struct signal_row row;
    struct room room;
    const char *id;
    int before = segment_of(bench, org);

    engine_headroom(bench->engine, 0, org, &headroom);
    if (before >= 3)
        assert_true(headroom.known && headroom.segment < before);
    if (!headroom.known || !headroom.moves || headroom.measures != 1 ||
        (before >= 3 && !is_alone(bench, org, headroom.ground)))
        return false;
    assert_true(before >= 3 || headroom.segment > before);
    assert_true(engine_signal(bench->engine, 0, org, headroom.measure, &row));
    if (row.evidence.period != bench->newest || headroom.distance <= 0)
        return false;
    id = bench->framework->measures[headroom.measure].id;
    room = (struct room){.value = row.evidence.value, .bound = headroom.figure};
    set_figure(bench, org, id, beside(&room, -1));
    if (segment_of(bench, org) != before)
        fail_msg("A%02u in %d: %s %.9g to %.9g is short of %d and yet gives %d", org, before, id, room.value,
                 beside(&room, -1), headroom.segment, segment_of(bench, org));
    set_figure(bench, org, id, beside(&room, 1));
    /* The same move may meet the conditions for 1, or be a ground of the worse segment too. */
    if (before >= 3 ? segment_of(bench, org) > headroom.segment : segment_of(bench, org) < headroom.segment)
        fail_msg("A%02u in %d: %s %.9g to %.9g gives %d, not %d", org, before, id, room.value, beside(&room, 1),
                 segment_of(bench, org), headroom.segment);
    set_figure(bench, org, id, row.evidence.value);
    return true;
}

static void organisations(void **state) {
    struct dice dice = dice_from_environment("headroom");
    size_t checked = 0, segments[5] = {0};
    (void)state;

    for (int round = 0; round < 20; round++) {
        struct bench bench;

        bench_init(&bench, &dice);
        for (uint32_t org = 0; org < ORGS; org++) {
            segments[segment_of(&bench, org)]++;
            checked += check_headroom(&bench, org);
        }
        bench_finish(&bench);
    }
    assert_true(checked > 50);
    assert_true(segments[1] && segments[2] && segments[3] && segments[4]);
}

/* ---- Method scores ---- */

static struct headroom of_average(double average, int unadjusted, bool deficit, int segment) {
    const struct score_grounds grounds = {.has_cuts = true, .cuts = {2, 2.5, 3}, .deficit = deficit};
    const struct score_verdict score = {.scored = true,
                                        .average = average,
                                        .unadjusted = unadjusted,
                                        .adjusted = deficit && unadjusted < 3 ? 3 : unadjusted};

    return headroom_of_score(&score, &grounds, segment);
}

static void averages(void **state) {
    struct headroom headroom = of_average(1.75, 1, false, 1);
    (void)state;

    assert_true(headroom.known && headroom.moves && headroom.segment == 2);
    assert_true(fabs(headroom.distance - 0.25) < 1e-12 && fabs(headroom.figure - 2) < 1e-12);
    headroom = of_average(2.25, 2, false, 2);
    assert_true(headroom.segment == 3 && fabs(headroom.distance - 0.25) < 1e-12);
    headroom = of_average(2.75, 3, false, 3);
    assert_true(headroom.segment == 2 && fabs(headroom.figure - 2.5) < 1e-12);
    headroom = of_average(3.5, 4, true, 4); /* the deficit does not keep it from 3 */
    assert_true(headroom.moves && headroom.segment == 3 && fabs(headroom.distance - 0.5) < 1e-12);
    headroom = of_average(1.5, 1, true, 3);
    assert_true(headroom.known && !headroom.moves);
    headroom = of_average(2.75, 3, true, 3);
    assert_true(headroom.known && !headroom.moves);
    headroom = of_average(2.75, 3, false, 5);
    assert_true(headroom.known && !headroom.moves && headroom.segment == 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms),
        cmocka_unit_test(ways),
        cmocka_unit_test(organisations),
        cmocka_unit_test(averages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
