#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/log.h"
#include "daemon/os/notify.h"

/* A stand-in for the service manager. */
struct manager {
    int fd;
    char folder[64], path[96];
    char heard[1024];
};

static void listen_at(struct manager *manager, const char *name, size_t len) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, len);
    manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(manager->fd >= 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    assert_int_equal(bind(manager->fd, (struct sockaddr *)&address, size), 0);
}

static const char *hear(struct manager *manager) {
    ssize_t len = recv(manager->fd, manager->heard, sizeof manager->heard - 1, 0);
    manager->heard[len < 0 ? 0 : len] = '\0';
    return manager->heard;
}

static int setup(void **state) {
    struct manager *manager = calloc(1, sizeof *manager);
    assert_non_null(manager);
    manager->fd = -1;
    const char *base = getenv("TMPDIR");
    snprintf(manager->folder, sizeof manager->folder, "%s/notify-XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
    assert_non_null(mkdtemp(manager->folder));
    snprintf(manager->path, sizeof manager->path, "%s/socket", manager->folder);
    *state = manager;
    return 0;
}

static int teardown(void **state) {
    struct manager *manager = *state;
    if (manager->fd >= 0)
        close(manager->fd);
    unlink(manager->path);
    rmdir(manager->folder);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    free(manager);
    return 0;
}

static void every_state_is_told(void **state) {
    struct manager *manager = *state;
    listen_at(manager, manager->path, strlen(manager->path) + 1);
    setenv("NOTIFY_SOCKET", manager->path, 1);
    struct notify *notify = notify_create();
    assert_true(notify_active(notify));
    assert_null(getenv("NOTIFY_SOCKET"));
    notify_ready(notify);
    assert_string_equal(hear(manager), "READY=1");
    notify_status(notify, "%d feeds\nREADY=0", 3);
    assert_string_equal(hear(manager), "STATUS=3 feeds READY=0");
    notify_reloading(notify);
    assert_int_equal(strncmp(hear(manager), "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
    notify_extend(notify, 1500);
    assert_string_equal(hear(manager), "EXTEND_TIMEOUT_USEC=1500000");
    notify_watchdog(notify);
    assert_string_equal(hear(manager), "WATCHDOG=1");
    notify_stopping(notify);
    assert_string_equal(hear(manager), "STOPPING=1");
    notify_destroy(notify);
}

static void an_abstract_socket_works(void **state) {
    struct manager *manager = *state;
    char name[64];
    int len = snprintf(name, sizeof name, "@oversight-test-%ld", (long)getpid());
    setenv("NOTIFY_SOCKET", name, 1);
    name[0] = '\0';
    listen_at(manager, name, (size_t)len);
    struct notify *notify = notify_create();
    notify_ready(notify);
    assert_string_equal(hear(manager), "READY=1");
    notify_destroy(notify);
}

static void without_a_socket_nothing_happens(void **state) {
    (void)state;
    struct notify *notify = notify_create();
    assert_false(notify_active(notify));
    notify_ready(notify);
    notify_status(notify, "alone");
    assert_int_equal(notify_watchdog_ms(notify), 0);
    notify_destroy(notify);
    notify_destroy(NULL);
}

static void a_bad_path_is_refused(void **state) {
    (void)state;
    log_set_level(LOG_LEVEL_ERROR);
    setenv("NOTIFY_SOCKET", "relative/path", 1);
    struct notify *notify = notify_create();
    assert_false(notify_active(notify));
    notify_destroy(notify);
    log_set_level(LOG_LEVEL_INFO);
}

static void the_watchdog_counts_only_for_this_process(void **state) {
    (void)state;
    char pid[32];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    setenv("WATCHDOG_USEC", "2000000", 1);
    setenv("WATCHDOG_PID", pid, 1);
    struct notify *notify = notify_create();
    assert_int_equal(notify_watchdog_ms(notify), 2000);
    notify_destroy(notify);
    setenv("WATCHDOG_USEC", "2000000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    notify = notify_create();
    assert_int_equal(notify_watchdog_ms(notify), 0);
    notify_destroy(notify);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_state_is_told),
        TEST(an_abstract_socket_works),
        TEST(without_a_socket_nothing_happens),
        TEST(a_bad_path_is_refused),
        TEST(the_watchdog_counts_only_for_this_process),
    };
    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
