/*
 * From keys of Redis and what they hold to the on_load_ callbacks: the same
 * for a state that is read whole and for steps that are followed one by one.
 */
#ifndef OV_STORE_HAND_OUT_H
#define OV_STORE_HAND_OUT_H

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "daemon/store/store.h"

struct hand_out;

/* In the order in which they are handed out. */
enum key_kind { KIND_META, KIND_SOURCES, KIND_FIGURES, KIND_DECISIONS, KIND_PROGRAMMES, KIND_VERDICT, KIND_HISTORY };

struct state_key {
    enum key_kind kind;
    char *key;                 /* owned */
    struct text first, second; /* names within key */
};

/* False: none that holds state, nothing is allocated. */
bool state_key_recognise(struct text key, struct state_key *ret_key);

/* sink holds the on_load_ callbacks, called with sink_context. */
struct hand_out *hand_out_create(const struct store_callbacks *sink, void *sink_context);
void hand_out_destroy(struct hand_out *out);

/* The reply of HGETALL, XRANGE (decisions) or XREVRANGE (history). */
void hand_out_key(struct hand_out *out, const struct state_key *key, const redisReply *reply);

/* One part of a step, as library.h has it. A decision that was handed out
 * before is left out. False: the state cannot be followed over it. */
bool hand_out_part(struct hand_out *out, struct text key, char kind, const redisReply *content);

#endif
