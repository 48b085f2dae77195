/* A ranking held against its source. */
#include <math.h>
#include <stdlib.h>

#include "daemon/engine/ranking_grid.h"

struct check {
    const struct ranking_entry *entries; /* what should be there, in order */
    uint32_t count, at;
    bool agrees;
};

static void check_entry(void *context, struct ranking_entry entry) {
    struct check *check = context;
    const struct ranking_entry *expected = check->entries + check->at;

    check->agrees = check->agrees && check->at < check->count && expected->key >= entry.key &&
                    expected->key <= entry.key && expected->member == entry.member;
    check->at++;
}

/* A tree holds the entries of its source with low <= key < high. */
static bool tree_agrees(struct ranking *ranking, const struct ranking *tree, double low, double high) {
    struct check check = {.agrees = true};
    struct ranking_entry *entries = near_gather(ranking, low, high, &check.count);

    entries_sort(entries, check.count);
    check.entries = entries;
    ranking_between(tree, -HUGE_VAL, HUGE_VAL, 0, check_entry, &check);
    free(entries);
    return check.agrees && check.at == check.count && ranking_count(tree) == check.count;
}

/* Every cell has its count, and every group the sum of its own. */
static bool counts_agree(struct ranking *ranking) {
    const struct grid *grid = ranking->grid;
    uint32_t count, at = 0, cells = grid->cells;
    struct ranking_entry *entries = near_gather(ranking, -HUGE_VAL, HUGE_VAL, &count);
    bool agree = count == ranking->count;

    entries_sort(entries, count);
    for (uint32_t cell = 0; cell < cells; cell++) {
        uint32_t first = at;

        while (at < count && grid_cell(grid, entries[at].key) == cell)
            at++;
        agree = agree && grid->counts[0][cell] == at - first;
    }
    free(entries);
    for (uint32_t level = 1; level < grid->levels; level++) {
        uint32_t below = cells;

        cells = (cells + GRID_GROUP - 1) / GRID_GROUP;
        for (uint32_t i = 0; i < cells; i++) {
            uint32_t sum = 0;

            for (uint32_t j = i * GRID_GROUP; j < (i + 1) * GRID_GROUP && j < below; j++)
                sum += grid->counts[level - 1][j];
            agree = agree && grid->counts[level][i] == sum;
        }
    }
    return agree && at == count;
}

bool ranking_agrees(const struct ranking *ranking) {
    struct ranking *checked = (struct ranking *)ranking; /* its work is counted */

    if (!ranking->source)
        return true;
    if (!ranking->grid)
        return tree_agrees(checked, ranking, -HUGE_VAL, HUGE_VAL);
    for (size_t i = 0; i < GRID_STRETCHES; i++) {
        const struct stretch *stretch = &ranking->grid->stretches[i];

        if (stretch->first < stretch->end &&
            !tree_agrees(checked, &stretch->tree, grid_key(ranking->grid, stretch->first),
                         grid_key(ranking->grid, stretch->end)))
            return false;
    }
    return counts_agree(checked);
}
