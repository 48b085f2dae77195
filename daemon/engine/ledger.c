#include "daemon/engine/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine/assessment.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/signal.h"
#include "daemon/engine/trigger.h"

#define LINE 64 /* bytes of a cache line: a record starts on one */

/* A rule's signal on one measure, to be read again when a certain measure changes. */
struct feed {
    uint16_t rule, measure;
    uint32_t types; /* of organisations that both are for */
    bool banded;    /* the signal is a band of the changed measure, in its newest effective period */
    enum band band;
    bool condition; /* the rule is one for segment 1, otherwise a trigger */
    bool grows;     /* it follows from its bits alone, and holds where more than it needs are set */
    uint64_t own;   /* its bit among the triggers or the conditions */
};

struct rule {
    const struct trigger *trigger;
    bool counted;    /* found from the bits, but for clear_after */
    bool plain;      /* found from the bits alone */
    uint64_t *looks; /* at these measures */
};

/* Words of a record: marked, unknown, of newest periods (effective, any), then those of each rule. */
enum part { PART_MARKED, PART_UNKNOWN, PART_EFFECTIVE, PART_ANY, PART_RULES };

struct ledger {
    const struct assessment *assessment;
    struct rule *rules;
    size_t rule_count, trigger_count, words;
    size_t stride; /* bytes of a record */
    struct feed *feeds;
    size_t *first_feed;   /* by measure, and the end */
    uint64_t *affected;   /* by measure two words: triggers and conditions that may turn over */
    uint64_t *others;     /* the same without those that follow from their bits alone */
    uint64_t *themes;     /* by theme: its measures */
    uint64_t standing[2]; /* rules that decisions turn over */
    bool at_most;         /* some rule asks who has figures at all */
    void *block;
    char *records;
};

/* Before the bits: what was found. */
struct record {
    struct rules_state state;
    uint64_t all; /* everything must be read again */
    uint64_t bits[];
};

static struct record *record_of(const struct ledger *ledger, uint32_t org) {
    return (struct record *)(ledger->records + org * ledger->stride);
}

static uint64_t *part_of(const struct ledger *ledger, struct record *record, size_t part) {
    return record->bits + part * ledger->words;
}

static uint64_t bit(size_t i) {
    return UINT64_C(1) << (i % 64);
}

/* ---- Making -------------------------------------------------------------------- */

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
