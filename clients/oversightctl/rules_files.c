#include "clients/oversightctl/rules_files.h"

#include <stdlib.h>

#include "clients/oversightctl/command.h"
#include "common/alloc.h"
#include "common/problems.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"
#include "daemon/render/event.h"

bool rules_files_add(struct rules_files *files, const char *framework) {
    if (files->framework_count == RULES_FRAMEWORKS_MAX) {
        complain(0, "more than %d frameworks", RULES_FRAMEWORKS_MAX);
        return false;
    }
    files->frameworks[files->framework_count++] = framework;
    return true;
}

struct engine *rules_files_engine(const struct rules_files *files) {
    const char *path = files->registry != NULL ? files->registry : DEFAULT_REGISTRY;
    struct problems *problems = problems_create();
    struct framework **frameworks = alloc_zero(files->framework_count, sizeof(struct framework *));
    struct registry *registry = registry_load(path, problems);
    struct engine *engine = NULL;

    for (size_t i = 0; i < files->framework_count; i++)
        frameworks[i] = framework_load(files->frameworks[i], problems);
    if (problems_count(problems) == 0)
        frameworks_check_together(frameworks, files->framework_count, problems);
    if (problems_count(problems) == 0) {
        engine = engine_create(registry, frameworks, files->framework_count);
    } else {
        print_problems(problems);
        for (size_t i = 0; i < files->framework_count; i++)
            framework_destroy(frameworks[i]);
        registry_destroy(registry);
    }
    free(frameworks);
    problems_destroy(problems);
    return engine;
}

cJSON *rules_files_event(const struct alert *alert) {
    const struct render_context context = {.instance = "oversightctl", .durability = "none"};
    struct buf text;
    cJSON *event;

    buf_init(&text);
    render_event(alert, &context, &text);
    event = cJSON_ParseWithLength(text.data, text.len);
    buf_finish(&text);
    return event;
}
