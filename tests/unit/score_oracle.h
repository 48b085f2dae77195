/*
 * Method scores done again, slowly and from scratch: every question is answered
 * by looking at all figures. For tests; knows the records of a framework and
 * nothing else of the engine.
 */
#ifndef OV_TESTS_UNIT_SCORE_ORACLE_H
#define OV_TESTS_UNIT_SCORE_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/engine/framework.h"
#include "daemon/engine/registry.h"

#define ORACLE_MONTHS 24
#define ORACLE_ORGS 32
#define ORACLE_MEASURES 16
#define ORACLE_THEMES 4

struct oracle {
    const struct framework *framework;
    const struct registry *registry;
    ov_day date, months[ORACLE_MONTHS];                         /* first days */
    double values[ORACLE_MEASURES][ORACLE_ORGS][ORACLE_MONTHS]; /* NAN = none; a quarter's in its first month */
    bool effective[ORACLE_MEASURES][TYPES_MAX][ORACLE_MONTHS];  /* by peer set */
    double averages[ORACLE_MONTHS][ORACLE_ORGS];                /* by the first month of a quarter */
};

struct oracle_row {
    int segment;
    bool scored, unknown;
    double average;
    int unadjusted, adjusted;
    unsigned rank, n;
    double metrics[ORACLE_MEASURES]; /* in the scored period; NAN = none */
    double domains[ORACLE_THEMES];   /* likewise */
};

void oracle_init(struct oracle *oracle, const struct framework *framework, const struct registry *registry,
                 ov_day first_month);
void oracle_set(struct oracle *oracle, size_t measure, size_t org, ov_day period, double value);
/* Rows by organisation. */
void oracle_find(struct oracle *oracle, struct oracle_row *ret_rows);

#endif
