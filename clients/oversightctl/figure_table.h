/*
 * Figures being put together from the rows of a file: one per organisation,
 * period and measure, in the order in which they first appear.
 */
#ifndef OV_CTL_FIGURE_TABLE_H
#define OV_CTL_FIGURE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/date.h"
#include "common/message.h"
#include "common/text.h"

struct gathered {
    char org[ORG_CODE_MAX + 1];
    char measure[NAME_MAX_LEN + 1];
    ov_day period;
    const void *rule;              /* of the first row; the caller's */
    double numerator, denominator; /* sums over the rows */
    bool missing;                  /* a cell it needs was empty */
    enum value_type type;
    char word[WORD_MAX + 1];
    bool flag;
    unsigned line; /* of the first row */
};

struct figure_table;

struct figure_table *figure_table_create(void);
void figure_table_destroy(struct figure_table *table);

/* The figure of that name; a new one is all zero but for its name, and
 * ret_is_new says so. Valid until the next call. */
struct gathered *figure_table_get(struct figure_table *table, const char *org, ov_day period, const char *measure,
                                  bool *ret_is_new);

size_t figure_table_count(const struct figure_table *table);
const struct gathered *figure_table_at(const struct figure_table *table, size_t index);

#endif
