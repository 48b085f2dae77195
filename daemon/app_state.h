/*
 * The daemon's own record and the parts of the wiring. Used by app*.c only:
 *
 *   app.c         start and stop in order, signals, the date
 *   app_access.c  who may do what: keys of clients
 *   app_rules.c   registry and frameworks -> a new engine
 *   app_reload.c  everything read again, and swapped as a whole
 *   app_figure.c  a figure as bytes in the store
 *   app_programme.c the steps of a programme as bytes in the store
 *   app_load.c    what the store hands out -> the engine
 *   app_turn.c    changes of the engine -> one atomic step and what follows it
 *   app_sequel.c what a confirmed step sets free: events and acknowledgements
 *   app_refill.c everything once more, for a store that lost it
 *   app_again.c   events that an earlier daemon may not have published
 *   app_standby.c waiting for the lease, and giving it up
 *   app_submit.c  submitted messages, and messages in several parts
 *   app_feeds.c   messages and incidents of subscribed feeds
 *   app_query.c   queries and actions
 *   app_pages.c   the status page
 *   app_audit.c   verdicts held against the figures
 *   app_readback.c the store held against memory
 *   app_watchdog.c the service manager hears that work goes on
 *   app_http.c    what is served over HTTP
 *   app_api.c     the queries over HTTP
 *   app_stream.c  alerts as server-sent events
 *   app_metrics*.c metrics
 */
#ifndef OV_DAEMON_APP_STATE_H
#define OV_DAEMON_APP_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/json_write.h"
#include "common/wire.h"
#include "daemon/app.h"
#include "daemon/app_access.h"
#include "daemon/engine/engine.h"
#include "daemon/http/http.h"
#include "daemon/net/ingest.h"
#include "daemon/net/publish.h"
#include "daemon/net/query.h"
#include "daemon/net/submit.h"
#include "daemon/os/loop.h"
#include "daemon/os/notify.h"
#include "daemon/pending.h"
#include "daemon/render/metrics.h"
#include "daemon/render/request.h"
#include "daemon/store/store.h"

struct sequel_list;
struct parts_list;
struct auditing;
struct refill;
struct streams;
struct watchdog;

/* Counts of the daemon itself, for status. */
struct app_counters {
    uint64_t messages, updates;
    uint64_t accepted, duplicate, superseded, refused;
    uint64_t refused_by_code[REFUSAL_COUNT];          /* updates, and from undecodable on messages */
    uint64_t alerts, events_published, events_memory; /* memory: published before they were stored */
    uint64_t mismatches;                              /* verdicts that differed after loading */
    uint64_t alerts_by_kind[ALERT_KIND_COUNT];
    uint64_t reloads, reloads_refused;
    bool reload_failed; /* the last one */
    int64_t reload_ms;  /* wall-clock time of what is in force */
    uint64_t audits, audit_differences;
    uint64_t loop_lag_ms; /* the longest so far */
    uint64_t stalls;      /* times the watchdog of the service manager was not fed */
};

struct app {
    const struct app_options *options;
    const struct config *config;
    struct loop *loop;
    struct notify *notify;
    void *zmq;
    struct access *access;
    struct engine *engine;
    struct changes changes;
    struct wire_decoder *decoder;
    struct store *store;
    struct submit *submit;
    struct query *query;
    struct publish *publish;
    struct ingest *ingest;
    struct http *http; /* NULL: not configured */
    size_t http_reads; /* see app_http_may_read() */
    uint64_t http_reads_refused;
    struct streams *streams;
    struct loop_timer *minute; /* looks whether the date has changed */
    struct watchdog *watchdog;
    struct loop_timer *waiting; /* looks after events that wait: see sequels_look() */
    bool looking;               /* it is running */
    struct loop_timer *away;    /* runs out when the store has been away for a while */
    unsigned times_away;        /* long enough to be told */
    bool away_told;             /* an alert said so */

    struct store_step *step; /* under construction in this turn */
    struct pending *pending; /* what goes into it when it is closed */
    size_t step_updates;
    int64_t step_due;             /* monotonic: then it goes to the store, too, if nobody waits for it */
    struct loop_timer *unhurried; /* runs out then */
    struct sequel_list *sequels;
    struct parts_list *parts;
    struct auditing *auditing;
    struct refill *refill;

