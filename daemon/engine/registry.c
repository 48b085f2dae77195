#include "daemon/engine/registry.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64 /* a power of two */

/* A code as numbers: equal when the codes are. Up to 10 bytes fit whole. */
struct packed {
    uint64_t head;
    uint32_t tail; /* the last two bytes and the length */
};

struct slot {
    uint64_t head;
    uint32_t tail;
    uint32_t index; /* index + 1, or 0: empty */
};

struct registry {
    struct organisation *organisations;
    uint32_t count, room;
    struct slot *slots; /* open addressing, linear probing; at most half full */
    uint32_t slot_count;
    uint64_t *bounded; /* a bit per organisation: it has a date of opening or closing */
};

static const uint64_t FNV_OFFSET = UINT64_C(0xcbf29ce484222325);
static const uint64_t FNV_PRIME = UINT64_C(0x100000001b3);

static uint64_t fnv(uint64_t hash, const void *bytes, size_t len) {
    const unsigned char *p = bytes;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * FNV_PRIME;
    return hash;
}

static struct packed pack(const char *code, size_t len) {
    struct packed packed = {0, (uint32_t)len << 16};
    uint32_t low = 0, high = 0;
    uint16_t end = 0;

    if (len >= 8) {
        memcpy(&packed.head, code, 8);
        memcpy(&end, code + len - 2, 2);
    } else if (len >= 4) {
        memcpy(&low, code, 4);
        memcpy(&high, code + len - 4, 4);
        packed.head = (uint64_t)high << 32 | low;
    } else if (len > 0) {
        packed.head = (unsigned char)code[0] | (uint64_t)(unsigned char)code[len / 2] << 8 |
                      (uint64_t)(unsigned char)code[len - 1] << 16;
    }
    packed.tail |= end;
    return packed;
}

