/* The engine's own record, shared by engine.c (inputs), engine_load.c and engine_read.c. */
#ifndef OV_ENGINE_ENGINE_STATE_H
#define OV_ENGINE_ENGINE_STATE_H

#include "daemon/engine/assessment.h"
#include "daemon/engine/dormant.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/names.h"
#include "daemon/engine/programme.h"
#include "daemon/engine/turn.h"

struct engine {
    struct registry *registry;
    struct framework **frameworks;
    size_t framework_count;
    struct assessment **assessments; /* by framework */
    struct turn *turns;              /* by framework */
    struct names *sources;
    struct programme_book *programmes;
    struct dormant *dormant; /* what fits these rules no more */
    uint64_t *positions;     /* by source: last seq applied */
    size_t position_capacity;
    struct alert_id last_id;
    ov_day date;
    struct engine_counters counters;
};

/* The value as the assessment keeps it: NAN for null, the position of a rating
 * word, 0 or 1 for a flag. False when it does not fit the measure. */
bool engine_number(const struct measure *measure, const struct value *value, double *ret_number);

uint16_t engine_measure(const struct assessment *assessment, struct text id); /* INDEX_NONE */

/* A step of a programme into its place; or why not, and the date of the step it disagrees with. */
enum programme_fault engine_add_programme(struct engine *engine, uint32_t org, const struct programme_item *item,
                                          struct text source, uint64_t seq, ov_day *ret_on);

void changes_reset(struct changes *changes);

#endif
