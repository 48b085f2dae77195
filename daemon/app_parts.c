/*
 * Messages that go on in the next of their source ("more"): the parts are kept
 * until the last has come, then applied as one. Bounded in updates, bytes and
 * time; one message in parts at a time per source, a few sources at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "daemon/app_state.h"
#include "daemon/render/reply.h"

#define SOURCES_MAX 64 /* messages in parts under way at once */

struct part {
    struct part *next;
    struct submit_request *request; /* NULL: from a feed, or already answered as a repeat */
    uint64_t first, last;           /* seqs */
    char *payload;
    size_t len;
    size_t count; /* updates */
};

struct parts {
    struct parts *next;
    char source[SOURCE_MAX + 1];
    struct part *first, *last;
    size_t updates;
    size_t bytes;
    int64_t deadline;
    bool allow_gap; /* before the first part: what was there is given up */
};

struct parts_list {
    struct parts *first;
    size_t count, bytes;
};

struct parts_list *parts_create(void) {
    struct parts_list *list = calloc(1, sizeof *list);

    if (!list)
        abort();
    return list;
}

static void parts_free(struct parts *parts) {
    while (parts->first) {
        struct part *next = parts->first->next;

        free(parts->first->payload);
        free(parts->first);
        parts->first = next;
    }
    free(parts);
}

void parts_destroy(struct parts_list *list) {
    if (!list)
        return;
    while (list->first) {
        struct parts *next = list->first->next;

        parts_free(list->first);
        list->first = next;
    }
    free(list);
}

static struct parts *parts_find(const struct parts_list *list, struct text source) {
    for (struct parts *parts = list->first; parts; parts = parts->next)
        if (text_equal(source, parts->source))
            return parts;
    return NULL;
}

/* Takes the message out of the list and frees it. */
static void parts_remove(struct parts_list *list, struct parts *parts) {
    struct parts **at = &list->first;

    while (*at != parts)
        at = &(*at)->next;
    *at = parts->next;
    list->count--;
    list->bytes -= parts->bytes;
    parts_free(parts);
}

/* Refuses every part that waits. */
static void parts_abandon(struct app *app, struct parts *parts, enum refusal code, const char *why) {
    app->counters.refused_by_code[code]++;
    log_write(LOG_LEVEL_WARNING, "parts", parts->source, "message in parts refused: %s", why);
    for (struct part *part = parts->first; part; part = part->next)
        if (part->request)
            submit_reject(app->submit, part->request, refusal_code(code), why);
    parts_remove(app->parts, parts);
}

static struct parts *parts_begin(struct app *app, struct text source, bool allow_gap) {
    struct parts *parts = calloc(1, sizeof *parts);

    if (!parts)
        abort();
    text_copy(parts->source, sizeof parts->source, source);
    parts->allow_gap = allow_gap;
    parts->next = app->parts->first;
    app->parts->first = parts;
    app->parts->count++;
    return parts;
}

static void parts_add(struct app *app, struct parts *parts, struct submit_request *request,
                      const struct message *message, const void *payload, size_t len) {
    struct part *part = calloc(1, sizeof *part);

    if (!part || !(part->payload = malloc(len ? len : 1)))
        abort();
    memcpy(part->payload, payload, len);
    part->len = len;
    part->request = request;
    part->count = message->count;
    part->first = message->items[0].seq;
    part->last = message->items[message->count - 1].seq;
    if (parts->last)
        parts->last->next = part;
    else
        parts->first = part;
    parts->last = part;
    parts->updates += message->count;
    parts->bytes += len;
    app->parts->bytes += len;
    parts->deadline = loop_monotonic(app->loop) + app->config->more_timeout;
}

/* The parts as one message: each decoded again, as a decoder keeps only its last. */
struct whole {
    struct message message;
    struct wire_decoder **decoders;
    size_t decoder_count;
};

static void whole_init(struct whole *whole, const struct app *app, const struct parts *parts) {
    struct wire_limits limits = {(size_t)app->config->max_batch, (size_t)app->config->max_message_bytes};
    size_t count = 0;

    *whole = (struct whole){0};
    for (const struct part *part = parts->first; part; part = part->next)
        count++;
    whole->decoders = calloc(count, sizeof *whole->decoders);
    whole->message.items = calloc(parts->updates, sizeof *whole->message.items);
    if (!whole->decoders || !whole->message.items)
        abort();
    for (const struct part *part = parts->first; part; part = part->next) {
        struct message one;
        const char *error;

        whole->decoders[whole->decoder_count] = wire_decoder_create(&limits);
        if (wire_decode(whole->decoders[whole->decoder_count++], part->payload, part->len, &one, &error))
            continue; /* it decoded before, so it does again */
        if (part == parts->first) {
            whole->message.source = one.source;
            whole->message.baseline = one.baseline;
            whole->message.allow_gap = parts->allow_gap;
        }
        memcpy(whole->message.items + whole->message.count, one.items, one.count * sizeof *one.items);
        whole->message.count += one.count;
    }
}

