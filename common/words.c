#include "common/words.h"

#include <math.h>
#include <string.h>

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

void words_figure(struct buf *buf, double number) {
    size_t start = buf->len;

    if ((number != 0 && fabs(number) < 0.01) || fabs(number) >= 1e15) {
        buf_printf(buf, "%.3g", number);
        return;
    }
    buf_printf(buf, "%.2f", number);
    while (buf->len > start && buf->data[buf->len - 1] == '0')
        buf_truncate(buf, buf->len - 1);
    if (buf->len > start && buf->data[buf->len - 1] == '.')
        buf_truncate(buf, buf->len - 1);
}

void words_figure_unit(struct buf *buf, double number, const char *unit) {
    words_figure(buf, number);
    if (!unit || unit[0] == '\0')
        return;
    if (strcmp(unit, "%") != 0)
        buf_append_char(buf, ' ');
    buf_append_string(buf, unit);
}

void words_period(struct buf *buf, ov_day day) {
    int year, month, in_month;
    char date[OV_DATE_SIZE];

    if (day == OV_DAY_NONE)
        return;
    date_to_civil(day, &year, &month, &in_month);
    if (in_month == 1)
        buf_printf(buf, "%s %d", months[month - 1], year);
    else
        buf_append_string(buf, date_format(day, date));
}

void words_period_short(struct buf *buf, ov_day day) {
    int year, month, in_month;

    if (day == OV_DAY_NONE)
        return;
    date_to_civil(day, &year, &month, &in_month);
    if (in_month == 1)
        buf_printf(buf, "%.3s %02d", months[month - 1], year % 100);
    else
        buf_printf(buf, "%d %.3s", in_month, months[month - 1]);
}

void words_day(struct buf *buf, ov_day day) {
    int year, month, in_month;

    if (day == OV_DAY_NONE)
        return;
    date_to_civil(day, &year, &month, &in_month);
    buf_printf(buf, "%d %s %d", in_month, months[month - 1], year);
}

void words_ordinal(struct buf *buf, unsigned long number) {
    const char *ending = "th";

    if (number % 100 < 11 || number % 100 > 13) {
        if (number % 10 == 1)
            ending = "st";
        else if (number % 10 == 2)
            ending = "nd";
        else if (number % 10 == 3)
            ending = "rd";
    }
    buf_printf(buf, "%lu%s", number, ending);
}

void words_count(struct buf *buf, unsigned long count, const char *one) {
    buf_printf(buf, "%lu %s%s", count, one, count == 1 ? "" : "s");
}

void words_wrap(struct buf *buf, const char *text, const char *indent, size_t width) {
    size_t room = width > strlen(indent) + 10 ? width - strlen(indent) : 10;

    while (*text != '\0') {
        size_t len = strlen(text);

        if (len > room) {
            for (len = room; len > 0 && text[len] != ' ';)
                len--;
            if (len == 0)
                len = strcspn(text, " ");
        }
        buf_append_string(buf, indent);
        buf_append(buf, text, len);
        buf_append_char(buf, '\n');
        text += len;
        text += strspn(text, " ");
    }
}
