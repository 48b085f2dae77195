/*
 * Reads the whole state, one reply per key with a bounded number under way,
 * and hands it out in order. A lost connection does not start it over: it goes
 * on with the first key whose reply is missing.
 */
#ifndef OV_STORE_LOAD_H
#define OV_STORE_LOAD_H

#include "daemon/store/hand_out.h"
#include "daemon/store/redis_link.h"
#include "daemon/store/trouble.h"

struct load;

struct load_callbacks {
    void (*on_done)(void *context);
    void (*on_trouble)(void *context, enum trouble trouble, const char *text);
};

struct load *load_create(struct redis_link *link, struct hand_out *out, const struct load_callbacks *callbacks,
                         void *context);
void load_destroy(struct load *load);

/* At first, and again after each reconnect until done. */
void load_continue(struct load *load);

#endif
