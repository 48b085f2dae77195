/*
 * Which fields a MessagePack map had, in which order: the maps of a source look
 * alike, so the next one is read by comparing its keys in place, rather than
 * by looking each up and asking whether it stands twice.
 */
#ifndef OV_COMMON_WIRE_SHAPE_H
#define OV_COMMON_WIRE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/reader.h"
#include "common/wire_fields.h"

#define WIRE_SHAPE_KEYS 12 /* maps of more keys are read the long way */

/* A key as it stands in the payload, its first eight bytes as a word. */
struct wire_shape_key {
    uint64_t head, mask;
    const char *rest; /* what the word does not hold */
    uint8_t len, rest_len, field;
};

struct wire_shape {
    size_t count; /* 0: not known yet */
    uint32_t present;
    struct wire_shape_key keys[WIRE_SHAPE_KEYS];
};

/* Remembers a map just read that had these fields and no other keys. */
void wire_shape_learn(struct wire_shape *shape, const uint8_t *fields, size_t count);

/* Reads the map just opened, and closes it. False, with nothing changed but the
 * tokens, where it looks different in any way or is not sound: then the reader
 * must read it, and knows what is wrong. */
bool wire_shape_read(const struct wire_shape *shape, struct reader *reader, struct wire_fields *fields);

#endif