    struct alert_id confirmed; /* the newest alert stored and published */
    struct alert_id noted;     /* the same, as a step has told this store */
    struct alert_id published; /* of an earlier epoch, from the store: all up to it were published, perhaps more */
    enum { PUBLISH_AGAIN_DUE, PUBLISH_AGAIN_ASKED, PUBLISH_AGAIN_DONE } again; /* of those after it */
    bool incomplete;                                                           /* figures were missing at the start */
    uint64_t stored_verdicts;                                                  /* loaded */
    bool ready;                                                                /* the service manager was told so */
    bool serving;                                                              /* loaded and bound: the leader */
    bool yields;                                                               /* has just handed over */
    bool handing_over;                    /* stopping, to begin again as a standby */
    struct query_request *asked_failover; /* who asked for that, until it is answered */
    bool paused;                          /* no input is read */
    bool stopping;
    int exit_status;
    int64_t started_ms;

    struct app_counters counters;
    struct net_counters net;
    struct http_counters http_counters;
    struct metrics_times store_times, loop_lag;
    struct loop_timer *pulse; /* every second: by how much is it late? */
    int64_t pulse_due;
    enum store_state store_state;
    char store_text[256];
    char told_status[512]; /* the service manager knows */
};

/* app_rules.c */
struct engine *app_rules_load(const struct config *config, struct problems *problems);
char *app_rules_digest(const struct engine *engine); /* of registry and frameworks; the caller frees it */

/* app_reload.c */
void app_log_problems(const char *subject, const struct problems *problems);
/* Reads everything again and goes on under the new rules; false, with problems
 * that the log and an alert tell too, changes nothing. A dry run only tells.
 * What moves, or would, is added to an open JSON object. */
bool app_reload(struct app *app, bool dry_run, struct problems *problems, struct json_writer *json);
void app_answer_reload(struct app *app, struct query_request *request, bool dry_run);
void app_on_reload_signal(void *context, int number);

/* app_figure.c: "<value>;<revision>", value a number, "true"/"false", null, or a word in quotes */
#define FIGURE_BYTES 128
size_t app_figure_write(const struct value *value, uint32_t revision, char buf[FIGURE_BYTES]);
bool app_figure_read(struct text bytes, struct value *ret_value, uint32_t *ret_revision);

/* app_programme.c: the steps of one programme, in order */
void app_programme_step(void *context, const struct programme_step *step); /* one of the list; context: the writer */
void app_programme_write(const struct engine *engine, uint32_t org, const char *programme, struct buf *buf);
typedef void (*app_programme_visit)(void *context, const struct programme_item *step, struct text source, uint64_t seq);
/* Visits what it can read; false when that was not all. */
bool app_programme_read(struct text bytes, struct text programme, app_programme_visit visit, void *context);

/* app_status.c */
void app_tell_status(struct app *app);

/* app_load.c */
void app_store_callbacks(struct store_callbacks *callbacks);
#define STORE_AWAY_MS 3000 /* then an alert says so */
void app_store_away(void *context);

/* app_turn.c */
/* Adds what app->changes holds to this turn's step. Written at the end of the turn. */
void app_record(struct app *app);
struct store_step *app_step(struct app *app);
/* How far a source has come, with the step under construction. */
void app_record_source(struct app *app, struct text source, uint64_t last);
void app_commit(struct app *app);
/* Which alerts are out, where the store does not know it. */
void app_note_published(struct app *app, struct store_step *step);
void app_commit_now(struct app *app);  /* also while turns are gathered */
void app_commit_soon(struct app *app); /* at the end of the turn */
void app_commit_later(void *context);  /* app_commit(), for the loop */
void app_announce(struct app *app, enum alert_kind kind, const char *subject, const char *key, const char *text);
void app_tick(struct app *app);
void app_write_rules(struct app *app); /* digests and date into the step */
/* The parts of a step. texts: what the verdict needs for a moment lives there. */
void app_record_verdict(struct app *app, struct store_step *step, uint16_t framework, uint32_t org,
                        struct changes *texts);
void app_record_figure(struct app *app, struct store_step *step, size_t column, const struct figure_change *figure);
void app_record_decision(struct store_step *step, const char *org, const char *framework,
                         const struct decision_item *item, const char *source, uint64_t from_seq);
