/*
 * A query's reply put together: lists that were split over parts are joined.
 */
#ifndef OV_CLIENTS_PARTS_H
#define OV_CLIENTS_PARTS_H

#include <cjson/cJSON.h>

#include "common/zsock.h"

/* Frames 1 and on of reply up to the empty one, each an object: lists of objects
 * with the same name are joined in order, of other members the first stands. NULL when
 * a part is not a JSON object or the end is missing. The caller deletes it. */
cJSON *parts_join(const struct zmessage *reply);

/* The text of error.message (or code) of a reply that is an error; NULL for any other. */
const char *parts_error(const cJSON *reply);

#endif
