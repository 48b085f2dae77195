#include "clients/oversightctl/mapping_settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"

void entry_wrong(const struct entry_reader *load, const config_setting_t *setting, const char *format, ...) {
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    problems_add(load->problems, load->name, (unsigned)config_setting_source_line(setting), "%s", text);
}

const char *entry_name(const config_setting_t *setting) {
    const char *name = config_setting_name(setting);

    return name != NULL ? name : "entry";
}

unsigned entry_line(const config_setting_t *setting) {
    return (unsigned)config_setting_source_line(setting);
}

void entry_known(const struct entry_reader *load, const config_setting_t *group, const char *known) {
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const char *name = entry_name(member), *found = known;
        size_t len = strlen(name);

        while ((found = strstr(found, name)) != NULL) {
            if ((found == known || found[-1] == ' ') && (found[len] == ' ' || found[len] == '\0'))
                break;
            found += len;
        }
        if (found == NULL)
            entry_wrong(load, member, "unknown setting \"%s\"; expected one of: %s", name, known);
    }
}

config_setting_t *entry_member(const config_setting_t *group, const char *name) {
    return config_setting_get_member(group, name);
}

/* ---- Single values: absent leaves the default ------------------------------------- */

char *entry_string(const struct entry_reader *load, const config_setting_t *group, const char *name) {
    const config_setting_t *setting = entry_member(group, name);
    const char *text = setting != NULL ? config_setting_get_string(setting) : NULL;

    if (setting == NULL)
        return NULL;
    if (text == NULL || text[0] == '\0') {
        entry_wrong(load, setting, "%s: expected a string that is not empty", name);
        return NULL;
    }
    return alloc_copy(text);
}

void entry_bool(const struct entry_reader *load, const config_setting_t *group, const char *name, bool *ret) {
    const config_setting_t *setting = entry_member(group, name);

    if (setting == NULL)
        return;
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
        entry_wrong(load, setting, "%s: expected true or false", name);
    else
        *ret = config_setting_get_bool(setting) != 0;
}

void entry_number(const struct entry_reader *load, const config_setting_t *group, const char *name, double *ret) {
    const config_setting_t *setting = entry_member(group, name);

    if (setting == NULL)
        return;
    if (config_setting_type(setting) == CONFIG_TYPE_FLOAT)
        *ret = config_setting_get_float(setting);
    else if (config_setting_type(setting) == CONFIG_TYPE_INT)
        *ret = config_setting_get_int(setting);
    else
        entry_wrong(load, setting, "%s: expected a number", name);
}

int entry_choice(const struct entry_reader *load, const config_setting_t *group, const char *name,
                 const char *const *words, const char *expected) {
    const config_setting_t *setting = entry_member(group, name);
    const char *text = setting != NULL ? config_setting_get_string(setting) : NULL;

    if (setting == NULL)
        return 0;
    for (int i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    entry_wrong(load, setting, "%s: \"%s\" is not one of %s", name, text != NULL ? text : "(not a string)", expected);
    return -1;
}

struct string_list entry_strings(const struct entry_reader *load, const config_setting_t *group, const char *name) {
    struct string_list list = {NULL, 0};
    const config_setting_t *setting = entry_member(group, name);
    int count;

    if (setting == NULL)
        return list;
    count =
        config_setting_is_aggregate(setting) && !config_setting_is_group(setting) ? config_setting_length(setting) : 1;
    if (count > MAPPING_LIST_MAX) {
        entry_wrong(load, setting, "%s: more than %d entries", name, MAPPING_LIST_MAX);
        return list;
    }
    list.strings = alloc_zero((size_t)count + 1, sizeof(*list.strings));
    for (int i = 0; i < count; i++) {
        const char *text = config_setting_is_aggregate(setting) ? config_setting_get_string_elem(setting, i)
                                                                : config_setting_get_string(setting);

        if (text == NULL)
            entry_wrong(load, setting, "%s: expected a string or an array of strings", name);
        else
            list.strings[list.count++] = alloc_copy(text);
    }
    return list;
}
