/*
 * What is still to be delivered, on disk: one file of JSON lines in the state
 * folder, appended to and synced. Nothing is forgotten by a kill -9: the
 * position moves only after spool_sync() of the alerts before it.
 *
 *   {"add":"3-127","time":MS,"event":{...},"jobs":[{"target":"t","route":"r"}]}
 *       taken on; a job may have "held":true (waits for a digest or the end of
 *       quiet hours) and "origin":ID (of the alert that fired what it resolves).
 *       A digest has "folds":[ID...]: those jobs of its targets are done.
 *   {"done":"3-127","target":"t"}       delivered, or given up
 *   {"free":"3-127","target":"t"}       held no longer
 *   {"stand":"3-127","target":"t","time":MS,"ends":MS}
 *       delivered to a service of states, and told again until it ends
 *   {"last":"3-127"}                    the newest alert taken on, as of here
 *
 * When most of the file is about what is done, it is written anew with what is
 * not, beside the old one, synced, and renamed. A last line without its end
 * (the crash of a machine) is cut off; a line that is no JSON is reported.
 */
#ifndef OV_ONCALL_SPOOL_H
#define OV_ONCALL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "common/buf.h"

struct spool;

/* line: one record, in the order of the file. */
typedef void (*spool_reader)(void *context, const cJSON *line);

/* Opens or creates the file and tells every record. NULL after a log line. */
struct spool *spool_open(const char *folder, spool_reader reader, void *context);
void spool_close(struct spool *spool); /* without sync */

/* One record, without its line break; written at the next flush or sync. */
void spool_add(struct spool *spool, const char *record, size_t len);

/* Both end the process when the disk cannot take it: the service manager starts
 * it again, and the alerts are asked for again. */
void spool_flush(struct spool *spool); /* written: survives the process */
void spool_sync(struct spool *spool);  /* on the disk: survives the machine */

/* True when it is worth writing anew; live: bytes of what is not done, roughly. */
bool spool_is_stale(const struct spool *spool, size_t live);

/* Replaces the file by these records. */
void spool_rewrite(struct spool *spool, const struct buf *records);

#endif