static uint32_t slot_of(const struct registry *registry, struct packed packed) {
    uint64_t hash = (packed.head ^ (uint64_t)packed.tail << 40) * UINT64_C(0x9e3779b97f4a7c15);

    return (uint32_t)((hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (registry->slot_count - 1);
}

struct registry *registry_create(void) {
    return calloc(1, sizeof(struct registry));
}

void registry_destroy(struct registry *registry) {
    if (!registry)
        return;
    for (uint32_t i = 0; i < registry->count; i++)
        free(registry->organisations[i].name); /* holds all texts of the record */
    free(registry->organisations);
    free(registry->slots);
    free(registry->bounded);
    free(registry);
}

static void place(struct registry *registry, uint32_t index) {
    const char *code = registry->organisations[index].code;
    struct packed packed = pack(code, strlen(code));
    uint32_t slot = slot_of(registry, packed);

    while (registry->slots[slot].index != 0)
        slot = (slot + 1) & (registry->slot_count - 1);
    registry->slots[slot] = (struct slot){packed.head, packed.tail, index + 1};
}

static bool reserve_records(struct registry *registry) {
    uint32_t room = registry->room ? registry->room * 2 : SLOTS_FIRST; /* a multiple of 64 */
    struct organisation *grown = realloc(registry->organisations, room * sizeof *grown);
    uint64_t *bounded;

    if (!grown)
        return false;
    registry->organisations = grown;
    bounded = realloc(registry->bounded, room / 64 * sizeof *bounded);
    if (!bounded)
        return false;
    memset(bounded + registry->room / 64, 0, (room - registry->room) / 64 * sizeof *bounded);
    registry->bounded = bounded;
    registry->room = room;
    return true;
}

/* Room for one more record and its slot. */
static bool reserve(struct registry *registry) {
    if (registry->count == registry->room && !reserve_records(registry))
        return false;
    if ((registry->count + 1) * 2 > registry->slot_count) {
        uint32_t slot_count = registry->slot_count ? registry->slot_count * 2 : SLOTS_FIRST;
        struct slot *slots = calloc(slot_count, sizeof *slots);

        if (!slots)
            return false;
        free(registry->slots);
        registry->slots = slots;
        registry->slot_count = slot_count;
        for (uint32_t i = 0; i < registry->count; i++)
            place(registry, i);
    }
    return true;
}

/* Copies the texts of a record into one block; the name comes first and owns it. */
static bool copy_texts(struct organisation *to, const struct organisation *from) {
    const char *texts[] = {from->name, from->type, from->subtype, from->region, from->group, from->predecessors};
    char **fields[] = {&to->name, &to->type, &to->subtype, &to->region, &to->group, &to->predecessors};
    size_t count = sizeof(texts) / sizeof(texts[0]), size = 0;

    for (size_t i = 0; i < count; i++) {
        if (!texts[i])
            texts[i] = "";
        size += strlen(texts[i]) + 1;
    }
    char *block = malloc(size);

    if (!block)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(texts[i]) + 1;

        memcpy(block, texts[i], len);
        *fields[i] = block;
        block += len;
    }
    return true;
}

enum registry_result registry_add(struct registry *registry, const struct organisation *organisation) {
    if (registry_find(registry, text_of(organisation->code)) != ORG_NONE)
        return REGISTRY_DUPLICATE;

    struct organisation copy = *organisation;

    if (!reserve(registry) || !copy_texts(&copy, organisation))
        return REGISTRY_NO_MEMORY;
    registry->organisations[registry->count] = copy;
    place(registry, registry->count);
    if (copy.opened != OV_DAY_NONE || copy.closed != OV_DAY_NONE)
        registry->bounded[registry->count / 64] |= UINT64_C(1) << (registry->count % 64);
    registry->count++;
    return REGISTRY_OK;
}

uint32_t registry_count(const struct registry *registry) {
    return registry->count;
}

const struct organisation *registry_at(const struct registry *registry, uint32_t index) {
    return index < registry->count ? &registry->organisations[index] : NULL;
}

uint32_t registry_find(const struct registry *registry, struct text code) {
    struct packed packed;

    if (registry->slot_count == 0 || code.len == 0 || code.len > ORG_CODE_MAX)
        return ORG_NONE;
    packed = pack(code.s, code.len);
    for (uint32_t slot = slot_of(registry, packed); registry->slots[slot].index != 0;
         slot = (slot + 1) & (registry->slot_count - 1))
        if (registry->slots[slot].head == packed.head && registry->slots[slot].tail == packed.tail)
            return registry->slots[slot].index - 1;
    return ORG_NONE;
}

void registry_prefetch(const struct registry *registry, struct text code) {
    if (registry->slot_count && code.len && code.len <= ORG_CODE_MAX)
        __builtin_prefetch(&registry->slots[slot_of(registry, pack(code.s, code.len))]);
}

static bool is_bounded(const struct registry *registry, uint32_t index) {
    return registry->bounded[index / 64] >> (index % 64) & 1;
}

const uint64_t *registry_bounds(const struct registry *registry) {
    return registry->bounded;
}

bool registry_counts(const struct registry *registry, uint32_t index, ov_day day) {
    return !is_bounded(registry, index) || organisation_counts(&registry->organisations[index], day);
}

bool registry_is_closed(const struct registry *registry, uint32_t index, ov_day date) {
    const struct organisation *organisation = &registry->organisations[index];

    return is_bounded(registry, index) && date != OV_DAY_NONE && organisation->closed != OV_DAY_NONE &&
           organisation->closed <= date;
}

bool organisation_counts(const struct organisation *organisation, ov_day day) {
    return (organisation->opened == OV_DAY_NONE || organisation->opened <= day) &&
           (organisation->closed == OV_DAY_NONE || day < organisation->closed);
}

/* The NUL goes in as well, so that fields cannot run into each other. */
static uint64_t fnv_text(uint64_t hash, const char *text) {
    return fnv(hash, text, strlen(text) + 1);
}

/* Byte by byte, so that the digest is the same on every machine. */
static uint64_t fnv_day(uint64_t hash, ov_day day) {
    uint32_t bits = (uint32_t)day;
    unsigned char bytes[sizeof(bits)];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(bits >> (8 * i));
    return fnv(hash, bytes, sizeof(bytes));
}

uint64_t registry_digest(const struct registry *registry) {
    uint64_t hash = FNV_OFFSET;

    for (uint32_t i = 0; i < registry->count; i++) {
        const struct organisation *organisation = &registry->organisations[i];

        hash = fnv_text(hash, organisation->code);
        hash = fnv_text(hash, organisation->name);
        hash = fnv_text(hash, organisation->type);
        hash = fnv_text(hash, organisation->subtype);
        hash = fnv_text(hash, organisation->region);
        hash = fnv_text(hash, organisation->system);
        hash = fnv_text(hash, organisation->group);
        hash = fnv_day(hash, organisation->opened);
        hash = fnv_day(hash, organisation->closed);
        hash = fnv_text(hash, organisation->successor);
        hash = fnv_text(hash, organisation->predecessors);
    }
    return hash;
}
