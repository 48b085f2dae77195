/*
 * Random histories: after every message the whole engine is held against the
 * oracle: rankings, bands, effective periods, held and missing data, triggers,
 * segments, and the alerts that must have come of it. At the end of a history a
 * fresh engine that gets the final figures at once must say the same.
 *
 * ROUNDS histories (environment) from SEED.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/audited.h"
#include "tests/unit/engine_random.h"
#include "tests/unit/engine_random_rules.h"

#define ROUNDS 10000
#define NOW 1620000000000

const char *code_of(const struct history *h, uint32_t org) {
    return registry_at(h->registry, org)->code;
}

/* ---- Making messages ---- */

static void put_figure(struct history *h, struct message *message, uint32_t org, uint16_t measure, size_t period,
                       double value, uint32_t revision) {
    const struct measure *m = &h->framework->measures[measure];
    struct item *item = &message->items[message->count++];

    *item = (struct item){.kind = ITEM_FIGURE, .seq = ++h->seq, .org = text_of(code_of(h, org))};
    item->figure.measure = text_of(m->id);
    item->figure.period = h->oracle.periods[measure][period];
    item->figure.revision = revision;
    if (isnan(value))
        item->figure.value.type = VALUE_NULL;
    else if (m->kind == MEASURE_NUMBER)
        item->figure.value = (struct value){.type = VALUE_NUMBER, .number = value};
    else if (m->kind == MEASURE_FLAG)
        item->figure.value = (struct value){.type = VALUE_BOOLEAN, .boolean = value > 0};
    else
        item->figure.value = (struct value){.type = VALUE_WORD, .word = text_of(m->words[(size_t)value])};
}

/* Some organisations move to another level once, so that a moving range is screened out. */
static double level(uint32_t org, uint16_t measure, size_t period) {
    return (org + measure) % 5 == 0 && period > 3 + org % 4 ? 25 : 0;
}

static double random_value(struct history *h, uint32_t org, uint16_t measure, size_t period) {
    const struct measure *m = &h->framework->measures[measure];

    if (dice_below(&h->dice, 12) == 0)
        return (double)NAN;
    if (m->kind != MEASURE_NUMBER)
        return dice_below(&h->dice, m->kind == MEASURE_FLAG ? 2 : 3);
    if (dice_below(&h->dice, 15) == 0)
        return (double)dice_below(&h->dice, 60) - 30; /* far out */
    return level(org, measure, period) + dice_below(&h->dice, 9) + (dice_below(&h->dice, 5) == 0 ? 0.5 : 0);
}

/* Time goes on with the steps, but late figures come all the time. */
static size_t random_period(struct history *h) {
    uint32_t front = 2 + h->step < ORACLE_PERIODS ? 2 + h->step : ORACLE_PERIODS;

    if (dice_below(&h->dice, 3) == 0)
        return dice_below(&h->dice, front);
    return front - 1 - dice_below(&h->dice, front < 3 ? front : 3);
}

static void random_decision(struct history *h, struct message *message) {
    struct oracle *o = &h->oracle;
    struct item *item = &message->items[message->count];
    size_t at = o->decision_count;
    ov_day base = o->date == OV_DAY_NONE ? h->from : o->date;

    if (at == ORACLE_DECISIONS)
        return;
    o->decision_count++;
    h->applied[at] = false;
    o->decisions[at].org = dice_below(&h->dice, dice_below(&h->dice, 2) ? o->orgs : 2); /* some have many */
    o->decisions[at].segment = 1 + (int)dice_below(&h->dice, 4);
    o->decisions[at].effective = base + (ov_day)dice_below(&h->dice, 80) - 50;
    o->decisions[at].trigger =
        dice_below(&h->dice, 2) ? INDEX_NONE : (uint16_t)dice_below(&h->dice, (uint32_t)h->framework->trigger_count);
    *item = (struct item){.kind = ITEM_DECISION, .seq = ++h->seq, .org = text_of(code_of(h, o->decisions[at].org))};
    item->decision = (struct decision_item){.segment = o->decisions[at].segment,
                                            .effective = o->decisions[at].effective,
                                            .decided_by = TEXT_OF("group"),
                                            .reason = TEXT_OF("reviewed")};
    if (o->decisions[at].trigger != INDEX_NONE)
        item->decision.trigger = text_of(h->framework->triggers[o->decisions[at].trigger].id);
    message->count++;
}

static void random_figures(struct history *h, struct message *message) {
    uint16_t measure = (uint16_t)dice_below(&h->dice, (uint32_t)h->framework->measure_count);
    size_t period = random_period(h);
    uint32_t revision = dice_below(&h->dice, 3);

    if (dice_below(&h->dice, 2)) { /* a batch: most report one period */
        for (uint32_t org = 0; org < h->oracle.orgs; org++)
            if (dice_below(&h->dice, 6))
                put_figure(h, message, org, measure, period, random_value(h, org, measure, period), 0);
        return;
    }
    uint32_t org = dice_below(&h->dice, h->oracle.orgs);

    put_figure(h, message, org, measure, period, random_value(h, org, measure, period), revision);
}

static struct message random_message(struct history *h) {
    struct message message = {.source = TEXT_OF("test"), .items = h->items};
    uint32_t parts = 1 + dice_below(&h->dice, 4);

