#include "daemon/engine/room.h"

#include <math.h>

#include "daemon/engine/signal.h"

/* What must happen to the key, where larger is better, to turn the signal over. */
struct turn_point {
    double key;
    bool beyond; /* it must pass the key, not only reach it */
    bool better; /* by climbing */
};

/* ---- Bands ---- */

/* The key of the other at a position from the worst, the one with this key left out. */
static double other_at(const struct ranking *ranking, double key, uint32_t position) {
    return ranking_key_at(ranking, position < ranking_worse(ranking, key) ? position : position + 1);
}

/* A figure is in a bottom band when it is worse than the other at position
 * ceil(h) - 1 from the worst, h = (n-1)p; the top band is the mirror image. */
static bool band_point(const struct table *table, enum signal_kind kind, double key, bool holds,
                       struct turn_point *ret_point) {
    uint32_t n = ranking_count(table->ranking), inside;
    bool top = kind == SIGNAL_TOP_QUARTILE;
    double h = (n - 1) * (kind == SIGNAL_BOTTOM_DECILE ? 0.1 : 0.25);

    inside = (uint32_t)ceil(h);
    if (!table->bands.active || !inside)
        return false;
    ret_point->key = other_at(table->ranking, key, top ? n - 1 - inside : inside - 1);
    ret_point->beyond = !holds;
    ret_point->better = holds != top;
    return true;
}

/* The change of the competition rank on the way to the point. */
static uint32_t places_to(const struct ranking *ranking, double key, const struct turn_point *point) {
    uint32_t before = ranking_better(ranking, key), after;

    if (point->better)
        return before - ranking_better(ranking, point->key);
    after = ranking_better(ranking, point->key);
    if (point->beyond)
        after = ranking_count(ranking) - ranking_worse(ranking, point->key);
    /* It was itself among those it now lets pass. */
    if (point->beyond ? key >= point->key : key > point->key)
        after--;
    return after - before;
}

/* ---- Numbers ---- */

static struct turn_point threshold_point(const struct measure *measure, const struct signal *signal, bool holds) {
    bool up = signal->comparison == COMPARE_AT_LEAST || signal->comparison == COMPARE_ABOVE;
    bool open = signal->comparison == COMPARE_ABOVE || signal->comparison == COMPARE_BELOW;

    return (struct turn_point){.key = measure_key(measure, signal->number),
                               .beyond = holds != open,
                               .better = (up != holds) == (measure->direction != DIRECTION_LOWER)};
}

static bool plan_point(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct signal *signal,
                       const struct room *room, struct turn_point *ret_point) {
    double plan = signal_plan(assessment, org, measure, room->period);

    if (isnan(plan))
        return false;
    *ret_point =
        (struct turn_point){.key = measure_key(&assessment->framework->measures[measure], plan) - signal->margin,
                            .beyond = !room->holds,
                            .better = room->holds};
    return true;
}

static bool drop_point(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct column *column,
                       bool holds, struct turn_point *ret_point) {
    const struct measure *m = &assessment->framework->measures[measure];
    struct drop_result result = signal_drop(assessment, org, measure, column);
    struct drop_options options = {.improvement = measure_improvement(m), .minimum = m->drop_minimum};
    double bound;
    bool beyond;

    if (m->drop_rank > 0 || !spc_drop_bound(&result, &options, &bound, &beyond))
        return false;
    *ret_point = (struct turn_point){.key = measure_key(m, bound), .beyond = beyond != holds, .better = holds};
    return true;
}

/* ---- Any signal ---- */

static const struct table *table_of(const struct assessment *assessment, uint32_t org, uint16_t measure,
                                    const struct column *column) {
    uint8_t set = figures_peer_set(assessment->figures[measure], org);

    return set != PEER_SET_NONE ? figures_table(assessment->figures[measure], column, set) : NULL;
}

static bool find_point(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct signal *signal,
                       const struct column *column, const struct room *room, struct turn_point *ret_point) {
    const struct measure *m = &assessment->framework->measures[measure];
    const struct table *table = table_of(assessment, org, measure, column);

    if (signal_is_band(signal->kind))
        return table && band_point(table, signal->kind, measure_key(m, room->value), room->holds, ret_point);
    if (signal->kind == SIGNAL_MISSED_PLAN)
        return plan_point(assessment, org, measure, signal, room, ret_point);
    if (signal->kind == SIGNAL_DROP)
        return drop_point(assessment, org, measure, column, room->holds, ret_point);
    if (signal->kind != SIGNAL_THRESHOLD)
        return false;
    *ret_point = threshold_point(m, signal, room->holds);
    return true;
}

static void move_to(struct room *room, const struct measure *measure, const struct table *table,
                    const struct turn_point *point) {
    room->turning = TURN_MOVE;
    room->bound = measure_value(measure, point->key);
    room->beyond = point->beyond;
    room->distance = fabs(room->value - room->bound);
    if (table) {
        room->has_places = true;
        room->places = places_to(table->ranking, measure_key(measure, room->value), point);
        room->n = ranking_count(table->ranking);
    }
}

/* Can this figure turn the signal over at all? Otherwise fills in what is missing. */
static bool in_reach(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct signal *signal,
                     const struct column *column, struct room *room) {
    int run;

    if (!signal_is_band(signal->kind) &&
        signal_expired(assessment, &assessment->framework->measures[measure], column, UNTIL_NOW))
        return false;
    if (room->holds || signal->sustained <= 1)
        return true;
    run = room->run ? room->run : signal_run_before(assessment, org, measure, signal, column) + 1;
    if (!room->run && run >= signal->sustained)
        return true;
    room->periods = signal->sustained - run;
    return false;
}

struct room room_of(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct signal *signal) {
    const struct measure *m = &assessment->framework->measures[measure];
    struct reading reading = signal_read(assessment, org, measure, signal, UNTIL_NOW);
    struct room room = {
        .present = reading.present, .holds = reading.holds, .run = reading.run, .band = signal_is_band(signal->kind)};
    struct turn_point point;

    if (!reading.present)
        return room;
    room.period = reading.column->period;
    room.value = reading.column->values[org];
    if (!in_reach(assessment, org, measure, signal, reading.column, &room))
        return room;
    if (signal->kind == SIGNAL_RATING || signal->kind == SIGNAL_FLAG)
        room.turning = TURN_SET;
    else if (find_point(assessment, org, measure, signal, reading.column, &room, &point))
        move_to(&room, m, table_of(assessment, org, measure, reading.column), &point);
    return room;
}

double room_share(const struct room *room) {
    double whole = fmax(fabs(room->value), fabs(room->bound));

    if (room->band)
        return (double)room->places / room->n;
    return whole > 0 ? room->distance / whole : 0;
}

static int compare_numbers(double a, double b) {
    return (a > b) - (a < b);
}

int room_compare(const struct room *a, const struct room *b) {
    if (a->turning != b->turning)
        return a->turning > b->turning ? -1 : 1;
    if (a->turning != TURN_MOVE)
        return 0;
    if (!a->band || !b->band)
        return compare_numbers(room_share(a), room_share(b));
    if (a->places != b->places)
        return a->places < b->places ? -1 : 1;
    return compare_numbers(a->distance, b->distance);
}
