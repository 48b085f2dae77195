#include "daemon/app_stream.h"

#include <stdlib.h>

#include "common/alloc.h"
#include "daemon/app_http.h"
#include "daemon/app_state.h"
#include "daemon/os/list.h"

#define BEAT_MS 10000
#define PAGE 100      /* alerts read from the store at once */
#define RETRY_MS 2000 /* until a browser comes back */

/* One client. It lives until its connection is closed and no page is on its way to it. */
struct stream {
    struct list link;
    struct streams *streams;
    struct http_call *call; /* NULL: closed */
    struct alert_id last;   /* sent */
    bool catching_up;       /* from the store; what is published meanwhile comes after it */
    bool asked;             /* a page is on its way */
    bool more;              /* further pages follow */
};

struct streams {
    struct app *app;
    struct list list;
    struct loop_timer *beat;
};

/* ---- Sending ------------------------------------------------------------------- */

/* What is sent together counts as one against the bytes that may be unread. */
static void put_event(struct stream *stream, struct alert_id id, struct text json, struct buf *frames) {
    char text[ALERT_ID_SIZE];

    if (alert_id_compare(id, stream->last) <= 0)
        return;
    stream->last = id;
    buf_printf(frames, "id: %s\nevent: alert\ndata: ", alert_id_format(id, text));
    buf_append_text(frames, json); /* has no line break */
    buf_append_string(frames, "\n\n");
}

static void send_frames(struct stream *stream, struct buf *frames) {
    if (frames->len > 0)
        http_stream_send(stream->call, frames->data, frames->len);
    buf_finish(frames);
}

/* Where the client stands without an alert: it has the id when it comes back. */
static void send_position(struct stream *stream) {
    char id[ALERT_ID_SIZE];
    struct buf frame;

    buf_init(&frame);
    alert_id_format(stream->last, id);
    buf_printf(&frame, "retry: %d\nid: %s\nevent: position\ndata: {\"last\":\"%s\"}\n\n", RETRY_MS, id, id);
    http_stream_send(stream->call, frame.data, frame.len);
    buf_finish(&frame);
}

static void on_beat(void *context) {
    static const char beat[] = ": still here\n\n";
    struct streams *streams = context;

    for (struct list *link = streams->list.next; link != &streams->list; link = link->next) {
        struct stream *stream = (struct stream *)(void *)link;

        if (stream->call)
            http_stream_send(stream->call, beat, sizeof beat - 1);
    }
    loop_timer_start(streams->beat, BEAT_MS);
}

/* ---- Catching up ------------------------------------------------------------------ */

struct unconfirmed {
    struct stream *stream;
    struct buf *frames;
    size_t most; /* bytes: no client may be owed more */
    bool left;   /* some are */
};

static void put_unconfirmed(void *context, struct alert_id id, struct text json) {
    struct unconfirmed *unconfirmed = context;

    unconfirmed->left = unconfirmed->frames->len >= unconfirmed->most;
    if (!unconfirmed->left)
        put_event(unconfirmed->stream, id, json, unconfirmed->frames);
}

/* What was published before it was stored. Nothing else is missing: the store answers in order, so all that was stored
 * by now has been read from it. */
static void go_live(struct stream *stream) {
    struct buf frames;

    const struct app *app = stream->streams->app;
    struct unconfirmed unconfirmed = {
        .stream = stream, .frames = &frames, .most = (size_t)app->config->http_stream_bytes};

    buf_init(&frames);
    stream->catching_up = false;
    sequels_unconfirmed(app, put_unconfirmed, &unconfirmed);
    if (unconfirmed.left) { /* it comes back, and is served as soon as the store is */
        buf_finish(&frames);
        http_stream_end(stream->call);
        return;
    }
    send_frames(stream, &frames);
}

static void stream_free(struct stream *stream) {
    list_remove(&stream->link);
    free(stream);
}

static void on_page(void *context, const struct store_alerts_page *page) {
    struct stream *stream = context;
    struct alert_id id;
    struct buf frames;

    if (!page)
        return; /* all streams have been freed */
    stream->asked = false;
    app_http_has_read(stream->streams->app);
    if (!stream->call) {
        stream_free(stream);
        return;
    }
    if (page->error) { /* the store is away: the client comes back */
        http_stream_end(stream->call);
        return;
    }
    buf_init(&frames);
    if (page->truncated)
        buf_append_string(&frames, "event: truncated\ndata: {}\n\n");
    for (size_t i = 0; i < page->count; i++)
        if (alert_id_parse(page->alerts[i].id, &id))
            put_event(stream, id, page->alerts[i].event, &frames);
    send_frames(stream, &frames);
    stream->more = page->more && page->count > 0;
    if (!stream->more)
        go_live(stream);
}

