/* The engine held against the oracle after every step of a random history. */
#include <math.h>
#include <string.h>

#include "tests/unit/engine_random.h"

struct rows {
    struct history *h;
    uint16_t measure;
    int set;
    size_t period;
    uint32_t count;
};

static void compare_row(void *context, const struct league_row *row) {
    struct rows *rows = context;
    struct history *h = rows->h;
    const struct oracle *o = &h->oracle;

    rows->count++;
    CHECK(h, oracle_is_ranked(o, row->org, rows->measure, rows->period), "%s", code_of(h, row->org));
    CHECK(h, oracle_set_of(o, row->org, rows->measure) == rows->set, "%s", code_of(h, row->org));
    CHECK(h, row->value == o->values[rows->measure][rows->period][row->org], "%g", row->value);
    CHECK(h, row->rank == oracle_rank(o, row->org, rows->measure, rows->period), "rank %u", row->rank);
    CHECK(h, row->bottom_quartile == oracle_band(o, row->org, rows->measure, rows->period, SIGNAL_BOTTOM_QUARTILE),
          "%s bottom quartile", code_of(h, row->org));
    CHECK(h, row->bottom_decile == oracle_band(o, row->org, rows->measure, rows->period, SIGNAL_BOTTOM_DECILE),
          "%s bottom decile", code_of(h, row->org));
    CHECK(h, row->top_quartile == oracle_band(o, row->org, rows->measure, rows->period, SIGNAL_TOP_QUARTILE),
          "%s top quartile", code_of(h, row->org));
}

void compare_rankings(struct history *h, const struct engine *engine) {
    for (uint16_t m = 0; m < h->framework->measure_count; m++)
        for (int set = 0; set < (int)h->framework->measures[m].peer_set_count; set++)
            for (size_t p = 0; p < ORACLE_PERIODS; p++) {
                const struct oracle_table *table = &h->oracle.tables[m][set][p];
                struct rows rows = {h, m, set, p, 0};
                struct league league = {0};
                bool there =
                    engine_league(engine, 0, m, (uint8_t)set, h->oracle.periods[m][p], &league, compare_row, &rows);

                CHECK(h, there == (table->n > 0) && league.n == table->n && rows.count == table->n, "n %u and %u",
                      league.n, table->n);
                CHECK(h, league.effective == table->effective, "measure %u set %d period %zu: effective", m, set, p);
            }
}

static void compare_signal(struct history *h, const struct engine *engine, uint32_t org, uint16_t m) {
    int age = 0, speaks = oracle_speaks(&h->oracle, org, m, INT32_MAX, &age);
    int newest = oracle_newest(&h->oracle, org, m, INT32_MAX);
    struct signal_row row;
    bool there = engine_signal(engine, 0, org, m, &row);

    CHECK(h, there == (newest >= 0), "%s m%u", code_of(h, org), m);
    if (!there)
        return;
    CHECK(h, row.evidence.period == h->oracle.periods[m][speaks >= 0 ? speaks : newest], "%s m%u", code_of(h, org), m);
    CHECK(h, row.evidence.held == (speaks >= 0 && age > 0), "%s m%u held", code_of(h, org), m);
    CHECK(h, row.evidence.unknown == (speaks >= 0 && age > h->framework->stale_after), "%s m%u unknown",
          code_of(h, org), m);
    if (speaks >= 0)
        CHECK(h, row.evidence.ranked && row.evidence.rank == oracle_rank(&h->oracle, org, m, (size_t)speaks), "%s m%u",
              code_of(h, org), m);
    if (h->framework->measures[m].drop)
        CHECK(h, row.drop == oracle_drop(&h->oracle, org, m, (size_t)newest), "%s m%u drop", code_of(h, org), m);
}

/* For whoever must find out why: the triggers that differ, and the figures they look at. */
static void tell_triggers(const struct history *h, uint32_t org, uint64_t which) {
    for (size_t i = 0; i < h->framework->trigger_count; i++) {
        const struct trigger *t = &h->framework->triggers[i];

        if (!(which >> i & 1))
            continue;
        print_error("trigger %zu for %d: %s count %d themes %d for %d clear_after %d requires %d latched %d\n", i,
                    t->segment, signal_kind_name(t->signal.kind), t->count, t->themes, t->signal.sustained,
                    t->clear_after, t->requires_segment, t->latched);
        for (size_t k = 0; k < t->measure_count; k++) {
            uint16_t m = t->measures[k];

            print_error("  m%u %s valid %d:", m, frequency_name(h->framework->measures[m].frequency),
                        h->framework->measures[m].valid_for);
            for (size_t p = 0; p < ORACLE_PERIODS; p++)
                print_error(" %g", h->oracle.values[m][p][org]);
            print_error("\n");
        }
    }
    print_error("date %d, from %d\n", h->oracle.date, h->from);
}

