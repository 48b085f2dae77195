/*
 * Typed reading of settings out of a parsed libconfig text. Every function
 * that finds something wrong adds a problem of the form
 *   file:line: what: key: got ..., expected ...
 * and leaves its result untouched.
 */
#ifndef OV_FRAMEWORKS_SETTINGS_H
#define OV_FRAMEWORKS_SETTINGS_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/date.h"
#include "common/problems.h"
#include "common/text.h"

#define SETTINGS_WHAT_SIZE 256

/* One group of the file. */
struct settings {
    const char *file;
    struct problems *problems;
    const config_setting_t *group;
    char what[SETTINGS_WHAT_SIZE]; /* `measure "ae-4h": `, empty at the top */
};

enum settings_need { SETTINGS_OPTIONAL, SETTINGS_REQUIRED };

/* "what: key: got <the setting>, expected <format>"; setting NULL: got nothing,
 * on the line of the group. key NULL: about the group itself. */
void settings_expect(const struct settings *settings, const char *key, const config_setting_t *setting,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "what: key: <format>" for everything that has another form. */
void settings_problem(const struct settings *settings, const char *key, const config_setting_t *setting,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Every key of the group must be one of keys; others are reported with the nearest. */
void settings_keys(const struct settings *settings, const char *const *keys, size_t count);

/* Complains when key is there though it may not be: "... it goes with <with>". */
void settings_only(const struct settings *settings, const char *key, bool allowed, const char *with);

config_setting_t *settings_get(const struct settings *settings, const char *key);

/* All return true when the key is there and good. */
bool settings_string(const struct settings *settings, const char *key, enum settings_need need,
                     const char **ret_string);
bool settings_free_text(const struct settings *settings, const char *key, enum settings_need need, size_t max,
                        char **ret_text); /* allocated */
bool settings_name(const struct settings *settings, const char *key, enum settings_need need,
                   char ret_name[NAME_MAX_LEN + 1]);
bool settings_bool(const struct settings *settings, const char *key, bool *ret_value);
bool settings_int(const struct settings *settings, const char *key, enum settings_need need, int min, int max,
                  int *ret_value);
bool settings_number(const struct settings *settings, const char *key, enum settings_need need, double min, double max,
                     double *ret_value);
bool settings_day(const struct settings *settings, const char *key, enum settings_need need, ov_day *ret_day);

/* One of choices; the result is its position. */
bool settings_choice(const struct settings *settings, const char *key, enum settings_need need,
                     const char *const *choices, size_t count, int *ret_choice);

/* An array or list of min to max elements, or NULL. */
config_setting_t *settings_list(const struct settings *settings, const char *key, enum settings_need need, size_t min,
                                size_t max, const char *of_what);
size_t settings_count(const config_setting_t *list);
const config_setting_t *settings_element(const config_setting_t *list, size_t index);

/* The element of a list as text, as a number; problems name the key of the list. */
bool settings_element_string(const struct settings *settings, const char *key, const config_setting_t *element,
                             const char **ret_string);
bool settings_element_number(const struct settings *settings, const char *key, const config_setting_t *element,
                             double min, double max, double *ret_value);

/* Steps into a group: what is `<label> "<its id>"`, or `<label> <number>` when it has no usable
 * key `name_key`; `<label>` alone for number 0. False, after a problem, when element is no group. */
bool settings_enter(const struct settings *settings, const config_setting_t *element, const char *label,
                    const char *name_key, size_t number, struct settings *ret_inner);

/* `"a", "b" or "c"` for messages. Returns buf. */
const char *settings_join(const char *const *words, size_t count, char *buf, size_t size);

#endif
