/*
 * libevent only collects here: its callbacks put what became ready on one list
 * per priority, and once it has returned the lists are run in order. So
 * priorities hold within a turn, everything that is ready gets its one call per
 * turn however busy the others are, and every callback starts from a clean
 * stack (the adapters that use loop_base() excepted: they are called by
 * libevent, before the lists).
 */
#include "daemon/os/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "common/alloc.h"
#include "common/log.h"
#include "daemon/os/list.h"

/* Something that can become ready; the first member of every watched thing. */
struct source {
    struct list link; /* on a ready list, or alone */
    void (*run)(struct source *source);
    enum loop_priority priority;
};

struct clock {
    bool read; /* in this turn */
    int64_t monotonic, wall;
};

struct deferred {
    loop_callback callback;
    void *context;
};

struct deferred_queue {
    struct deferred *items;
    size_t count, capacity;
};

struct loop {
    struct event_base *base;
    struct clock *clock; /* apart, so that readers of a const loop may refresh it */
    uint64_t turns;
    bool stopped;
    struct list ready[LOOP_PRIORITIES];
    struct deferred_queue deferred, running; /* swapped at the end of a turn */
    struct list signals;
};

struct loop_io {
    struct source source;
    struct loop *loop;
    struct event *event;
    loop_callback callback;
    void *context;
    bool paused;
};

struct loop_timer {
    struct source source;
    struct loop *loop;
    struct event *event;
    loop_callback callback;
    void *context;
    int64_t due; /* monotonic */
};

struct loop_signal {
    struct source source;
    struct list link; /* in loop->signals */
    struct loop *loop;
    struct event *event;
    int number;
    loop_signal_callback callback;
    void *context;
};

static void make_ready(struct loop *loop, struct source *source) {
    if (list_empty(&source->link))
        list_append(&loop->ready[source->priority], &source->link);
}

/* ---- Clock --------------------------------------------------------------- */

