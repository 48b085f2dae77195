/* A mapping and a published file that it reads; a line of four dashes stands between them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clients/oversightctl/mapping.h"
#include "tests/unit/lsan_libconfig.h"

#define BETWEEN "\n----\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *bytes = (const char *)data;
    const char *between = memmem(bytes, size, BETWEEN, strlen(BETWEEN));
    size_t len = between != NULL ? (size_t)(between - bytes) : size;
    struct problems *problems = problems_create();
    struct mapping *mapping = mapping_parse("m", bytes, len, problems);
    if ((mapping == NULL) != (problems_count(problems) > 0))
        abort();
    if (mapping != NULL && between != NULL) {
        const struct mapping_options options = {.period = OV_DAY_NONE};
        struct updates *updates = updates_create();
        const char *file = between + strlen(BETWEEN);
        mapping_apply(mapping, "d", file, size - (size_t)(file - bytes), &options, updates, problems);
        updates_fingerprint(updates);
        updates_destroy(updates);
    }
    mapping_destroy(mapping);
    problems_destroy(problems);
    return 0;
}
