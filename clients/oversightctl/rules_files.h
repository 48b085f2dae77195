/*
 * An engine of our own, from framework files and a register: rules tried
 * without a daemon.
 */
#ifndef OV_CTL_RULES_FILES_H
#define OV_CTL_RULES_FILES_H

#include <cjson/cJSON.h>

#include "daemon/engine/engine.h"

#define RULES_FRAMEWORKS_MAX 8

#ifndef DEFAULT_REGISTRY
#define DEFAULT_REGISTRY "/etc/oversightd/organisations.csv"
#endif

struct rules_files {
    const char *frameworks[RULES_FRAMEWORKS_MAX];
    size_t framework_count;
    const char *registry; /* NULL: the installed one */
};

/* False, after a complaint, when there are too many. */
bool rules_files_add(struct rules_files *files, const char *framework);

/* Every problem of the files is printed; NULL when there was one. */
struct engine *rules_files_engine(const struct rules_files *files);

/* The alert as the daemon would publish it; the caller deletes it. */
cJSON *rules_files_event(const struct alert *alert);

#endif
