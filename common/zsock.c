#include "common/zsock.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/alloc.h"
#include "common/zendpoint.h"

void *zcontext_create(void) {
    void *context = zmq_ctx_new();
    if (context != NULL)
        zmq_ctx_set(context, ZMQ_BLOCKY, 0);
    return context;
}

void zcontext_destroy(void *context) {
    if (context == NULL)
        return;
    zmq_ctx_shutdown(context);
    while (zmq_ctx_term(context) != 0 && errno == EINTR)
        continue;
}

void zsock_defaults(struct zsock_options *options) {
    *options = (struct zsock_options){
        .handshake_ms = 5000,
        .heartbeat_ms = 5000,
        .heartbeat_timeout_ms = 15000,
        .max_message = 16 * 1024 * 1024,
        .linger_ms = 1000,
        .send_hwm = 10000,
        .receive_hwm = 10000,
        .reconnect_ms = 100,
        .reconnect_max_ms = 10000,
        .backlog = 256,
    };
}

/* libzmq 4.3.4 ends the process when a connection that it makes anew by itself
 * fell to a missed ping while nobody read from its full queue: stream_engine_base
 * asserts _input_stopped. So sockets that connect send no pings, and none is sent
 * that asks the other side to expect more. They find a half-open connection by
 * keepalive, by what they sent and nobody took, and by silence of what they follow. */
static bool pings(int type) {
    return type != ZMQ_SUB && type != ZMQ_DEALER;
}

static bool set_all(void *socket, int type, const struct zsock_options *o) {
    const struct {
        int option, value;
    } settings[] = {
        {ZMQ_HANDSHAKE_IVL, o->handshake_ms},
        {ZMQ_HEARTBEAT_IVL, pings(type) ? o->heartbeat_ms : 0},
        {ZMQ_HEARTBEAT_TIMEOUT, o->heartbeat_timeout_ms},
        {ZMQ_LINGER, o->linger_ms},
        {ZMQ_SNDHWM, o->send_hwm},
        {ZMQ_RCVHWM, o->receive_hwm},
        {ZMQ_RECONNECT_IVL, o->reconnect_ms},
        {ZMQ_RECONNECT_IVL_MAX, o->reconnect_max_ms},
        {ZMQ_CONNECT_TIMEOUT, o->handshake_ms},
        {ZMQ_BACKLOG, o->backlog},
        {ZMQ_IPV6, o->ipv6},
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_TCP_KEEPALIVE_IDLE, 10},
        {ZMQ_TCP_KEEPALIVE_INTVL, 5},
        {ZMQ_TCP_KEEPALIVE_CNT, 3},
        {ZMQ_TCP_MAXRT, type == ZMQ_DEALER ? o->heartbeat_timeout_ms : 0},
        {ZMQ_IMMEDIATE, o->immediate && (type == ZMQ_DEALER || type == ZMQ_PUSH)},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (zmq_setsockopt(socket, settings[i].option, &settings[i].value, sizeof(int)) != 0)
            return false;
    int on = 1;
    if (type == ZMQ_ROUTER && zmq_setsockopt(socket, ZMQ_ROUTER_MANDATORY, &on, sizeof on) != 0)
        return false;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &o->max_message, sizeof o->max_message) == 0;
}

void *zsock_create(void *context, int type, const struct zsock_options *options, char *error, size_t size) {
    void *socket = zmq_socket(context, type);
    if (socket != NULL && set_all(socket, type, options))
        return socket;
    snprintf(error, size, "cannot create a ZeroMQ socket: %s", zmq_strerror(errno));
    zsock_destroy(socket);
    return NULL;
}

void zsock_destroy(void *socket) {
    if (socket != NULL)
        zmq_close(socket);
}

/* ---- Endpoints ---------------------------------------------------------------- */

bool zsock_bind(void *socket, const struct zendpoint *endpoint, char *error, size_t size) {
    if (!zsock_check(endpoint, error, size) || !zendpoint_path_is_free(endpoint->address, error, size))
        return false;
    /* libzmq gives the socket file whatever mode the umask leaves: set it for the length of the call, so that
     * there is no moment at which others could connect. */
    mode_t before = umask(0117);
    int rc = zmq_bind(socket, endpoint->address);
    int failure = errno;
    umask(before);
    if (rc == 0)
        return true;
    const char *hint = "";
    if (failure == EADDRINUSE)
        hint = " (is another instance running?)";
    else if (failure == ENODEV || failure == EINVAL)
        hint = " (binding needs a numeric address of this machine)";
    snprintf(error, size, "cannot bind %s: %s%s", endpoint->address, zmq_strerror(failure), hint);
    return false;
}

bool zsock_bind_all(void *socket, const struct zendpoint *endpoints, size_t count, char *error, size_t size) {
    for (size_t i = 0; i < count; i++)
        if (!zsock_bind(socket, &endpoints[i], error, size))
            return false;
    return true;
}

