#include "tests/unit/engine_random_rules.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine_oracle.h"
#include "tests/unit/seed.h"

#define TYPES 3
#define THEMES 3

static bool one_in(struct dice *dice, uint32_t n) {
    return dice_below(dice, n) == 0;
}

static int from_to(struct dice *dice, int low, int high) {
    return low + (int)dice_below(dice, (uint32_t)(high - low + 1));
}

static char *numbered(const char *what, size_t number) {
    char *text = NULL;

    if (asprintf(&text, "%s%zu", what, number) < 0)
        abort();
    return text;
}

static void random_peers(struct dice *dice, struct measure *measure) {
    int how = from_to(dice, 0, 3);

    for (uint8_t t = 0; t < TYPES; t++)
        measure->peer_set[t] = how == 0 ? t : how == 1 ? (uint8_t)(t / 2) : 0;
    measure->peer_set_count = how == 0 ? TYPES : how == 1 ? (TYPES + 1) / 2 : 1;
}

static void random_spc(struct dice *dice, struct measure *measure) {
    measure->drop = !one_in(dice, 3);
    measure->screen = !one_in(dice, 3);
    measure->drop_minimum = one_in(dice, 3) ? 4 : 0;
    measure->drop_step = one_in(dice, 3) ? 5 : 0;
    measure->drop_rank = one_in(dice, 4) && measure->peer_set_count ? from_to(dice, 20, 60) : 0;
    if (one_in(dice, 4) && date_from_civil(2021, from_to(dice, 1, 12), 1, &measure->rebase[0]))
        measure->rebase_count = 1;
}

static void random_measure(struct dice *dice, struct measure *measure, enum measure_kind kind, bool ranked) {
    measure_init(measure);
    measure->kind = kind;
    measure->theme = (uint16_t)dice_below(dice, THEMES);
    measure->frequency = one_in(dice, 3) ? FREQUENCY_QUARTER : FREQUENCY_MONTH;
    measure->direction = kind != MEASURE_NUMBER ? DIRECTION_NEUTRAL
                         : one_in(dice, 2)      ? DIRECTION_LOWER
                                                : DIRECTION_HIGHER;
    measure->applies_to = one_in(dice, 3) ? dice_below(dice, 7) + 1 : UINT32_MAX;
    measure->drop = false;
    measure->rebase = calloc(1, sizeof *measure->rebase);
    if (!measure->rebase)
        abort();
    if (ranked)
        random_peers(dice, measure);
    if (kind == MEASURE_NUMBER)
        random_spc(dice, measure);
    if (!ranked && one_in(dice, 2))
        measure->valid_for = from_to(dice, 20, 150);
}

/* Ranked ones first; then a plan, what is held against it, a flag or two, a rating. */
static void random_measures(struct dice *dice, struct framework *framework) {
    size_t ranked = (size_t)from_to(dice, 1, 4), flags = (size_t)from_to(dice, 1, 2);

    framework->measure_count = ranked + 2 + flags + 1;
    framework->measures = calloc(framework->measure_count, sizeof *framework->measures);
    if (!framework->measures)
        abort();
    for (size_t i = 0; i < framework->measure_count; i++) {
        struct measure *measure = &framework->measures[i];
        enum measure_kind kind = i < ranked + 2                      ? MEASURE_NUMBER
                                 : i + 1 == framework->measure_count ? MEASURE_RATING
                                                                     : MEASURE_FLAG;
        char *id = numbered("m", i);

        random_measure(dice, measure, kind, i < ranked);
        strcpy(measure->id, id);
        measure->name = id;
        if (kind == MEASURE_RATING)
            for (const char *const *word = (const char *const[]){"good", "fair", "poor", NULL}; *word; word++)
                strcpy(measure->words[measure->word_count++], *word);
    }
    framework->measures[ranked].direction = DIRECTION_NEUTRAL; /* the plan */
    framework->measures[ranked].drop = false;
    framework->measures[ranked + 1].plan = (uint16_t)ranked;
    framework->measures[ranked + 1].frequency = framework->measures[ranked].frequency;
}

static bool fits(const struct measure *measure, enum signal_kind kind) {
    switch (kind) {
    case SIGNAL_BOTTOM_QUARTILE:
    case SIGNAL_BOTTOM_DECILE:
    case SIGNAL_TOP_QUARTILE:
        return measure_is_ranked(measure);
    case SIGNAL_THRESHOLD:
        return measure->kind == MEASURE_NUMBER;
    case SIGNAL_RATING:
        return measure->kind == MEASURE_RATING;
    case SIGNAL_FLAG:
        return measure->kind == MEASURE_FLAG;
    case SIGNAL_DROP:
        return measure->kind == MEASURE_NUMBER && measure->drop;
    case SIGNAL_MISSED_PLAN:
        return measure->plan != INDEX_NONE;
    case SIGNAL_SPECIAL_CAUSE:
    case SIGNAL_LONGSTANDING:
        break;
    }
    return false;
}

/* What the rules leave open stays out: "for" and clear_after of a plain signal look at unranked measures
 * only, and a trigger with clear_after at measures of one frequency that grow not old. */
static bool may_look(const struct framework *framework, const struct trigger *trigger, const struct measure *measure) {
    bool band = trigger->signal.kind <= SIGNAL_TOP_QUARTILE, long_view = trigger->clear_after > 1;

    if (!fits(measure, trigger->signal.kind))
        return false;
    if (!band && (long_view || trigger->signal.sustained > 1) && measure_is_ranked(measure))
        return false;
    return !long_view ||
           (!measure->valid_for &&
            (!trigger->measure_count || framework->measures[trigger->measures[0]].frequency == measure->frequency));
}

