/*
 * Figures, periods and places as people write them: the same on the status
 * page, in charts and on the terminal.
 */
#ifndef OV_COMMON_WORDS_H
#define OV_COMMON_WORDS_H

#include <stddef.h>

#include "common/buf.h"
#include "common/date.h"

/* Up to two decimals, fewer where they are zeros. */
void words_figure(struct buf *buf, double number);
/* The same with its unit: "71.3%", "4 per 1,000 bed days". unit may be NULL. */
void words_figure_unit(struct buf *buf, double number, const char *unit);

/* "June 2025" for the first of a month, else "2025-06-09"; nothing for OV_DAY_NONE. */
void words_period(struct buf *buf, ov_day day);
/* "Jun 25", else "9 Jun". */
void words_period_short(struct buf *buf, ov_day day);
/* "9 June 2025". */
void words_day(struct buf *buf, ov_day day);

/* 1st, 2nd, 3rd, 11th ... */
void words_ordinal(struct buf *buf, unsigned long number);

/* "1 place", "2 places". */
void words_count(struct buf *buf, unsigned long count, const char *one);

/* Lines of at most width bytes, each with the indent before it, broken at spaces. */
void words_wrap(struct buf *buf, const char *text, const char *indent, size_t width);

#endif
