/*
 * What strangers send to the HTTP port: the bytes go to a real server with
 * routes of every kind. Whatever they are, the connection ends, nothing is left
 * of it, and no handler sees a parameter that is no text.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "daemon/http/http.h"
#include "daemon/os/loop.h"

#define TURNS_MAX 2000
#define PORTS_TRIED 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bench {
    struct loop *loop;
    struct http *http;
    struct http_counters counters;
    struct sockaddr_in address;
    int turns;
    int client;
};

static void parameters(void *context, struct http_call *call, struct http_reply *reply) {
    (void)context;
    const char *after = http_query(call, "after");
    for (size_t i = 0; i < 2; i++) {
        const char *parameter = http_parameter(call, i);
        if (*parameter == '\0' || !text_is_free(text_of(parameter), strlen(parameter)))
            abort();
    }
    buf_printf(&reply->body, "%s %s %s\n", http_parameter(call, 0), http_parameter(call, 1), after ? after : "");
    reply->etag = "\"one\"";
}

static void ignore(void *context) {
    (void)context;
}

/* One frame, then its end. */
static void stream(void *context, struct http_call *call, struct http_reply *reply) {
    (void)context;
    if (!http_stream(call, &(struct http_stream){HTTP_EVENTS, NULL, ignore, NULL}, reply))
        return;
    http_stream_send(call, "data: x\n\n", 9);
    http_stream_end(call);
}

static const struct http_route routes[] = {{"/p/{a}/{b}", parameters}, {"/s", stream}};
static const struct http_asset assets[] = {{"/", HTTP_TEXT, "asset", 5, "\"two\""}};

static struct bench *bench_create(void) {
    struct bench *bench = calloc(1, sizeof *bench);
    char text[32], error[256];
    const char *address = text;
    if (!bench || !(bench->loop = loop_create()))
        abort();
    log_set_level(LOG_LEVEL_ERROR);
    struct http_settings settings = {.loop = bench->loop,
                                     .addresses = &address,
                                     .address_count = 1,
                                     .routes = routes,
                                     .route_count = sizeof routes / sizeof *routes,
                                     .assets = assets,
                                     .asset_count = sizeof assets / sizeof *assets,
                                     .connections_max = 8,
                                     .header_max = 8192,
                                     .reply_bytes_max = 1 << 20,
                                     .streams_max = 2,
                                     .stream_bytes_max = 65536,
                                     .timeout_ms = 10000,
                                     .counters = &bench->counters};
    for (int tried = 0; tried < PORTS_TRIED && !bench->http; tried++) {
        unsigned port = 20000 + (unsigned)(getpid() * 7 + tried) % 40000;
        snprintf(text, sizeof text, "127.0.0.1:%u", port);
        bench->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        bench->http = http_create(&settings, error, sizeof error);
    }
    if (!bench->http)
        abort();
    bench->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bench;
}

/* Reads what there is; the end comes when the daemon has closed as well. */
static void on_turn(void *context) {
    struct bench *bench = context;
    char buf[65536];
    ssize_t len;
    do
        len = recv(bench->client, buf, sizeof buf, MSG_DONTWAIT);
    while (len > 0);
    if ((len == 0 && bench->counters.connections + bench->counters.streams == 0) || ++bench->turns == TURNS_MAX)
        loop_stop(bench->loop);
    else
        loop_defer(bench->loop, on_turn, bench);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct bench *bench;
    if (!bench)
        bench = bench_create();
    bench->turns = 0;
    bench->client = socket(AF_INET, SOCK_STREAM, 0);
    if (bench->client < 0 || size > 65536)
        return 0;
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0}; /* leaves no port behind */
    setsockopt(bench->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (connect(bench->client, (const struct sockaddr *)&bench->address, sizeof bench->address) == 0) {
        send(bench->client, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        shutdown(bench->client, SHUT_WR);
        loop_defer(bench->loop, on_turn, bench);
        loop_run(bench->loop);
        if (bench->turns == TURNS_MAX || bench->counters.unsent != 0)
            abort();
    }
    close(bench->client);
    return 0;
}
