/*
 * Interned names: a set of texts with a position each, one hash look-up to
 * find. Grows by adding; nothing is ever taken out.
 */
#ifndef OV_ENGINE_NAMES_H
#define OV_ENGINE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "common/text.h"

#define NAMES_NONE UINT32_MAX

struct names;

struct names *names_create(void);
void names_destroy(struct names *names);
uint32_t names_add(struct names *names, struct text name); /* position of the new or the present one */
uint32_t names_find(const struct names *names, struct text name);
uint32_t names_count(const struct names *names);
const char *names_at(const struct names *names, uint32_t position);

#endif
