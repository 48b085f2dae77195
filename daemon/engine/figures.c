#include "daemon/engine/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"

struct figures *figures_create(const struct measure *measure, const struct framework *framework,
                               const struct registry *registry, const uint8_t *types, const uint32_t *closing,
                               size_t closing_count) {
    struct figures *figures = mem_alloc(1, sizeof *figures);

    figures->measure = measure;
    figures->framework = framework;
    figures->registry = registry;
    figures->bounds = registry_bounds(registry);
    figures->types = types;
    figures->closing = closing;
    figures->closing_count = closing_count;
    figures->walks = mem_alloc(measure->peer_set_count, sizeof *figures->walks);
    return figures;
}

static void column_destroy(struct column *column, size_t sets) {
    for (size_t i = 0; i < sets; i++)
        ranking_destroy(column->tables[i].ranking);
    free(column->tables);
    free(column->revisions);
    free(column->values);
    free(column);
}

void figures_destroy(struct figures *figures) {
    if (!figures)
        return;
    for (size_t i = 0; i < figures->count; i++)
        column_destroy(figures->columns[i], figures->measure->peer_set_count);
    for (size_t i = 0; i < figures->measure->peer_set_count; i++)
        free(figures->walks[i].effective);
    free(figures->columns);
    free(figures->walks);
    free(figures);
}

static struct column *column_create(const struct figures *figures, ov_day period) {
    struct column *column = mem_alloc(1, sizeof *column);
    uint32_t orgs = registry_count(figures->registry);
    size_t sets = figures->measure->peer_set_count;

    column->period = period;
    column->values = mem_alloc(orgs, sizeof *column->values);
    for (uint32_t i = 0; i < orgs; i++)
        column->values[i] = NAN;
    column->tables = mem_alloc(sets, sizeof *column->tables);
    for (size_t i = 0; i < sets; i++) {
        column->tables[i].figures = figures;
        column->tables[i].column = column;
        column->tables[i].ordinal = -1;
        column->tables[i].bands = bands_none();
    }
    return column;
}

