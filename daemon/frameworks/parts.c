#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/frameworks/loader.h"
#include "daemon/frameworks/nearest.h"

/* Checks a new word of a list of unique words; false after a problem. */
static bool is_new(const struct settings *top, const char *key, const config_setting_t *element,
                   char (*words)[NAME_MAX_LEN + 1], size_t count, const char *word) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0) {
            settings_expect(top, key, element, "each only once");
            return false;
        }
    }
    return true;
}

void load_types(struct loader *loader, const struct settings *top) {
    struct framework *framework = loader->framework;
    const config_setting_t *list = settings_list(top, "types", SETTINGS_REQUIRED, 1, TYPES_MAX, "types");
    size_t count = list ? settings_count(list) : 0;
    framework->types = alloc_zero(count, sizeof(*framework->types));
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *element = settings_element(list, i);
        const char *string;
        if (!settings_element_string(top, "types", element, &string))
            continue;
        if (!text_is_name(text_of(string)))
            settings_expect(top, "types", element, "1 to 64 of a-z 0-9 _ . -");
        else if (is_new(top, "types", element, framework->types, framework->type_count, string))
            text_copy(framework->types[framework->type_count++], NAME_MAX_LEN + 1, text_of(string));
    }
}

void load_themes(struct loader *loader, const struct settings *top) {
    struct framework *framework = loader->framework;
    const config_setting_t *list = settings_list(top, "themes", SETTINGS_REQUIRED, 1, THEMES_MAX, "themes");
    size_t count = list ? settings_count(list) : 0;
    framework->themes = alloc_zero(count, sizeof(*framework->themes));
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *element = settings_element(list, i);
        const char *string;
        if (!settings_element_string(top, "themes", element, &string))
            continue;
        if (string[0] == '\0' || !text_is_free(text_of(string), NAME_MAX_LEN))
            settings_expect(top, "themes", element, "1 to 64 bytes of UTF-8 without control characters");
        else if (is_new(top, "themes", element, framework->themes, framework->theme_count, string))
            text_copy(framework->themes[framework->theme_count++], NAME_MAX_LEN + 1, text_of(string));
    }
}

