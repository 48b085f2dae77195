/* oversightctl check: configuration files of every kind, without a daemon. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/file.h"
#include "clients/oversightctl/mapping.h"
#include "common/alloc.h"
#include "daemon/config.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/registry_file.h"

#define FRAMEWORKS_MAX 64

enum kind { KIND_UNKNOWN, KIND_DAEMON, KIND_FRAMEWORK, KIND_REGISTRY, KIND_MAPPING };

static const char *const kind_names[] = {
    [KIND_DAEMON] = "configuration of the daemon",
    [KIND_FRAMEWORK] = "framework",
    [KIND_REGISTRY] = "register of organisations",
    [KIND_MAPPING] = "mapping",
};

/* What was loaded, so that each is read once and registers can be held against frameworks. */
struct check {
    struct problems *problems;
    struct framework *frameworks[FRAMEWORKS_MAX];
    char *framework_paths[FRAMEWORKS_MAX];
    size_t framework_count;
    struct registry *registry;
    char *registry_path;
};

/* ---- Which kind a file is ------------------------------------------------------------ */

static bool has_key(const char *text, const char *key) {
    size_t len = strlen(key);

    /* A setting of the file itself stands at the start of a line. */
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        while (*line == '\n')
            line++;
        if (strncmp(line, key, len) == 0) {
            const char *rest = line + len + strspn(line + len, " \t");

            if (*rest == '=' || *rest == ':')
                return true;
        }
    }
    return false;
}

static bool has_any(const char *text, const char *const *keys) {
    for (; *keys != NULL; keys++)
        if (has_key(text, *keys))
            return true;
    return false;
}

static enum kind recognise(const char *path, const char *text) {
    static const char *const mapping[] = {"organisation", "long", "period", "skip_organisations", NULL};
    static const char *const daemon[] = {"frameworks", "registry", "store", "publish", "submit",
                                         "query",      "instance", "feeds", NULL};
    static const char *const framework[] = {"types",    "themes", "measures", "triggers",
                                            "segments", "method", "id",       NULL};
    size_t len = strlen(path);

    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    if ((len > 4 && strcmp(path + len - 4, ".csv") == 0) || strncmp(text, "code,", 5) == 0)
        return KIND_REGISTRY;
    if (has_any(text, mapping))
        return KIND_MAPPING;
    if (has_any(text, daemon))
        return KIND_DAEMON;
    return has_any(text, framework) ? KIND_FRAMEWORK : KIND_UNKNOWN;
}

/* ---- Checks ------------------------------------------------------------------------------ */

static void check_framework(struct check *check, const char *path) {
    struct framework *framework;

    for (size_t i = 0; i < check->framework_count; i++)
        if (strcmp(check->framework_paths[i], path) == 0)
            return;
    framework = framework_load(path, check->problems);
    if (check->framework_count == FRAMEWORKS_MAX) {
        framework_destroy(framework);
        return;
    }
    check->framework_paths[check->framework_count] = alloc_copy(path);
    check->frameworks[check->framework_count++] = framework;
}

static void check_registry(struct check *check, const char *path) {
    if (check->registry_path != NULL && strcmp(check->registry_path, path) == 0)
        return;
    free(check->registry_path);
    registry_destroy(check->registry);
    check->registry_path = alloc_copy(path);
    check->registry = registry_load(path, check->problems);
}

static void check_daemon(struct check *check, const char *path) {
    struct config *config = config_load(path, check->problems);

    if (config == NULL)
        return;
    for (size_t i = 0; i < config->frameworks.count; i++)
        check_framework(check, config->frameworks.items[i]);
    check_registry(check, config->registry);
    config_unload(config);
}

/* Types that no framework names can only be seen when both are there and sound. */
static void check_types(struct check *check) {
    for (size_t i = 0; i < check->framework_count; i++)
        if (check->frameworks[i] == NULL)
            return;
    if (check->registry != NULL && check->framework_count > 0)
        registry_check_types(check->registry_path, check->registry, check->frameworks, check->framework_count,
                             check->problems);
}

static enum kind check_file(struct check *check, const char *path) {
    enum kind kind = KIND_UNKNOWN;
    size_t len;
    char *text = file_read(path, REGISTRY_FILE_MAX, &len, check->problems);

    if (text == NULL)
        return kind;
    kind = recognise(path, text);
    free(text);
    if (kind == KIND_REGISTRY)
        check_registry(check, path);
    else if (kind == KIND_MAPPING)
        mapping_destroy(mapping_load(path, check->problems));
    else if (kind == KIND_FRAMEWORK)
        check_framework(check, path);
    else if (kind == KIND_DAEMON)
        check_daemon(check, path);
    else
        problems_add(check->problems, path, 0,
                     "not recognised: expected a configuration of the daemon, a framework, a mapping, or a register "
                     "of organisations (.csv)");
    return kind;
}

static void say_sound(const struct context *context, const char *path, enum kind kind) {
    cJSON *line;

    if (!context->json) {
        printf("%s: %s, sound\n", path, kind_names[kind]);
        return;
    }
    line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "file", path);
    cJSON_AddStringToObject(line, "kind", kind_names[kind]);
    cJSON_AddBoolToObject(line, "sound", true);
    print_json(line);
    cJSON_Delete(line);
}

static void say_problems(const struct context *context, const struct problems *problems) {
    if (!context->json) {
        print_problems(problems);
        return;
    }
    for (size_t i = 0; i < problems_kept(problems); i++) {
        const struct problem *problem = problems_at(problems, i);
        cJSON *line = cJSON_CreateObject();

        cJSON_AddStringToObject(line, "file", problem->file);
        cJSON_AddBoolToObject(line, "sound", false);
        cJSON_AddNumberToObject(line, "line", problem->line);
        cJSON_AddStringToObject(line, "text", problem->text);
        print_json(line);
        cJSON_Delete(line);
    }
}

static int run(const struct context *context, int argc, char **argv) {
    static const struct option none[] = {{NULL, 0, NULL, 0}};
    struct check check = {.problems = problems_create()};
    bool good;
    int option;

    optind = 0;
    option = getopt_long(argc, argv, ":", none, NULL);
    if (option != -1 || optind == argc) {
        problems_destroy(check.problems);
        return option != -1 ? complain_option(&command_check, option, argv)
                            : complain_usage(&command_check, "check: no file given");
    }
    for (int i = optind; i < argc; i++) {
        size_t before = problems_count(check.problems);
        enum kind kind = check_file(&check, argv[i]);

        if (problems_count(check.problems) == before)
            say_sound(context, argv[i], kind);
    }
    check_types(&check);
    say_problems(context, check.problems);
    good = problems_count(check.problems) == 0;
    problems_destroy(check.problems);
    for (size_t i = 0; i < check.framework_count; i++) {
        framework_destroy(check.frameworks[i]);
        free(check.framework_paths[i]);
    }
    registry_destroy(check.registry);
    free(check.registry_path);
    return good ? EX_OK : EX_CONFIG;
}

const struct command command_check = {
    .name = "check",
    .usage = "FILE...",
    .help = "Check configurations, frameworks, registers and mappings",
    .options = "Each file is recognised by what it holds. A configuration of the daemon is checked\n"
               "with the files it names. All problems are printed; the status is then 78.\n",
    .run = run,
};
