/*
 * Tree or grid: which form a ranking takes. Both hold the same entries and
 * answer alike. A ranking becomes a grid when its keys have few decimals and
 * span no more cells than there are entries; it is looked whether they do only
 * once in as many changes. It becomes a tree when a key comes that no such grid
 * has, or when hardly anything is left; the way back then takes as many changes
 * again. So changing the form costs O(1) steps for each change.
 */
#include <math.h>
#include <stdlib.h>

#include "daemon/engine/mem.h"
#include "daemon/engine/ranking_grid.h"

#define CELLS_MOST 2  /* a grid grows to so many cells for each entry, without the room around */
#define CELLS_EMPTY 8 /* and is given up with so many for each */

static int64_t span_of(const struct extent *extent) {
    return extent->most - extent->least + 1;
}

static bool becomes_grid(const struct extent *extent) {
    return extent->count >= GRID_MIN && extent->steps > 0 && span_of(extent) <= extent->count;
}

static struct leaf *first_leaf(const struct ranking *ranking) {
    union node node = ranking->root;

    for (uint32_t level = 0; level < ranking->height; level++)
        node = node.inner->children[0];
    return node.leaf;
}

static bool grid_of_tree(struct ranking *ranking) {
    struct extent extent = EXTENT_NONE;
    uint32_t count = ranking->count;

    for (const struct leaf *leaf = first_leaf(ranking); leaf && extent.steps > 0; leaf = leaf->next)
        for (uint32_t i = 0; i < leaf->count && extent_add(&extent, leaf->keys[i]); i++)
            ranking->work.told++;
    if (!becomes_grid(&extent))
        return false;
    ranking->grid = grid_create(&extent);
    for (const struct leaf *leaf = first_leaf(ranking); leaf; leaf = leaf->next)
        for (uint32_t i = 0; i < leaf->count; i++)
            grid_count(ranking->grid, grid_cell(ranking->grid, leaf->keys[i]), 1);
    tree_free(ranking);
    ranking->count = count;
    return true;
}

static void tree_of_grid(struct ranking *ranking) {
    uint32_t count;
    struct ranking_entry *entries = near_gather(ranking, -HUGE_VAL, HUGE_VAL, &count);

    grid_destroy(ranking->grid);
    ranking->grid = NULL;
    ranking->count = ranking->tried = 0;
    if (!ranking_build(ranking, entries, count))
        abort();
    free(entries);
}

/* A grid with a cell for the key as well; false = there is none small enough. */
static bool grid_grow(struct ranking *ranking, double key) {
    struct grid *old = ranking->grid, *grown;
    struct extent extent = grid_extent(old);

    if (!extent_add(&extent, key) || span_of(&extent) > (int64_t)CELLS_MOST * ranking->count)
        return false;
    grown = grid_create(&extent);
    for (uint32_t cell = 0; cell < old->cells; cell++)
        if (old->counts[0][cell])
            grid_count(grown, grid_cell(grown, grid_key(old, cell)), old->counts[0][cell]);
    ranking->work.told += old->cells;
    grid_destroy(old);
    ranking->grid = grown;
    return true;
}

bool form_take(struct ranking *ranking, double key) {
    if (!ranking->grid) {
        if (ranking->tried++ <= ranking->count)
            return false;
        ranking->tried = 0;
        if (!grid_of_tree(ranking))
            return false;
    }
    if (grid_cell(ranking->grid, key) != CELL_NONE || grid_grow(ranking, key))
        return true;
    tree_of_grid(ranking);
    return false;
}

void form_leave(struct ranking *ranking) {
    if (ranking->grid->cells / CELLS_EMPTY >= ranking->count)
        tree_of_grid(ranking);
}

/* ---- All at once ---------------------------------------------------------------------- */

static void add_to_extent(void *context, struct ranking_entry entry) {
    extent_add(context, entry.key);
}

static void add_to_count(void *context, struct ranking_entry entry) {
    struct ranking *ranking = context;

    grid_count(ranking->grid, grid_cell(ranking->grid, entry.key), 1);
    ranking->count++;
}

bool ranking_gather(struct ranking *ranking) {
    struct extent extent = EXTENT_NONE;
    struct ranking_entry *entries;
    uint32_t count;
    bool done;

    ranking->source(ranking->context, -HUGE_VAL, HUGE_VAL, add_to_extent, &extent);
    if (becomes_grid(&extent)) {
        ranking->grid = grid_create(&extent);
        ranking->source(ranking->context, -HUGE_VAL, HUGE_VAL, add_to_count, ranking);
        return true;
    }
    entries = near_gather(ranking, -HUGE_VAL, HUGE_VAL, &count);
    done = ranking_build(ranking, entries, count);
    free(entries);
    return done;
}