void compare_standing(struct history *h, const struct engine *engine, uint32_t org,
                      const struct oracle_verdict *verdict) {
    struct standing standing;

    engine_standing(engine, 0, org, &standing);
    if (standing.triggers_on != verdict->on)
        tell_triggers(h, org, standing.triggers_on ^ verdict->on);
    CHECK(h, standing.triggers_on == verdict->on, "%s triggers %llx and %llx", code_of(h, org),
          (unsigned long long)standing.triggers_on, (unsigned long long)verdict->on);
    CHECK(h, standing.triggers_unknown == verdict->unknown, "%s unknown %llx and %llx", code_of(h, org),
          (unsigned long long)standing.triggers_unknown, (unsigned long long)verdict->unknown);
    CHECK(h, standing.indicative == verdict->segment, "%s segment %d and %d", code_of(h, org), standing.indicative,
          verdict->segment);
    CHECK(h, standing.official == oracle_official(&h->oracle, org), "%s official %d", code_of(h, org),
          standing.official);
    CHECK(h, standing.closed == oracle_closed(&h->oracle, org), "%s closed", code_of(h, org));
}

enum part { PART_OWN, PART_CORRECTION, PART_PERIOD };

static bool part_of_measure(const struct history *h, uint32_t org, uint16_t m, enum part part) {
    int set = oracle_set_of(&h->oracle, org, m);

    if (part == PART_PERIOD)
        return set >= 0 && h->moved[m][set] && oracle_newest(&h->oracle, org, m, INT32_MAX) >= 0;
    return part == PART_OWN ? h->bodies[org].own[m] : h->bodies[org].correction[m];
}

/* Has something happened on a measure of the triggers or conditions that changed? */
static bool has_part(const struct history *h, uint32_t org, const struct oracle_verdict *verdict, enum part part) {
    const struct framework *f = h->framework;
    const struct body *body = &h->bodies[org];
    uint64_t on = body->on ^ verdict->on, met = body->met ^ verdict->met;

    for (size_t i = 0; i < f->trigger_count + f->promotion_count; i++) {
        bool condition = i >= f->trigger_count;
        const struct trigger *t = condition ? &f->promotion[i - f->trigger_count] : &f->triggers[i];

        if (!((condition ? met >> (i - f->trigger_count) : on >> i) & 1))
            continue;
        for (size_t k = 0; k < t->measure_count; k++) {
            uint16_t m = t->measures[k], plan = f->measures[m].plan;

            if (part_of_measure(h, org, m, part) || (plan != INDEX_NONE && part_of_measure(h, org, plan, part)))
                return true;
        }
    }
    return false;
}

static void check_attribution(struct history *h, uint32_t org, const struct alert *alert,
                              const struct oracle_verdict *verdict) {
    enum attribution expected = has_part(h, org, verdict, PART_OWN)          ? ATTRIBUTION_OWN
                                : has_part(h, org, verdict, PART_CORRECTION) ? ATTRIBUTION_CORRECTION
                                : h->bodies[org].decided                     ? ATTRIBUTION_DECISION
                                : h->ticked                                  ? ATTRIBUTION_MISSING
                                : has_part(h, org, verdict, PART_PERIOD)     ? ATTRIBUTION_PERIOD
                                                                             : ATTRIBUTION_PEERS;

    CHECK(h, alert->attribution == expected, "%s: %s, not %s", alert->key, attribution_name(alert->attribution),
          attribution_name(expected));
}

static void check_key(struct history *h, const struct alert *alert) {
    for (size_t i = 0; i < h->key_count; i++)
        CHECK(h, strcmp(h->keys[i], alert->key), "key %s twice", alert->key);
    if (h->key_count < KEYS_MAX)
        strcpy(h->keys[h->key_count++], alert->key);
}

/* The numbers behind the triggers of an alert. */
static void check_evidence(struct history *h, uint32_t org, const struct alert *alert) {
    const struct oracle *o = &h->oracle;

    for (size_t i = 0; i < alert->trigger_count; i++)
        for (size_t k = 0; k < alert->triggers[i].evidence_count; k++) {
            const struct evidence *e = &alert->triggers[i].evidence[k];
            enum signal_kind kind = alert->triggers[i].trigger->signal.kind;
            uint16_t m = (uint16_t)(e->measure - alert->framework->measures);
            size_t p = 0;

            while (o->periods[m][p] != e->period)
                p++;
            CHECK(h, e->value == o->values[m][p][org], "%s: m%u %g", alert->key, m, e->value);
            CHECK(h, e->ranked == oracle_is_ranked(o, org, m, p), "%s: m%u", alert->key, m);
            if (!e->ranked)
                continue;
            const struct oracle_table *table = &o->tables[m][oracle_set_of(o, org, m)][p];

            CHECK(h, e->rank == oracle_rank(o, org, m, p) && e->n == table->n, "%s: m%u %u/%u", alert->key, m, e->rank,
                  e->n);
            if (kind == SIGNAL_BOTTOM_QUARTILE || kind == SIGNAL_BOTTOM_DECILE)
                CHECK(h,
                      e->has_cut &&
                          fabs(e->cut - (kind == SIGNAL_BOTTOM_DECILE ? table->decile : table->quartile)) < 1e-9 &&
                          fabs(e->distance - fabs(e->value - e->cut)) < 1e-9 && e->places >= 1,
                      "%s: m%u cut %g distance %g", alert->key, m, e->cut, e->distance);
        }
}

