/*
 * A ranking: the figures of one measure, peer set and period in order, with
 * ranks and quantiles. An ordered multiset of (key, member) with order
 * statistics; every operation is O(log n), ranking_between() plus what it
 * visits. Keys ascend from worst to best: the caller hands over the figure for
 * measures where higher is better and its negation where lower is.
 *
 * It is a tree, or, where it is large and has a source, and its keys are few
 * numbers of fixed decimals, counts of each number: the two answer alike.
 *
 * Members are small integers (positions of organisations in the registry).
 * Equal keys are ordered by member, so every walk is deterministic.
 * Keys must be finite; -0.0 is stored as 0.0.
 */
#ifndef OV_ENGINE_RANKING_H
#define OV_ENGINE_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ranking;

struct ranking_entry {
    double key;
    uint32_t member;
};

/* Work done so far, for tests that bound the work per update. */
struct ranking_work {
    uint64_t comparisons;
    uint64_t nodes; /* nodes touched */
    uint64_t told;  /* entries passed in changing the form and in asking the source: O(1) for each change, on average */
};

/* Calls visit for an entry, as ranking_between() does. */
typedef void (*ranking_visit)(void *context, struct ranking_entry entry);

struct ranking *ranking_create(void); /* NULL when out of memory */
void ranking_destroy(struct ranking *ranking);

/* A source knows the entries, too: it visits those with low <= key < high,
 * members ascending, as they were before the call to the ranking in which it is
 * asked. A ranking that has one may rely on it and not keep them itself; that a
 * member is present with its key, and another is not, is then not always seen. */
typedef void (*ranking_source)(const void *context, double low, double high, ranking_visit visit, void *visited);
void ranking_set_source(struct ranking *ranking, ranking_source source, const void *context);
/* Fills an empty ranking with what its source tells. False as ranking_build(). */
bool ranking_gather(struct ranking *ranking);

/* Bulk build of an empty ranking; entries need not be sorted and are reordered
 * in place. False when out of memory: the ranking can then only be destroyed. */
bool ranking_build(struct ranking *ranking, struct ranking_entry *entries, uint32_t count);

/* What changes below may also change the form that a ranking with a source has
 * (ranking_form.c), for which memory is needed: without it the process ends. */

/* The member must not be present. False when out of memory: nothing changed. */
bool ranking_insert(struct ranking *ranking, double key, uint32_t member);
/* False when (key, member) is not present. Without a source it never allocates. */
bool ranking_remove(struct ranking *ranking, double key, uint32_t member);

/* The member goes from one key to another. False when (from, member) is not
 * present; out of memory ends in ranking_insert()'s false with the member gone. */
bool ranking_move(struct ranking *ranking, double from, double to, uint32_t member);

uint32_t ranking_count(const struct ranking *ranking);

/* The key at a position from the worst, 0 <= position < count. */
double ranking_key_at(const struct ranking *ranking, uint32_t position);

/* How many keys are strictly worse (smaller) / strictly better (larger) than key. */
uint32_t ranking_worse(const struct ranking *ranking, double key);
uint32_t ranking_better(const struct ranking *ranking, double key);

/* Competition rank from the best: 1 + the number strictly better; ties share
 * the best rank of their cluster (1, 2, 2, 4). */
uint32_t ranking_rank(const struct ranking *ranking, double key);

/* Quantile of order p, measured from the worst end: inclusive linear
 * interpolation (R type 7, spreadsheet QUARTILE.INC): h = (n-1)p,
 * Q = x[floor h] + (h - floor h)(x[floor h + 1] - x[floor h]). Needs count >= 1. */
double ranking_quantile(const struct ranking *ranking, double p);
/* The keys it is interpolated from: x[floor h] and x[floor h + 1], twice the
 * same where h is whole. */
void ranking_quantile_between(const struct ranking *ranking, double p, double ret_between[2]);

/* Calls visit for every entry with low <= key < high, from the worst. The
 * ranking must not change meanwhile. near: a position from the worst, from which
 * the first of them may be found sooner; any will do, UINT32_MAX is none. */
void ranking_between(const struct ranking *ranking, double low, double high, uint32_t near, ranking_visit visit,
                     void *context);

/* Looks ahead: brings the way to a place into the caches, one node for each
 * step, so that the waits for many places run side by side. The ranking must
 * not change meanwhile. False: arrived, and the cursor is done. */
struct ranking_cursor {
    struct ranking *ranking;
    const void *node;
    double key;
    uint32_t level;
};
bool ranking_ahead_start(struct ranking_cursor *cursor, struct ranking *ranking, double key);
bool ranking_ahead_step(struct ranking_cursor *cursor);

/* What the ranking holds of its entries agrees with what its source tells: for
 * audits, in O(n log n). Without a source it does. */
bool ranking_agrees(const struct ranking *ranking);

/* Bytes of memory held, for the accounting. */
size_t ranking_memory(const struct ranking *ranking);
struct ranking_work ranking_work_done(const struct ranking *ranking);

#endif
