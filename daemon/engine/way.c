#include "daemon/engine/way.h"

#include <stdlib.h>

#include "daemon/engine/mem.h"
#include "daemon/engine/trigger.h"

struct candidate {
    uint16_t measure;
    struct room room;
};

/* How many measures show the signal, by theme. */
struct tally {
    int measures, themes;
    int by_theme[64];
};

static void tally_move(struct tally *tally, uint16_t theme, bool shows) {
    int *count = &tally->by_theme[theme % 64];

    tally->themes += shows && *count == 0;
    tally->themes -= !shows && *count == 1;
    *count += shows ? 1 : -1;
    tally->measures += shows ? 1 : -1;
}

static bool tally_holds(const struct tally *tally, const struct trigger *trigger) {
    return trigger->at_most >= 0 ? tally->measures <= trigger->at_most
                                 : tally->measures >= trigger->count && tally->themes >= trigger->themes;
}

static int compare_candidates(const void *a, const void *b) {
    const struct candidate *x = a, *y = b;
    int nearer = room_compare(&x->room, &y->room);

    return nearer ? nearer : (x->measure > y->measure) - (x->measure < y->measure);
}

/* The measures that could begin (or stop) showing the signal, nearest first,
 * and the tally as it is. */
static size_t gather(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, bool begin,
                     struct candidate *candidates, struct tally *tally) {
    size_t count = 0;

    for (size_t i = 0; i < trigger->measure_count; i++) {
        uint16_t measure = trigger->measures[i];
        const struct measure *m = &assessment->framework->measures[measure];
        struct room room;

        if (!assessment_applies(assessment, org, m->applies_to))
            continue;
        room = room_of(assessment, org, measure, &trigger->signal);
        if (room.holds)
            tally_move(tally, m->theme, true);
        if (room.holds != begin && room.turning != TURN_NEVER)
            candidates[count++] = (struct candidate){measure, room};
    }
    qsort(candidates, count, sizeof *candidates, compare_candidates);
    return count;
}

static int compare_ints(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

/* The fewest measures whose end takes away enough themes, among those of which
 * no measure is left. */
static int fewest_by_theme(const struct trigger *trigger, const struct tally *before, const struct tally *after) {
    int sizes[64], count = 0, needed = before->themes - trigger->themes + 1, sum = 0;

    for (size_t i = 0; i < 64; i++)
        if (before->by_theme[i] && !after->by_theme[i])
            sizes[count++] = before->by_theme[i];
    if (count < needed)
        return INT32_MAX;
    qsort(sizes, (size_t)count, sizeof *sizes, compare_ints);
    for (int i = 0; i < needed; i++)
        sum += sizes[i];
    return sum;
}

/* How many measures are needed of those turned over, which are all that are no
 * further than the furthest needed. */
static int fewest(const struct trigger *trigger, const struct tally *before, const struct tally *after, bool wanted) {
    int few, by_theme;

    if (trigger->at_most >= 0)
        return wanted ? before->measures - trigger->at_most : trigger->at_most + 1 - before->measures;
    if (wanted) {
        few = trigger->count - before->measures;
        return few > trigger->themes - before->themes ? few : trigger->themes - before->themes;
    }
    few = before->measures - trigger->count + 1;
    by_theme = fewest_by_theme(trigger, before, after);
    if (few > before->measures - after->measures)
        return by_theme;
    return few < by_theme ? few : by_theme;
}

/* Turns measures over, nearest first, until the condition is as wanted. */
static struct way turn_over(const struct assessment *assessment, uint32_t org, const struct trigger *trigger,
                            bool wanted) {
    bool begin = wanted == (trigger->at_most < 0);
    struct candidate *candidates = mem_alloc(trigger->measure_count, sizeof *candidates);
    struct tally tally = {0}, before;
    struct way way = {.kind = WAY_FIGURES, .measure = INDEX_NONE};
    size_t count = gather(assessment, org, trigger, begin, candidates, &tally), at = 0;

    before = tally;
    for (; tally_holds(&tally, trigger) != wanted && at < count; at++) {
        const struct candidate *next = &candidates[at];
        uint16_t theme = assessment->framework->measures[next->measure].theme;

        /* A further measure of a theme that is there already may be of no use. */
        if (begin && trigger->at_most < 0 && tally.measures >= trigger->count && tally.by_theme[theme % 64])
            continue;
        tally_move(&tally, theme, begin);
        way.measure = next->measure;
        way.room = next->room;
    }
    for (; at < count && way.measure != INDEX_NONE && room_compare(&candidates[at].room, &way.room) == 0; at++)
        tally_move(&tally, assessment->framework->measures[candidates[at].measure].theme, begin);
    if (tally_holds(&tally, trigger) != wanted)
        way = (struct way){.kind = WAY_NONE, .measure = INDEX_NONE};
    else if (way.measure != INDEX_NONE)
        way.measures = fewest(trigger, &before, &tally, wanted);
    free(candidates);
    return way;
}

struct way way_on(const struct assessment *assessment, uint32_t org, const struct trigger *trigger) {
    if (trigger->signal.kind == SIGNAL_LONGSTANDING)
        return (struct way){.kind =
                                trigger_read(assessment, org, trigger, UNTIL_NOW).holds ? WAY_FIGURES : WAY_DECISION,
                            .measure = INDEX_NONE};
    return turn_over(assessment, org, trigger, true);
}

struct way way_off(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, bool latched) {
    struct way way = {.kind = WAY_DECISION, .measure = INDEX_NONE};
    ov_day until;
    bool unknown;

    if (latched || trigger->signal.kind == SIGNAL_LONGSTANDING)
        return way;
    way = turn_over(assessment, org, trigger, false);
    way.periods = trigger->clear_after > 1 ? trigger->clear_after : 0;
    if (!way.measures && trigger_holds(assessment, org, trigger, &until, &unknown))
        way.kind = WAY_TIME;
    return way;
}

struct way way_alone(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, bool wanted,
                     uint16_t measure) {
    const uint16_t theme = assessment->framework->measures[measure].theme;
    struct candidate *candidates = mem_alloc(trigger->measure_count, sizeof *candidates);
    struct way way = {.kind = WAY_NONE, .measure = INDEX_NONE};
    struct tally tally = {0};
    bool begin = wanted == (trigger->at_most < 0);
    size_t count = gather(assessment, org, trigger, begin, candidates, &tally);

    for (size_t i = 0; i < count; i++) {
        if (candidates[i].measure != measure)
            continue;
        tally_move(&tally, theme, begin);
        if (tally_holds(&tally, trigger) == wanted)
            way = (struct way){.kind = WAY_FIGURES, .measures = 1, .measure = measure, .room = candidates[i].room};
    }
    free(candidates);
    return way;
}

bool way_moves(const struct way *way) {
    return way->kind == WAY_FIGURES && way->measures && way->room.turning == TURN_MOVE;
}

/* Figures that can be moved, then words and flags, then the rest. */
static int way_class(const struct way *way) {
    if (way_moves(way))
        return 0;
    return way->kind == WAY_FIGURES ? 1 : 2;
}

int way_compare(const struct way *a, const struct way *b) {
    double x, y;

    if (way_class(a) != way_class(b))
        return way_class(a) - way_class(b);
    if (way_class(a))
        return 0;
    if (a->room.band == b->room.band)
        return room_compare(&a->room, &b->room);
    x = room_share(&a->room);
    y = room_share(&b->room);
    return (x > y) - (x < y);
}
