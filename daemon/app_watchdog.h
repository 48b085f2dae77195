/*
 * The watchdog of the service manager hears from us while work goes on, and
 * not merely while a timer does.
 */
#ifndef OV_DAEMON_APP_WATCHDOG_H
#define OV_DAEMON_APP_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

struct app;

/* A look at everything that must not stand still. */
struct progress {
    int64_t lag_ms;        /* by which this look came late: a turn of the loop took so long */
    bool submissions_wait; /* unread, though nobody said not to read */
    uint64_t submissions;  /* read so far */
    bool updates_wait;     /* the same of feeds */
    uint64_t updates;
    bool step_open;    /* changes of the engine not yet handed to the store */
    uint64_t steps;    /* handed to it so far */
    bool store_ready;  /* it counts as there; one that is away is degraded, which a restart would not mend */
    int64_t oldest_ms; /* that a step waits for its confirmation */
    uint64_t confirmed;
};

/* What has stood still between two looks, in words; NULL: nothing. patience_ms:
 * by which the manager wants to hear from us. deadline_ms: of the store. */
const char *progress_stall(const struct progress *before, const struct progress *now, int64_t patience_ms,
                           int64_t deadline_ms);

struct watchdog;
struct watchdog *watchdog_create(struct app *app); /* starts */
void watchdog_destroy(struct watchdog *watchdog);

#endif
