/*
 * How far a trigger is from turning over. Built from the rooms of its measures
 * (room.h): one that asks for k measures turns when the k-th nearest does.
 *
 * Pure: reads the figures and the verdict, changes nothing.
 */
#ifndef OV_ENGINE_WAY_H
#define OV_ENGINE_WAY_H

#include "daemon/engine/room.h"

enum way_kind {
    WAY_NONE,     /* not by the figures that speak now */
    WAY_FIGURES,  /* by its measures */
    WAY_DECISION, /* it is latched, or looks at decisions only */
    WAY_TIME      /* its condition has gone, but not for long enough (clear_after) */
};

struct way {
    enum way_kind kind;
    int measures;     /* WAY_FIGURES: so many must turn over; 0 = its condition is as wanted already */
    uint16_t measure; /* the furthest of them, or INDEX_NONE */
    struct room room; /* of that one */
    int periods;      /* clear_after, where it asks for more than one: the condition must stay away so long */
};

/* The easiest way to make a trigger's condition hold, without requires_segment ... */
struct way way_on(const struct assessment *assessment, uint32_t org, const struct trigger *trigger);
/* ... and to end it. latched: a decision alone releases it. */
struct way way_off(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, bool latched);

/* Which is nearer: negative when a is. Two by places are compared in places,
 * any others by the share of the peers or of the figure. */
int way_compare(const struct way *a, const struct way *b);

/* The way by one measure alone; WAY_NONE where that is not enough. */
struct way way_alone(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, bool wanted,
                     uint16_t measure);

/* It is a matter of moving figures. */
bool way_moves(const struct way *way);

#endif
