/*
 * A mapping's names of columns found in the header of a file.
 */
#ifndef OV_CTL_MAPPING_COLUMNS_H
#define OV_CTL_MAPPING_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/oversightctl/csv_reader.h"
#include "clients/oversightctl/mapping_data.h"

struct index_list {
    size_t *indices;
    size_t count;
};

struct rule_columns {
    struct index_list numerator, denominator;
    struct index_list only; /* one per condition */
};

struct mapping_columns {
    size_t count; /* of the header */
    size_t organisation, metric, value;
    size_t periods[PERIOD_COLUMNS_MAX];
    struct index_list only;
    struct rule_columns *rules;
};

/* header: the row of names. need_period: the period is read from columns. False
 * after problems were added, each naming the mapping's line that asks for a
 * column which is not there. */
bool mapping_columns_init(struct mapping_columns *columns, const struct mapping *mapping, const struct csv_row *header,
                          bool need_period, const char *file, struct problems *problems);
void mapping_columns_finish(struct mapping_columns *columns, const struct mapping *mapping);

#endif
