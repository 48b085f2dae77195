/*
 * Settings of a libconfig file read with their types checked; what is wrong is
 * a problem with its line. Settings that are absent leave the default.
 */
#ifndef OV_CTL_MAPPING_SETTINGS_H
#define OV_CTL_MAPPING_SETTINGS_H

#include <stdbool.h>

#include <libconfig.h>

#include "clients/oversightctl/mapping_data.h"
#include "common/problems.h"

struct entry_reader {
    const char *name; /* of the file */
    struct problems *problems;
};

void entry_wrong(const struct entry_reader *load, const config_setting_t *setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *entry_name(const config_setting_t *setting);
unsigned entry_line(const config_setting_t *setting);
config_setting_t *entry_member(const config_setting_t *group, const char *name);

/* Members of group that are not in known, names separated by single spaces, are problems. */
void entry_known(const struct entry_reader *load, const config_setting_t *group, const char *known);

/* NULL when absent; the caller frees it. */
char *entry_string(const struct entry_reader *load, const config_setting_t *group, const char *name);
void entry_bool(const struct entry_reader *load, const config_setting_t *group, const char *name, bool *ret);
void entry_number(const struct entry_reader *load, const config_setting_t *group, const char *name, double *ret);

/* Index of the word in the NULL-ended list, 0 when absent, or -1 with a problem. */
int entry_choice(const struct entry_reader *load, const config_setting_t *group, const char *name,
                 const char *const *words, const char *expected);

/* A string, or an array or list of strings; empty when absent. */
struct string_list entry_strings(const struct entry_reader *load, const config_setting_t *group, const char *name);

#endif
