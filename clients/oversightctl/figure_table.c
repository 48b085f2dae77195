#include "clients/oversightctl/figure_table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

struct figure_table {
    struct gathered *figures;
    size_t count, capacity;
    size_t *slots; /* index + 1; 0 = free; linear probing, at most half full */
    size_t slot_count;
};

struct figure_table *figure_table_create(void) {
    return alloc_zero(1, sizeof(struct figure_table));
}

void figure_table_destroy(struct figure_table *table) {
    if (table == NULL)
        return;
    free(table->figures);
    free(table->slots);
    free(table);
}

static uint64_t hash_of(const char *org, ov_day period, const char *measure) {
    uint64_t hash = 0xcbf29ce484222325ULL ^ (uint32_t)period;

    for (const char *p = org; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3ULL;
    hash = (hash ^ 0xff) * 0x100000001b3ULL;
    for (const char *p = measure; *p != '\0'; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3ULL;
    return hash ^ (hash >> 29);
}

/* The slot that holds the figure, or the free one where it belongs. */
static size_t slot_of(const struct figure_table *table, const char *org, ov_day period, const char *measure) {
    size_t slot = hash_of(org, period, measure) & (table->slot_count - 1);

    while (table->slots[slot] != 0) {
        const struct gathered *figure = &table->figures[table->slots[slot] - 1];

        if (figure->period == period && strcmp(figure->org, org) == 0 && strcmp(figure->measure, measure) == 0)
            break;
        slot = (slot + 1) & (table->slot_count - 1);
    }
    return slot;
}

static void grow(struct figure_table *table) {
    table->capacity = table->capacity > 0 ? table->capacity * 2 : 512;
    table->figures = alloc_resize(table->figures, table->capacity, sizeof(*table->figures));
    table->slot_count = table->capacity * 2;
    free(table->slots);
    table->slots = alloc_zero(table->slot_count, sizeof(*table->slots));
    for (size_t i = 0; i < table->count; i++) {
        const struct gathered *figure = &table->figures[i];

        table->slots[slot_of(table, figure->org, figure->period, figure->measure)] = i + 1;
    }
}

struct gathered *figure_table_get(struct figure_table *table, const char *org, ov_day period, const char *measure,
                                  bool *ret_is_new) {
    struct gathered *figure;
    size_t slot;

    if (table->count == table->capacity)
        grow(table);
    slot = slot_of(table, org, period, measure);
    *ret_is_new = table->slots[slot] == 0;
    if (!*ret_is_new)
        return &table->figures[table->slots[slot] - 1];
    figure = &table->figures[table->count++];
    table->slots[slot] = table->count;
    memset(figure, 0, sizeof(*figure));
    text_copy(figure->org, sizeof(figure->org), text_of(org));
    text_copy(figure->measure, sizeof(figure->measure), text_of(measure));
    figure->period = period;
    return figure;
}

size_t figure_table_count(const struct figure_table *table) {
    return table->count;
}

const struct gathered *figure_table_at(const struct figure_table *table, size_t index) {
    return &table->figures[index];
}
