#include "daemon/app_watchdog.h"

#include <stdlib.h>

#include "common/alloc.h"
#include "common/log.h"
#include "daemon/app_state.h"

#define LOOKS 4         /* within the time that the manager gives us */
#define LOOK_MS 1000    /* apart at most, also without a manager: the lag of the loop is seen */
#define LAG_TOLD_MS 500 /* by which a look is late and it is told */

struct watchdog {
    struct app *app;
    struct loop_timer *timer;
    int64_t interval_ms, due;
    struct progress last;
};

const char *progress_stall(const struct progress *before, const struct progress *now, int64_t patience_ms,
                           int64_t deadline_ms) {
    if (now->lag_ms >= patience_ms)
        return "a turn of the loop took too long";
    if (before->submissions_wait && now->submissions_wait && before->submissions == now->submissions)
        return "submissions wait and none is read";
    if (before->updates_wait && now->updates_wait && before->updates == now->updates)
        return "updates of feeds wait and none is read";
    if (before->step_open && now->step_open && before->steps == now->steps)
        return "changes are not handed to the store";
    /* The store has a deadline of its own, after which it counts as away. */
    if (before->store_ready && now->store_ready && before->confirmed == now->confirmed &&
        now->oldest_ms > deadline_ms + patience_ms)
        return "the store confirms nothing and does not count as away";
    return NULL;
}

static struct progress look(const struct watchdog *watchdog) {
    const struct app *app = watchdog->app;
    const struct net_counters *net = &app->net;
    struct progress now = {.lag_ms = loop_monotonic(app->loop) - watchdog->due};
    struct store_status store;

    store_status(app->store, &store);
    if (app->submit)
        now.submissions_wait = submit_waits(app->submit);
    if (app->ingest)
        now.updates_wait = ingest_waits(app->ingest);
    /* Also those that are read to be dropped: who floods us must not look like a standstill. */
    now.submissions = net->submit.requests + net->submit.malformed + net->submit.unread + net->submit.throttled;
    now.updates = net->ingest.messages + net->ingest.heartbeats + net->ingest.malformed;
    /* One that is away or busy gets larger steps, later. */
    now.step_open = app->step && store.state == STORE_READY && store.steps_queued == 0;
    now.steps = store.steps_confirmed + store.steps_queued; /* queued: those in flight, too */
    now.store_ready = store.state == STORE_READY;
    now.oldest_ms = store.oldest_ms;
    now.confirmed = store.steps_confirmed;
    return now;
}

static void on_time(void *context) {
    struct watchdog *watchdog = context;
    struct app *app = watchdog->app;
    struct progress now = look(watchdog);
    int64_t patience = notify_watchdog_ms(app->notify);
    const char *stall =
        progress_stall(&watchdog->last, &now, patience ? patience / 2 : INT64_MAX / 2, app->config->store_deadline);

    if (now.lag_ms > (int64_t)app->counters.loop_lag_ms)
        app->counters.loop_lag_ms = (uint64_t)now.lag_ms;
    if (now.lag_ms >= LAG_TOLD_MS)
        log_warning("loop", "a turn took %lld ms", (long long)now.lag_ms);
    if (stall) {
        app->counters.stalls++;
        log_error("watchdog", "%s", stall);
    } else if (patience) {
        notify_watchdog(app->notify);
    }
    watchdog->last = now;
    watchdog->due = loop_monotonic(app->loop) + watchdog->interval_ms;
    loop_timer_start(watchdog->timer, watchdog->interval_ms);
}

struct watchdog *watchdog_create(struct app *app) {
    struct watchdog *watchdog = alloc_zero(1, sizeof *watchdog);
    int64_t patience = notify_watchdog_ms(app->notify);

    watchdog->app = app;
    watchdog->interval_ms = patience && patience / LOOKS < LOOK_MS ? patience / LOOKS : LOOK_MS;
    if (watchdog->interval_ms < 1)
        watchdog->interval_ms = 1;
    watchdog->timer = loop_timer_create(app->loop, LOOP_LATER, on_time, watchdog);
    watchdog->due = loop_monotonic(app->loop) + watchdog->interval_ms;
    loop_timer_start(watchdog->timer, watchdog->interval_ms);
    return watchdog;
}

void watchdog_destroy(struct watchdog *watchdog) {
    if (!watchdog)
        return;
    loop_timer_destroy(watchdog->timer);
    free(watchdog);
}
