/*
 * What templates can say about one delivery: the event and the words around it
 * as one JSON object. Pure.
 */
#ifndef OV_ONCALL_VALUES_H
#define OV_ONCALL_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "clients/oncall/notice.h"

/* One alert on its way to one target. */
struct item {
    const struct notice *notice;
    const struct notice *origin; /* the alert that fired what this one resolves; may be the same */
    const char *route, *target;
    const char *page;   /* address of the status page */
    const char *secret; /* or NULL */
    enum notice_status status;
    int64_t starts, ends, now; /* wall-clock milliseconds */
    bool test;
};

/* The same for every attempt: of instance, alert and target. The caller frees it. */
char *values_key(const struct item *item);

/* The caller deletes them. */
cJSON *values_of(const struct item *item);
cJSON *values_sample(void); /* of an invented alert */

/* An event for a test: an invented alert that says so. The caller frees it. */
char *values_test_event(const char *route, int64_t now);

#endif
