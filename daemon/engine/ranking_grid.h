/*
 * Private to the ranking: its other form, for large rankings whose keys are few
 * numbers of fixed decimals. Such a ranking counts how many have each number,
 * a cell each, and sums the counts in groups of groups; who they are its source
 * knows. An update then touches a few counters that fit the caches, where the
 * tree moves entries in two leaves that do not.
 *
 * Members are asked for only where a cut moves past them. So those near the cuts
 * are held, in stretches of cells with a small tree each: a stretch is gathered
 * from the source, in O(n), with so many entries on both sides of what was asked
 * for that the cut cannot leave it before as many updates, a fixed share of n.
 */
#ifndef OV_ENGINE_RANKING_GRID_H
#define OV_ENGINE_RANKING_GRID_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/engine/ranking_tree.h"

#define GRID_MIN 1024         /* entries below which the tree fits the caches anyway */
#define GRID_GROUP 16         /* counts of a group: a cache line */
#define GRID_LEVELS 9         /* 16^9 cells are more than 32 bits count */
#define GRID_STRETCHES 3      /* as many as there are cuts */
#define GRID_MARGIN 128       /* a stretch reaches this part of all entries to both sides */
#define GRID_DECIMALS 1000000 /* the finest grid */
#define CELL_NONE UINT32_MAX

/* Cells first <= cell < end, and who is in them. */
struct stretch {
    uint32_t first, end;
    struct ranking tree;
};

struct grid {
    int64_t base; /* key of cell 0, in steps */
    double steps; /* steps from one whole number to the next: a power of ten */
    uint32_t cells;
    uint32_t levels;
    uint32_t *counts[GRID_LEVELS]; /* by cell, by group of cells, by group of those, ... */
    void *block;                   /* holds the counts */
    size_t bytes;
    struct stretch stretches[GRID_STRETCHES];
};

/* ---- The form (ranking_form.c) ---------------------------------------------------- */

/* Before a change that brings a key to a ranking with a source that is a grid or
 * has GRID_MIN entries: brings the ranking into the form for it.
 * True: into a grid that has a cell for the key. */
bool form_take(struct ranking *ranking, double key);
/* Before an entry goes: a grid with hardly anything in it becomes a tree. */
void form_leave(struct ranking *ranking);

/* ---- Counts (ranking_grid.c) ------------------------------------------------------ */

/* Numbers that lie on one grid. */
struct extent {
    double steps; /* 0: they do not */
    int64_t least, most;
    uint32_t count;
};
#define EXTENT_NONE ((struct extent){.steps = 1, .least = INT64_MAX, .most = INT64_MIN})
/* False: with this key the numbers lie on no grid. */
bool extent_add(struct extent *extent, double key);

/* An empty grid over an extent, with room on both sides. */
struct grid *grid_create(const struct extent *extent);
void grid_destroy(struct grid *grid);
struct extent grid_extent(const struct grid *grid);

/* The cell of a key; CELL_NONE = it has none. */
uint32_t grid_cell(const struct grid *grid, double key);
double grid_key(const struct grid *grid, uint32_t cell);
/* The first cell whose key is not smaller; grid->cells = none. */
uint32_t grid_from(const struct grid *grid, double key);

void grid_count(struct grid *grid, uint32_t cell, uint32_t more);
/* The cell of the entry at a position from the worst. ret_left: entries of the cell from it on. */
uint32_t grid_select(struct ranking *ranking, uint32_t position, uint32_t *ret_left);
/* The same for a position whose entry is the first behind a cell. */
uint32_t grid_next(struct ranking *ranking, uint32_t cell, uint32_t position);
/* How many entries lie in the cells before this one. */
uint32_t grid_before(struct ranking *ranking, uint32_t cell);

/* ---- Members (ranking_near.c) ----------------------------------------------------- */

/* The member goes from one cell to another; CELL_NONE = none. False: it is not there. */
bool near_move(struct ranking *ranking, uint32_t from, uint32_t to, uint32_t member);
void near_forget(struct grid *grid);
size_t near_memory(const struct grid *grid);
/* Every entry that the source tells with low <= key < high, into an array to be freed. */
struct ranking_entry *near_gather(struct ranking *ranking, double low, double high, uint32_t *ret_count);
void near_between(struct ranking *ranking, double low, double high, ranking_visit visit, void *context);

/* ---- Bulk build (ranking_build.c) --------------------------------------------------- */

void entries_sort(struct ranking_entry *entries, uint32_t count);

#endif
