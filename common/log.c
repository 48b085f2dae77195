#include "common/log.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "common/date.h"
#include "common/text.h"

#define REPEATS_MAX 10000  /* a repeat is told at least after so many ... */
#define REPEATS_SECONDS 60 /* ... or after so long, at its next occurrence */

/* The one writable global: every part of the program may have to log. */
static struct {
    FILE *stream; /* NULL: standard error, or syslog */
    bool syslog;
    enum log_level level;
    char last[LOG_LINE_MAX];
    enum log_level last_level;
    unsigned repeats;
    time_t told; /* monotonic seconds */
} state = {.level = LOG_LEVEL_INFO};

static const struct {
    const char *name;
    int priority;
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", LOG_ERR},      [LOG_LEVEL_WARNING] = {"warning", LOG_WARNING},
    [LOG_LEVEL_NOTICE] = {"notice", LOG_NOTICE}, [LOG_LEVEL_INFO] = {"info", LOG_INFO},
    [LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
};

static const struct {
    const char *name;
    int facility;
} facilities[] = {
    {"daemon", LOG_DAEMON}, {"user", LOG_USER},     {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},
    {"local2", LOG_LOCAL2}, {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *log_level_name(enum log_level level) {
    return levels[level].name;
}

bool log_level_parse(const char *name, enum log_level *ret_level) {
    for (size_t i = 0; i < COUNT(levels); i++)
        if (strcmp(levels[i].name, name) == 0) {
            *ret_level = (enum log_level)i;
            return true;
        }
    return false;
}

bool log_facility_parse(const char *name, int *ret_facility) {
    for (size_t i = 0; i < COUNT(facilities); i++)
        if (strcmp(facilities[i].name, name) == 0) {
            *ret_facility = facilities[i].facility;
            return true;
        }
    return false;
}

void log_to_syslog(const char *ident, int facility) {
    log_flush();
    openlog(ident, LOG_PID | LOG_NDELAY, facility);
    state.syslog = true;
}

void log_to_stream(FILE *stream) {
    log_flush();
    if (state.syslog)
        closelog();
    state.syslog = false;
    state.stream = stream;
}

void log_set_level(enum log_level level) {
    state.level = level;
}

bool log_enabled(enum log_level level) {
    return level <= state.level;
}

static time_t now_seconds(clockid_t clock, long *ret_ms) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    *ret_ms = now.tv_nsec / 1000000;
    return now.tv_sec;
}

static void emit(enum log_level level, const char *line) {
    if (state.syslog) {
        syslog(levels[level].priority, "%s", line);
        return;
    }
    long ms;
    int64_t seconds = now_seconds(CLOCK_REALTIME, &ms);
    char stamp[OV_TIME_SIZE];
    FILE *stream = state.stream ? state.stream : stderr;
    fprintf(stream, "%s %s %s\n", date_format_time(seconds * 1000 + ms, stamp), levels[level].name, line);
    fflush(stream);
}

void log_flush(void) {
    if (state.repeats == 0)
        return;
    char line[LOG_LINE_MAX + 64];
    snprintf(line, sizeof line, "%.*s ... %u more like this", 200, state.last, state.repeats);
    state.repeats = 0;
    emit(state.last_level, line);
}

/* True when the line equals the last and was only counted. */
static bool folded(enum log_level level, const char *line) {
    long ms;
    time_t now = now_seconds(CLOCK_MONOTONIC, &ms);
    if (level == state.last_level && strcmp(line, state.last) == 0) {
        state.repeats++;
        if (state.repeats >= REPEATS_MAX || now - state.told >= REPEATS_SECONDS) {
            log_flush();
            state.told = now;
        }
        return true;
    }
    log_flush();
    text_copy(state.last, sizeof state.last, text_of(line));
    state.last_level = level;
    state.told = now;
    return false;
}

void log_vwrite(enum log_level level, const char *subject, const char *format, va_list args) {
    if (!log_enabled(level))
        return;
    int saved = errno;
    char raw[LOG_LINE_MAX], line[LOG_LINE_MAX];
    int used = snprintf(raw, sizeof raw, "%s: ", subject);
    size_t start = used < 0 ? 0 : (size_t)used < sizeof raw ? (size_t)used : sizeof raw - 1;
    errno = saved;
    if (vsnprintf(raw + start, sizeof raw - start, format, args) < 0)
        raw[start] = '\0';
    text_escape(line, sizeof line, text_of(raw));
    if (!folded(level, line))
        emit(level, line);
    errno = saved;
}

void log_write(enum log_level level, const char *subject, const char *format, ...) {
    va_list args;
    va_start(args, format);
    log_vwrite(level, subject, format, args);
    va_end(args);
}
