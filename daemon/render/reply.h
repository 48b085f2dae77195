/*
 * Answers to submitted messages, oversight-protocol(7), "Submission with
 * acknowledgement".
 */
#ifndef OV_RENDER_REPLY_H
#define OV_RENDER_REPLY_H

#include "common/buf.h"
#include "daemon/engine/engine.h"

void render_acknowledgement(struct buf *buf, struct text source, const struct changes *changes, const char *durability);

/* The same for one part of a message in parts: the updates [first, first + count)
 * of the whole. */
void render_part_acknowledgement(struct buf *buf, struct text source, const struct changes *changes, size_t first,
                                 size_t count, const char *durability);

void render_gap(struct buf *buf, struct text source, uint64_t expected);

#endif
