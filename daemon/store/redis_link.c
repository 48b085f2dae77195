#include "daemon/store/redis_link.h"

#include <fcntl.h>
#include <hiredis/async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The adapter is a header with code of its own style. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <hiredis/adapters/libevent.h>
#pragma GCC diagnostic pop

#include "common/alloc.h"
#include "daemon/os/loop.h"

#define FIRST_BACK_OFF_MS 50

enum link_state { LINK_CLOSED, LINK_PAUSING, LINK_FINDING, LINK_CONNECTING, LINK_UP };

/* A command under way. hiredis answers in order, so the head is the oldest. */
struct pending {
    struct pending *next;
    struct redis_link *link;
    redis_link_reply callback;
    void *context;
    int64_t sent, allowance;
};

struct redis_link {
    struct loop *loop;
    struct address address;
    int64_t connect_ms, deadline_ms, back_off_ms;
    struct redis_link_callbacks callbacks;
    void *context;

    enum link_state state;
    redisAsyncContext *redis;
    int64_t wait; /* before the next attempt */
    bool muted;   /* being destroyed */
    /* What the next turn has to tell. */
    bool tell_up, tell_down, drop;
    char reason[256];

    struct pending *head, *tail;
    int64_t last_reply;

    struct loop_timer *turn;     /* runs in the next turn */
    struct loop_timer *deadline; /* of the attempt, then of the oldest command */
    struct loop_timer *retry;
};

static void set_reason(struct redis_link *link, const char *reason) {
    snprintf(link->reason, sizeof(link->reason), "%s", reason && reason[0] ? reason : "connection closed");
}

/* hiredis has let go of the context, or never had one: tell in the next turn. */
static void went_down(struct redis_link *link, const char *reason) {
    link->redis = NULL;
    link->state = LINK_PAUSING;
    link->tell_up = false;
    link->tell_down = true;
    set_reason(link, reason);
    loop_timer_stop(link->deadline);
    loop_timer_start(link->turn, 0);
}

/* Ends a live context. Only from a clean stack: hiredis must not free it below
 * its own connect and disconnect callbacks. */
static void cut(struct redis_link *link, const char *reason) {
    redisAsyncContext *redis = link->redis;
    char kept[sizeof(link->reason)];
    snprintf(kept, sizeof(kept), "%s", reason);
    went_down(link, kept);
    if (redis)
        redisAsyncFree(redis);
}

static void on_connect(const redisAsyncContext *redis, int status) {
    struct redis_link *link = redis->data;
    if (link->redis != redis)
        return;
    if (status != REDIS_OK) {
        went_down(link, redis->c.errstr);
        return;
    }
    link->tell_up = true;
    loop_timer_start(link->turn, 0);
}

static void on_disconnect(const redisAsyncContext *redis, int status) {
    struct redis_link *link = redis->data;
    (void)status;
    if (link->redis == redis)
        went_down(link, redis->c.errstr);
}

static const char *open_context(struct redis_link *link) {
    redisAsyncContext *redis = link->address.kind == ADDRESS_UNIX
                                   ? redisAsyncConnectUnix(link->address.path)
                                   : redisAsyncConnect(link->address.tcp.host, link->address.tcp.port);
    if (!redis)
        return "out of memory";
    if (redis->err) {
        set_reason(link, redis->errstr);
        redisAsyncFree(redis);
        return link->reason;
    }
    redis->data = link;
    /* A child started later must not keep the connection open. */
    fcntl(redis->c.fd, F_SETFD, FD_CLOEXEC);
    if (redisLibeventAttach(redis, loop_base(link->loop)) != REDIS_OK ||
        redisAsyncSetDisconnectCallback(redis, on_disconnect) != REDIS_OK) {
        redisAsyncFree(redis);
        return "cannot watch the connection";
    }
    link->redis = redis;
    /* Last: it asks for the hooks that attaching has set. */
    redisAsyncSetConnectCallback(redis, on_connect);
    return NULL;
}

static void connect_now(struct redis_link *link) {
    link->state = LINK_CONNECTING;
    const char *error = open_context(link);
    if (error) {
        char kept[sizeof(link->reason)];
        snprintf(kept, sizeof(kept), "%s", error);
        went_down(link, kept);
        return;
    }
    loop_timer_start(link->deadline, link->connect_ms);
}

static void attempt(void *context) {
    struct redis_link *link = context;
    if (!link->callbacks.find) {
        connect_now(link);
        return;
    }
    link->state = LINK_FINDING;
    link->callbacks.find(link->context);
}

void redis_link_found(struct redis_link *link, const struct address *address) {
    if (link->state != LINK_FINDING)
        return;
    link->address = *address;
    connect_now(link);
}

void redis_link_not_found(struct redis_link *link, const char *reason) {
    if (link->state == LINK_FINDING)
        went_down(link, reason);
}

static void arm_deadline(struct redis_link *link) {
    const struct pending *oldest = link->head;
    if (!oldest)
        return;
    int64_t since = oldest->sent > link->last_reply ? oldest->sent : link->last_reply;
    int64_t left = since + link->deadline_ms + oldest->allowance - loop_monotonic(link->loop);
    loop_timer_start(link->deadline, left > 0 ? left : 0);
}

