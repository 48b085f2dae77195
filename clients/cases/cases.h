/*
 * Rule tests as text, oversight-case(5): a framework, organisations, messages,
 * and what must come of them. Every case is played three times, the second
 * time from scratch, which must give the same alerts with the same keys, the
 * third time with the engine written and loaded back before all steps, which
 * must as well.
 */
#ifndef OV_CASES_CASES_H
#define OV_CASES_CASES_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/engine/alert.h"

struct case_result {
    const char *path;
    unsigned line; /* of the case */
    const char *title;
    bool good;
    const char *how;         /* the round that failed: "", " (from scratch again)", ... */
    const char *differences; /* lines "- expected" and "+ got"; "" when good */
};

typedef void (*cases_report)(void *context, const struct case_result *result);

/* Sees every alert of every case, in the first of its three rounds. */
typedef void (*cases_observe)(void *context, const struct alert *alert);

struct cases_count {
    size_t played, failed;
};

/* Plays all cases of the file and reports each. A file that is wrong in itself
 * ends the program with EX_DATAERR after a message naming file and line. */
void cases_play_file(const char *path, cases_report report, void *context, struct cases_count *count);
/* The same, observed. */
void cases_play_observed(const char *path, cases_report report, cases_observe observe, void *context,
                         struct cases_count *count);

/* A report for people on standard output; context is not used. */
void cases_print(void *context, const struct case_result *result);

#endif
