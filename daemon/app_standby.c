/*
 * Waiting behind the daemon that has the lease, and giving the lease up to the
 * one that waits.
 *
 * A standby has its sockets bound, so that clients are connected when it takes
 * over. It answers what its status is and refuses all else with one of two
 * codes: "standby" sends a client to the next endpoint, "taking-over" asks it
 * to try here again in a moment. It publishes nothing, not even heartbeats.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/buf.h"
#include "common/log.h"
#include "daemon/app_audit.h"
#include "daemon/app_state.h"

/* ---- Waiting ---- */

static void forget(struct app *app, struct engine *next) {
    engine_destroy(app->engine);
    app->engine = next;
    app->stored_verdicts = 0;
    app->incomplete = false;
    app->published = (struct alert_id){0, 0};
}

/* Comes from the store: what was loaded is no longer known to be all. */
void app_on_load_reset(void *context) {
    struct app *app = context;
    struct problems *problems = problems_create();
    struct engine *next = app_rules_load(app->config, problems);

    app_log_problems("rules", problems);
    problems_destroy(problems);
    if (!next) {
        log_error("standby", "the state must be read again, and cannot be: the rules have mistakes now");
        app_fail(app, EX_CONFIG);
        return;
    }
    log_notice("standby", "steps of the leader may have been missed: the state is read again");
    forget(app, next);
}

void app_stand_by(struct app *app) {
    struct store_status status;

    if (!app_open_sockets(app))
        return;
    store_status(app->store, &status);
    if (!status.warm || app->stopping)
        return;
    log_notice("start", "standing by: the state is in memory");
    app->ready = true;
    notify_ready(app->notify);
}

const char *app_standby_code(const struct app *app, const char **ret_message) {
    struct store_status status;

    if (app->serving && !app->handing_over)
        return NULL;
    store_status(app->store, &status);
    if (!app->serving && status.taking_over) {
        *ret_message = "this daemon is about to take over: ask again in a moment";
        return "taking-over";
    }
    *ret_message = "this daemon stands by: ask the one that leads";
    return "standby";
}

/* ---- Handing over ---- */

static void answer_done(struct app *app, struct query_request *request) {
    static const char done[] = "{\"done\":true}";

    query_part(app->query, request, done, sizeof done - 1);
    query_end(app->query, request);
}

/* The sockets go right after the first answer, and a client drops what it has
 * not read when its connection goes: it asks again, and is told the same. */
bool app_answer_handed_over(struct app *app, struct query_request *request) {
    if (app->serving || !app->yields)
        return false;
    answer_done(app, request);
    return true;
}

static void on_handed_over(void *context, bool clean) {
    struct app *app = context;

    if (!clean)
        log_warning("standby", "not everything was stored; what was not acknowledged will be sent again");
    if (app->asked_failover) {
        answer_done(app, app->asked_failover);
        app->asked_failover = NULL;
    }
    loop_stop(app->loop);
}

static bool rules_are_good(struct app *app) {
    struct problems *problems = problems_create();
    bool good;

    app_check(app->config, problems);
    good = problems_count(problems) == 0;
    app_log_problems("standby", problems);
    problems_destroy(problems);
    return good;
}

/* NULL, or why nobody could take over or we could not go on afterwards. */
static const char *reason_to_stay(struct app *app, const char **ret_code) {
    struct store_status status;

    store_status(app->store, &status);
    *ret_code = "no-standby";
    if (app->stopping)
        return "this daemon is stopping";
    if (status.state != STORE_READY) {
        *ret_code = "unavailable";
        return "the store is away";
    }
    if (store_lease_left(app->store) == INT64_MAX && !*status.standby)
        return "no other daemon can take this store over, or none is configured to";
    if (!*status.standby)
        return "no other daemon stands by";
    *ret_code = "bad-rules";
    return rules_are_good(app) ? NULL
                               : "this daemon could not stand by afterwards, as its rules have mistakes now: "
                                 "see its log";
}

/* What is in flight is finished, the lease given back, and everything begun
 * anew as a standby: no state of ours outlives another's time as the leader. */
void app_hand_over(struct app *app, struct query_request *request) {
    const char *code, *reason = reason_to_stay(app, &code);
    struct store_status status;

    if (reason) {
        query_reject(app->query, request, code, reason);
        return;
    }
    store_status(app->store, &status);
    log_notice("standby", "the lease is given up for %s", status.standby);
    notify_status(app->notify, "handing over");
    app->stopping = app->handing_over = true;
    app->asked_failover = request;
    app_flow(app);
    app_commit(app);
    store_stop(app->store, on_handed_over, app);
}
