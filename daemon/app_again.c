/*
 * Events an earlier daemon has stored and may not have published: they go out
 * once more, under the same ids, before the stored marker moves past them.
 */
#include "daemon/app_state.h"
#include "daemon/render/event_topic.h"

#define PUBLISH_AGAIN_PAGE 1000

static void publish_page(struct app *app);

static bool publish_again(struct app *app, const struct store_alert *alert) {
    char topic[ALERT_TOPIC_SIZE];

    if (!alert_id_parse(alert->id, &app->published))
        return true;
    if (app->published.epoch == engine_last_alert_id(app->engine).epoch)
        return false; /* our own: these go out as they are stored */
    /* The topic it went out under: its severity, kind and subject stand in it. */
    if (render_event_topic(alert->event, topic) && publish_event(app->publish, topic, alert->event.s, alert->event.len))
        app->counters.events_published++;
    return true;
}

static void on_stored_events(void *context, const struct store_alerts_page *page) {
    struct app *app = context;
    bool more;

    if (!page)
        return;
    more = page->more;
    if (page->error) {
        app->again = PUBLISH_AGAIN_DUE; /* when the store is back */
        return;
    }
    for (size_t i = 0; i < page->count; i++)
        if (!publish_again(app, &page->alerts[i])) {
            more = false;
            break;
        }
    if (more)
        publish_page(app);
    else
        app->again = PUBLISH_AGAIN_DONE;
}

static void publish_page(struct app *app) {
    char after[ALERT_ID_SIZE];

    app->again = PUBLISH_AGAIN_ASKED;
    store_alerts_after(app->store, app->published.epoch ? alert_id_format(app->published, after) : "",
                       PUBLISH_AGAIN_PAGE, on_stored_events, app);
}

void app_publish_again(struct app *app) {
    if (app->confirmed.epoch && app->again == PUBLISH_AGAIN_DUE)
        publish_page(app);
    else if (app->again == PUBLISH_AGAIN_DUE)
        app->again = PUBLISH_AGAIN_DONE; /* nothing is stored */
}
