#include "daemon/engine/headroom.h"

#include <math.h>

#include "daemon/engine/segment.h"
#include "daemon/engine/trigger.h"

/* The ways found so far, those by places apart from the others. */
struct pick {
    bool furthest; /* else the nearest */
    bool has[2];
    struct way way[2];
    const struct trigger *ground[2];
};

static void pick_add(struct pick *pick, const struct way *way, const struct trigger *ground) {
    int track = way_moves(way) && way->room.band;
    int order = pick->has[track] ? way_compare(way, &pick->way[track]) : 0;

    if (pick->has[track] && (pick->furthest ? order <= 0 : order >= 0))
        return;
    pick->has[track] = true;
    pick->way[track] = *way;
    pick->ground[track] = ground;
}

/* Which of the two tracks; -1 = neither. */
static int pick_track(const struct pick *pick) {
    int order;

    if (!pick->has[0] || !pick->has[1])
        return pick->has[0] ? 0 : pick->has[1] ? 1 : -1;
    order = way_compare(&pick->way[0], &pick->way[1]);
    if (pick->furthest)
        order = -order;
    return order < 0 ? 0 : 1;
}

/* The triggers on when these are, as the figures are: those that require a
 * segment come and go with the others. */
static uint64_t with_required(const struct assessment *assessment, uint32_t org, uint64_t on) {
    const struct framework *framework = assessment->framework;
    const struct verdict *verdict = &assessment->verdicts[org];

    for (size_t i = 0; i < framework->trigger_count; i++) {
        const struct trigger *trigger = &framework->triggers[i];
        uint64_t bit = UINT64_C(1) << i;
        ov_day until;
        bool unknown;

        if (!trigger->requires_segment || verdict->latched & bit || verdict->official >= trigger->requires_segment)
            continue;
        if (!segment_supported(framework, on, trigger->requires_segment))
            on &= ~bit;
        else if (assessment_applies(assessment, org, trigger->applies_to) &&
                 trigger_holds(assessment, org, trigger, &until, &unknown))
            on |= bit;
    }
    return on;
}

static bool all_met(const struct assessment *assessment, uint32_t org) {
    const struct framework *framework = assessment->framework;

    for (size_t i = 0; i < framework->promotion_count; i++)
        if (assessment_applies(assessment, org, framework->promotion[i].applies_to) &&
            !(assessment->verdicts[org].met >> i & 1))
            return false;
    return framework->promotion_count > 0;
}

static int segment_with(const struct assessment *assessment, uint32_t org, uint64_t on) {
    const struct framework *framework = assessment->framework;

    if (segment_any(framework, on, 4))
        return 4;
    if (segment_any(framework, on, 3))
        return 3;
    return all_met(assessment, org) ? 1 : framework->default_segment;
}

static struct headroom report(const struct pick *pick) {
    int track = pick_track(pick);
    struct headroom headroom = {.measure = INDEX_NONE};
    const struct way *way;

    if (track < 0)
        return headroom;
    way = &pick->way[track];
    headroom.known = true;
    headroom.ground = pick->ground[track];
    headroom.measure = way->measure;
    headroom.measures = way->measures;
    headroom.moves = way_moves(way);
    headroom.figure = way->room.bound;
    headroom.distance = way->room.distance;
    headroom.has_places = way->room.has_places;
    headroom.places = way->room.places;
    headroom.periods = way->periods;
    return headroom;
}

static bool can_turn_on(const struct assessment *assessment, uint32_t org, size_t index) {
    const struct trigger *trigger = &assessment->framework->triggers[index];
    const struct verdict *verdict = &assessment->verdicts[org];

    return !(verdict->on >> index & 1) && assessment_applies(assessment, org, trigger->applies_to) &&
           (verdict->official >= trigger->requires_segment ||
            segment_supported(assessment->framework, verdict->on, trigger->requires_segment));
}

/* A way to make a trigger's condition hold, or end it; by the measure where it is asked for one. */
typedef struct way (*way_finder)(const struct assessment *assessment, uint32_t org, const struct trigger *trigger,
                                 bool wanted, uint16_t measure);

/* The grounds that can make segment 1 or 2 worse: triggers that come on, and
 * conditions for 1 that are lost. */
static void pick_worse(const struct assessment *assessment, uint32_t org, way_finder find, uint16_t measure,
                       struct pick *pick) {
    const struct framework *framework = assessment->framework;
    struct way way;

    for (size_t i = 0; i < framework->trigger_count; i++) {
        if (!can_turn_on(assessment, org, i))
            continue;
        way = find(assessment, org, &framework->triggers[i], true, measure);
        if (way_moves(&way))
            pick_add(pick, &way, &framework->triggers[i]);
    }
    for (size_t i = 0; assessment->verdicts[org].segment == 1 && i < framework->promotion_count; i++) {
        if (!assessment_applies(assessment, org, framework->promotion[i].applies_to))
            continue;
        way = find(assessment, org, &framework->promotion[i], false, measure);
        if (way_moves(&way))
            pick_add(pick, &way, &framework->promotion[i]);
    }
}