static void whole_finish(struct whole *whole) {
    for (size_t i = 0; i < whole->decoder_count; i++)
        wire_decoder_destroy(whole->decoders[i]);
    free(whole->decoders);
    free(whole->message.items);
}

static void answer_parts(struct app *app, const struct parts *parts) {
    struct store_status status;
    size_t at = 0;

    store_status(app->store, &status);
    for (const struct part *part = parts->first; part; at += part->count, part = part->next) {
        struct buf json;

        if (!part->request)
            continue;
        buf_init(&json);
        render_part_acknowledgement(&json, text_of(parts->source), &app->changes, at, part->count,
                                    store_durability_name(status.durability));
        sequel_answer(app, part->request, json.data, json.len);
        buf_finish(&json);
    }
}

static void reject_gap(struct app *app, const struct parts *parts) {
    for (const struct part *part = parts->first; part; part = part->next) {
        struct buf json;

        if (!part->request)
            continue;
        buf_init(&json);
        render_gap(&json, text_of(parts->source), app->changes.expected);
        submit_reply(app->submit, part->request, json.data, json.len);
        buf_finish(&json);
    }
}

static void parts_apply(struct app *app, struct parts *parts) {
    struct whole whole;

    whole_init(&whole, app, parts);
    if (app_apply(app, &whole.message))
        answer_parts(app, parts);
    else
        reject_gap(app, parts);
    whole_finish(&whole);
    parts_remove(app->parts, parts);
}

/* A part that came before and is sent again, as its sender has heard nothing:
 * the newer request gets the answer. */
static bool parts_repeat(struct app *app, struct parts *parts, struct submit_request *request, uint64_t first) {
    for (struct part *part = parts->first; part; part = part->next) {
        if (part->first != first)
            continue;
        if (part->request && request)
            submit_reject(app->submit, part->request, "repeated",
                          "the same part was sent again: the newer request gets the answer");
        if (request)
            part->request = request;
        return true;
    }
    return false;
}

bool parts_gap(const struct app *app, const struct message *message, uint64_t *ret_expected) {
    const struct parts *parts = parts_find(app->parts, message->source);
    uint64_t last;

    if (!parts && !message->more)
        return false;
    last = parts ? parts->last->last : engine_source_last(app->engine, message->source);
    if (!last || message->items[0].seq <= last + 1)
        return false;
    *ret_expected = last + 1;
    return true;
}

/* A part that cannot be kept. */
static void parts_refuse(struct app *app, struct submit_request *request, const struct message *message,
                         const char *why) {
    app->counters.messages++;
    app->counters.refused_by_code[REFUSAL_TOO_LARGE]++;
    if (request)
        submit_reject(app->submit, request, refusal_code(REFUSAL_TOO_LARGE), why);
    else
        log_warning("parts", "message of source '%.*s' refused: %s", (int)message->source.len, message->source.s, why);
}

bool parts_take(struct app *app, struct submit_request *request, const struct message *message, const void *payload,
                size_t len) {
    struct parts *parts = parts_find(app->parts, message->source);

    if (!parts && !message->more)
        return false;
    if (message->items[message->count - 1].seq <= engine_source_last(app->engine, message->source))
        return false; /* applied before: duplicates, also while the parts of another message wait */
    if (parts && parts_repeat(app, parts, request, message->items[0].seq))
        return true;
    if (parts && message->allow_gap && message->items[0].seq > parts->last->last + 1) {
        parts_abandon(app, parts, REFUSAL_ABANDONED, "a part of it is lost for good");
        parts = NULL;
        if (!message->more)
            return false;
    }
    if (!parts && app->parts->count >= SOURCES_MAX) {
        parts_refuse(app, request, message, "too many messages in parts are under way");
        return true;
    }
    if (!parts)
        parts = parts_begin(app, message->source, message->allow_gap);
    parts_add(app, parts, request, message, payload, len);
    if (parts->updates > (size_t)app->config->max_more || app->parts->bytes > (size_t)app->config->memory_bound)
        parts_abandon(app, parts, REFUSAL_TOO_LARGE,
                      "the message in parts has more updates or bytes than max_more or memory_bound allow");
    else if (!message->more)
        parts_apply(app, parts);
    return true;
}

void parts_reset(struct app *app, struct text source) {
    struct parts *parts = parts_find(app->parts, source);

    if (parts)
        parts_abandon(app, parts, REFUSAL_ABANDONED, "the position of its source was reset");
}

void parts_resume(struct app *app) {
    for (struct parts *parts = app->parts->first; parts; parts = parts->next)
        parts->deadline = loop_monotonic(app->loop) + app->config->more_timeout;
}

void parts_expire(struct app *app) {
    if (app->paused)
        return; /* the next part may have come and not been read */
    for (struct parts *parts = app->parts->first, *next; parts; parts = next) {
        next = parts->next;
        if (parts->deadline <= loop_monotonic(app->loop))
            parts_abandon(app, parts, REFUSAL_ABANDONED, "the next part did not come within more_timeout");
    }
}