static void load_segment(struct framework *framework, const struct settings *segment) {
    static const char *const KEYS[] = {"number", "name", "consequence"};
    settings_keys(segment, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
    int number;
    if (!settings_int(segment, "number", SETTINGS_REQUIRED, 1, framework->method == METHOD_SCORES ? 5 : 4, &number))
        return;
    if (framework->segments[number].name) {
        settings_expect(segment, "number", settings_get(segment, "number"), "each segment only once");
        return;
    }
    if (!settings_free_text(segment, "name", SETTINGS_REQUIRED, TITLE_MAX, &framework->segments[number].name))
        framework->segments[number].name = alloc_copy(""); /* reported: do not report it as absent again */
    enum settings_need need = number == 3 || number == 4 ? SETTINGS_REQUIRED : SETTINGS_OPTIONAL;
    settings_free_text(segment, "consequence", need, FREE_TEXT_MAX, &framework->segments[number].consequence);
}

void load_segments(struct loader *loader, const struct settings *top) {
    struct framework *framework = loader->framework;
    const config_setting_t *list = settings_list(top, "segments", SETTINGS_REQUIRED, 1, SEGMENTS_MAX, "groups");
    for (size_t i = 0; list && i < settings_count(list); i++) {
        struct settings segment;
        if (settings_enter(top, settings_element(list, i), "segment", NULL, i + 1, &segment))
            load_segment(framework, &segment);
    }
    int first = framework->method == METHOD_SCORES ? 1 : 2;
    for (int number = first; list && number <= 4; number++) {
        if (!framework->segments[number].name)
            settings_problem(top, "segments", list, "got no segment %d, expected a group with number = %d and a name",
                             number, number);
    }
    settings_int(top, "default_segment", SETTINGS_OPTIONAL, 1, 4, &framework->default_segment);
    if (list && framework->default_segment == 1 && !framework->segments[1].name)
        settings_expect(top, "default_segment", settings_get(top, "default_segment"), "a segment that is named");
}

static void load_programme(struct framework *framework, const struct settings *settings, struct programme *programme) {
    static const char *const KEYS[] = {"id",         "name",        "segment",      "trigger",
                                       "limit_days", "review_days", "exit_criteria"};
    settings_keys(settings, KEYS, sizeof(KEYS) / sizeof(KEYS[0]));
    if (settings_name(settings, "id", SETTINGS_REQUIRED, programme->id)) {
        for (const struct programme *other = framework->programmes; other < programme; other++) {
            if (strcmp(other->id, programme->id) == 0)
                settings_expect(settings, "id", settings_get(settings, "id"), "each id only once");
        }
    }
    settings_free_text(settings, "name", SETTINGS_REQUIRED, TITLE_MAX, &programme->name);
    settings_free_text(settings, "exit_criteria", SETTINGS_OPTIONAL, FREE_TEXT_MAX, &programme->exit_criteria);
    settings_int(settings, "limit_days", SETTINGS_OPTIONAL, 0, 36525, &programme->limit_days);
    settings_int(settings, "review_days", SETTINGS_OPTIONAL, 0, 36525, &programme->review_days);
    if (settings_int(settings, "segment", SETTINGS_OPTIONAL, 1, SEGMENTS_MAX, &programme->segment) &&
        !framework->segments[programme->segment].name)
        settings_expect(settings, "segment", settings_get(settings, "segment"), "a segment that is named");
    if (settings_name(settings, "trigger", SETTINGS_OPTIONAL, programme->trigger) &&
        framework_trigger(framework, text_of(programme->trigger)) == INDEX_NONE)
        settings_expect(settings, "trigger", settings_get(settings, "trigger"), "the id of a trigger");
}

void load_programmes(struct loader *loader, const struct settings *top) {
    struct framework *framework = loader->framework;
    const config_setting_t *list = settings_list(top, "programmes", SETTINGS_OPTIONAL, 0, PROGRAMMES_MAX, "groups");
    size_t count = list ? settings_count(list) : 0;
    framework->programmes = alloc_zero(count, sizeof(*framework->programmes));
    for (size_t i = 0; i < count; i++) {
        struct settings settings;
        if (settings_enter(top, settings_element(list, i), "programme", "id", i + 1, &settings))
            load_programme(framework, &settings, &framework->programmes[framework->programme_count++]);
    }
}

/* Complains about a word that is none of count words kept at a stride. */
static void not_among(const struct settings *settings, const char *key, const config_setting_t *element,
                      const char *of_what, const char *words, size_t stride, size_t count) {
    const char **list = alloc_zero(count, sizeof(*list));
    for (size_t i = 0; i < count; i++)
        list[i] = words + i * stride;
    const char *nearest = nearest_word(config_setting_get_string(element), list, count);
    settings_expect(settings, key, element, "%s%s%s%s", of_what, nearest ? "; did you mean \"" : "",
                    nearest ? nearest : "", nearest ? "\"?" : "");
    free(list);
}

int load_type(const struct loader *loader, const struct settings *settings, const char *key,
              const config_setting_t *element) {
    const struct framework *framework = loader->framework;
    const char *string;
    if (!settings_element_string(settings, key, element, &string))
        return -1;
    uint16_t type = framework_type(framework, string);
    if (type != INDEX_NONE)
        return type;
    if (framework->type_count > 0)
        not_among(settings, key, element, "one of the framework's types", framework->types[0],
                  sizeof(framework->types[0]), framework->type_count);
    return -1;
}

bool load_type_set(const struct loader *loader, const struct settings *settings, const char *key, uint32_t *ret_mask) {
    const config_setting_t *list = settings_list(settings, key, SETTINGS_OPTIONAL, 1, TYPES_MAX, "types");
    uint32_t mask = 0;
    bool good = list != NULL;
    for (size_t i = 0; list && i < settings_count(list); i++) {
        int type = load_type(loader, settings, key, settings_element(list, i));
        if (type < 0)
            good = false;
        else
            mask |= UINT32_C(1) << type;
    }
    if (good)
        *ret_mask = mask;
    return good;
}

uint16_t load_measure_id(const struct loader *loader, const struct settings *settings, const char *key,
                         const config_setting_t *element) {
    const struct framework *framework = loader->framework;
    const char *string;
    if (!settings_element_string(settings, key, element, &string))
        return INDEX_NONE;
    uint16_t index = framework_measure(framework, text_of(string));
    if (index == INDEX_NONE)
        not_among(settings, key, element, "the id of a measure", framework->measures[0].id,
                  sizeof(framework->measures[0]), framework->measure_count);
    return index;
}

uint16_t load_measure_key(const struct loader *loader, const struct settings *settings, const char *key,
                          enum settings_need need) {
    const config_setting_t *setting = settings_get(settings, key);
    if (setting)
        return load_measure_id(loader, settings, key, setting);
    if (need == SETTINGS_REQUIRED)
        settings_expect(settings, key, NULL, "the id of a measure");
    return INDEX_NONE;
}

int load_theme(const struct loader *loader, const struct settings *settings, const char *key,
               const config_setting_t *element) {
    const struct framework *framework = loader->framework;
    const char *string;
    if (!settings_element_string(settings, key, element, &string))
        return -1;
    for (size_t i = 0; i < framework->theme_count; i++) {
        if (strcmp(framework->themes[i], string) == 0)
            return (int)i;
    }
    if (framework->theme_count > 0)
        not_among(settings, key, element, "one of the framework's themes", framework->themes[0],
                  sizeof(framework->themes[0]), framework->theme_count);
    return -1;
}

bool load_frequency(const struct settings *settings, const char *key, enum settings_need need,
                    enum frequency *ret_frequency) {
    static const char *const NAMES[] = {"day", "week", "month", "quarter", "year"};
    int choice;
    if (!settings_choice(settings, key, need, NAMES, sizeof(NAMES) / sizeof(NAMES[0]), &choice))
        return false;
    *ret_frequency = (enum frequency)choice;
    return true;
}
