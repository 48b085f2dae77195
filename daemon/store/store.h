/*
 * The daemon's memory of record: figures, verdicts, decisions, positions and
 * alerts kept in Redis so that a restart is warm and alerts can be replayed.
 *
 * The store decides nothing. It takes the lease (a new epoch), hands out what
 * is stored, then writes one atomic step per turn of the loop and says when it
 * is confirmed. Values are bytes the caller makes and reads. The layout of the
 * keys is described in oversight-redis(7).
 *
 * One thread, the loop's. Callbacks come from the loop, never from inside a
 * call of this header, except on_state, which may. No callback may call
 * store_destroy(). Names passed in (measures, periods, organisations, ...) are
 * NUL-terminated and were checked by the caller: they become parts of keys.
 */
#ifndef OV_STORE_STORE_H
#define OV_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

struct loop;
struct store;
struct store_step;

/* ---- Options, states, callbacks ------------------------------------------- */

struct store_options {
    const char *where;         /* "private", "unix:/path", "tcp:host:port", "sentinel:name@host:port,...", "none" */
    const char *state_dir;     /* folder of the epoch last had and of a private server's files, made if absent; not
                                  private: may be NULL */
    const char *redis_server;  /* private: program, searched in PATH; NULL = "redis-server" */
    const char *user;          /* ACL user, NULL = the default user */
    const char *password_file; /* read at every connect, NULL = no AUTH */
    bool insecure;             /* sentinels may name a master that is not on loopback */
    const char *instance;      /* name of this daemon in the lease and in meta */

    /* 0 takes the default of each. */
    int64_t connect_ms;       /* 2000: deadline of one connection attempt */
    int64_t deadline_ms;      /* 5000: deadline of the oldest command under way */
    int64_t back_off_ms;      /* 5000: longest wait between attempts */
    int64_t lease_ms;         /* 3000: the lease runs out this long after its last renewal (renewed at a third) */
    int64_t stop_ms;          /* 10000: longest drain at stop, and longest wait for the private server to end */
    uint32_t steps_in_flight; /* 16: steps sent and not yet confirmed */
    uint64_t steps_bound;     /* 65536: steps queued (in flight included) before store_has_room() says no */
    uint64_t bytes_bound;     /* 256 MiB: bytes queued, likewise */
    uint64_t alerts_keep;     /* 1000000: alerts kept for replay */
    int64_t alerts_keep_ms;   /* 0 = whatever their age */
    int64_t yield_ms;         /* 0: the lease is not taken for so long after the start; others go first */
    bool no_standby;          /* nobody else will ever take this store: store_lease_left() has no end */
};

enum store_state {
    STORE_IDLE,       /* before store_start() */
    STORE_CONNECTING, /* not reached Redis yet, or it cannot be used yet: the text says why; tried again */
    STORE_REFUSED,    /* reached, but not to be used: wrong settings or version; tried again slowly */
    STORE_WAITING,    /* another daemon holds a live lease: its state is read and followed */
    STORE_LOADING,    /* the lease is ours, state is being read */
    STORE_READY,      /* steps are written as they come */
    STORE_DEGRADED,   /* was ready; Redis is away or refuses writes: steps queue up */
    STORE_FOREIGN,    /* its layout is of a version that we do not know: final, it was left as it is */
    STORE_LOST,       /* another daemon has a newer epoch: final, nothing can be written */
    STORE_STOPPING,
    STORE_STOPPED
};

const char *store_state_name(enum store_state state);

enum store_durability {
    STORE_DURABILITY_MEMORY, /* not written to a disk */
    STORE_DURABILITY_REDIS,  /* on disk after a while: appendfsync everysec, or snapshots */
    STORE_DURABILITY_FSYNC   /* on disk when confirmed */
};

const char *store_durability_name(enum store_durability durability); /* "memory", "redis", "fsync" */

struct store_field {
    struct text name;
    struct text value;
};

struct store_alert_range {
    char first[42]; /* id of the oldest alert kept, "" if none */
    char last[42];  /* id of the newest */
};

/* Any may be NULL. Texts given to a callback live until it returns. The
 * on_load_ callbacks come in the order they have here, all of one kind before
 * the next: meta, sources, figures, decisions, programmes, verdicts, history.
 * While another daemon has the lease what it changes follows, in any order: a
 * value takes the place of an earlier one of the same name, decisions and
 * history come once. */
