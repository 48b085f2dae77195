/*
 * Rows of text in aligned columns.
 */
#ifndef OV_CTL_TABLE_H
#define OV_CTL_TABLE_H

#include <stdbool.h>

#include "clients/oversightctl/style.h"

struct table;

/* headers: names with "\n" between them; one that starts with ">" is aligned
 * right, with "~" may be shortened to make the table fit. */
struct table *table_create(const char *headers);
void table_destroy(struct table *table);

/* Cells are added in order; a row is complete when it has one for each column. */
void table_cell(struct table *table, enum style style, const char *text);
void table_cellf(struct table *table, enum style style, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* On standard output. width: to shorten for; 0: as wide as it is. */
void table_print(const struct table *table, bool colour, int width);

#endif
