/*
 * What oversightctl feed is told on its command line.
 */
#ifndef OV_CTL_FEED_OPTIONS_H
#define OV_CTL_FEED_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/oversightctl/feed_server.h"
#include "clients/oversightctl/inputs.h"

struct feed_options {
    const char *map, *path, *position;
    struct feed_server_settings server;
    struct input_options input;
    size_t batch;
    long rate;       /* updates a second; 0: as they come */
    uint64_t from;   /* 0: go on after the last */
    int64_t idle_ms; /* -1: never ends by itself */
    bool msgpack, baseline, keep_going, wait, quiet;
};

/* EX_OK, or a status after a complaint. Texts stay those of argv. */
int feed_options_parse(struct feed_options *options, int argc, char **argv);

#endif
