#include "daemon/app_api.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/json_write.h"
#include "daemon/app_http.h"
#include "daemon/app_state.h"

#define ROW_BYTES 1024 /* of an organisation in a list, about */

/* ---- From an address to a question --------------------------------------------- */

/* Of the query of an address; all are text to us, and the question's parser knows better. */
static const char *const keys[] = {"after", "by", "framework", "peers", "period"};

static void put_limit(struct json_writer *json, const char *limit) {
    uint64_t number;

    if (limit && text_to_uint64(text_of(limit), &number))
        json_uint(json, "limit", number);
    else if (limit)
        json_string(json, "limit", limit); /* refused as no number */
}

static int status_of(const char *code) {
    if (strcmp(code, "bad-request") == 0)
        return 400;
    if (strcmp(code, "too-large") == 0)
        return 413;
    return strcmp(code, "unavailable") == 0 ? 503 : 404;
}

static void append(void *context, const char *json, size_t len) {
    buf_append(context, json, len);
}

static void refuse(struct http_reply *reply, const char *code, const char *message) {
    buf_clear(&reply->body);
    request_emit_error(code, message, append, &reply->body);
    buf_append_char(&reply->body, '\n');
    reply->status = status_of(code);
    reply->type = HTTP_JSON;
}

/* names: of the {} of the route, in order; ends with NULL. False: refused. */
static bool read_question(const struct http_call *call, const char *get, const char *const *names,
                          struct request *ret_request, struct http_reply *reply) {
    struct request_error error;
    struct json_writer json;
    struct buf question;
    bool good;

    buf_init(&question);
    json_init(&json, &question);
    json_object(&json, NULL);
    json_string(&json, "get", get);
    for (size_t i = 0; names[i]; i++)
        json_string(&json, names[i], http_parameter(call, i));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (http_query(call, keys[i]))
            json_string(&json, keys[i], http_query(call, keys[i]));
    put_limit(&json, http_query(call, "limit"));
    json_object_end(&json);
    good = request_parse(question.data, question.len, ret_request, &error);
    if (!good)
        refuse(reply, error.code, error.message);
    buf_finish(&question);
    return good;
}

/* ---- Answers of the engine ------------------------------------------------------- */

static void take_part(void *context, const char *json, size_t len) {
    static const char error[] = "{\"error\":";
    struct http_reply *reply = context;

    if (len > sizeof error && memcmp(json, error, sizeof error - 1) == 0)
        reply->status = 404; /* names something that does not exist */
    buf_append(&reply->body, json, len);
}

static void answer(struct app *app, const struct http_call *call, const char *get, const char *const *names,
                   struct http_reply *reply) {
    struct request request;

    if (!app_http_serving(app, reply) || !read_question(call, get, names, &request, reply))
        return;
    app_answer(app, &request, 0, take_part, reply);
    buf_append_char(&reply->body, '\n');
    reply->type = HTTP_JSON;
}

/* A list of all organisations is made whole: one that cannot be sent is not begun. */
static bool list_fits(const struct app *app, struct http_reply *reply) {
    if (!app->serving ||
        registry_count(engine_registry(app->engine)) <= (uint64_t)app->config->http_reply_bytes / ROW_BYTES)
        return true;
    refuse(reply, "too-large",
           "more organisations than http_reply_bytes allows for; the query socket sends them in parts");
    return false;
}

static const char *const nothing[] = {NULL};
static const char *const by_code[] = {"code", NULL};

void api_organisations(void *context, struct http_call *call, struct http_reply *reply) {
    if (list_fits(context, reply))
        answer(context, call, "snapshot", nothing, reply);
}

void api_organisation(void *context, struct http_call *call, struct http_reply *reply) {
    answer(context, call, "organisation", by_code, reply);
}

void api_explain(void *context, struct http_call *call, struct http_reply *reply) {
    answer(context, call, "explain", by_code, reply);
}

void api_measure(void *context, struct http_call *call, struct http_reply *reply) {
    static const char *const names[] = {"id", NULL};

    if (list_fits(context, reply))
        answer(context, call, "measure", names, reply);
}

void api_series(void *context, struct http_call *call, struct http_reply *reply) {
    static const char *const names[] = {"code", "measure", NULL};

    answer(context, call, "series", names, reply);
}

void api_mismatches(void *context, struct http_call *call, struct http_reply *reply) {
    if (list_fits(context, reply))
        answer(context, call, "mismatches", nothing, reply);
}

void api_systems(void *context, struct http_call *call, struct http_reply *reply) {
    if (list_fits(context, reply))
        answer(context, call, "systems", nothing, reply);
}

void api_status(void *context, struct http_call *call, struct http_reply *reply) {
    answer(context, call, "status", nothing, reply);
}

/* ---- Alerts, of the store ----------------------------------------------------------- */

struct reading {
    struct app *app;
    struct http_call *call;
};

static void on_alerts(void *context, const struct store_alerts_page *page) {
    struct reading *reading = context;
    struct http_reply reply;
    struct text *events;

    if (!page) {
        free(reading);
        return;
    }
    events = alloc_zero(page->count + 1, sizeof *events);
    app_http_has_read(reading->app);
    http_reply_init(&reply);
    for (size_t i = 0; i < page->count; i++)
        events[i] = page->alerts[i].event;
    if (page->error)
        refuse(&reply, "unavailable", page->error);
    else
        request_emit_events(events, page->count, page->truncated, page->more, 0, take_part, &reply);
    reply.type = HTTP_JSON;
    http_answer(reading->call, &reply);
    free(events);
    free(reading);
}

void api_alerts(void *context, struct http_call *call, struct http_reply *reply) {
    struct app *app = context;
    struct request request;
    struct reading *reading;
    char after[ALERT_ID_SIZE];
    size_t most = (size_t)app->config->query_limit;

    if (!app_http_serving(app, reply) || !read_question(call, "alerts", nothing, &request, reply))
        return;
    if (!app_http_may_read(app, reply))
        return;
    http_later(call);
    reading = alloc_zero(1, sizeof *reading);
    *reading = (struct reading){app, call};
    store_alerts_after(app->store, alert_id_format(request.after, after),
                       request.limit && request.limit < most ? request.limit : most, on_alerts, reading);
}
