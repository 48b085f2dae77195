#include "clients/oversightctl/board_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "clients/oversightctl/screen.h"
#include "clients/oversightctl/style.h"
#include "common/alloc.h"

#define ASK_MS 1000   /* the longest time that keys may have to wait */
#define GATHER_MS 200 /* alerts of one cause come together: the state is taken once for them */
#define REFRESH_S 30  /* and without an alert: scores and dates move too */
#define AGAIN_MS 2000 /* after an answer that did not come */

struct board {
    const struct context *context;
    struct board_view *view;
    const char *framework;
    struct screen *screen;
    struct oversight_client *client;
    struct oversight_query *query;
    cJSON *snapshot;
    struct buf alert, alert_time;
    char updated[16];
    int64_t refresh_at; /* monotonic ms */
    bool dirty;         /* the screen does not show what we know */
    bool ended;
};

static int64_t now_ms(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void refresh_within(struct board *board, int ms) {
    int64_t at = now_ms() + ms;

    if (at < board->refresh_at)
        board->refresh_at = at;
}

/* ---- From the daemon -------------------------------------------------------------- */

static void on_alert(void *arg, const struct oversight_event *event) {
    struct board *board = arg;
    size_t len = strlen(event->time);

    buf_clear(&board->alert);
    append_safe(&board->alert, event->summary);
    buf_clear(&board->alert_time);
    if (len >= 16) /* 2026-04-14T09:30:00.000Z: hours and minutes */
        buf_append(&board->alert_time, event->time + 11, 5);
    refresh_within(board, GATHER_MS);
    board->dirty = true;
}

static void on_state(void *arg, enum oversight_state state) {
    struct board *board = arg;

    board->view->state = oversight_state_name(state);
    board->dirty = true;
    if (state == OVERSIGHT_LIVE)
        refresh_within(board, 0);
}

static void refresh(struct board *board) {
    cJSON *request = cJSON_CreateObject(), *reply = NULL;
    char *text, *json = NULL;
    time_t now = time(NULL);
    struct tm utc;

    cJSON_AddStringToObject(request, "get", "snapshot");
    if (board->framework != NULL)
        cJSON_AddStringToObject(request, "framework", board->framework);
    text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    board->refresh_at = now_ms() + AGAIN_MS;
    if (text != NULL && oversight_query_ask(board->query, text, ASK_MS, &json) == OVERSIGHT_OK)
        reply = cJSON_Parse(json);
    free(text);
    free(json);
    if (reply == NULL)
        return;
    cJSON_Delete(board->snapshot);
    board->snapshot = reply;
    gmtime_r(&now, &utc);
    strftime(board->updated, sizeof(board->updated), "%H:%M:%SZ", &utc);
    board->refresh_at = now_ms() + REFRESH_S * 1000;
    board->dirty = true;
}

/* ---- Keys ------------------------------------------------------------------------- */

static void type_search(struct board_view *view, int key) {
    size_t len = strlen(view->search);

    if (key == '\r' || key == '\n') {
        view->searching = false;
    } else if (key == KEY_ESCAPE) {
        view->searching = false;
        view->search[0] = '\0';
    } else if ((key == 0x7f || key == '\b') && len > 0) {
        while (len > 0 && ((unsigned char)view->search[--len] & 0xc0) == 0x80)
            ;
        view->search[len] = '\0';
    } else if (key >= ' ' && key < 256 && key != 0x7f && len < BOARD_SEARCH_MAX) {
        view->search[len] = (char)key;
        view->search[len + 1] = '\0';
    }
    view->top = 0;
}

static void scroll(struct board *board, int key) {
    int rows, columns, page;

    screen_size(board->screen, &rows, &columns);
    page = rows > 5 ? rows - 5 : 1;
    if (key == KEY_UP || key == 'k')
        board->view->top--;
    else if (key == KEY_DOWN || key == 'j')
        board->view->top++;
    else if (key == KEY_PAGE_UP)
        board->view->top -= page;
    else if (key == KEY_PAGE_DOWN || key == ' ')
        board->view->top += page;
    else if (key == KEY_HOME)
        board->view->top = 0;
    else if (key == KEY_END)
        board->view->top = 1 << 30;
}

static void take_key(struct board *board, int key) {
    struct board_view *view = board->view;

    board->dirty = true;
    if (key == KEY_GONE) {
        board->ended = true;
    } else if (view->searching) {
        type_search(view, key);
    } else if (key == 'q' || key == 'Q') {
        board->ended = true;
    } else if (key >= '0' && key <= '5') {
        view->segment = view->segment == key - '0' ? 0 : key - '0';
        view->top = 0;
    } else if (key == '/') {
        view->searching = true;
        view->search[0] = '\0';
    } else if (key == KEY_ESCAPE) {
        view->segment = 0;
        view->search[0] = '\0';
    } else if (key == 'r') {
        refresh_within(board, 0);
    } else {
        scroll(board, key);
    }
}

/* ---- The loop --------------------------------------------------------------------- */

static void draw(struct board *board) {
    struct board_lines lines;
    int rows, columns;

    screen_size(board->screen, &rows, &columns);
    board->view->updated = board->updated;
    board->view->alert = board->alert.len > 0 ? board->alert.data : NULL;
    board->view->alert_time = board->alert_time.data;
    board_view_render(board->view, board->snapshot, rows, columns, &lines);
    screen_draw(board->screen, lines.lines, lines.count);
    board_lines_finish(&lines);
    board->dirty = false;
}

static int time_left(const struct board *board) {
    int64_t left = board->refresh_at - now_ms();
    int wait = oversight_client_timeout(board->client);

    if (left < 0)
        left = 0;
    return left < wait ? (int)left : wait;
}

static void turn(struct board *board) {
    struct pollfd items[] = {{.fd = oversight_client_fd(board->client), .events = POLLIN},
                             {.fd = screen_key_fd(board->screen), .events = POLLIN},
                             {.fd = screen_signal_fd(board->screen), .events = POLLIN}};

    if (board->dirty)
        draw(board);
    poll(items, 3, time_left(board));
    for (enum screen_event event; (event = screen_read_signal(board->screen)) != SCREEN_NOTHING;) {
        board->dirty = true;
        board->ended = board->ended || event == SCREEN_END;
    }
    for (int key; !board->ended && (key = screen_read_key(board->screen)) != KEY_NONE;)
        take_key(board, key);
    oversight_client_process(board->client);
    if (!board->ended && now_ms() >= board->refresh_at)
        refresh(board);
}

static bool connect_board(struct board *board) {
    static const struct oversight_handlers handlers = {.alert = on_alert, .state = on_state};
    struct oversight_client_config config = {.subscribe = (const char *const *)board->context->publish.list,
                                             .query = (const char *const *)board->context->query.list,
                                             .keys = board->context->keys};
    char error[512] = "";

    board->client = oversight_client_create(&config, &handlers, board, error, sizeof(error));
    board->query = board->client != NULL ? open_query(board->context) : NULL;
    if (board->client == NULL)
        complain(EX_USAGE, "%s", error);
    return board->query != NULL;
}

int board_watch(const struct context *context, struct board_view *view, const char *framework) {
    struct board board = {.context = context, .view = view, .framework = framework, .dirty = true};
    const char *refusal = screen_refusal();
    int ended_by = 0, status = EX_OK;

    if (refusal != NULL)
        return complain(EX_UNAVAILABLE,
                        "board --watch draws on the whole terminal, but %s; board without --watch, "
                        "and watch, print lines",
                        refusal);
    view->state = oversight_state_name(OVERSIGHT_CONNECTING);
    strcpy(board.updated, "not yet");
    buf_init(&board.alert);
    buf_init(&board.alert_time);
    if (!connect_board(&board)) {
        status = EX_USAGE;
    } else if ((board.screen = screen_create()) == NULL) {
        status = complain(EX_OSERR, "the terminal cannot be taken over: %s", strerror(errno));
    } else {
        while (!board.ended)
            turn(&board);
        ended_by = screen_ended_by(board.screen);
        screen_destroy(board.screen);
    }
    oversight_query_destroy(board.query);
    oversight_client_destroy(board.client);
    cJSON_Delete(board.snapshot);
    buf_finish(&board.alert);
    buf_finish(&board.alert_time);
    if (ended_by != 0) { /* as the signal would have ended us, for who waits for us */
        signal(ended_by, SIG_DFL);
        raise(ended_by);
    }
    return status;
}
