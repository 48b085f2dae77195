#include "daemon/store/private_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/alloc.h"
#include "daemon/os/loop.h"
#include "daemon/store/private_files.h"

#define LOCK_RETRY_MS 100
#define LOOK_MS 50 /* between looks at the child, on systems without pidfd */
#define FIRST_BACK_OFF_MS 100
#define LONGEST_BACK_OFF_MS 10000
#define YOUNG_MS 5000
#define STEADY_MS 10000 /* a child that ran this long did start well */
#define CHILD_LOCK_FD 3 /* where the child keeps the lock open */

enum server_state { SERVER_STOPPED, SERVER_LOCKING, SERVER_RUNNING, SERVER_PAUSING, SERVER_STOPPING };

struct private_server {
    struct loop *loop;
    struct private_files files;
    char program[PRIVATE_PATH_SIZE];
    int64_t stop_ms;
    struct private_server_callbacks callbacks;
    void *context;
    private_server_ended ended;

    enum server_state state;
    int lock;
    pid_t pid;
    int pidfd;
    struct loop_io *watch;    /* on pidfd */
    struct loop_timer *look;  /* in its place where there is no pidfd */
    struct loop_timer *timer; /* of the state: lock, pause, stop */
    int64_t started, pause;
    uint64_t starts;
    bool said_waiting;
};

static void say(struct private_server *server, const char *text) {
    server->callbacks.on_text(server->context, text);
}

/* ---- The child ------------------------------------------------------------------------ */