bool zsock_connect(void *socket, const struct zendpoint *endpoint, char *error, size_t size) {
    if (!zsock_check(endpoint, error, size))
        return false;
    if (zmq_connect(socket, endpoint->address) == 0)
        return true;
    snprintf(error, size, "cannot connect to %s: %s", endpoint->address, zmq_strerror(errno));
    return false;
}

bool zsock_bound(void *socket, char *address, size_t size) {
    size_t len = size;
    return zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, address, &len) == 0 && len > 1;
}

/* ---- Whole messages ------------------------------------------------------------ */

void zmessage_init(struct zmessage *message) {
    *message = (struct zmessage){0};
}

/* Gives back what the frames hold. */
static void release(struct zmessage *message) {
    for (size_t i = 0; i < message->used; i++) {
        zmq_msg_close(&message->frames[i]);
        zmq_msg_init(&message->frames[i]);
    }
    message->used = message->count = message->bytes = 0;
}

void zmessage_finish(struct zmessage *message) {
    release(message);
    for (size_t i = 0; i < message->capacity; i++)
        zmq_msg_close(&message->frames[i]);
    free(message->frames);
    free(message->texts);
    zmessage_init(message);
}

struct text zmessage_frame(const struct zmessage *message, size_t index) {
    return index < message->count ? message->texts[index] : (struct text){"", 0};
}

bool zmessage_is(const struct zmessage *message, size_t index, const char *word) {
    return index < message->count && text_equal(message->texts[index], word);
}

const char *zmessage_user(const struct zmessage *message, size_t index) {
    const char *user = index < message->count ? zmq_msg_gets(&message->frames[index], "User-Id") : NULL;
    return user != NULL ? user : "";
}

/* Room for one frame more. zmq_msg_t must not be moved by realloc(), and short
 * texts live in it. */
static void reserve(struct zmessage *message) {
    if (message->count < message->capacity)
        return;
    size_t capacity = message->capacity == 0 ? 8 : message->capacity * 2;
    zmq_msg_t *frames = alloc_zero(capacity, sizeof *frames);
    message->texts = alloc_resize(message->texts, capacity, sizeof *message->texts);
    for (size_t i = 0; i < capacity; i++) {
        zmq_msg_init(&frames[i]);
        if (i >= message->capacity)
            continue;
        zmq_msg_move(&frames[i], &message->frames[i]);
        zmq_msg_close(&message->frames[i]);
        message->texts[i].s = zmq_msg_data(&frames[i]);
    }
    free(message->frames);
    message->frames = frames;
    message->capacity = capacity;
}

/* Its size, or -1 when nothing came; errno set. What the frame held is given
 * back by libzmq. */
static int receive_frame(zmq_msg_t *frame, void *socket, int flags) {
    int size;
    do
        size = zmq_msg_recv(frame, socket, flags);
    while (size < 0 && errno == EINTR && (flags & ZMQ_DONTWAIT) != 0);
    return size;
}

/* A frame beyond the limits. */
static void drop(zmq_msg_t *frame) {
    zmq_msg_close(frame);
    zmq_msg_init(frame);
}

enum zreceive zmessage_receive(struct zmessage *message, void *socket, size_t max_frames, size_t max_bytes, int flags) {
    bool excess = false, more = true;
    message->count = message->bytes = 0; /* the frames are received into as they are */
    while (more) {
        reserve(message);
        zmq_msg_t *frame = &message->frames[message->count];
        int size = receive_frame(frame, socket, flags);
        if (size < 0) {
            int failure = errno;
            bool nothing = (failure == EAGAIN || failure == EINTR) && message->count == 0 && !excess;
            release(message);
            errno = failure;
            return nothing ? ZRECEIVE_NONE : ZRECEIVE_FAILED;
        }
        more = zmq_msg_more(frame) != 0;
        size_t len = size < INT_MAX ? (size_t)size : zmq_msg_size(frame);
        excess = excess || message->count >= max_frames || len > max_bytes - message->bytes;
        if (excess) {
            drop(frame);
            continue;
        }
        message->texts[message->count++] = (struct text){zmq_msg_data(frame), len};
        message->bytes += len;
        if (message->used < message->count)
            message->used = message->count;
    }
    return excess ? ZRECEIVE_EXCESS : ZRECEIVE_OK;
}

bool zsock_send(void *socket, const struct text *frames, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0);
        int rc;
        do
            rc = zmq_send(socket, frames[i].s, frames[i].len, flags);
        while (rc < 0 && errno == EINTR);
        if (rc < 0)
            return false;
    }
    return true;
}

bool zsock_readable(void *socket) {
    int events = 0;
    size_t len = sizeof events;
    return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &len) == 0 && (events & ZMQ_POLLIN) != 0;
}

int zsock_fd(void *socket) {
    int fd = -1;
    size_t len = sizeof fd;
    return zmq_getsockopt(socket, ZMQ_FD, &fd, &len) == 0 ? fd : -1;
}
