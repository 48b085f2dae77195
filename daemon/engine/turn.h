/*
 * One turn of an assessment: the figures of one message are put in place, then
 * bands and effective periods are settled once, then every organisation that
 * was touched is judged again. Only the net change is ever seen.
 */
#ifndef OV_ENGINE_TURN_H
#define OV_ENGINE_TURN_H

#include "daemon/engine/assessment.h"

/* Why an organisation must be looked at again. */
enum reason {
    REASON_FIGURE = 1, /* a figure of its own */
    REASON_DECISION = 2,
    REASON_RULES = 4,
    REASON_DATE = 8,      /* a tick */
    REASON_PERIOD = 16,   /* the effective periods of one of its measures */
    REASON_PEERS = 32,    /* the cuts moved past it */
    REASON_PROGRAMME = 64 /* a step of a programme */
};

#define TOUCH_NONE UINT32_MAX

/* A figure changed in this turn. */
struct touch {
    uint32_t org;
    uint16_t measure;
    ov_day period;
    uint64_t seq;
    bool correction;
    uint32_t next; /* of the same organisation, or TOUCH_NONE */
};

struct touched_table {
    uint16_t measure;
    uint8_t set;
    struct column *column;
};

struct turn {
    struct assessment *assessment;
    uint16_t framework; /* position in the engine */
    struct changes *changes;
    struct alert_id *last_id; /* of the engine; counted on with every alert */
    int64_t now;
    const char *source; /* of the message; "" for ticks and new rules */
    uint64_t seq;       /* of its last update */
    bool silent;        /* baseline: nothing is announced */
    bool emptied;       /* some measure's figures say so of themselves */

    struct touch *touches;
    size_t touch_count, touch_capacity;
    uint32_t *first_touch; /* by organisation */
    uint32_t *last_touch;  /* by measure */
    struct touched_table *tables;
    size_t table_count, table_capacity;
    struct touched_table *resized; /* the first table of each peer set that somebody joined or left */
    size_t resized_count, resized_capacity;
    uint8_t *reasons; /* by organisation */
    uint32_t *dirty;  /* who must be looked at again */
    size_t dirty_count, dirty_capacity;
    uint64_t *dirty_bits, *dirty_groups; /* the same, a bit per organisation, and per word of those */
    struct touched_table *walks;         /* peer sets whose effective periods moved */
    size_t walk_count, walk_capacity;
    const struct decision *decided; /* the last to come into force of whom judge() looks at, or NULL */
};

void turn_init(struct turn *turn, struct assessment *assessment, uint16_t framework, struct alert_id *last_id);
void turn_finish(struct turn *turn);

void turn_begin(struct turn *turn, const char *source, int64_t now, bool silent, struct changes *changes);
/* A figure has been put in place with this effect. */
void turn_touch(struct turn *turn, uint32_t org, uint16_t measure, uint64_t seq, const struct figure_effect *effect);
void turn_mark(struct turn *turn, uint32_t org, enum reason reason);
/* The same because of one of its measures. */
void turn_mark_measure(struct turn *turn, uint32_t org, uint16_t measure, enum reason reason);
/* Settles and judges; afterwards the turn is empty again. */
void turn_end(struct turn *turn);

/* Bands and effective periods of everything, after loading. */
void turn_settle_all(struct assessment *assessment);

/* judge.c: one organisation looked at again. */
void judge(struct turn *turn, uint32_t org);

/* Did the effective periods of the organisation's peer set of a measure move in this turn? */
bool turn_walk_moved(const struct turn *turn, uint32_t org, uint16_t measure);

#endif
