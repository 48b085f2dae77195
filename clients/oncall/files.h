/*
 * Files of the state folder: whole writes, atomic replacement, the position,
 * and logs of JSON lines that turn over at a size.
 */
#ifndef OV_ONCALL_FILES_H
#define OV_ONCALL_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/lib/oversight_client.h"
#include "common/text.h"

/* All false with errno. */
bool files_write(int fd, const char *bytes, size_t len);
bool files_sync_folder(const char *folder);
/* Beside it, synced, renamed, and the folder synced. */
bool files_replace(const char *folder, const char *name, struct text text);

/* One process works in a folder: the descriptor that holds it, -1 after a log line. */
int files_lock(const char *folder);

enum position_result { POSITION_FOUND, POSITION_NONE, POSITION_BAD };
/* FOUND: the id was read. BAD: after a log line. */
enum position_result position_read(const char *folder, struct oversight_id *ret_id);
bool position_write(const char *folder, struct oversight_id id);

/* ---- Logs that turn over ------------------------------------------------------ */

struct turning;

/* folder/name; at max bytes it becomes name.1, and the one before is gone. */
struct turning *turning_open(const char *folder, const char *name, size_t max); /* NULL after a log line */
void turning_close(struct turning *turning);
/* A line without its break. What cannot be written is reported, and goes on. */
void turning_add(struct turning *turning, const char *line, size_t len);
void turning_flush(struct turning *turning);

#endif
