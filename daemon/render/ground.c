#include "daemon/render/ground.h"

#include "daemon/render/evidence.h"

/* The figure, where it stands, and what it is held against. */
static void put_figure(struct json_writer *json, const struct evidence *evidence) {
    json_date(json, "period", evidence->period);
    json_figure(json, "value", evidence->measure, evidence->value);
    if (evidence->measure->unit && evidence->measure->unit[0])
        json_string(json, "unit", evidence->measure->unit);
    if (evidence->ranked) {
        json_uint(json, "rank", evidence->rank);
        json_uint(json, "n", evidence->n);
    }
    if (evidence->has_cut) {
        json_number(json, "cut", evidence->cut);
        json_number(json, "distance", evidence->distance);
    }
    if (evidence->has_band)
        json_uint(json, "places", evidence->places);
    if (evidence->has_limits) {
        json_object(json, "limits");
        json_number(json, "mean", evidence->mean);
        json_number(json, "lower", evidence->lower);
        json_number(json, "upper", evidence->upper);
        json_object_end(json);
    }
    if (evidence->held)
        json_bool(json, "held", true);
}

/* Where the signal turns over. */
static void put_turn(struct json_writer *json, const struct room *room) {
    static const char *const names[] = {[TURN_NEVER] = "never", [TURN_SET] = "set", [TURN_MOVE] = "move"};
    json_object(json, "turn");
    json_string(json, "by", names[room->turning]);
    if (room->turning == TURN_MOVE) {
        json_number(json, "figure", room->bound);
        json_bool(json, "beyond", room->beyond);
        json_number(json, "distance", room->distance);
    }
    if (room->turning == TURN_MOVE && room->has_places)
        json_uint(json, "places", room->places);
    if (room->turning == TURN_NEVER && room->periods > 0)
        json_int(json, "periods", room->periods);
    json_object_end(json);
}

static void put_look(struct json_writer *json, const struct framework *framework, const struct trigger *trigger,
                     const struct look *look) {
    json_object(json, NULL);
    json_string(json, "measure", framework->measures[look->measure].id);
    json_bool(json, "holds", look->room.holds);
    if (look->has_evidence)
        put_figure(json, &look->evidence);
    if (look->unknown)
        json_bool(json, "unknown", true);
    if (trigger->signal.sustained > 1)
        json_int(json, "run", look->room.run);
    put_turn(json, &look->room);
    json_object_end(json);
}

static void put_asks(struct json_writer *json, const struct trigger *trigger) {
    json_object(json, "asks");
    if (trigger->at_most >= 0) {
        json_int(json, "at_most", trigger->at_most);
    } else {
        json_int(json, "measures", trigger->count);
        json_int(json, "themes", trigger->themes);
    }
    json_int(json, "for", trigger->signal.sustained);
    json_object_end(json);
}

static void put_way(struct json_writer *json, const struct framework *framework, const struct way *way) {
    static const char *const names[] = {
        [WAY_NONE] = "none", [WAY_FIGURES] = "figures", [WAY_DECISION] = "decision", [WAY_TIME] = "time"};
    json_object(json, "way");
    json_string(json, "by", names[way->kind]);
    if (way->kind == WAY_FIGURES)
        json_int(json, "measures", way->measures);
    if (way->measure != INDEX_NONE)
        json_string(json, "measure", framework->measures[way->measure].id);
    if (way_moves(way)) {
        json_number(json, "figure", way->room.bound);
        json_bool(json, "beyond", way->room.beyond);
        json_number(json, "distance", way->room.distance);
    }
    if (way_moves(way) && way->room.has_places)
        json_uint(json, "places", way->room.places);
    if (way->periods > 0)
        json_int(json, "periods", way->periods);
    json_object_end(json);
}

void json_ground(struct json_writer *json, const struct framework *framework, const struct ground *ground,
                 const char *state) {
    const struct trigger *trigger = ground->trigger;
    json_object(json, NULL);
    json_string(json, "id", trigger->id);
    if (trigger->title)
        json_string(json, "title", trigger->title);
    json_int(json, "segment", trigger->segment);
    json_string(json, "signal", signal_kind_name(trigger->signal.kind));
    json_bool(json, state, ground->on);
    json_bool(json, "holds", ground->holds);
    json_bool(json, "unknown", ground->unknown);
    if (ground->latched)
        json_bool(json, "latched", true);
    if (ground->on && !ground->holds)
        json_string(json, "kept_by", ground->latched ? "latched" : "clear_after");
    if (trigger->requires_segment) {
        json_int(json, "requires_segment", trigger->requires_segment);
        json_bool(json, "supported", ground->supported);
    }
    if (ground->periods) {
        json_date(json, "since", ground->since);
        json_uint(json, "for", ground->periods);
    }
    put_asks(json, trigger);
    json_object(json, "shows");
    json_int(json, "measures", ground->measures);
    json_int(json, "themes", ground->themes);
    json_object_end(json);
    json_array(json, "measures");
    for (size_t i = 0; i < ground->look_count; i++)
        put_look(json, framework, trigger, &ground->looks[i]);
    json_array_end(json);
    put_way(json, framework, &ground->way);
    json_object_end(json);
}