/* Between fork and exec of a process with threads: async-signal-safe calls only. */
static _Noreturn void become_server(const struct private_server *server, pid_t parent, char *const argv[]) {
    /* Away from the terminal's signals: the daemon ends it, and last. If the
     * daemon is killed it goes at once; all it confirmed is synced. */
    setsid();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(126);
    for (int signal = 1; signal < NSIG; signal++) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(signal, &action, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int nothing = open("/dev/null", O_RDONLY);
    int log = open(server->files.log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (nothing < 0 || log < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
        dup2(log, STDERR_FILENO) < 0)
        _exit(126);
    /* dup2() of a descriptor onto itself would leave it close-on-exec. */
    if (server->lock == CHILD_LOCK_FD ? fcntl(CHILD_LOCK_FD, F_SETFD, 0) < 0 : dup2(server->lock, CHILD_LOCK_FD) < 0)
        _exit(126);
    close_range(CHILD_LOCK_FD + 1, ~0U, 0);
    umask(0077);
    execv(argv[0], argv);
    _exit(127);
}

static bool spawn(struct private_server *server) {
    char *argv[] = {server->program, server->files.config, NULL};
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    /* The daemon's handlers must not run in the child. */
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0)
        become_server(server, parent, argv);
    int kept = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = kept;
    if (pid < 0)
        return false;
    server->pidfd = pidfd_open(pid, 0);
    server->pid = pid;
    return true;
}

/* ---- Start ------------------------------------------------------------------------------ */

static void pause_then_start(struct private_server *server) {
    server->state = SERVER_PAUSING;
    loop_timer_start(server->timer, server->pause);
    server->pause = server->pause * 2 < LONGEST_BACK_OFF_MS ? server->pause * 2 : LONGEST_BACK_OFF_MS;
}

static void on_child(void *context);

static void start_child(struct private_server *server) {
    char text[PRIVATE_PATH_SIZE + 64];
    private_files_rotate_log(&server->files);
    if (!spawn(server)) {
        snprintf(text, sizeof(text), "%s cannot be started: %s", server->program, strerror(errno));
        say(server, text);
        pause_then_start(server);
        return;
    }
    server->state = SERVER_RUNNING;
    server->started = loop_monotonic(server->loop);
    server->starts++;
    if (server->pidfd >= 0)
        server->watch = loop_io_create(server->loop, server->pidfd, LOOP_URGENT, on_child, server);
    else
        loop_timer_start(server->look, LOOK_MS);
    server->callbacks.on_running(server->context);
}

static void take_lock(struct private_server *server) {
    server->state = SERVER_LOCKING;
    server->lock = private_files_lock(&server->files);
    if (server->lock >= 0) {
        server->said_waiting = false;
        start_child(server);
        return;
    }
    char text[PRIVATE_PATH_SIZE + 96];
    if (errno == EWOULDBLOCK)
        snprintf(text, sizeof(text), "another daemon, or the Redis server of an earlier one, still uses %s",
                 server->files.dir);
    else
        snprintf(text, sizeof(text), "%s: cannot be locked: %s", server->files.lock, strerror(errno));
    if (!server->said_waiting)
        say(server, text);
    server->said_waiting = true;
    loop_timer_start(server->timer, LOCK_RETRY_MS);
}

/* ---- End ---------------------------------------------------------------------------------- */

static void release(struct private_server *server) {
    loop_io_destroy(server->watch);
    server->watch = NULL;
    loop_timer_stop(server->look);
    if (server->pidfd >= 0)
        close(server->pidfd);
    server->pidfd = -1;
    server->pid = 0;
}

static void unlock(struct private_server *server) {
    if (server->lock >= 0)
        close(server->lock);
    server->lock = -1;
}

static void describe_end(struct private_server *server, int status, char *ret_text, size_t size) {
    char words[300];
    private_files_last_words(&server->files, words, sizeof(words));
    if (WIFSIGNALED(status))
        snprintf(ret_text, size, "the private Redis server was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(ret_text, size, "the private Redis server ended with status %d, last words: %s", WEXITSTATUS(status),
                 words);
}

static void finish_stop(struct private_server *server) {
    loop_timer_stop(server->timer);
    unlock(server);
    server->state = SERVER_STOPPED;
    private_server_ended ended = server->ended;
    server->ended = NULL;
    if (ended)
        ended(server->context);
}

static void on_child(void *context) {
    struct private_server *server = context;
    int status = 0;
    if (waitpid(server->pid, &status, WNOHANG) != server->pid) {
        if (server->pidfd < 0)
            loop_timer_start(server->look, LOOK_MS);
        return;
    }
    release(server);
    if (server->state == SERVER_STOPPING) {
        finish_stop(server);
        return;
    }
    char text[512];
    describe_end(server, status, text, sizeof(text));
    if (loop_monotonic(server->loop) - server->started >= STEADY_MS)
        server->pause = FIRST_BACK_OFF_MS;
    pause_then_start(server);
    say(server, text);
}

static void on_timer(void *context) {
    struct private_server *server = context;
    switch (server->state) {
    case SERVER_LOCKING:
        take_lock(server);
        break;
    case SERVER_PAUSING:
        start_child(server);
        break;
    case SERVER_STOPPING:
        if (server->pid)
            kill(server->pid, SIGKILL);
        else
            finish_stop(server);
        break;
    case SERVER_STOPPED:
    case SERVER_RUNNING:
        break;
    }
}

/* ---- Calls ------------------------------------------------------------------------------------ */

struct private_server *private_server_create(struct loop *loop, const struct private_server_options *options,
                                             const struct private_server_callbacks *callbacks, void *context,
                                             char *ret_error, size_t size) {
    struct private_server *server = alloc_zero(1, sizeof(*server));
    server->loop = loop;
    server->callbacks = *callbacks;
    server->context = context;
    server->stop_ms = options->stop_ms;
    server->lock = -1;
    server->pidfd = -1;
    server->pause = FIRST_BACK_OFF_MS;
    if (!private_files_find_program(options->program, server->program, sizeof(server->program))) {
        snprintf(ret_error, size, "redis_server = \"%s\": no such program that can be run", options->program);
        free(server);
        return NULL;
    }
    if (!private_files_init(&server->files, options->state_dir, ret_error, size) ||
        !private_files_write_config(&server->files, ret_error, size)) {
        free(server);
        return NULL;
    }
    server->timer = loop_timer_create(loop, LOOP_NORMAL, on_timer, server);
    server->look = loop_timer_create(loop, LOOP_URGENT, on_child, server);
    return server;
}

void private_server_destroy(struct private_server *server) {
    if (!server)
        return;
    if (server->pid) {
        kill(server->pid, SIGKILL);
        waitpid(server->pid, NULL, 0);
        release(server);
    }
    unlock(server);
    loop_timer_destroy(server->timer);
    loop_timer_destroy(server->look);
    free(server);
}

void private_server_start(struct private_server *server) {
    if (server->state == SERVER_STOPPED)
        take_lock(server);
}

void private_server_stop(struct private_server *server, private_server_ended ended) {
    server->state = SERVER_STOPPING;
    server->ended = ended;
    if (server->pid) {
        kill(server->pid, SIGTERM);
        loop_timer_start(server->timer, server->stop_ms);
    } else {
        loop_timer_start(server->timer, 0);
    }
}

const char *private_server_socket(const struct private_server *server) {
    return server->files.socket;
}

bool private_server_is_young(const struct private_server *server) {
    return server->state == SERVER_RUNNING && loop_monotonic(server->loop) - server->started < YOUNG_MS;
}

uint64_t private_server_starts(const struct private_server *server) {
    return server->starts;
}
