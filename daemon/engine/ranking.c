#include "daemon/engine/ranking.h"

#include <math.h>
#include <stdlib.h>

#include "daemon/engine/ranking_grid.h"

#define STEPS_NEAR 8 /* as much work as half a search */

/* Queries count their work too; every ranking comes from ranking_create(), so
 * none is really const. */
static struct ranking *counting(const struct ranking *ranking) {
    return (struct ranking *)ranking;
}

/* Adding zero makes -0.0 a plain 0.0. */
static double plain(double key) {
    return key + 0.0;
}

static struct place place_at(double key) {
    return (struct place){plain(key), 0};
}

static struct place place_behind(double key) {
    return (struct place){plain(key), (uint64_t)UINT32_MAX + 1};
}

struct ranking *ranking_create(void) {
    return calloc(1, sizeof(struct ranking));
}

void ranking_destroy(struct ranking *ranking) {
    if (!ranking)
        return;
    grid_destroy(ranking->grid);
    tree_free(ranking);
    free(ranking);
}

void ranking_set_source(struct ranking *ranking, ranking_source source, const void *context) {
    ranking->source = source;
    ranking->context = context;
}

/* Is it large enough for the form to matter? */
static bool takes_part(const struct ranking *ranking) {
    return ranking->source && (ranking->grid || ranking->count >= GRID_MIN);
}

/* ---- Changes -------------------------------------------------------------------------- */

/* Of a grid, between cells; CELL_NONE = none. */
static bool move_counted(struct ranking *ranking, uint32_t from, uint32_t to, uint32_t member) {
    struct grid *grid = ranking->grid;

    if ((from != CELL_NONE && !grid->counts[0][from]) || !near_move(ranking, from, to, member))
        return false;
    if (from != CELL_NONE)
        grid_count(grid, from, UINT32_MAX);
    if (to != CELL_NONE)
        grid_count(grid, to, 1);
    ranking->count += to != CELL_NONE;
    ranking->count -= from != CELL_NONE;
    ranking->work.nodes += grid->levels;
    return true;
}

static bool insert_in_tree(struct ranking *ranking, double key, uint32_t member) {
    struct path path;
    struct place place = {plain(key), (uint64_t)member + 1};
    struct leaf *leaf;
    uint32_t at;

    if (!(leaf = tree_make_room(ranking, place, &path)))
        return false;
    at = leaf_search(ranking, leaf, place);

    leaf_copy(leaf, at + 1, leaf, at, leaf->count - at);
    leaf->keys[at] = place.key;
    leaf_members(leaf)[at] = member;
    leaf->count++;
    for (uint32_t level = 0; level < ranking->height; level++)
        path.nodes[level]->totals[path.index[level]]++;
    ranking->count++;
    return true;
}

bool ranking_insert(struct ranking *ranking, double key, uint32_t member) {
    if (takes_part(ranking) && form_take(ranking, key))
        return move_counted(ranking, CELL_NONE, grid_cell(ranking->grid, key), member);
    return insert_in_tree(ranking, key, member);
}

/* The leaf in which the place lies, and the path to it. */
static struct leaf *find_leaf(struct ranking *ranking, struct place place, struct path *path) {
    union node node = ranking->root;

    for (uint32_t level = 0; level < ranking->height; level++) {
        path->nodes[level] = node.inner;
        path->index[level] = inner_search(ranking, node.inner, place);
        node = node.inner->children[path->index[level]];
    }
    return node.leaf;
}

/* The member's entry in the leaf, or UINT32_MAX. */
static uint32_t find_entry(struct ranking *ranking, struct leaf *leaf, double key, uint32_t member) {
    uint32_t at = leaf_search(ranking, leaf, (struct place){key, member});

    return at < leaf->count && leaf_members(leaf)[at] == member && leaf->keys[at] <= key ? at : UINT32_MAX;
}

static void take_out(struct ranking *ranking, struct leaf *leaf, uint32_t at, const struct path *path) {
    leaf_copy(leaf, at, leaf, at + 1, leaf->count - at - 1);
    leaf->count--;
    for (uint32_t level = 0; level < ranking->height; level++)
        path->nodes[level]->totals[path->index[level]]--;
    ranking->count--;
    tree_repair(ranking, path);
}

