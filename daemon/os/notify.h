/*
 * What the service manager is told: the protocol of sd_notify(3), written to
 * the socket named by NOTIFY_SOCKET. Without that variable every call does
 * nothing. Nothing here blocks; a message that cannot be sent is dropped.
 */
#ifndef OV_OS_NOTIFY_H
#define OV_OS_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify;

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and removes them from the
 * environment, so that children do not speak for the daemon. Never NULL. */
struct notify *notify_create(void);
void notify_destroy(struct notify *notify);
bool notify_active(const struct notify *notify);

void notify_ready(struct notify *notify);
void notify_reloading(struct notify *notify);
void notify_stopping(struct notify *notify);
void notify_watchdog(struct notify *notify);
void notify_extend(struct notify *notify, int64_t ms); /* more time for a long start or stop */

/* One line for people; control characters in it become spaces. */
void notify_status(struct notify *notify, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Milliseconds within which the manager wants to hear from us; 0 = no watchdog.
 * Send notify_watchdog() at half of it. */
int64_t notify_watchdog_ms(const struct notify *notify);

#endif
