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
    router->socket = zsock_create(settings->zmq, ZMQ_ROUTER, &options, error, size);
    if (router->socket == NULL)
        return false;
    if (settings->zap != NULL && !zap_watch(settings->zap, router->socket)) {
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
    free(router);
}

void router_pause(struct router *router, bool paused) {
    zwatch_pause(router->watch, paused);
}

bool router_waits(const struct router *router) {
    return zwatch_waits(router->watch);
}

void router_reply(struct router *router, const struct router_address *to, const struct text *parts, size_t count) {
    struct text *frames = alloc_zero(count + 2, sizeof *frames);
    frames[0] = (struct text){to->bytes, to->identity_len};
    frames[1] = (struct text){to->bytes + to->identity_len, to->id_len};
    memcpy(frames + 2, parts, count * sizeof *parts);
    if (!zsock_send(router->socket, frames, count + 2))
        ++*router->settings.undeliverable;
    zwatch_touch(router->watch);
    free(frames);
}

void router_reject(struct router *router, const struct router_address *to, const char *code, const char *message) {
    char json[REPLY_ERROR_SIZE];
    struct text part = {json, reply_error(json, sizeof json, code, message)};
    router_reply(router, to, &part, 1);
}
