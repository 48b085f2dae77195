/*
 * The payload of a feed's heartbeat: {"source": ..., "last": seq}.
 */
#ifndef OV_COMMON_HEARTBEAT_H
#define OV_COMMON_HEARTBEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

#define HEARTBEAT_SIZE 128 /* what we write, with its NUL; payloads of twice that are still read */

/* False when it is not a heartbeat of this source; ret_last untouched then. */
bool heartbeat_decode(struct text payload, const char *source, uint64_t *ret_last);

/* Returns the length written; source must be a valid source name. */
size_t heartbeat_encode(char buf[HEARTBEAT_SIZE], const char *source, uint64_t last);

#endif
