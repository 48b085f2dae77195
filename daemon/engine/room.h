/*
 * How far a signal is from turning over: what the figure that speaks would have
 * to be for the signal to appear, or to go, while everybody else stands still.
 *
 * The bound of a band is not its cut, which moves with the figure itself, but
 * the figure of another at which the band really is entered or left. Distances
 * are in units of the measure; places are the change of its competition rank,
 * so that any move that changes the rank by less does not turn the signal over.
 *
 * Not computed, and so never in reach: special causes, whose limits move with
 * the figure, and drops by rank or by a plain step.
 */
#ifndef OV_ENGINE_ROOM_H
#define OV_ENGINE_ROOM_H

#include <stdbool.h>

#include "daemon/engine/assessment.h"

enum turning {
    TURN_NEVER, /* not by that figure: none speaks, it is too old, more periods are needed, or not computed */
    TURN_SET,   /* by another word or flag */
    TURN_MOVE   /* by moving it to the bound */
};

struct room {
    bool present; /* there is a figure to speak */
    bool holds;   /* the signal */
    ov_day period;
    double value;
    int run;     /* periods running that it holds in, no more than asked for */
    int periods; /* of TURN_NEVER: so many further periods are needed, if nothing else is in the way */
    enum turning turning;
    double bound;    /* TURN_MOVE: from here on it turns over ... */
    bool beyond;     /* ... or only beyond */
    double distance; /* from the figure to the bound, units */
    bool band;       /* bounded by the figures of others */
    bool has_places;
    uint32_t places, n;
};

struct room room_of(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct signal *signal);

/* How far the figure must move as a share of itself or of its bound, whichever is larger. */
double room_share(const struct room *room);

/* Which is nearer: negative when a is. Moves before words and flags; bands by
 * places, then distance; the rest by their share. */
int room_compare(const struct room *a, const struct room *b);

#endif
