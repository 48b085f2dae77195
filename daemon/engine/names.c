#include "daemon/engine/names.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"

#define WORD sizeof(uint64_t)

struct name {
    uint64_t hash;
    char *text;
    size_t len;
};

struct names {
    struct name *texts;
    size_t count, capacity;
    uint32_t *slots;   /* position + 1, or 0 */
    size_t slot_count; /* a power of two */
};

/* All bytes of a name of at most eight. */
static uint64_t word_of(const char *s, size_t len) {
    uint64_t word = 0;
    uint32_t low, high;

    if (len == WORD) {
        memcpy(&word, s, WORD);
    } else if (len >= sizeof low) { /* the two may overlap */
        memcpy(&low, s, sizeof low);
        memcpy(&high, s + len - sizeof high, sizeof high);
        word = (uint64_t)high << 32 | low;
    } else if (len > 0) {
        word =
            (unsigned char)s[0] | (uint64_t)(unsigned char)s[len / 2] << 8 | (uint64_t)(unsigned char)s[len - 1] << 16;
    }
    return word;
}

/* Eight bytes at a time; where a longer name ends, its last eight again. Of
 * names of one length up to eight no two have the same: every step can be undone. */
static uint64_t hash(struct text name) {
    uint64_t h = name.len, word = 0;
    size_t at = 0;

    for (; name.len - at > WORD; at += WORD) {
        memcpy(&word, name.s + at, WORD);
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    word = name.len > WORD ? word_of(name.s + name.len - WORD, WORD) : word_of(name.s, name.len);
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 32) * UINT64_C(0x9e3779b97f4a7c15); /* the last letters must reach the lowest bits */
    return h ^ h >> 32;
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
        free(names->texts[i].text);
    free(names->texts);
    free(names->slots);
    free(names);
}

/* The slot that holds the name, or the empty one where it belongs. */
static size_t slot_of(const struct names *names, struct text name, uint64_t h) {
    size_t slot = h & (names->slot_count - 1);

    for (uint32_t at; (at = names->slots[slot]) != 0; slot = (slot + 1) & (names->slot_count - 1)) {
        const struct name *known = &names->texts[at - 1];

        if (known->hash == h && known->len == name.len &&
            (name.len <= WORD || memcmp(known->text, name.s, name.len) == 0))
            break;
    }
    return slot;
}

static void rehash(struct names *names) {
    free(names->slots);
    names->slot_count *= 2;
    names->slots = mem_alloc(names->slot_count, sizeof *names->slots);
    for (size_t i = 0; i < names->count; i++) {
        struct text name = {names->texts[i].text, names->texts[i].len};

        names->slots[slot_of(names, name, names->texts[i].hash)] = (uint32_t)(i + 1);
    }
}

uint32_t names_find(const struct names *names, struct text name) {
    uint32_t slot = names->slots[slot_of(names, name, hash(name))];

    return slot ? slot - 1 : NAMES_NONE;
}

uint32_t names_add(struct names *names, struct text name) {
    uint32_t present = names_find(names, name);
    uint64_t h = hash(name);
    char *copy;

    if (present != NAMES_NONE)
        return present;
    if ((names->count + 1) * 2 > names->slot_count)
        rehash(names);
    copy = mem_alloc(name.len + 1, 1);
    if (name.len)
        memcpy(copy, name.s, name.len);
    MEM_GROW(names->texts, names->count, names->capacity);
    names->texts[names->count++] = (struct name){h, copy, name.len};
    names->slots[slot_of(names, name, h)] = (uint32_t)names->count;
    return (uint32_t)(names->count - 1);
}

uint32_t names_count(const struct names *names) {
    return (uint32_t)names->count;
}

const char *names_at(const struct names *names, uint32_t position) {
    return names->texts[position].text;
}