/* The alerts of one organisation against what is expected of them. */
static void compare_alerts(struct history *h, uint32_t org, const struct expected *expected,
                           const struct oracle_verdict *verdict) {
    struct body *body = &h->bodies[org];
    struct expected got = {.before = expected->before, .after = expected->after};
    struct alert_id newest = body->alert;
    size_t amended = 0;

    for (size_t i = 0; i < h->changes.alert_count; i++) {
        const struct alert *alert = h->changes.alerts[i];

        if (strcmp(alert->organisation->code, code_of(h, org)))
            continue;
        if (alert->kind != ALERT_DATA_MISSING)
            check_key(h, alert);
        if (alert->kind == ALERT_SEGMENT_WORSENED || alert->kind == ALERT_SEGMENT_IMPROVED) {
            CHECK(h, !got.moved, "%s: two moves", alert->key);
            got.moved = true;
            CHECK(h, alert->before == expected->before && alert->after == expected->after, "%s: %d to %d", alert->key,
                  expected->before, expected->after);
            CHECK(h, (alert->kind == ALERT_SEGMENT_WORSENED) == (alert->after > alert->before), "%s", alert->key);
            CHECK(h, alert->trigger_count == (size_t)__builtin_popcountll(verdict->on), "%s: triggers", alert->key);
            check_attribution(h, org, alert, verdict);
            check_evidence(h, org, alert);
            body->alert = alert->id;
        } else if (alert->kind == ALERT_DECISION_RECORDED) {
            CHECK(h, !got.decision, "%s: twice", alert->key);
            got.decision = true;
        } else if (alert->kind == ALERT_DATA_MISSING) {
            got.missing++;
        } else if (alert->kind == ALERT_PERFORMANCE_DROP) {
            got.drops++;
        } else if (alert->kind == ALERT_PERFORMANCE_RECOVERED) {
            got.recovered++;
            got.ended += alert->refer_count;
        } else if (strstr(alert->key, "/performance.drop/")) {
            got.withdrawn++;
        } else {
            CHECK(h, alert->refer_count == 1 && !alert_id_compare(alert->refers[0], newest) && newest.seq,
                  "%s refers to another than the newest", alert->key);
            CHECK(h, has_part(h, org, verdict, PART_CORRECTION) && !amended++, "%s without a correction", alert->key);
        }
    }
    CHECK(h, got.moved == expected->moved, "%s: %d to %d", code_of(h, org), expected->before, expected->after);
    CHECK(h, got.decision == expected->decision, "%s", code_of(h, org));
    CHECK(h, got.missing == expected->missing, "%s: %zu and %zu", code_of(h, org), got.missing, expected->missing);
    CHECK(h, got.drops == expected->drops, "%s: %zu and %zu", code_of(h, org), got.drops, expected->drops);
    CHECK(h, got.recovered == expected->recovered && got.ended == expected->ended, "%s", code_of(h, org));
    CHECK(h, got.withdrawn == expected->withdrawn, "%s: %zu and %zu", code_of(h, org), got.withdrawn,
          expected->withdrawn);
}

static void settle(struct history *h) {
    bool before[ORACLE_MEASURES][TYPES_MAX][ORACLE_PERIODS];

    for (size_t i = 0; i < sizeof before / sizeof(bool); i++)
        (&before[0][0][0])[i] = (&h->oracle.tables[0][0][0])[i].effective;
    oracle_settle(&h->oracle);
    memset(h->moved, 0, sizeof h->moved);
    for (size_t m = 0; m < ORACLE_MEASURES; m++)
        for (size_t set = 0; set < TYPES_MAX; set++)
            for (size_t p = 0; p < ORACLE_PERIODS; p++)
                h->moved[m][set] |= before[m][set][p] != h->oracle.tables[m][set][p].effective;
}

void compare_step(struct history *h) {
    settle(h);
    take_decisions(h);
    compare_rankings(h, h->engine);
    for (uint32_t org = 0; org < h->oracle.orgs; org++) {
        struct body *body = &h->bodies[org];
        struct oracle_verdict verdict;
        struct expected expected = expect(h, org, &verdict);

        for (uint16_t m = 0; m < h->framework->measure_count; m++)
            compare_signal(h, h->engine, org, m);
        compare_standing(h, h->engine, org, &verdict);
        compare_alerts(h, org, &expected, &verdict);
        body->segment = verdict.segment;
        body->on = verdict.on;
        body->met = verdict.met;
        body->decided = false;
        memset(body->own, 0, sizeof body->own);
        memset(body->correction, 0, sizeof body->correction);
    }
}
