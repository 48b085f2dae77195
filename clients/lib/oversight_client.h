/*
 * A correct consumer of oversightd in a few lines: subscribe, snapshot, live
 * alerts, repair of gaps, several endpoints, reconnection. Also the two other
 * conversations a client has: submitting updates and asking queries.
 *
 * Nothing runs by itself: no thread of ours (ZeroMQ has its own), no signal, no
 * log. Plug a client into any loop by its descriptor, its time-out and a call
 * of process, or let oversight_client_run() wait for you. An object belongs to
 * one thread at a time and must not cross fork().
 *
 * oversight-client(3) explains all of it; the contract on the wire is
 * oversight-protocol(7). Out of memory ends the process.
 */
#ifndef OVERSIGHT_CLIENT_H
#define OVERSIGHT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of the library in use, such as "0.1.0". */
const char *oversight_version(void);

/* ---- Positions ------------------------------------------------------------- */

/* Id of an alert; ordered by epoch, then seq. 0-0 is before all. */
struct oversight_id {
    uint64_t epoch, seq;
};

#define OVERSIGHT_ID_SIZE 42
int oversight_id_compare(struct oversight_id a, struct oversight_id b);
bool oversight_id_parse(const char *text, size_t len, struct oversight_id *ret_id);
const char *oversight_id_format(struct oversight_id id, char buf[OVERSIGHT_ID_SIZE]);

/* ---- Keys ------------------------------------------------------------------ */

/* For endpoints over TCP that are encrypted, in Z85 (40 characters each). ipc
 * needs none. Both are copied. */
struct oversight_keys {
    const char *server_key; /* the daemon's public key: it proves that it is the daemon */
    const char *secret_key; /* our own; the daemon must list its public one */
};

/* key_file: a file whose first line is our secret key, closed to other users.
 * server_key: the daemon's public key, or a file whose first line it is. NULL
 * with a message in errbuf when one cannot be used. */
struct oversight_keys *oversight_keys_read(const char *key_file, const char *server_key, char *errbuf,
                                           size_t errbuf_size);
/* Wipes them. NULL is accepted, as by every destroy here. */
void oversight_keys_destroy(struct oversight_keys *keys);

/* ---- Following alerts ------------------------------------------------------ */

/* One alert. Valid during the callback only. */
struct oversight_event {
    struct oversight_id id;
    const char *kind, *severity, *subject; /* these, and key and so on: "" when the event lacks it */
    const char *json;                      /* the whole CloudEvent, NUL-terminated */
    size_t len;
    bool replayed;              /* came from the store, not live */
    const char *key;            /* the same for the same cause, also after a crash of the daemon */
    const char *summary, *time; /* one line for a person; when it was raised */
};

enum oversight_state {
    OVERSIGHT_CONNECTING, /* nothing heard yet */
    OVERSIGHT_LIVE,       /* up to date and listening */
    OVERSIGHT_CATCHING_UP,
    OVERSIGHT_STALE /* no heartbeat: the daemon or the way to it is away */
};

/* Each may be NULL. They are called from oversight_client_process() and may
 * call oversight_client_stop(), but not destroy the client. */
struct oversight_handlers {
    /* Each alert that passes the filters, exactly once, in order of id. */
    void (*alert)(void *arg, const struct oversight_event *event);
    /* The state of all organisations as of `last`: at the start, unless a
     * position was given, and again when alerts after the position are no longer
     * held (`lost` is then true). json is one object, lists put together. */
    void (*snapshot)(void *arg, struct oversight_id last, const char *json, size_t len, bool lost);
    /* The position moved; store it to resume from here. Also for alerts that the filters hold back. */
    void (*position)(void *arg, struct oversight_id last);
    void (*state)(void *arg, enum oversight_state state);
    /* Something was not understood, refused or not answered; the client goes on. */
    void (*problem)(void *arg, const char *message);
};

/* Lists end with NULL. Strings are copied. An empty list (NULL) filters nothing. */
struct oversight_client_config {
    const char *const *subscribe;      /* endpoints of live alerts, e.g. tcp://127.0.0.1:7710 */
    const char *const *query;          /* endpoints of queries, e.g. tcp://127.0.0.1:7712; tried in turn */
    const struct oversight_keys *keys; /* NULL: no encryption */
    bool resume;                       /* start after `after` instead of taking a snapshot */
    struct oversight_id after;

