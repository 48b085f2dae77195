/*
 * Triggers and their evidence in words: measure, figure, rank, cut, distance,
 * places.
 */
#ifndef OV_CTL_EVIDENCE_TEXT_H
#define OV_CTL_EVIDENCE_TEXT_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "common/buf.h"

/* "ae-4h: 62.1% in June 2025, 118th of 124, in the bottom quartile: 3.4 percentage points beyond the cut at 65.5%; 6 places ..." */
void append_evidence(struct buf *buf, const cJSON *evidence);

/* A list of triggers, one paragraph each, indented. */
void append_triggers(struct buf *buf, bool colour, const cJSON *triggers, const char *indent);

/* "bottom_quartile" to "bottom quartile". */
void append_word(struct buf *buf, const char *word);

#endif
