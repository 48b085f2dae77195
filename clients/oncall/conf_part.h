/* Inside of the configuration: what its parts share. */
#ifndef OV_ONCALL_CONF_PART_H
#define OV_ONCALL_CONF_PART_H

#include "clients/oncall/conf.h"
#include "daemon/frameworks/settings.h"

struct conf_reader {
    struct conf *conf;
    char *folder;  /* of the file: relative paths are relative to it */
    bool checking; /* and nothing else: not for use */
};

/* path, made absolute; the caller frees it. */
char *conf_path(const struct conf_reader *reader, const char *path);

/* A key that is a path; untouched when absent. True when there and good. */
bool conf_take_path(const struct conf_reader *reader, const struct settings *settings, const char *key,
                    enum settings_need need, char **ret_path);

/* A list of 1 to max texts; untouched when absent. */
bool conf_take_words(const struct settings *settings, const char *key, enum settings_need need, size_t max,
                     struct words *ret_words);

/* Seconds, as milliseconds. */
void conf_take_seconds(const struct settings *settings, const char *key, double min, double max, int64_t *ret_ms);

/* The first line of a file that nobody else can read; NULL after a problem, or
 * when it is a credential that a check cannot see. */
char *conf_secret(const struct conf_reader *reader, const struct settings *settings, const char *key, const char *path);

void conf_load_targets(const struct conf_reader *reader, const struct settings *top);
void conf_load_routes(const struct conf_reader *reader, const struct settings *top);
void conf_load_quiet(const struct conf_reader *reader, const struct settings *top);

#endif
