/*
 * The lease on the store and its epoch: taken once, claimed again after each
 * reconnect, renewed while held. Whoever takes it gets a higher epoch, which
 * fences off the earlier holder.
 */
#ifndef OV_STORE_LEASE_H
#define OV_STORE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/store/redis_link.h"
#include "daemon/store/trouble.h"

struct loop;
struct lease;

struct lease_options {
    const char *instance; /* copied */
    int64_t lease_ms;
    uint64_t epoch_known; /* we have had this one: a store that has not is marked as incomplete */
    bool alone;           /* nobody else can reach this server: a live lease is a dead daemon's */
};

struct lease_callbacks {
    /* lost: the store was emptied or is an older copy, and has been marked as incomplete. */
    void (*on_taken)(void *context, uint64_t epoch, bool lost);
    /* Another daemon's lease is alive: it is for the caller to look when it ends, and whether others come first. */
    void (*on_held)(void *context, const char *holder);
    /* at: number of the last step in the store. behind: NULL, or what the store had instead. */
    void (*on_claimed)(void *context, uint64_t at, const char *behind);
    void (*on_trouble)(void *context, enum trouble trouble, const char *text);
};

struct lease *lease_create(struct loop *loop, struct redis_link *link, const struct lease_options *options,
                           const struct lease_callbacks *callbacks, void *context);
void lease_destroy(struct lease *lease);

/* Another has held this lease, as it stands in the store: its epoch is known from here. */
void lease_saw(struct lease *lease, const char *held);

/* First time: take, again as often as wanted. Later: claim, with the last confirmed step and alert id. */
void lease_take(struct lease *lease);
void lease_claim(struct lease *lease, uint64_t step, const char *alert);

/* Gives the lease back; callback comes with the reply. False: not connected. */
bool lease_release(struct lease *lease, redis_link_reply callback, void *context);

/* The link went down: nothing is sent until the next take or claim. */
void lease_pause(struct lease *lease);

/* It was asked for and the answer did not come: it may be ours. */
bool lease_is_unsure(const struct lease *lease);
uint64_t lease_epoch(const struct lease *lease); /* 0 = none taken yet */
struct text lease_epoch_text(const struct lease *lease);
/* The standby that was there at the last renewal; "": none. */
const char *lease_standby(const struct lease *lease);
/* Milliseconds for which it is ours for certain; 0 = perhaps no longer. */
int64_t lease_left(const struct lease *lease);

#endif
