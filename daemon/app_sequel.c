#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "daemon/app_state.h"
#include "daemon/render/event_topic.h"

struct waiting_event {
    struct alert_id id;
    char *topic, *json;
    size_t len;
    bool published;
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
    struct waiting_answer *answers;
    size_t answer_count, answer_capacity;
};

/* In the order of the steps; the last is the one under construction. */
struct sequel_list {
    struct sequel *first, *last;
};

static void *grown(void *memory, size_t *capacity, size_t size)
{
    void *larger;

    *capacity = *capacity ? *capacity * 2 : 8;
    larger = realloc(memory, *capacity * size);
    if (!larger) {
        log_error("memory", "out of memory for %zu waiting answers", *capacity);
        abort();
    }
    return larger;
}

static char *copied(const char *bytes, size_t len)
{
    char *copy = malloc(len + 1);

    if (!copy) {
        log_error("memory", "out of memory for an answer of %zu bytes", len);
        abort();
    }
    memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

static struct sequel *sequel_append(struct sequel_list *list)
{
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

struct sequel_list *sequels_create(void)
{
    struct sequel_list *list = calloc(1, sizeof *list);

    if (!list)
        abort();
    sequel_append(list);
    return list;
}

static void sequel_free(struct sequel *sequel)
{
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

void sequels_destroy(struct sequel_list *list)
{
    if (!list)
        return;
    while (list->first) {
        struct sequel *next = list->first->next;

        sequel_free(list->first);
        list->first = next;
    }
    free(list);
}

bool sequels_empty(const struct sequel_list *list)
{
    return list->first == list->last && !list->first->event_count && !list->first->answer_count;
}

void sequel_event(struct app *app, struct alert_id id, const char *topic, struct text json)
{
    struct sequel *sequel = app->sequels->last;

    if (sequel->event_count == sequel->event_capacity)
        sequel->events = grown(sequel->events, &sequel->event_capacity, sizeof *sequel->events);
    sequel->events[sequel->event_count++] =
        (struct waiting_event){.id = id, .topic = copied(topic, strlen(topic)), .json = copied(json.s, json.len), .len = json.len};
}

static void add_answer(struct app *app, struct submit_request *submit, struct query_request *query, const char *json, size_t len)
{
    struct sequel *sequel = app->sequels->last;

    if (sequel->answer_count == sequel->answer_capacity)
        sequel->answers = grown(sequel->answers, &sequel->answer_capacity, sizeof *sequel->answers);
    sequel->answers[sequel->answer_count++] = (struct waiting_answer){submit, query, copied(json, len), len};
}

void sequel_answer(struct app *app, struct submit_request *request, const char *json, size_t len)
{
    add_answer(app, request, NULL, json, len);
}

void sequel_done(struct app *app, struct query_request *request, const char *json, size_t len)
{
    add_answer(app, NULL, request, json, len);
}

struct sequel *sequel_close(struct app *app)
{
    struct sequel *closed = app->sequels->last;

    sequel_append(app->sequels);
    return closed;
}

static void publish_one(struct app *app, struct waiting_event *event)
{
    if (event->published || !app->publish || store_lease_left(app->store) <= 0)
        return;
    if (publish_event(app->publish, event->topic, event->json, event->len))
        app->counters.events_published++;
    event->published = true;
    if (alert_id_compare(event->id, app->confirmed) > 0)
        app->confirmed = event->id;
}

void sequel_confirmed(struct app *app, struct sequel *sequel)
{
    /* Steps confirm in order, so this is the first of the list. */
    app->sequels->first = sequel->next;
    for (size_t i = 0; i < sequel->event_count; i++)
        publish_one(app, &sequel->events[i]);
    for (size_t i = 0; i < sequel->answer_count; i++) {
        struct waiting_answer *answer = &sequel->answers[i];

        if (answer->submit && app->submit)
            submit_reply(app->submit, answer->submit, answer->json, answer->len);
        else if (answer->query && app->query) {
            query_part(app->query, answer->query, answer->json, answer->len);
            query_end(app->query, answer->query);
        }
    }
    sequel_free(sequel);
}

/* The event with the durability it has while it is only in memory. The engine's
 * texts are escaped inside JSON strings, so the first such field is the event's own. */
static void mark_memory(struct waiting_event *event)
{
    static const char field[] = "\"durability\":\"";
    char *at = strstr(event->json, field), *end;
    struct buf buf;

    if (!at || !(end = strchr(at + sizeof field - 1, '"')))
        return;
    buf_init(&buf);
    buf_append(&buf, event->json, (size_t)(at - event->json));
    buf_printf(&buf, "%smemory", field);
    buf_append_string(&buf, end);
    free(event->json);
    event->len = buf.len;
    event->json = buf_take(&buf);
}

void sequels_publish_waiting(struct app *app)
{
    for (struct sequel *sequel = app->sequels->first; sequel; sequel = sequel->next)
        for (size_t i = 0; i < sequel->event_count; i++) {
            if (sequel->events[i].published)
                continue;
            mark_memory(&sequel->events[i]);
            publish_one(app, &sequel->events[i]);
            app->counters.events_memory++;
        }
}

/* ---- Events of an earlier daemon ---- */

/* The topic an event went out under: its severity, kind and subject stand in it. */
static void on_stored_events(void *context, const struct store_alerts_page *page)
{
    struct app *app = context;

    if (page->error)
        log_warning("alerts", "those stored last cannot be published again: %s", page->error);
    for (size_t i = 0; !page->error && app->publish && i < page->count; i++) {
        char topic[ALERT_TOPIC_SIZE];

        if (!render_event_topic(page->alerts[i].event, topic))
            continue;
        publish_event(app->publish, topic, page->alerts[i].event.s, page->alerts[i].event.len);
        app->counters.events_published++;
    }
}

#define PUBLISH_AGAIN_MAX 1000

void app_publish_again(struct app *app)
{
    char after[ALERT_ID_SIZE];

    if (app->published.epoch)
        store_alerts_after(app->store, alert_id_format(app->published, after), PUBLISH_AGAIN_MAX, on_stored_events, app);
}
