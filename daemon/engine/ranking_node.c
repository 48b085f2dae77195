#include "daemon/engine/ranking_tree.h"

#include <stdlib.h>
#include <string.h>

struct leaf *leaf_create(struct ranking *ranking, uint32_t room) {
    struct leaf *leaf = malloc(leaf_size(room));

    if (!leaf)
        return NULL;
    leaf->next = NULL;
    leaf->count = 0;
    leaf->room = room;
    ranking->bytes += leaf_size(room);
    return leaf;
}

void leaf_destroy(struct ranking *ranking, struct leaf *leaf) {
    ranking->bytes -= leaf_size(leaf->room);
    free(leaf);
}

struct inner *inner_create(struct ranking *ranking) {
    struct inner *inner = malloc(sizeof(*inner));

    if (!inner)
        return NULL;
    inner->count = 0;
    ranking->bytes += sizeof(*inner);
    return inner;
}

void inner_destroy(struct ranking *ranking, struct inner *inner) {
    ranking->bytes -= sizeof(*inner);
    free(inner);
}

/* ---- Searching ----------------------------------------------------------------- */

static bool before(double key, uint32_t member, struct place place) {
    return key < place.key || (key <= place.key && member < place.member);
}

uint32_t leaf_search(struct ranking *ranking, struct leaf *leaf, struct place place) {
    const uint32_t *members = leaf_members(leaf);
    uint32_t low = 0, high = leaf->count;

    ranking->work.nodes++;
    while (low < high) {
        uint32_t middle = (low + high) / 2;

        ranking->work.comparisons++;
        if (before(leaf->keys[middle], members[middle], place))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t inner_search(struct ranking *ranking, const struct inner *inner, struct place place) {
    uint32_t low = 1, high = inner->count;

    ranking->work.nodes++;
    while (low < high) {
        uint32_t middle = (low + high) / 2;

        ranking->work.comparisons++;
        if (before(inner->keys[middle], inner->members[middle], place))
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

/* ---- Moving entries between neighbours -------------------------------------------- */

void leaf_copy(struct leaf *to, uint32_t at, struct leaf *from, uint32_t first, uint32_t count) {
    memmove(to->keys + at, from->keys + first, count * sizeof(double));
    memmove(leaf_members(to) + at, leaf_members(from) + first, count * sizeof(uint32_t));
}

void leaf_share(struct ranking *ranking, struct inner *parent, uint32_t i, uint32_t left_count) {
    struct leaf *left = parent->children[i].leaf, *right = parent->children[i + 1].leaf;

    ranking->work.nodes += 2;
    if (left->count > left_count) {
        uint32_t moved = left->count - left_count;

        leaf_copy(right, moved, right, 0, right->count);
        leaf_copy(right, 0, left, left_count, moved);
        right->count += moved;
    } else {
        uint32_t moved = left_count - left->count;

        leaf_copy(left, left->count, right, 0, moved);
        right->count -= moved;
        leaf_copy(right, 0, right, moved, right->count);
    }
    left->count = left_count;
    parent->totals[i] = left->count;
    parent->totals[i + 1] = right->count;
    parent->keys[i + 1] = right->keys[0];
    parent->members[i + 1] = leaf_members(right)[0];
}

static void inner_copy(struct inner *to, uint32_t at, const struct inner *from, uint32_t first, uint32_t count) {
    memmove(to->totals + at, from->totals + first, count * sizeof(to->totals[0]));
    memmove(to->members + at, from->members + first, count * sizeof(to->members[0]));
    memmove(to->keys + at, from->keys + first, count * sizeof(to->keys[0]));
    memmove(to->children + at, from->children + first, count * sizeof(to->children[0]));
}

static uint32_t inner_total(const struct inner *inner) {
    uint32_t total = 0;

    for (uint32_t i = 0; i < inner->count; i++)
        total += inner->totals[i];
    return total;
}

/* The right one's first bound is the parent's: it is made true before the
 * child may come to stand behind another. */
void inner_share(struct ranking *ranking, struct inner *parent, uint32_t i, uint32_t left_count) {
    struct inner *left = parent->children[i].inner, *right = parent->children[i + 1].inner;

    ranking->work.nodes += 2;
    right->keys[0] = parent->keys[i + 1];
    right->members[0] = parent->members[i + 1];
    if (left->count > left_count) {
        uint32_t moved = left->count - left_count;

        inner_copy(right, moved, right, 0, right->count);
        inner_copy(right, 0, left, left_count, moved);
        right->count += moved;
    } else {
        uint32_t moved = left_count - left->count;

        inner_copy(left, left->count, right, 0, moved);
        right->count -= moved;
        inner_copy(right, 0, right, moved, right->count);
    }
    left->count = left_count;
    parent->totals[i] = inner_total(left);
    parent->totals[i + 1] = inner_total(right);
    if (right->count > 0) {
        parent->keys[i + 1] = right->keys[0];
        parent->members[i + 1] = right->members[0];
    }
}

/* Opens a place for a child at index. */
static void inner_open(struct inner *parent, uint32_t index) {
    inner_copy(parent, index + 1, parent, index, parent->count - index);
    parent->count++;
}

static void inner_close(struct inner *parent, uint32_t index) {
    inner_copy(parent, index, parent, index + 1, parent->count - index - 1);
    parent->count--;
}

/* ---- Splitting and merging ------------------------------------------------------------ */

bool leaf_split(struct ranking *ranking, struct inner *parent, uint32_t i) {
    struct leaf *left = parent->children[i].leaf, *right = leaf_create(ranking, LEAF_MAX);

    if (!right)
        return false;
    right->next = left->next;
    left->next = right;
    inner_open(parent, i + 1);
    parent->children[i + 1].leaf = right;
    leaf_share(ranking, parent, i, left->count / 2);
    return true;
}

bool inner_split(struct ranking *ranking, struct inner *parent, uint32_t i) {
    struct inner *left = parent->children[i].inner, *right = inner_create(ranking);

    if (!right)
        return false;
    inner_open(parent, i + 1);
    parent->children[i + 1].inner = right;
    inner_share(ranking, parent, i, left->count / 2);
    return true;
}

void leaf_merge(struct ranking *ranking, struct inner *parent, uint32_t i) {
    struct leaf *left = parent->children[i].leaf, *right = parent->children[i + 1].leaf;

    leaf_copy(left, left->count, right, 0, right->count);
    left->count += right->count;
    left->next = right->next;
    parent->totals[i] = left->count;
    leaf_destroy(ranking, right);
    inner_close(parent, i + 1);
    ranking->work.nodes += 2;
}

void inner_merge(struct ranking *ranking, struct inner *parent, uint32_t i) {
    struct inner *left = parent->children[i].inner, *right = parent->children[i + 1].inner;

    inner_share(ranking, parent, i, left->count + right->count);
    inner_destroy(ranking, right);
    inner_close(parent, i + 1);
}
