#include <inttypes.h>
#include <stdlib.h>

#include "common/buf.h"
#include "daemon/app_state.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"

static void destroy_all(struct framework **frameworks, size_t count) {
    for (size_t i = 0; i < count; i++)
        framework_destroy(frameworks[i]);
    free(frameworks);
}

struct engine *app_rules_load(const struct config *config, struct problems *problems) {
    size_t before = problems_count(problems), count = 0;
    struct framework **frameworks = calloc(config->frameworks.count + 1, sizeof *frameworks);
    struct registry *registry = registry_load(config->registry, problems);

    for (size_t i = 0; frameworks && i < config->frameworks.count; i++) {
        struct framework *framework = framework_load(config->frameworks.items[i], problems);

        if (framework)
            frameworks[count++] = framework;
    }
    if (count)
        frameworks_check_together(frameworks, count, problems);
    if (registry && count)
        registry_check_types(config->registry, registry, frameworks, count, problems);
    if (!frameworks || problems_count(problems) != before) {
        registry_destroy(registry);
        destroy_all(frameworks, count);
        return NULL;
    }
    struct engine *engine = engine_create(registry, frameworks, count);

    free(frameworks); /* the engine has copied the list and owns what it names */
    return engine;
}

char *app_rules_digest(const struct engine *engine) {
    struct buf buf;

    buf_init(&buf);
    buf_printf(&buf, "%016" PRIx64, registry_digest(engine_registry(engine)));
    for (size_t i = 0; i < engine_framework_count(engine); i++)
        buf_printf(&buf, " %s:%s", engine_framework(engine, (uint16_t)i)->id,
                   engine_framework(engine, (uint16_t)i)->digest);
    return buf_take(&buf);
}

void app_check(const struct config *config, struct problems *problems) {
    engine_destroy(app_rules_load(config, problems));
    access_destroy(access_load(config, problems));
}
