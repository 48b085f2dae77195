/*
 * Which alerts go where: the conditions of a route, quiet hours, and the
 * schedule of repeated attempts. Pure: time and chance are arguments.
 */
#ifndef OV_ONCALL_ROUTE_H
#define OV_ONCALL_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/oncall/notice.h"

/* Texts of which one must fit; none at all fits everything. */
struct words {
    char **items;
    size_t count;
};
void words_finish(struct words *words);
bool words_hold(const struct words *words, const char *word);

struct route {
    char *name;
    enum level level;   /* this or worse */
    struct words kinds; /* whole kinds, or families: "segment" holds "segment.worsened" */
    struct words organisations, systems, regions, types;
    unsigned segments;    /* bit n: segment n; 0: all, and alerts without one */
    struct words targets; /* names */
    bool more;            /* the next routes are tried, too */
    bool quiet;           /* quiet hours hold here */
    int limit;            /* alerts per window that go out one by one; 0: all */
    int64_t window;       /* ms */
};

bool route_fits(const struct route *route, const struct notice *notice);

/* ---- Quiet hours ------------------------------------------------------------- */

#define QUIET_MAX 16

struct quiet {
    struct quiet_span {
        unsigned days; /* bit n: it may begin on weekday n, 0 = Sunday */
        int from, to;  /* minutes of the day; to <= from: it ends on the next day */
    } spans[QUIET_MAX];
    size_t count;
};

bool quiet_holds(const struct quiet *quiet, int weekday, int minute);

/* ---- Repeated attempts --------------------------------------------------------- */

struct retry {
    int64_t first, most; /* ms: the first pause, and the longest */
    int64_t give_up;     /* ms after the first attempt for an alert */
};

/* How long to wait after so many failures in a row (from 1). asked: what the
 * service asked for, 0 = nothing; it is heard up to an hour. chance: any number. */
int64_t retry_pause(const struct retry *retry, unsigned failures, int64_t asked, uint32_t chance);

/* True when an attempt at now was the last one. */
bool retry_is_over(const struct retry *retry, int64_t since, int64_t now);

#endif