    /* Filters work here and not by subscription, so that ids stay gap-free. */
    const char *const *kinds;         /* whole kinds ("segment.worsened") or families ("segment") */
    const char *const *organisations; /* subjects: codes of organisations or names of sources */
    const char *severity;             /* this or worse: info, notice, warning, critical */
};

struct oversight_client;

/* NULL with a message in errbuf when an endpoint or filter is unusable. */
struct oversight_client *oversight_client_create(const struct oversight_client_config *config,
                                                 const struct oversight_handlers *handlers, void *arg, char *errbuf,
                                                 size_t errbuf_size);
void oversight_client_destroy(struct oversight_client *client);

/* Readable when process() has work, and until it was called. Stays the same over reconnections. */
int oversight_client_fd(const struct oversight_client *client);
/* Milliseconds until process() must be called even if nothing is readable. */
int oversight_client_timeout(const struct oversight_client *client);
void oversight_client_process(struct oversight_client *client);

/* Waits and processes until a handler (or a signal handler) calls stop, or
 * timeout_ms (-1: never) has passed. True when it was stopped. */
bool oversight_client_run(struct oversight_client *client, int timeout_ms);
/* After a stop the handlers are not called again; who wants to go on makes a new
 * client that resumes from the position. */
void oversight_client_stop(struct oversight_client *client);

/* Id of the last alert told (or held back by a filter), or of the snapshot. */
struct oversight_id oversight_client_position(const struct oversight_client *client);
enum oversight_state oversight_client_state(const struct oversight_client *client);
const char *oversight_state_name(enum oversight_state state); /* "live", "catching up", ... */

/* ---- Asking ---------------------------------------------------------------- */

enum oversight_result {
    OVERSIGHT_OK,
    OVERSIGHT_TIMEOUT, /* no answer from any endpoint in time */
    OVERSIGHT_REFUSED, /* the daemon answered with an error; the reply holds it */
    OVERSIGHT_BROKEN   /* the answer was not understood, or the socket failed */
};

struct oversight_query;

/* keys NULL: no encryption. */
struct oversight_query *oversight_query_create(const char *const *endpoints, const struct oversight_keys *keys,
                                               char *errbuf, size_t errbuf_size);
void oversight_query_destroy(struct oversight_query *query);

/* Sends request (JSON) and waits; tries the endpoints in turn. ret_json is one
 * object with the lists of all parts put together; the caller frees it. On
 * OVERSIGHT_REFUSED it is the error object; on the others it is untouched. */
enum oversight_result oversight_query_ask(struct oversight_query *query, const char *request, int timeout_ms,
                                          char **ret_json);

/* ---- Submitting ------------------------------------------------------------ */

struct oversight_submit;

/* resend_ms: how long to wait for an answer before the request goes out again,
 * to the next endpoint. That is always safe: the daemon knows what it has.
 * keys NULL: no encryption. */
struct oversight_submit *oversight_submit_create(const char *const *endpoints, const struct oversight_keys *keys,
                                                 int resend_ms, char *errbuf, size_t errbuf_size);
void oversight_submit_destroy(struct oversight_submit *submit);

/* Queues one message of updates (JSON or MessagePack) and returns its number, from 1. */
uint64_t oversight_submit_send(struct oversight_submit *submit, const void *payload, size_t len);

/* Waits for the answer to any message that has none yet, resending what is
 * unanswered. ret_reply is the daemon's JSON; the caller frees it.
 * OVERSIGHT_TIMEOUT after timeout_ms without one (0: only looks). */
enum oversight_result oversight_submit_wait(struct oversight_submit *submit, int timeout_ms, uint64_t *ret_number,
                                            char **ret_reply);

size_t oversight_submit_pending(const struct oversight_submit *submit);
uint64_t oversight_submit_resent(const struct oversight_submit *submit);

#ifdef __cplusplus
}
#endif

#endif
