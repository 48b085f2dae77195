/* Files of frameworks. What is read must carry an engine. */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/engine/engine.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"
#include "tests/unit/lsan_libconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char organisations[] = "code,name,type\nAAA,One,acute\nBBB,Two,icb\nCCC,Three,trust\n";

static void run(struct framework *framework, struct problems *problems) {
    struct registry *registry = registry_parse("r", organisations, sizeof organisations - 1, problems);
    if (registry == NULL)
        abort();
    struct engine *engine = engine_create(registry, &framework, 1);
    struct changes changes;
    ov_day date;
    changes_init(&changes);
    date_parse("2025-04-01", 10, &date);
    engine_loaded(engine, true, 0, &changes);
    engine_tick(engine, date, 0, &changes);
    changes_finish(&changes);
    engine_destroy(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct problems *problems = problems_create();
    struct framework *framework = framework_parse("f", (const char *)data, size, problems);
    if ((framework == NULL) != (problems_count(problems) > 0))
        abort();
    if (framework != NULL)
        run(framework, problems);
    problems_destroy(problems);
    return 0;
}
