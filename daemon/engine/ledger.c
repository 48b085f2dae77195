#include "daemon/engine/ledger.h"

#include "daemon/engine/ledger_state.h"
#include "daemon/engine/signal.h"

/* ---- Marking ------------------------------------------------------------------- */

void ledger_mark(struct ledger *ledger, uint32_t org, uint16_t measure) {
    part_of(ledger, record_of(ledger, org), PART_MARKED)[measure / 64] |= bit(measure);
}

void ledger_mark_all(struct ledger *ledger, uint32_t org) {
    record_of(ledger, org)->all = 1;
}

void ledger_prefetch(const struct ledger *ledger, uint32_t org) {
    __builtin_prefetch(ledger->records + org * ledger->stride, 1);
}

/* ---- Reading signals again --------------------------------------------------------- */

/* True when it was another. */
static bool put(uint64_t *words, uint16_t measure, bool value) {
    uint64_t *word = &words[measure / 64], before = *word;

    *word = (before & ~bit(measure)) | (uint64_t)value << (measure % 64);
    return *word != before;
}

struct look {
    uint32_t org;
    uint16_t measure;
    const struct bands *bands; /* of its newest effective figure, NULL = none */
    double key;                /* of that */
};

/* What is asked of a measure whatever the signal. True when something of it was
 * another; ret_reporting: it is reported no more, or again. */
static bool read_measure(const struct ledger *ledger, struct record *record, struct look *look, bool *ret_reporting) {
    const struct assessment *assessment = ledger->assessment;
    const struct figures *figures = assessment->figures[look->measure];
    const struct column *effective;
    int age = 0;
    bool changed;

    effective = figures_effective_now(figures, look->org, &age);
    if (effective) {
        look->bands = &effective->tables[figures_peer_set(figures, look->org)].bands;
        look->key = measure_key(figures->measure, effective->values[look->org]);
    }
    changed = put(part_of(ledger, record, PART_UNKNOWN), look->measure,
                  effective && signal_is_unknown(assessment, look->measure, age));
    *ret_reporting |= changed;
    if (ledger->at_most) {
        changed |= put(part_of(ledger, record, PART_EFFECTIVE), look->measure, effective != NULL);
        changed |= put(part_of(ledger, record, PART_ANY), look->measure,
                       figures_newest(figures, look->org, UNTIL_NOW) != NULL);
    }
    return changed;
}

static bool holds(const struct ledger *ledger, const struct look *look, const struct feed *feed) {
    const struct assessment *assessment = ledger->assessment;

    if (feed->banded)
        return look->bands && bands_in(look->bands, feed->band, look->key);
    return signal_read(assessment, look->org, feed->measure, &ledger->rules[feed->rule].trigger->signal, UNTIL_NOW)
        .holds;
}

/* True when the rule must be found again: its bit was another, and where it
 * grows with its bits, not one that it had already been beyond. */
static bool read_feed(const struct ledger *ledger, struct record *record, const struct look *look,
                      const struct feed *feed) {
    bool shown, held;

    if (!assessment_applies(ledger->assessment, look->org, feed->types))
        return false;
    shown = holds(ledger, look, feed);
    if (!put(part_of(ledger, record, PART_RULES + feed->rule), feed->measure, shown))
        return false;
    held = ((feed->condition ? record->state.met : record->state.on) & feed->own) != 0;
    return !feed->grows || shown != held;
}

/* Adds to affected the rules to be found again: of those that follow from their
 * bits only where one was another. True when some measure is reported no more,
 * or again. */
static bool read_marked(const struct ledger *ledger, struct record *record, uint32_t org, uint64_t affected[2]) {
    uint64_t *marked = part_of(ledger, record, PART_MARKED);
    bool reporting = false;

    for (size_t w = 0; w < ledger->words; w++) {
        for (uint64_t left = marked[w]; left; left &= left - 1) {
            struct look look = {org, (uint16_t)(w * 64 + (size_t)__builtin_ctzll(left)), NULL, 0};
            bool all = read_measure(ledger, record, &look, &reporting);
            const uint64_t *may = (all ? ledger->affected : ledger->others) + 2 * look.measure;
            const struct feed *feed = ledger->feeds + ledger->first_feed[look.measure];

            for (; feed < ledger->feeds + ledger->first_feed[look.measure + 1]; feed++)
                if (read_feed(ledger, record, &look, feed))
                    affected[feed->condition] |= feed->own;
            affected[0] |= may[0];
            affected[1] |= may[1];
        }
        marked[w] = 0;
    }
    return reporting;
}

/* ---- Finding rules again ------------------------------------------------------------ */

