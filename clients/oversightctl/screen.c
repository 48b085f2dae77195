#include "clients/oversightctl/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/buf.h"

#define ENTER "\033[?1049h\033[?25l\033[H\033[2J" /* the other screen, no cursor */
#define LEAVE "\033[?25h\033[?1049l"

struct screen {
    struct termios before;
    sigset_t signals, mask_before;
    int signal_fd, ended_by;
    bool taken;
    char keys[64];
    size_t key_count;
};

const char *screen_refusal(void) {
    const char *terminal = getenv("TERM");

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return "standard input and output are not a terminal";
    if (terminal == NULL || terminal[0] == '\0')
        return "TERM is not set, so the terminal may not be able to place text";
    if (strcmp(terminal, "dumb") == 0)
        return "TERM=dumb says that the terminal cannot place text";
    return NULL;
}

static void put(const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, len);

        if (done < 0 && errno == EAGAIN) {
            struct pollfd item = {.fd = STDOUT_FILENO, .events = POLLOUT};

            poll(&item, 1, 1000);
            continue;
        }
        if (done < 0 && errno != EINTR)
            return; /* the terminal is gone: the next key says so */
        if (done > 0) {
            bytes += done;
            len -= (size_t)done;
        }
    }
}

/* Keys come one by one and are not shown; signals by keys stay. */
static bool take(struct screen *screen) {
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &screen->before) != 0)
        return false;
    raw = screen->before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0)
        return false;
    put(ENTER, sizeof(ENTER) - 1);
    screen->taken = true;
    return true;
}

static void give_back(struct screen *screen) {
    if (!screen->taken)
        return;
    put(LEAVE, sizeof(LEAVE) - 1);
    tcsetattr(STDIN_FILENO, TCSANOW, &screen->before);
    screen->taken = false;
}

struct screen *screen_create(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
    struct screen *screen = alloc_zero(1, sizeof(*screen));

    sigemptyset(&screen->signals);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(&screen->signals, numbers[i]);
    sigprocmask(SIG_BLOCK, &screen->signals, &screen->mask_before);
    screen->signal_fd = signalfd(-1, &screen->signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (screen->signal_fd >= 0 && take(screen))
        return screen;
    screen_destroy(screen);
    return NULL;
}

void screen_destroy(struct screen *screen) {
    if (screen == NULL)
        return;
    give_back(screen);
    if (screen->signal_fd >= 0)
        close(screen->signal_fd);
    sigprocmask(SIG_SETMASK, &screen->mask_before, NULL);
    free(screen);
}

int screen_key_fd(const struct screen *screen) {
    (void)screen;
    return STDIN_FILENO;
}

int screen_signal_fd(const struct screen *screen) {
    return screen->signal_fd;
}

void screen_size(const struct screen *screen, int *ret_rows, int *ret_columns) {
    struct winsize size = {0};

    (void)screen;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    *ret_rows = size.ws_row;
    *ret_columns = size.ws_col;
}

enum screen_event screen_read_signal(struct screen *screen) {
    struct signalfd_siginfo info;

    if (read(screen->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return SCREEN_NOTHING;
    switch (info.ssi_signo) {
    case SIGTSTP:
        /* The shell gets its terminal back before we stand still. */
        give_back(screen);
        kill(getpid(), SIGSTOP);
        return take(screen) ? SCREEN_REDRAW : SCREEN_END;
    case SIGCONT:
    case SIGWINCH:
        return SCREEN_REDRAW;
    default:
        screen->ended_by = (int)info.ssi_signo;
        return SCREEN_END;
    }
}

int screen_ended_by(const struct screen *screen) {
    return screen->ended_by;
}

/* ---- Keys ------------------------------------------------------------------------ */

static const struct {
    const char *bytes;
    int key;
} sequences[] = {
    {"\033[A", KEY_UP},         {"\033OA", KEY_UP},   {"\033[B", KEY_DOWN}, {"\033OB", KEY_DOWN},
    {"\033[5~", KEY_PAGE_UP},   {"\033[H", KEY_HOME}, {"\033OH", KEY_HOME}, {"\033[F", KEY_END},
    {"\033[6~", KEY_PAGE_DOWN}, {"\033OF", KEY_END},
};

static int take_key(struct screen *screen, size_t len, int key) {
    screen->key_count -= len;
    memmove(screen->keys, screen->keys + len, screen->key_count);
    return key;
}

int screen_read_key(struct screen *screen) {
    struct pollfd item = {.fd = STDIN_FILENO, .events = POLLIN};

    if (screen->key_count < sizeof(screen->keys) && poll(&item, 1, 0) > 0) {
        ssize_t got = read(STDIN_FILENO, screen->keys + screen->key_count, sizeof(screen->keys) - screen->key_count);

        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            return KEY_GONE;
        screen->key_count += got > 0 ? (size_t)got : 0;
    }
    if (screen->key_count == 0)
        return KEY_NONE;
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        size_t len = strlen(sequences[i].bytes);

        if (screen->key_count >= len && memcmp(screen->keys, sequences[i].bytes, len) == 0)
            return take_key(screen, len, sequences[i].key);
    }
    /* A terminal sends a sequence in one piece, so what is left is a key of its own. */
    return take_key(screen, 1, (unsigned char)screen->keys[0]);
}

/* ---- Drawing ----------------------------------------------------------------------- */

void screen_draw(const struct screen *screen, const char *const *lines, size_t count) {
    struct buf buf;

    (void)screen;
    buf_init(&buf);
    buf_append_string(&buf, "\033[H");
    for (size_t i = 0; i < count; i++) {
        buf_append_string(&buf, lines[i]);
        buf_append_string(&buf, i + 1 < count ? "\033[K\r\n" : "\033[K");
    }
    buf_append_string(&buf, "\033[J");
    put(buf.data, buf.len);
    buf_finish(&buf);
}
