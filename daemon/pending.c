#include "daemon/pending.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define FREE UINT32_MAX

/* A measure and period, or (with the measure "") the verdicts of a framework:
 * what a step writes is of few of them. */
struct column {
    char *measure;
    ov_day period;  /* or the framework's index */
    uint32_t first; /* of its entries */
};

struct position {
    char source[SOURCE_MAX + 1];
    uint64_t last;
};

struct entry {
    uint32_t column, org, next; /* next of the column */
    uint32_t revision;
    struct value value; /* a word is owned */
};

struct pending {
    struct column *columns;
    size_t column_count, column_size;
    uint32_t *column_slots; /* hash table of columns */
    size_t column_slot_count;
    uint32_t last; /* column used last */

    struct entry *entries;
    size_t count, size;
    uint32_t *slots; /* hash table of entries */
    size_t slot_count;

    struct position *positions; /* a handful */
    size_t position_count, position_size;
};

#define FIRST_SIZE 64

static uint32_t *free_slots(size_t count) {
    uint32_t *slots = alloc_zero(count, sizeof *slots);
    memset(slots, 0xff, count * sizeof *slots);
    return slots;
}

struct pending *pending_create(void) {
    struct pending *pending = alloc_zero(1, sizeof *pending);
    pending->slot_count = pending->column_slot_count = 2 * FIRST_SIZE;
    pending->slots = free_slots(pending->slot_count);
    pending->column_slots = free_slots(pending->column_slot_count);
    pending->last = FREE;
    return pending;
}

static void forget(struct entry *entry) {
    if (entry->value.type == VALUE_WORD)
        free((char *)(uintptr_t)entry->value.word.s);
}

static void forget_columns(struct pending *pending) {
    for (size_t i = 0; i < pending->column_count; i++)
        free(pending->columns[i].measure);
    pending->column_count = 0;
    pending->last = FREE;
}

void pending_destroy(struct pending *pending) {
    if (!pending)
        return;
    for (size_t i = 0; i < pending->count; i++)
        forget(&pending->entries[i]);
    forget_columns(pending);
    free(pending->columns);
    free(pending->column_slots);
    free(pending->entries);
    free(pending->slots);
    free(pending->positions);
    free(pending);
}

static uint64_t mixed(uint64_t value) {
    value *= UINT64_C(0x9e3779b97f4a7c15);
    return value ^ (value >> 29);
}

static uint64_t column_hash(const char *measure, ov_day period) {
    uint64_t hash = (uint64_t)(int64_t)period;
    for (; *measure; measure++)
        hash = (hash ^ (unsigned char)*measure) * UINT64_C(1099511628211);
    return mixed(hash);
}

static uint64_t entry_hash(uint32_t column, uint32_t org) {
    return mixed((uint64_t)column << 32 | org);
}

static bool is_column(const struct pending *pending, uint32_t index, const char *measure, ov_day period) {
    const struct column *column = &pending->columns[index];
    return column->period == period && strcmp(column->measure, measure) == 0;
}

/* ---- Tables that grow ------------------------------------------------------------- */

static void link_slot(uint32_t *slots, size_t count, uint64_t hash, uint32_t index) {
    size_t slot = hash & (count - 1);
    while (slots[slot] != FREE)
        slot = (slot + 1) & (count - 1);
    slots[slot] = index;
}

static void grow_columns(struct pending *pending) {
    pending->column_size = pending->column_size ? pending->column_size * 2 : FIRST_SIZE;
    pending->columns = alloc_resize(pending->columns, pending->column_size, sizeof *pending->columns);
    free(pending->column_slots);
    pending->column_slot_count = pending->column_size * 2;
    pending->column_slots = free_slots(pending->column_slot_count);
    for (uint32_t i = 0; i < pending->column_count; i++)
        link_slot(pending->column_slots, pending->column_slot_count,
                  column_hash(pending->columns[i].measure, pending->columns[i].period), i);
}

static void grow_entries(struct pending *pending) {
    pending->size = pending->size ? pending->size * 2 : FIRST_SIZE;
    pending->entries = alloc_resize(pending->entries, pending->size, sizeof *pending->entries);
    free(pending->slots);
    pending->slot_count = pending->size * 2;
    pending->slots = free_slots(pending->slot_count);
    for (uint32_t i = 0; i < pending->count; i++)
        link_slot(pending->slots, pending->slot_count, entry_hash(pending->entries[i].column, pending->entries[i].org),
                  i);
}

