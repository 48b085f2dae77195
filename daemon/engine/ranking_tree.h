/*
 * Private to the ranking: its counted B+tree. Entries live in leaves, keys and
 * members in separate arrays so that a search reads few cache lines; inner
 * nodes know how many entries each child holds. Leaves are linked from worst
 * to best.
 *
 * A tree of one leaf has a leaf just large enough, up to LONE_MAX entries: one
 * block holds the peers of a usual measure. Beyond that it becomes a tree whose
 * leaves all have LEAF_MAX places. A full leaf first gives to a neighbour and
 * splits only when both are nearly full, which keeps leaves well filled under
 * random updates.
 */
#ifndef OV_ENGINE_RANKING_TREE_H
#define OV_ENGINE_RANKING_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/engine/ranking.h"

#define LONE_MAX 256
#define LONE_STEP 8 /* growth of a lone leaf */
#define LEAF_MAX 64
#define LEAF_GIVE 56 /* a neighbour with at most so many takes from a full leaf; also the most a merge makes */
#define LEAF_MIN 28  /* half of what a merge makes: evening out never leaves less */
#define LEAF_FIRST 5 /* leaves a full lone leaf becomes */
#define INNER_MAX 16
#define INNER_MERGE 14
#define INNER_MIN 7
#define DEPTH_MAX 12 /* 28 * 7^11 entries is more than 32 bits count */

struct leaf {
    struct leaf *next;
    uint32_t count, room;
    double keys[]; /* room keys, then room members */
};

union node {
    struct leaf *leaf;
    struct inner *inner;
};

/* Child i holds entries not before bound i and before bound i + 1; bound 0 is
 * never read, the bound that counts for the first child is the parent's. */
struct inner {
    uint32_t count;
    uint32_t totals[INNER_MAX]; /* entries below each child */
    uint32_t members[INNER_MAX];
    double keys[INNER_MAX];
    union node children[INNER_MAX];
};

struct ranking {
    union node root; /* root.leaf NULL: empty and nothing allocated */
    uint32_t count;
    uint32_t height; /* inner levels above the leaves */
    size_t bytes;    /* of leaves and inner nodes */
    struct ranking_work work;
    struct grid *grid; /* NULL: a tree. Otherwise the tree is empty, and count is the grid's */
    ranking_source source;
    const void *context; /* of the source */
    uint32_t tried;      /* changes since it was last looked whether a grid would do */
};

/* A place in the order: before all entries that are not smaller. member is
 * wider than any member, so (key, m + 1) is right behind (key, m). */
struct place {
    double key;
    uint64_t member;
};

struct path {
    struct inner *nodes[DEPTH_MAX];
    uint32_t index[DEPTH_MAX];
};

static inline size_t leaf_size(uint32_t room) {
    return sizeof(struct leaf) + room * (sizeof(double) + sizeof(uint32_t));
}

static inline uint32_t *leaf_members(struct leaf *leaf) {
    return (uint32_t *)(leaf->keys + leaf->room);
}

/* ---- Nodes (ranking_node.c) ------------------------------------------------------- */

/* NULL when out of memory. */
struct leaf *leaf_create(struct ranking *ranking, uint32_t room);
struct inner *inner_create(struct ranking *ranking);
void leaf_destroy(struct ranking *ranking, struct leaf *leaf);
void inner_destroy(struct ranking *ranking, struct inner *inner);

/* How many entries of the leaf lie before the place. */
uint32_t leaf_search(struct ranking *ranking, struct leaf *leaf, struct place place);
/* The last child whose bound lies before the place, or the first child. */
uint32_t inner_search(struct ranking *ranking, const struct inner *inner, struct place place);

/* Copies entries within a leaf or from one to another; counts stay. */
void leaf_copy(struct leaf *to, uint32_t at, struct leaf *from, uint32_t first, uint32_t count);

/* Moves what is needed between children i and i + 1 of parent for the left one
 * to hold left_count. */
void leaf_share(struct ranking *ranking, struct inner *parent, uint32_t i, uint32_t left_count);
void inner_share(struct ranking *ranking, struct inner *parent, uint32_t i, uint32_t left_count);

/* Moves half of child i to a new child i + 1; parent must not be full. False
 * when out of memory: nothing changed. */
bool leaf_split(struct ranking *ranking, struct inner *parent, uint32_t i);
bool inner_split(struct ranking *ranking, struct inner *parent, uint32_t i);

/* Child i takes all of child i + 1, which goes. */
void leaf_merge(struct ranking *ranking, struct inner *parent, uint32_t i);
void inner_merge(struct ranking *ranking, struct inner *parent, uint32_t i);

/* ---- The tree (ranking_tree.c) ----------------------------------------------------- */

void tree_free(struct ranking *ranking);

/* The leaf that must take a new entry at the place, with room for it, and the
 * path to it. Splits full nodes on the way. NULL when out of memory; the tree
 * then still holds the same entries. */
struct leaf *tree_make_room(struct ranking *ranking, struct place place, struct path *path);

/* Repairs thin nodes along the path after a removal, from the leaf up. */
void tree_repair(struct ranking *ranking, const struct path *path);

#endif
