/* The ZeroMQ transport of a consumer: SUB and DEALER around the state machine of follow.c. */
#include "clients/lib/oversight_client.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clients/lib/channel.h"
#include "clients/lib/filter.h"
#include "clients/lib/follow.h"
#include "clients/lib/parts.h"
#include "clients/lib/subscriber.h"
#include "common/alloc.h"

#define SILENCE_MS 5000 /* no alert and no heartbeat for so long: stale, connect anew */
#define REPEAT_MS 3000  /* a query without an answer goes to the next endpoint */
#define QUICK_MS 1000   /* the first time, where there are several: after a take-over it waits for a dead one */
#define BUDGET 10000    /* live messages per call of process */

struct oversight_client {
    struct oversight_handlers handlers;
    void *arg;
    struct filter *filter;
    struct follow *follow;

    void *context;
    int epoll_fd;
    struct subscriber subscriber;
    struct channel *channel;
    struct zmessage message;

    struct follow_request request; /* with the channel under request_number */
    uint64_t request_number;
    const char *snapshot; /* text of the snapshot being taken over, for the handler */

    int64_t heard_ms;
    int64_t answered_ms; /* or nothing was asked */
    bool hearing, was_stale, unanswered_told, has_key;
    enum oversight_state state;
    bool state_told, unfinished;
    struct oversight_id position; /* of what the consumer was told */
    volatile sig_atomic_t stopped;
};

static void tell_problem(struct oversight_client *client, const char *message) {
    if (client->handlers.problem != NULL)
        client->handlers.problem(client->arg, message);
}

/* ---- From the state machine ---------------------------------------------------- */

static const char *string_member(const cJSON *object, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(member) ? member->valuestring : "";
}

static void on_deliver(void *arg, struct oversight_id id, const char *json, size_t len, bool replayed) {
    struct oversight_client *client = arg;
    struct oversight_event event = {.id = id, .json = json, .len = len, .replayed = replayed};
    cJSON *parsed, *data;

    if (client->stopped)
        return; /* not told, so not passed: who resumes gets it */
    parsed = cJSON_ParseWithLength(json, len);
    data = cJSON_GetObjectItemCaseSensitive(parsed, "data");
    event.kind = string_member(data, "kind");
    event.severity = string_member(data, "severity");
    event.subject = string_member(parsed, "subject");
    event.key = string_member(data, "key");
    event.summary = string_member(data, "summary");
    event.time = string_member(parsed, "time");
    client->position = id;
    if (client->handlers.alert != NULL && filter_passes(client->filter, &event))
        client->handlers.alert(client->arg, &event);
    if (client->handlers.position != NULL)
        client->handlers.position(client->arg, id);
    cJSON_Delete(parsed);
}

static void on_snapshot(void *arg, struct oversight_id last, bool lost) {
    struct oversight_client *client = arg;

    if (client->stopped)
        return;
    client->position = last;
    if (client->handlers.snapshot != NULL)
        client->handlers.snapshot(client->arg, last, client->snapshot, strlen(client->snapshot), lost);
    if (client->handlers.position != NULL)
        client->handlers.position(client->arg, last);
}

/* ---- Live ------------------------------------------------------------------------ */

static bool read_id(const cJSON *object, const char *name, struct oversight_id *ret_id) {
    const char *text = string_member(object, name);

    return oversight_id_parse(text, strlen(text), ret_id);
}

/* The newest alert raised, stored or not yet; from a daemon that does not tell, what is assumed. */
static struct oversight_id newest_id(const cJSON *object, struct oversight_id assumed) {
    struct oversight_id id;

    return read_id(object, "newest", &id) ? id : assumed;
}

static void take_live(struct oversight_client *client) {
    struct text topic = zmessage_frame(&client->message, 0), payload = zmessage_frame(&client->message, 1);
    cJSON *json = cJSON_ParseWithLengthOpts(payload.s, payload.len, NULL, false);
    bool heartbeat = topic.len == 10 && memcmp(topic.s, "heartbeat/", 10) == 0;
    struct oversight_id id;

    client->heard_ms = channel_now();
    client->hearing = true;
    if (!read_id(json, heartbeat ? "last" : "id", &id))
        tell_problem(client, heartbeat ? "a heartbeat without a usable \"last\"" : "an alert without a usable \"id\"");
    else if (heartbeat)
        follow_heartbeat(client->follow, id, newest_id(json, (struct oversight_id){id.epoch, UINT64_MAX}));
    else
        follow_live(client->follow, id, payload.s, payload.len);
    cJSON_Delete(json);
}

