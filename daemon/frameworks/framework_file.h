/*
 * Framework files, oversight-framework(5): libconfig text to struct framework,
 * or the full list of what is wrong with it. Everything the engine relies on
 * is checked here.
 */
#ifndef OV_FRAMEWORKS_FRAMEWORK_FILE_H
#define OV_FRAMEWORKS_FRAMEWORK_FILE_H

#include <stddef.h>

#include "common/problems.h"
#include "daemon/engine/framework.h"

#define FRAMEWORK_FILE_MAX (4U * 1024 * 1024) /* bytes */

/* NULL after at least one problem was added; the caller owns the framework. */
struct framework *framework_load(const char *path, struct problems *problems);

/* The same from memory; name stands in the problems in place of the path. */
struct framework *framework_parse(const char *name, const char *bytes, size_t len, struct problems *problems);

/* Frameworks side by side share the figures of a measure they both name: it must
 * be the same in kind, frequency and words. Adds a problem for each that is
 * not, and for an id that two frameworks have. */
void frameworks_check_together(struct framework *const *frameworks, size_t count, struct problems *problems);

#endif
