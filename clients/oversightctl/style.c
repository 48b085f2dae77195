#include "clients/oversightctl/style.h"

#include <stdio.h>
#include <string.h>

#include "common/date.h"
#include "common/words.h"

static const char *const escapes[] = {
    [STYLE_PLAIN] = "",          [STYLE_BOLD] = "\033[1m",   [STYLE_DIM] = "\033[2m",   [STYLE_RED] = "\033[31m",
    [STYLE_YELLOW] = "\033[33m", [STYLE_GREEN] = "\033[32m", [STYLE_CYAN] = "\033[36m", [STYLE_ALARM] = "\033[1;37;41m",
};

enum style style_of_severity(const char *severity) {
    if (strcmp(severity, "critical") == 0)
        return STYLE_ALARM;
    if (strcmp(severity, "warning") == 0)
        return STYLE_YELLOW;
    return strcmp(severity, "notice") == 0 ? STYLE_CYAN : STYLE_GREEN;
}

enum style style_of_segment(int segment) {
    if (segment >= 4)
        return STYLE_RED;
    if (segment == 3)
        return STYLE_YELLOW;
    return segment == 1 ? STYLE_GREEN : STYLE_PLAIN;
}

void append_safe(struct buf *buf, const char *text) {
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text, next = (unsigned char)text[1];

        if (c == 0xc2 && next >= 0x80 && next < 0xa0) { /* U+0080 to U+009F: terminals obey these, too */
            buf_append_char(buf, '?');
            text++;
        } else {
            buf_append_char(buf, c < 0x20 || c == 0x7f ? '?' : *text);
        }
    }
}

void style_append(struct buf *buf, bool colour, enum style style, const char *text) {
    if (colour && style != STYLE_PLAIN)
        buf_append_string(buf, escapes[style]);
    append_safe(buf, text);
    if (colour && style != STYLE_PLAIN)
        buf_append_string(buf, "\033[0m");
}

void append_figure(struct buf *buf, double number) {
    words_figure(buf, number);
}

void append_value(struct buf *buf, const cJSON *value) {
    if (cJSON_IsNumber(value))
        append_figure(buf, value->valuedouble);
    else if (cJSON_IsString(value))
        append_safe(buf, value->valuestring);
    else if (cJSON_IsBool(value))
        buf_append_string(buf, cJSON_IsTrue(value) ? "yes" : "no");
    else
        buf_append_string(buf, "none");
}

void append_value_unit(struct buf *buf, const cJSON *value, const char *unit) {
    append_value(buf, value);
    if (!cJSON_IsNumber(value) || unit[0] == '\0')
        return;
    if (strcmp(unit, "%") != 0)
        buf_append_char(buf, ' ');
    append_safe(buf, unit);
}

void append_period(struct buf *buf, const char *date) {
    ov_day day;

    if (date_parse(date, strlen(date), &day))
        words_period(buf, day);
    else
        append_safe(buf, date);
}

void append_ordinal(struct buf *buf, int number) {
    words_ordinal(buf, number > 0 ? (unsigned long)number : 0);
}

const char *json_string_of(const cJSON *object, const char *name, const char *fallback) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(member) ? member->valuestring : fallback;
}

double json_number_of(const cJSON *object, const char *name, double fallback) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsNumber(member) ? member->valuedouble : fallback;
}

int json_int_of(const cJSON *object, const char *name, int fallback) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsNumber(member) ? member->valueint : fallback;
}

bool json_is_true(const cJSON *object, const char *name) {
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name)) != 0;
}