void app_record_programme(struct app *app, struct store_step *step, uint32_t org, const char *programme);
void app_record_move(struct store_step *step, const char *framework, const char *org, const struct move *move);

/* app_sequel.c */
struct sequel; /* the tag of a step */
struct sequel_list *sequels_create(void);
void sequels_destroy(struct sequel_list *list);
/* Events and answers of the step under construction. */
void sequel_event(struct app *app, struct alert_id id, int64_t time_ms, const char *topic, struct text json);
void sequel_answer(struct app *app, struct submit_request *request, const char *json, size_t len);
void sequel_done(struct app *app, struct query_request *request, const char *json, size_t len); /* of an action */
struct sequel *sequel_close(struct app *app); /* hands over what was gathered, as a tag */
void sequel_confirmed(struct app *app, struct sequel *sequel);
/* Redis is away: publish what waits, marked as kept in memory only. */
void sequels_publish_waiting(struct app *app);
/* Looked at every SEQUEL_LOOK_MS: events that wait for the store longer than
 * SEQUEL_PATIENCE_MS go out marked as kept in memory only, before it counts as
 * away; those stored while another daemon could have taken over go out once
 * the lease is renewed. */
#define SEQUEL_LOOK_MS 50
#define SEQUEL_PATIENCE_MS 500
void sequels_look(void *context);
bool sequels_waited_for(const struct sequel_list *list); /* does anything hang on the step under construction? */
/* Events that are published and not yet stored, as they were published, in order. */
typedef void (*sequel_visit)(void *context, struct alert_id id, struct text json);
void sequels_unconfirmed(const struct app *app, sequel_visit visit, void *context);

/* app_again.c */
void app_publish_again(struct app *app); /* events stored by an earlier daemon that may not have gone out */

/* app_submit.c */
void app_on_submit(void *context, struct submit_request *request, const void *payload, size_t len);
struct parts_list *parts_create(void);
void parts_destroy(struct parts_list *parts);
void parts_expire(struct app *app);                    /* abandons messages whose next part does not come */
void parts_reset(struct app *app, struct text source); /* abandons the message that waits of this source */
void parts_resume(struct app *app);                    /* input was paused: their time starts anew */
/* Applies one message with counts; the changes are recorded. False: refused whole (changes.whole). */
bool app_apply(struct app *app, const struct message *message);
/* Are seqs missing before a message that goes on in the next, or before its next part? */
bool parts_gap(const struct app *app, const struct message *message, uint64_t *ret_expected);
/* One part of a message in several; request NULL for feeds. True when it was taken as such. */
bool parts_take(struct app *app, struct submit_request *request, const struct message *message, const void *payload,
                size_t len);

/* app_feeds.c */
enum delivery app_on_deliver(void *context, const char *source, const void *payload, size_t len, bool allow_gap,
                             struct delivery_range *ret_range);
void app_on_feed_event(void *context, const char *source, const struct feed_event *event);

/* app_standby.c */
void app_stand_by(struct app *app); /* another daemon has the lease */
void app_on_load_reset(void *context);
/* NULL when we lead, else the code and message with which all but status is refused. */
const char *app_standby_code(const struct app *app, const char **ret_message);
void app_hand_over(struct app *app, struct query_request *request);
/* Asked again of a daemon that has handed over and stands by since. */
bool app_answer_handed_over(struct app *app, struct query_request *request);

/* app_query.c */
void app_on_query(void *context, struct query_request *request, const char *json, size_t len);
/* The facts of the running daemon, valid during the call; all: with counters, feeds and subscribers. */
typedef void (*app_facts_use)(void *context, const struct status_facts *facts);
void app_with_facts(const struct app *app, bool all, app_facts_use use, void *context);
/* The answer to what the engine alone, or the status, can give: in parts. */
void app_answer(const struct app *app, const struct request *query, size_t part_bytes, request_emit emit,
                void *context);

/* app.c */
bool app_open_sockets(struct app *app); /* once; false after app_fail() */
void app_serve(struct app *app);        /* after loading: bind, ready */
void app_fail(struct app *app, int exit_status);
void app_flow(struct app *app); /* pauses or resumes input as the store has room */

#endif
