/*
 * One framework at work: its figures, and the verdict on every organisation.
 *
 * The record is shared by the modules that make up an assessment and is used
 * nowhere else:
 *   figures, walk   what was reported, rankings, effective periods
 *   signal          is a measure's signal on for an organisation?
 *   trigger         do the signals make a trigger?
 *   ledger          which signals and triggers held after the last message
 *   segment         the numbered steps from triggers to a segment
 *   evidence        the numbers behind a signal
 *   board           the scores of one scored period
 *   scoreboard      the numbered steps from scores to a segment
 *   turn            one message: what was touched, who must be looked at again
 *   judge           one organisation looked at again: verdict, alerts
 *   programme       the steps of programmes, shared with the other frameworks
 */
#ifndef OV_ENGINE_ASSESSMENT_H
#define OV_ENGINE_ASSESSMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/engine/figures.h"
#include "daemon/engine/framework.h"
#include "daemon/engine/names.h"
#include "daemon/engine/verdict.h"

struct ledger;
struct programme_book;
struct scoreboard;

struct assessment {
    const struct framework *framework;
    const struct registry *registry;
    uint32_t org_count;
    uint8_t *types;    /* type of each organisation in this framework; TYPES_MAX = not one of its */
    uint32_t *closing; /* organisations with a closing date */
    size_t closing_count;
    bool drops;                              /* some measure is judged for dramatic drops */
    struct figures **figures;                /* by measure */
    struct names *measures;                  /* id -> index */
    struct verdict *verdicts;                /* by organisation */
    struct scoreboard *scoreboard;           /* NULL unless the method is scores */
    struct ledger *ledger;                   /* NULL if it is */
    const struct programme_book *programmes; /* the engine's */
    ov_day date;                             /* the engine's; OV_DAY_NONE before the first tick */
    struct engine_counters *counters;
};

struct assessment *assessment_create(const struct framework *framework, const struct registry *registry,
                                     struct engine_counters *counters);
void assessment_destroy(struct assessment *assessment);

/* True when the measure applies to the organisation's type. */
static inline bool assessment_applies(const struct assessment *assessment, uint32_t org, uint32_t types) {
    return assessment->types[org] < TYPES_MAX && (types >> assessment->types[org] & 1);
}
bool assessment_closed(const struct assessment *assessment, uint32_t org);

#endif
