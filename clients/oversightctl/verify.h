/*
 * Does an alert hold? Everything in it that follows from something else in it
 * is computed again; with the framework, what follows from the rules too.
 */
#ifndef OV_CTL_VERIFY_H
#define OV_CTL_VERIFY_H

#include <cjson/cJSON.h>

#include "common/buf.h"
#include "daemon/engine/framework.h"

struct verify {
    const cJSON *event, *data;
    const struct framework *framework; /* NULL: the alert must speak for itself */
    struct buf where;                  /* "triggers[0].evidence[1] (ae-4h): " */
    struct buf *out;                   /* a line for each contradiction */
    size_t contradictions;
};

/* Appends what contradicts what to out, a line each. True when nothing does.
 * no_check leaves the digest out: what does arithmetic alone see? */
bool verify_event(const cJSON *event, const struct framework *framework, bool no_check, struct buf *out);

/* ---- For the parts ----------------------------------------------------------- */

void contradict(struct verify *verify, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The member as a number; false, after a contradiction, when it is none. */
bool verify_number(struct verify *verify, const cJSON *object, const char *name, double *ret_number);
/* The same for whole numbers of at least min. */
bool verify_count(struct verify *verify, const cJSON *object, const char *name, double min, double *ret_count);
/* The same for dates. */
bool verify_date(struct verify *verify, const cJSON *object, const char *name, ov_day *ret_day);
/* Equal but for the last digits. */
bool verify_same(double a, double b);

/* verify_evidence.c: one entry of the evidence of a trigger, and that of a drop
 * or recovery. trigger and measure are NULL without a framework. */
void verify_evidence(struct verify *verify, const cJSON *evidence, const struct trigger *trigger,
                     const struct measure *measure);
void verify_top_evidence(struct verify *verify, const char *kind, const cJSON *evidence);

/* verify_triggers.c: the grounds; ret_worst is the worst segment they call for, 0 = none. */
void verify_triggers(struct verify *verify, const cJSON *triggers, int *ret_worst);

/* verify_score.c: the average and what follows from it; ret_segment 0 = there is no score. */
void verify_score(struct verify *verify, const cJSON *score, bool grounds, int *ret_segment);

#endif
