/*
 * The fields of one hash while a step is built: a field set again takes the
 * place of what it had, so that what gathers while Redis is away is bounded by
 * the number of fields, however often they change.
 */
#ifndef OV_STORE_FIELDS_H
#define OV_STORE_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "daemon/store/bytes.h"

struct field_slot {
    size_t name, value; /* where they start in the texts */
    uint32_t name_len, value_len, value_room;
};

struct fields {
    struct bytes texts;
    struct field_slot *slots;
    size_t count, size;
    uint32_t *index; /* hash table of slots + 1, 0 = free */
    size_t index_size;
};

void fields_finish(struct fields *fields);
/* Returns by how many bytes they have grown. */
size_t fields_set(struct fields *fields, struct text name, struct text value);
/* Name, value, name, value, ... behind what is there. */
void fields_pack(const struct fields *fields, struct bytes *content);

#endif
