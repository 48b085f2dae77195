/*
 * The ledger of a framework with triggers: which measures show which trigger's
 * signal, of every organisation, kept from one message to the next. An
 * organisation that is looked at again has only those signals read again that
 * its changed measures feed, and only the triggers found again that look at
 * them; when none of those turns over, there is nothing to judge.
 *
 * Per organisation one record of bits, a bit per measure: those to be read
 * again, those it has stopped reporting, and for each rule those that show its
 * signal. "Rules" are the triggers, then the conditions for segment 1.
 *
 * trigger.h answers the same from the figures alone: the audit compares the two.
 */
#ifndef OV_ENGINE_LEDGER_H
#define OV_ENGINE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/engine/segment.h"

struct assessment;
struct ledger;

struct ledger *ledger_create(const struct assessment *assessment);
void ledger_destroy(struct ledger *ledger);

/* The measure must be read again. */
void ledger_mark(struct ledger *ledger, uint32_t org, uint16_t measure);
/* Every measure and rule must: another date, other rules. */
void ledger_mark_all(struct ledger *ledger, uint32_t org);

/* Reads again what was marked. decided: a decision came, which some rules look at. */
struct ledger_news {
    bool rules;     /* one turned over, or became unknown or known */
    bool reporting; /* a measure is reported no more, or again */
};
struct ledger_news ledger_refresh(struct ledger *ledger, uint32_t org, bool decided);

/* As of the last refresh. */
const struct rules_state *ledger_state(const struct ledger *ledger, uint32_t org);

/* A hint that the organisation's record will be needed soon. */
void ledger_prefetch(const struct ledger *ledger, uint32_t org);

size_t ledger_memory(const struct ledger *ledger);

#endif
