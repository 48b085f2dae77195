/*
 * Inside of the configuration: an option, its type, and what a type needs to
 * read one setting.
 */
#ifndef OV_DAEMON_CONFIG_OPTION_H
#define OV_DAEMON_CONFIG_OPTION_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/problems.h"

struct option_type;

struct option {
    const char *name;
    const struct option_type *type;
    size_t offset, size;  /* of the field in struct config */
    const char *fallback; /* in the syntax of the file */
    int64_t min, max;     /* numbers; seconds: in seconds */
    bool reloadable;
    const char *help;
};

struct option_reader {
    const char *name;   /* of the file, for problems */
    const char *folder; /* relative paths start here */
    const struct option *option;
    struct problems *problems;
};

struct option_type {
    const char *kind;
    /* Fills field, which is zeroed; on a mistake adds a problem and leaves it so. */
    void (*parse)(const struct option_reader *reader, const config_setting_t *setting, void *field);
    void (*print)(const void *field, FILE *stream);
    void (*clear)(void *field);
};

extern const struct option_type option_source, option_text, option_bool, option_number, option_seconds, option_path,
    option_secret, option_paths, option_program, option_store, option_endpoints, option_feeds, option_addresses,
    option_hosts, option_facility, option_level, option_levels;

extern const struct option config_options[];
extern const size_t config_options_count;

/* "file:line: option 'x': got <the setting>, expected <format>". */
void option_expect(const struct option_reader *reader, const config_setting_t *setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "file:line: option 'x': <format>". */
void option_problem(const struct option_reader *reader, const config_setting_t *setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For types of other files. A problem and NULL when the setting is no string. */
const char *option_string(const struct option_reader *reader, const config_setting_t *setting, const char *expected);
/* Of a field that is a char *. */
void option_print_text(const void *field, FILE *stream);
void option_clear_text(void *field);

/* A string of the file's syntax, quoted and escaped. */
void option_print_string(FILE *stream, const char *string);

#endif
