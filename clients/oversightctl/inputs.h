/*
 * What can be sent: tidy CSV, JSON Lines, or a published file through a mapping.
 */
#ifndef OV_CTL_INPUTS_H
#define OV_CTL_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/oversightctl/mapping.h"
#include "clients/oversightctl/updates.h"
#include "common/problems.h"

#define INPUT_FILE_MAX (1024U << 20) /* bytes */

enum input_form { INPUT_ANY, INPUT_TIDY, INPUT_JSON_LINES };

struct input_options {
    const struct mapping *mapping; /* NULL: tidy CSV or JSON Lines, told apart by the first character */
    struct mapping_options mapping_options;
    enum input_form form;  /* without a mapping; INPUT_ANY: told apart */
    unsigned lines_before; /* that stood before the bytes of inputs_parse() */
};

/* Adds the updates of the file ("-": standard input); what cannot be read is a
 * problem with its line, the rest is still added. */
void inputs_read(const char *path, const struct input_options *options, struct updates *updates,
                 struct problems *problems);

/* The same of bytes already in memory. */
void inputs_parse(const char *name, const char *bytes, size_t len, const struct input_options *options,
                  struct updates *updates, struct problems *problems);

#endif