bool ranking_remove(struct ranking *ranking, double key, uint32_t member) {
    struct path path;
    struct leaf *leaf;
    uint32_t at;

    if (ranking->grid)
        form_leave(ranking);
    if (ranking->grid) {
        at = grid_cell(ranking->grid, key);
        return at != CELL_NONE && move_counted(ranking, at, CELL_NONE, member);
    }
    if (ranking->count == 0)
        return false;
    leaf = find_leaf(ranking, (struct place){plain(key), (uint64_t)member + 1}, &path);
    at = find_entry(ranking, leaf, plain(key), member);
    if (at == UINT32_MAX)
        return false;
    take_out(ranking, leaf, at, &path);
    return true;
}

/* Does the place lie in this leaf without doubt: behind an entry of it and
 * before another? */
static bool inside(const struct ranking *ranking, const struct leaf *leaf, double key) {
    return ranking->height == 0 || (leaf->keys[0] < key && key < leaf->keys[leaf->count - 1]);
}

bool ranking_move(struct ranking *ranking, double from, double to, uint32_t member) {
    struct path path;
    struct leaf *leaf;
    uint32_t at, behind;

    if (takes_part(ranking) && form_take(ranking, to)) {
        at = grid_cell(ranking->grid, from);
        return at != CELL_NONE && move_counted(ranking, at, grid_cell(ranking->grid, to), member);
    }
    if (ranking->count == 0)
        return false;
    leaf = find_leaf(ranking, (struct place){plain(from), (uint64_t)member + 1}, &path);
    at = find_entry(ranking, leaf, plain(from), member);
    if (at == UINT32_MAX)
        return false;
    /* An entry that bounds the leaf stays where it is, so that the bounds hold.
     * The form stays, too: the source tells of the member where it was. */
    if (!inside(ranking, leaf, plain(to)) || (ranking->height && (at == 0 || at + 1 == leaf->count))) {
        take_out(ranking, leaf, at, &path);
        return insert_in_tree(ranking, to, member);
    }
    behind = leaf_search(ranking, leaf, (struct place){plain(to), member});
    if (behind > at)
        leaf_copy(leaf, at, leaf, at + 1, --behind - at);
    else
        leaf_copy(leaf, behind + 1, leaf, behind, at - behind);
    leaf->keys[behind] = plain(to);
    leaf_members(leaf)[behind] = member;
    return true;
}

/* ---- Questions ------------------------------------------------------------------------ */

uint32_t ranking_count(const struct ranking *ranking) {
    return ranking->count;
}

/* How many entries lie before the place; where says in which leaf it is. */
static uint32_t entries_before(struct ranking *ranking, struct place place, struct leaf **ret_leaf, uint32_t *ret_at) {
    union node node = ranking->root;
    uint32_t passed = 0;

    if (ranking->count == 0) {
        *ret_leaf = NULL;
        *ret_at = 0;
        return 0;
    }
    for (uint32_t level = 0; level < ranking->height; level++) {
        uint32_t child = inner_search(ranking, node.inner, place);

        for (uint32_t i = 0; i < child; i++)
            passed += node.inner->totals[i];
        node = node.inner->children[child];
    }
    *ret_leaf = node.leaf;
    *ret_at = leaf_search(ranking, node.leaf, place);
    return passed + *ret_at;
}

/* The leaf that holds the entry at a position from the worst; the position becomes that in the leaf. */
static struct leaf *leaf_at(const struct ranking *ranking, uint32_t *position) {
    union node node = ranking->root;
    uint32_t left = *position;

    for (uint32_t level = 0; level < ranking->height; level++) {
        uint32_t child = 0;

        while (left >= node.inner->totals[child])
            left -= node.inner->totals[child++];
        node = node.inner->children[child];
    }
    counting(ranking)->work.nodes += ranking->height + 1;
    *position = left;
    return node.leaf;
}

double ranking_key_at(const struct ranking *ranking, uint32_t position) {
    uint32_t at = position;

    if (ranking->grid)
        return grid_key(ranking->grid, grid_select(counting(ranking), position, &at));
    return leaf_at(ranking, &at)->keys[at];
}

