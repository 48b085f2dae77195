/*
 * Memory that is given back all at once: short-lived texts of a decoder. A
 * reset keeps the first block, so that steady work allocates nothing.
 *
 * Out of memory ends the process.
 */
#ifndef OV_COMMON_SCRATCH_H
#define OV_COMMON_SCRATCH_H

#include <stddef.h>

#include "common/text.h"

struct scratch_block;

struct scratch {
    struct scratch_block *blocks; /* newest first */
};

void scratch_init(struct scratch *scratch);
void scratch_finish(struct scratch *scratch);
void scratch_reset(struct scratch *scratch);

void *scratch_alloc(struct scratch *scratch, size_t size); /* not zeroed; aligned for any type */
/* A NUL follows the text and does not count. */
struct text scratch_printf(struct scratch *scratch, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
