/*
 * Calendar days, reporting periods and wire times.
 *
 * A day is a count of days since 1970-01-01 in the proleptic Gregorian
 * calendar; a period is named by its first day. Pure: no clock, no locale.
 */
#ifndef OV_COMMON_DATE_H
#define OV_COMMON_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t ov_day;

#define OV_DAY_NONE INT32_MIN /* "no date": an open end, an absent field */
#define OV_DATE_SIZE 11       /* "YYYY-MM-DD" and its NUL */
#define OV_TIME_SIZE 25       /* "YYYY-MM-DDTHH:MM:SS.mmmZ" and its NUL */

enum frequency { FREQUENCY_DAY, FREQUENCY_WEEK, FREQUENCY_MONTH, FREQUENCY_QUARTER, FREQUENCY_YEAR };

/* Years 1900 to 2199 are dates here; anything else is refused as a typing error. */
bool date_from_civil(int year, int month, int day, ov_day *ret_day);
void date_to_civil(ov_day day, int *ret_year, int *ret_month, int *ret_day);

/* Exactly YYYY-MM-DD. False, and ret_day untouched, for anything else. */
bool date_parse(const char *text, size_t len, ov_day *ret_day);

/* YYYY-MM-DD, or YYYY-MM read as the first of that month. */
bool date_parse_period(const char *text, size_t len, ov_day *ret_day);

/* Writes YYYY-MM-DD into buf (OV_DATE_SIZE bytes) and returns buf; "" for OV_DAY_NONE. */
const char *date_format(ov_day day, char buf[OV_DATE_SIZE]);

/* RFC 3339 UTC with milliseconds, of milliseconds since the epoch. Returns buf. */
const char *date_format_time(int64_t ms, char buf[OV_TIME_SIZE]);
bool date_parse_time(const char *text, size_t len, int64_t *ret_ms);
ov_day date_of_time(int64_t ms);

/* "day", "week", "month", "quarter", "year". */
const char *frequency_name(enum frequency frequency);
bool frequency_parse(const char *text, enum frequency *ret_frequency);

/* True when day is the first day of a period: weeks start on Monday, quarters
 * in January, April, July and October, years in April. */
bool period_starts(enum frequency frequency, ov_day day);

/* The first day of the period that holds day. */
ov_day period_of(enum frequency frequency, ov_day day);

/* The start of the period n periods after the one starting at period; n may be negative. */
ov_day period_add(enum frequency frequency, ov_day period, int n);

/* Whole periods from one period start to another; negative when to is earlier. */
int period_between(enum frequency frequency, ov_day from, ov_day to);

#endif
