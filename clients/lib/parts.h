/*
 * A query's reply put together: lists that were split over parts are joined.
 */
#ifndef OV_CLIENTS_PARTS_H
#define OV_CLIENTS_PARTS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "common/zsock.h"

/* Frames 1 and on of reply up to the empty one, each an object: lists of objects
 * with the same name are joined in order, of other members the first stands. NULL when
 * a part is not a JSON object or the end is missing. The caller deletes it. */
cJSON *parts_join(const struct zmessage *reply);

/* json as text on one line, numbers in the digits that read back as the same
 * double: cJSON's own printing stops at 15. NULL when out of memory; the caller
 * frees it. */
char *parts_text(const cJSON *json);

/* The text of error.message (or code) of a reply that is an error; NULL for any other. */
const char *parts_error(const cJSON *reply);

/* The reply is the error of a daemon that does not lead, or (soon) not yet. */
bool parts_from_standby(const cJSON *reply, bool *ret_soon);

#endif
