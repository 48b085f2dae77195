/*
 * The event loop: timers, descriptors, signals and deferred calls over
 * libevent. The only module that includes event2/event.h besides the adapters
 * for Redis and HTTP, which get the base from loop_base().
 *
 * One thread; every callback runs in it. Nothing here is called from a signal
 * handler or another thread.
 */
#ifndef OV_OS_LOOP_H
#define OV_OS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_io;
struct loop_timer;
struct event_base;

typedef void (*loop_callback)(void *context);

/* Lower runs first when several are due: signals and monitors before ingest
 * before queries and HTTP. */
enum loop_priority { LOOP_URGENT, LOOP_NORMAL, LOOP_LATER, LOOP_PRIORITIES };

struct loop *loop_create(void); /* NULL on failure, errno set */
void loop_destroy(struct loop *loop);
bool loop_run(struct loop *loop); /* until loop_stop(); false on failure, errno EDEADLK: nothing is watched */
void loop_stop(struct loop *loop);
struct event_base *loop_base(struct loop *loop);

/* Monotonic milliseconds for deadlines, and wall-clock milliseconds for stamps,
 * both read once per turn. */
int64_t loop_monotonic(const struct loop *loop);
int64_t loop_wall(const struct loop *loop);
uint64_t loop_turns(const struct loop *loop); /* turns so far */

/* A one-shot timer; start replaces an earlier start. */
struct loop_timer *loop_timer_create(struct loop *loop, enum loop_priority priority, loop_callback callback,
                                     void *context);
void loop_timer_destroy(struct loop_timer *timer);
void loop_timer_start(struct loop_timer *timer, int64_t ms);
void loop_timer_stop(struct loop_timer *timer);

/* A descriptor watched for reading. loop_io_activate() runs the callback in
 * this or the next turn though nothing came in: how edge-triggered sockets are
 * drained under a budget. The end of a pause activates too. Destroy before the
 * descriptor is closed. */
struct loop_io *loop_io_create(struct loop *loop, int fd, enum loop_priority priority, loop_callback callback,
                               void *context);
void loop_io_destroy(struct loop_io *io);
void loop_io_activate(struct loop_io *io);
void loop_io_pause(struct loop_io *io, bool paused);

/* Runs callback once at the end of this turn, from a clean stack; one deferred
 * by a deferred call runs at the end of the next. The same callback and context
 * waiting already are not added again. */
void loop_defer(struct loop *loop, loop_callback callback, void *context);
/* Before context goes away. */
void loop_defer_cancel(struct loop *loop, loop_callback callback, void *context);

typedef void (*loop_signal_callback)(void *context, int signal);
bool loop_signal(struct loop *loop, int signal, loop_signal_callback callback, void *context);

#endif
