/*
 * The words of a line that expects something, and lists of names as they stand
 * in it.
 */
#ifndef OV_CASES_WORDS_H
#define OV_CASES_WORDS_H

#include "clients/cases/play.h"

/* A list: names separated by commas. */
void words_add(struct buf *list, const char *name);
void words_add_alert(const struct play *play, struct buf *list, struct alert_id id); /* by its label */
/* Adds the list, or "-" for none, to out; the list ends. */
void words_put(struct buf *out, struct buf *list);

/* The word after a name in a line, or NULL. */
const char *words_after(const struct line *line, const char *name);
/* The line again, without the label that it may give. */
void words_of_line(struct buf *out, const struct line *line);

#endif