struct store_callbacks {
    /* State or its explanation changed; text is one line for people, "" if there is nothing to say. */
    void (*on_state)(void *context, enum store_state state, const char *text);

    /* A standby may have missed something: what was loaded is to be forgotten, it comes again. */
    void (*on_load_reset)(void *context);
    void (*on_load_meta)(void *context, struct text field, struct text value);
    void (*on_load_source)(void *context, struct text source, uint64_t last);
    /* By organisation, in any order; of one named twice the later holds. */
    void (*on_load_figures)(void *context, struct text measure, struct text period, const struct store_field *fields,
                            size_t count);
    /* In the order they were made. */
    void (*on_load_decision)(void *context, struct text org, const struct store_field *fields, size_t count);
    void (*on_load_programme)(void *context, struct text org, struct text programme, struct text value);
    void (*on_load_verdict)(void *context, struct text framework, struct text org, const struct store_field *fields,
                            size_t count);
    /* The newest STORE_HISTORY_LOADED of each organisation, oldest first; id is the alert's. */
    void (*on_load_history)(void *context, struct text framework, struct text org, struct text id,
                            const struct store_field *fields, size_t count);
    /* All is loaded: state is READY from here, alerts are numbered <epoch>-1 on. A standby whose leader died and whose
     * store lost its data at once has what it followed: on_behind comes after this. */
    void (*on_loaded)(void *context, uint64_t epoch, const struct store_alert_range *alerts);

    /* The step committed with this tag is stored. Steps confirm in the order of their commits. */
    void (*on_step)(void *context, void *tag);

    /* Redis came back without what it had confirmed: emptied, or an older copy.
     * The caller writes everything it knows in refill steps
     * (store_refill_begin()) and then calls store_refilled(). Comes again when
     * the store loses its data again: refill steps not confirmed by then are
     * dropped, so their tags should own nothing. */
    void (*on_behind)(void *context, const char *text);
    /* After on_behind and whenever there is room: commit at least one refill
     * step, or call store_refilled(). NULL: on_behind writes all of it, now or
     * later. */
    void (*on_refill)(void *context);
};

#define STORE_HISTORY_LOADED 64

/* ---- Life ------------------------------------------------------------------- */

/* NULL on bad options: ret_error (size bytes) then names the option, its value
 * and what was expected, and errno says what the system refused, if it did. A host name in "tcp:" is resolved here, once. */
struct store *store_create(struct loop *loop, const struct store_options *options,
                           const struct store_callbacks *callbacks, void *context, char *ret_error, size_t size);
void store_start(struct store *store);

/* Writes what is queued (for stop_ms at most), gives the lease back, ends the
 * private server last, then calls done; clean is false when steps were left
 * unconfirmed. Commits are still taken until then. */
typedef void (*store_stopped)(void *context, bool clean);
void store_stop(struct store *store, store_stopped done, void *context);

/* Ends everything at once when not stopped before; accepts NULL. Tags of
 * unconfirmed steps are dropped without a callback. */
void store_destroy(struct store *store);

/* ---- Steps --------------------------------------------------------------------- */

/* False when the bound is reached: stop taking input until it is true again.
 * Steps are taken all the same: what has been read must not be lost. */
bool store_has_room(const struct store *store);
bool store_is_busy(const struct store *store); /* committed steps are not confirmed yet */

/* A step under construction; ends in store_step_commit() or _abandon(). The
 * texts are copied. Of a field written twice in a step the later value holds. */
struct store_step *store_step_begin(struct store *store);
void store_step_abandon(struct store_step *step);
bool store_step_is_empty(const struct store_step *step);
size_t store_step_bytes(const struct store_step *step); /* that it holds, near enough */

/* Figures of a measure and period: its column in this step, and a figure in it, or both at once. */
size_t store_step_column(struct store_step *step, const char *measure, const char *period);
void store_step_put(struct store_step *step, size_t column, const char *org, struct text value);
void store_step_figure(struct store_step *step, const char *measure, const char *period, const char *org,
                       struct text value);
void store_step_verdict(struct store_step *step, const char *framework, const char *org,
                        const struct store_field *fields, size_t count);
/* id is the alert's, "<epoch>-<seq>", of this epoch. */
void store_step_history(struct store_step *step, const char *framework, const char *org, const char *id,
                        const struct store_field *fields, size_t count);
