/*
 * What the step under construction will write: each figure once, with its
 * newest value, however often it changed; likewise verdicts and the positions
 * of sources. All of it is turned into text when the step is closed, not when
 * it changes.
 *
 * Organisations are known by their place in the registry, frameworks by theirs
 * in the engine: drain it before either changes.
 */
#ifndef OV_DAEMON_PENDING_H
#define OV_DAEMON_PENDING_H

#include "daemon/engine/engine.h"

struct pending;

/* Out of memory ends the process. */
struct pending *pending_create(void);
void pending_destroy(struct pending *pending);

/* Texts are copied. */
void pending_figure(struct pending *pending, const struct figure_change *figure);
/* The stored record of a verdict; what it says is for the visitor to ask. */
void pending_verdict(struct pending *pending, uint16_t framework, uint32_t org);
/* How far a source has come. */
void pending_source(struct pending *pending, struct text source, uint64_t last);

/* Figures and verdicts. */
size_t pending_count(const struct pending *pending);
/* Memory they take, here and as text in the step, near enough. */
size_t pending_bytes(const struct pending *pending);

struct pending_visitor {
    /* Before the figures of a measure and period, which come one after the other;
     * what is shown is gone when the visit returns. */
    void (*column)(void *context, const char *measure, ov_day period);
    void (*figure)(void *context, const struct figure_change *figure);
    void (*verdict)(void *context, uint16_t framework, uint32_t org);
    void (*source)(void *context, const char *source, uint64_t last);
};

/* Visits everything once, and leaves nothing pending. */
void pending_drain(struct pending *pending, const struct pending_visitor *visitor, void *context);

#endif
