/* Looking ahead in rankings that are larger than the caches. */
#include "daemon/engine/ranking_grid.h"

#define LINE 64

static void fetch(const void *memory, size_t bytes) {
    for (size_t at = 0; at < bytes; at += LINE)
        __builtin_prefetch((const char *)memory + at, 1);
}

static bool arrive(struct ranking_cursor *cursor, const void *node) {
    bool leaf = cursor->level == cursor->ranking->height;

    cursor->node = node;
    fetch(node, leaf ? leaf_size(LEAF_MAX) : sizeof(struct inner));
    return !leaf;
}

/* Few keys are near a cut: those have a stretch to be followed. */
static struct ranking *ahead_in_grid(const struct grid *grid, double key) {
    uint32_t cell = grid_cell(grid, key);

    if (cell == CELL_NONE)
        return NULL;
    __builtin_prefetch(&grid->counts[0][cell], 1);
    __builtin_prefetch(&grid->counts[1][cell / GRID_GROUP], 1);
    for (size_t i = 0; i < GRID_STRETCHES; i++)
        if (grid->stretches[i].first <= cell && cell < grid->stretches[i].end)
            return (struct ranking *)&grid->stretches[i].tree;
    return NULL;
}

bool ranking_ahead_start(struct ranking_cursor *cursor, struct ranking *ranking, double key) {
    if (ranking->grid && !(ranking = ahead_in_grid(ranking->grid, key)))
        return false;
    *cursor = (struct ranking_cursor){.ranking = ranking, .key = key};
    return ranking->height && arrive(cursor, ranking->root.inner);
}

bool ranking_ahead_step(struct ranking_cursor *cursor) {
    const struct inner *inner = cursor->node;
    uint32_t child = inner_search(cursor->ranking, inner, (struct place){cursor->key + 0.0, 0});

    cursor->level++;
    return arrive(cursor, cursor->level == cursor->ranking->height ? (const void *)inner->children[child].leaf
                                                                   : inner->children[child].inner);
}