    message.baseline = h->baseline = dice_below(&h->dice, 10) == 0;
    for (uint32_t i = 0; i < parts; i++) {
        if (dice_below(&h->dice, 7) == 0)
            random_decision(h, &message);
        else
            random_figures(h, &message);
    }
    return message;
}

/* ---- Histories ---- */

static struct engine *new_engine(struct history *h) {
    struct framework *framework = random_framework(h->rules);

    return engine_create(random_registry(h->rules, h->from), &framework, 1);
}

/* Another engine takes over; nothing may come of it. */
static void restart(struct history *h) {
    struct engine *next = new_engine(h);

    CHECK(h, engine_renew(h->engine, next) == 0, "figures were lost");
    engine_loaded(next, dice_below(&h->dice, 2), NOW, &h->changes);
    CHECK(h, h->changes.alert_count == 0, "a restart announces %s", h->changes.alerts[0]->key);
    CHECK(h, h->changes.verdict_count == 0, "a restart changes %s", code_of(h, h->changes.verdicts[0].org));
    engine_destroy(h->engine);
    h->engine = next;
}

static void step(struct history *h) {
    h->ticked = dice_below(&h->dice, 6) == 0;
    if (h->ticked) {
        ov_day base = h->oracle.date == OV_DAY_NONE ? h->from : h->oracle.date;

        h->baseline = false;
        h->oracle.date = base + 1 + (ov_day)dice_below(&h->dice, 60);
        engine_tick(h->engine, h->oracle.date, NOW, &h->changes);
    } else {
        struct message message = random_message(h);

        engine_apply(h->engine, &message, NOW, &h->changes);
        take_message(h, &message);
    }
    compare_step(h);
    CHECK(h, audited_differences(h->engine) == 0, "the audit finds differences");
    if (dice_below(&h->dice, 8) == 0)
        restart(h);
}

/* The final figures in any order, in one message, to a fresh engine: the verdicts, but for latches, are the same. */
static void compare_fresh(struct history *h) {
    struct message message = {.source = TEXT_OF("test"), .items = h->items};
    struct engine *fresh = new_engine(h);

    h->seq = 0;
    if (h->oracle.date != OV_DAY_NONE)
        engine_tick(fresh, h->oracle.date, NOW, &h->changes);
    for (uint16_t m = 0; m < h->framework->measure_count; m++)
        for (size_t p = 0; p < ORACLE_PERIODS; p++)
            for (uint32_t org = 0; org < h->oracle.orgs; org++)
                if (!isnan(h->oracle.values[m][p][org]))
                    put_figure(h, &message, org, m, p, h->oracle.values[m][p][org], h->oracle.revisions[m][p][org]);
    for (size_t i = 0; i < message.count; i++) { /* shuffled; the seqs stay in order */
        size_t other = i + dice_below(&h->dice, (uint32_t)(message.count - i));
        struct item item = message.items[i];

        message.items[i] = message.items[other];
        message.items[other] = item;
        message.items[i].seq = i + 1;
    }
    for (size_t i = 0; i < h->oracle.decision_count; i++) {
        struct item *item = &message.items[message.count++];

        *item = (struct item){
            .kind = ITEM_DECISION,
            .seq = message.count,
            .org = text_of(code_of(h, h->oracle.decisions[i].org)),
            .decision = {.segment = h->oracle.decisions[i].segment, .effective = h->oracle.decisions[i].effective}};
    }
    engine_apply(fresh, &message, NOW, &h->changes);
    CHECK(h, h->changes.accepted == message.count, "refused");
    compare_rankings(h, fresh);
    for (uint32_t org = 0; org < h->oracle.orgs; org++) {
        struct oracle_verdict verdict = oracle_judge(&h->oracle, org, 0);

        compare_standing(h, fresh, org, &verdict);
    }
    engine_destroy(fresh);
}

static void play_history(struct history *h, uint64_t seed) {
    unsigned steps;

    memset(h, 0, sizeof *h);
    h->dice = (struct dice){seed};
    h->rules = dice_next(&h->dice);
    date_from_civil(2021, 1, 1, &h->from);
    h->framework = random_framework(h->rules);
    h->registry = random_registry(h->rules, h->from);
    oracle_init(&h->oracle, h->framework, h->registry, h->from);
    for (uint32_t org = 0; org < ORACLE_ORGS; org++)
        h->bodies[org].segment = h->bodies[org].official = h->framework->default_segment;
    h->engine = new_engine(h);
    changes_init(&h->changes);
    steps = 4 + dice_below(&h->dice, 20);
    for (h->step = 0; h->step < steps; h->step++)
        step(h);
    compare_fresh(h);
    engine_destroy(h->engine);
    changes_finish(&h->changes);
    framework_destroy(h->framework);
    registry_destroy(h->registry);
}

static void histories(void **state) {
    struct dice dice = dice_from_environment("test_engine_random");
    const char *text = getenv("ROUNDS");
    unsigned long rounds = text ? strtoul(text, NULL, 10) : ROUNDS;
    struct history *history = malloc(sizeof *history);

    (void)state;
    assert_non_null(history);
    for (unsigned long i = 0; i < rounds; i++)
        play_history(history, dice_next(&dice));
    free(history);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(histories)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
