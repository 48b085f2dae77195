#include "daemon/engine/ranking_tree.h"

#include <stdlib.h>
#include <string.h>

#define FEW 16 /* keys that are not worth leaving out: a further round of a search costs more than comparing them */

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

/* Two keys are compared by one instruction on every processor that has such at all. */
typedef double key_pair __attribute__((vector_size(2 * sizeof(double))));
typedef int64_t truth_pair __attribute__((vector_size(2 * sizeof(int64_t)))); /* -1 where it holds, else 0 */

/* How many of a few keys are less than key: of all of them, in pairs. */
static inline uint32_t few_below(const double *keys, uint32_t count, double key) {
    truth_pair below = {0, 0};
    uint32_t i = 0;

    for (; i + 2 <= count; i += 2) {
        key_pair pair;

        memcpy(&pair, keys + i, sizeof pair);
        below -= pair < (key_pair){key, key};
    }
    return (uint32_t)(below[0] + below[1]) + (i < count && keys[i] < key);
}

/* How many of count ascending keys are less than key. No branch depends on a
 * key, so there is nothing for the processor to guess wrong, and it compares
 * three keys at a time: a quarter is left after what halving takes two waits for. */
static inline uint32_t keys_below(struct ranking *ranking, const double *keys, uint32_t count, double key) {
    uint32_t base = 0, compared = 0;

    for (uint32_t quarter; count > FEW; count -= 3 * quarter, compared += 3) {
        const double *from = keys + base;

        quarter = count / 4;
        base += quarter *
                ((uint32_t)(from[quarter - 1] < key) + (from[2 * quarter - 1] < key) + (from[3 * quarter - 1] < key));
    }
    ranking->work.comparisons += compared + count;
    return base + few_below(keys + base, count, key);
}

/* Among equal keys, from the first of them on, members ascend: where the place
 * lies. Most keys stand alone, so that is seen first; then it looks ahead in steps that double. */
static inline uint32_t ties_before(struct ranking *ranking, const double *keys, const uint32_t *members, uint32_t first,
                                   uint32_t count, struct place place) {
    uint32_t low = first, step = 1, high;

    if (first == count || keys[first] > place.key || members[first] >= place.member)
        return first;
    for (high = first; high < count && keys[high] <= place.key && members[high] < place.member;
         high += step, step *= 2) {
        low = high + 1;
        ranking->work.comparisons++;
    }
    high = high < count ? high : count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;

        ranking->work.comparisons++;
        if (keys[middle] <= place.key && members[middle] < place.member)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t leaf_search(struct ranking *ranking, struct leaf *leaf, struct place place) {
    ranking->work.nodes++;
    return ties_before(ranking, leaf->keys, leaf_members(leaf), keys_below(ranking, leaf->keys, leaf->count, place.key),
                       leaf->count, place);
}

/* Bound 0 is never looked at. */
uint32_t inner_search(struct ranking *ranking, const struct inner *inner, struct place place) {
    uint32_t first = 1 + keys_below(ranking, inner->keys + 1, inner->count - 1, place.key);

    ranking->work.nodes++;
    return ties_before(ranking, inner->keys, inner->members, first, inner->count, place) - 1;
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
