/*
 * Updates to the daemon in batches, each sent again until it is acknowledged;
 * refusals are reported with the file and line they came from.
 */
#ifndef OV_CTL_SENDING_H
#define OV_CTL_SENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/updates.h"

struct sending {
    const char *source;
    uint64_t first; /* seq of the first update */
    size_t skip;    /* updates at the front that the daemon has already */
    size_t batch;   /* updates in a message */
    bool as_one;    /* the messages belong together: applied when the last is there */
    bool baseline;
    bool msgpack;
    bool progress;
    int timeout_ms; /* without any acknowledgement */
};

struct sending_result {
    uint64_t through, accepted, duplicate, superseded, refused, messages, repeats;
    char durability[16];
};

/* Asks the daemon for the position of the source: 0 if it knows none. */
int sending_position(const struct context *context, const char *source, uint64_t *ret_last);

/* EX_OK, EX_DATAERR when updates were refused, or why it broke off. */
int sending_run(const struct context *context, const struct sending *sending, struct updates *updates,
                struct sending_result *result);

#endif
