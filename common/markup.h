/*
 * Text from outside inside HTML and SVG: the one place where it is escaped.
 */
#ifndef OV_COMMON_MARKUP_H
#define OV_COMMON_MARKUP_H

#include "common/buf.h"
#include "common/text.h"

/* For element content and for attribute values in double quotes. Control
 * characters become spaces, bytes that are not UTF-8 U+FFFD. */
void markup_text(struct buf *buf, struct text text);
void markup_string(struct buf *buf, const char *string); /* NULL appends nothing */

/* ` name="value"`; name is a literal of ours. */
void markup_attribute(struct buf *buf, const char *name, const char *value);
/* The number so that it reads back as the same double. */
void markup_number(struct buf *buf, const char *name, double number);

/* A part of a URL's path or query: what is not a letter, digit or one of
 * "-._~" becomes %XX. */
void markup_url(struct buf *buf, const char *string);

#endif