static void on_deadline(void *context) {
    struct redis_link *link = context;
    char text[96];
    if (link->state == LINK_CONNECTING) {
        snprintf(text, sizeof(text), "no connection within %lld ms", (long long)link->connect_ms);
        cut(link, text);
        return;
    }
    const struct pending *oldest = link->head;
    if (link->state != LINK_UP || !oldest)
        return;
    int64_t since = oldest->sent > link->last_reply ? oldest->sent : link->last_reply;
    int64_t limit = link->deadline_ms + oldest->allowance;
    if (loop_monotonic(link->loop) - since < limit) {
        arm_deadline(link);
        return;
    }
    snprintf(text, sizeof(text), "no reply within %lld ms", (long long)limit);
    cut(link, text);
}

static void on_turn(void *context) {
    struct redis_link *link = context;
    if (link->drop && link->redis)
        cut(link, link->reason);
    link->drop = false;
    if (link->tell_up) {
        link->tell_up = false;
        link->state = LINK_UP;
        loop_timer_stop(link->deadline);
        link->last_reply = loop_monotonic(link->loop);
        link->callbacks.on_up(link->context);
    } else if (link->tell_down) {
        link->tell_down = false;
        loop_timer_stop(link->turn);
        loop_timer_start(link->retry, link->wait);
        link->wait = link->wait * 2 < link->back_off_ms ? link->wait * 2 : link->back_off_ms;
        link->callbacks.on_down(link->context, link->reason);
    }
}

struct redis_link *redis_link_create(struct loop *loop, const struct redis_link_options *options,
                                     const struct redis_link_callbacks *callbacks, void *context) {
    struct redis_link *link = alloc_zero(1, sizeof(*link));
    link->loop = loop;
    link->address = *options->address;
    link->connect_ms = options->connect_ms;
    link->deadline_ms = options->deadline_ms;
    link->back_off_ms = options->back_off_ms;
    link->callbacks = *callbacks;
    link->context = context;
    link->wait = FIRST_BACK_OFF_MS;
    link->turn = loop_timer_create(loop, LOOP_NORMAL, on_turn, link);
    link->deadline = loop_timer_create(loop, LOOP_NORMAL, on_deadline, link);
    link->retry = loop_timer_create(loop, LOOP_NORMAL, attempt, link);
    return link;
}

void redis_link_close(struct redis_link *link) {
    redisAsyncContext *redis = link->redis;
    link->redis = NULL;
    link->state = LINK_CLOSED;
    link->tell_up = link->tell_down = link->drop = false;
    loop_timer_stop(link->turn);
    loop_timer_stop(link->deadline);
    loop_timer_stop(link->retry);
    if (redis)
        redisAsyncFree(redis);
    link->state = LINK_CLOSED; /* the replies have taken it for a pause */
}

void redis_link_destroy(struct redis_link *link) {
    if (!link)
        return;
    link->muted = true;
    redis_link_close(link);
    loop_timer_destroy(link->turn);
    loop_timer_destroy(link->deadline);
    loop_timer_destroy(link->retry);
    free(link);
}

void redis_link_open(struct redis_link *link) {
    if (link->state != LINK_CLOSED)
        return;
    link->state = LINK_PAUSING;
    loop_timer_start(link->retry, 0);
}

bool redis_link_is_up(const struct redis_link *link) {
    return link->state == LINK_UP && !link->drop;
}

void redis_link_settled(struct redis_link *link) {
    link->wait = FIRST_BACK_OFF_MS;
}

void redis_link_drop(struct redis_link *link, const char *reason, bool slowly) {
    if (!redis_link_is_up(link))
        return;
    link->drop = true;
    set_reason(link, reason);
    if (slowly)
        link->wait = link->back_off_ms;
    loop_timer_start(link->turn, 0);
}

static void on_reply(redisAsyncContext *redis, void *reply, void *context) {
    struct pending *pending = context;
    struct redis_link *link = pending->link;
    (void)redis;
    link->head = pending->next;
    if (!link->head)
        link->tail = NULL;
    if (reply)
        link->last_reply = loop_monotonic(link->loop);
    else
        link->state = LINK_PAUSING; /* the connection is ending: no sending from the callbacks */
    if (!link->muted)
        pending->callback(pending->context, reply);
    free(pending);
}

bool redis_link_send(struct redis_link *link, const struct text *args, size_t count, int64_t allowance_ms,
                     redis_link_reply callback, void *context) {
    if (!redis_link_is_up(link))
        return false;
    const char **argv = alloc_zero(count, sizeof(*argv));
    size_t *lens = alloc_zero(count, sizeof(*lens));
    for (size_t i = 0; i < count; i++) {
        argv[i] = args[i].s ? args[i].s : "";
        lens[i] = args[i].len;
    }
    struct pending *pending = alloc_zero(1, sizeof(*pending));
    *pending = (struct pending){.link = link, .callback = callback, .context = context};
    pending->sent = loop_monotonic(link->loop);
    pending->allowance = allowance_ms;
    int rc = redisAsyncCommandArgv(link->redis, on_reply, pending, (int)count, argv, lens);
    free(argv);
    free(lens);
    if (rc != REDIS_OK) {
        free(pending);
        return false;
    }
    if (link->tail)
        link->tail->next = pending;
    else
        link->head = pending;
    link->tail = pending;
    if (link->head == pending)
        arm_deadline(link);
    return true;
}

void redis_link_flush(struct redis_link *link) {
    int done;
    /* An error stays in the context: the event that waits to write meets it again, from a clean stack. */
    if (redis_link_is_up(link))
        redisBufferWrite(&link->redis->c, &done);
}
