/*
 * The raw limit of storing: writes the same figures to Redis, one HSET each,
 * pipelined, a bounded number of messages in flight, and does nothing else.
 *
 * usage: bare_writer UNIX-SOCKET MESSAGES PER-MESSAGE IN-FLIGHT ORGS MEASURES SEED
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/load.h"

static void append(redisContext *redis, const struct load_figure *figure) {
    char key[64];
    snprintf(key, sizeof key, "{bare}:figures:%s:2025-03-01", figure->measure);
    const char *words[] = {"HSET", key, figure->org, figure->value};
    redisAppendCommandArgv(redis, 4, words, NULL);
}

static void take(redisContext *redis, size_t replies) {
    for (size_t i = 0; i < replies; i++) {
        void *reply;
        if (redisGetReply(redis, &reply) != REDIS_OK)
            load_die(redis->errstr);
        freeReplyObject(reply);
    }
}

int main(int argc, char **argv) {
    if (argc != 8) {
        fputs("usage: bare_writer UNIX-SOCKET MESSAGES PER-MESSAGE IN-FLIGHT ORGS MEASURES SEED\n", stderr);
        return 64;
    }
    size_t messages = strtoul(argv[2], NULL, 10), in_flight = strtoul(argv[4], NULL, 10);
    struct load_shape shape = {.per_message = (unsigned)strtoul(argv[3], NULL, 10),
                               .orgs = (unsigned)strtoul(argv[5], NULL, 10),
                               .measures = (unsigned)strtoul(argv[6], NULL, 10),
                               .seed = strtoull(argv[7], NULL, 10),
                               .period = "2025-03-01"};
    struct load *load = load_create(&shape, messages);
    redisContext *redis = redisConnectUnix(argv[1]);
    if (!redis || redis->err)
        load_die(argv[1]);
    double start = load_now();
    for (size_t i = 0; i < messages; i++) {
        if (i >= in_flight)
            take(redis, shape.per_message);
        for (size_t f = 0; f < shape.per_message; f++)
            append(redis, load_figure(load, i * shape.per_message + f));
        for (int done = 0; !done;)
            if (redisBufferWrite(redis, &done) != REDIS_OK)
                load_die(redis->errstr);
    }
    take(redis, shape.per_message * (messages < in_flight ? messages : in_flight));
    printf("{\"messages\": %zu, \"updates\": %zu, \"seconds\": %.6f}\n", messages, messages * shape.per_message,
           load_now() - start);
    redisFree(redis);
    load_destroy(load);
    return 0;
}
