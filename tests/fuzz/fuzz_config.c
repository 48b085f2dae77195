/* The daemon's configuration. What is read must print as something that reads the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/config.h"
#include "tests/unit/lsan_libconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print(const struct config *config) {
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        abort();
    config_print(config, stream);
    fclose(stream);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = alloc_copy_bytes((const char *)data, size);
    struct problems *problems = problems_create();
    struct config *config = config_parse("c", "/nowhere", text, problems);
    if ((config == NULL) != (problems_count(problems) > 0))
        abort();
    if (config != NULL) {
        char *first = print(config), *second;
        struct config *again = config_parse("again", "/nowhere", first, problems);
        if (again == NULL)
            abort();
        second = print(again);
        if (strcmp(first, second) != 0 || !config_check_fixed(config, again, "again", problems))
            abort();
        config_take_reloadable(config, again);
        config_unload(again);
        free(first);
        free(second);
    }
    config_unload(config);
    problems_destroy(problems);
    free(text);
    return 0;
}