static void ask_page(struct stream *stream) {
    char after[ALERT_ID_SIZE];

    if (!app_http_may_read(stream->streams->app, NULL)) { /* asked again with the next beat */
        stream->more = true;
        return;
    }
    stream->asked = true;
    store_alerts_after(stream->streams->app->store, alert_id_format(stream->last, after), PAGE, on_page, stream);
}

/* The next page when the client has read the one before. */
static void on_drained(void *context) {
    struct stream *stream = context;

    if (stream->more && !stream->asked) {
        stream->more = false;
        ask_page(stream);
    }
}

/* ---- Begin and end ------------------------------------------------------------------ */

static void on_closed(void *context) {
    struct stream *stream = context;

    stream->call = NULL;
    if (!stream->asked)
        stream_free(stream);
}

/* False: the client says where it was, and it cannot be read. */
static bool find_start(const struct app *app, const struct http_call *call, struct alert_id *ret_id, bool *ret_resume) {
    const char *after = http_header(call, "Last-Event-ID");

    if (!after)
        after = http_query(call, "after");
    *ret_resume = after != NULL;
    *ret_id = app->confirmed;
    return !after || alert_id_parse(text_of(after), ret_id);
}

/* Is there anything after that to be read from the store? Alerts of this epoch that are not stored are known here. */
static bool is_behind(const struct app *app, struct alert_id last) {
    int order = alert_id_compare(last, app->confirmed);

    return order < 0 || (order > 0 && last.epoch != engine_last_alert_id(app->engine).epoch);
}

/* The client was further than anybody is: the store was put back to an older state, and ids begin below its own. */
static void start_over(struct stream *stream) {
    static const char truncated[] = "event: truncated\ndata: {}\n\n";

    stream->last = stream->streams->app->confirmed;
    stream->catching_up = false;
    send_position(stream);
    http_stream_send(stream->call, truncated, sizeof truncated - 1);
}

void streams_open(void *context, struct http_call *call, struct http_reply *reply) {
    struct app *app = context;
    struct stream *stream;
    struct alert_id last;
    bool resume;

    if (!app_http_serving(app, reply))
        return;
    if (!find_start(app, call, &last, &resume)) {
        http_problem(reply, 400, "Last-Event-ID, or after: expected an alert id, <epoch>-<seq>");
        return;
    }
    stream = alloc_zero(1, sizeof *stream);
    *stream = (struct stream){
        .streams = app->streams, .call = call, .last = last, .catching_up = resume && is_behind(app, last)};
    list_init(&stream->link);
    if (!http_stream(call, &(struct http_stream){HTTP_EVENTS, on_drained, on_closed, stream}, reply)) {
        free(stream);
        return;
    }
    list_append(&app->streams->list, &stream->link);
    if (resume && alert_id_compare(last, engine_last_alert_id(app->engine)) > 0)
        start_over(stream);
    else
        send_position(stream);
    if (stream->catching_up)
        ask_page(stream);
    else
        go_live(stream);
}

void streams_event(struct streams *streams, struct alert_id id, struct text json) {
    for (struct list *link = streams->list.next; link != &streams->list; link = link->next) {
        struct stream *stream = (struct stream *)(void *)link;
        struct buf frame;

        if (!stream->call || stream->catching_up)
            continue;
        buf_init(&frame);
        put_event(stream, id, json, &frame);
        send_frames(stream, &frame);
    }
}

struct streams *streams_create(struct app *app) {
    struct streams *streams = alloc_zero(1, sizeof *streams);

    streams->app = app;
    list_init(&streams->list);
    streams->beat = loop_timer_create(app->loop, LOOP_LATER, on_beat, streams);
    if (streams->beat)
        loop_timer_start(streams->beat, BEAT_MS);
    return streams;
}

void streams_destroy(struct streams *streams) {
    if (!streams)
        return;
    while (!list_empty(&streams->list)) /* pages on their way that never came */
        stream_free((struct stream *)(void *)streams->list.next);
    loop_timer_destroy(streams->beat);
    free(streams);
}
