/* Rankings at rest: which are kept, and how one is built again from its column. */
#include <math.h>
#include <stdlib.h>

#include "daemon/engine/figures.h"
#include "daemon/engine/mem.h"

#define NEWEST_KEPT 2 /* effective periods that keep their rankings, and all after them */

/* The column is the source of its rankings. */
static void tell(const void *context, double low, double high, ranking_visit visit, void *visited) {
    const struct table *table = context;
    const struct column *column = table->column;
    const struct figures *figures = table->figures;
    size_t set = (size_t)(table - column->tables);
    uint32_t orgs = registry_count(figures->registry);

    for (uint32_t org = 0; org < orgs; org++) {
        double key = measure_key(figures->measure, column->values[org]);

        if (key >= low && key < high && figures_peer_set(figures, org) == set && figures_speaks(figures, column, org))
            visit(visited, (struct ranking_entry){key, org});
    }
}

struct ranking *figures_ranking(const struct table *table) {
    struct ranking *ranking = ranking_create();

    if (!ranking)
        abort();
    ranking_set_source(ranking, tell, table);
    return ranking;
}

static void wake(struct table *table) {
    table->ranking = figures_ranking(table);
    if (!ranking_gather(table->ranking) || ranking_count(table->ranking) != table->count)
        abort(); /* the column and what is counted of it always agree */
}

const struct table *figures_table(const struct figures *figures, const struct column *column, uint8_t set) {
    struct table *table = &column->tables[set];

    if (!table->count)
        return NULL;
    table->used = figures->changes;
    if (!table->ranking) {
        /* Whoever asks has the figures to read: what wakes here is no part of what they say. */
        figures_rest((struct figures *)figures);
        wake(table);
    }
    return table;
}

static void put_to_rest(struct figures *figures, struct table *table) {
    struct ranking_work work = ranking_work_done(table->ranking);

    figures->rested.comparisons += work.comparisons;
    figures->rested.nodes += work.nodes;
    figures->rested.told += work.told;
    ranking_destroy(table->ranking);
    table->ranking = NULL;
}

/* Periods from here on keep their rankings. */
static ov_day kept_from(const struct figures *figures, size_t set) {
    const struct walk *walk = &figures->walks[set];

    return walk->count < NEWEST_KEPT ? OV_DAY_NONE : walk->effective[walk->count - NEWEST_KEPT]->period;
}

static bool is_idle(const struct figures *figures, const struct table *table) {
    return table->ranking && !table->touched && figures->changes - table->used > REST_AFTER * table->count;
}

void figures_rest(struct figures *figures) {
    for (size_t set = 0; set < figures->measure->peer_set_count; set++) {
        ov_day from = kept_from(figures, set);

        for (size_t i = 0; i < figures->count && figures->columns[i]->period < from; i++)
            if (is_idle(figures, &figures->columns[i]->tables[set]))
                put_to_rest(figures, &figures->columns[i]->tables[set]);
    }
}

void figures_settle(struct figures *figures) {
    for (size_t set = 0; set < figures->measure->peer_set_count; set++) {
        figures_walk(figures, (uint8_t)set, OV_DAY_NONE);

        ov_day from = kept_from(figures, set);

        for (size_t i = 0; i < figures->count; i++) {
            struct table *table = &figures->columns[i]->tables[set];
            bool rested = !table->ranking;

            table->bands = figures_table(figures, figures->columns[i], (uint8_t)set)
                               ? bands_of(table->ranking, figures->framework->minimum_peers)
                               : bands_none();
            if (rested && table->ranking && figures->columns[i]->period < from)
                put_to_rest(figures, table);
        }
    }
}
