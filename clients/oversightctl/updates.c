#include "clients/oversightctl/updates.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define BLOCK_SIZE (256U << 10)

struct block {
    struct block *next;
    size_t used, size;
    char bytes[];
};

struct entry {
    struct item item;
    const char *file;
    unsigned line;
};

struct updates {
    struct entry *entries;
    size_t count, capacity;
    struct block *blocks; /* the texts; the first is being filled */
    const char *last_file;
};

struct updates *updates_create(void) {
    return alloc_zero(1, sizeof(struct updates));
}

void updates_destroy(struct updates *updates) {
    if (updates == NULL)
        return;
    while (updates->blocks != NULL) {
        struct block *next = updates->blocks->next;

        free(updates->blocks);
        updates->blocks = next;
    }
    free(updates->entries);
    free(updates);
}

static struct text keep(struct updates *updates, struct text text) {
    struct block *block = updates->blocks;
    char *copy;

    if (text.len == 0)
        return TEXT_OF("");
    if (block == NULL || block->size - block->used < text.len + 1) {
        size_t size = text.len + 1 > BLOCK_SIZE ? text.len + 1 : BLOCK_SIZE;

        block = alloc_zero(1, sizeof(*block) + size);
        block->size = size;
        block->next = updates->blocks;
        updates->blocks = block;
    }
    copy = block->bytes + block->used;
    memcpy(copy, text.s, text.len);
    copy[text.len] = '\0';
    block->used += text.len + 1;
    return (struct text){copy, text.len};
}

static void keep_texts(struct updates *updates, struct item *item) {
    item->org = keep(updates, item->org);
    switch (item->kind) {
    case ITEM_FIGURE:
        item->figure.measure = keep(updates, item->figure.measure);
        if (item->figure.value.type == VALUE_WORD)
            item->figure.value.word = keep(updates, item->figure.value.word);
        break;
    case ITEM_DECISION:
        item->decision.decided_by = keep(updates, item->decision.decided_by);
        item->decision.reason = keep(updates, item->decision.reason);
        item->decision.framework = keep(updates, item->decision.framework);
        item->decision.trigger = keep(updates, item->decision.trigger);
        break;
    case ITEM_PROGRAMME:
        item->programme.programme = keep(updates, item->programme.programme);
        item->programme.decided_by = keep(updates, item->programme.decided_by);
        item->programme.reason = keep(updates, item->programme.reason);
        item->programme.exit_criteria = keep(updates, item->programme.exit_criteria);
        break;
    case ITEM_SKIP:
    case ITEM_REFUSED:
        break;
    }
}

void updates_add(struct updates *updates, const struct item *item, const char *file, unsigned line) {
    struct entry *entry;

    if (updates->count == updates->capacity) {
        updates->capacity = updates->capacity > 0 ? updates->capacity * 2 : 256;
        updates->entries = alloc_resize(updates->entries, updates->capacity, sizeof(*updates->entries));
    }
    if (updates->last_file == NULL || strcmp(updates->last_file, file) != 0)
        updates->last_file = keep(updates, text_of(file)).s;
    entry = &updates->entries[updates->count++];
    *entry = (struct entry){*item, updates->last_file, line};
    keep_texts(updates, &entry->item);
}

size_t updates_count(const struct updates *updates) {
    return updates->count;
}

struct item *updates_at(struct updates *updates, size_t index) {
    return &updates->entries[index].item;
}

struct update_origin updates_origin(const struct updates *updates, size_t index) {
    return (struct update_origin){updates->entries[index].file, updates->entries[index].line};
}

/* FNV-1a, 64 bits. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t len) {
    const unsigned char *p = bytes;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * 0x100000001b3ULL;
    return hash;
}

static uint64_t mix_text(uint64_t hash, struct text text) {
    return mix(mix(hash, &text.len, sizeof(text.len)), text.s, text.len);
}

static uint64_t mix_number(uint64_t hash, int64_t number) {
    return mix(hash, &number, sizeof(number));
}

static uint64_t mix_item(uint64_t hash, const struct item *item) {
    hash = mix_text(mix_number(hash, item->kind), item->org);
    if (item->kind == ITEM_FIGURE) {
        const struct value *value = &item->figure.value;

        hash = mix_text(hash, item->figure.measure);
        hash = mix_number(mix_number(hash, item->figure.period), item->figure.revision);
        hash = mix_number(hash, value->type);
        if (value->type == VALUE_NUMBER)
            hash = mix(hash, &value->number, sizeof(value->number));
        else if (value->type == VALUE_WORD)
            hash = mix_text(hash, value->word);
        else if (value->type == VALUE_BOOLEAN)
            hash = mix_number(hash, value->boolean);
    } else if (item->kind == ITEM_DECISION) {
        hash = mix_number(mix_number(hash, item->decision.segment), item->decision.effective);
        hash = mix_text(mix_text(hash, item->decision.reason), item->decision.decided_by);
    } else if (item->kind == ITEM_PROGRAMME) {
        hash = mix_text(mix_text(hash, item->programme.programme), item->programme.reason);
        hash = mix_number(mix_number(hash, item->programme.action), item->programme.effective);
    }
    return hash;
}

uint64_t updates_fingerprint(const struct updates *updates) {
    uint64_t hash = 0xcbf29ce484222325ULL;

    for (size_t i = 0; i < updates->count; i++)
        hash = mix_item(hash, &updates->entries[i].item);
    return hash;
}