uint32_t ranking_worse(const struct ranking *ranking, double key) {
    struct leaf *leaf;
    uint32_t at;

    if (ranking->grid)
        return grid_before(counting(ranking), grid_from(ranking->grid, key));
    return entries_before(counting(ranking), place_at(key), &leaf, &at);
}

uint32_t ranking_better(const struct ranking *ranking, double key) {
    struct leaf *leaf;
    uint32_t at;

    if (ranking->grid)
        return ranking->count - grid_before(counting(ranking), grid_from(ranking->grid, nextafter(key, HUGE_VAL)));
    return ranking->count - entries_before(counting(ranking), place_behind(key), &leaf, &at);
}

uint32_t ranking_rank(const struct ranking *ranking, double key) {
    return 1 + ranking_better(ranking, key);
}

void ranking_quantile_between(const struct ranking *ranking, double p, double ret_between[2]) {
    double h = (ranking->count - 1) * p;
    uint32_t floor_h = (uint32_t)h, at = floor_h, cell; /* h is not negative: this rounds down */
    bool whole = h - floor_h <= 0 || floor_h + 1 == ranking->count;
    const struct leaf *leaf;

    if (ranking->grid) {
        cell = grid_select(counting(ranking), floor_h, &at);
        ret_between[0] = ret_between[1] = grid_key(ranking->grid, cell);
        if (!whole && at == 1) /* the last in its cell */
            ret_between[1] = grid_key(ranking->grid, grid_next(counting(ranking), cell, floor_h + 1));
        return;
    }
    leaf = leaf_at(ranking, &at);
    ret_between[0] = ret_between[1] = leaf->keys[at];
    if (whole)
        return;
    ret_between[1] = at + 1 < leaf->count ? leaf->keys[at + 1] : leaf->next->keys[0];
}

double ranking_quantile(const struct ranking *ranking, double p) {
    double h = (ranking->count - 1) * p;
    double share = h - (uint32_t)h, between[2];

    ranking_quantile_between(ranking, p, between);

    double low = between[0], high = between[1];
    double step = high - low;

    /* The difference of two huge keys may not fit; then weigh them apart. */
    return isfinite(step) ? low + share * step : low * (1 - share) + high * share;
}

/* The first entry of the lone leaf with at least the key, when that is but a
 * few steps from a position; UINT32_MAX: it is not. */
static uint32_t step_to(struct ranking *ranking, double key, uint32_t near) {
    const struct leaf *leaf = ranking->root.leaf;
    uint32_t at = near < leaf->count ? near : leaf->count;

    ranking->work.nodes++;
    for (int steps = 0; steps < STEPS_NEAR; steps++) {
        ranking->work.comparisons += 2;
        if (at < leaf->count && leaf->keys[at] < key)
            at++;
        else if (at > 0 && leaf->keys[at - 1] >= key)
            at--;
        else
            return at;
    }
    return UINT32_MAX;
}

void ranking_between(const struct ranking *ranking, double low, double high, uint32_t near, ranking_visit visit,
                     void *context) {
    struct leaf *leaf = ranking->root.leaf;
    uint32_t at = UINT32_MAX;

    if (ranking->grid) {
        near_between(counting(ranking), low, high, visit, context);
        return;
    }
    if (ranking->height == 0 && ranking->count > 0 && near != UINT32_MAX)
        at = step_to(counting(ranking), low, near);
    if (at == UINT32_MAX)
        entries_before(counting(ranking), place_at(low), &leaf, &at);
    for (; leaf; leaf = leaf->next, at = 0) {
        counting(ranking)->work.nodes++;
        for (; at < leaf->count; at++) {
            counting(ranking)->work.comparisons++;
            if (leaf->keys[at] >= high)
                return;
            visit(context, (struct ranking_entry){leaf->keys[at], leaf_members(leaf)[at]});
        }
    }
}

size_t ranking_memory(const struct ranking *ranking) {
    size_t counted = ranking->grid ? sizeof *ranking->grid + ranking->grid->bytes + near_memory(ranking->grid) : 0;

    return sizeof(*ranking) + ranking->bytes + counted;
}

struct ranking_work ranking_work_done(const struct ranking *ranking) {
    return ranking->work;
}
