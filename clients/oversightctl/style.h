/*
 * Words on a terminal: colour where it may be used, foreign text made safe,
 * figures and dates as people write them.
 */
#ifndef OV_CTL_STYLE_H
#define OV_CTL_STYLE_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "common/buf.h"

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_RED, STYLE_YELLOW, STYLE_GREEN, STYLE_CYAN, STYLE_ALARM };

enum style style_of_severity(const char *severity);
enum style style_of_segment(int segment);

/* Appends text in the style, or plain without colour. Control characters become "?". */
void style_append(struct buf *buf, bool colour, enum style style, const char *text);
void append_safe(struct buf *buf, const char *text);

/* A figure: up to two decimals, fewer where they are zeros; words and flags in words. */
void append_value(struct buf *buf, const cJSON *value);
void append_figure(struct buf *buf, double number);
/* The same with its unit: "71.3%", "4 per 1,000 bed days". */
void append_value_unit(struct buf *buf, const cJSON *value, const char *unit);

/* "2025-06-01" to "June 2025" when it is the first of a month, else as it is. */
void append_period(struct buf *buf, const char *date);

/* 1st, 2nd, 3rd, 11th ... */
void append_ordinal(struct buf *buf, int number);

/* Members of JSON objects with a fallback. */
const char *json_string_of(const cJSON *object, const char *name, const char *fallback);
double json_number_of(const cJSON *object, const char *name, double fallback);
int json_int_of(const cJSON *object, const char *name, int fallback);
bool json_is_true(const cJSON *object, const char *name);

#endif
