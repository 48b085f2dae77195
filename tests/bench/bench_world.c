#include "tests/bench/bench_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/problems.h"
#include "daemon/frameworks/framework_file.h"

#define NOW 1620000000000

static const char *const PATTERNS[] = {
    [PATTERN_RANDOM] = "random",           [PATTERN_DRIFTING] = "drifting", [PATTERN_GRID] = "grid",
    [PATTERN_CORRECTIONS] = "corrections", [PATTERN_BOUNDARY] = "boundary", [PATTERN_PUBLICATION] = "publication"};

const char *pattern_name(enum pattern pattern) {
    return PATTERNS[pattern];
}

bool pattern_of(const char *name, enum pattern *ret_pattern) {
    for (int i = 0; i < PATTERN_COUNT; i++)
        if (!strcmp(name, PATTERNS[i])) {
            *ret_pattern = (enum pattern)i;
            return true;
        }
    return false;
}

/* ---- Dice ---- */

static uint64_t roll(struct world *world) { /* splitmix64 */
    uint64_t z = (world->dice += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint32_t below(struct world *world, uint32_t n) {
    return (uint32_t)(((roll(world) >> 32) * n) >> 32);
}

static double share(struct world *world) {
    return (double)(roll(world) >> 11) * 0x1p-53;
}

/* ---- Rules and organisations ---- */

static void *need(void *memory) {
    if (!memory) {
        fputs("bench: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static char *words(const char *text) {
    return need(strdup(text));
}

static void ranked_measure(struct measure *measure, uint16_t index) {
    measure_init(measure);
    snprintf(measure->id, sizeof measure->id, "measure-%u", index);
    measure->name = words(measure->id);
    measure->unit = words("%");
    measure->theme = index % 5;
    measure->direction = index % 2 ? DIRECTION_HIGHER : DIRECTION_LOWER;
    measure->frequency = FREQUENCY_MONTH;
    measure->key = true;
    measure->applies_to = UINT32_MAX;
    measure->peer_set_count = 1;
    memset(measure->peer_set, 0, sizeof measure->peer_set);
    measure->drop = false;
}

static void quartile_trigger(struct trigger *trigger, uint16_t measures, int count) {
    trigger_init(trigger);
    snprintf(trigger->id, sizeof trigger->id, "key-bottom-quartile");
    trigger->title = words("key measures in the bottom quartile");
    trigger->segment = 3;
    trigger->applies_to = UINT32_MAX;
    trigger->signal.kind = SIGNAL_BOTTOM_QUARTILE;
    trigger->measures = need(calloc(measures, sizeof *trigger->measures));
    trigger->measure_count = measures;
    for (uint16_t i = 0; i < measures; i++)
        trigger->measures[i] = i;
    trigger->count = count;
    trigger->themes = 2;
}

static struct framework *ranking_framework(const char *id, uint16_t measures, int count) {
    struct framework *framework = need(framework_create());

    snprintf(framework->id, sizeof framework->id, "%s", id);
    framework->name = words(id);
    for (int i = 1; i <= 4; i++)
        framework->segments[i] = (struct segment_text){words("segment"), words("consequence")};
    framework->types = need(calloc(1, sizeof *framework->types));
    framework->type_count = 1;
    snprintf(framework->types[0], sizeof framework->types[0], "acute");
    framework->themes = need(calloc(5, sizeof *framework->themes));
    framework->theme_count = 5;
    for (int i = 0; i < 5; i++)
        snprintf(framework->themes[i], sizeof framework->themes[i], "theme-%d", i);
    framework->measures = need(calloc(measures, sizeof *framework->measures));
    framework->measure_count = measures;
    for (uint16_t i = 0; i < measures; i++)
        ranked_measure(&framework->measures[i], i);
    framework->triggers = need(calloc(1, sizeof *framework->triggers));
    framework->trigger_count = 1;
    quartile_trigger(&framework->triggers[0], measures, count);
    return framework;
}

static struct framework *find_framework(const char *name, uint16_t measures) {
    struct problems *problems;
    struct framework *framework;

    if (!strcmp(name, "quartile"))
        return ranking_framework(name, measures, 2);
    if (!strcmp(name, "tail")) /* about one organisation in seventy with 50 measures */
        return ranking_framework(name, measures, measures * 2 / 5);
    problems = problems_create();
    framework = framework_load(name, problems);
    if (!framework) {
        fprintf(stderr, "bench: %s is no framework\n", name);
        exit(1);
    }
    problems_destroy(problems);
    return framework;
}

static void code_of(uint32_t org, char code[CODE_SIZE]) {
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    code[0] = 'X';
    for (int i = 4; i >= 1; i--, org /= 36)
        code[i] = digits[org % 36];
    code[5] = '\0';
}

static struct registry *make_registry(const struct framework *framework, uint32_t orgs) {
    struct registry *registry = need(registry_create());

    for (uint32_t i = 0; i < orgs; i++) {
        char name[] = "An organisation", empty[] = "";
        struct organisation organisation = {.name = name,
                                            .type = framework->types[i % framework->type_count],
                                            .subtype = empty,
                                            .region = empty,
                                            .group = empty,
                                            .predecessors = empty,
                                            .opened = OV_DAY_NONE,
                                            .closed = OV_DAY_NONE};

        code_of(i, organisation.code);
        if (registry_add(registry, &organisation) != REGISTRY_OK)
            need(NULL);
    }
    return registry;
}

/* ---- The country ---- */

void world_init(struct world *world, const char *name, uint32_t orgs, uint16_t measures, int periods,
                enum pattern pattern, uint64_t seed) {
    struct framework *framework = find_framework(name, measures);
    struct registry *registry = make_registry(framework, orgs);
    ov_day today;
    struct changes changes;

    *world = (struct world){.framework = framework, .registry = registry, .orgs = orgs, .periods = periods};
    world->measures = (uint16_t)framework->measure_count;
    world->pattern = pattern;
    world->dice = seed;
    world->current = need(calloc(world->measures, sizeof *world->current));
    if (!date_from_civil(2024, 6, 15, &today))
        need(NULL);
    for (uint16_t m = 0; m < world->measures; m++)
        world->current[m] = period_of(framework->measures[m].frequency, today);
    if (pattern == PATTERN_DRIFTING)
        world->levels = need(calloc((size_t)orgs * world->measures, sizeof *world->levels));
    world->engine = engine_create(registry, &framework, 1);
    changes_init(&changes);
    engine_tick(world->engine, today, NOW, &changes);
    changes_finish(&changes);
}

void world_finish(struct world *world) {
    engine_destroy(world->engine);
    free(world->current);
    free(world->levels);
}

static bool takes(const struct world *world, uint32_t org, uint16_t measure) {
    uint16_t type = (uint16_t)(org % world->framework->type_count);

    return world->framework->measures[measure].applies_to >> type & 1;
}

/* One of the rest joins them on one measure after the other, and no one is
 * below the cut any more; then it leaves them again. */
static bool crosses(const struct world *world, uint32_t org) {
    return world->next && org == world->orgs - 1 && (world->next - 1) / world->measures % 2 == 0;
}

static double number(struct world *world, uint32_t org, uint16_t measure) {
    double value = share(world) * 100;

    if (world->pattern == PATTERN_GRID)
        return round(value * 100) / 100;
    if (world->pattern == PATTERN_DRIFTING) {
        float *level = &world->levels[(size_t)measure * world->orgs + org];

        *level = *level > 0 ? *level + (float)(value - 50) / 100 : (float)value;
        return (double)*level + value / 1e6;
    }
    /* (n - 1) / 4 + 1 of n peers, rounded down, are at 1: the cut lies behind the last of them. */
    if (world->pattern == PATTERN_BOUNDARY)
        return org <= (world->orgs - 1) / 4 || crosses(world, org) ? 1 : 2;
    return value;
}

static struct value value_of(struct world *world, uint32_t org, uint16_t measure) {
    const struct measure *m = &world->framework->measures[measure];
    double value = number(world, org, measure);

    if (m->kind == MEASURE_FLAG)
        return (struct value){.type = VALUE_BOOLEAN, .boolean = value < 1};
    if (m->kind == MEASURE_RATING)
        return (struct value){.type = VALUE_WORD,
                              .word = text_of(m->words[(size_t)(value / 100.01 * (double)m->word_count)])};
    if (world->pattern == PATTERN_BOUNDARY && m->direction == DIRECTION_LOWER)
        value = -value;
    return (struct value){.type = VALUE_NUMBER, .number = value};
}

void world_load(struct world *world) {
    struct changes changes;

    for (uint16_t m = 0; m < world->measures; m++) {
        const struct measure *measure = &world->framework->measures[m];

        for (int p = world->periods - 1; p >= 0; p--) {
            ov_day period = period_add(measure->frequency, world->current[m], -p);

            for (uint32_t org = 0; org < world->orgs; org++) {
                struct value value;

                if (!takes(world, org, m))
                    continue;
                value = value_of(world, org, m);
                engine_load_figure(world->engine, text_of(measure->id), period,
                                   text_of(registry_at(world->registry, org)->code), &value, 0);
            }
        }
    }
    changes_init(&changes);
    engine_loaded(world->engine, false, NOW, &changes);
    changes_finish(&changes);
}

/* ---- Updates ---- */

/* Which figure is next, and of which period. */
static ov_day pick(struct world *world, uint32_t *ret_org, uint16_t *ret_measure) {
    enum frequency frequency;
    int back = 0;

    if (world->pattern == PATTERN_PUBLICATION) {
        if (world->next == (uint64_t)world->orgs * world->measures)
            world->next = 0;
        if (world->next == 0)
            for (uint16_t m = 0; m < world->measures; m++)
                world->current[m] = period_add(world->framework->measures[m].frequency, world->current[m], 1);
        *ret_org = (uint32_t)(world->next / world->measures);
        *ret_measure = (uint16_t)(world->next++ % world->measures);
    } else {
        *ret_org = world->pattern == PATTERN_BOUNDARY ? world->orgs - 1 : below(world, world->orgs);
        if (world->pattern == PATTERN_BOUNDARY)
            *ret_measure = (uint16_t)(world->next++ % world->measures);
        else
            *ret_measure = (uint16_t)below(world, world->measures);
    }
    frequency = world->framework->measures[*ret_measure].frequency;
    if (world->pattern == PATTERN_CORRECTIONS && world->periods > 1)
        back = 1 + (int)below(world, (uint32_t)world->periods - 1);
    return period_add(frequency, world->current[*ret_measure], -back);
}

void world_updates(struct world *world, struct item *items, char (*codes)[CODE_SIZE], size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct item *item = &items[i];
        uint16_t measure;
        uint32_t org;
        ov_day period = pick(world, &org, &measure);

        if (!takes(world, org, measure)) {
            i--;
            continue;
        }
        memcpy(codes[i], registry_at(world->registry, org)->code, CODE_SIZE);
        *item = (struct item){.kind = ITEM_FIGURE, .seq = ++world->seq, .org = text_of(codes[i])};
        item->figure.measure = text_of(world->framework->measures[measure].id);
        item->figure.period = period;
        item->figure.value = value_of(world, org, measure);
    }
}
