/*
 * The bytes of a file to be loaded, and their digest.
 */
#ifndef OV_FRAMEWORKS_SOURCE_H
#define OV_FRAMEWORKS_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "common/problems.h"

/* The whole file, with a NUL behind it that len does not count. NULL, after a
 * problem was added, when it cannot be read or is longer than max. The caller
 * frees it. */
char *source_read(const char *path, size_t max, struct problems *problems, size_t *ret_len);

uint64_t source_digest(const char *bytes, size_t len); /* FNV-1a 64 */

#endif
