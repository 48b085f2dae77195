/*
 * Lines on their way to a logger that may be slow or stuck: a bounded queue and
 * the one thread that writes. Whoever puts a line in never waits; a line that
 * finds no room is dropped and counted.
 */
#ifndef OV_COMMON_LOG_QUEUE_H
#define OV_COMMON_LOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_queue;

typedef void (*log_queue_write)(int priority, const char *line);

/* write runs in a thread of its own, with all signals blocked. NULL when there
 * can be no thread. */
struct log_queue *log_queue_create(size_t lines, log_queue_write write);

/* Waits for the lines in it to be written, for so long at most. False when the
 * writer did not come back in time: then it is left as it is, with its thread. */
bool log_queue_destroy(struct log_queue *queue, int patience_ms);

/* A copy of the line. False: there was no room. */
bool log_queue_put(struct log_queue *queue, int priority, const char *line);

size_t log_queue_room(struct log_queue *queue); /* lines */

#endif
