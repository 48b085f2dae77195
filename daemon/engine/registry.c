#include "daemon/engine/registry.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64 /* a power of two */

struct registry {
    struct organisation *organisations;
    uint32_t count, room;
    uint32_t *slots; /* open addressing, linear probing: index + 1 or 0; at most half full */
    uint32_t slot_count;
};

static const uint64_t FNV_OFFSET = UINT64_C(0xcbf29ce484222325);
static const uint64_t FNV_PRIME = UINT64_C(0x100000001b3);

static uint64_t fnv(uint64_t hash, const void *bytes, size_t len) {
    const unsigned char *p = bytes;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * FNV_PRIME;
    return hash;
}

static uint32_t slot_of(const struct registry *registry, const char *code, size_t len) {
    uint64_t hash = fnv(FNV_OFFSET, code, len);

    return (uint32_t)(hash ^ (hash >> 32)) & (registry->slot_count - 1);
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
    free(registry);
}

static void place(struct registry *registry, uint32_t index) {
    const char *code = registry->organisations[index].code;
    uint32_t slot = slot_of(registry, code, strlen(code));

    while (registry->slots[slot] != 0)
        slot = (slot + 1) & (registry->slot_count - 1);
    registry->slots[slot] = index + 1;
}

/* Room for one more record and its slot. */
static bool reserve(struct registry *registry) {
    if (registry->count == registry->room) {
        uint32_t room = registry->room ? registry->room * 2 : SLOTS_FIRST / 2;
        struct organisation *grown = realloc(registry->organisations, room * sizeof(*grown));

        if (!grown)
            return false;
        registry->organisations = grown;
        registry->room = room;
    }
    if ((registry->count + 1) * 2 > registry->slot_count) {
        uint32_t slot_count = registry->slot_count ? registry->slot_count * 2 : SLOTS_FIRST;
        uint32_t *slots = calloc(slot_count, sizeof(*slots));

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
    if (registry->slot_count == 0 || code.len == 0 || code.len > ORG_CODE_MAX)
        return ORG_NONE;
    for (uint32_t slot = slot_of(registry, code.s, code.len); registry->slots[slot] != 0;
         slot = (slot + 1) & (registry->slot_count - 1)) {
        uint32_t index = registry->slots[slot] - 1;
        const char *known = registry->organisations[index].code;

        if (strlen(known) == code.len && memcmp(known, code.s, code.len) == 0)
            return index;
    }
    return ORG_NONE;
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
