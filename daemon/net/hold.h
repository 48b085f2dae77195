/*
 * Messages of a feed held back behind a gap: copies, ordered by their first
 * seq, bounded in count and bytes.
 */
#ifndef OV_NET_HOLD_H
#define OV_NET_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct held {
    uint64_t first, last;
    uint64_t missing; /* the first seq that was missing when it was tried */
    uint64_t tried;   /* the position of the feed then */
    char *payload;
    size_t len;
};

struct hold {
    size_t max_messages, max_bytes;
    struct held *items; /* items[head .. head + count) */
    size_t head, count, capacity;
    size_t bytes;
};

void hold_init(struct hold *hold, size_t max_messages, size_t max_bytes);
void hold_finish(struct hold *hold);
void hold_clear(struct hold *hold);

/* Copies the payload. False when there is no room for it; one that covers the
 * same seqs as one already held is dropped, which is no failure. */
bool hold_add(struct hold *hold, const struct held *message);

/* The one with the lowest first seq, NULL when none is held. */
struct held *hold_first(const struct hold *hold);
void hold_drop_first(struct hold *hold);

#endif
