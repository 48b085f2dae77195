/*
 * evhttp accepts and frees connections by itself and counts none. Each gets its
 * bufferevent from here, and so a record; at the end of the turn evhttp has
 * filled in the rest of it, and the record learns of its end from then on.
 *
 * When there are too many, nothing is accepted until those that are there had a
 * turn to be read. Then the ones that have waited longest without a complete
 * request are closed: whoever sends his request at once is served, however many
 * others only connect.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "daemon/http/http_private.h"

#define SWEEP_MS 500
#define INPUT_MAX 4096               /* bytes read ahead of what is being answered, beside a whole header */
#define SLOWEST_PER_MS 64            /* bytes: a client that reads slower than this loses its reply */
#define ROOM_IN(max) ((max) / 8 + 1) /* connections closed at once when there are too many */

static struct http_counters *counters_of(const struct pool *pool) {
    return pool->http->settings.counters;
}

static int64_t now_of(const struct pool *pool) {
    return loop_monotonic(pool->http->settings.loop);
}

static struct connection *connection_of(struct list *link) {
    return (struct connection *)(void *)link;
}

static void on_heard(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *context) {
    (void)buffer;
    struct connection *connection = context;
    connection->heard += info->n_added;
}

/* Of a stream: the client has time as long as it goes on reading. */
static void on_read(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *context) {
    struct connection *connection = context;
    if (evbuffer_get_length(buffer) == 0)
        connection->deadline = INT64_MAX;
    else if (info->n_deleted > 0 || connection->deadline == INT64_MAX)
        connection->deadline = now_of(connection->pool) + connection->pool->http->settings.timeout_ms;
}

/* ---- Begin and end of a connection --------------------------------------------- */

static void enter(struct connection *connection, enum connection_state state, int64_t ms) {
    connection->state = state;
    connection->deadline = now_of(connection->pool) + ms;
    list_remove(&connection->link);
    list_append(&connection->pool->connections, &connection->link);
}

static void drop(struct connection *connection) {
    struct pool *pool = connection->pool;
    counters_of(pool)->unsent -= connection->unsent;
    if (connection->state == CONNECTION_STREAMING)
        counters_of(pool)->streams = --pool->streams;
    else
        counters_of(pool)->connections = --pool->count;
    list_remove(&connection->link);
    free(connection);
}

/* From evhttp, before it frees the connection. */
static void on_close(struct evhttp_connection *evcon, void *context) {
    (void)evcon;
    struct connection *connection = context;
    evbuffer_remove_cb(bufferevent_get_input(connection->bufferevent), on_heard, connection);
    evbuffer_remove_cb(bufferevent_get_output(connection->bufferevent), on_read, connection);
    if (connection->state == CONNECTION_WAITING && connection->heard > 0)
        counters_of(connection->pool)->malformed++;
    if (connection->call)
        call_gone(connection->call);
    drop(connection);
}

static void on_fresh(void *context) {
    struct connection *connection = context;
    struct bufferevent *bufferevent = connection->bufferevent;
    void *evcon = NULL;
    bufferevent_getcb(bufferevent, NULL, NULL, NULL, &evcon);
    connection->evcon = evcon;
    if (connection->evcon) {
        evhttp_connection_set_closecb(connection->evcon, on_close, connection);
        enter(connection, CONNECTION_WAITING, connection->pool->http->settings.timeout_ms);
    } else { /* evhttp could not use it */
        evbuffer_remove_cb(bufferevent_get_input(bufferevent), on_heard, connection);
        drop(connection);
    }
    bufferevent_decref(bufferevent);
}

static void on_full(void *context);

struct bufferevent *pool_accept(struct event_base *base, void *context) {
    struct pool *pool = context;
    const struct http_settings *settings = &pool->http->settings;
    struct bufferevent *bufferevent = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!bufferevent)
        return NULL; /* evhttp tries the same and gives up */
    struct connection *connection = alloc_zero(1, sizeof *connection);
    connection->pool = pool;
    connection->bufferevent = bufferevent;
    list_init(&connection->link);
    bufferevent_incref(bufferevent);
    bufferevent_setwatermark(bufferevent, EV_READ, 0, settings->header_max + INPUT_MAX);
    evbuffer_add_cb(bufferevent_get_input(bufferevent), on_heard, connection);
    settings->counters->accepted++;
    settings->counters->connections = ++pool->count;
    enter(connection, CONNECTION_FRESH, settings->timeout_ms);
    loop_defer(settings->loop, on_fresh, connection);
    if (pool->count >= settings->connections_max && !pool->paused) {
        pool->paused = true;
        server_listen(pool->http, false);
        loop_defer(settings->loop, on_full, pool);
    }
    return bufferevent;
}

/* ---- Who has to go --------------------------------------------------------------- */

static void resume(struct pool *pool) {
    pool->paused = false;
    server_listen(pool->http, true); /* also one that has stopped because nothing could be accepted */
}

