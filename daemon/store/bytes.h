/*
 * A growable run of bytes, with a writer for the packed arrays (MessagePack) in
 * which steps travel to Redis.
 */
#ifndef OV_STORE_BYTES_H
#define OV_STORE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

struct bytes {
    char *data;
    size_t len, size;
};

void bytes_finish(struct bytes *bytes);
void bytes_append(struct bytes *bytes, const void *data, size_t len);

/* An array whose count is not known yet: starts with BYTES_ARRAY_HEAD bytes
 * that bytes_array_end() fills in. */
#define BYTES_ARRAY_HEAD 5
void bytes_array_begin(struct bytes *bytes);
void bytes_array_add(struct bytes *bytes, struct text text);
void bytes_array_end(struct bytes *bytes, uint32_t count);

#endif
