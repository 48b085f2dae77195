/*
 * The daemon behind main(): everything wired together, started in order and
 * stopped in reverse.
 */
#ifndef OV_DAEMON_APP_H
#define OV_DAEMON_APP_H

#include <stdbool.h>

#include "common/problems.h"
#include "daemon/config.h"

struct app_options {
    struct config *config;   /* a reload changes it; otherwise read only */
    const char *config_path; /* read again at a reload */
    bool foreground;         /* the log goes to standard error */
    bool verbose;            /* the log level is debug, whatever the configuration says */
};

/* Runs until SIGTERM or SIGINT; an exit status of sysexits(3). */
int app_run(const struct app_options *options);

/* Loads everything the configuration names (frameworks, registry) and adds what
 * is wrong with it to problems. For --check. */
void app_check(const struct config *config, struct problems *problems);

/* Sends the log where the options say, at the level they say. */
void app_log_open(const struct app_options *options);

#endif