static uint32_t find_column(struct pending *pending, const char *measure, ov_day period) {
    if (pending->last != FREE && is_column(pending, pending->last, measure, period))
        return pending->last;
    uint64_t hash = column_hash(measure, period);
    size_t slot = hash & (pending->column_slot_count - 1);
    for (; pending->column_slots[slot] != FREE; slot = (slot + 1) & (pending->column_slot_count - 1))
        if (is_column(pending, pending->column_slots[slot], measure, period))
            return pending->last = pending->column_slots[slot];
    if (pending->column_count == pending->column_size)
        grow_columns(pending);
    pending->last = (uint32_t)pending->column_count++;
    pending->columns[pending->last] = (struct column){alloc_copy(measure), period, FREE};
    link_slot(pending->column_slots, pending->column_slot_count, hash, pending->last);
    return pending->last;
}

static struct entry *find_entry(struct pending *pending, uint32_t column, uint32_t org) {
    uint64_t hash = entry_hash(column, org);
    size_t slot = hash & (pending->slot_count - 1);
    for (; pending->slots[slot] != FREE; slot = (slot + 1) & (pending->slot_count - 1)) {
        struct entry *entry = &pending->entries[pending->slots[slot]];
        if (entry->column == column && entry->org == org)
            return entry;
    }
    if (pending->count == pending->size)
        grow_entries(pending);
    uint32_t index = (uint32_t)pending->count++;
    struct entry *entry = &pending->entries[index];
    *entry = (struct entry){.column = column, .org = org, .next = pending->columns[column].first};
    pending->columns[column].first = index;
    link_slot(pending->slots, pending->slot_count, hash, index);
    return entry;
}

void pending_figure(struct pending *pending, const struct figure_change *figure) {
    struct entry *entry = find_entry(pending, find_column(pending, figure->measure, figure->period), figure->org);
    forget(entry);
    entry->value = figure->value;
    entry->revision = figure->revision;
    if (entry->value.type == VALUE_WORD) {
        struct text word = figure->value.word;
        entry->value.word.s = alloc_copy_bytes(word.s, word.len);
    }
}

void pending_verdict(struct pending *pending, uint16_t framework, uint32_t org) {
    find_entry(pending, find_column(pending, "", framework), org);
}

void pending_source(struct pending *pending, struct text source, uint64_t last) {
    size_t i = pending->position_count;
    while (i > 0 && !text_equal(source, pending->positions[i - 1].source))
        i--;
    if (i == 0) {
        if (pending->position_count == pending->position_size) {
            pending->position_size = pending->position_size ? pending->position_size * 2 : 8;
            pending->positions = alloc_resize(pending->positions, pending->position_size, sizeof *pending->positions);
        }
        i = ++pending->position_count;
        text_copy(pending->positions[i - 1].source, sizeof pending->positions[i - 1].source, source);
    }
    pending->positions[i - 1].last = last;
}

size_t pending_count(const struct pending *pending) {
    return pending->count;
}

#define TEXT_BYTES 64 /* organisation, value and what frames them */

size_t pending_bytes(const struct pending *pending) {
    return pending->count * (sizeof *pending->entries + 2 * sizeof *pending->slots + TEXT_BYTES);
}

/* A table that one large step has grown is not wiped whole for each small one. */
static void empty(struct pending *pending) {
    if (pending->count > pending->slot_count / 16) {
        memset(pending->slots, 0xff, pending->slot_count * sizeof *pending->slots);
    } else {
        for (size_t i = 0; i < pending->count; i++) {
            size_t slot = entry_hash(pending->entries[i].column, pending->entries[i].org) & (pending->slot_count - 1);
            for (; pending->slots[slot] != FREE; slot = (slot + 1) & (pending->slot_count - 1))
                pending->slots[slot] = FREE;
        }
    }
    memset(pending->column_slots, 0xff, pending->column_slot_count * sizeof *pending->column_slots);
    pending->count = pending->position_count = 0;
    forget_columns(pending);
}

static void visit_column(struct pending *pending, const struct column *column, const struct pending_visitor *visitor,
                         void *context) {
    if (column->measure[0])
        visitor->column(context, column->measure, column->period);
    for (uint32_t e = column->first; e != FREE; e = pending->entries[e].next) {
        struct entry *entry = &pending->entries[e];
        const struct figure_change figure = {.measure = column->measure,
                                             .period = column->period,
                                             .org = entry->org,
                                             .value = entry->value,
                                             .revision = entry->revision};
        if (column->measure[0])
            visitor->figure(context, &figure);
        else
            visitor->verdict(context, (uint16_t)column->period, entry->org);
        forget(entry);
    }
}

void pending_drain(struct pending *pending, const struct pending_visitor *visitor, void *context) {
    for (size_t i = 0; i < pending->column_count; i++)
        visit_column(pending, &pending->columns[i], visitor, context);
    for (size_t i = 0; i < pending->position_count; i++)
        visitor->source(context, pending->positions[i].source, pending->positions[i].last);
    empty(pending);
}
