/*
 * The walk over the periods of one peer set, oldest first: a period is
 * effective when n >= minimum_peers and n >= coverage times the number of
 * organisations ranked in the last effective period that still count in it.
 */
#include <stdlib.h>

#include "daemon/engine/figures.h"
#include "daemon/engine/mem.h"

static uint32_t ranked(const struct column *column, uint8_t set) {
    return column->tables[set].count;
}

/* Organisations ranked in `last` that have closed by the start of `period`. */
static uint32_t closed_since(const struct figures *figures, uint8_t set, const struct column *last, ov_day period) {
    uint32_t closed = 0;

    for (size_t i = 0; i < figures->closing_count; i++) {
        uint32_t org = figures->closing[i];

        if (figures_peer_set(figures, org) == set && figures_speaks(figures, last, org) &&
            !registry_counts(figures->registry, org, period))
            closed++;
    }
    return closed;
}

static bool is_effective(const struct figures *figures, uint8_t set, const struct column *column,
                         const struct column *last) {
    uint32_t n = ranked(column, set), expected;

    if (n < figures->framework->minimum_peers)
        return false;
    if (!last)
        return true;
    expected = ranked(last, set) - closed_since(figures, set, last, column->period);
    return (double)n + 1e-9 >= figures->framework->coverage * (double)expected;
}

bool figures_walk(struct figures *figures, uint8_t set, ov_day from) {
    struct walk *walk = &figures->walks[set];
    size_t kept = walk->count, at = figures->count;
    bool differs = false;

    while (kept && walk->effective[kept - 1]->period >= from)
        kept--;
    while (at && figures->columns[at - 1]->period >= from)
        at--;
    size_t was = walk->count, now = kept;

    for (; at < figures->count; at++) {
        struct column *column = figures->columns[at];
        struct table *table = &column->tables[set];
        bool effective = is_effective(figures, set, column, now ? walk->effective[now - 1] : NULL);

        differs |= effective != (table->ordinal >= 0);
        table->ordinal = effective ? (int32_t)now : -1;
        if (!effective)
            continue;
        MEM_GROW(walk->effective, now, walk->capacity);
        walk->effective[now++] = column;
    }
    walk->count = now;
    walk->newest = now ? walk->effective[now - 1] : NULL;
    return differs || was != now;
}