static void drain_live(struct oversight_client *client) {
    client->unfinished = false;
    for (int i = 0; client->subscriber.socket != NULL && !client->stopped; i++) {
        enum zreceive result;

        if (i == BUDGET) {
            client->unfinished = true;
            return;
        }
        result = zmessage_receive(&client->message, client->subscriber.socket, 2, SUBSCRIBER_BYTES_MAX, ZMQ_DONTWAIT);
        if (result == ZRECEIVE_NONE || result == ZRECEIVE_FAILED)
            return;
        if (result == ZRECEIVE_OK && client->message.count == 2)
            take_live(client);
        else
            tell_problem(client, "a live message that is not two frames");
    }
    client->unfinished = client->stopped != 0;
}

/* ---- Questions ------------------------------------------------------------------- */

static void ask(struct oversight_client *client, int64_t now) {
    char text[128], after[OVERSIGHT_ID_SIZE];
    struct follow_request request = follow_next_request(client->follow, now);

    if (request.kind == FOLLOW_NOTHING)
        return;
    if (request.kind == FOLLOW_SNAPSHOT)
        snprintf(text, sizeof(text), "{\"get\":\"snapshot\"}");
    else
        snprintf(text, sizeof(text), "{\"get\":\"alerts\",\"after\":\"%s\",\"limit\":%d}",
                 oversight_id_format(request.after, after), request.limit);
    client->request = request;
    client->request_number = channel_send(client->channel, text, strlen(text), now);
}

/* Live alerts may come while questions never arrive: a key without the role for them hears nothing of it. */
static void watch_answers(struct oversight_client *client, int64_t now) {
    if (client->request.kind == FOLLOW_NOTHING || channel_open(client->channel) == 0) {
        client->answered_ms = now;
        client->unanswered_told = false;
    } else if (!client->unanswered_told && now - client->answered_ms >= SILENCE_MS) {
        client->unanswered_told = true;
        tell_problem(client, client->has_key ? "questions are not answered; has this key the role query? still trying"
                                             : "questions are not answered; still trying");
    }
}

static bool take_snapshot(struct oversight_client *client, cJSON *reply) {
    struct oversight_id last;
    char *text;

    if (!read_id(reply, "last", &last))
        return false;
    text = parts_text(reply);
    if (text == NULL)
        return false;
    client->snapshot = text;
    follow_answer_snapshot(client->follow, client->request.number, last, newest_id(reply, last));
    client->snapshot = NULL;
    free(text);
    return true;
}

static bool take_alerts(struct oversight_client *client, cJSON *reply, int64_t now) {
    const cJSON *events = cJSON_GetObjectItemCaseSensitive(reply, "events"), *event;

    if (!cJSON_IsArray(events))
        return false;
    if (!follow_answer_begin(client->follow, client->request.number,
                             cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(reply, "truncated"))))
        return true;
    cJSON_ArrayForEach(event, events) {
        struct oversight_id id;
        char *text = read_id(event, "id", &id) ? parts_text(event) : NULL;

        if (text != NULL)
            follow_answer_alert(client->follow, id, text, strlen(text));
        else
            tell_problem(client, "a replayed alert without a usable \"id\"");
        free(text);
    }
    if (!follow_answer_end(client->follow, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(reply, "more")), now))
        channel_next(client->channel, now); /* one that led and does not know yet that another does? */
    return true;
}

static void take_reply(struct oversight_client *client, int64_t now) {
    cJSON *reply = parts_join(&client->message);
    const char *error = reply != NULL ? parts_error(reply) : "a reply that is not JSON";
    bool understood = false;

    if (error == NULL) {
        understood =
            client->request.kind == FOLLOW_SNAPSHOT ? take_snapshot(client, reply) : take_alerts(client, reply, now);
        if (!understood)
            error = "a reply without the expected members";
    }
    if (!understood) {
        tell_problem(client, error);
        follow_failed(client->follow, client->request.number, now);
        channel_next(client->channel, now); /* a standby, or one in trouble: perhaps the next can say */
    }
    cJSON_Delete(reply);
}

/* ---- State ----------------------------------------------------------------------- */

static void watch_silence(struct oversight_client *client, int64_t now) {
    char error[ZERROR_SIZE];

    if (now - client->heard_ms < SILENCE_MS)
        return;
    /* ZeroMQ reconnects by itself, but a half-open connection may look alive. */
    subscriber_close(&client->subscriber);
    if (!subscriber_open(&client->subscriber, error, sizeof(error)))
        tell_problem(client, error);
    client->heard_ms = now;
    client->hearing = false;
    client->was_stale = true;
}

