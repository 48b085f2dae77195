#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "daemon/app_state.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"

static void destroy_all(struct framework **frameworks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        framework_destroy(frameworks[i]);
    free(frameworks);
}

static const struct measure *find_measure(const struct framework *framework, const char *id)
{
    uint16_t at = framework_measure(framework, text_of(id));

    return at == INDEX_NONE ? NULL : &framework->measures[at];
}

static bool same_words(const struct measure *a, const struct measure *b)
{
    if (a->word_count != b->word_count)
        return false;
    for (size_t i = 0; i < a->word_count; i++)
        if (strcmp(a->words[i], b->words[i]))
            return false;
    return true;
}

/* Frameworks side by side share figures by measure id, so they must agree on
 * what a figure of it is. */
static void check_agreement(const char *path, const struct framework *a, const struct framework *b, struct problems *problems)
{
    if (!strcmp(a->id, b->id))
        problems_add(problems, path, 0, "framework '%s': the id is already taken by another framework of the configuration", b->id);
    for (size_t i = 0; i < b->measure_count; i++) {
        const struct measure *here = &b->measures[i], *there = find_measure(a, here->id);

        if (there && (there->kind != here->kind || there->frequency != here->frequency || !same_words(there, here)))
            problems_add(problems, path, 0,
                         "measure '%s': kind, frequency and rating words must be those of framework '%s', which has it too",
                         here->id, a->id);
    }
}

struct engine *app_rules_load(const struct config *config, struct problems *problems)
{
    size_t before = problems_count(problems), count = 0;
    struct framework **frameworks = calloc(config->frameworks.count + 1, sizeof *frameworks);
    struct registry *registry = registry_load(config->registry, problems);

    for (size_t i = 0; frameworks && i < config->frameworks.count; i++) {
        struct framework *framework = framework_load(config->frameworks.items[i], problems);

        if (!framework)
            continue;
        for (size_t k = 0; k < count; k++)
            check_agreement(config->frameworks.items[i], frameworks[k], framework, problems);
        frameworks[count++] = framework;
    }
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

char *app_rules_digest(const struct engine *engine)
{
    struct buf buf;

    buf_init(&buf);
    buf_printf(&buf, "%016" PRIx64, registry_digest(engine_registry(engine)));
    for (size_t i = 0; i < engine_framework_count(engine); i++)
        buf_printf(&buf, " %s:%s", engine_framework(engine, (uint16_t)i)->id, engine_framework(engine, (uint16_t)i)->digest);
    return buf_take(&buf);
}

bool app_reload(struct app *app, bool dry_run, struct problems *problems)
{
    struct engine *next = app_rules_load(app->config, problems);
    size_t lost;

    if (!next) {
        app->counters.reloads_refused++;
        return false;
    }
    if (dry_run) {
        engine_destroy(next);
        return true;
    }
    lost = engine_renew(app->engine, next);
    if (lost)
        log_warning("reload", "%zu figures and decisions fit the new rules no more", lost);
    app_commit(app); /* what the old rules made goes out first: it names them */
    engine_destroy(app->engine);
    app->engine = next;
    engine_loaded(next, true, loop_wall(app->loop), &app->changes);
    app_record(app);
    app_write_rules(app);
    app->counters.reloads++;
    return true;
}

void app_check(const struct config *config, struct problems *problems)
{
    engine_destroy(app_rules_load(config, problems));
}
