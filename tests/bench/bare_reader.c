/*
 * The raw limit of starting: reads every hash of the daemon's store back,
 * pipelined, and does nothing with it.
 *
 * usage: bare_reader UNIX-SOCKET
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/load.h"

#define IN_FLIGHT 16

struct keys {
    char **names;
    size_t count, size;
};

static redisReply *next_reply(redisContext *redis) {
    redisReply *reply = NULL;
    if (redisGetReply(redis, (void **)&reply) != REDIS_OK || reply->type == REDIS_REPLY_ERROR)
        load_die(reply ? reply->str : redis->errstr);
    return reply;
}

static void scan(redisContext *redis, const char *pattern, struct keys *keys) {
    char cursor[32] = "0";
    do {
        redisAppendCommand(redis, "SCAN %s MATCH %s COUNT 1000", cursor, pattern);
        redisReply *reply = next_reply(redis);
        snprintf(cursor, sizeof cursor, "%s", reply->element[0]->str);
        for (size_t i = 0; i < reply->element[1]->elements; i++) {
            if (keys->count == keys->size) {
                keys->size = keys->size ? keys->size * 2 : 1024;
                keys->names = realloc(keys->names, keys->size * sizeof *keys->names);
                if (!keys->names)
                    load_die("memory");
            }
            keys->names[keys->count++] = strdup(reply->element[1]->element[i]->str);
        }
        freeReplyObject(reply);
    } while (strcmp(cursor, "0") != 0);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fputs("usage: bare_reader UNIX-SOCKET\n", stderr);
        return 64;
    }
    redisContext *redis = redisConnectUnix(argv[1]);
    if (!redis || redis->err)
        load_die(argv[1]);
    struct keys keys = {0};
    size_t fields = 0, asked = 0;
    double start = load_now();
    scan(redis, "{oversight}:figures:*", &keys);
    scan(redis, "{oversight}:verdict:*", &keys);
    for (size_t i = 0; i < keys.count; i++) {
        for (; asked < keys.count && asked < i + IN_FLIGHT; asked++)
            redisAppendCommand(redis, "HGETALL %s", keys.names[asked]);
        redisReply *reply = next_reply(redis);
        fields += reply->elements / 2;
        freeReplyObject(reply);
    }
    printf("{\"keys\": %zu, \"fields\": %zu, \"seconds\": %.6f}\n", keys.count, fields, load_now() - start);
    for (size_t i = 0; i < keys.count; i++)
        free(keys.names[i]);
    free(keys.names);
    redisFree(redis);
    return 0;
}
