/*
 * The updates of a feed as they come: a file, or a published file through a
 * mapping, at once; tidy CSV and JSON Lines from standard input line by line.
 */
#ifndef OV_CTL_FEED_INPUT_H
#define OV_CTL_FEED_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/oversightctl/inputs.h"

#define FEED_LINE_MAX (1U << 20) /* bytes of a line on standard input */

struct feed_input;

/* Reads a file whole; standard input ("-") only when a mapping wants it so.
 * Never NULL; what cannot be read is a problem, here and below. options, path
 * and problems must outlive it. */
struct feed_input *feed_input_create(const char *path, const struct input_options *options, struct problems *problems);
void feed_input_destroy(struct feed_input *input);

/* The descriptor to wait for when nothing is left to take, or -1. */
int feed_input_fd(const struct feed_input *input);
/* Takes what has come in. May block when the descriptor is not readable. */
void feed_input_read(struct feed_input *input);

/* Updates read and not yet taken. */
size_t feed_input_left(const struct feed_input *input);
struct item *feed_input_at(struct feed_input *input, size_t index);
void feed_input_take(struct feed_input *input, size_t count);
/* All is taken, and there will be no more. */
bool feed_input_ended(const struct feed_input *input);

#endif
