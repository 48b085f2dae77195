/*
 * Submitted messages: decoded, applied, answered once what they changed is
 * stored.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "daemon/app_state.h"
#include "daemon/render/reply.h"

bool app_apply(struct app *app, const struct message *message) {
    const struct changes *changes = &app->changes;

    engine_apply(app->engine, message, loop_wall(app->loop), &app->changes);
    app->counters.messages++;
    if (changes->whole) {
        app->counters.refused_by_code[changes->whole]++;
        return false;
    }
    app->counters.updates += message->count;
    app->counters.accepted += changes->accepted;
    app->counters.duplicate += changes->duplicate;
    app->counters.superseded += changes->superseded;
    app->counters.refused += changes->refused;
    for (size_t i = 0; i < REFUSAL_COUNT && changes->refused; i++)
        app->counters.refused_by_code[i] += changes->refused_by_code[i];
    app_record(app);
    if (changes->duplicate < message->count)
        app_record_source(app, message->source, changes->through);
    return true;
}

/* Durability that the answer will have when it goes out: of a confirmed step. */
static const char *durability(const struct app *app) {
    struct store_status status;

    store_status(app->store, &status);
    return store_durability_name(status.durability);
}

static void answer_applied(struct app *app, struct submit_request *request, const struct message *message) {
    struct buf json;

    buf_init(&json);
    render_acknowledgement(&json, message->source, &app->changes, durability(app));
    sequel_answer(app, request, json.data, json.len);
    buf_finish(&json);
}

/* What we know of the source is out of date if another daemon has taken over and
 * we have not noticed: where that may be, the answer waits for the store to
 * agree that we lead, as an acknowledgement does. */
static void answer_gap(struct app *app, struct submit_request *request, const struct message *message,
                       uint64_t expected) {
    struct buf json;

    buf_init(&json);
    render_gap(&json, message->source, expected);
    if (store_lease_left(app->store) > 0) {
        submit_reply(app->submit, request, json.data, json.len);
    } else {
        app_step(app);
        sequel_answer(app, request, json.data, json.len);
    }
    buf_finish(&json);
}

void app_on_submit(void *context, struct submit_request *request, const void *payload, size_t len) {
    struct app *app = context;
    struct message message;
    const char *error;
    uint64_t expected;
    enum refusal refusal;
    const char *standby = app_standby_code(app, &error);

    if (standby) {
        submit_reject(app->submit, request, standby, error);
        return;
    }
    refusal = wire_decode(app->decoder, payload, len, &message, &error);

    if (refusal) {
        app->counters.messages++;
        app->counters.refused_by_code[refusal]++;
        submit_reject(app->submit, request, refusal_code(refusal), error);
        return;
    }
    if (!access_may_submit(app->access, submit_user(request), message.source)) {
        app->counters.messages++;
        app->counters.refused_by_code[REFUSAL_NOT_ALLOWED]++;
        submit_reject(app->submit, request, refusal_code(REFUSAL_NOT_ALLOWED), "this key may not speak for the source");
        return;
    }
    if (!engine_source_room(app->engine, message.source)) {
        app->counters.messages++;
        app->counters.refused_by_code[REFUSAL_NOT_ALLOWED]++;
        submit_reject(app->submit, request, refusal_code(REFUSAL_NOT_ALLOWED),
                      "no room for a further source: expected one that has sent before");
        return;
    }
    if (parts_gap(app, &message, &expected)) {
        app->counters.messages++;
        app->counters.refused_by_code[REFUSAL_GAP]++;
        answer_gap(app, request, &message, expected);
        return;
    }
    if (parts_take(app, request, &message, payload, len))
        return;
    if (!app_apply(app, &message)) {
        answer_gap(app, request, &message, app->changes.expected);
        return;
    }
    answer_applied(app, request, &message);
    if (app->step_updates >= (size_t)app->config->step_updates)
        app_commit(app);
}
