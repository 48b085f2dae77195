#include "clients/oncall/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oncall/files.h"
#include "common/alloc.h"
#include "common/log.h"

#define SAID_MAX 120
#define ENVIRONMENT_MAX 16
#define READS_MAX 16 /* of standard error in one turn */
#define LOOK_MS 50   /* between looks at the child, where there is no descriptor of a process */

struct child {
    struct loop *loop;
    pid_t pid;
    int pid_fd, said_fd;
    struct loop_io *ended, *saying;
    struct loop_timer *limit;
    struct loop_timer *look; /* in the place of pid_fd */
    bool killed, leaves;
    char said[SAID_MAX + 1]; /* the start of its standard error */
    size_t said_len;
    int start_error;
    send_callback callback;
    void *context;
};

static void destroy(struct child *child) {
    loop_io_destroy(child->ended);
    loop_io_destroy(child->saying);
    loop_timer_destroy(child->limit);
    loop_timer_destroy(child->look);
    if (child->pid_fd >= 0)
        close(child->pid_fd);
    if (child->said_fd >= 0)
        close(child->said_fd);
    free(child);
}

/* What it says is read, so that it never waits for us; the start is kept. Only so
 * much at once: one that never ends to speak must not keep us from everything else. */
static void read_said(struct child *child) {
    char bytes[4096];
    ssize_t len = -1;
    for (int i = 0; i < READS_MAX && (len = read(child->said_fd, bytes, sizeof bytes)) > 0; i++) {
        size_t room = SAID_MAX - child->said_len, part = (size_t)len < room ? (size_t)len : room;
        memcpy(child->said + child->said_len, bytes, part);
        child->said_len += part;
    }
    if (len == 0 && child->saying) {
        loop_io_destroy(child->saying);
        child->saying = NULL;
    }
}

static void on_said(void *context) {
    read_said(context);
}

static void kill_group(struct child *child) {
    if (child->pid > 0)
        kill(-child->pid, SIGKILL);
}

static void on_limit(void *context) {
    struct child *child = context;
    child->killed = true;
    kill_group(child); /* its end is told as any other */
}

static enum result result_of(int status) {
    if (status == 0)
        return RESULT_DELIVERED;
    bool refused = (status >= EX_USAGE && status <= EX_NOHOST) || (status >= EX_PROTOCOL && status <= EX_CONFIG);
    return refused ? RESULT_REFUSED : RESULT_AGAIN;
}

static void tell_end(struct child *child, const siginfo_t *info) {
    struct outcome outcome = {.result = RESULT_AGAIN};
    char said[SAID_MAX + 40];
    send_callback callback = child->callback;
    void *context = child->context;
    while (child->said_len > 0 && child->said[child->said_len - 1] == '\n')
        child->said_len--;
    text_escape(said, sizeof said, (struct text){child->said, child->said_len});
    const char *colon = said[0] ? ": " : "";
    if (child->start_error) {
        snprintf(outcome.reason, sizeof outcome.reason, "cannot be started: %s", strerror(child->start_error));
    } else if (child->killed) {
        snprintf(outcome.reason, sizeof outcome.reason, "killed at its time limit%s%s", colon, said);
    } else if (info->si_code == CLD_EXITED) {
        outcome.result = result_of(info->si_status);
        snprintf(outcome.reason, sizeof outcome.reason, "exit status %d%s%s", info->si_status, colon, said);
    } else {
        snprintf(outcome.reason, sizeof outcome.reason, "ended by signal %d%s%s", info->si_status, colon, said);
    }
    destroy(child);
    callback(context, &outcome);
}

static void on_ended(void *context) {
    struct child *child = context;
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
        if (child->look)
            loop_timer_start(child->look, LOOK_MS);
        return;
    }
    if (!child->leaves)
        kill_group(child); /* what it left running must not live on; before its number is free for others */
    waitpid(child->pid, NULL, 0);
    read_said(child);
    tell_end(child, &info);
}

static void on_not_started(void *context) {
    siginfo_t info = {0};
    tell_end(context, &info);
}

/* The input as a file of its own: a program that does not read it never blocks us. */
static int input_file(struct text input) {
    int fd = memfd_create("event", MFD_CLOEXEC);
    if (fd >= 0 && files_write(fd, input.s, input.len) && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int spawn(struct child *child, const struct child_spec *spec, int input, int said) {
    char *environment[ENVIRONMENT_MAX + 3] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                              "LANG=C.UTF-8"};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    for (size_t i = 0; i < ENVIRONMENT_MAX && spec->more && spec->more[i]; i++)
        environment[i + 2] = (char *)spec->more[i];
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, said, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    int error = posix_spawn(&child->pid, spec->argv[0], &actions, &attributes, spec->argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0)
        child->pid = 0;
    return error;
}

struct child *child_start(struct loop *loop, const struct child_spec *spec, send_callback callback, void *context) {
    struct child *child = alloc_zero(1, sizeof *child);
    int input = input_file(spec->input), said[2] = {-1, -1};
    *child = (struct child){
        .loop = loop, .pid_fd = -1, .said_fd = -1, .leaves = spec->leaves, .callback = callback, .context = context};
    if (input < 0 || pipe2(said, O_CLOEXEC | O_NONBLOCK) != 0) {
        child->start_error = errno;
    } else {
        child->said_fd = said[0];
        fcntl(said[1], F_SETFL, 0); /* the program writes as to any standard error */
        child->start_error = spawn(child, spec, input, said[1]);
    }
    if (input >= 0)
        close(input);
    if (said[1] >= 0)
        close(said[1]);
    if (child->start_error) {
        loop_defer(loop, on_not_started, child);
        return child;
    }
    child->pid_fd = pidfd_open(child->pid, 0);
    if (child->pid_fd >= 0) {
        child->ended = loop_io_create(loop, child->pid_fd, LOOP_NORMAL, on_ended, child);
    } else {
        child->look = loop_timer_create(loop, LOOP_NORMAL, on_ended, child);
        loop_timer_start(child->look, LOOK_MS);
    }
    child->saying = loop_io_create(loop, child->said_fd, LOOP_NORMAL, on_said, child);
    child->limit = loop_timer_create(loop, LOOP_NORMAL, on_limit, child);
    loop_timer_start(child->limit, spec->timeout);
    return child;
}

void child_cancel(struct child *child) {
    if (!child)
        return;
    loop_defer_cancel(child->loop, on_not_started, child);
    if (child->pid > 0) {
        kill_group(child);
        waitpid(child->pid, NULL, 0);
    }
    destroy(child);
}
