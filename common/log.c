#include "common/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/date.h"
#include "common/log_level.h"
#include "common/log_queue.h"
#include "common/text.h"

#define REPEATS_MAX 10000  /* a repeat is told at least after so many ... */
#define REPEATS_SECONDS 60 /* ... or after so long, at its next occurrence */
#define PATIENCE_MS 2000   /* with a writer that is stuck, at the end */

enum target { TO_STREAM, TO_TERMINAL, TO_JOURNAL, TO_SYSLOG };

/* The one writable global: every part of the program may have to log. */
static struct {
    enum target target;
    FILE *stream; /* NULL: standard error */
    int facility;
    struct log_queue *queue; /* NULL: lines are written at once */
    uint64_t dropped, told_dropped;
    enum log_level level, levels[LOG_SUBSYSTEMS];
    bool special[LOG_SUBSYSTEMS]; /* has a level of its own */
    char last[LOG_LINE_MAX];
    enum log_level last_level;
    unsigned repeats;
    time_t told; /* monotonic seconds */
} state = {.level = LOG_LEVEL_INFO};

/* ---- Where to --------------------------------------------------------------- */

void log_to_syslog(const char *ident, int facility) {
    log_flush();
    openlog(ident, LOG_PID | LOG_NDELAY, facility);
    state.target = TO_SYSLOG;
    state.facility = facility;
}

void log_to_stream(FILE *stream) {
    log_flush();
    if (state.target == TO_SYSLOG)
        closelog();
    state.target = TO_STREAM;
    state.stream = stream;
}

/* $JOURNAL_STREAM names device and inode of what the journal reads. */
static bool is_journal(int fd) {
    const char *named = getenv("JOURNAL_STREAM");
    char own[64];
    struct stat status;
    if (!named || fstat(fd, &status) != 0)
        return false;
    snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    return strcmp(own, named) == 0;
}

static bool takes_colour(int fd) {
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fd) && (!no_colour || no_colour[0] == '\0') && terminal && strcmp(terminal, "dumb") != 0;
}

void log_to_standard_error(void) {
    log_to_stream(NULL);
    if (is_journal(STDERR_FILENO))
        state.target = TO_JOURNAL;
    else if (takes_colour(STDERR_FILENO))
        state.target = TO_TERMINAL;
}

void log_set_facility(int facility) {
    state.facility = facility;
}

/* In the thread of the queue, where there is one: reads nothing that changes meanwhile. */
static void write_out(int priority, const char *line) {
    if (state.target == TO_SYSLOG) {
        syslog(priority, "%s", line);
        return;
    }
    if (state.stream) {
        fputs(line, state.stream);
        fflush(state.stream);
        return;
    }
    /* Not stdio: its lock would be held while a stuck reader is waited for. */
    size_t len = strlen(line);
    while (len > 0) {
        ssize_t written = write(STDERR_FILENO, line, len);
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0) {
            line += written;
            len -= (size_t)written;
        }
    }
}

void log_start_queue(size_t lines) {
    if (!state.queue)
        state.queue = log_queue_create(lines, write_out);
}

void log_stop_queue(void) {
    log_flush();
    /* One that is stuck keeps its queue: what comes now is dropped when that is full. */
    if (state.queue && log_queue_destroy(state.queue, PATIENCE_MS))
        state.queue = NULL;
}

uint64_t log_dropped(void) {
    return state.dropped;
}

/* ---- Which lines -------------------------------------------------------------- */

void log_set_level(enum log_level level) {
    state.level = level;
    memset(state.special, 0, sizeof state.special);
}

bool log_set_level_of(const char *subsystem, enum log_level level) {
    size_t found = log_subsystem_find(subsystem);
    if (found == LOG_SUBSYSTEMS)
        return false;
    state.levels[found] = level;
    state.special[found] = true;
    return true;
}

bool log_enabled(const char *subsystem, enum log_level level) {
    size_t found = log_subsystem_find(subsystem);
    return level <= (found < LOG_SUBSYSTEMS && state.special[found] ? state.levels[found] : state.level);
}

/* ---- Lines -------------------------------------------------------------------- */

static time_t now_seconds(clockid_t clock, long *ret_ms) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    *ret_ms = now.tv_nsec / 1000000;
    return now.tv_sec;
}

/* A line as a stream gets it. */
static void dress(char *buf, size_t size, enum log_level level, const char *line) {
    static const char *const colours[] = {
        [LOG_LEVEL_ERROR] = "\x1b[1;31m", [LOG_LEVEL_WARNING] = "\x1b[33m",
        [LOG_LEVEL_NOTICE] = "\x1b[1m",   [LOG_LEVEL_INFO] = "",
        [LOG_LEVEL_DEBUG] = "\x1b[2m",
    };
    if (state.target == TO_JOURNAL) {
        snprintf(buf, size, "<%d>%s\n", log_level_priority(level), line);
        return;
    }
    long ms;
    int64_t seconds = now_seconds(CLOCK_REALTIME, &ms);
    char stamp[OV_TIME_SIZE];
    bool colour = state.target == TO_TERMINAL;
    snprintf(buf, size, "%s %s%s%s %s\n", date_format_time(seconds * 1000 + ms, stamp), colour ? colours[level] : "",
             log_level_name(level), colour ? "\x1b[0m" : "", line);
}

static void emit(enum log_level level, const char *line) {
    char dressed[LOG_LINE_MAX + 256];
    int priority = log_level_priority(level) | state.facility;
    if (state.target != TO_SYSLOG) {
        dress(dressed, sizeof dressed, level, line);
        line = dressed;
    }
    if (!state.queue)
        write_out(priority, line);
    else if (!log_queue_put(state.queue, priority, line))
        state.dropped++;
}

static void tell_dropped(void) {
    uint64_t dropped = state.dropped - state.told_dropped;
    if (dropped == 0 || !state.queue || log_queue_room(state.queue) < 2)
        return;
    char line[128];
    state.told_dropped = state.dropped;
    snprintf(line, sizeof line, "log: %llu lines were dropped, the logger did not take them",
             (unsigned long long)dropped);
    emit(LOG_LEVEL_WARNING, line);
}

void log_flush(void) {
    tell_dropped();
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

void log_vwrite(enum log_level level, const char *subsystem, const char *name, const char *format, va_list args) {
    if (!log_enabled(subsystem, level))
        return;
    int saved = errno;
    char raw[LOG_LINE_MAX], line[LOG_LINE_MAX];
    int used = snprintf(raw, sizeof raw, "%s%s%s: ", subsystem, name ? " " : "", name ? name : "");
    size_t start = used < 0 ? 0 : (size_t)used < sizeof raw ? (size_t)used : sizeof raw - 1;
    errno = saved;
    if (vsnprintf(raw + start, sizeof raw - start, format, args) < 0)
        raw[start] = '\0';
    text_escape(line, sizeof line, text_of(raw));
    if (!folded(level, line))
        emit(level, line);
    errno = saved;
}

void log_write(enum log_level level, const char *subsystem, const char *name, const char *format, ...) {
    va_list args;
    va_start(args, format);
    log_vwrite(level, subsystem, name, format, args);
    va_end(args);
}
