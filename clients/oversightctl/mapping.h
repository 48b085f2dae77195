/*
 * Mapping files, oversight-import(5): how a published file becomes figures.
 * Data, not code: which columns hold organisation, period and measures, which
 * rows count, how a figure is computed.
 */
#ifndef OV_CTL_MAPPING_H
#define OV_CTL_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/oversightctl/updates.h"
#include "common/date.h"
#include "common/problems.h"

#define MAPPING_FILE_MAX (1U << 20)
#define MAPPING_MEASURES_MAX 256
#define MAPPING_LIST_MAX 1024 /* entries of any list in a mapping */

struct mapping;

/* NULL after at least one problem was added. */
struct mapping *mapping_load(const char *path, struct problems *problems);
struct mapping *mapping_parse(const char *name, const char *bytes, size_t len, struct problems *problems);
void mapping_destroy(struct mapping *mapping);

const char *mapping_title(const struct mapping *mapping);

struct mapping_options {
    ov_day period;        /* OV_DAY_NONE, or the period of every row, for files that do not say it */
    bool empty_withdraws; /* a row without a figure withdraws the figure instead of saying nothing */
};

/* Turns the published file in bytes into updates. Unreadable rows are problems
 * with the line; the others are still added. */
void mapping_apply(const struct mapping *mapping, const char *name, const char *bytes, size_t len,
                   const struct mapping_options *options, struct updates *updates, struct problems *problems);

#endif
