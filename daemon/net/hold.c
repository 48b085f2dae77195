#include "daemon/net/hold.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

void hold_init(struct hold *hold, size_t max_messages, size_t max_bytes) {
    *hold = (struct hold){.max_messages = max_messages, .max_bytes = max_bytes};
}

void hold_clear(struct hold *hold) {
    while (hold->count > 0)
        hold_drop_first(hold);
}

void hold_finish(struct hold *hold) {
    hold_clear(hold);
    free(hold->items);
    hold->items = NULL;
    hold->capacity = 0;
}

/* The index of the first held message that does not come before (first, last). */
static size_t place_of(const struct hold *hold, uint64_t first, uint64_t last) {
    size_t low = hold->head, high = hold->head + hold->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct held *held = &hold->items[middle];
        if (held->first < first || (held->first == first && held->last < last))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Room for one more behind the last. */
static void reserve(struct hold *hold) {
    if (hold->head + hold->count < hold->capacity)
        return;
    if (hold->head > hold->capacity / 2) {
        memmove(hold->items, hold->items + hold->head, hold->count * sizeof *hold->items);
        hold->head = 0;
        return;
    }
    hold->capacity = hold->capacity == 0 ? 16 : hold->capacity * 2;
    hold->items = alloc_resize(hold->items, hold->capacity, sizeof *hold->items);
}

bool hold_add(struct hold *hold, const struct held *message) {
    size_t end = hold->head + hold->count, place = place_of(hold, message->first, message->last);
    if (place < end && hold->items[place].first == message->first && hold->items[place].last == message->last)
        return true;
    if (hold->count >= hold->max_messages || message->len > hold->max_bytes - hold->bytes)
        return false;
    size_t offset = place - hold->head;
    reserve(hold);
    struct held *held = hold->items + hold->head + offset;
    memmove(held + 1, held, (hold->count - offset) * sizeof *held);
    *held = *message;
    held->payload = alloc_copy_bytes(message->payload, message->len);
    hold->count++;
    hold->bytes += message->len;
    return true;
}

struct held *hold_first(const struct hold *hold) {
    return hold->count == 0 ? NULL : &hold->items[hold->head];
}

void hold_drop_first(struct hold *hold) {
    struct held *held = hold_first(hold);
    hold->bytes -= held->len;
    free(held->payload);
    hold->head++;
    if (--hold->count == 0)
        hold->head = 0;
}
