#include "daemon/engine/ahead.h"

#include <math.h>

#include "daemon/engine/engine_state.h"
#include "daemon/engine/ledger.h"

#define ORGANISATIONS_MIN 2000 /* fewer fit the caches anyway */

struct target {
    const struct figures *figures;
    const struct column *column;
    uint32_t org;
    double value;
};

/* Where the figure of an item will go in a framework; false = nowhere yet. */
static bool aim(const struct assessment *assessment, const struct item *item, struct target *ret_target) {
    uint16_t measure = item->kind == ITEM_FIGURE ? engine_measure(assessment, item->figure.measure) : INDEX_NONE;

    if (measure == INDEX_NONE || item->figure.value.type != VALUE_NUMBER)
        return false;
    ret_target->org = registry_find(assessment->registry, item->org);
    ret_target->figures = assessment->figures[measure];
    ret_target->column = figures_column(ret_target->figures, item->figure.period);
    ret_target->value = item->figure.value.number;
    return ret_target->org != ORG_NONE && ret_target->column;
}

static void fetch_records(const struct turn *turn, const struct target *target) {
    __builtin_prefetch(&target->column->values[target->org], 1);
    __builtin_prefetch(&turn->assessment->types[target->org]);
    __builtin_prefetch(&turn->reasons[target->org], 1);
    __builtin_prefetch(&turn->first_touch[target->org], 1);
    if (turn->assessment->ledger)
        ledger_prefetch(turn->assessment->ledger, target->org);
}

/* The places that the figure leaves and takes; returns how many cursors were started. */
static size_t start_cursors(const struct target *target, struct ranking_cursor *cursors) {
    uint8_t set = figures_peer_set(target->figures, target->org);
    struct ranking *ranking = set == PEER_SET_NONE ? NULL : target->column->tables[set].ranking;
    double old = target->column->values[target->org];
    size_t count = 0;

    if (!ranking)
        return 0;
    count += ranking_ahead_start(&cursors[count], ranking, measure_key(target->figures->measure, target->value));
    if (!isnan(old))
        count += ranking_ahead_start(&cursors[count], ranking, measure_key(target->figures->measure, old));
    return count;
}

/* All a step, until all have arrived. */
static void follow(struct ranking_cursor *cursors, size_t count) {
    while (count) {
        size_t left = 0;

        for (size_t i = 0; i < count; i++)
            if (ranking_ahead_step(&cursors[i]))
                cursors[left++] = cursors[i];
        count = left;
    }
}

static void ahead_in(const struct turn *turn, const struct item *items, size_t count) {
    struct target targets[AHEAD_ITEMS];
    struct ranking_cursor cursors[2 * AHEAD_ITEMS];
    size_t target_count = 0, cursor_count = 0;

    for (size_t i = 0; i < count; i++)
        if (aim(turn->assessment, &items[i], &targets[target_count])) {
            fetch_records(turn, &targets[target_count]);
            target_count++;
        }
    for (size_t i = 0; i < target_count; i++)
        cursor_count += start_cursors(&targets[i], cursors + cursor_count);
    follow(cursors, cursor_count);
}

void ahead(const struct engine *engine, const struct item *items, size_t count) {
    if (count < 2 || registry_count(engine->registry) < ORGANISATIONS_MIN)
        return;
    for (size_t i = 0; i < count; i++)
        registry_prefetch(engine->registry, items[i].org);
    for (size_t f = 0; f < engine->framework_count; f++)
        ahead_in(&engine->turns[f], items, count);
}
