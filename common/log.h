/*
 * The log: one line per event, to syslog(3) or to a stream. A line names the
 * subsystem it is of and, where it is about one, the feed, organisation or
 * consumer; foreign text in it is escaped here, so callers pass it as it came.
 * A line equal to the one before is counted instead of repeated.
 *
 * With a queue no call here waits for the logger: lines that it does not take
 * in time are dropped, and counted.
 *
 * The state of the log is the only writable global of the project. Lines are
 * written by one thread.
 */
#ifndef OV_COMMON_LOG_H
#define OV_COMMON_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

#define LOG_LINE_MAX 2048 /* bytes of subject and text, escaped; longer lines end in "..." */

/* ---- Where to --------------------------------------------------------------- */

/* Until one of the two is called, lines go to standard error. ident must stay
 * valid for the life of the process (a literal): openlog(3) keeps the pointer. */
void log_to_syslog(const char *ident, int facility);
void log_to_stream(FILE *stream); /* "TIME LEVEL SUBJECT: TEXT"; the stream stays the caller's */

/* Standard error: on a terminal the level stands in colour, unless NO_COLOR is
 * set; where the journal reads it, the level goes along as sd-daemon(3) has it
 * and the time is left to the journal. */
void log_to_standard_error(void);

/* From now on a thread writes, and at most so many lines wait for it. Without a
 * thread everything stays as it is. Not undone by the calls above, which must
 * come before. */
void log_start_queue(size_t lines);
/* Gives the writer two seconds for what waits, and ends it. To be called before
 * the process ends, whichever way. */
void log_stop_queue(void);
uint64_t log_dropped(void); /* lines, so far */

void log_set_facility(int facility); /* of syslog */
/* "daemon", "user", "local0" to "local7" -> the facility of syslog(3). */
bool log_facility_parse(const char *name, int *ret_facility);

/* ---- Which lines -------------------------------------------------------------- */

/* Lines above the level are dropped; the default is info. */
void log_set_level(enum log_level level);                           /* of all subsystems */
bool log_set_level_of(const char *subsystem, enum log_level level); /* false: there is none of this name */
bool log_enabled(const char *subsystem, enum log_level level);
const char *log_subsystem_at(size_t index); /* NULL after the last */

/* "error", "warning", "notice", "info", "debug". */
const char *log_level_name(enum log_level level);
bool log_level_parse(const char *name, enum log_level *ret_level);

/* ---- Lines -------------------------------------------------------------------- */

/* Writes one line. subsystem is one of the table in log_level.c; name is what
 * it is about, or NULL. Keeps errno, and %m in format prints it. */
void log_write(enum log_level level, const char *subsystem, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void log_vwrite(enum log_level level, const char *subsystem, const char *name, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

/* Writes the count of folded repeats and of dropped lines, if any; at stop, and
 * now and then. */
void log_flush(void);

#define log_error(subsystem, ...) log_write(LOG_LEVEL_ERROR, (subsystem), NULL, __VA_ARGS__)
#define log_warning(subsystem, ...) log_write(LOG_LEVEL_WARNING, (subsystem), NULL, __VA_ARGS__)
#define log_notice(subsystem, ...) log_write(LOG_LEVEL_NOTICE, (subsystem), NULL, __VA_ARGS__)
#define log_info(subsystem, ...) log_write(LOG_LEVEL_INFO, (subsystem), NULL, __VA_ARGS__)
#define log_debug(subsystem, ...)                                                                                      \
    (log_enabled((subsystem), LOG_LEVEL_DEBUG) ? log_write(LOG_LEVEL_DEBUG, (subsystem), NULL, __VA_ARGS__) : (void)0)

#endif
