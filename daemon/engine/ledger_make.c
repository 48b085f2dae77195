/* What follows from the rules, once for all organisations: which signals a measure feeds, and which rules those. */
#include <stdlib.h>

#include "daemon/engine/ledger.h"
#include "daemon/engine/ledger_state.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/signal.h"

#define LINE 64 /* bytes of a cache line: a record starts on one */

static bool feeds_rule(const struct framework *framework, const struct trigger *trigger, uint16_t looked_at,
                       uint16_t measure) {
    return looked_at == measure ||
           (trigger->signal.kind == SIGNAL_MISSED_PLAN && framework->measures[looked_at].plan == measure);
}

static struct feed feed_of(const struct ledger *ledger, uint16_t rule, uint16_t looked_at, uint16_t measure) {
    const struct framework *framework = ledger->assessment->framework;
    const struct trigger *trigger = ledger->rules[rule].trigger;
    const struct signal *signal = &trigger->signal;
    bool banded = looked_at == measure && signal->sustained <= 1 && signal_is_band(signal->kind);
    bool condition = rule >= ledger->trigger_count;

    return (struct feed){.rule = rule,
                         .condition = condition,
                         .grows = ledger->rules[rule].plain && trigger->at_most < 0,
                         .own = bit(condition ? rule - ledger->trigger_count : rule),
                         .measure = looked_at,
                         .types = trigger->applies_to & framework->measures[looked_at].applies_to,
                         .banded = banded,
                         .band = banded ? signal_band(signal->kind) : BAND_BOTTOM_QUARTILE};
}

static void add_feeds(struct ledger *ledger, uint16_t measure, size_t *capacity) {
    const struct framework *framework = ledger->assessment->framework;
    size_t count = ledger->first_feed[measure];

    for (size_t r = 0; r < ledger->rule_count; r++)
        for (size_t i = 0; i < ledger->rules[r].trigger->measure_count; i++) {
            uint16_t looked_at = ledger->rules[r].trigger->measures[i];

            if (!feeds_rule(framework, ledger->rules[r].trigger, looked_at, measure))
                continue;
            MEM_GROW(ledger->feeds, count, *capacity);
            ledger->feeds[count] = feed_of(ledger, (uint16_t)r, looked_at, measure);
            ledger->affected[2 * measure + ledger->feeds[count].condition] |= ledger->feeds[count].own;
            if (!ledger->rules[r].plain)
                ledger->others[2 * measure + ledger->feeds[count].condition] |= ledger->feeds[count].own;
            count++;
        }
    ledger->first_feed[measure + 1] = count;
}

/* Longstanding rules ask whether other triggers have cleared: they follow what those look at. */
static void add_longstanding(struct ledger *ledger) {
    const struct framework *framework = ledger->assessment->framework;

    for (size_t r = 0; r < ledger->rule_count; r++) {
        const struct trigger *trigger = ledger->rules[r].trigger;
        bool condition = r >= ledger->trigger_count;
        uint64_t own = bit(condition ? r - ledger->trigger_count : r);

        if (trigger->signal.kind != SIGNAL_LONGSTANDING)
            continue;
        ledger->standing[condition] |= own;
        for (size_t m = 0; m < framework->measure_count; m++)
            for (size_t i = 0; i < framework->trigger_count; i++)
                if (framework->triggers[i].segment == trigger->requires_segment &&
                    framework->triggers[i].signal.kind != SIGNAL_LONGSTANDING && (ledger->affected[2 * m] & bit(i)))
                    ledger->others[2 * m + condition] |= own;
    }
    for (size_t i = 0; i < 2 * framework->measure_count; i++)
        ledger->affected[i] |= ledger->others[i];
}

static void add_rules(struct ledger *ledger) {
    const struct framework *framework = ledger->assessment->framework;

    ledger->rules = mem_alloc(ledger->rule_count, sizeof *ledger->rules);
    for (size_t r = 0; r < ledger->rule_count; r++) {
        struct rule *rule = &ledger->rules[r];

        rule->trigger =
            r < ledger->trigger_count ? &framework->triggers[r] : &framework->promotion[r - ledger->trigger_count];
        rule->counted = rule->trigger->signal.kind != SIGNAL_LONGSTANDING;
        rule->looks = mem_alloc(ledger->words, sizeof *rule->looks);
        for (size_t i = 0; i < rule->trigger->measure_count; i++)
            rule->looks[rule->trigger->measures[i] / 64] |= bit(rule->trigger->measures[i]);
        ledger->at_most |= rule->trigger->at_most >= 0;
        rule->plain = rule->counted && rule->trigger->clear_after <= 1;
    }
}

static void add_records(struct ledger *ledger, uint32_t orgs) {
    size_t bytes = sizeof(struct record) + (PART_RULES + ledger->rule_count) * ledger->words * sizeof(uint64_t);

    ledger->stride = (bytes + LINE - 1) / LINE * LINE;
    ledger->block = mem_alloc(orgs * ledger->stride + LINE, 1);
    ledger->records = (char *)ledger->block + (LINE - (uintptr_t)ledger->block % LINE);
    for (uint32_t org = 0; org < orgs; org++)
        record_of(ledger, org)->all = 1;
}

struct ledger *ledger_create(const struct assessment *assessment) {
    const struct framework *framework = assessment->framework;
    struct ledger *ledger = mem_alloc(1, sizeof *ledger);
    size_t capacity = 0;

    ledger->assessment = assessment;
    ledger->trigger_count = framework->trigger_count;
    ledger->rule_count = framework->trigger_count + framework->promotion_count;
    ledger->words = framework->measure_count / 64 + 1;
    ledger->first_feed = mem_alloc(framework->measure_count + 1, sizeof *ledger->first_feed);
    ledger->affected = mem_alloc(2 * framework->measure_count, sizeof *ledger->affected);
    ledger->others = mem_alloc(2 * framework->measure_count, sizeof *ledger->others);
    ledger->themes = mem_alloc(64 * ledger->words, sizeof *ledger->themes);
    add_rules(ledger);
    for (uint16_t m = 0; m < framework->measure_count; m++) {
        ledger->themes[framework->measures[m].theme % 64 * ledger->words + m / 64] |= bit(m);
        add_feeds(ledger, m, &capacity);
    }
    add_longstanding(ledger);
    add_records(ledger, assessment->org_count);
    return ledger;
}

void ledger_destroy(struct ledger *ledger) {
    if (!ledger)
        return;
    for (size_t r = 0; r < ledger->rule_count; r++)
        free(ledger->rules[r].looks);
    free(ledger->rules);
    free(ledger->feeds);
    free(ledger->first_feed);
    free(ledger->affected);
    free(ledger->others);
    free(ledger->themes);
    free(ledger->block);
    free(ledger);
}
