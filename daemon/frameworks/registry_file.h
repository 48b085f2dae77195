/*
 * organisations.csv, oversight-framework(5): CSV to struct registry, or the
 * full list of what is wrong with it.
 */
#ifndef OV_FRAMEWORKS_REGISTRY_FILE_H
#define OV_FRAMEWORKS_REGISTRY_FILE_H

#include <stddef.h>

#include "common/problems.h"
#include "daemon/engine/framework.h"
#include "daemon/engine/registry.h"

#define REGISTRY_FILE_MAX (512U * 1024 * 1024) /* bytes */
#define REGISTRY_ROWS_MAX 2000000U

/* NULL after at least one problem was added; the caller owns the registry. */
struct registry *registry_load(const char *path, struct problems *problems);

/* The same from memory; name stands in the problems in place of the path. */
struct registry *registry_parse(const char *name, const char *bytes, size_t len, struct problems *problems);

/* Adds a problem for every type in the registry that no framework names; name
 * is the registry's file, for the messages. */
void registry_check_types(const char *name, const struct registry *registry, struct framework *const *frameworks,
                          size_t framework_count, struct problems *problems);

#endif
