/*
 * What one framework says of one organisation: its verdict and everything
 * about it that cannot be computed from the figures: what has been announced,
 * latches, open drops, decisions.
 */
#ifndef OV_ENGINE_VERDICT_H
#define OV_ENGINE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/engine/engine.h"

enum drop_state { DROP_OPEN, DROP_WITHDRAWN, DROP_RECOVERED };

/* A drop seen at one period of one measure. */
struct drop_record {
    uint16_t measure;
    ov_day period;
    uint32_t occurrence; /* how often the cause has come, from 1 */
    enum drop_state state;
    struct alert_id alert; /* 0-0: taken over without announcing */
};

struct programme_note;

#define DECISIONS_MAX 1000 /* of an organisation in a framework; more are refused */
#define DROPS_KEPT 256     /* of an organisation in a framework; the oldest that is over gives way */

struct decision {
    int segment;
    ov_day effective;
    uint16_t trigger; /* released latch, or INDEX_NONE */
    bool applied;     /* its effects on latches and alerts are done */
    struct cause cause;
    char *decided_by, *reason;
};

/* Lists of the stored form that keep, as text, what names a measure, trigger or
 * programme that the framework does not have now, as it may come back. */
enum verdict_list { LIST_LATCHED, LIST_MISSING, LIST_DROPS, LIST_PROGRAMMES, LIST_COUNT };
#define LEFT_BYTES ((size_t)16 * 1024) /* of one list; what comes on top is forgotten */

struct verdict {
    int segment; /* indicative */
    int official;
    ov_day since;
    uint64_t on, unknown, latched; /* masks of triggers */
    uint64_t met;                  /* mask of conditions for segment 1 */
    struct score_verdict score;

    /* The newest segment alert, for amendments and withdrawals. */
    struct alert_id alert;
    int alert_before, alert_after;
    bool standing;        /* announced and not withdrawn */
    uint32_t occurrences; /* segment alerts so far; part of their keys */

    uint64_t *missing; /* bit per measure: data.missing is on */

    struct drop_record *drops;
    size_t drop_count, drop_capacity;
    struct programme_note *notes; /* of programmes; programme_notes.h */
    size_t note_count, note_capacity;
    struct decision *decisions; /* by effective, then order of acceptance */
    size_t decision_count, decision_capacity;
    struct move *moves;
    size_t move_count, move_capacity;
    struct alert_id *open; /* rebuilt after each change: standing alert and open drops */
    size_t open_count, open_capacity;

    char *left[LIST_COUNT]; /* items with commas between them, or NULL */

    bool stored;  /* loaded from a store */
    bool changed; /* since it was last reported for storing */
};

void verdict_init(struct verdict *verdict, const struct framework *framework);
void verdict_finish(struct verdict *verdict);

bool verdict_is_missing(const struct verdict *verdict, uint16_t measure);
void verdict_set_missing(struct verdict *verdict, uint16_t measure, bool missing);
struct drop_record *verdict_find_drop(const struct verdict *verdict, uint16_t measure, ov_day period);
void verdict_add_drop(struct verdict *verdict, const struct drop_record *record); /* keeps DROPS_KEPT */
void verdict_add_move(struct verdict *verdict, const struct move *move);          /* keeps the newest MOVES_KEPT */
/* Inserts in order; texts are copied. */
void verdict_add_decision(struct verdict *verdict, const struct decision *decision);
void verdict_list_open(struct verdict *verdict);
/* Keeps an item of the stored form that does not fit. */
void verdict_leave(struct verdict *verdict, enum verdict_list list, struct text item);

/* One line of printable ASCII, and back. Names of measures and triggers stand
 * by id, so that a changed framework reads what still fits and leaves the rest
 * as it is, but for the triggers that are on: they follow from the figures. */
char *verdict_write(const struct verdict *verdict, const struct framework *framework, struct arena *arena);
bool verdict_read(struct verdict *verdict, const struct framework *framework, const char *text);

#endif
