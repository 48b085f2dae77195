/*
 * One row of organisations.csv: its columns, and the checks of its fields.
 * Internal to daemon/frameworks.
 */
#ifndef OV_FRAMEWORKS_ORGANISATION_ROW_H
#define OV_FRAMEWORKS_ORGANISATION_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "common/problems.h"
#include "daemon/engine/registry.h"

enum column {
    COLUMN_CODE,
    COLUMN_NAME,
    COLUMN_TYPE,
    COLUMN_SUBTYPE,
    COLUMN_REGION,
    COLUMN_SYSTEM,
    COLUMN_GROUP,
    COLUMN_OPENED,
    COLUMN_CLOSED,
    COLUMN_SUCCESSOR,
    COLUMN_PREDECESSORS,
    COLUMN_COUNT
};

extern const char *const COLUMN_NAMES[COLUMN_COUNT];

/* The columns that every file must have: code, name, type. */
bool column_is_required(enum column column);

/* Checks the fields and fills the record; its texts point into the fields, ""
 * stands for a column that is absent. False after a problem on the line. */
bool organisation_from_row(char *const fields[COLUMN_COUNT], const char *file, unsigned line, struct problems *problems,
                           struct organisation *ret_organisation);

#endif
