#include "daemon/engine/names.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"

struct names {
    char **texts;
    size_t count, capacity;
    uint32_t *slots;   /* position + 1, or 0 */
    size_t slot_count; /* a power of two */
};

static uint64_t hash(struct text name) {
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

    for (size_t i = 0; i < name.len; i++)
        h = (h ^ (unsigned char)name.s[i]) * UINT64_C(0x100000001b3);
    return h;
}

struct names *names_create(void) {
    struct names *names = mem_alloc(1, sizeof *names);

    names->slot_count = 64;
    names->slots = mem_alloc(names->slot_count, sizeof *names->slots);
    return names;
}

void names_destroy(struct names *names) {
    if (!names)
        return;
    for (size_t i = 0; i < names->count; i++)
        free(names->texts[i]);
    free(names->texts);
    free(names->slots);
    free(names);
}

/* The slot that holds the name, or the empty one where it belongs. */
static size_t slot_of(const struct names *names, struct text name) {
    size_t slot = hash(name) & (names->slot_count - 1);

    while (names->slots[slot] && !text_equal(name, names->texts[names->slots[slot] - 1]))
        slot = (slot + 1) & (names->slot_count - 1);
    return slot;
}

static void rehash(struct names *names) {
    free(names->slots);
    names->slot_count *= 2;
    names->slots = mem_alloc(names->slot_count, sizeof *names->slots);
    for (size_t i = 0; i < names->count; i++)
        names->slots[slot_of(names, text_of(names->texts[i]))] = (uint32_t)(i + 1);
}

uint32_t names_find(const struct names *names, struct text name) {
    uint32_t slot = names->slots[slot_of(names, name)];

    return slot ? slot - 1 : NAMES_NONE;
}

uint32_t names_add(struct names *names, struct text name) {
    uint32_t present = names_find(names, name);
    char *copy;

    if (present != NAMES_NONE)
        return present;
    if ((names->count + 1) * 2 > names->slot_count)
        rehash(names);
    copy = mem_alloc(name.len + 1, 1);
    if (name.len)
        memcpy(copy, name.s, name.len);
    MEM_GROW(names->texts, names->count, names->capacity);
    names->texts[names->count++] = copy;
    names->slots[slot_of(names, name)] = (uint32_t)names->count;
    return (uint32_t)(names->count - 1);
}

uint32_t names_count(const struct names *names) {
    return (uint32_t)names->count;
}

const char *names_at(const struct names *names, uint32_t position) {
    return names->texts[position];
}