static void tell_state(struct oversight_client *client) {
    enum oversight_state state = client->was_stale ? OVERSIGHT_STALE : OVERSIGHT_CONNECTING;

    if (client->hearing)
        state = follow_caught_up(client->follow) ? OVERSIGHT_LIVE : OVERSIGHT_CATCHING_UP;
    if (client->state_told && state == client->state)
        return;
    client->state = state;
    client->state_told = true;
    if (client->handlers.state != NULL)
        client->handlers.state(client->arg, state);
}

/* ---- The public face ------------------------------------------------------------- */

struct oversight_client *oversight_client_create(const struct oversight_client_config *config,
                                                 const struct oversight_handlers *handlers, void *arg, char *errbuf,
                                                 size_t errbuf_size) {
    static const struct follow_handlers follow_handlers = {on_deliver, on_snapshot};
    struct oversight_client *client = alloc_zero(1, sizeof(*client));

    client->handlers = *handlers;
    client->arg = arg;
    client->has_key = config->keys != NULL;
    zmessage_init(&client->message);
    client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    client->context = zcontext_create();
    subscriber_init(&client->subscriber, client->context, config->subscribe, client->epoll_fd);
    if (client->epoll_fd < 0 || client->context == NULL) {
        snprintf(errbuf, errbuf_size, "%s", strerror(errno));
        goto fail;
    }
    client->filter = filter_create(config->kinds, config->organisations, config->severity, errbuf, errbuf_size);
    if (client->filter == NULL || !identity_take(&client->subscriber.identity, config->keys, errbuf, errbuf_size) ||
        !subscriber_open(&client->subscriber, errbuf, errbuf_size))
        goto fail;
    client->channel =
        channel_create(client->context, config->query, config->keys, REPEAT_MS, client->epoll_fd, errbuf, errbuf_size);
    if (client->channel == NULL)
        goto fail;
    channel_seek_leader(client->channel);
    channel_be_quick(client->channel, QUICK_MS);
    client->follow = follow_create(&follow_handlers, client, config->resume, config->after);
    client->position = config->after;
    client->heard_ms = client->answered_ms = channel_now();
    client->unfinished = true; /* the first question is still to be asked */
    return client;
fail:
    oversight_client_destroy(client);
    return NULL;
}

void oversight_client_destroy(struct oversight_client *client) {
    if (client == NULL)
        return;
    subscriber_finish(&client->subscriber);
    channel_destroy(client->channel);
    follow_destroy(client->follow);
    filter_destroy(client->filter);
    zmessage_finish(&client->message);
    zcontext_destroy(client->context);
    if (client->epoll_fd >= 0)
        close(client->epoll_fd);
    free(client);
}

int oversight_client_fd(const struct oversight_client *client) {
    return client->epoll_fd;
}

int oversight_client_timeout(const struct oversight_client *client) {
    int64_t now = channel_now(), wait = client->heard_ms + SILENCE_MS - now;
    int other;

    if (client->unfinished)
        return 0;
    other = follow_wait(client->follow, now);
    if (other >= 0 && other < wait)
        wait = other;
    other = channel_wait(client->channel, now);
    if (other >= 0 && other < wait)
        wait = other;
    return wait > 0 ? (int)wait : 0;
}

/* Descriptors of ZeroMQ report edges: each call reads both sockets empty. */
void oversight_client_process(struct oversight_client *client) {
    int64_t now = channel_now();
    uint64_t number;

    drain_live(client);
    while (!client->stopped && channel_receive(client->channel, &client->message, &number))
        if (number == client->request_number)
            take_reply(client, now);
    if (client->stopped)
        return;
    watch_answers(client, now);
    ask(client, now);
    channel_tick(client->channel, now);
    /* Sending may have used up the edge of an answer or an alert. */
    if ((client->subscriber.socket != NULL && zsock_readable(client->subscriber.socket)) ||
        (channel_socket(client->channel) != NULL && zsock_readable(channel_socket(client->channel))))
        client->unfinished = true;
    watch_silence(client, now);
    tell_state(client);
}

bool oversight_client_run(struct oversight_client *client, int timeout_ms) {
    int64_t end = channel_now() + timeout_ms;

    while (!client->stopped) {
        struct pollfd item = {.fd = client->epoll_fd, .events = POLLIN};
        int wait = oversight_client_timeout(client);

        if (timeout_ms >= 0) {
            int64_t left = end - channel_now();

            if (left <= 0)
                return false;
            if (left < wait)
                wait = (int)left;
        }
        poll(&item, 1, wait);
        oversight_client_process(client);
    }
    return true;
}

void oversight_client_stop(struct oversight_client *client) {
    client->stopped = 1;
}

struct oversight_id oversight_client_position(const struct oversight_client *client) {
    return client->position;
}

enum oversight_state oversight_client_state(const struct oversight_client *client) {
    return client->state;
}
