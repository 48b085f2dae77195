/*
 * The types of options whose value is one setting.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/secret.h"
#include "common/text.h"
#include "daemon/config.h"
#include "daemon/config_option.h"

void option_print_string(FILE *stream, const char *string) {
    fputc('"', stream);
    for (; *string; string++) {
        if (*string == '"' || *string == '\\')
            fputc('\\', stream);
        if ((unsigned char)*string < ' ')
            fprintf(stream, "\\x%02x", (unsigned char)*string);
        else
            fputc(*string, stream);
    }
    fputc('"', stream);
}

const char *option_string(const struct option_reader *reader, const config_setting_t *setting, const char *expected) {
    const char *string = config_setting_get_string(setting);
    if (!string)
        option_expect(reader, setting, "%s", expected);
    return string;
}

void option_print_text(const void *field, FILE *stream) {
    option_print_string(stream, *(char *const *)field);
}

void option_clear_text(void *field) {
    free(*(char **)field);
}

/* ---- Names and texts ----------------------------------------------------------- */

static void parse_source(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    static const char expected[] = "1 to 64 of A-Z a-z 0-9 . _ -";
    const char *string = option_string(reader, setting, expected);
    if (!string)
        return;
    if (text_is_source(text_of(string)))
        *(char **)field = alloc_copy(string);
    else
        option_expect(reader, setting, "%s", expected);
}

const struct option_type option_source = {"name", parse_source, option_print_text, option_clear_text};

static void parse_text(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    const char *string = option_string(reader, setting, "a string");
    if (!string)
        return;
    if (text_is_free(text_of(string), FREE_TEXT_MAX))
        *(char **)field = alloc_copy(string);
    else
        option_expect(reader, setting, "at most %d bytes of UTF-8 without control characters", FREE_TEXT_MAX);
}

const struct option_type option_text = {"text", parse_text, option_print_text, option_clear_text};

/* ---- Truth and numbers ------------------------------------------------------------ */

static void parse_bool(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
        *(bool *)field = config_setting_get_bool(setting);
    else
        option_expect(reader, setting, "true or false");
}

static void print_bool(const void *field, FILE *stream) {
    fputs(*(const bool *)field ? "true" : "false", stream);
}

const struct option_type option_bool = {"true or false", parse_bool, print_bool, NULL};

static bool is_integer(const config_setting_t *setting) {
    int type = config_setting_type(setting);
    return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

static void parse_number(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    const struct option *option = reader->option;
    int64_t number = is_integer(setting) ? config_setting_get_int64(setting) : INT64_MIN;
    if (number >= option->min && number <= option->max)
        *(int64_t *)field = number;
    else
        option_expect(reader, setting, "a whole number from %lld to %lld", (long long)option->min,
                      (long long)option->max);
}

static void print_number(const void *field, FILE *stream) {
    int64_t number = *(const int64_t *)field;
    fprintf(stream, "%lld%s", (long long)number, number > INT_MAX ? "L" : "");
}

const struct option_type option_number = {"number", parse_number, print_number, NULL};

static void parse_seconds(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    const struct option *option = reader->option;
    double seconds = -1;
    if (is_integer(setting))
        seconds = (double)config_setting_get_int64(setting);
    else if (config_setting_type(setting) == CONFIG_TYPE_FLOAT)
        seconds = config_setting_get_float(setting);
    if (seconds >= (double)option->min && seconds <= (double)option->max)
        *(int64_t *)field = llround(seconds * 1000);
    else
        option_expect(reader, setting, "seconds from %lld to %lld", (long long)option->min, (long long)option->max);
}

static void print_seconds(const void *field, FILE *stream) {
    int64_t ms = *(const int64_t *)field;
    fprintf(stream, "%lld", (long long)(ms / 1000));
    if (ms % 1000 != 0)
        fprintf(stream, ".%03lld", (long long)(ms % 1000));
}

const struct option_type option_seconds = {"seconds", parse_seconds, print_seconds, NULL};

/* ---- Paths ------------------------------------------------------------------------ */

static char *absolute(const struct option_reader *reader, const char *path) {
    if (path[0] == '\0' || path[0] == '/')
        return alloc_copy(path);
    return alloc_printf("%s/%s", strcmp(reader->folder, "/") == 0 ? "" : reader->folder, path);
}

/* NULL after a problem. */
static const char *path_of(const struct option_reader *reader, const config_setting_t *setting, const char *expected) {
    const char *path = option_string(reader, setting, expected);
    if (!path || text_is_free(text_of(path), PATH_MAX - 1))
        return path;
    option_expect(reader, setting, "%s without control characters", expected);
    return NULL;
}

static void parse_path(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    const char *path = path_of(reader, setting, "a path");
    if (path)
        *(char **)field = absolute(reader, path);
}

const struct option_type option_path = {"path", parse_path, option_print_text, option_clear_text};

/* A credential has no folder of its own. */
static void parse_secret(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    const char *path = path_of(reader, setting, "a path or \"credential:NAME\"");
    if (path)
        *(char **)field = strncmp(path, SECRET_CREDENTIAL, sizeof SECRET_CREDENTIAL - 1) == 0 ? alloc_copy(path)
                                                                                              : absolute(reader, path);
}

const struct option_type option_secret = {"path or credential", parse_secret, option_print_text, option_clear_text};

static void parse_program(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    const char *path = path_of(reader, setting, "a program");
    if (!path)
        return;
    if (path[0] == '\0')
        option_expect(reader, setting, "a program");
    else
        *(char **)field = strchr(path, '/') ? absolute(reader, path) : alloc_copy(path);
}

const struct option_type option_program = {"program", parse_program, option_print_text, option_clear_text};

static void parse_paths(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    struct config_paths *paths = field;
    const struct option *option = reader->option;
    if (!config_setting_is_aggregate(setting) || config_setting_is_group(setting)) {
        option_expect(reader, setting, "a list of paths");
        return;
    }
    int count = config_setting_length(setting);
    if (count > option->max) {
        option_expect(reader, setting, "at most %lld paths", (long long)option->max);
        return;
    }
    paths->items = alloc_zero((size_t)count, sizeof *paths->items);
    for (int i = 0; i < count; i++) {
        const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
        const char *path = path_of(reader, element, "a path");
        if (path && path[0] == '\0')
            option_expect(reader, element, "a path");
        else if (path)
            paths->items[paths->count++] = absolute(reader, path);
    }
}

static void print_paths(const void *field, FILE *stream) {
    const struct config_paths *paths = field;
    fputs("[ ", stream);
    for (size_t i = 0; i < paths->count; i++) {
        fputs(i > 0 ? ", " : "", stream);
        option_print_string(stream, paths->items[i]);
    }
    fputs(paths->count > 0 ? " ]" : "]", stream);
}

static void clear_paths(void *field) {
    struct config_paths *paths = field;
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
}

const struct option_type option_paths = {"list of paths", parse_paths, print_paths, clear_paths};
