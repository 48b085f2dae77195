/*
 * Triggers: conditions over signals. See oversight-framework(5), "Triggers".
 */
#ifndef OV_ENGINE_TRIGGER_H
#define OV_ENGINE_TRIGGER_H

#include <stdbool.h>

#include "daemon/engine/assessment.h"

struct trigger_reading {
    bool holds;   /* the condition, without requires_segment */
    bool unknown; /* looks at a measure of which the organisation has stopped reporting */
    int measures; /* that show the signal */
    int themes;   /* they belong to */
};

/* The plain condition as of a date. */
struct trigger_reading trigger_read(const struct assessment *assessment, uint32_t org, const struct trigger *trigger,
                                    ov_day until);

/* The same with clear_after: true as well while the condition has been false in
 * fewer than clear_after consecutive periods. ret_until: as of when it held last
 * (UNTIL_NOW when it holds now). */
bool trigger_holds(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, ov_day *ret_until,
                   bool *ret_unknown);

/* How long the condition has held without a break, counted back from `until`
 * in the periods of the measures that show the signal. */
void trigger_run(const struct assessment *assessment, uint32_t org, const struct trigger *trigger, ov_day until,
                 ov_day *ret_since, uint32_t *ret_periods);

#endif
