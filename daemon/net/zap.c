#include "daemon/net/zap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/net/zap_thread.h"
#include "daemon/net/zwatch.h"

#define ANSWER_MS 5000 /* the thread answers at once unless something is very wrong */
#define REPORTS_PER_TURN 16
#define MONITORED                                                                                                      \
    (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                              \
     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_MONITOR_STOPPED)

struct zap {
    struct zap_settings settings;
    pthread_t thread;
    bool running;
    void *control;
    struct zwatch *watch;
    unsigned monitors; /* made so far: for their names */
    struct zap_report report;
    struct zmessage message;
};

/* ---- From the thread ------------------------------------------------------------------- */

static bool take(struct zap *zap) {
    if (zmessage_receive(&zap->message, zap->control, 2, SIZE_MAX, ZMQ_DONTWAIT) != ZRECEIVE_OK)
        return false;
    struct text bytes = zmessage_frame(&zap->message, 1);
    if (zmessage_is(&zap->message, 0, ZAP_SAY_REPORT) && bytes.len == sizeof zap->report)
        memcpy(&zap->report, bytes.s, sizeof zap->report);
    return true;
}

static bool on_readable(void *context) {
    struct zap *zap = context;
    if (!take(zap))
        return false;
    if (zmessage_is(&zap->message, 0, ZAP_SAY_REPORT) && zap->settings.on_report != NULL)
        zap->settings.on_report(zap->settings.context, &zap->report);
    return true;
}

/* Waits for a word; reports that come before it are taken. */
static bool await(struct zap *zap, const char *word) {
    zmq_pollitem_t item = {.socket = zap->control, .events = ZMQ_POLLIN};
    for (;;) {
        int rc = zmq_poll(&item, 1, ANSWER_MS);
        if (rc < 0 && errno == EINTR)
            continue;
        if (rc <= 0 || !take(zap))
            return false;
        if (zmessage_is(&zap->message, 0, word))
            return true;
        if (zmessage_is(&zap->message, 0, ZAP_SAY_FAILED))
            return false;
    }
}

/* ---- To the thread ------------------------------------------------------------------------ */

static bool order(struct zap *zap, const char *word, struct text what) {
    const struct text frames[] = {text_of(word), what};
    bool done = zsock_send(zap->control, frames, 2) && await(zap, ZAP_SAY_DONE);
    if (zap->watch != NULL)
        zwatch_touch(zap->watch);
    return done;
}

static int compare(const void *a, const void *b) {
    return memcmp(((const struct zap_entry *)a)->public_key, ((const struct zap_entry *)b)->public_key, ZKEY_LEN);
}

bool zap_set_keys(struct zap *zap, const struct keys *keys, const char *probe) {
    size_t count = keys_count(keys), total = count + (probe != NULL);
    struct zap_entry *entries = alloc_zero(total, sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        memcpy(entries[i].public_key, keys_at(keys, i)->public_key, ZKEY_LEN);
        entries[i].roles = (uint8_t)keys_at(keys, i)->roles;
    }
    if (probe != NULL) {
        memcpy(entries[count].public_key, probe, ZKEY_LEN);
        entries[count].roles = KEY_SUBMIT | KEY_CONSUME | KEY_QUERY;
    }
    if (total > 0)
        qsort(entries, total, sizeof *entries, compare);
    bool done = order(zap, ZAP_SAY_KEYS, (struct text){(const char *)entries, total * sizeof *entries});
    free(entries);
    return done;
}

bool zap_watch(struct zap *zap, void *socket, const char *domain) {
    char address[64], what[128];
    snprintf(address, sizeof address, "inproc://oversightd.monitor.%u", ++zap->monitors);
    snprintf(what, sizeof what, "%s %s", address, domain);
    if (zmq_socket_monitor(socket, address, MONITORED) == 0 && order(zap, ZAP_SAY_WATCH, text_of(what)))
        return true;
    zmq_socket_monitor(socket, NULL, 0); /* nobody reads it */
    return false;
}

const struct zap_report *zap_report(const struct zap *zap) {
    return &zap->report;
}

/* ---- Life ------------------------------------------------------------------------------------ */

/* Signals are the loop's: the thread is made with all of them blocked. */
static bool start_thread(struct zap *zap) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int failure = pthread_create(&zap->thread, NULL, zap_thread, zap->settings.zmq);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failure;
    zap->running = failure == 0;
    if (zap->running)
        pthread_setname_np(zap->thread, "keys");
    return zap->running;
}

static bool start(struct zap *zap, char *error, size_t size) {
    struct zsock_options options;
    static const struct zendpoint control = {ZAP_CONTROL, false};
    zsock_defaults(&options);
    options.linger_ms = 0;
    zap->control = zsock_create(zap->settings.zmq, ZMQ_PAIR, &options, error, size);
    if (zap->control == NULL || !zsock_bind(zap->control, &control, error, size))
        return false;
    snprintf(error, size, "the handler of keys cannot be started");
    const struct zap_limits limits = {zap->settings.max_connections, zap->settings.handshake_s};
    if (!start_thread(zap) || !await(zap, ZAP_SAY_READY) ||
        !order(zap, ZAP_SAY_LIMITS, (struct text){(const char *)&limits, sizeof limits}) ||
        !zap_set_keys(zap, zap->settings.keys, NULL))
        return false;
    zap->settings.keys = NULL;
    zap->watch = zwatch_create(zap->settings.loop, zap->control, LOOP_URGENT, REPORTS_PER_TURN, on_readable, zap,
                               zap->settings.missed_edges);
    return zap->watch != NULL;
}

struct zap *zap_create(const struct zap_settings *settings, char *error, size_t size) {
    struct zap *zap = alloc_zero(1, sizeof *zap);
    zap->settings = *settings;
    zmessage_init(&zap->message);
    if (start(zap, error, size))
        return zap;
    zap_destroy(zap);
    return NULL;
}

void zap_destroy(struct zap *zap) {
    if (zap == NULL)
        return;
    zwatch_destroy(zap->watch);
    if (zap->running) {
        const struct text frames[] = {TEXT_OF(ZAP_SAY_STOP), TEXT_OF("")};
        zsock_send(zap->control, frames, 2);
        pthread_join(zap->thread, NULL);
    }
    zsock_destroy(zap->control);
    zmessage_finish(&zap->message);
    free(zap);
}
