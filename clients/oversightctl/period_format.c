#include "clients/oversightctl/period_format.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const month_names[12] = {"january", "february", "march",     "april",   "may",      "june",
                                            "july",    "august",   "september", "october", "november", "december"};

struct parts {
    int year, financial, month, day, quarter; /* 0: not said */
};

const char *period_format_check(const char *format) {
    bool year = false, financial = false, month = false, quarter = false;

    for (const char *p = format; *p != '\0'; p++) {
        if (*p != '%')
            continue;
        p++;
        if (*p == 'Y' || *p == 'y')
            year = true;
        else if (*p == 'f')
            financial = true;
        else if (*p == 'm' || *p == 'b' || *p == 'B')
            month = true;
        else if (*p == 'q')
            quarter = true;
        else if (*p != 'd' && *p != '%')
            return "knows only %Y %y %m %d %b %B %f %q %%";
    }
    if (year == financial)
        return "must have one of %Y, %y and %f";
    if (month && quarter)
        return "must not have both a month and a quarter";
    return NULL;
}

/* Reads up to max digits, at least min. */
static bool read_number(struct text *text, size_t min, size_t max, int *ret_number) {
    size_t n = 0;
    int number = 0;

    while (n < max && n < text->len && text->s[n] >= '0' && text->s[n] <= '9')
        number = number * 10 + (text->s[n++] - '0');
    if (n < min)
        return false;
    text->s += n;
    text->len -= n;
    *ret_number = number;
    return true;
}

static bool read_month_name(struct text *text, int *ret_month) {
    for (int i = 0; i < 12; i++) {
        size_t whole = strlen(month_names[i]), len;

        if (text->len >= whole && strncasecmp(text->s, month_names[i], whole) == 0)
            len = whole;
        else if (text->len >= 3 && strncasecmp(text->s, month_names[i], 3) == 0 &&
                 (text->len == 3 || !isalpha((unsigned char)text->s[3])))
            len = 3;
        else
            continue;
        text->s += len;
        text->len -= len;
        *ret_month = i + 1;
        return true;
    }
    return false;
}

/* 2025/26 or 2025-26 or 2025/2026; the second must follow the first. */
static bool read_financial_year(struct text *text, int *ret_year) {
    int first, second;
    const char *start;

    if (!read_number(text, 4, 4, &first) || text->len == 0 || (text->s[0] != '/' && text->s[0] != '-'))
        return false;
    text->s++;
    text->len--;
    start = text->s;
    if (!read_number(text, 2, 4, &second))
        return false;
    if (text->s - start == 2 ? second != (first + 1) % 100 : second != first + 1)
        return false;
    *ret_year = first;
    return true;
}

static bool read_part(char part, struct text *text, struct parts *parts) {
    switch (part) {
    case 'Y':
        return read_number(text, 4, 4, &parts->year);
    case 'y':
        if (!read_number(text, 2, 2, &parts->year))
            return false;
        parts->year += 2000;
        return true;
    case 'f':
        return read_financial_year(text, &parts->financial);
    case 'm':
        return read_number(text, 1, 2, &parts->month) && parts->month >= 1;
    case 'b':
    case 'B':
        return read_month_name(text, &parts->month);
    case 'd':
        return read_number(text, 1, 2, &parts->day) && parts->day >= 1;
    case 'q':
        return read_number(text, 1, 1, &parts->quarter) && parts->quarter >= 1 && parts->quarter <= 4;
    default: /* %% */
        if (text->len == 0 || text->s[0] != '%')
            return false;
        text->s++;
        text->len--;
        return true;
    }
}

static bool compose(const struct parts *parts, ov_day *ret_day) {
    int year = parts->year, month = parts->month, day = parts->day > 0 ? parts->day : 1;

    if (parts->financial != 0) {
        /* A financial year runs from April to March. */
        if (parts->quarter > 0)
            month = parts->quarter < 4 ? parts->quarter * 3 + 1 : 1;
        if (month == 0)
            month = 4;
        year = month >= 4 ? parts->financial : parts->financial + 1;
    } else if (parts->quarter > 0) {
        month = parts->quarter * 3 - 2;
    }
    return date_from_civil(year, month > 0 ? month : 1, day, ret_day);
}

bool period_format_parse(const char *format, struct text text, ov_day *ret_day) {
    struct parts parts = {0};

    for (const char *p = format; *p != '\0'; p++) {
        if (*p == '%') {
            p++;
            if (!read_part(*p, &text, &parts))
                return false;
        } else {
            if (text.len == 0 || tolower((unsigned char)*p) != tolower((unsigned char)text.s[0]))
                return false;
            text.s++;
            text.len--;
        }
    }
    return text.len == 0 && compose(&parts, ret_day);
}
