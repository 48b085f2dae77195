#include "daemon/store/alerts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/os/loop.h"
#include "daemon/store/library.h"
#include "daemon/store/trouble.h"

#define TRIM_MS 1000
#define TRIM_BUDGET 500 /* entries per call: Redis does nothing else meanwhile */
#define TRIM_BUDGET_TEXT "500"
#define LIMIT_MAX 10000
#define NEWEST "+" /* in place of an id */

struct request {
    struct request *next, **link; /* in the list of all */
    struct alerts *alerts;
    store_alerts_read callback;
    void *context;
    char after[42];
    const char *error; /* to be told in the next turn */
};

struct alerts {
    struct loop *loop;
    struct redis_link *link;
    struct alerts_options options;
    struct request *requests;
    struct loop_timer *turn, *trim;
    char epoch[24];
    bool trimming;
};

/* ---- Requests ----------------------------------------------------------------------- */

static void unlink_request(struct request *request) {
    *request->link = request->next;
    if (request->next)
        request->next->link = request->link;
}

static void answer(struct request *request, const struct store_alerts_page *page) {
    unlink_request(request);
    request->callback(request->context, page);
    free(request);
}

static void answer_error(struct request *request, const char *error) {
    const struct store_alerts_page page = {.error = error};
    answer(request, &page);
}

static void on_turn(void *context) {
    struct alerts *alerts = context;
    /* Callbacks may add requests, never take away others. */
    for (struct request *request = alerts->requests, *next; request; request = next) {
        next = request->next;
        if (request->error)
            answer_error(request, request->error);
    }
}

static void answer_later(struct request *request, const char *error) {
    request->error = error;
    loop_timer_start(request->alerts->turn, 0);
}

/* ---- Pages ---------------------------------------------------------------------------- */

static struct text text_of_reply(const redisReply *reply) {
    return reply->type == REDIS_REPLY_STRING ? (struct text){reply->str, reply->len} : (struct text){"", 0};
}

static bool is_above(struct text a, struct text b) {
    uint64_t epoch_a = 0, seq_a = 0, epoch_b = 0, seq_b = 0;
    if (!alerts_id_read(a, &epoch_a, &seq_a) || !alerts_id_read(b, &epoch_b, &seq_b))
        return false;
    return epoch_a > epoch_b || (epoch_a == epoch_b && seq_a > seq_b);
}

/* elements: trimmed, gap, first, last, {id, event, ...} */
static void answer_page(struct request *request, redisReply *const *elements) {
    struct text trimmed = text_of_reply(elements[0]), gap = text_of_reply(elements[1]);
    struct text after = text_of(request->after), last = text_of_reply(elements[3]);
    const redisReply *found = elements[4];
    struct store_alerts_page page = {.count = found->elements / 2};
    struct store_alert *list = alloc_zero(page.count, sizeof(*list));
    for (size_t i = 0; i < page.count; i++)
        list[i] = (struct store_alert){text_of_reply(found->element[2 * i]), text_of_reply(found->element[2 * i + 1])};
    page.alerts = list;
    page.more = page.count > 0 && is_above(last, list[page.count - 1].id);
    page.known_to = is_above(gap, last) ? gap : last;
    page.truncated = is_above(trimmed, after) || is_above(gap, after);
    text_copy(page.range.first, sizeof(page.range.first), text_of_reply(elements[2]));
    text_copy(page.range.last, sizeof(page.range.last), last);
    answer(request, &page);
    free(list);
}

static void on_page(void *context, const redisReply *reply) {
    struct request *request = context;
    char text[TROUBLE_TEXT_SIZE];
    if (trouble_of(reply, text, sizeof(text)) != TROUBLE_NONE)
        answer_error(request, text);
    else if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 5 || reply->element[4]->type != REDIS_REPLY_ARRAY)
        answer_error(request, "Redis answers our functions in an unknown form");
    else
        answer_page(request, reply->element);
}