/* Position of the first column whose period is not before the given one. */
static size_t column_position(const struct figures *figures, ov_day period) {
    size_t low = 0, high = figures->count;

    if (high && figures->columns[high - 1]->period < period)
        return high; /* the usual case: a new period */
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (figures->columns[middle]->period < period)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct column *figures_column(const struct figures *figures, ov_day period) {
    size_t at;

    if (figures->recent && figures->recent->period == period)
        return figures->recent;
    at = column_position(figures, period);
    return at < figures->count && figures->columns[at]->period == period ? figures->columns[at] : NULL;
}

/* NULL: there are too many. */
static struct column *column_add(struct figures *figures, ov_day period) {
    size_t at = column_position(figures, period);

    if (figures->count >= PERIODS_MAX)
        return NULL;
    MEM_GROW(figures->columns, figures->count, figures->capacity);
    memmove(figures->columns + at + 1, figures->columns + at, (figures->count - at) * sizeof(struct column *));
    figures->columns[at] = column_create(figures, period);
    figures->count++;
    return figures->columns[at];
}

uint32_t column_revision(const struct column *column, uint32_t org) {
    return column->revisions ? column->revisions[org] : 0;
}

double measure_value(const struct measure *measure, double key) {
    double value = measure->direction == DIRECTION_LOWER ? -key : key;

    return value == 0 ? 0 : value; /* no negative zero towards people */
}

/* Ranks the organisation's new figure in place of its old one. */
static bool table_replace(struct figures *figures, struct column *column, uint8_t set, uint32_t org, double old,
                          double new) {
    struct table *table = &column->tables[set];
    double from = measure_key(figures->measure, old), to = measure_key(figures->measure, new);
    bool done;

    if (!registry_counts(figures->registry, org, column->period))
        return false;
    if (!figures_table(figures, column, set) && !table->ranking)
        table->ranking = figures_ranking(table);
    if (isnan(old))
        done = ranking_insert(table->ranking, to, org);
    else if (isnan(new))
        done = ranking_remove(table->ranking, from, org);
    else
        done = ranking_move(table->ranking, from, to, org);
    if (!done)
        abort(); /* the column and its ranking always agree */
    table->count = ranking_count(table->ranking);
    table->used = ++figures->changes;
    table->resized |= isnan(old) || isnan(new);
    return true;
}

/* Keeps the revision; false: a higher one stands. */
static bool take_revision(const struct figures *figures, struct column *column, uint32_t org, uint32_t revision) {
    if (!column->revisions) {
        if (!revision)
            return true;
        column->revisions = mem_alloc(registry_count(figures->registry), sizeof *column->revisions);
    }
    if (revision < column->revisions[org])
        return false;
    column->revisions[org] = revision;
    return true;
}

static bool is_newest(const struct figures *figures, uint32_t org, ov_day period) {
    const struct column *newest;

    if (figures->columns[figures->count - 1]->period <= period)
        return true;
    newest = figures_newest(figures, org, UNTIL_NOW);
    return !newest || newest->period <= period;
}

/* The column that a figure goes into, with its revision kept. NULL with
 * FIGURE_ACCEPTED: it withdraws what never was, and takes up no period. */
static enum figure_result take_column(struct figures *figures, uint32_t org, ov_day period, double value,
                                      uint32_t revision, struct column **ret_column) {
    struct column *column = figures_column(figures, period);

    *ret_column = NULL;
    if (!column && isnan(value) && !revision)
        return FIGURE_ACCEPTED;
    if (!column && !(column = column_add(figures, period)))
        return FIGURE_TOO_MANY_PERIODS;
    *ret_column = figures->recent = column;
    return take_revision(figures, column, org, revision) ? FIGURE_ACCEPTED : FIGURE_SUPERSEDED;
}

static void put_value(struct column *column, uint32_t org, double value) {
    column->present += isnan(value) ? 0 : 1;
    column->present -= isnan(column->values[org]) ? 0 : 1;
    column->values[org] = value;
}

enum figure_result figures_set(struct figures *figures, uint32_t org, ov_day period, double value, uint32_t revision,
                               struct figure_effect *ret_effect) {
    struct figure_effect effect = {.set = figures_peer_set(figures, org)};
    enum figure_result result = take_column(figures, org, period, value, revision, &effect.column);
    double old = NAN;

    if (result != FIGURE_ACCEPTED)
        return result;
    if (effect.column) {
        old = effect.column->values[org];
        effect.changed = isnan(old) ? !isnan(value) : isnan(value) || old < value || old > value;
    }
    if (effect.changed) {
        effect.correction = !isnan(old) || !is_newest(figures, org, period);
        if (effect.set != PEER_SET_NONE) /* first: a ranking that wakes does so with what was there */
            effect.reranked = table_replace(figures, effect.column, effect.set, org, old, value);
        put_value(effect.column, org, value);
        figures->emptied |= !effect.column->present;
    }
    *ret_effect = effect;
    return FIGURE_ACCEPTED;
}

static bool is_forgotten(const struct figures *figures, const struct column *column) {
    for (size_t set = 0; set < figures->measure->peer_set_count; set++)
        if (column->tables[set].ordinal >= 0)
            return false;
    return !column->present && !column->revisions;
}

void figures_forget(struct figures *figures) {
    size_t kept = 0;

    for (size_t i = 0; i < figures->count; i++)
        if (is_forgotten(figures, figures->columns[i]))
            column_destroy(figures->columns[i], figures->measure->peer_set_count);
        else
            figures->columns[kept++] = figures->columns[i];
    figures->count = kept;
    figures->recent = NULL;
    figures->emptied = false;
}

enum figure_result figures_load(struct figures *figures, uint32_t org, ov_day period, double value, uint32_t revision) {
    uint8_t set = figures_peer_set(figures, org);
    struct figure_effect effect;
    struct column *column;
    enum figure_result result;

    column = figures_column(figures, period);
    if (column && set != PEER_SET_NONE && column->tables[set].ranking)
        return figures_set(figures, org, period, value, revision, &effect);
    result = take_column(figures, org, period, value, revision, &column);
    if (result != FIGURE_ACCEPTED || !column)
        return result;
    if (set != PEER_SET_NONE && registry_counts(figures->registry, org, period)) {
        column->tables[set].count += isnan(value) ? 0 : 1;
        column->tables[set].count -= isnan(column->values[org]) ? 0 : 1;
    }
    put_value(column, org, value);
    return FIGURE_ACCEPTED;
}

struct column *figures_newest(const struct figures *figures, uint32_t org, ov_day until) {
    for (size_t i = figures->count; i-- > 0;)
        if (figures->columns[i]->period < until && figures_speaks(figures, figures->columns[i], org))
            return figures->columns[i];
    return NULL;
}

struct column *figures_newest_effective(const struct figures *figures, uint32_t org, ov_day until, int *ret_age) {
    uint8_t set = figures_peer_set(figures, org);
    const struct walk *walk;
    int age = 0;

    if (set == PEER_SET_NONE)
        return NULL;
    walk = &figures->walks[set];
    for (size_t i = walk->count; i-- > 0;) {
        struct column *column = walk->effective[i];

        if (column->period >= until)
            continue;
        if (figures_speaks(figures, column, org)) {
            *ret_age = age;
            return column;
        }
        age++;
    }
    return NULL;
}

size_t figures_series(const struct figures *figures, uint32_t org, ov_day until, ov_day *periods, double *values) {
    size_t count = 0;

    for (size_t i = 0; i < figures->count && figures->columns[i]->period < until; i++) {
        if (!figures_speaks(figures, figures->columns[i], org))
            continue;
        if (periods)
            periods[count] = figures->columns[i]->period;
        values[count++] = figures->columns[i]->values[org];
    }
    return count;
}
