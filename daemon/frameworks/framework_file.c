#include "daemon/frameworks/framework_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/frameworks/loader.h"
#include "daemon/frameworks/source.h"

#define LINES_MAX 65000U /* the parser counts lines in 16 bits */

static void load_numbers(struct framework *framework, const struct settings *top) {
    int minimum_peers, least = (int)framework->baseline_min, most = (int)framework->baseline_max;
    if (settings_int(top, "minimum_peers", SETTINGS_OPTIONAL, 2, 1000000, &minimum_peers))
        framework->minimum_peers = (uint32_t)minimum_peers;
    double coverage;
    if (settings_number(top, "coverage", SETTINGS_OPTIONAL, 0, 1, &coverage)) {
        if (coverage > 0)
            framework->coverage = coverage;
        else
            settings_expect(top, "coverage", settings_get(top, "coverage"), "a number above 0, at most 1");
    }
    settings_int(top, "stale_after", SETTINGS_OPTIONAL, 0, RULE_PERIODS_MAX, &framework->stale_after);
    settings_int(top, "baseline_min", SETTINGS_OPTIONAL, 2, RULE_PERIODS_MAX, &least);
    settings_int(top, "baseline_max", SETTINGS_OPTIONAL, 2, RULE_PERIODS_MAX, &most);
    if (most < least)
        settings_expect(top, "baseline_max", settings_get(top, "baseline_max"), "at least baseline_min, %d", least);
    framework->baseline_min = (size_t)least;
    framework->baseline_max = (size_t)most;
}

static void load_top(struct loader *loader, const struct settings *top) {
    static const char *const KEYS[] = {"id",       "name",        "method",       "default_segment", "minimum_peers",
                                       "coverage", "stale_after", "baseline_min", "baseline_max",    "types",
                                       "themes",   "segments",    "measures",     "triggers",        "promotion",
                                       "scores",   "programmes"};
    static const char *const METHODS[] = {"triggers", "scores"};
    struct framework *framework = loader->framework;
    int method;
    settings_keys(top, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
    settings_name(top, "id", SETTINGS_REQUIRED, framework->id);
    settings_free_text(top, "name", SETTINGS_REQUIRED, TITLE_MAX, &framework->name);
    bool known = settings_choice(top, "method", SETTINGS_REQUIRED, METHODS, 2, &method);
    if (known)
        framework->method = (enum method)method;
    load_numbers(framework, top);
    load_types(loader, top);
    load_themes(loader, top);
    if (!known)
        return; /* what the rest may hold depends on it */
    load_segments(loader, top);
    load_measures(loader, top);
    load_triggers(loader, top);
    load_scoring(loader, top);
    load_programmes(loader, top);
}

/* Walks over text as the parser reads it: comments, strings, the rest. */
struct walk {
    const char *bytes;
    size_t len, at;
    unsigned line;
};

static bool starts_with(const struct walk *walk, const char *word) {
    size_t len = strlen(word);
    return walk->len - walk->at >= len && memcmp(walk->bytes + walk->at, word, len) == 0;
}

/* Past the end mark, counting lines; false at the end of the text. */
static bool skip_past(struct walk *walk, const char *end, bool escapes) {
    for (; walk->at < walk->len; walk->at++) {
        if (starts_with(walk, end)) {
            walk->at += end[0] == '\n' ? 0 : strlen(end);
            return true;
        }
        if (walk->bytes[walk->at] == '\n')
            walk->line++;
        else if (escapes && walk->bytes[walk->at] == '\\' && walk->at + 1 < walk->len &&
                 walk->bytes[walk->at + 1] != '\n')
            walk->at++;
    }
    return false;
}

/* One step outside of comments and strings, or over a whole comment or string.
 * What is wrong, or NULL. */
static const char *step(struct walk *walk) {
    if (starts_with(walk, "#") || starts_with(walk, "//")) {
        skip_past(walk, "\n", false);
    } else if (starts_with(walk, "/*")) {
        walk->at += 2;
        if (!skip_past(walk, "*/", false))
            return "got an open comment, expected its end";
    } else if (starts_with(walk, "\"")) {
        walk->at++;
        if (!skip_past(walk, "\"", true))
            return "got an open quote, expected its end";
    } else if (starts_with(walk, "@include")) {
        return "got @include, expected a file that is complete in itself";
    } else {
        walk->line += walk->bytes[walk->at] == '\n';
        walk->at++;
    }
    return NULL;
}

/* What the parser would swallow, follow or count wrong. */
static bool check_bytes(const char *name, const char *bytes, size_t len, struct problems *problems) {
    struct walk walk = {bytes, len, 0, 1};
    if (memchr(bytes, '\0', len)) {
        problems_add(problems, name, 0, "got a NUL byte, expected text");
        return false;
    }
    while (walk.at < len) {
        unsigned line = walk.line;
        const char *wrong = step(&walk);
        if (!wrong && walk.line > LINES_MAX)
            wrong = "got more lines, expected at most 65000";
        if (wrong) {
            problems_add(problems, name, line, "%s", wrong);
            return false;
        }
    }
    return true;
}

static void finish(struct framework *framework, const char *bytes, size_t len) {
    snprintf(framework->digest, sizeof(framework->digest), "%016" PRIx64, source_digest(bytes, len));
}

struct framework *framework_parse(const char *name, const char *bytes, size_t len, struct problems *problems) {
    size_t before = problems_count(problems);
    if (len > FRAMEWORK_FILE_MAX) {
        problems_add(problems, name, 0, "file too large: expected at most %u bytes", FRAMEWORK_FILE_MAX);
        return NULL;
    }
    if (!check_bytes(name, bytes, len, problems))
        return NULL;
    char *text = alloc_zero(len + 1, 1);
    memcpy(text, bytes, len);
    config_t config;
    config_init(&config);
    struct loader *loader = alloc_zero(1, sizeof(*loader));
    loader->framework = framework_create();
    if (!loader->framework)
        abort();
    if (!config_read_string(&config, text)) {
        problems_add(problems, name, (unsigned)config_error_line(&config), "%s", config_error_text(&config));
    } else {
        struct settings top = {name, problems, config_root_setting(&config), ""};
        load_top(loader, &top);
        finish(loader->framework, bytes, len);
    }
    struct framework *framework = loader->framework;
    if (problems_count(problems) > before) {
        framework_destroy(framework);
        framework = NULL;
    }
    free(loader);
    config_destroy(&config);
    free(text);
    problems_sort(problems);
    return framework;
}

struct framework *framework_load(const char *path, struct problems *problems) {
    size_t len;
    char *bytes = source_read(path, FRAMEWORK_FILE_MAX, problems, &len);
    if (!bytes)
        return NULL;
    struct framework *framework = framework_parse(path, bytes, len, problems);
    free(bytes);
    return framework;
}
