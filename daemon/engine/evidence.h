/*
 * The numbers behind a signal: figure, rank, cut, distance, limits.
 */
#ifndef OV_ENGINE_EVIDENCE_H
#define OV_ENGINE_EVIDENCE_H

#include "daemon/engine/assessment.h"
#include "daemon/engine/signal.h"

/* Of a signal as of `until`; false when there is no figure to speak. */
bool evidence_of_signal(const struct assessment *assessment, uint32_t org, uint16_t measure,
                        const struct signal *signal, ov_day until, struct evidence *ret_evidence);

/* Of the figure in one column: value, rank and the outermost band it is in. */
void evidence_of_figure(const struct assessment *assessment, uint32_t org, uint16_t measure,
                        const struct column *column, struct evidence *ret_evidence);

/* Of a drop, judged against the points before the column's period; the figure
 * shown is that of `shown` (the same column, or a later one for a recovery). */
void evidence_of_drop(const struct assessment *assessment, uint32_t org, uint16_t measure, const struct column *column,
                      const struct column *shown, struct evidence *ret_evidence);

/* The trigger with its evidence as of when it held last. */
void evidence_of_trigger(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, ov_day until,
                         struct arena *arena, struct alert_trigger *ret_trigger);

#endif
