/* Private to the ledger: what it is made of (ledger_make.c), and the records that it keeps (ledger.c). */
#ifndef OV_ENGINE_LEDGER_STATE_H
#define OV_ENGINE_LEDGER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/engine/assessment.h"
#include "daemon/engine/segment.h"
#include "daemon/engine/trigger.h"

/* A rule's signal on one measure, to be read again when a certain measure changes. */
struct feed {
    uint16_t rule, measure;
    uint32_t types; /* of organisations that both are for */
    bool banded;    /* the signal is a band of the changed measure, in its newest effective period */
    enum band band;
    bool condition; /* the rule is one for segment 1, otherwise a trigger */
    bool grows;     /* it follows from its bits alone, and holds where more than it needs are set */
    uint64_t own;   /* its bit among the triggers or the conditions */
};

struct rule {
    const struct trigger *trigger;
    bool counted;    /* found from the bits, but for clear_after */
    bool plain;      /* found from the bits alone */
    uint64_t *looks; /* at these measures */
};

/* Words of a record: marked, unknown, of newest periods (effective, any), then those of each rule. */
enum part { PART_MARKED, PART_UNKNOWN, PART_EFFECTIVE, PART_ANY, PART_RULES };

struct ledger {
    const struct assessment *assessment;
    struct rule *rules;
    size_t rule_count, trigger_count, words;
    size_t stride; /* bytes of a record */
    struct feed *feeds;
    size_t *first_feed;   /* by measure, and the end */
    uint64_t *affected;   /* by measure two words: triggers and conditions that may turn over */
    uint64_t *others;     /* the same without those that follow from their bits alone */
    uint64_t *themes;     /* by theme: its measures */
    uint64_t standing[2]; /* rules that decisions turn over */
    bool at_most;         /* some rule asks who has figures at all */
    void *block;
    char *records;
};

/* Before the bits: what was found. */
struct record {
    struct rules_state state;
    uint64_t all; /* everything must be read again */
    uint64_t bits[];
};

static inline struct record *record_of(const struct ledger *ledger, uint32_t org) {
    return (struct record *)(ledger->records + org * ledger->stride);
}

static inline uint64_t *part_of(const struct ledger *ledger, struct record *record, size_t part) {
    return record->bits + part * ledger->words;
}

static inline uint64_t bit(size_t i) {
    return UINT64_C(1) << (i % 64);
}

#endif
