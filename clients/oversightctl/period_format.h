/*
 * Periods as published files write them: "2021-04", "Jun-25", "Q1 2025/26",
 * "MSitAE-JUNE-2023". English month names whatever the locale.
 *
 * A format is literal text (letters in any case) and these parts:
 *   %Y four-digit year      %y two-digit year (2000 to 2099)
 *   %m month, 1 or 2 digits %d day, 1 or 2 digits
 *   %b or %B month name, whole or its first three letters, any case
 *   %f financial year: 2025/26, 2025-26, 2025/2026 (starts in April)
 *   %q quarter 1 to 4: of the financial year with %f, of the calendar year with %Y or %y
 *   %% a percent sign
 */
#ifndef OV_CTL_PERIOD_FORMAT_H
#define OV_CTL_PERIOD_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/date.h"
#include "common/text.h"

/* NULL when format can be used, else what is wrong with it. */
const char *period_format_check(const char *format);

/* The day that text names: the first of what is left open. False when text does not fit. */
bool period_format_parse(const char *format, struct text text, ov_day *ret_day);

#endif
