/*
 * Updates on the wire, oversight-protocol(7), "Updates in": one payload, JSON
 * or MessagePack, to and from a struct message.
 *
 * What is not well formed refuses the payload whole; a field that is wrong in
 * an otherwise sound map makes that map an ITEM_REFUSED with its reason.
 */
#ifndef OV_COMMON_WIRE_H
#define OV_COMMON_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"
#include "common/message.h"

#define WIRE_BATCH_MAX 10000             /* updates in a message */
#define WIRE_BYTES_MAX (4 * 1024 * 1024) /* default bound of a payload */
#define WIRE_SEQ_MAX ((uint64_t)INT64_MAX)

struct wire_limits {
    size_t max_batch; /* 0 = WIRE_BATCH_MAX */
    size_t max_bytes; /* 0 = WIRE_BYTES_MAX */
};

struct wire_decoder;

/* limits may be NULL. Out of memory ends the process, here and below. */
struct wire_decoder *wire_decoder_create(const struct wire_limits *limits);
void wire_decoder_destroy(struct wire_decoder *decoder);

/* REFUSAL_NONE, or the payload is refused whole: REFUSAL_UNDECODABLE or
 * REFUSAL_TOO_LARGE, and ret_error says where and why in printable ASCII.
 * ret_message points into the payload and the decoder: it is valid until the
 * payload goes or the next decode. It is untouched when the payload is refused. */
enum refusal wire_decode(struct wire_decoder *decoder, const void *payload, size_t len, struct message *ret_message,
                         const char **ret_error);

/* The payload of a message that decodes to an equal one, appended to buf:
 * one map for one item, else an array. False, with nothing appended, for a
 * message that has no items or one of kind ITEM_REFUSED. */
bool wire_encode_json(const struct message *message, struct buf *buf);
bool wire_encode_msgpack(const struct message *message, struct buf *buf);

#endif