static int64_t clock_ms(clockid_t id) {
    struct timespec now = {0};
    clock_gettime(id, &now); /* both clocks exist on every Linux */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Read when first asked for in a turn: the adapters called by libevent also get
 * the time after the wait, not before it. */
static const struct clock *clock_of(const struct loop *loop) {
    struct clock *clock = loop->clock;
    if (!clock->read) {
        clock->monotonic = clock_ms(CLOCK_MONOTONIC);
        clock->wall = clock_ms(CLOCK_REALTIME);
        clock->read = true;
    }
    return clock;
}

int64_t loop_monotonic(const struct loop *loop) {
    return clock_of(loop)->monotonic;
}

int64_t loop_wall(const struct loop *loop) {
    return clock_of(loop)->wall;
}

uint64_t loop_turns(const struct loop *loop) {
    return loop->turns;
}

/* ---- Loop ---------------------------------------------------------------- */

static void on_libevent_log(int severity, const char *message) {
    if (severity >= EVENT_LOG_WARN)
        log_warning("loop", "libevent: %s", message);
}

struct loop *loop_create(void) {
    event_set_log_callback(on_libevent_log);
    struct event_base *base = event_base_new();
    if (!base) {
        errno = errno ? errno : ENOMEM;
        return NULL;
    }
    /* Peers that go away are seen by the write that fails. */
    signal(SIGPIPE, SIG_IGN);
    struct loop *loop = alloc_zero(1, sizeof *loop);
    loop->base = base;
    loop->clock = alloc_zero(1, sizeof *loop->clock);
    for (int i = 0; i < LOOP_PRIORITIES; i++)
        list_init(&loop->ready[i]);
    list_init(&loop->signals);
    return loop;
}

static void signal_destroy(struct loop_signal *watch) {
    list_remove(&watch->link);
    list_remove(&watch->source.link);
    if (watch->event)
        event_free(watch->event);
    free(watch);
}

void loop_destroy(struct loop *loop) {
    if (!loop)
        return;
    while (!list_empty(&loop->signals)) {
        char *link = (char *)loop->signals.next;
        signal_destroy((struct loop_signal *)(void *)(link - offsetof(struct loop_signal, link)));
    }
    event_base_free(loop->base);
    free(loop->deferred.items);
    free(loop->running.items);
    free(loop->clock);
    free(loop);
}

struct event_base *loop_base(struct loop *loop) {
    return loop->base;
}

void loop_stop(struct loop *loop) {
    loop->stopped = true;
}

static bool has_work(const struct loop *loop) {
    if (loop->deferred.count > 0)
        return true;
    for (int i = 0; i < LOOP_PRIORITIES; i++)
        if (!list_empty(&loop->ready[i]))
            return true;
    return false;
}

/* Runs what is on the list now; what becomes ready meanwhile waits for the next
 * turn. A callback may destroy any of the others. */
static void run_ready(struct list *ready) {
    struct list batch;
    list_init(&batch);
    list_move_all(&batch, ready);
    while (!list_empty(&batch)) {
        struct source *source = (struct source *)(void *)batch.next;
        list_remove(&source->link);
        source->run(source);
    }
}

static void run_deferred(struct loop *loop) {
    struct deferred_queue batch = loop->deferred;
    loop->deferred = loop->running;
    loop->running = batch;
    for (size_t i = 0; i < loop->running.count; i++) {
        struct deferred call = loop->running.items[i];
        if (call.callback)
            call.callback(call.context);
    }
    loop->running.count = 0;
}

bool loop_run(struct loop *loop) {
    while (!loop->stopped) {
        loop->clock->read = false;
        int result = event_base_loop(loop->base, EVLOOP_ONCE | (has_work(loop) ? EVLOOP_NONBLOCK : 0));
        if (result < 0)
            return false;
        if (result > 0 && !has_work(loop) && !loop->stopped) {
            errno = EDEADLK; /* nothing is watched: no turn would ever come */
            return false;
        }
        loop->turns++;
        for (int i = 0; i < LOOP_PRIORITIES; i++)
            run_ready(&loop->ready[i]);
        run_deferred(loop);
    }
    loop->stopped = false;
    return true;
}

/* ---- Deferred calls --------------------------------------------------------- */

void loop_defer(struct loop *loop, loop_callback callback, void *context) {
    struct deferred_queue *queue = &loop->deferred;
    for (size_t i = queue->count; i-- > 0;)
        if (queue->items[i].callback == callback && queue->items[i].context == context)
            return;
    if (queue->count == queue->capacity) {
        queue->capacity = queue->capacity ? 2 * queue->capacity : 16;
        queue->items = alloc_resize(queue->items, queue->capacity, sizeof *queue->items);
    }
    queue->items[queue->count++] = (struct deferred){callback, context};
}

static void cancel_in(struct deferred_queue *queue, loop_callback callback, const void *context) {
    for (size_t i = 0; i < queue->count; i++)
        if (queue->items[i].callback == callback && queue->items[i].context == context)
            queue->items[i] = (struct deferred){NULL, NULL};
}

void loop_defer_cancel(struct loop *loop, loop_callback callback, void *context) {
    cancel_in(&loop->deferred, callback, context);
    cancel_in(&loop->running, callback, context);
}

/* ---- Timers -------------------------------------------------------------- */

static void timer_add(struct loop_timer *timer, int64_t ms) {
    struct timeval wait = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    if (event_add(timer->event, &wait) != 0)
        log_error("loop", "a timer cannot be set: %m");
}

static void on_timeout(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct loop_timer *timer = context;
    /* libevent's clock is coarser than ours and may be a few milliseconds ahead. */
    int64_t left = timer->due - loop_monotonic(timer->loop);
    if (left > 0)
        timer_add(timer, left);
    else
        make_ready(timer->loop, &timer->source);
}

static void run_timer(struct source *source) {
    struct loop_timer *timer = (struct loop_timer *)(void *)source;
    timer->callback(timer->context);
}

struct loop_timer *loop_timer_create(struct loop *loop, enum loop_priority priority, loop_callback callback,
                                     void *context) {
    struct loop_timer *timer = alloc_zero(1, sizeof *timer);
    *timer = (struct loop_timer){
        .source = {.run = run_timer, .priority = priority}, .loop = loop, .callback = callback, .context = context};
    list_init(&timer->source.link);
    timer->event = evtimer_new(loop->base, on_timeout, timer);
    if (!timer->event) {
        free(timer);
        return NULL;
    }
    return timer;
}

void loop_timer_destroy(struct loop_timer *timer) {
    if (!timer)
        return;
    list_remove(&timer->source.link);
    event_free(timer->event);
    free(timer);
}

void loop_timer_start(struct loop_timer *timer, int64_t ms) {
    ms = ms < 0 ? 0 : ms;
    list_remove(&timer->source.link);
    timer->due = loop_monotonic(timer->loop) + ms;
    timer_add(timer, ms);
}

void loop_timer_stop(struct loop_timer *timer) {
    list_remove(&timer->source.link);
    event_del(timer->event);
}

/* ---- Descriptors --------------------------------------------------------- */

static void on_readable(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct loop_io *io = context;
    make_ready(io->loop, &io->source);
}

static void run_io(struct source *source) {
    struct loop_io *io = (struct loop_io *)(void *)source;
    io->callback(io->context);
}

struct loop_io *loop_io_create(struct loop *loop, int fd, enum loop_priority priority, loop_callback callback,
                               void *context) {
    struct loop_io *io = alloc_zero(1, sizeof *io);
    *io = (struct loop_io){
        .source = {.run = run_io, .priority = priority}, .loop = loop, .callback = callback, .context = context};
    list_init(&io->source.link);
    io->event = event_new(loop->base, fd, EV_READ | EV_PERSIST, on_readable, io);
    if (!io->event || event_add(io->event, NULL) != 0) {
        if (io->event)
            event_free(io->event);
        free(io);
        return NULL;
    }
    return io;
}

void loop_io_destroy(struct loop_io *io) {
    if (!io)
        return;
    list_remove(&io->source.link);
    event_free(io->event);
    free(io);
}

void loop_io_activate(struct loop_io *io) {
    if (!io->paused)
        make_ready(io->loop, &io->source);
}

void loop_io_pause(struct loop_io *io, bool paused) {
    if (io->paused == paused)
        return;
    io->paused = paused;
    if (paused) {
        list_remove(&io->source.link);
        event_del(io->event);
        return;
    }
    if (event_add(io->event, NULL) != 0)
        log_error("loop", "a descriptor cannot be watched again: %m");
    loop_io_activate(io); /* an edge may have come and gone in the pause */
}

/* ---- Signals ------------------------------------------------------------- */

static void on_signal(evutil_socket_t number, short what, void *context) {
    (void)number, (void)what;
    struct loop_signal *watch = context;
    make_ready(watch->loop, &watch->source);
}

static void run_signal(struct source *source) {
    struct loop_signal *watch = (struct loop_signal *)(void *)source;
    watch->callback(watch->context, watch->number);
}

bool loop_signal(struct loop *loop, int number, loop_signal_callback callback, void *context) {
    struct loop_signal *watch = alloc_zero(1, sizeof *watch);
    *watch = (struct loop_signal){.source = {.run = run_signal, .priority = LOOP_URGENT},
                                  .loop = loop,
                                  .number = number,
                                  .callback = callback,
                                  .context = context};
    list_init(&watch->source.link);
    list_append(&loop->signals, &watch->link);
    watch->event = evsignal_new(loop->base, number, on_signal, watch);
    if (watch->event && event_add(watch->event, NULL) == 0)
        return true;
    signal_destroy(watch);
    return false;
}
