/*
 * What the two files of the facade share: store.c has the calls, store_states.c
 * the way from one state to the next.
 */
#ifndef OV_STORE_STORE_PRIVATE_H
#define OV_STORE_STORE_PRIVATE_H

#include "daemon/store/address.h"
#include "daemon/store/alerts.h"
#include "daemon/store/flight.h"
#include "daemon/store/lease.h"
#include "daemon/store/private_server.h"
#include "daemon/store/redis_link.h"
#include "daemon/store/sentinel.h"
#include "daemon/store/session.h"
#include "daemon/store/standby.h"
#include "daemon/store/store.h"

struct store {
    struct loop *loop;
    struct address address;
    struct store_callbacks callbacks;
    void *context;
    int64_t stop_ms, back_off_ms, lease_ms;
    int64_t yield_ms, yield_until;
    bool no_standby;
    uint64_t steps_bound, bytes_bound;

    char *instance, *state_dir, *user, *password_file;

    /* All NULL with "none", except alerts. */
    struct private_server *server; /* NULL unless "private" */
    struct sentinel *sentinel;     /* NULL unless "sentinel:..." */
    struct redis_link *link;
    struct session *session;
    struct lease *lease;
    struct standby *standby; /* until loaded */
    struct flight *flight;
    struct alerts *alerts;

    enum store_state state;
    char text[512];
    struct session_facts facts;
    char leader[128];     /* that we wait for */
    int64_t leader_until; /* its lease lasts at least so long */
    bool loaded;
    bool kept;      /* from memory, as a standby whose leader and store are gone: no later loss matters */
    bool explained; /* text says more than a lost connection could */
    uint64_t connects;
    uint64_t decisions;       /* written in this epoch: their ids */
    char last_alert[42];      /* the newest confirmed, or up to which some are lost if that is later */
    struct loop_timer *retry; /* repeats refused steps */
    int64_t retry_wait;

    /* "none": steps to be confirmed in the next turn, from timer turn. */
    struct store_step *kept_first, *kept_last;
    uint64_t kept_confirmed, kept_epoch;
    struct loop_timer *turn;

    bool reading;                    /* see readback.c */
    store_fields_read read_callback; /* NULL: nobody waits for it any more */
    void *read_context;
    size_t read_count;

    store_stopped stopped;
    void *stopped_context;
    bool clean, releasing, ended;
    struct loop_timer *stop; /* deadline of the drain, then of the release */
};

void store_set_state(struct store *store, enum store_state state, const char *text);
void store_tell_confirmed(struct store *store, const struct store_step *step);

/* store_states.c: what the parts report. */
extern const struct redis_link_callbacks store_link_callbacks, store_found_link_callbacks;
extern const struct sentinel_callbacks store_sentinel_callbacks;
extern const struct session_callbacks store_session_callbacks;
extern const struct lease_callbacks store_lease_callbacks;
extern const struct standby_callbacks store_standby_callbacks;
extern const struct flight_callbacks store_flight_callbacks;
extern const struct private_server_callbacks store_server_callbacks;
void store_on_stop_deadline(void *context);
void store_drain(struct store *store);
void store_finish_stop(struct store *store);

#define STORE_FIRST_RETRY_MS 100

#endif
