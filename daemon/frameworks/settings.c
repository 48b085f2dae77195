#include "daemon/frameworks/settings.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/frameworks/nearest.h"

#define MESSAGE_SIZE 1024
#define SHOWN_SIZE 80

/* The value of a setting as it may stand in a message. */
static void show(const config_setting_t *setting, char buf[SHOWN_SIZE]) {
    char escaped[SHOWN_SIZE - 2];
    char number[NUMBER_SIZE];
    switch (setting ? config_setting_type(setting) : CONFIG_TYPE_NONE) {
    case CONFIG_TYPE_STRING:
        text_escape(escaped, sizeof(escaped), text_of(config_setting_get_string(setting)));
        snprintf(buf, SHOWN_SIZE, "\"%s\"", escaped);
        break;
    case CONFIG_TYPE_INT:
        snprintf(buf, SHOWN_SIZE, "%d", config_setting_get_int(setting));
        break;
    case CONFIG_TYPE_INT64:
        snprintf(buf, SHOWN_SIZE, "%lld", config_setting_get_int64(setting));
        break;
    case CONFIG_TYPE_FLOAT:
        snprintf(buf, SHOWN_SIZE, "%s", text_from_double(config_setting_get_float(setting), number));
        break;
    case CONFIG_TYPE_BOOL:
        snprintf(buf, SHOWN_SIZE, "%s", config_setting_get_bool(setting) ? "true" : "false");
        break;
    case CONFIG_TYPE_ARRAY:
        snprintf(buf, SHOWN_SIZE, "an array of %d", config_setting_length(setting));
        break;
    case CONFIG_TYPE_LIST:
        snprintf(buf, SHOWN_SIZE, "a list of %d", config_setting_length(setting));
        break;
    case CONFIG_TYPE_GROUP:
        snprintf(buf, SHOWN_SIZE, "a group");
        break;
    default:
        snprintf(buf, SHOWN_SIZE, "nothing");
        break;
    }
}

static void add(const struct settings *settings, const char *key, const config_setting_t *setting, const char *text) {
    unsigned line = config_setting_source_line(setting ? setting : settings->group);
    problems_add(settings->problems, settings->file, line, "%s%s%s%s", settings->what, key ? key : "", key ? ": " : "",
                 text);
}

void settings_expect(const struct settings *settings, const char *key, const config_setting_t *setting,
                     const char *format, ...) {
    char expected[MESSAGE_SIZE];
    char shown[SHOWN_SIZE];
    char text[MESSAGE_SIZE + SHOWN_SIZE + 20];
    va_list args;
    va_start(args, format);
    vsnprintf(expected, sizeof(expected), format, args);
    va_end(args);
    show(setting, shown);
    snprintf(text, sizeof(text), "got %s, expected %s", shown, expected);
    add(settings, key, setting, text);
}

void settings_problem(const struct settings *settings, const char *key, const config_setting_t *setting,
                      const char *format, ...) {
    char text[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    add(settings, key, setting, text);
}

void settings_keys(const struct settings *settings, const char *const *keys, size_t count) {
    for (size_t i = 0; i < settings_count(settings->group); i++) {
        const config_setting_t *setting = settings_element(settings->group, i);
        const char *name = config_setting_name(setting);
        bool known = false;
        for (size_t k = 0; k < count && !known; k++)
            known = strcmp(name, keys[k]) == 0;
        if (known)
            continue;
        const char *nearest = nearest_word(name, keys, count);
        settings_problem(settings, NULL, setting, "unknown key %s%s%s%s", name, nearest ? "; did you mean " : "",
                         nearest ? nearest : "", nearest ? "?" : "");
    }
}

void settings_only(const struct settings *settings, const char *key, bool allowed, const char *with) {
    const config_setting_t *setting = settings_get(settings, key);
    if (setting && !allowed)
        settings_expect(settings, key, setting, "nothing: it goes with %s", with);
}

config_setting_t *settings_get(const struct settings *settings, const char *key) {
    return config_setting_get_member(settings->group, key);
}

/* The setting, or NULL after complaining when it is required. */
static config_setting_t *find(const struct settings *settings, const char *key, enum settings_need need,
                              const char *expected) {
    config_setting_t *setting = settings_get(settings, key);
    if (!setting && need == SETTINGS_REQUIRED)
        settings_expect(settings, key, NULL, "%s", expected);
    return setting;
}

static bool is_number(const config_setting_t *setting) {
    int type = config_setting_type(setting);
    return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64 || type == CONFIG_TYPE_FLOAT;
}

bool settings_string(const struct settings *settings, const char *key, enum settings_need need,
                     const char **ret_string) {
    const config_setting_t *setting = find(settings, key, need, "text in quotes");
    return setting && settings_element_string(settings, key, setting, ret_string);
}

bool settings_free_text(const struct settings *settings, const char *key, enum settings_need need, size_t max,
                        char **ret_text) {
    const config_setting_t *setting = find(settings, key, need, "text in quotes");
    const char *string;
    if (!setting || !settings_element_string(settings, key, setting, &string))
        return false;
    if (string[0] == '\0' || !text_is_free(text_of(string), max)) {
        settings_expect(settings, key, setting, "1 to %zu bytes of UTF-8 without control characters", max);
        return false;
    }
    *ret_text = alloc_copy(string);
    return true;
}

bool settings_name(const struct settings *settings, const char *key, enum settings_need need,
                   char ret_name[NAME_MAX_LEN + 1]) {
    const config_setting_t *setting = find(settings, key, need, "1 to 64 of a-z 0-9 _ . -");
    const char *string;
    if (!setting || !settings_element_string(settings, key, setting, &string))
        return false;
    if (!text_is_name(text_of(string))) {
        settings_expect(settings, key, setting, "1 to 64 of a-z 0-9 _ . -");
        return false;
    }
    text_copy(ret_name, NAME_MAX_LEN + 1, text_of(string));
    return true;
}

bool settings_bool(const struct settings *settings, const char *key, bool *ret_value) {
    const config_setting_t *setting = settings_get(settings, key);
    if (!setting)
        return false;
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL) {
        settings_expect(settings, key, setting, "true or false");
        return false;
    }
    *ret_value = config_setting_get_bool(setting) != 0;
    return true;
}