/* Closes the oldest in this state, at most count. */
static size_t evict(struct pool *pool, enum connection_state state, size_t count) {
    size_t closed = 0;
    for (struct list *link = pool->connections.next, *next; link != &pool->connections && closed < count; link = next) {
        struct connection *connection = connection_of(link);
        next = link->next;
        if (connection->state != state || !connection->evcon)
            continue;
        connection->heard = 0;
        evhttp_connection_free(connection->evcon);
        closed++;
    }
    counters_of(pool)->evicted += closed;
    return closed;
}

/* Those accepted last have been read by now. */
static void make_room(void *context) {
    struct pool *pool = context;
    size_t max = pool->http->settings.connections_max;
    if (pool->count >= max && evict(pool, CONNECTION_WAITING, ROOM_IN(max)) == 0)
        evict(pool, CONNECTION_ANSWERING, 1);
    resume(pool);
}

/* One turn later: what is deferred from here comes at the end of the next. */
static void on_full(void *context) {
    struct pool *pool = context;
    loop_defer(pool->http->settings.loop, make_room, pool);
}

static void sweep(void *context) {
    struct pool *pool = context;
    int64_t now = now_of(pool);
    for (struct list *link = pool->connections.next, *next; link != &pool->connections; link = next) {
        struct connection *connection = connection_of(link);
        next = link->next;
        if (!connection->evcon || (now < connection->deadline && !connection->expired))
            continue;
        /* One that was kept open after a reply and asked nothing more did nothing wrong. */
        if (connection->state == CONNECTION_STREAMING && !connection->expired)
            counters_of(pool)->streams_slow++;
        else if (connection->state == CONNECTION_ANSWERING || (!connection->expired && connection->heard > 0))
            counters_of(pool)->timeouts++;
        connection->heard = 0;
        evhttp_connection_free(connection->evcon);
    }
    if (pool->count < pool->http->settings.connections_max)
        resume(pool);
}

static void on_sweep(void *context) {
    struct pool *pool = context;
    sweep(pool);
    loop_timer_start(pool->sweep, SWEEP_MS);
}

/* ---- The life of a request ---------------------------------------------------------- */

struct connection *pool_find(struct pool *pool, const struct evhttp_connection *evcon) {
    for (struct list *link = pool->connections.previous; link != &pool->connections; link = link->previous)
        if (connection_of(link)->evcon == evcon)
            return connection_of(link);
    return NULL;
}

void pool_answering(struct connection *connection, struct http_call *call) {
    connection->heard = 0;
    connection->call = call;
    enter(connection, CONNECTION_ANSWERING, connection->pool->http->settings.timeout_ms);
}

void pool_sending(struct connection *connection, size_t len) {
    connection->call = NULL;
    connection->unsent = len;
    counters_of(connection->pool)->unsent += len;
    enter(connection, CONNECTION_ANSWERING,
          connection->pool->http->settings.timeout_ms + (int64_t)(len / SLOWEST_PER_MS));
}

void pool_sent(struct connection *connection) {
    counters_of(connection->pool)->unsent -= connection->unsent;
    connection->unsent = 0;
    enter(connection, CONNECTION_WAITING, connection->pool->http->settings.timeout_ms);
}

void pool_streaming(struct connection *connection) {
    struct pool *pool = connection->pool;
    counters_of(pool)->connections = --pool->count;
    counters_of(pool)->streams = ++pool->streams;
    enter(connection, CONNECTION_STREAMING, pool->http->settings.timeout_ms);
    evbuffer_add_cb(bufferevent_get_output(connection->bufferevent), on_read, connection);
}

void pool_expire(struct connection *connection) {
    connection->expired = true;
    loop_defer(connection->pool->http->settings.loop, sweep, connection->pool);
}

/* ---- Start and end -------------------------------------------------------------------- */

bool pool_init(struct pool *pool, struct http *http) {
    pool->http = http;
    list_init(&pool->connections);
    pool->sweep = loop_timer_create(http->settings.loop, LOOP_LATER, on_sweep, pool);
    if (pool->sweep)
        loop_timer_start(pool->sweep, SWEEP_MS);
    return pool->sweep != NULL;
}

void pool_finish(struct pool *pool) {
    struct loop *loop = pool->http->settings.loop;
    loop_defer_cancel(loop, on_full, pool);
    loop_defer_cancel(loop, make_room, pool);
    loop_defer_cancel(loop, sweep, pool);
    loop_timer_destroy(pool->sweep);
    /* Accepted in this turn: evhttp has freed them and told nobody. */
    while (pool->sweep && !list_empty(&pool->connections)) {
        struct connection *connection = connection_of(pool->connections.next);
        loop_defer_cancel(loop, on_fresh, connection);
        evbuffer_remove_cb(bufferevent_get_input(connection->bufferevent), on_heard, connection);
        bufferevent_decref(connection->bufferevent);
        drop(connection);
    }
}
