#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "daemon/app_state.h"
#include "daemon/app_stream.h"

struct waiting_event {
    struct alert_id id;
    int64_t time;
    int64_t since; /* monotonic: how long it has been waiting */
    char *topic, *json;
    size_t len;
};

struct waiting_answer {
    struct submit_request *submit; /* one of the two */
    struct query_request *query;
    char *json;
    size_t len;
};

/* What one step sets free when it is confirmed. */
struct sequel {
    struct sequel *next;
    struct waiting_event *events;
    size_t event_count, event_capacity;
    size_t published; /* so many of the events, from the first */
    int64_t closed;   /* monotonic: when its step went to the store */
    struct waiting_answer *answers;
    size_t answer_count, answer_capacity;
};

struct sequel_list {
    /* In the order of the steps; the last is the one under construction. */
    struct sequel *first, *last;
    struct sequel *unpublished; /* the first of them whose events may not all be out */
    /* Stored and answered while our lease had run out: their events wait for it. */
    struct sequel *held_first, *held_last;
};

static void *grown(void *memory, size_t *capacity, size_t size) {
    void *larger;

    *capacity = *capacity ? *capacity * 2 : 8;
    larger = realloc(memory, *capacity * size);
    if (!larger) {
        log_error("memory", "out of memory for %zu waiting answers", *capacity);
        log_stop_queue();
        abort();
    }
    return larger;
}