bool settings_int(const struct settings *settings, const char *key, enum settings_need need, int min, int max,
                  int *ret_value) {
    char expected[64];
    snprintf(expected, sizeof(expected), "a whole number from %d to %d", min, max);
    const config_setting_t *setting = find(settings, key, need, expected);
    if (!setting)
        return false;
    int value = config_setting_type(setting) == CONFIG_TYPE_INT ? config_setting_get_int(setting) : min - 1;
    if (config_setting_type(setting) != CONFIG_TYPE_INT || value < min || value > max) {
        settings_expect(settings, key, setting, "%s", expected);
        return false;
    }
    *ret_value = value;
    return true;
}

bool settings_number(const struct settings *settings, const char *key, enum settings_need need, double min, double max,
                     double *ret_value) {
    const config_setting_t *setting = find(settings, key, need, "a number");
    return setting && settings_element_number(settings, key, setting, min, max, ret_value);
}

bool settings_day(const struct settings *settings, const char *key, enum settings_need need, ov_day *ret_day) {
    const config_setting_t *setting = find(settings, key, need, "a date YYYY-MM-DD");
    const char *string;
    if (!setting || !settings_element_string(settings, key, setting, &string))
        return false;
    if (!date_parse(string, strlen(string), ret_day)) {
        settings_expect(settings, key, setting, "a date YYYY-MM-DD");
        return false;
    }
    return true;
}

bool settings_choice(const struct settings *settings, const char *key, enum settings_need need,
                     const char *const *choices, size_t count, int *ret_choice) {
    char expected[512];
    settings_join(choices, count, expected, sizeof(expected));
    const config_setting_t *setting = find(settings, key, need, expected);
    if (!setting)
        return false;
    const char *string = config_setting_get_string(setting);
    for (size_t i = 0; string && i < count; i++) {
        if (strcmp(string, choices[i]) == 0) {
            *ret_choice = (int)i;
            return true;
        }
    }
    settings_expect(settings, key, setting, "%s", expected);
    return false;
}

config_setting_t *settings_list(const struct settings *settings, const char *key, enum settings_need need, size_t min,
                                size_t max, const char *of_what) {
    char expected[160];
    snprintf(expected, sizeof(expected), "a list of %zu to %zu %s", min, max, of_what);
    config_setting_t *setting = find(settings, key, need, expected);
    if (!setting)
        return NULL;
    int type = config_setting_type(setting);
    size_t count = settings_count(setting);
    if ((type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) || count < min || count > max) {
        settings_expect(settings, key, setting, "%s", expected);
        return NULL;
    }
    return setting;
}

size_t settings_count(const config_setting_t *list) {
    return (size_t)config_setting_length(list);
}

const config_setting_t *settings_element(const config_setting_t *list, size_t index) {
    return config_setting_get_elem(list, (unsigned)index);
}

bool settings_element_string(const struct settings *settings, const char *key, const config_setting_t *element,
                             const char **ret_string) {
    const char *string = config_setting_get_string(element);
    if (config_setting_type(element) != CONFIG_TYPE_STRING || !string) {
        settings_expect(settings, key, element, "text in quotes");
        return false;
    }
    *ret_string = string;
    return true;
}

bool settings_element_number(const struct settings *settings, const char *key, const config_setting_t *element,
                             double min, double max, double *ret_value) {
    char low[NUMBER_SIZE], high[NUMBER_SIZE];
    double value = NAN;
    if (config_setting_type(element) == CONFIG_TYPE_FLOAT)
        value = config_setting_get_float(element);
    else if (is_number(element))
        value = (double)config_setting_get_int64(element);
    if (!isfinite(value) || value < min || value > max) {
        settings_expect(settings, key, element, "a number from %s to %s", text_from_double(min, low),
                        text_from_double(max, high));
        return false;
    }
    *ret_value = value;
    return true;
}

bool settings_enter(const struct settings *settings, const config_setting_t *element, const char *label,
                    const char *name_key, size_t number, struct settings *ret_inner) {
    if (config_setting_type(element) != CONFIG_TYPE_GROUP) {
        settings_expect(settings, label, element, "a group { ... }");
        return false;
    }
    struct settings inner = {settings->file, settings->problems, element, ""};
    const config_setting_t *name = name_key ? config_setting_get_member(element, name_key) : NULL;
    char shown[SHOWN_SIZE];
    if (name && config_setting_type(name) == CONFIG_TYPE_STRING)
        show(name, shown);
    else
        snprintf(shown, sizeof(shown), "%zu", number);
    if (snprintf(inner.what, sizeof(inner.what), "%s%s%s%s: ", settings->what, label, number ? " " : "",
                 number ? shown : "") < 0)
        inner.what[0] = '\0';
    *ret_inner = inner;
    return true;
}

const char *settings_join(const char *const *words, size_t count, char *buf, size_t size) {
    size_t len = 0;
    buf[0] = '\0';
    for (size_t i = 0; i < count && len < size; i++) {
        const char *before = i == 0 ? "" : i + 1 == count ? " or " : ", ";
        int wrote = snprintf(buf + len, size - len, "%s\"%s\"", before, words[i]);
        len += wrote > 0 ? (size_t)wrote : 0;
    }
    return buf;
}
