#include "common/date.h"

#include <string.h>

/* Years are counted from March, so that the leap day is the last of its year
 * and the months' lengths follow one line: (153 m + 2) / 5. */
#define DAYS_PER_ERA 146097     /* 400 years */
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 to 1970-01-01 */
#define MS_PER_DAY 86400000

#define YEAR_MIN 1900
#define YEAR_MAX 2199

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           DAYS_BEFORE_1970;
}

static bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_length(int year, int month) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

bool date_from_civil(int year, int month, int day, ov_day *ret_day) {
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > month_length(year, month))
        return false;
    *ret_day = (ov_day)days_from_civil(year, month, day);
    return true;
}

void date_to_civil(ov_day day, int *ret_year, int *ret_month, int *ret_day) {
    int64_t since = (int64_t)day + DAYS_BEFORE_1970;
    int64_t era = floor_div(since, DAYS_PER_ERA);
    int64_t of_era = since - era * DAYS_PER_ERA;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    *ret_day = (int)(of_year - (153 * month + 2) / 5 + 1);
    *ret_month = (int)(month < 10 ? month + 3 : month - 9);
    *ret_year = (int)(year + era * 400 + (month >= 10));
}

/* Exactly count digits. */
static bool read_digits(const char *text, int count, int *ret_number) {
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

static void write_digits(char *text, int count, int64_t number) {
    for (int i = count - 1; i >= 0; i--) {
        text[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

bool date_parse(const char *text, size_t len, ov_day *ret_day) {
    int year, month, day;
    return len == 10 && text[4] == '-' && text[7] == '-' && read_digits(text, 4, &year) &&
           read_digits(text + 5, 2, &month) && read_digits(text + 8, 2, &day) &&
           date_from_civil(year, month, day, ret_day);
}

bool date_parse_period(const char *text, size_t len, ov_day *ret_day) {
    int year, month;
    if (len != 7)
        return date_parse(text, len, ret_day);
    return text[4] == '-' && read_digits(text, 4, &year) && read_digits(text + 5, 2, &month) &&
           date_from_civil(year, month, 1, ret_day);
}

const char *date_format(ov_day day, char buf[OV_DATE_SIZE]) {
    if (day == OV_DAY_NONE) {
        buf[0] = '\0';
        return buf;
    }
    int year, month, of_month;
    date_to_civil(day, &year, &month, &of_month);
    memcpy(buf, "0000-00-00", OV_DATE_SIZE);
    write_digits(buf, 4, year < 0 ? 0 : year);
    write_digits(buf + 5, 2, month);
    write_digits(buf + 8, 2, of_month);
    return buf;
}

ov_day date_of_time(int64_t ms) {
    return (ov_day)floor_div(ms, MS_PER_DAY);
}

const char *date_format_time(int64_t ms, char buf[OV_TIME_SIZE]) {
    int64_t of_day = ms - floor_div(ms, MS_PER_DAY) * MS_PER_DAY;
    date_format(date_of_time(ms), buf);
    memcpy(buf + 10, "T00:00:00.000Z", 15);
    write_digits(buf + 11, 2, of_day / 3600000);
    write_digits(buf + 14, 2, of_day / 60000 % 60);
    write_digits(buf + 17, 2, of_day / 1000 % 60);
    write_digits(buf + 20, 3, of_day % 1000);
    return buf;
}

/* ".d" to ".ddddddddd": digits beyond the milliseconds are cut off. */
static bool read_fraction(const char *text, size_t len, int *ret_ms) {
    int ms = 0;
    if (len < 2 || len > 10 || text[0] != '.')
        return false;
    for (size_t i = 1; i < 4 || i < len; i++) {
        int digit = 0;
        if (i < len && !read_digits(text + i, 1, &digit))
            return false;
        if (i < 4)
            ms = ms * 10 + digit;
    }
    *ret_ms = ms;
    return true;
}

bool date_parse_time(const char *text, size_t len, int64_t *ret_ms) {
    ov_day day;
    int hour, minute, second, ms = 0;
    if (len < 20 || text[len - 1] != 'Z' || !date_parse(text, 10, &day) || text[10] != 'T' ||
        !read_digits(text + 11, 2, &hour) || text[13] != ':' || !read_digits(text + 14, 2, &minute) ||
        text[16] != ':' || !read_digits(text + 17, 2, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    if (len > 20 && !read_fraction(text + 19, len - 20, &ms))
        return false;
    *ret_ms = (int64_t)day * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + ms;
    return true;
}

static const char *const frequency_names[] = {"day", "week", "month", "quarter", "year"};
#define FREQUENCIES (sizeof(frequency_names) / sizeof(frequency_names[0]))

const char *frequency_name(enum frequency frequency) {
    return (size_t)frequency < FREQUENCIES ? frequency_names[frequency] : "unknown";
}

bool frequency_parse(const char *text, enum frequency *ret_frequency) {
    for (size_t i = 0; i < FREQUENCIES; i++) {
        if (strcmp(text, frequency_names[i]) == 0) {
            *ret_frequency = (enum frequency)i;
            return true;
        }
    }
    return false;
}

/* Periods are numbered: each frequency maps days to consecutive integers. */
static int64_t period_number(enum frequency frequency, ov_day day) {
    int year, month, of_month;
    switch (frequency) {
    case FREQUENCY_DAY:
        return day;
    case FREQUENCY_WEEK:
        return floor_div((int64_t)day + 3, 7); /* 1969-12-29, day -3, was a Monday */
    default:
        break;
    }
    date_to_civil(day, &year, &month, &of_month);
    switch (frequency) {
    case FREQUENCY_QUARTER:
        return (int64_t)year * 4 + (month - 1) / 3;
    case FREQUENCY_YEAR:
        return (int64_t)year - (month < 4);
    default:
        return (int64_t)year * 12 + month - 1;
    }
}

static ov_day period_start(enum frequency frequency, int64_t number) {
    int64_t day;
    switch (frequency) {
    case FREQUENCY_DAY:
        day = number;
        break;
    case FREQUENCY_WEEK:
        day = number * 7 - 3;
        break;
    case FREQUENCY_QUARTER:
        day = days_from_civil(floor_div(number, 4), (int)(number - floor_div(number, 4) * 4) * 3 + 1, 1);
        break;
    case FREQUENCY_YEAR:
        day = days_from_civil(number, 4, 1);
        break;
    default:
        day = days_from_civil(floor_div(number, 12), (int)(number - floor_div(number, 12) * 12) + 1, 1);
        break;
    }
    /* Far out of any calendar: stay at its edge rather than wrap. */
    return day > INT32_MAX ? INT32_MAX : day <= INT32_MIN ? INT32_MIN + 1 : (ov_day)day;
}

bool period_starts(enum frequency frequency, ov_day day) {
    return period_of(frequency, day) == day;
}

ov_day period_of(enum frequency frequency, ov_day day) {
    return period_start(frequency, period_number(frequency, day));
}

ov_day period_add(enum frequency frequency, ov_day period, int n) {
    return period_start(frequency, period_number(frequency, period) + n);
}

int period_between(enum frequency frequency, ov_day from, ov_day to) {
    return (int)(period_number(frequency, to) - period_number(frequency, from));
}