/* Not before on_loaded. */
void store_step_decision(struct store_step *step, const char *org, const struct store_field *fields, size_t count);
void store_step_programme(struct store_step *step, const char *org, const char *programme, struct text value);
void store_step_source(struct store_step *step, const char *source, uint64_t last);
/* Fields "epoch", "epochs", "step", "losses", "format", "instance" and those starting with "alerts_" belong to the store; so
 * does "refilling", which whoever finds a "1" at the start sets to "0" when the loss is dealt with. */
void store_step_meta(struct store_step *step, const char *field, struct text value);
/* In ascending order of id, over all steps; time_ms decides when it is old enough to go. */
void store_step_alert(struct store_step *step, const char *id, int64_t time_ms, struct text event);

/* Hands the step over. on_step gets the tag once the step is stored; if Redis
 * is away that may be long after. Steps are written whole or not at all. */
void store_step_commit(struct store_step *step, void *tag);

/* After on_behind. Refill steps are written in their order among the others,
 * those that were committed before them first; until the last is stored nothing
 * is confirmed, and the store is marked as incomplete (meta field "refilling").
 * What a refill step writes must be as new as the steps committed before it.
 * The decisions and the history of an organisation in a refill step replace
 * those in the store, so all of one organisation must be in one step. */
struct store_step *store_refill_begin(struct store *store);
/* In a refill step, before its figures of this measure and period: those in the
 * store go, as an older copy has some that were withdrawn since. */
void store_step_figures_anew(struct store_step *step, const char *measure, const char *period);
void store_refilled(struct store *store);

/* ---- Reading ---------------------------------------------------------------------- */

struct store_alert {
    struct text id;
    struct text event;
};

struct store_alerts_page {
    const char *error; /* NULL, or why nothing could be read: try again later */
    const struct store_alert *alerts;
    size_t count;
    bool more;      /* further alerts follow: ask again after the last one here */
    bool truncated; /* alerts after the id asked for are no longer kept */
    struct store_alert_range range;
    struct text known_to; /* id of the newest kept, or up to which some may be missing if that is later */
};

typedef void (*store_alerts_read)(void *context, const struct store_alerts_page *page);

/* Alerts with ids above after ("" = from the oldest kept), at most limit. The
 * callback comes once: from the loop, or from store_destroy() with page NULL,
 * where it can but free its context. */
void store_alerts_after(struct store *store, const char *after, size_t limit, store_alerts_read callback,
                        void *context);

/* The same of the newest alerts, the oldest of them first; truncated says nothing. */
void store_alerts_newest(struct store *store, size_t limit, store_alerts_read callback, void *context);

/* Reads fields of one hash back, one call at a time; value.s is NULL where there
 * is none. count 0: it could not be read. False, and no callback: not ready, or
 * another read is under way. Not after store_read_forget(). */
typedef void (*store_fields_read)(void *context, const struct text *values, size_t count);
bool store_read_figures(struct store *store, const char *measure, const char *period, const char *const *orgs,
                        size_t count, store_fields_read callback, void *context);
bool store_read_verdict(struct store *store, const char *framework, const char *org, const char *const *fields,
                        size_t count, store_fields_read callback, void *context);
void store_read_forget(struct store *store); /* what is under way is told to nobody */

struct store_status {
    enum store_state state;
    const char *text;                 /* the explanation last given to on_state */
    enum store_durability durability; /* of a confirmed step */
    uint64_t epoch;                   /* 0 before the lease was taken */
    uint64_t steps_queued, steps_in_flight, bytes_queued;
    uint64_t steps_confirmed, steps_repeated;
    uint64_t connects, server_starts;
    const char *standby; /* that waits to take over from us, as of the last renewal; "" = none */
    bool warm;           /* waiting, with the state in memory */
    bool kept;           /* during on_behind: what is in memory was followed as a standby, perhaps not to the end */
    bool taking_over;    /* waiting, and the leader has not renewed its lease for too long; or taken, and loading */
    int64_t oldest_ms;   /* age of the oldest unconfirmed step, 0 if none */
    char version[16];    /* of the server, "" if not known */
};

/* The text belongs to the store until its next state change. */
void store_status(const struct store *store, struct store_status *ret_status);

/* How long the lease is ours for certain, by the monotonic clock: 0 when it
 * may have run out and nothing may be published; INT64_MAX where no other
 * daemon can take over ("private", "none"). */
int64_t store_lease_left(const struct store *store);

#endif