static struct way by_any(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, bool wanted,
                         uint16_t measure) {
    (void)measure;
    return wanted ? way_on(assessment, org, trigger) : way_off(assessment, org, trigger, false);
}

/* On its way to the bound of one ground the figure may pass that of another:
 * then that is the nearest. Of one figure, distances compare. */
static void pick_earlier(const struct assessment *assessment, uint32_t org, struct pick *pick) {
    int track = pick_track(pick);
    struct pick alone = {.furthest = false};

    if (track < 0)
        return;
    pick_worse(assessment, org, way_alone, pick->way[track].measure, &alone);
    for (int i = 0; i < 2; i++) {
        if (!alone.has[i] || alone.way[i].room.distance >= pick->way[track].room.distance)
            continue;
        pick->way[track] = alone.way[i];
        pick->ground[track] = alone.ground[i];
    }
    pick->has[1 - track] = false;
}

static struct headroom to_worse(const struct assessment *assessment, uint32_t org) {
    const struct framework *framework = assessment->framework;
    uint64_t on = assessment->verdicts[org].on;
    struct pick pick = {.furthest = false};
    struct headroom headroom;

    pick_worse(assessment, org, by_any, INDEX_NONE, &pick);
    pick_earlier(assessment, org, &pick);
    headroom = report(&pick);
    headroom.segment = framework->default_segment;
    for (size_t i = 0; i < framework->trigger_count; i++)
        if (headroom.ground == &framework->triggers[i])
            headroom.segment = segment_with(assessment, org, with_required(assessment, org, on | UINT64_C(1) << i));
    return headroom;
}

/* The easiest way to end a trigger that is on: its own, or that of the triggers
 * that hold it up. */
static struct way way_out(const struct assessment *assessment, uint32_t org, size_t index) {
    const struct framework *framework = assessment->framework;
    const struct trigger *trigger = &framework->triggers[index];
    const struct verdict *verdict = &assessment->verdicts[org];
    struct way own = way_off(assessment, org, trigger, verdict->latched >> index & 1);
    struct pick support = {.furthest = true};
    int track;

    if (!trigger->requires_segment || verdict->latched >> index & 1 || verdict->official >= trigger->requires_segment)
        return own;
    for (size_t i = 0; i < framework->trigger_count; i++) {
        struct way way;

        if (!(verdict->on >> i & 1) || framework->triggers[i].requires_segment ||
            framework->triggers[i].segment < trigger->requires_segment)
            continue;
        way = way_off(assessment, org, &framework->triggers[i], verdict->latched >> i & 1);
        pick_add(&support, &way, &framework->triggers[i]);
    }
    track = pick_track(&support);
    return track >= 0 && way_compare(&support.way[track], &own) < 0 ? support.way[track] : own;
}

static struct headroom to_better(const struct assessment *assessment, uint32_t org) {
    const struct framework *framework = assessment->framework;
    const struct verdict *verdict = &assessment->verdicts[org];
    struct pick pick = {.furthest = true};
    struct headroom headroom;
    uint64_t left = verdict->on;

    for (size_t i = 0; i < framework->trigger_count; i++) {
        struct way way;

        if (!(verdict->on >> i & 1) || framework->triggers[i].segment != verdict->segment)
            continue;
        way = way_out(assessment, org, i);
        pick_add(&pick, &way, &framework->triggers[i]);
        left &= ~(UINT64_C(1) << i);
    }
    headroom = report(&pick);
    headroom.segment = segment_with(assessment, org, with_required(assessment, org, left) & left);
    return headroom;
}

struct headroom headroom_of(const struct assessment *assessment, uint32_t org) {
    if (assessment->types[org] >= TYPES_MAX || assessment_closed(assessment, org))
        return (struct headroom){.measure = INDEX_NONE};
    return assessment->verdicts[org].segment >= 3 ? to_better(assessment, org) : to_worse(assessment, org);
}

struct headroom headroom_of_score(const struct score_verdict *score, const struct score_grounds *grounds, int segment) {
    struct headroom headroom = {.measure = INDEX_NONE};
    int better = score->unadjusted - 1;

    if (!score->scored || !grounds || !grounds->has_cuts)
        return headroom;
    if (segment <= 2) {
        headroom.segment = score->unadjusted + 1;
        headroom.figure = grounds->cuts[score->unadjusted - 1];
    } else if (segment == 5 || (grounds->deficit && better < 3)) {
        /* The recovery programme or the deficit keeps it there, whatever the average. */
        headroom.known = true;
        headroom.segment = segment == 5 ? score->adjusted : better < 3 ? 2 : better;
        return headroom;
    } else {
        headroom.segment = better;
        headroom.figure = grounds->cuts[better - 1];
    }
    headroom.known = headroom.moves = true;
    headroom.distance = fabs(score->average - headroom.figure);
    return headroom;
}
