/* What the service manager is told of the daemon's state, and that nothing is counted where nobody listens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/app_state.h"

static void told_once_when_it_differs(void **state) {
    (void)state;
    char name[64], got[512];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    int len = snprintf(name, sizeof name, "@oversight-test-status-%ld", (long)getpid());
    memcpy(address.sun_path + 1, name + 1, (size_t)len - 1);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, size), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    struct app app = {.notify = notify_create(), .store_state = STORE_WAITING, .store_text = "for another"};

    app_tell_status(&app);
    app_tell_status(&app);
    ssize_t received = recv(fd, got, sizeof got - 1, 0);
    assert_true(received > 0);
    got[received] = '\0';
    assert_string_equal(got, "STATUS=store waiting: for another");
    assert_int_equal(recv(fd, got, sizeof got, 0), -1);
    notify_destroy(app.notify);
    close(fd);
}

/* There is no engine here to be walked through. */
static void nothing_is_counted_for_nobody(void **state) {
    (void)state;
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    struct app app = {.notify = notify_create(), .serving = true, .store_state = STORE_READY};

    app_tell_status(&app);
    assert_string_equal(app.told_status, "");
    notify_destroy(app.notify);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_once_when_it_differs),
        cmocka_unit_test(nothing_is_counted_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
