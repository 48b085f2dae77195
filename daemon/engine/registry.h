/*
 * The registry of organisations: who exists, of what type, where, from when to
 * when. Built once from a file by daemon/frameworks, then read only; a reload
 * builds a new one.
 */
#ifndef OV_ENGINE_REGISTRY_H
#define OV_ENGINE_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/date.h"
#include "common/text.h"

#define ORG_NONE UINT32_MAX

struct organisation {
    char code[ORG_CODE_MAX + 1];
    char *name, *type, *subtype, *region; /* never NULL, may be empty (not code, name, type) */
    char system[ORG_CODE_MAX + 1];        /* code of its integrated care system; empty for a system itself */
    char *group;                          /* provider chain or foundation group; may be empty */
    ov_day opened, closed;                /* OV_DAY_NONE = unbounded; counts when opened <= period < closed */
    char successor[ORG_CODE_MAX + 1];     /* may be empty */
    char *predecessors;                   /* codes separated by one space; may be empty */
};

struct registry;

struct registry *registry_create(void); /* NULL when out of memory */
void registry_destroy(struct registry *registry);

/* Copies the record and all its strings. The type name is kept as text: each
 * framework maps it to its own types. Fails on a code already present. */
enum registry_result { REGISTRY_OK, REGISTRY_DUPLICATE, REGISTRY_NO_MEMORY };
enum registry_result registry_add(struct registry *registry, const struct organisation *organisation);

uint32_t registry_count(const struct registry *registry);
const struct organisation *registry_at(const struct registry *registry, uint32_t index);
/* Index of a code, or ORG_NONE. One hash look-up. */
uint32_t registry_find(const struct registry *registry, struct text code);
/* organisation_counts() by index; looks at the record only where it has dates. */
bool registry_counts(const struct registry *registry, uint32_t index, ov_day day);
/* A bit for each that has dates: the others count in every period. */
const uint64_t *registry_bounds(const struct registry *registry);
bool registry_is_closed(const struct registry *registry, uint32_t index, ov_day date);
/* A hint that the code will be looked up soon. */
void registry_prefetch(const struct registry *registry, struct text code);

/* True when the organisation counts in the period that starts at day. */
bool organisation_counts(const struct organisation *organisation, ov_day day);

/* A digest of the content (FNV-1a over all records in order), for the store and alerts. */
uint64_t registry_digest(const struct registry *registry);

#endif
