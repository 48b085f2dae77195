#include "daemon/app_audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "common/json_write.h"
#include "common/log.h"
#include "daemon/app_readback.h"
#include "daemon/app_state.h"
#include "daemon/engine/engine_audit.h"

#define BACKGROUND_MS 20 /* between slices when nobody waits */
#define READBACK_MS 1    /* between questions to the store when somebody waits */
#define LISTED 100       /* differences in an answer */

struct auditing {
    struct app *app;
    struct engine_audit *audit;    /* under way, or NULL */
    struct readback *readback;     /* after it */
    struct query_request *request; /* of who waits for it, or NULL */
    struct loop_timer *timer;
    bool running; /* or due to begin again */
    bool told;    /* an alert said so, and no audit has been clean since */
    unsigned alerts;
    size_t differences; /* of the audit under way */
    struct buf list;    /* them, as JSON */
    struct json_writer json;
};

static void list_clear(struct auditing *auditing) {
    auditing->differences = 0;
    buf_clear(&auditing->list);
    json_init(&auditing->json, &auditing->list);
}

static void tell(struct auditing *auditing, const char *subject, const char *text) {
    struct app *app = auditing->app;
    char key[ALERT_KEY_SIZE], summary[ALERT_SUMMARY_SIZE];

    auditing->told = true;
    snprintf(key, sizeof key, "operational/audit/%" PRIu64 "/%u/%s", engine_last_alert_id(app->engine).epoch,
             ++auditing->alerts, subject);
    snprintf(summary, sizeof summary, "audit: %s: %s", subject, text);
    app_announce(app, ALERT_OPERATIONAL, "daemon", key, summary);
}

static void on_difference(void *context, const char *subject, const char *text) {
    struct auditing *auditing = context;

    log_error("audit", "%s: %s", subject, text);
    auditing->app->counters.audit_differences++;
    if (++auditing->differences <= LISTED) {
        json_object(&auditing->json, NULL);
        json_string(&auditing->json, "subject", subject);
        json_string(&auditing->json, "text", text);
        json_object_end(&auditing->json);
    }
    if (!auditing->told)
        tell(auditing, subject, text);
}

static void answer(struct auditing *auditing) {
    struct query *query = auditing->app->query;
    struct buf text;

    if (!auditing->request)
        return;
    buf_init(&text);
    buf_printf(&text, "{\"done\":true,\"organisations\":%zu,\"differences\":[%s],\"differences_total\":%zu}",
               engine_audit_organisations(auditing->audit), auditing->list.data, auditing->differences);
    query_part(query, auditing->request, text.data, text.len);
    query_end(query, auditing->request);
    auditing->request = NULL;
    buf_finish(&text);
}

static void drop(struct auditing *auditing) {
    engine_audit_destroy(auditing->audit);
    auditing->audit = NULL;
    readback_destroy(auditing->readback);
    auditing->readback = NULL;
}

static void finish(struct auditing *auditing) {
    struct app *app = auditing->app;

    auditing->running = false;
    app->counters.audits++;
    if (!auditing->differences)
        auditing->told = false;
    log_info("audit", "%zu verdicts compared with the figures, %zu differences",
             engine_audit_organisations(auditing->audit), auditing->differences);
    answer(auditing);
    drop(auditing);
    auditing_start(auditing);
}

static void on_timer(void *context) {
    struct auditing *auditing = context;

    if (auditing->app->stopping)
        return;
    auditing->running = true;
    if (!auditing->audit) {
        list_clear(auditing);
        auditing->audit = engine_audit_create(auditing->app->engine, on_difference, auditing);
    }
    if (!auditing->readback && engine_audit_step(auditing->audit)) {
        loop_timer_start(auditing->timer, auditing->request ? 0 : BACKGROUND_MS);
        return;
    }
    if (!auditing->readback)
        auditing->readback = readback_create(auditing->app, on_difference, auditing);
    if (readback_step(auditing->readback))
        loop_timer_start(auditing->timer, auditing->request ? READBACK_MS : BACKGROUND_MS);
    else
        finish(auditing);
}

struct auditing *auditing_create(struct app *app) {
    struct auditing *auditing = alloc_zero(1, sizeof *auditing);

    auditing->app = app;
    auditing->timer = loop_timer_create(app->loop, LOOP_LATER, on_timer, auditing);
    buf_init(&auditing->list);
    return auditing;
}

void auditing_destroy(struct auditing *auditing) {
    if (!auditing)
        return;
    drop(auditing);
    loop_timer_destroy(auditing->timer);
    buf_finish(&auditing->list);
    free(auditing);
}

void auditing_start(struct auditing *auditing) {
    if (auditing->app->config->audit_interval > 0)
        loop_timer_start(auditing->timer, auditing->app->config->audit_interval);
}

void auditing_drop(struct auditing *auditing) {
    drop(auditing);
    if (auditing->running)
        loop_timer_start(auditing->timer, 0);
}

void auditing_ask(struct auditing *auditing, struct query_request *request) {
    if (auditing->request) {
        query_reject(auditing->app->query, request, "busy", "an audit is under way, ask again");
        return;
    }
    auditing->request = request;
    drop(auditing); /* one that has begun says nothing of its first slices now */
    loop_timer_start(auditing->timer, 0);
}
