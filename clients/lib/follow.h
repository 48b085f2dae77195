/*
 * The consumer's half of the protocol as a pure state machine: which alerts to
 * deliver, when to ask for a snapshot or for missed alerts. No I/O, no clock:
 * bytes and times are arguments, requests are pulled out.
 *
 * Steps, as in oversight-protocol(7): subscribe; take a snapshot (or start
 * after a given id); drop live alerts that are not after it; on a skipped id,
 * seen in an alert or in a heartbeat, or on a new epoch, ask for the alerts
 * after the last one; deliver in order of id, each once.
 */
#ifndef OV_CLIENTS_FOLLOW_H
#define OV_CLIENTS_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/lib/oversight_client.h"

#define FOLLOW_PENDING_MAX 1024         /* live alerts kept while a gap before them is repaired */
#define FOLLOW_PENDING_BYTES (8U << 20) /* and their bytes; what does not fit is asked for again */
#define FOLLOW_PAGE 500                 /* alerts asked for at once */
#define FOLLOW_BACKWARDS 5              /* heartbeats in a row below our position before it is given up */
#define FOLLOW_UNANSWERED 6 /* answers in a row, over some 8 s, without the alerts known to exist, likewise */

struct follow;

struct follow_handlers {
    void (*deliver)(void *arg, struct oversight_id id, const char *json, size_t len, bool replayed);
    /* The daemon's history no longer reaches back to our position, or was
     * replaced: the position is now `last`, and a snapshot says what holds. */
    void (*snapshot)(void *arg, struct oversight_id last, bool lost);
};

/* resume: start after the given id; else the first request is a snapshot. */
struct follow *follow_create(const struct follow_handlers *handlers, void *arg, bool resume, struct oversight_id after);
void follow_destroy(struct follow *follow);

/* ---- What happened ---------------------------------------------------------- */

void follow_live(struct follow *follow, struct oversight_id id, const char *json, size_t len);
/* last: the newest alert stored; newest: the newest raised, ahead of it while the store is away. */
void follow_heartbeat(struct follow *follow, struct oversight_id last, struct oversight_id newest);

enum follow_request_kind { FOLLOW_NOTHING, FOLLOW_SNAPSHOT, FOLLOW_ALERTS };

struct follow_request {
    enum follow_request_kind kind;
    uint64_t number; /* answers name it; a later request makes earlier ones void */
    struct oversight_id after;
    int limit;
};

/* What to ask now. A request is handed out once; it stays open until it is
 * answered or failed. After a failure nothing is asked before a back-off. */
struct follow_request follow_next_request(struct follow *follow, int64_t now_ms);

/* Answers to a request that is not the open one are ignored. */
void follow_answer_snapshot(struct follow *follow, uint64_t number, struct oversight_id last,
                            struct oversight_id newest);
/* An answer with alerts: begin, the alerts in order, end. After a begin that
 * returns false (not the open request, or truncated) the rest is not wanted. */
bool follow_answer_begin(struct follow *follow, uint64_t number, bool truncated);
void follow_answer_alert(struct follow *follow, struct oversight_id id, const char *json, size_t len);
/* False when it lacked alerts that are known to exist: perhaps another endpoint has them. */
bool follow_answer_end(struct follow *follow, bool more, int64_t now_ms);
void follow_failed(struct follow *follow, uint64_t number, int64_t now_ms);

/* ---- How it stands ----------------------------------------------------------- */

/* Milliseconds from now until follow_next_request() may have something; -1: not by time alone. */
int follow_wait(const struct follow *follow, int64_t now_ms);
struct oversight_id follow_position(const struct follow *follow);
bool follow_caught_up(const struct follow *follow); /* everything known of is delivered */

#endif
