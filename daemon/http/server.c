#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "daemon/http/http_private.h"
#include "daemon/http/route.h"

#define BACKLOG 256
#define BODY_MAX 1024 /* of a request: GET has none */
#define HOST_MAX 64
#define UNSENT_IN_SYSTEM 65536
/* All that evhttp knows: those that are refused get a reply that says so. */
#define METHODS                                                                                                        \
    (EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |    \
     EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

void server_listen(struct http *http, bool on) {
    for (size_t i = 0; i < http->listener_count; i++) {
        if (on)
            evconnlistener_enable(http->listeners[i]);
        else
            evconnlistener_disable(http->listeners[i]);
    }
}

/* No descriptor left, most likely: ready for ever. The sweep listens again. The
 * context is evhttp's, which has made itself the listener's user. */
static void on_accept_error(struct evconnlistener *listener, void *context) {
    (void)context;
    log_warning("http", "a connection cannot be accepted: %m");
    evconnlistener_disable(listener);
}

static bool set_address(const char *text, struct sockaddr_storage *ret_address, socklen_t *ret_len) {
    char host[HOST_MAX];
    unsigned port;
    if (!route_address(text, host, sizeof host, &port))
        return false;
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)ret_address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)ret_address;
    memset(ret_address, 0, sizeof *ret_address);
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        *ret_len = sizeof *v4;
        return true;
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    *ret_len = sizeof *v6;
    return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1;
}

static bool listen_on(struct http *http, const char *text, char *error, size_t size) {
    struct sockaddr_storage address;
    socklen_t len;
    if (!set_address(text, &address, &len)) {
        snprintf(error, size, "cannot listen for HTTP on %s: expected ADDRESS:PORT", text);
        return false;
    }
    unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
    if (address.ss_family == AF_INET6)
        flags |= LEV_OPT_BIND_IPV6ONLY;
    struct evconnlistener *listener = evconnlistener_new_bind(loop_base(http->settings.loop), NULL, NULL, flags,
                                                              BACKLOG, (const struct sockaddr *)&address, (int)len);
    if (!listener) {
        snprintf(error, size, "cannot listen for HTTP on %s: %s", text, strerror(errno));
        return false;
    }
    if (!evhttp_bind_listener(http->evhttp, listener)) {
        evconnlistener_free(listener);
        snprintf(error, size, "cannot listen for HTTP on %s: out of memory", text);
        return false;
    }
    /* Of each connection: what the system keeps beside what we count. */
    const int unsent = UNSENT_IN_SYSTEM;
    setsockopt(evconnlistener_get_fd(listener), SOL_SOCKET, SO_SNDBUF, &unsent, sizeof unsent);
    evconnlistener_set_error_cb(listener, on_accept_error);
    http->listeners[http->listener_count++] = listener;
    return true;
}

/* Times and numbers of connections are the pool's: evhttp knows only the time
 * since the last byte. */
static bool open_evhttp(struct http *http, char *error, size_t size) {
    const struct http_settings *settings = &http->settings;
    http->evhttp = evhttp_new(loop_base(settings->loop));
    if (!http->evhttp || !pool_init(&http->pool, http)) {
        snprintf(error, size, "cannot serve HTTP: out of memory");
        return false;
    }
    evhttp_set_max_headers_size(http->evhttp, (ev_ssize_t)settings->header_max);
    evhttp_set_max_body_size(http->evhttp, BODY_MAX);
    evhttp_set_allowed_methods(http->evhttp, METHODS);
    evhttp_set_default_content_type(http->evhttp, NULL);
    evhttp_set_bevcb(http->evhttp, pool_accept, &http->pool);
    evhttp_set_gencb(http->evhttp, call_request, http);
    http->listeners = alloc_zero(settings->address_count, sizeof(struct evconnlistener *));
    for (size_t i = 0; i < settings->address_count; i++)
        if (!listen_on(http, settings->addresses[i], error, size))
            return false;
    return true;
}

struct http *http_create(const struct http_settings *settings, char *error, size_t size) {
    struct http *http = alloc_zero(1, sizeof *http);
    http->settings = *settings;
    if (open_evhttp(http, error, size))
        return http;
    http_destroy(http);
    return NULL;
}

void http_destroy(struct http *http) {
    if (!http)
        return;
    if (http->evhttp)
        evhttp_free(http->evhttp); /* connections and listeners with it */
    if (http->pool.http)
        pool_finish(&http->pool);
    free(http->listeners);
    free(http);
}
