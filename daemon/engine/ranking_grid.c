/* Counts of a grid: cells, groups of cells, groups of those. */
#include "daemon/engine/ranking_grid.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"

#define STEP_MAX 1e15 /* steps are whole numbers that a double holds exactly */
#define LINE 64
#define ROOM 256 /* cells for numbers to come, at least */

/* ---- Keys and steps ---------------------------------------------------------------- */

/* The step at a key, if there is one: what is written with so many decimals is
 * the double nearest to a whole number over a power of ten, and so is the quotient. */
static bool step_at(double key, double steps, int64_t *ret_step) {
    double scaled = key * steps, exact;

    if (!(scaled > -STEP_MAX && scaled < STEP_MAX))
        return false;
    *ret_step = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
    exact = (double)*ret_step / steps;
    return exact >= key && exact <= key;
}

/* What lies on a grid lies on every finer one, while that has numbers for it. */
static bool refine(struct extent *extent, int64_t times) {
    if ((double)extent->least * (double)times <= -STEP_MAX || (double)extent->most * (double)times >= STEP_MAX) {
        extent->steps = 0;
        return false;
    }
    extent->least *= times;
    extent->most *= times;
    return true;
}

bool extent_add(struct extent *extent, double key) {
    int64_t step, before = (int64_t)extent->steps;

    if (!before)
        return false;
    while (!step_at(key, extent->steps, &step))
        if ((extent->steps *= 10) > GRID_DECIMALS) {
            extent->steps = 0;
            return false;
        }
    if (extent->count && before != (int64_t)extent->steps && !refine(extent, (int64_t)extent->steps / before))
        return false;
    extent->least = step < extent->least ? step : extent->least;
    extent->most = step > extent->most ? step : extent->most;
    extent->count++;
    return true;
}

uint32_t grid_cell(const struct grid *grid, double key) {
    int64_t step;

    if (!step_at(key, grid->steps, &step) || step < grid->base || step - grid->base >= grid->cells)
        return CELL_NONE;
    return (uint32_t)(step - grid->base);
}

double grid_key(const struct grid *grid, uint32_t cell) {
    return (double)(grid->base + cell) / grid->steps;
}

uint32_t grid_from(const struct grid *grid, double key) {
    uint32_t cell;

    if (key <= grid_key(grid, 0))
        return 0;
    if (key > grid_key(grid, grid->cells - 1))
        return grid->cells;
    cell = (uint32_t)((int64_t)(key * grid->steps) - grid->base); /* right, or one beside */
    while (cell > 0 && grid_key(grid, cell - 1) >= key)
        cell--;
    while (grid_key(grid, cell) < key)
        cell++;
    return cell;
}

/* ---- Making ------------------------------------------------------------------------- */

static size_t padded(size_t count) {
    return (count + GRID_GROUP - 1) / GRID_GROUP * GRID_GROUP;
}

struct grid *grid_create(const struct extent *extent) {
    struct grid *grid = mem_alloc(1, sizeof *grid);
    int64_t span = extent->most - extent->least + 1, room = span / 2 > ROOM ? span / 2 : ROOM;
    size_t count, total = 0;
    char *block;

    grid->steps = extent->steps;
    grid->base = extent->least - room;
    grid->cells = (uint32_t)(span + 2 * room);
    count = grid->cells;
    do {
        total += padded(count);
        count = padded(count) / GRID_GROUP;
        grid->levels++;
    } while (count > 1);
    grid->bytes = total * sizeof(uint32_t);
    block = mem_alloc(1, grid->bytes + LINE);
    grid->block = block;
    block += LINE - (uintptr_t)block % LINE;
    count = grid->cells;
    for (uint32_t level = 0; level < grid->levels; level++) {
        grid->counts[level] = (uint32_t *)(void *)block;
        block += padded(count) * sizeof(uint32_t);
        count = padded(count) / GRID_GROUP;
    }
    return grid;
}

void grid_destroy(struct grid *grid) {
    if (!grid)
        return;
    near_forget(grid);
    free(grid->block);
    free(grid);
}

struct extent grid_extent(const struct grid *grid) {
    struct extent extent = {.steps = grid->steps};
    uint32_t first = 0, last = grid->cells;

    while (first < grid->cells && !grid->counts[0][first])
        first++;
    while (last > first && !grid->counts[0][last - 1])
        last--;
    if (first == last)
        return EXTENT_NONE;
    extent.least = grid->base + first;
    extent.most = grid->base + last - 1;
    extent.count = 1; /* one or more */
    return extent;
}

/* ---- Counting ----------------------------------------------------------------------- */

void grid_count(struct grid *grid, uint32_t cell, uint32_t more) {
    for (uint32_t level = 0; level < grid->levels; level++, cell /= GRID_GROUP)
        grid->counts[level][cell] += more;
}

uint32_t grid_select(struct ranking *ranking, uint32_t position, uint32_t *ret_left) {
    const struct grid *grid = ranking->grid;
    uint32_t cell = 0;

    for (uint32_t level = grid->levels; level-- > 0;) {
        const uint32_t *counts = grid->counts[level];

        for (cell *= GRID_GROUP; position >= counts[cell]; cell++) {
            position -= counts[cell];
            ranking->work.comparisons++;
        }
    }
    ranking->work.nodes += grid->levels;
    *ret_left = grid->counts[0][cell] - position;
    return cell;
}

uint32_t grid_next(struct ranking *ranking, uint32_t cell, uint32_t position) {
    const uint32_t *counts = ranking->grid->counts[0];
    uint32_t left;

    for (uint32_t next = cell + 1; next % GRID_GROUP; next++) { /* mostly one of the same group */
        ranking->work.comparisons++;
        if (counts[next])
            return next;
    }
    return grid_select(ranking, position, &left);
}

uint32_t grid_before(struct ranking *ranking, uint32_t cell) {
    const struct grid *grid = ranking->grid;
    uint32_t before = 0;

    for (uint32_t level = 0; level < grid->levels; level++, cell /= GRID_GROUP)
        for (uint32_t i = cell / GRID_GROUP * GRID_GROUP; i < cell; i++)
            before += grid->counts[level][i];
    ranking->work.nodes += grid->levels;
    return before;
}
