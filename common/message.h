/*
 * One message of updates in memory: what the wire decoder produces and the
 * engine consumes. Plain records; every text points into memory that outlives
 * the message (the payload or the decoder's arena).
 *
 * Source of every field: oversight-protocol(7), "Updates in".
 */
#ifndef OV_COMMON_MESSAGE_H
#define OV_COMMON_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/date.h"
#include "common/text.h"

enum refusal {
    REFUSAL_NONE,
    REFUSAL_UNKNOWN_ORGANISATION,
    REFUSAL_CLOSED_ORGANISATION,
    REFUSAL_UNKNOWN_MEASURE,
    REFUSAL_NOT_APPLICABLE,
    REFUSAL_BAD_PERIOD,
    REFUSAL_BAD_VALUE,
    REFUSAL_BAD_REVISION,
    REFUSAL_BAD_DECISION,
    REFUSAL_BAD_PROGRAMME,
    REFUSAL_BAD_FIELD,
    REFUSAL_NOT_ALLOWED,
    REFUSAL_TOO_LARGE,
    REFUSAL_UNDECODABLE, /* whole messages only, from here on */
    REFUSAL_GAP,
    REFUSAL_ABANDONED,
    REFUSAL_COUNT
};

/* "unknown-organisation" and so on: the codes of the protocol. */
const char *refusal_code(enum refusal refusal);

enum value_type { VALUE_NULL, VALUE_NUMBER, VALUE_WORD, VALUE_BOOLEAN };

struct value {
    enum value_type type;
    union {
        double number; /* finite */
        struct text word;
        bool boolean;
    };
};

enum item_kind {
    ITEM_FIGURE,
    ITEM_DECISION,
    ITEM_PROGRAMME,
    ITEM_SKIP,   /* fills a gap on purpose */
    ITEM_REFUSED /* the decoder refused this map; it still uses up its seq */
};

enum programme_action { PROGRAMME_ENTER, PROGRAMME_LEAVE, PROGRAMME_REVIEW };

struct figure_item {
    struct text measure;
    ov_day period;
    struct value value;
    uint32_t revision;
};

struct decision_item {
    int segment; /* 1 to 5 */
    ov_day effective;
    struct text decided_by, reason;
    struct text framework; /* empty: the first configured */
    struct text trigger;   /* empty: releases no latch */
};

struct programme_item {
    struct text programme;
    enum programme_action action;
    ov_day effective;
    struct text decided_by, reason, exit_criteria;
    ov_day review_by, limit; /* OV_DAY_NONE when absent */
};

struct refused_item {
    enum refusal code;
    struct text message; /* says field, value and what was expected */
};

struct item {
    enum item_kind kind;
    uint64_t seq;
    struct text org; /* figure, decision, programme */
    union {
        struct figure_item figure;
        struct decision_item decision;
        struct programme_item programme;
        struct refused_item refused;
    };
};

struct message {
    struct text source;
    bool baseline;  /* take the figures over without announcing anything */
    bool more;      /* the message goes on in the next of this source */
    bool allow_gap; /* set by the receiver of a feed whose gap has timed out */
    size_t count;
    struct item *items;
    uint64_t unknown_fields; /* fields ignored, for the counters */
};

#endif
