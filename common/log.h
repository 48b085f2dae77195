/*
 * The log: one line per event, to syslog(3) or to a stream. A line names its
 * subject; foreign text in it is escaped here, so callers pass it as it came.
 * A line equal to the one before is counted instead of repeated.
 *
 * The state of the log is the only writable global of the project.
 */
#ifndef OV_COMMON_LOG_H
#define OV_COMMON_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

#define LOG_LINE_MAX 2048 /* bytes of subject and text, escaped; longer lines end in "..." */

/* Until one of the two is called, lines go to standard error. ident must stay
 * valid for the life of the process (a literal): openlog(3) keeps the pointer. */
void log_to_syslog(const char *ident, int facility);
void log_to_stream(FILE *stream); /* "TIME LEVEL SUBJECT: TEXT"; the stream stays the caller's */

/* Lines above the level are dropped; the default is info. */
void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);

/* "error", "warning", "notice", "info", "debug". */
const char *log_level_name(enum log_level level);
bool log_level_parse(const char *name, enum log_level *ret_level);

/* "daemon", "user", "local0" to "local7" -> the facility of syslog(3). */
bool log_facility_parse(const char *name, int *ret_facility);

/* Writes one line. Keeps errno, and %m in format prints it. */
void log_write(enum log_level level, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_vwrite(enum log_level level, const char *subject, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Writes the count of folded repeats, if any; at stop, and now and then. */
void log_flush(void);

#define log_error(subject, ...) log_write(LOG_LEVEL_ERROR, (subject), __VA_ARGS__)
#define log_warning(subject, ...) log_write(LOG_LEVEL_WARNING, (subject), __VA_ARGS__)
#define log_notice(subject, ...) log_write(LOG_LEVEL_NOTICE, (subject), __VA_ARGS__)
#define log_info(subject, ...) log_write(LOG_LEVEL_INFO, (subject), __VA_ARGS__)
#define log_debug(subject, ...)                                                                                        \
    (log_enabled(LOG_LEVEL_DEBUG) ? log_write(LOG_LEVEL_DEBUG, (subject), __VA_ARGS__) : (void)0)

#endif