static bool send_request(struct request *request, size_t limit) {
    char number[24];
    snprintf(number, sizeof(number), "%zu", limit < LIMIT_MAX ? limit : LIMIT_MAX);
    const struct text args[] = {TEXT_OF("FCALL"),    TEXT_OF(FUNCTION_ALERTS), TEXT_OF("2"),   TEXT_OF(KEY_META),
                                TEXT_OF(KEY_ALERTS), text_of(request->after),  text_of(number)};
    return redis_link_send(request->alerts->link, args, sizeof(args) / sizeof(args[0]), 0, on_page, request);
}

void alerts_read(struct alerts *alerts, const char *after, size_t limit, store_alerts_read callback, void *context) {
    struct request *request = alloc_zero(1, sizeof(*request));
    request->alerts = alerts;
    request->callback = callback;
    request->context = context;
    request->next = alerts->requests;
    request->link = &alerts->requests;
    if (request->next)
        request->next->link = &request->next;
    alerts->requests = request;

    uint64_t epoch = 0, seq = 0;
    if (!text_copy(request->after, sizeof(request->after), text_of(after ? after : NEWEST)) ||
        (after && !alerts_id_read(text_of(after), &epoch, &seq)))
        answer_later(request, "no alert id: expected <epoch>-<seq>");
    else if (!alerts->link)
        answer_later(request, "alerts are not kept: store = \"none\"");
    else if (!send_request(request, limit))
        answer_later(request, "the store is away");
}

/* ---- Trimming --------------------------------------------------------------------------- */

static void on_trimmed(void *context, const redisReply *reply) {
    struct alerts *alerts = context;
    /* Errors are told by the steps and the lease, which meet the same. */
    bool more = reply && reply->type == REDIS_REPLY_INTEGER && reply->integer >= TRIM_BUDGET;
    if (alerts->trimming)
        loop_timer_start(alerts->trim, more ? 0 : TRIM_MS);
}

static void on_trim(void *context) {
    struct alerts *alerts = context;
    char keep[24], before[24];
    int64_t cut = alerts->options.keep_ms > 0 ? loop_wall(alerts->loop) - alerts->options.keep_ms : 0;
    snprintf(keep, sizeof(keep), "%" PRIu64, alerts->options.keep);
    snprintf(before, sizeof(before), "%" PRId64, cut);
    const struct text args[] = {TEXT_OF("FCALL"),  TEXT_OF(FUNCTION_TRIM), TEXT_OF("2"),
                                TEXT_OF(KEY_META), TEXT_OF(KEY_ALERTS),    text_of(alerts->epoch),
                                text_of(keep),     text_of(before),        TEXT_OF(TRIM_BUDGET_TEXT)};
    redis_link_send(alerts->link, args, sizeof(args) / sizeof(args[0]), 0, on_trimmed, alerts);
}

void alerts_keep_trimmed(struct alerts *alerts, struct text epoch) {
    text_copy(alerts->epoch, sizeof(alerts->epoch), epoch);
    if (!alerts->trimming)
        loop_timer_start(alerts->trim, 0);
    alerts->trimming = true;
}

void alerts_pause(struct alerts *alerts) {
    alerts->trimming = false;
    loop_timer_stop(alerts->trim);
}

struct alerts *alerts_create(struct loop *loop, struct redis_link *link, const struct alerts_options *options) {
    struct alerts *alerts = alloc_zero(1, sizeof(*alerts));
    alerts->loop = loop;
    alerts->link = link;
    alerts->options = *options;
    alerts->turn = loop_timer_create(loop, LOOP_NORMAL, on_turn, alerts);
    alerts->trim = loop_timer_create(loop, LOOP_LATER, on_trim, alerts);
    return alerts;
}

void alerts_destroy(struct alerts *alerts) {
    if (!alerts)
        return;
    while (alerts->requests)
        answer(alerts->requests, NULL);
    loop_timer_destroy(alerts->turn);
    loop_timer_destroy(alerts->trim);
    free(alerts);
}
