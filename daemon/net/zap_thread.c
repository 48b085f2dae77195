#include "daemon/net/zap_thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/alloc.h"
#include "daemon/net/zap.h"
#include "daemon/net/zap_monitor.h"

#define REQUEST_BYTES_MAX 65536
#define RETRY_MS 100 /* a report that found no room is sent again after this */

struct handler {
    void *zmq, *requests, *control;
    struct zap_monitor monitors[ZAP_WATCHES_MAX];
    struct zap_limits limits;
    struct zap_entry *entries;
    size_t count;
    struct zap_report report;
    bool untold; /* the report has changed */
    bool stopped;
    struct zmessage message;
};

/* ---- Requests of libzmq --------------------------------------------------------------- */

static void note(struct handler *handler, enum zap_result result, const struct zap_question *question,
                 const char *user) {
    struct zap_report *report = &handler->report;
    report->results[result]++;
    handler->untold = true;
    if (result == ZAP_ACCEPTED)
        return;
    struct zap_refusal *last = &report->last;
    *last = (struct zap_refusal){.result = result};
    text_copy(last->domain, sizeof last->domain, question->frames[2]);
    text_copy(last->address, sizeof last->address, question->frames[3]);
    text_copy(last->public_key, sizeof last->public_key, text_of(user));
    if (result == ZAP_UNKNOWN_KEY)
        zmq_z85_encode(last->public_key, (const uint8_t *)question->frames[6].s, question->frames[6].len);
}

static void answer(struct handler *handler, const struct zap_question *question, enum zap_result result,
                   const char *user) {
    bool good = result == ZAP_ACCEPTED;
    const struct text frames[] = {
        TEXT_OF("1.0"),
        question->frames[1],
        good ? TEXT_OF("200") : TEXT_OF("400"),
        good ? TEXT_OF("OK") : TEXT_OF("not allowed"),
        good ? text_of(user) : TEXT_OF(""),
        TEXT_OF(""),
    };
    zsock_send(handler->requests, frames, sizeof frames / sizeof frames[0]);
}