static bool has_themes(const struct ledger *ledger, const uint64_t *shown, int wanted) {
    int themes = 0;

    for (size_t t = 0; t < 64 && t < ledger->assessment->framework->theme_count && themes < wanted; t++) {
        const uint64_t *theme = ledger->themes + t * ledger->words;
        bool any = false;

        for (size_t w = 0; w < ledger->words; w++)
            any |= (shown[w] & theme[w]) != 0;
        themes += any;
    }
    return themes >= wanted;
}

/* The plain condition from the bits; see trigger_read(). */
static struct trigger_reading count_bits(const struct ledger *ledger, struct record *record, uint32_t org, size_t r) {
    const struct rule *rule = &ledger->rules[r];
    const struct framework *framework = ledger->assessment->framework;
    const uint64_t *shown = part_of(ledger, record, PART_RULES + r), *unknown = part_of(ledger, record, PART_UNKNOWN);
    const uint64_t *present =
        part_of(ledger, record, signal_is_band(rule->trigger->signal.kind) ? PART_EFFECTIVE : PART_ANY);
    struct trigger_reading reading = {0};
    bool any = false;

    for (size_t w = 0; w < ledger->words; w++) {
        reading.measures += __builtin_popcountll(shown[w]);
        for (uint64_t left = rule->looks[w] & (unknown[w] | present[w]); left; left &= left - 1) {
            size_t m = w * 64 + (size_t)__builtin_ctzll(left);

            if (!assessment_applies(ledger->assessment, org, framework->measures[m].applies_to))
                continue;
            reading.unknown |= (unknown[w] & bit(m)) != 0;
            any |= (present[w] & bit(m)) != 0;
        }
    }
    if (rule->trigger->at_most >= 0)
        reading.holds = any && reading.measures <= rule->trigger->at_most;
    else
        reading.holds = reading.measures >= rule->trigger->count && has_themes(ledger, shown, rule->trigger->themes);
    return reading;
}

static bool find_rule(const struct ledger *ledger, struct record *record, uint32_t org, size_t r, bool *ret_unknown) {
    const struct rule *rule = &ledger->rules[r];
    struct trigger_reading reading;
    ov_day until;

    *ret_unknown = false;
    if (!assessment_applies(ledger->assessment, org, rule->trigger->applies_to))
        return false;
    if (!rule->counted)
        return trigger_holds(ledger->assessment, org, rule->trigger, &until, ret_unknown);
    reading = count_bits(ledger, record, org, r);
    *ret_unknown = reading.unknown;
    if (reading.holds || rule->trigger->clear_after <= 1)
        return reading.holds;
    return trigger_holds(ledger->assessment, org, rule->trigger, &until, ret_unknown);
}

static void find_rules(const struct ledger *ledger, struct record *record, uint32_t org, const uint64_t affected[2]) {
    for (int condition = 0; condition < 2; condition++)
        for (uint64_t left = affected[condition]; left; left &= left - 1) {
            size_t i = (size_t)__builtin_ctzll(left);
            uint64_t *held = condition ? &record->state.met : &record->state.on, own = bit(i);
            bool unknown, holds = find_rule(ledger, record, org, condition ? ledger->trigger_count + i : i, &unknown);

            *held = holds ? *held | own : *held & ~own;
            if (!condition)
                record->state.unknown = unknown ? record->state.unknown | own : record->state.unknown & ~own;
        }
}

static uint64_t first_bits(size_t count) {
    return count >= 64 ? UINT64_MAX : bit(count) - 1;
}

static void mark_everything(const struct ledger *ledger, struct record *record, uint64_t affected[2]) {
    uint64_t *marked = part_of(ledger, record, PART_MARKED);

    record->all = 0;
    for (size_t m = 0; m < ledger->assessment->framework->measure_count; m++)
        marked[m / 64] |= bit(m);
    affected[0] = first_bits(ledger->trigger_count);
    affected[1] = first_bits(ledger->rule_count - ledger->trigger_count);
}

struct ledger_news ledger_refresh(struct ledger *ledger, uint32_t org, bool decided) {
    struct record *record = record_of(ledger, org);
    struct rules_state before = record->state;
    uint64_t affected[2] = {decided ? ledger->standing[0] : 0, decided ? ledger->standing[1] : 0};
    struct ledger_news news = {false, false};

    if (record->all)
        mark_everything(ledger, record, affected);
    news.reporting = read_marked(ledger, record, org, affected);
    if (!(affected[0] | affected[1]) || ledger->assessment->types[org] >= TYPES_MAX)
        return news; /* in the last case no rule is for it */
    find_rules(ledger, record, org, affected);
    news.rules =
        before.on != record->state.on || before.unknown != record->state.unknown || before.met != record->state.met;
    return news;
}

const struct rules_state *ledger_state(const struct ledger *ledger, uint32_t org) {
    return &record_of(ledger, org)->state;
}

size_t ledger_memory(const struct ledger *ledger) {
    return ledger->assessment->org_count * ledger->stride;
}
