#include "daemon/store/fields.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define INDEXED_FROM 8 /* so few are found by looking at all */
#define ROOM 15        /* room for values goes up to the next multiple of this + 1 */

static size_t hash(struct text name) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.s[i]) * 1099511628211u;
    return (size_t)hash;
}

void fields_finish(struct fields *fields) {
    bytes_finish(&fields->texts);
    free(fields->slots);
    free(fields->index);
    *fields = (struct fields){0};
}

static struct text name_of(const struct fields *fields, size_t slot) {
    return (struct text){fields->texts.data + fields->slots[slot].name, fields->slots[slot].name_len};
}

static bool has_name(const struct fields *fields, size_t slot, struct text name) {
    return fields->slots[slot].name_len == name.len && memcmp(name_of(fields, slot).s, name.s, name.len) == 0;
}

static struct field_slot *find(const struct fields *fields, struct text name) {
    if (!fields->index_size) {
        for (size_t i = 0; i < fields->count; i++)
            if (has_name(fields, i, name))
                return &fields->slots[i];
        return NULL;
    }
    for (size_t at = hash(name) & (fields->index_size - 1); fields->index[at]; at = (at + 1) & (fields->index_size - 1))
        if (has_name(fields, fields->index[at] - 1, name))
            return &fields->slots[fields->index[at] - 1];
    return NULL;
}

static void index_slot(struct fields *fields, size_t slot) {
    size_t at = hash(name_of(fields, slot)) & (fields->index_size - 1);
    while (fields->index[at])
        at = (at + 1) & (fields->index_size - 1);
    fields->index[at] = (uint32_t)slot + 1;
}

static size_t grow(struct fields *fields) {
    size_t before = fields->size * sizeof(*fields->slots) + fields->index_size * sizeof(*fields->index);
    fields->size = fields->size ? fields->size * 2 : 4;
    fields->slots = alloc_resize(fields->slots, fields->size, sizeof(*fields->slots));
    if (fields->size > INDEXED_FROM) {
        free(fields->index);
        fields->index_size = fields->size * 2;
        fields->index = alloc_zero(fields->index_size, sizeof(*fields->index));
        for (size_t i = 0; i < fields->count; i++)
            index_slot(fields, i);
    }
    return fields->size * sizeof(*fields->slots) + fields->index_size * sizeof(*fields->index) - before;
}

static void put_value(struct fields *fields, struct field_slot *slot, struct text value) {
    static const char nothing[ROOM] = {0};
    if (value.len > slot->value_room) {
        slot->value = fields->texts.len;
        slot->value_room = (uint32_t)((value.len + ROOM) & ~(size_t)ROOM);
        bytes_append(&fields->texts, value.s, value.len);
        bytes_append(&fields->texts, nothing, slot->value_room - value.len);
    } else if (value.len) {
        memcpy(fields->texts.data + slot->value, value.s, value.len);
    }
    slot->value_len = (uint32_t)value.len;
}

size_t fields_set(struct fields *fields, struct text name, struct text value) {
    size_t before = fields->texts.size, grown = 0;
    struct field_slot *slot = find(fields, name);
    if (!slot) {
        if (fields->count == fields->size)
            grown = grow(fields);
        slot = &fields->slots[fields->count++];
        *slot = (struct field_slot){.name = fields->texts.len, .name_len = (uint32_t)name.len};
        bytes_append(&fields->texts, name.s, name.len);
        if (fields->index_size)
            index_slot(fields, fields->count - 1);
    }
    put_value(fields, slot, value);
    return grown + fields->texts.size - before;
}

void fields_pack(const struct fields *fields, struct bytes *content) {
    for (size_t i = 0; i < fields->count; i++) {
        const struct field_slot *slot = &fields->slots[i];
        bytes_array_add(content, name_of(fields, i));
        bytes_array_add(content, (struct text){fields->texts.data + slot->value, slot->value_len});
    }
}