static char *copied(const char *bytes, size_t len) {
    char *copy = malloc(len + 1);

    if (!copy) {
        log_error("memory", "out of memory for an answer of %zu bytes", len);
        log_stop_queue();
        abort();
    }
    memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

static struct sequel *sequel_append(struct sequel_list *list) {
    struct sequel *sequel = calloc(1, sizeof *sequel);

    if (!sequel)
        abort();
    if (list->last)
        list->last->next = sequel;
    else
        list->first = sequel;
    list->last = sequel;
    return sequel;
}

struct sequel_list *sequels_create(void) {
    struct sequel_list *list = calloc(1, sizeof *list);

    if (!list)
        abort();
    list->unpublished = sequel_append(list);
    return list;
}

static void sequel_free(struct sequel *sequel) {
    for (size_t i = 0; i < sequel->event_count; i++) {
        free(sequel->events[i].topic);
        free(sequel->events[i].json);
    }
    for (size_t i = 0; i < sequel->answer_count; i++)
        free(sequel->answers[i].json);
    free(sequel->events);
    free(sequel->answers);
    free(sequel);
}

static void sequels_free(struct sequel *sequel) {
    while (sequel) {
        struct sequel *next = sequel->next;

        sequel_free(sequel);
        sequel = next;
    }
}

void sequels_destroy(struct sequel_list *list) {
    if (!list)
        return;
    sequels_free(list->first);
    sequels_free(list->held_first);
    free(list);
}

bool sequels_waited_for(const struct sequel_list *list) {
    return list->last->event_count || list->last->answer_count;
}

static void look_later(struct app *app) {
    if (app->looking)
        return;
    app->looking = true;
    loop_timer_start(app->waiting, SEQUEL_LOOK_MS);
}

void sequel_event(struct app *app, struct alert_id id, int64_t time_ms, const char *topic, struct text json) {
    struct sequel *sequel = app->sequels->last;

    if (sequel->event_count == sequel->event_capacity)
        sequel->events = grown(sequel->events, &sequel->event_capacity, sizeof *sequel->events);
    sequel->events[sequel->event_count++] = (struct waiting_event){.id = id,
                                                                   .time = time_ms,
                                                                   .since = loop_monotonic(app->loop),
                                                                   .topic = copied(topic, strlen(topic)),
                                                                   .json = copied(json.s, json.len),
                                                                   .len = json.len};
    look_later(app);
}

static void add_answer(struct app *app, struct submit_request *submit, struct query_request *query, const char *json,
                       size_t len) {
    struct sequel *sequel = app->sequels->last;

    if (sequel->answer_count == sequel->answer_capacity)
        sequel->answers = grown(sequel->answers, &sequel->answer_capacity, sizeof *sequel->answers);
    sequel->answers[sequel->answer_count++] = (struct waiting_answer){submit, query, copied(json, len), len};
}

void sequel_answer(struct app *app, struct submit_request *request, const char *json, size_t len) {
    add_answer(app, request, NULL, json, len);
}

void sequel_done(struct app *app, struct query_request *request, const char *json, size_t len) {
    add_answer(app, NULL, request, json, len);
}

struct sequel *sequel_close(struct app *app) {
    struct sequel *closed = app->sequels->last;

    closed->closed = loop_monotonic(app->loop);
    sequel_append(app->sequels);
    return closed;
}

/* ---- Publishing ---- */

/* The event with the durability it has while it is only in memory. The engine's
 * texts are escaped inside JSON strings, so the first such field is the event's own. */
static void append_memory(struct buf *buf, const struct waiting_event *event) {
    static const char field[] = "\"durability\":\"";
    const char *at = strstr(event->json, field), *end = at ? strchr(at + sizeof field - 1, '"') : NULL;

    if (!end) {
        buf_append(buf, event->json, event->len);
        return;
    }
    buf_append(buf, event->json, (size_t)(at - event->json));
    buf_printf(buf, "%smemory", field);
    buf_append_string(buf, end);
}

static void publish_one(struct app *app, const struct waiting_event *event, bool stored) {
    struct buf memory;

    buf_init(&memory);
    if (!stored) {
        append_memory(&memory, event);
        app->counters.events_memory++;
    }
    if (publish_event(app->publish, event->topic, stored ? event->json : memory.data, stored ? event->len : memory.len))
        app->counters.events_published++;
    streams_event(app->streams, event->id,
                  stored ? (struct text){event->json, event->len} : (struct text){memory.data, memory.len});
    buf_finish(&memory);
}

/* Of one, the events that are out. */
static void visit_published(const struct sequel *sequel, bool stored, sequel_visit visit, void *context) {
    for (size_t i = 0; i < sequel->published; i++) {
        const struct waiting_event *event = &sequel->events[i];
        struct buf memory;

        buf_init(&memory);
        if (!stored)
            append_memory(&memory, event);
        visit(context, event->id,
              stored ? (struct text){event->json, event->len} : (struct text){memory.data, memory.len});
        buf_finish(&memory);
    }
}

void sequels_unconfirmed(const struct app *app, sequel_visit visit, void *context) {
    for (const struct sequel *sequel = app->sequels->held_first; sequel; sequel = sequel->next)
        visit_published(sequel, true, visit, context);
    for (const struct sequel *sequel = app->sequels->first; sequel; sequel = sequel->next)
        visit_published(sequel, false, visit, context);
}

/* False: we may not publish now, as another daemon may have taken over. */
static bool publish_sequel(struct app *app, struct sequel *sequel, bool stored) {
    while (sequel->published < sequel->event_count) {
        if (!app->publish || store_lease_left(app->store) <= 0)
            return false;
        publish_one(app, &sequel->events[sequel->published++], stored);
    }
    return true;
}

/* Stored and published. Only now the heartbeat tells of it: who has missed it can ask for it. */
static void finish(struct app *app, struct sequel *sequel) {
    if (sequel->event_count)
        app->confirmed = sequel->events[sequel->event_count - 1].id;
    sequel_free(sequel);
}

static void hold(struct app *app, struct sequel *sequel) {
    struct sequel_list *list = app->sequels;

    sequel->next = NULL;
    if (list->held_last)
        list->held_last->next = sequel;
    else
        list->held_first = sequel;
    list->held_last = sequel;
    look_later(app);
}

static bool publish_held(struct app *app) {
    struct sequel_list *list = app->sequels;

    while (list->held_first) {
        struct sequel *sequel = list->held_first;

        if (!publish_sequel(app, sequel, true))
            return false;
        list->held_first = sequel->next;
        if (!list->held_first)
            list->held_last = NULL;
        finish(app, sequel);
    }
    return true;
}

/* Are there events that were under way to the store for too long? */
static bool publish_overdue(struct app *app) {
    struct sequel_list *list = app->sequels;
    int64_t before = loop_monotonic(app->loop) - SEQUEL_PATIENCE_MS;

    for (;; list->unpublished = list->unpublished->next) {
        struct sequel *sequel = list->unpublished;

        if (sequel->published < sequel->event_count &&
            (sequel->events[sequel->published].since > before || !publish_sequel(app, sequel, false)))
            return false;
        if (sequel == list->last)
            return true;
    }
}

void sequels_look(void *context) {
    struct app *app = context;

    app->looking = false;
    if (!publish_held(app) || !publish_overdue(app))
        look_later(app);
}

static void send_answers(struct app *app, struct sequel *sequel) {
    for (size_t i = 0; i < sequel->answer_count; i++) {
        struct waiting_answer *answer = &sequel->answers[i];

        if (answer->submit && app->submit)
            submit_reply(app->submit, answer->submit, answer->json, answer->len);
        else if (answer->query && app->query) {
            query_part(app->query, answer->query, answer->json, answer->len);
            query_end(app->query, answer->query);
        }
    }
}

void sequel_confirmed(struct app *app, struct sequel *sequel) {
    struct sequel_list *list = app->sequels;
    bool published;

    metrics_observe(&app->store_times, loop_monotonic(app->loop) - sequel->closed);
    /* Steps confirm in order, so this is the first of the list. */
    list->first = sequel->next;
    if (list->unpublished == sequel)
        list->unpublished = sequel->next;
    published = publish_held(app) && publish_sequel(app, sequel, true);
    /* What was gathered behind it: the store need not wait for the answers. The id that this step notes as published
     * is that of the step before: the next daemon publishes one step too many again, rather than one too few. */
    app_commit(app);
    send_answers(app, sequel);
    if (published)
        finish(app, sequel);
    else
        hold(app, sequel);
}

void sequels_publish_waiting(struct app *app) {
    struct sequel_list *list = app->sequels;

    while (publish_held(app) && publish_sequel(app, list->unpublished, false) && list->unpublished != list->last)
        list->unpublished = list->unpublished->next;
}
