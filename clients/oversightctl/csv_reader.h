/*
 * Comma-separated files, row by row with line numbers: quoted cells, CRLF,
 * line breaks inside quotes, a byte order mark. Bounded: cell and row sizes
 * have limits.
 */
#ifndef OV_CTL_CSV_READER_H
#define OV_CTL_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/problems.h"
#include "common/text.h"

#define CSV_CELL_MAX 65536U
#define CSV_COLUMNS_MAX 2048U

/* A row: cells are NUL-terminated too and belong to the reader until the next row. */
struct csv_row {
    unsigned line; /* of the file, where the row starts, from 1 */
    size_t count;
    const struct text *cells;
};

/* Returns false to stop reading. */
typedef bool csv_row_fn(void *arg, const struct csv_row *row);

/* Reads rows from bytes; blank lines are skipped. Problems are added under
 * `name`. False when reading broke off because of them. */
bool csv_read(const char *name, const char *bytes, size_t len, char delimiter, csv_row_fn *row, void *arg,
              struct problems *problems);

#endif
