#include "daemon/store/step.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/store/library.h"

struct store_step *step_create(struct store *store, bool refill) {
    struct store_step *step = alloc_zero(1, sizeof(*step));
    step->store = store;
    step->refill = refill;
    return step;
}

void step_destroy(struct store_step *step) {
    if (!step)
        return;
    for (size_t i = 0; i < step->part_count; i++) {
        free(step->parts[i].key);
        fields_finish(&step->parts[i].fields);
        bytes_finish(&step->parts[i].content);
    }
    bytes_finish(&step->kinds);
    free(step->parts);
    free(step->index);
    free(step);
}

void step_seal(struct store_step *step) {
    step->size = sizeof(*step) + step->part_size * sizeof(*step->parts);
    for (size_t i = 0; i < step->part_count; i++) {
        struct step_part *part = &step->parts[i];
        fields_pack(&part->fields, &part->content);
        part->count += (uint32_t)part->fields.count * 2;
        fields_finish(&part->fields);
        bytes_array_end(&part->content, part->count);
        step->size += part->content.size + strlen(part->key) + 1;
    }
    free(step->index);
    step->index = NULL;
    step->index_size = 0;
}

/* ---- Parts by key ----------------------------------------------------------------- */

static size_t hash(const char *key) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * 1099511628211u;
    return (size_t)hash;
}

static void index_part(struct store_step *step, size_t part) {
    size_t slot = hash(step->parts[part].key) & (step->index_size - 1);
    while (step->index[slot])
        slot = (slot + 1) & (step->index_size - 1);
    step->index[slot] = (uint32_t)part + 1;
}

static void grow(struct store_step *step) {
    size_t size = step->part_size ? step->part_size * 2 : 8;
    struct step_part *parts = alloc_zero(size, sizeof(*parts));
    if (step->part_count)
        memcpy(parts, step->parts, step->part_count * sizeof(*parts));
    free(step->parts);
    free(step->index);
    step->parts = parts;
    step->part_size = size;
    step->index_size = size * 2;
    step->index = alloc_zero(step->index_size, sizeof(*step->index));
    for (size_t i = 0; i < step->part_count; i++)
        index_part(step, i);
}

static struct step_part *add_part(struct store_step *step, char kind, const char *key) {
    if (step->part_count == step->part_size)
        grow(step);
    struct step_part *part = &step->parts[step->part_count];
    *part = (struct step_part){.key = alloc_copy(key)};
    bytes_array_begin(&part->content);
    bytes_append(&step->kinds, &kind, 1);
    step->size += sizeof(*part) + strlen(key) + part->content.size;
    index_part(step, step->part_count++);
    return part;
}

static struct step_part *find_part(struct store_step *step, char kind, const char *key) {
    /* The fields of a verdict follow each other. */
    if (step->part_count && strcmp(step->parts[step->part_count - 1].key, key) == 0)
        return &step->parts[step->part_count - 1];
    if (step->index_size) {
        size_t slot = hash(key) & (step->index_size - 1);
        for (; step->index[slot]; slot = (slot + 1) & (step->index_size - 1)) {
            if (strcmp(step->parts[step->index[slot] - 1].key, key) == 0)
                return &step->parts[step->index[slot] - 1];
        }
    }
    return add_part(step, kind, key);
}

/* "{oversight}:kind:name[:name]"; NULL = no second name. */
static const char *join_key(char key[KEY_SIZE], const char *kind, const char *first, const char *second) {
    snprintf(key, KEY_SIZE, KEY_PREFIX "%s:%s%s%s", kind, first, second ? ":" : "", second ? second : "");
    return key;
}

static void set(struct store_step *step, char kind, const char *key, struct text name, struct text value) {
    step->size += fields_set(&find_part(step, kind, key)->fields, name, value);
}

static void add(struct step_part *part, struct text text) {
    bytes_array_add(&part->content, text);
    part->count++;
}

static void add_entry(struct store_step *step, char kind, const char *key, const char *id,
                      const struct store_field *fields, size_t count) {
    struct step_part *part = find_part(step, kind, key);
    size_t before = part->content.size;
    char number[24];
    snprintf(number, sizeof(number), "%zu", count * 2);
    add(part, text_of(id));
    add(part, text_of(number));
    for (size_t i = 0; i < count; i++) {
        add(part, fields[i].name);
        add(part, fields[i].value);
    }
    step->size += part->content.size - before;
}

/* ---- What goes into a step ----------------------------------------------------------- */

void store_step_abandon(struct store_step *step) {
    step_destroy(step);
}

size_t store_step_bytes(const struct store_step *step) {
    return step->size;
}

bool store_step_is_empty(const struct store_step *step) {
    return step->part_count == 0;
}

size_t store_step_column(struct store_step *step, const char *measure, const char *period) {
    char key[KEY_SIZE];
    return (size_t)(find_part(step, PART_HASH, join_key(key, "figures", measure, period)) - step->parts);
}

void store_step_put(struct store_step *step, size_t column, const char *org, struct text value) {
    struct step_part *part = &step->parts[column];
    size_t before = part->content.size;
    add(part, text_of(org));
    add(part, value);
    step->size += part->content.size - before;
}

void store_step_figure(struct store_step *step, const char *measure, const char *period, const char *org,
                       struct text value) {
    store_step_put(step, store_step_column(step, measure, period), org, value);
}

void store_step_figures_anew(struct store_step *step, const char *measure, const char *period) {
    char key[KEY_SIZE];
    find_part(step, PART_ANEW, join_key(key, "figures", measure, period));
}

void store_step_verdict(struct store_step *step, const char *framework, const char *org,
                        const struct store_field *fields, size_t count) {
    char key[KEY_SIZE];
    join_key(key, "verdict", framework, org);
    for (size_t i = 0; i < count; i++)
        set(step, PART_HASH, key, fields[i].name, fields[i].value);
}

void store_step_history(struct store_step *step, const char *framework, const char *org, const char *id,
                        const struct store_field *fields, size_t count) {
    char key[KEY_SIZE];
    join_key(key, "history", framework, org);
    if (count)
        add_entry(step, step->refill ? PART_REPLACED : PART_STREAM, key, id, fields, count);
}

void store_step_programme(struct store_step *step, const char *org, const char *programme, struct text value) {
    char key[KEY_SIZE];
    join_key(key, "programmes", org, NULL);
    set(step, PART_HASH, key, text_of(programme), value);
}

void store_step_source(struct store_step *step, const char *source, uint64_t last) {
    char number[24];
    snprintf(number, sizeof(number), "%" PRIu64, last);
    set(step, PART_HASH, KEY_SOURCES, text_of(source), text_of(number));
}

void store_step_meta(struct store_step *step, const char *field, struct text value) {
    set(step, PART_HASH, KEY_META, text_of(field), value);
}

void store_step_alert(struct store_step *step, const char *id, int64_t time_ms, struct text event) {
    char number[24];
    snprintf(number, sizeof(number), "%" PRId64, time_ms);
    const struct store_field fields[] = {{TEXT_OF("event"), event}, {TEXT_OF("time"), text_of(number)}};
    add_entry(step, PART_STREAM, KEY_ALERTS, id, fields, 2);
    text_copy(step->last_alert, sizeof(step->last_alert), text_of(id));
}

void step_decision(struct store_step *step, const char *org, const char *id, const struct store_field *fields,
                   size_t count) {
    char key[KEY_SIZE];
    join_key(key, "decisions", org, NULL);
    if (count)
        add_entry(step, step->refill ? PART_REPLACED : PART_STREAM, key, id, fields, count);
}
