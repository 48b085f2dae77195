#include "daemon/engine/ranking_tree.h"

#include <stdlib.h>
#include <string.h>

static void free_below(struct ranking *ranking, union node node, uint32_t height) {
    if (height == 0) {
        leaf_destroy(ranking, node.leaf);
        return;
    }
    for (uint32_t i = 0; i < node.inner->count; i++)
        free_below(ranking, node.inner->children[i], height - 1);
    inner_destroy(ranking, node.inner);
}

void tree_free(struct ranking *ranking) {
    if (ranking->root.leaf)
        free_below(ranking, ranking->root, ranking->height);
    ranking->root.leaf = NULL;
    ranking->count = 0;
    ranking->height = 0;
}

/* ---- Growing ----------------------------------------------------------------------- */

/* Makes room in the full leaf that is child i of parent, which is not full. */
static bool leaf_relieve(struct ranking *ranking, struct inner *parent, uint32_t i) {
    const struct leaf *leaf = parent->children[i].leaf;

    if (i > 0 && parent->totals[i - 1] <= LEAF_GIVE) {
        leaf_share(ranking, parent, i - 1, (parent->totals[i - 1] + leaf->count + 1) / 2);
        return true;
    }
    if (i + 1 < parent->count && parent->totals[i + 1] <= LEAF_GIVE) {
        leaf_share(ranking, parent, i, (leaf->count + parent->totals[i + 1]) / 2);
        return true;
    }
    return leaf_split(ranking, parent, i);
}

/* A full root gets a parent. */
static bool grow_root(struct ranking *ranking) {
    struct inner *root = inner_create(ranking);

    if (!root)
        return false;
    root->count = 1;
    root->totals[0] = ranking->count;
    root->keys[0] = 0;
    root->members[0] = 0;
    root->children[0] = ranking->root;
    ranking->root.inner = root;
    ranking->height++;
    return true;
}

/* A lone leaf with at least one free place. */
static bool grow_lone_leaf(struct ranking *ranking) {
    struct leaf *old = ranking->root.leaf;
    uint32_t room = old ? old->room + LONE_STEP : LONE_STEP;
    struct leaf *leaf = leaf_create(ranking, room);

    if (!leaf)
        return false;
    if (old) {
        leaf_copy(leaf, 0, old, 0, old->count);
        leaf->count = old->count;
        leaf_destroy(ranking, old);
    }
    ranking->root.leaf = leaf;
    return true;
}

/* The full lone leaf becomes a root with LEAF_FIRST leaves of equal size. */
static bool spread_lone_leaf(struct ranking *ranking) {
    struct leaf *lone = ranking->root.leaf, *last = NULL;
    union node root = {.inner = inner_create(ranking)};

    if (!root.inner)
        return false;
    for (uint32_t i = 0; i < LEAF_FIRST; i++) {
        uint32_t first = i * lone->count / LEAF_FIRST, end = (i + 1) * lone->count / LEAF_FIRST;
        struct leaf *leaf = leaf_create(ranking, LEAF_MAX);

        if (!leaf) {
            free_below(ranking, root, 1);
            return false;
        }
        leaf_copy(leaf, 0, lone, first, end - first);
        leaf->count = end - first;
        root.inner->children[i].leaf = leaf;
        root.inner->totals[i] = leaf->count;
        root.inner->keys[i] = leaf->keys[0];
        root.inner->members[i] = leaf_members(leaf)[0];
        root.inner->count++;
        if (last)
            last->next = leaf;
        last = leaf;
    }
    leaf_destroy(ranking, lone);
    ranking->root = root;
    ranking->height = 1;
    return true;
}

struct leaf *tree_make_room(struct ranking *ranking, struct place place, struct path *path) {
    if (ranking->height == 0) {
        struct leaf *lone = ranking->root.leaf;

        if (lone && lone->count < lone->room)
            return lone;
        if (!lone || lone->room < LONE_MAX)
            return grow_lone_leaf(ranking) ? ranking->root.leaf : NULL;
        if (!spread_lone_leaf(ranking))
            return NULL;
    }
    if (ranking->root.inner->count == INNER_MAX && !grow_root(ranking))
        return NULL;

    union node node = ranking->root;

    for (uint32_t level = 0; level < ranking->height; level++) {
        struct inner *inner = node.inner;
        uint32_t i = inner_search(ranking, inner, place);
        bool leaves = level + 1 == ranking->height;
        bool full = leaves ? inner->children[i].leaf->count == LEAF_MAX : inner->children[i].inner->count == INNER_MAX;

        if (full) {
            if (!(leaves ? leaf_relieve(ranking, inner, i) : inner_split(ranking, inner, i)))
                return NULL;
            i = inner_search(ranking, inner, place);
        }
        path->nodes[level] = inner;
        path->index[level] = i;
        node = inner->children[i];
    }
    return node.leaf;
}

/* ---- Shrinking --------------------------------------------------------------------- */

static void repair_leaf(struct ranking *ranking, struct inner *parent, uint32_t i) {
    uint32_t thin = parent->children[i].leaf->count;

    if (thin >= LEAF_MIN || parent->count == 1)
        return;
    if (i + 1 == parent->count || (i > 0 && parent->totals[i - 1] < parent->totals[i + 1]))
        i--;
    uint32_t both = parent->children[i].leaf->count + parent->children[i + 1].leaf->count;

    if (both <= LEAF_GIVE)
        leaf_merge(ranking, parent, i);
    else
        leaf_share(ranking, parent, i, both / 2);
}

static void repair_inner(struct ranking *ranking, struct inner *parent, uint32_t i) {
    if (parent->children[i].inner->count >= INNER_MIN || parent->count == 1)
        return;
    if (i > 0)
        i--;
    uint32_t both = parent->children[i].inner->count + parent->children[i + 1].inner->count;

    if (both <= INNER_MERGE)
        inner_merge(ranking, parent, i);
    else
        inner_share(ranking, parent, i, both / 2);
}

/* Gives memory back when a lone leaf has two steps to spare. */
static void shrink_lone_leaf(struct ranking *ranking) {
    struct leaf *leaf = ranking->root.leaf;

    if (leaf->count == 0) {
        leaf_destroy(ranking, leaf);
        ranking->root.leaf = NULL;
        return;
    }
    if (leaf->room - leaf->count < 2 * LONE_STEP)
        return;

    uint32_t old = leaf->room;
    uint32_t room = (leaf->count / LONE_STEP + 1) * LONE_STEP;

    memmove(leaf->keys + room, leaf_members(leaf), leaf->count * sizeof(uint32_t));
    leaf->room = room;
    struct leaf *shrunk = realloc(leaf, leaf_size(room));

    /* A refusal to shrink leaves the block as it was: larger than we say. */
    ranking->root.leaf = shrunk ? shrunk : leaf;
    ranking->bytes -= (old - room) * (sizeof(double) + sizeof(uint32_t));
}

void tree_repair(struct ranking *ranking, const struct path *path) {
    for (uint32_t level = ranking->height; level-- > 0;) {
        if (level + 1 == ranking->height)
            repair_leaf(ranking, path->nodes[level], path->index[level]);
        else
            repair_inner(ranking, path->nodes[level], path->index[level]);
    }
    while (ranking->height > 0 && ranking->root.inner->count == 1) {
        struct inner *root = ranking->root.inner;

        ranking->root = root->children[0];
        ranking->height--;
        inner_destroy(ranking, root);
    }
    if (ranking->height == 0)
        shrink_lone_leaf(ranking);
}
