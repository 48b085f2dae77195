/* Registers of organisations. */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/frameworks/registry_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct problems *problems = problems_create();
    struct registry *registry = registry_parse("r", (const char *)data, size, problems);
    if ((registry == NULL) != (problems_count(problems) > 0))
        abort();
    for (uint32_t i = 0; registry != NULL && i < registry_count(registry); i++)
        if (registry_find(registry, text_of(registry_at(registry, i)->code)) != i)
            abort();
    registry_destroy(registry);
    problems_destroy(problems);
    return 0;
}
