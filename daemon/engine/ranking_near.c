/* Who is near the cuts of a grid. */
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"
#include "daemon/engine/ranking_grid.h"

static bool is_in(const struct stretch *stretch, uint32_t cell) {
    return stretch->first <= cell && cell < stretch->end;
}

static void forget(struct stretch *stretch) {
    struct ranking_work work = stretch->tree.work;

    tree_free(&stretch->tree);
    *stretch = (struct stretch){.tree.work = work};
}

void near_forget(struct grid *grid) {
    for (size_t i = 0; i < GRID_STRETCHES; i++)
        forget(&grid->stretches[i]);
}

size_t near_memory(const struct grid *grid) {
    size_t bytes = 0;

    for (size_t i = 0; i < GRID_STRETCHES; i++)
        bytes += grid->stretches[i].tree.bytes;
    return bytes;
}

/* What a stretch has done is done by its ranking. */
static void take_work(struct ranking *ranking, struct stretch *stretch) {
    ranking->work.comparisons += stretch->tree.work.comparisons;
    ranking->work.nodes += stretch->tree.work.nodes;
    stretch->tree.work = (struct ranking_work){0, 0, 0};
}

bool near_move(struct ranking *ranking, uint32_t from, uint32_t to, uint32_t member) {
    struct grid *grid = ranking->grid;

    for (size_t i = 0; i < GRID_STRETCHES; i++)
        if (is_in(&grid->stretches[i], from) && !ranking_remove(&grid->stretches[i].tree, grid_key(grid, from), member))
            return false;
    for (size_t i = 0; i < GRID_STRETCHES; i++) {
        struct stretch *stretch = &grid->stretches[i];

        /* Out of memory: it can be gathered again. */
        if (is_in(stretch, to) && !ranking_insert(&stretch->tree, grid_key(grid, to), member))
            forget(stretch);
        take_work(ranking, stretch);
    }
    return true;
}

/* ---- Gathering ------------------------------------------------------------------------ */

struct gathering {
    struct ranking_entry *entries;
    size_t count, capacity;
};

static void gather_entry(void *context, struct ranking_entry entry) {
    struct gathering *gathering = context;

    MEM_GROW(gathering->entries, gathering->count, gathering->capacity);
    gathering->entries[gathering->count++] = (struct ranking_entry){entry.key + 0.0, entry.member};
}

struct ranking_entry *near_gather(struct ranking *ranking, double low, double high, uint32_t *ret_count) {
    struct gathering gathering = {NULL, 0, 0};

    ranking->source(ranking->context, low, high, gather_entry, &gathering);
    ranking->work.told += ranking->count;
    *ret_count = (uint32_t)gathering.count;
    return gathering.entries;
}

static uint32_t distance(const struct stretch *stretch, uint32_t first, uint32_t end) {
    if (stretch->first >= stretch->end)
        return 0; /* holds nothing */
    if (end <= stretch->first)
        return 1 + stretch->first - end;
    return first >= stretch->end ? 1 + first - stretch->end : 1;
}

/* The stretch that holds the cells; NULL = none. */
static struct stretch *find(struct grid *grid, uint32_t first, uint32_t end) {
    for (size_t i = 0; i < GRID_STRETCHES; i++)
        if (grid->stretches[i].first <= first && end <= grid->stretches[i].end)
            return &grid->stretches[i];
    return NULL;
}

/* The nearest stretch, which the cut has left, becomes one around the cells; before and behind: entries there. */
static struct stretch *make(struct ranking *ranking, uint32_t first, uint32_t end, uint32_t before, uint32_t behind) {
    struct grid *grid = ranking->grid;
    struct stretch *nearest = &grid->stretches[0];
    uint32_t margin = ranking->count / GRID_MARGIN + 1, left, count;
    struct ranking_entry *entries;

    for (size_t i = 1; i < GRID_STRETCHES; i++)
        if (distance(&grid->stretches[i], first, end) < distance(nearest, first, end))
            nearest = &grid->stretches[i];
    first = before < margin ? 0 : grid_select(ranking, before - margin, &left);
    end = behind < margin ? grid->cells : 1 + grid_select(ranking, ranking->count - 1 - (behind - margin), &left);
    forget(nearest);
    entries = near_gather(ranking, grid_key(grid, first), grid_key(grid, end), &count);
    if (!ranking_build(&nearest->tree, entries, count))
        abort();
    nearest->first = first;
    nearest->end = end;
    free(entries);
    return nearest;
}

static void visit_all(struct ranking *ranking, double low, double high, ranking_visit visit, void *context) {
    uint32_t count;
    struct ranking_entry *entries = near_gather(ranking, low, high, &count);

    entries_sort(entries, count);
    for (uint32_t i = 0; i < count; i++)
        visit(context, entries[i]);
    free(entries);
}

void near_between(struct ranking *ranking, double low, double high, ranking_visit visit, void *context) {
    struct grid *grid = ranking->grid;
    uint32_t first = grid_from(grid, low), end = grid_from(grid, high), before, until;
    struct stretch *stretch = find(grid, first, end);

    if (!stretch) {
        before = grid_before(ranking, first);
        until = grid_before(ranking, end);
        if (before >= until)
            return;
        if (until - before > ranking->count / 2) { /* no cut moves so far again and again */
            visit_all(ranking, low, high, visit, context);
            return;
        }
        stretch = make(ranking, first, end, before, ranking->count - until);
    }
    ranking_between(&stretch->tree, low, high, UINT32_MAX, visit, context);
    take_work(ranking, stretch);
}
