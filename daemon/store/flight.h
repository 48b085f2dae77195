/*
 * The queue of committed steps and the few of them that are under way. Steps
 * are numbered within the epoch, and the store takes them in that order only,
 * so a step is written once however often it is sent.
 */
#ifndef OV_STORE_FLIGHT_H
#define OV_STORE_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/store/redis_link.h"
#include "daemon/store/step.h"
#include "daemon/store/trouble.h"

struct loop;
struct flight;

struct flight_callbacks {
    void (*on_step)(void *context, struct store_step *step); /* stored; destroyed after */
    void (*on_refill)(void *context);                        /* there is room for more of the refill */
    void (*on_refilled)(void *context);                      /* the whole refill is stored */
    /* A step was answered with an error, and nothing is under way any more;
     * the queue stands until flight_open(). */
    void (*on_trouble)(void *context, enum trouble trouble, const char *text);
};

struct flight *flight_create(struct loop *loop, struct redis_link *link, uint32_t in_flight_max,
                             const struct flight_callbacks *callbacks, void *context);
void flight_destroy(struct flight *flight);

/* Takes the step. Steps are written in this order. */
void flight_add(struct flight *flight, struct store_step *step);

/* Connected and compared: the store holds all steps up to number at. Those of
 * them that wait are confirmed; the rest is sent. */
void flight_open(struct flight *flight, struct text epoch, uint64_t at);
/* The same after a refusal, where nothing has moved. */
void flight_reopen(struct flight *flight);
/* The link went down: all that was under way is unknown. */
void flight_close(struct flight *flight);

/* The store lost what was confirmed: number the waiting steps anew from the
 * last confirmed one. Until the refill is stored whole no step is told. The
 * step added after flight_refilled() is its last and closes it. */
void flight_behind(struct flight *flight);
void flight_refilled(struct flight *flight);
bool flight_wants_refill(const struct flight *flight);
bool flight_is_refilling(const struct flight *flight);

struct flight_counts {
    uint64_t queued, bytes, in_flight;
    uint64_t confirmed, repeated; /* since the start */
    int64_t oldest;               /* when the oldest was committed, 0 if none */
};
void flight_count(const struct flight *flight, struct flight_counts *ret_counts);
uint64_t flight_confirmed_number(const struct flight *flight);

#endif
