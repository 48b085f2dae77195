#include "daemon/net/router.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/net/reply.h"
#include "daemon/net/zwatch.h"

#define FRAMES 3 /* identity, request id, payload */

struct router {
    struct router_settings settings; /* endpoints are not kept */
    void *socket;
    struct zwatch *watch;
    struct quota *quota;
    struct zmessage message;
};

static void set_address(struct router_address *address, struct text identity, struct text id) {
    address->identity_len = (uint8_t)identity.len;
    address->id_len = (uint8_t)id.len;
    memcpy(address->bytes, identity.s, identity.len);
    memcpy(address->bytes + identity.len, id.s, id.len);
}

/* Why the message cannot be a request, or NULL. */
static const char *fault(enum zreceive result, const struct zmessage *message, const char **ret_code) {
    size_t id_len = zmessage_frame(message, 1).len;
    *ret_code = "malformed";
    if (message->count >= 2 && (id_len == 0 || id_len > REQUEST_ID_MAX))
        return "the first frame must be a request id of 1 to 64 bytes";
    if (result == ZRECEIVE_EXCESS && message->count == FRAMES - 1) {
        *ret_code = "too-large";
        return "the payload is larger than the daemon accepts";
    }
    if (result == ZRECEIVE_EXCESS || message->count != FRAMES)
        return "a request has two frames: request id and payload";
    return NULL;
}

/* A client is known by its key; without one by its connection. */
static struct quota_client *client_of(const struct router *router, const struct router_address *address) {
    bool named = address->user[0] != '\0' && strcmp(address->user, ZAP_USER_PLAIN) != 0;
    return quota_find(router->quota,
                      named ? text_of(address->user) : (struct text){address->bytes, address->identity_len},
                      loop_monotonic(router->settings.loop));
}

/* Who does not read replies is not served, and who asks too often is told so. */
static bool admit(struct router *router, const struct router_address *from) {
    struct quota_client *client = client_of(router, from);
    if (!quota_has_room(router->quota, client)) {
        ++*router->settings.unread;
        return false;
    }
    if (quota_take(router->quota, client, loop_monotonic(router->settings.loop)))
        return true;
    ++*router->settings.throttled;
    router_reject(router, from, "busy", "too many requests in a short time; ask again later");
    return false;
}

static bool on_readable(void *context) {
    struct router *router = context;
    const struct router_settings *settings = &router->settings;
    enum zreceive result = zmessage_receive(&router->message, router->socket, FRAMES,
                                            IDENTITY_MAX + REQUEST_ID_MAX + settings->max_message, ZMQ_DONTWAIT);
    if (result != ZRECEIVE_OK && result != ZRECEIVE_EXCESS)
        return false;
    struct text identity = zmessage_frame(&router->message, 0), id = zmessage_frame(&router->message, 1);
    struct text payload = zmessage_frame(&router->message, 2);
    struct router_address from;
    const char *code;
    const char *reason = fault(result, &router->message, &code);
    if (reason == NULL && payload.len > settings->max_message) {
        reason = "the payload is larger than the daemon accepts";
        code = "too-large";
    }
    set_address(&from, identity, id.len <= REQUEST_ID_MAX ? id : (struct text){"", 0});
    text_copy(from.user, sizeof from.user, text_of(zmessage_user(&router->message, 1)));
    if (router->message.count >= 2 && !admit(router, &from))
        return true;
    if (reason == NULL) {
        settings->on_request(settings->context, &from, payload);
        return true;
    }
    ++*settings->malformed;
    if (router->message.count >= 2)
        router_reject(router, &from, code, reason);
    return true;
}

static bool open_socket(struct router *router, const struct router_settings *settings, char *error, size_t size) {
    struct zsock_options options;
    zsock_defaults(&options);
    options.max_message = (int64_t)settings->max_message * 2 + 4096;
    options.send_hwm = settings->queue;
    if (settings->handshake_ms > 0)
        options.handshake_ms = settings->handshake_ms;
    router->socket = zsock_create(settings->zmq, ZMQ_ROUTER, &options, error, size);
    if (router->socket == NULL)
        return false;
    if (settings->zap != NULL && !zap_watch(settings->zap, router->socket, settings->curve->domain)) {
        snprintf(error, size, "the handler of keys does not answer");
        return false;
    }
    if (!zcurve_bind_all(router->socket, settings->curve, settings->endpoints, settings->endpoint_count, error, size))
        return false;
    router->watch = zwatch_create(settings->loop, router->socket, settings->priority, settings->budget, on_readable,
                                  router, settings->missed_edges);
    if (router->watch == NULL)
        snprintf(error, size, "cannot watch a socket: %s", strerror(errno));
    return router->watch != NULL;
}

struct router *router_create(const struct router_settings *settings, char *error, size_t size) {
    struct router *router = alloc_zero(1, sizeof *router);
    router->settings = *settings;
    zmessage_init(&router->message);
    router->quota = quota_create(&settings->limits);
    if (open_socket(router, settings, error, size))
        return router;
    router_destroy(router);
    return NULL;
}

void router_destroy(struct router *router) {
    if (router == NULL)
        return;
    zwatch_destroy(router->watch);
    zsock_destroy(router->socket);
    zmessage_finish(&router->message);
    quota_destroy(router->quota);
    free(router);
}

void router_pause(struct router *router, bool paused) {
    zwatch_pause(router->watch, paused);
}

bool router_waits(const struct router *router) {
    return zwatch_waits(router->watch);
}

/* After the first frame libzmq takes the others for certain. */
static bool send_parts(struct router *router, const struct router_address *to, const struct text *parts, size_t count) {
    struct quota_client *client = client_of(router, to);
    for (size_t i = 0; i < count; i++) {
        zmq_msg_t frame;
        if (!quota_message(router->quota, client, parts[i], &frame))
            return false;
        if (zmq_msg_send(&frame, router->socket, ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0)) < 0) {
            zmq_msg_close(&frame);
            return false;
        }
    }
    return true;
}

void router_reply(struct router *router, const struct router_address *to, const struct text *parts, size_t count) {
    bool sent = zmq_send(router->socket, to->bytes, to->identity_len, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 &&
                zmq_send(router->socket, to->bytes + to->identity_len, to->id_len, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 &&
                send_parts(router, to, parts, count);
    *router->settings.undeliverable += !sent;
    zwatch_touch(router->watch);
}

void router_reject(struct router *router, const struct router_address *to, const char *code, const char *message) {
    char json[REPLY_ERROR_SIZE];
    struct text part = {json, reply_error(json, sizeof json, code, message)};
    router_reply(router, to, &part, 1);
}
