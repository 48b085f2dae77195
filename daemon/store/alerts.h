/*
 * The stream of alerts: reading pages of it for replay, and taking away what
 * is older or more than is kept.
 */
#ifndef OV_STORE_ALERTS_H
#define OV_STORE_ALERTS_H

#include "daemon/store/redis_link.h"
#include "daemon/store/store.h"

struct loop;
struct alerts;

struct alerts_options {
    uint64_t keep;
    int64_t keep_ms; /* 0 = any age */
};

/* link NULL: nothing is kept ("none"). */
struct alerts *alerts_create(struct loop *loop, struct redis_link *link, const struct alerts_options *options);
void alerts_destroy(struct alerts *alerts); /* who asked is answered with page NULL */

/* after NULL: the newest. */
void alerts_read(struct alerts *alerts, const char *after, size_t limit, store_alerts_read callback, void *context);

/* Trims from time to time while the epoch is ours. */
void alerts_keep_trimmed(struct alerts *alerts, struct text epoch);
void alerts_pause(struct alerts *alerts); /* the link went down */

/* The pure part: id as two numbers; "" is 0-0. False if it is no id. */
bool alerts_id_read(struct text id, uint64_t *ret_epoch, uint64_t *ret_seq);

#endif
