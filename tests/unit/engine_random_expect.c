/* What the rules ask for after every step of a random history. */
#include <math.h>
#include <string.h>

#include "tests/unit/engine_random.h"

static uint32_t org_of(const struct history *h, struct text code) {
    return registry_find(h->registry, code);
}

void take_message(struct history *h, const struct message *message) {
    for (size_t i = 0; i < message->count; i++) {
        const struct item *item = &message->items[i];
        uint16_t measure;
        uint32_t org;
        size_t period = 0;
        enum oracle_outcome outcome;
        double old, new = (double)NAN;
        int newest;

        if (item->kind != ITEM_FIGURE)
            continue;
        org = org_of(h, item->org);
        measure = framework_measure(h->framework, item->figure.measure);
        while (h->oracle.periods[measure][period] != item->figure.period)
            period++;
        if (item->figure.value.type == VALUE_NUMBER)
            new = item->figure.value.number;
        else if (item->figure.value.type == VALUE_BOOLEAN)
            new = item->figure.value.boolean;
        else if (item->figure.value.type == VALUE_WORD)
            for (new = 0; !text_equal(item->figure.value.word, h->framework->measures[measure].words[(size_t) new]);)
                new ++;
        old = h->oracle.values[measure][period][org];
        newest = oracle_newest(&h->oracle, org, measure, INT32_MAX);
        outcome = oracle_set(&h->oracle, org, measure, period, new, item->figure.revision);
        CHECK(h,
              (outcome == ORACLE_ACCEPTED && h->changes.outcomes[i] == OUTCOME_ACCEPTED) ||
                  (outcome == ORACLE_SUPERSEDED && h->changes.outcomes[i] == OUTCOME_SUPERSEDED) ||
                  (outcome == ORACLE_REFUSED && h->changes.outcomes[i] == OUTCOME_REFUSED),
              "item %zu: %d and %d", i, outcome, h->changes.outcomes[i]);
        if (outcome != ORACLE_ACCEPTED || old == new || (isnan(old) && isnan(new)))
            continue;
        if (!isnan(old) || newest > (int)period)
            h->bodies[org].correction[measure] = true;
        else
            h->bodies[org].own[measure] = true;
    }
}

void take_decisions(struct history *h) {
    struct oracle *o = &h->oracle;

    for (;;) {
        size_t next = ORACLE_DECISIONS;
        bool sets = true;

        for (size_t i = 0; i < o->decision_count; i++)
            if (!h->applied[i] && o->date != OV_DAY_NONE && o->decisions[i].effective <= o->date &&
                (next == ORACLE_DECISIONS || o->decisions[i].effective < o->decisions[next].effective))
                next = i;
        if (next == ORACLE_DECISIONS)
            return;
        for (size_t i = 0; i < o->decision_count; i++)
            if (h->applied[i] && o->decisions[i].org == o->decisions[next].org &&
                o->decisions[i].effective > o->decisions[next].effective)
                sets = false; /* a newer one is in force */
        struct body *body = &h->bodies[o->decisions[next].org];

        h->applied[next] = true;
        body->decided = true;
        for (size_t t = 0; t < h->framework->trigger_count; t++)
            if (t == o->decisions[next].trigger ||
                (sets && o->decisions[next].segment < h->framework->triggers[t].segment))
                body->latched &= ~(UINT64_C(1) << t);
    }
}

static void expect_drops(struct history *h, uint32_t org, uint16_t m, bool quiet, struct expected *expected) {
    struct body *body = &h->bodies[org];
    int newest = oracle_newest(&h->oracle, org, m, INT32_MAX);
    bool recovered = false;

    for (size_t p = 0; p < ORACLE_PERIODS; p++)
        if (body->drops[m][p] == DROP_OPEN &&
            (isnan(h->oracle.values[m][p][org]) || !oracle_drop(&h->oracle, org, m, p))) {
            body->drops[m][p] = DROP_NONE;
            expected->withdrawn += body->announced[m][p] && !quiet;
        }
    if (newest < 0)
        return;
    for (size_t p = 0; p < ORACLE_PERIODS; p++)
        if (body->drops[m][p] == DROP_OPEN && oracle_recovered(&h->oracle, org, m, p, (size_t)newest)) {
            body->drops[m][p] = DROP_RECOVERED;
            recovered |= body->announced[m][p] && !quiet;
            expected->ended += body->announced[m][p] && !quiet;
        }
    expected->recovered += recovered;
    if (body->drops[m][newest] == DROP_NONE && oracle_drop(&h->oracle, org, m, (size_t)newest)) {
        body->drops[m][newest] = DROP_OPEN;
        body->announced[m][newest] = !quiet;
        expected->drops += !quiet;
    }
}

struct expected expect(struct history *h, uint32_t org, struct oracle_verdict *ret_verdict) {
    struct body *body = &h->bodies[org];
    bool quiet = h->baseline || oracle_closed(&h->oracle, org);
    int official = oracle_official(&h->oracle, org), age;
    struct oracle_verdict verdict = oracle_judge(&h->oracle, org, body->latched);
    struct expected expected = {.before = body->segment, .after = verdict.segment};

    for (uint16_t m = 0; m < h->framework->measure_count; m++) {
        bool missing = oracle_speaks(&h->oracle, org, m, INT32_MAX, &age) >= 0 && age > h->framework->stale_after;

        expected.missing += missing && !body->missing[m] && !quiet;
        body->missing[m] = missing;
        if (h->framework->measures[m].drop)
            expect_drops(h, org, m, quiet, &expected);
    }
    expected.moved = !quiet && verdict.segment != body->segment && (verdict.segment >= 3 || body->segment >= 3);
    expected.decision = !quiet && official != body->official;
    body->official = official;
    body->latched = 0;
    for (size_t i = 0; i < h->framework->trigger_count; i++)
        if (h->framework->triggers[i].latched)
            body->latched |= verdict.on & (UINT64_C(1) << i);
    *ret_verdict = verdict;
    return expected;
}
