/* Bulk build: entries sorted, then leaves and inner nodes laid out from left to right. */
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/ranking_grid.h"

#define LEAF_FILL 56 /* entries of a leaf, about; free places wait for what comes */
#define INNER_FILL 13
#define RADIX_FROM 1024 /* entries from which sorting by bytes pays */

/* ---- Sorting --------------------------------------------------------------------- */

static int compare_entries(const void *a, const void *b) {
    const struct ranking_entry *x = a, *y = b;

    if (x->key < y->key || x->key > y->key)
        return x->key < y->key ? -1 : 1;
    return (x->member > y->member) - (x->member < y->member);
}

/* A number that ascends as the key does. */
static uint64_t ascending(double key) {
    uint64_t bits;

    memcpy(&bits, &key, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* One byte of the keys; equal ones stay in order. False: all have the same. */
static bool sort_by_byte(const struct ranking_entry *from, struct ranking_entry *to, uint32_t count, unsigned shift) {
    uint32_t starts[257] = {0};

    for (uint32_t i = 0; i < count; i++)
        starts[(ascending(from[i].key) >> shift & 0xff) + 1]++;
    if (starts[(ascending(from[0].key) >> shift & 0xff) + 1] == count)
        return false;
    for (unsigned i = 1; i < 257; i++)
        starts[i] += starts[i - 1];
    for (uint32_t i = 0; i < count; i++)
        to[starts[ascending(from[i].key) >> shift & 0xff]++] = from[i];
    return true;
}

static bool members_ascend(const struct ranking_entry *entries, uint32_t count) {
    for (uint32_t i = 1; i < count; i++)
        if (entries[i - 1].member > entries[i].member)
            return false;
    return true;
}

/* Where members ascend already, sorting by key alone keeps them so within ties. */
void entries_sort(struct ranking_entry *entries, uint32_t count) {
    struct ranking_entry *other =
        count >= RADIX_FROM && members_ascend(entries, count) ? malloc(count * sizeof *other) : NULL;
    struct ranking_entry *from = entries, *to = other;

    if (count < 2)
        return;
    if (!other) {
        qsort(entries, count, sizeof *entries, compare_entries);
        return;
    }
    for (unsigned shift = 0; shift < 64; shift += 8)
        if (sort_by_byte(from, to, count, shift)) {
            struct ranking_entry *swap = from;

            from = to;
            to = swap;
        }
    if (from != entries)
        memcpy(entries, from, count * sizeof *entries);
    free(other);
}

/* ---- Laying out --------------------------------------------------------------------- */

/* The nodes of one level, from left to right. */
struct row {
    union node *nodes;
    uint32_t *totals;
    struct ranking_entry *bounds; /* not behind the first entry of each */
    uint32_t count;
};

static void fill_leaf(struct leaf *leaf, const struct ranking_entry *entries, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        leaf->keys[i] = entries[i].key;
        leaf_members(leaf)[i] = entries[i].member;
    }
    leaf->count = count;
}

/* Part i of n of count things: from where. */
static uint32_t part(uint32_t count, uint32_t i, uint32_t n) {
    return (uint32_t)((uint64_t)count * i / n);
}

static bool build_leaves(struct ranking *ranking, const struct ranking_entry *entries, uint32_t count,
                         struct row *row) {
    uint32_t leaves = (count + LEAF_FILL - 1) / LEAF_FILL;

    for (; row->count < leaves; row->count++) {
        uint32_t first = part(count, row->count, leaves), end = part(count, row->count + 1, leaves);
        struct leaf *leaf = leaf_create(ranking, LEAF_MAX);

        if (!leaf)
            return false;
        fill_leaf(leaf, entries + first, end - first);
        if (row->count)
            row->nodes[row->count - 1].leaf->next = leaf;
        row->nodes[row->count].leaf = leaf;
        row->totals[row->count] = end - first;
        row->bounds[row->count] = entries[first];
    }
    return true;
}

/* The level above, in place: every node stands left of the children it takes. */
static bool build_level(struct ranking *ranking, struct row *row) {
    uint32_t nodes = (row->count + INNER_FILL - 1) / INNER_FILL;

    for (uint32_t n = 0; n < nodes; n++) {
        uint32_t first = part(row->count, n, nodes), end = part(row->count, n + 1, nodes), total = 0;
        struct inner *inner = inner_create(ranking);

        if (!inner)
            return false;
        for (uint32_t i = first; i < end; i++) {
            inner->keys[i - first] = row->bounds[i].key;
            inner->members[i - first] = row->bounds[i].member;
            inner->totals[i - first] = row->totals[i];
            inner->children[i - first] = row->nodes[i];
            total += row->totals[i];
        }
        inner->count = end - first;
        row->bounds[n] = row->bounds[first];
        row->nodes[n].inner = inner;
        row->totals[n] = total;
    }
    row->count = nodes;
    ranking->height++;
    return true;
}

static bool build_tree(struct ranking *ranking, const struct ranking_entry *entries, uint32_t count) {
    uint32_t leaves = (count + LEAF_FILL - 1) / LEAF_FILL;
    struct row row = {malloc(leaves * sizeof *row.nodes), malloc(leaves * sizeof *row.totals),
                      malloc(leaves * sizeof *row.bounds), 0};
    bool done = row.nodes && row.totals && row.bounds && build_leaves(ranking, entries, count, &row);

    while (done && row.count > 1)
        done = build_level(ranking, &row);
    if (done) {
        ranking->root = row.nodes[0];
        ranking->count = count;
    }
    free(row.nodes);
    free(row.totals);
    free(row.bounds);
    return done;
}

static bool build_lone_leaf(struct ranking *ranking, const struct ranking_entry *entries, uint32_t count) {
    struct leaf *leaf = leaf_create(ranking, (count / LONE_STEP + 1) * LONE_STEP);

    if (!leaf)
        return false;
    fill_leaf(leaf, entries, count);
    ranking->root.leaf = leaf;
    ranking->count = count;
    return true;
}

bool ranking_build(struct ranking *ranking, struct ranking_entry *entries, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        entries[i].key += 0.0; /* makes -0.0 a plain 0.0 */
    entries_sort(entries, count);
    if (count == 0)
        return true;
    return count < LONE_MAX ? build_lone_leaf(ranking, entries, count) : build_tree(ranking, entries, count);
}
