#include "daemon/os/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/text.h"

#define MESSAGE_MAX 512

struct notify {
    int fd; /* -1: nobody listens */
    struct sockaddr_un address;
    socklen_t address_len;
    int64_t watchdog_ms;
};

static void open_socket(struct notify *notify, const char *path) {
    size_t len = strlen(path);
    if (len < 2 || len >= sizeof notify->address.sun_path || (path[0] != '/' && path[0] != '@')) {
        log_warning("notify", "NOTIFY_SOCKET is '%s', expected an absolute path or @name of under %zu bytes", path,
                    sizeof notify->address.sun_path);
        return;
    }
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, path, len);
    notify->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (path[0] == '@')
        notify->address.sun_path[0] = '\0'; /* the abstract namespace has no closing NUL */
    else
        notify->address_len++;
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (notify->fd < 0)
        log_warning("notify", "no socket for the service manager: %m");
}

static uint64_t environment_number(const char *name) {
    uint64_t number = 0;
    const char *value = getenv(name);
    if (value && !text_to_uint64(text_of(value), &number))
        log_warning("notify", "%s is '%s', expected a number", name, value);
    return number;
}

struct notify *notify_create(void) {
    struct notify *notify = alloc_zero(1, sizeof *notify);
    notify->fd = -1;
    const char *path = getenv("NOTIFY_SOCKET");
    if (path)
        open_socket(notify, path);
    uint64_t pid = environment_number("WATCHDOG_PID");
    uint64_t usec = environment_number("WATCHDOG_USEC");
    if (pid == 0 || pid == (uint64_t)getpid())
        notify->watchdog_ms = (int64_t)(usec / 1000);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
    return notify;
}

void notify_destroy(struct notify *notify) {
    if (!notify)
        return;
    if (notify->fd >= 0)
        close(notify->fd);
    free(notify);
}

bool notify_active(const struct notify *notify) {
    return notify->fd >= 0;
}

static void send_message(struct notify *notify, const char *message) {
    if (notify->fd < 0)
        return;
    ssize_t sent = sendto(notify->fd, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL,
                          (const struct sockaddr *)&notify->address, notify->address_len);
    if (sent < 0)
        log_warning("notify", "the service manager was not told '%s': %m", message);
}

void notify_ready(struct notify *notify) {
    send_message(notify, "READY=1");
}

void notify_reloading(struct notify *notify) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    char message[MESSAGE_MAX];
    snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%lld",
             (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    send_message(notify, message);
}

void notify_stopping(struct notify *notify) {
    send_message(notify, "STOPPING=1");
}

void notify_watchdog(struct notify *notify) {
    send_message(notify, "WATCHDOG=1");
}

void notify_extend(struct notify *notify, int64_t ms) {
    char message[MESSAGE_MAX];
    snprintf(message, sizeof message, "EXTEND_TIMEOUT_USEC=%lld", (long long)ms * 1000);
    send_message(notify, message);
}

void notify_status(struct notify *notify, const char *format, ...) {
    char message[MESSAGE_MAX] = "STATUS=";
    const size_t start = sizeof "STATUS=" - 1;
    va_list args;
    va_start(args, format);
    vsnprintf(message + start, sizeof message - start, format, args);
    va_end(args);
    for (char *c = message + start; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' '; /* a line break would start another variable */
    send_message(notify, message);
}

int64_t notify_watchdog_ms(const struct notify *notify) {
    return notify->watchdog_ms;
}
