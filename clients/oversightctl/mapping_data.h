/*
 * What a mapping file says, as data: filled by mapping_load.c, used by
 * mapping_apply.c.
 */
#ifndef OV_CTL_MAPPING_DATA_H
#define OV_CTL_MAPPING_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/oversightctl/mapping.h"
#include "common/date.h"
#include "common/text.h"

#define FIGURE_COLUMNS_MAX 256 /* added up for one figure */
#define PERIOD_COLUMNS_MAX 4

struct string_list {
    char **strings;
    size_t count;
};

/* A row counts when the cell is (or is not) one of the strings. */
struct condition {
    char *column;
    struct string_list strings;
    bool negated;
    unsigned line;
};

struct conditions {
    struct condition *list;
    size_t count;
};

/* One column, or all from the first to the last of a range. */
struct column_range {
    char *from, *to; /* to NULL: the one column */
    unsigned line;
};

struct column_list {
    struct column_range *ranges;
    size_t count;
};

enum figure_type { FIGURE_NUMBER, FIGURE_WORD, FIGURE_FLAG };

/* How the cells of a row become one figure. */
struct figure_rule {
    char measure[NAME_MAX_LEN + 1];
    char *metric; /* long form: the id in the metric column */
    struct column_list numerator, denominator;
    struct conditions only;
    enum figure_type type;
    bool complement, empty_is_zero;
    double scale;
    unsigned line;
};

enum other_metrics { OTHERS_SKIP, OTHERS_LOWER, OTHERS_REFUSE };

struct mapping {
    char *title, *name; /* name: of the file, for messages */
    unsigned header;    /* line of the column names */
    char delimiter;
    struct string_list missing; /* cells that mean "no figure" */

    char *organisation;
    unsigned organisation_line;
    struct string_list skip_organisations;

    char *period_columns[PERIOD_COLUMNS_MAX];
    size_t period_column_count; /* 0: fixed, or from the command line */
    unsigned period_line;
    char *period_format;
    ov_day period_fixed; /* OV_DAY_NONE: none */
    bool period_rounds;
    enum frequency period_round;

    struct conditions only;
    bool group;

    struct figure_rule *rules;
    size_t rule_count;

    char *metric_column, *value_column; /* long form; NULL for wide files */
    unsigned long_line;
    enum other_metrics others;
};

#endif
