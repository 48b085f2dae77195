/*
 * A list of updates to send, each with the place it came from, so that a
 * refusal can be reported by file and line.
 */
#ifndef OV_CTL_UPDATES_H
#define OV_CTL_UPDATES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/date.h"
#include "common/message.h"
#include "common/text.h"

struct updates;

struct update_origin {
    const char *file;
    unsigned line;
};

struct updates *updates_create(void);
void updates_destroy(struct updates *updates);

/* Copies item with its texts; file is copied too. */
void updates_add(struct updates *updates, const struct item *item, const char *file, unsigned line);

size_t updates_count(const struct updates *updates);
struct item *updates_at(struct updates *updates, size_t index); /* seq may be set by the caller */
struct update_origin updates_origin(const struct updates *updates, size_t index);

/* A hash of everything in the list: tells whether a file is still the one of an interrupted run. */
uint64_t updates_fingerprint(const struct updates *updates);

#endif