static int64_t now_seconds(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Has the socket of this domain as many connections as it may? */
static bool is_full(const struct handler *handler, struct text domain) {
    if (handler->limits.max_connections == 0)
        return false;
    for (size_t i = 0; i < ZAP_WATCHES_MAX; i++) {
        const struct zap_monitor *monitor = &handler->monitors[i];
        if (monitor->socket != NULL && text_equal(domain, monitor->domain))
            return zap_monitor_settled(monitor, now_seconds(), handler->limits.handshake_s) >=
                   handler->limits.max_connections;
    }
    return false;
}

/* False when there was none. A request beyond the limits is answered, too: the
 * socket insists on it. */
static bool take_request(struct handler *handler) {
    struct zap_question question = {.count = 0};
    enum zreceive result =
        zmessage_receive(&handler->message, handler->requests, ZAP_FRAMES_MAX, REQUEST_BYTES_MAX, ZMQ_DONTWAIT);
    if (result != ZRECEIVE_OK && result != ZRECEIVE_EXCESS)
        return false;
    for (size_t i = 0; i < ZAP_FRAMES_MAX; i++)
        question.frames[i] = zmessage_frame(&handler->message, i);
    question.count = result == ZRECEIVE_OK ? handler->message.count : 0;
    char user[ZKEY_SIZE];
    enum zap_result decision = zap_decide(&question, handler->entries, handler->count, user);
    if (decision == ZAP_ACCEPTED && is_full(handler, question.frames[2]))
        decision = ZAP_TOO_MANY;
    answer(handler, &question, decision, user);
    note(handler, decision, &question, user);
    return true;
}

/* ---- Monitors ---------------------------------------------------------------------------- */

static bool take_event(struct handler *handler, struct zap_monitor *monitor) {
    enum zreceive result = zmessage_receive(&handler->message, monitor->socket, 2, REQUEST_BYTES_MAX, ZMQ_DONTWAIT);
    if (result != ZRECEIVE_OK && result != ZRECEIVE_EXCESS)
        return false;
    struct text head = zmessage_frame(&handler->message, 0);
    uint16_t event = 0;
    uint32_t value = 0; /* the descriptor */
    if (head.len >= sizeof event + sizeof value) {
        memcpy(&event, head.s, sizeof event);
        memcpy(&value, head.s + sizeof event, sizeof value);
    }
    handler->untold = true;
    if (event == ZMQ_EVENT_ACCEPTED)
        zap_monitor_accepted(monitor, value, now_seconds());
    else if (event == ZMQ_EVENT_DISCONNECTED)
        zap_monitor_disconnected(monitor, value);
    else if (event == ZMQ_EVENT_MONITOR_STOPPED) /* the socket was closed */
        return false;
    else
        handler->report.handshakes++;
    return true;
}

static void drain_monitor(struct handler *handler, struct zap_monitor *monitor) {
    while (take_event(handler, monitor))
        continue;
    struct text head = zmessage_frame(&handler->message, 0);
    uint16_t event = 0;
    if (head.len >= sizeof event)
        memcpy(&event, head.s, sizeof event);
    if (event == ZMQ_EVENT_MONITOR_STOPPED)
        zap_monitor_close(monitor);
}

/* In the first free place. */
static bool watch(struct handler *handler, struct text what) {
    size_t i = 0;
    while (i < ZAP_WATCHES_MAX && handler->monitors[i].socket != NULL)
        i++;
    return i < ZAP_WATCHES_MAX && zap_monitor_open(&handler->monitors[i], handler->zmq, what);
}

/* ---- Control ------------------------------------------------------------------------------ */

static bool say(struct handler *handler, const char *word, struct text what) {
    const struct text frames[] = {text_of(word), what};
    return zsock_send(handler->control, frames, 2);
}

static void set_entries(struct handler *handler, struct text bytes) {
    free(handler->entries);
    handler->count = bytes.len / sizeof *handler->entries;
    handler->entries = alloc_zero(handler->count, sizeof *handler->entries);
    memcpy(handler->entries, bytes.s, handler->count * sizeof *handler->entries);
}

static void set_limits(struct handler *handler, struct text bytes) {
    if (bytes.len == sizeof handler->limits)
        memcpy(&handler->limits, bytes.s, bytes.len);
}

static void count_connections(struct handler *handler) {
    static const char *const domains[ZAP_SOCKETS] = {
        [ZAP_PUBLISH] = ZAP_DOMAIN_PUBLISH, [ZAP_QUERY] = ZAP_DOMAIN_QUERY, [ZAP_SUBMIT] = ZAP_DOMAIN_SUBMIT};
    memset(handler->report.connections, 0, sizeof handler->report.connections);
    for (size_t i = 0; i < ZAP_WATCHES_MAX; i++)
        for (size_t k = 0; k < ZAP_SOCKETS; k++)
            if (handler->monitors[i].socket != NULL && strcmp(handler->monitors[i].domain, domains[k]) == 0)
                handler->report.connections[k] += handler->monitors[i].open;
}

static void tell(struct handler *handler) {
    if (handler->untold)
        count_connections(handler);
    if (handler->untold &&
        say(handler, ZAP_SAY_REPORT, (struct text){(const char *)&handler->report, sizeof handler->report}))
        handler->untold = false;
}

static bool take_order(struct handler *handler) {
    if (zmessage_receive(&handler->message, handler->control, 2, SIZE_MAX, ZMQ_DONTWAIT) != ZRECEIVE_OK)
        return false;
    bool done = true;
    if (zmessage_is(&handler->message, 0, ZAP_SAY_KEYS))
        set_entries(handler, zmessage_frame(&handler->message, 1));
    else if (zmessage_is(&handler->message, 0, ZAP_SAY_LIMITS))
        set_limits(handler, zmessage_frame(&handler->message, 1));
    else if (zmessage_is(&handler->message, 0, ZAP_SAY_WATCH))
        done = watch(handler, zmessage_frame(&handler->message, 1));
    else
        handler->stopped = true;
    tell(handler); /* who hears "done" knows what was before */
    if (!handler->stopped)
        say(handler, done ? ZAP_SAY_DONE : ZAP_SAY_FAILED, TEXT_OF(""));
    return !handler->stopped;
}

/* ---- Life ------------------------------------------------------------------------------------ */

/* One socket of each, with all options as in zsock_defaults(). */
static void *open_socket(struct handler *handler, int type, const char *address, bool bind, char *error, size_t size) {
    struct zsock_options options;
    const struct zendpoint endpoint = {address, false};
    zsock_defaults(&options);
    options.linger_ms = 0;
    void *socket = zsock_create(handler->zmq, type, &options, error, size);
    if (socket == NULL ||
        (bind ? zsock_bind(socket, &endpoint, error, size) : zsock_connect(socket, &endpoint, error, size)))
        return socket;
    zsock_destroy(socket);
    return NULL;
}

static void serve(struct handler *handler) {
    while (!handler->stopped) {
        zmq_pollitem_t items[2 + ZAP_WATCHES_MAX] = {
            {.socket = handler->requests, .events = ZMQ_POLLIN},
            {.socket = handler->control, .events = ZMQ_POLLIN},
        };
        int count = 2;
        for (size_t i = 0; i < ZAP_WATCHES_MAX; i++)
            if (handler->monitors[i].socket != NULL)
                items[count++] = (zmq_pollitem_t){.socket = handler->monitors[i].socket, .events = ZMQ_POLLIN};
        if (zmq_poll(items, count, handler->untold ? RETRY_MS : -1) < 0 && errno != EINTR) {
            if (errno == ETERM)
                return;
            abort(); /* without a handler clients would be let in, or nobody */
        }
        while (take_request(handler))
            continue;
        for (size_t i = 0; i < ZAP_WATCHES_MAX; i++)
            if (handler->monitors[i].socket != NULL)
                drain_monitor(handler, &handler->monitors[i]);
        while (take_order(handler))
            continue;
        tell(handler);
    }
}

void *zap_thread(void *zmq) {
    struct handler handler = {.zmq = zmq};
    char error[ZERROR_SIZE] = "";
    zmessage_init(&handler.message);
    handler.control = open_socket(&handler, ZMQ_PAIR, ZAP_CONTROL, false, error, sizeof error);
    handler.requests = open_socket(&handler, ZMQ_REP, ZAP_ADDRESS, true, error, sizeof error);
    if (handler.control != NULL)
        say(&handler, handler.requests != NULL ? ZAP_SAY_READY : ZAP_SAY_FAILED, text_of(error));
    if (handler.control != NULL && handler.requests != NULL)
        serve(&handler);
    for (size_t i = 0; i < ZAP_WATCHES_MAX; i++)
        zap_monitor_close(&handler.monitors[i]);
    zsock_destroy(handler.requests);
    zsock_destroy(handler.control);
    zmessage_finish(&handler.message);
    free(handler.entries);
    return NULL;
}
