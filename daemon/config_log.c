/*
 * The types of options about the log.
 */
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/text.h"
#include "daemon/config.h"
#include "daemon/config_option.h"

static void parse_facility(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    static const char expected[] = "\"daemon\", \"user\" or \"local0\" to \"local7\"";
    const char *string = option_string(reader, setting, expected);
    int facility;
    if (!string)
        return;
    if (log_facility_parse(string, &facility))
        *(char **)field = alloc_copy(string);
    else
        option_expect(reader, setting, "%s", expected);
}

const struct option_type option_facility = {"choice", parse_facility, option_print_text, option_clear_text};

static void parse_level(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    static const char expected[] = "\"error\", \"warning\", \"notice\", \"info\" or \"debug\"";
    const char *string = option_string(reader, setting, expected);
    enum log_level level;
    if (!string)
        return;
    if (log_level_parse(string, &level))
        *(char **)field = alloc_copy(string);
    else
        option_expect(reader, setting, "%s", expected);
}

const struct option_type option_level = {"choice", parse_level, option_print_text, option_clear_text};

/* ---- Levels of subsystems ---------------------------------------------------------- */

static bool is_subsystem(const char *name) {
    for (size_t i = 0; log_subsystem_at(i); i++)
        if (strcmp(log_subsystem_at(i), name) == 0)
            return true;
    return false;
}

static void parse_levels(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    static const char expected[] = "\"error\", \"warning\", \"notice\", \"info\" or \"debug\"";
    struct config_levels *levels = field;
    if (!config_setting_is_group(setting)) {
        option_expect(reader, setting, "{ SUBSYSTEM = \"LEVEL\"; ... }");
        return;
    }
    int count = config_setting_length(setting);
    levels->items = alloc_zero((size_t)count, sizeof *levels->items);
    for (int i = 0; i < count; i++) {
        const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
        const char *name = config_setting_name(member), *string = option_string(reader, member, expected);
        enum log_level level;
        if (!is_subsystem(name))
            option_problem(reader, member, "subsystem '%s' is unknown; oversightd.conf(5) lists them", name);
        else if (string && !log_level_parse(string, &level))
            option_expect(reader, member, "%s", expected);
        else if (string)
            levels->items[levels->count++] = (struct config_level){alloc_copy(name), alloc_copy(string)};
    }
}

static void print_levels(const void *field, FILE *stream) {
    const struct config_levels *levels = field;
    fputs("{ ", stream);
    for (size_t i = 0; i < levels->count; i++) {
        fprintf(stream, "%s = ", levels->items[i].subsystem);
        option_print_string(stream, levels->items[i].level);
        fputs("; ", stream);
    }
    fputc('}', stream);
}

static void clear_levels(void *field) {
    struct config_levels *levels = field;
    for (size_t i = 0; i < levels->count; i++) {
        free(levels->items[i].subsystem);
        free(levels->items[i].level);
    }
    free(levels->items);
}

const struct option_type option_levels = {"group of levels", parse_levels, print_levels, clear_levels};
