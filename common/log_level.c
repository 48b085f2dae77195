/* Levels: their names, and which one holds for which subsystem. */
#include <string.h>
#include <syslog.h>

#include "common/log.h"
#include "common/log_level.h"

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

/* What a line may be of; tests/check-log holds every call against this table,
 * and the manual. */
static const char *const subsystems[LOG_SUBSYSTEMS] = {
    /* clang-format off */
    "access",
    "alert",
    "audit",
    "feed",
    "http",
    "input",
    "lease",
    "log",
    "loop",
    "memory",
    "notify",
    "parts",
    "publish",
    "query",
    "reload",
    "rules",
    "source",
    "standby",
    "start",
    "stop",
    "store",
    "submit",
    "watchdog",
    /* clang-format on */
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *log_subsystem_at(size_t index) {
    return index < LOG_SUBSYSTEMS ? subsystems[index] : NULL;
}

size_t log_subsystem_find(const char *name) {
    size_t i = 0;
    while (i < LOG_SUBSYSTEMS && subsystems[i] && strcmp(subsystems[i], name) != 0)
        i++;
    return i < LOG_SUBSYSTEMS && subsystems[i] ? i : LOG_SUBSYSTEMS;
}

int log_level_priority(enum log_level level) {
    return levels[level].priority;
}

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
