/*
 * What a state holds and the rules have no place for: figures of a measure
 * that is no more, everything about an organisation that has left the
 * registry. It is kept as text, speaks for nothing, and is offered again to
 * every engine that takes over, as the rules may come back.
 *
 * Filled only while a state is loaded or carried over, never by a message, so
 * it is bounded by what the store held. Nothing is taken out but a figure that
 * a message has replaced.
 */
#ifndef OV_ENGINE_DORMANT_H
#define OV_ENGINE_DORMANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/message.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/names.h"

struct dormant_figure {
    struct text measure, org;
    ov_day period;
    struct value value;
    uint32_t revision;
    bool replaced; /* by a newer one that fits */
};

struct dormant_decision {
    struct text org, source;
    struct decision_item item;
    uint64_t seq;
};

struct dormant_step {
    struct text org, source;
    struct programme_item item;
    uint64_t seq;
};

struct dormant_verdict {
    struct text framework, org;
    const char *state;
};

/* The lists are read in place, in the order in which they came. */
struct dormant {
    struct arena *arena; /* of all texts and lists */
    struct names *keys;  /* of figures: same positions */
    struct dormant_figure *figures;
    size_t figure_count;
    struct dormant_decision *decisions;
    size_t decision_count;
    struct dormant_step *steps; /* of programmes */
    size_t step_count;
    struct dormant_verdict *verdicts;
    size_t verdict_count;
};

struct dormant *dormant_create(void);
void dormant_destroy(struct dormant *dormant);

/* Texts are copied. Of one figure the last that is kept holds. */
void dormant_keep_figure(struct dormant *dormant, struct text measure, ov_day period, struct text org,
                         const struct value *value, uint32_t revision);
void dormant_keep_decision(struct dormant *dormant, struct text org, const struct decision_item *item,
                           struct text source, uint64_t seq);
void dormant_keep_step(struct dormant *dormant, struct text org, const struct programme_item *item, struct text source,
                       uint64_t seq);
void dormant_keep_verdict(struct dormant *dormant, struct text framework, struct text org, const char *state);

/* A figure that fits has been accepted in its place. */
void dormant_replace_figure(struct dormant *dormant, struct text measure, ov_day period, struct text org);

#endif