static void random_signal(struct dice *dice, struct signal *signal) {
    static const enum signal_kind KINDS[] = {
        SIGNAL_BOTTOM_QUARTILE, SIGNAL_BOTTOM_QUARTILE, SIGNAL_BOTTOM_DECILE, SIGNAL_TOP_QUARTILE,
        SIGNAL_THRESHOLD,       SIGNAL_RATING,          SIGNAL_FLAG,          SIGNAL_DROP,
        SIGNAL_MISSED_PLAN};

    signal->kind = KINDS[dice_below(dice, sizeof KINDS / sizeof *KINDS)];
    signal->comparison = (enum comparison)dice_below(dice, 4);
    signal->number = from_to(dice, 0, 9);
    signal->margin = from_to(dice, 0, 3);
    signal->sustained = one_in(dice, 3) ? from_to(dice, 2, 3) : 1;
    strcpy(signal->words[signal->word_count++], "poor");
    if (one_in(dice, 3))
        strcpy(signal->words[signal->word_count++], "fair");
}

static void random_trigger(struct dice *dice, const struct framework *framework, struct trigger *trigger, size_t number,
                           bool condition) {
    trigger_init(trigger);
    trigger->title = numbered("t", number);
    strcpy(trigger->id, trigger->title);
    trigger->segment = one_in(dice, 3) ? 4 : 3;
    trigger->applies_to = one_in(dice, 3) ? dice_below(dice, 7) + 1 : UINT32_MAX;
    random_signal(dice, &trigger->signal);
    trigger->clear_after = one_in(dice, 3) ? from_to(dice, 2, 3) : 1;
    trigger->measures = calloc(framework->measure_count, sizeof *trigger->measures);
    if (!trigger->measures)
        abort();
    for (uint16_t m = 0; m < framework->measure_count; m++)
        if (may_look(framework, trigger, &framework->measures[m]) && !one_in(dice, 4))
            trigger->measures[trigger->measure_count++] = m;
    trigger->count = from_to(dice, 1, trigger->measure_count > 2 ? 2 : 1);
    trigger->themes = from_to(dice, 1, trigger->count);
    trigger->requires_segment = !condition && one_in(dice, 4) ? from_to(dice, 3, 4) : 0;
    trigger->latched = !condition && one_in(dice, 5);
    if (condition && one_in(dice, 2))
        trigger->at_most = from_to(dice, 0, 1);
}

struct framework *random_framework(uint64_t number) {
    struct dice dice = {number};
    struct framework *framework = framework_create();

    if (!framework)
        abort();
    strcpy(framework->id, "random");
    framework->name = numbered("random ", (size_t)number);
    for (size_t i = 1; i <= 4; i++)
        framework->segments[i].name = numbered("segment ", i);
    framework->minimum_peers = (uint32_t)from_to(&dice, 2, 8);
    framework->coverage = from_to(&dice, 3, 10) / 10.0;
    framework->stale_after = from_to(&dice, 0, 3);
    framework->baseline_min = (size_t)from_to(&dice, 2, 6);
    framework->baseline_max = framework->baseline_min + dice_below(&dice, 7);
    framework->type_count = TYPES;
    framework->types = calloc(TYPES, sizeof *framework->types);
    framework->theme_count = THEMES;
    framework->themes = calloc(THEMES, sizeof *framework->themes);
    framework->trigger_count = (size_t)from_to(&dice, 2, 7);
    framework->triggers = calloc(framework->trigger_count, sizeof *framework->triggers);
    framework->promotion_count = (size_t)from_to(&dice, 0, 2);
    framework->promotion = calloc(framework->promotion_count + 1, sizeof *framework->promotion);
    if (!framework->types || !framework->themes || !framework->triggers || !framework->promotion)
        abort();
    for (size_t i = 0; i < TYPES; i++)
        framework->types[i][0] = (char)('a' + i);
    for (size_t i = 0; i < THEMES; i++)
        framework->themes[i][0] = (char)('x' + i);
    random_measures(&dice, framework);
    for (size_t i = 0; i < framework->trigger_count; i++)
        random_trigger(&dice, framework, &framework->triggers[i], i, false);
    for (size_t i = 0; i < framework->promotion_count; i++)
        random_trigger(&dice, framework, &framework->promotion[i], i, true);
    return framework;
}

struct registry *random_registry(uint64_t number, ov_day from) {
    struct dice dice = {~number};
    struct registry *registry = registry_create();
    int count = from_to(&dice, 4, ORACLE_ORGS);

    if (!registry)
        abort();
    for (int i = 0; i < count; i++) {
        char *name = numbered("O", (size_t)i), type[2] = {(char)('a' + (int)dice_below(&dice, TYPES)), '\0'},
             none[] = "";
        struct organisation organisation = {.name = name,
                                            .type = type,
                                            .subtype = none,
                                            .region = none,
                                            .group = none,
                                            .opened = OV_DAY_NONE,
                                            .closed = OV_DAY_NONE,
                                            .predecessors = none};

        strcpy(organisation.code, name);
        if (one_in(&dice, 25))
            type[0] = 'z'; /* no type of the framework */
        if (one_in(&dice, 8))
            organisation.opened = from + from_to(&dice, 0, 300);
        if (one_in(&dice, 6))
            organisation.closed = from + from_to(&dice, 30, 400);
        if (registry_add(registry, &organisation) != REGISTRY_OK)
            abort();
        free(name);
    }
    return registry;
}
