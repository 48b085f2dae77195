#include "daemon/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/text.h"
#include "daemon/config_option.h"
#include "daemon/config_text.h"

#define VALUE_MAX 160 /* of a value shown in a problem */

/* ---- Problems ------------------------------------------------------------ */

static void describe(const config_setting_t *setting, char *buf, size_t size) {
    char text[VALUE_MAX];
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_STRING:
        text_escape(text, sizeof text, text_of(config_setting_get_string(setting)));
        snprintf(buf, size, "\"%s\"", text);
        return;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        snprintf(buf, size, "%lld", config_setting_get_int64(setting));
        return;
    case CONFIG_TYPE_FLOAT:
        snprintf(buf, size, "%s", text_from_double(config_setting_get_float(setting), text));
        return;
    case CONFIG_TYPE_BOOL:
        snprintf(buf, size, "%s", config_setting_get_bool(setting) ? "true" : "false");
        return;
    case CONFIG_TYPE_GROUP:
        snprintf(buf, size, "a group");
        return;
    default:
        snprintf(buf, size, "a list of %d", config_setting_length(setting));
    }
}

static void add_problem(const struct option_reader *reader, const config_setting_t *setting, const char *got,
                        const char *text) {
    const char *file = config_setting_source_file(setting);
    problems_add(reader->problems, file ? file : reader->name, config_setting_source_line(setting),
                 "option '%s': %s%s%s%s", reader->option->name, got ? "got " : "", got ? got : "",
                 got ? ", expected " : "", text);
}

void option_expect(const struct option_reader *reader, const config_setting_t *setting, const char *format, ...) {
    char got[VALUE_MAX + 8];
    describe(setting, got, sizeof got);
    va_list args;
    va_start(args, format);
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    add_problem(reader, setting, got, text);
    free(text);
}

void option_problem(const struct option_reader *reader, const config_setting_t *setting, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    add_problem(reader, setting, NULL, text);
    free(text);
}

/* ---- Reading --------------------------------------------------------------- */

static const struct option *find_option(const char *name) {
    for (size_t i = 0; i < config_options_count; i++)
        if (strcmp(config_options[i].name, name) == 0)
            return &config_options[i];
    return NULL;
}

static void *field_of(struct config *config, const struct option *option) {
    return (char *)config + option->offset;
}

/* The table holds defaults in the file's syntax, so that they are read, checked
 * and printed like everything else. */
static void take_default(struct config *config, const struct option_reader *reader) {
    config_t parsed;
    config_init(&parsed);
    char *text = alloc_printf("%s = %s;", reader->option->name, reader->option->fallback);
    if (!config_read_string(&parsed, text))
        abort(); /* a mistake in the table; its test reads every default */
    reader->option->type->parse(reader, config_lookup(&parsed, reader->option->name), field_of(config, reader->option));
    free(text);
    config_destroy(&parsed);
}

/* Two sockets cannot be bound to one address; returns the list that has it already. */
static const char *taken(const struct config *config, const struct zendpoint *endpoint) {
    const struct {
        const char *name;
        const struct config_endpoints *list;
    } lists[] = {
        {"publish", &config->publish}, {"submit", &config->submit}, {"query", &config->query}, {"http", &config->http}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (size_t j = 0; j < lists[i].list->count; j++) {
            const struct zendpoint *other = &lists[i].list->items[j];
            if (other == endpoint)
                return NULL;
            if (strcmp(other->address, endpoint->address) == 0)
                return lists[i].name;
        }
    return NULL;
}

static void check_endpoints(const struct config *config, const char *name, const struct config_endpoints *list,
                            const struct option_reader *reader) {
    for (size_t i = 0; i < list->count; i++) {
        const char *other = taken(config, &list->items[i]);
        if (other)
            problems_add(reader->problems, reader->name, 0,
                         "option '%s': got \"%s\", expected an endpoint that '%s' does not have already", name,
                         list->items[i].address, other);
    }
}

static bool needs_secret(const struct config *config) {
    bool needed = config->keys[0] != '\0';
    for (size_t i = 0; i < config->feeds.count; i++)
        needed = needed || config->feeds.items[i].server_key;
    return needed;
}

/* A server over TCP, and sentinels, are on loopback unless it is said that they need not be. */
static void check_store(const struct config *config, const struct option_reader *reader) {
    const char *next = strncmp(config->store, "tcp:", 4) == 0 ? config->store + 4 : NULL;
    if (strncmp(config->store, "sentinel:", 9) == 0)
        next = strchr(config->store, '@') + 1; /* its form was checked */
    while (next) {
        const char *comma = strchr(next, ',');
        char error[ZERROR_SIZE];
        char *address = alloc_printf("tcp://%.*s", (int)(comma ? (size_t)(comma - next) : strlen(next)), next);
        struct zendpoint store = {address, config->store_insecure};
        bool good = zsock_check(&store, error, sizeof error);
        free(address);
        if (!good) {
            problems_add(reader->problems, reader->name, 0,
                         "option 'store': got \"%s\", expected a host on loopback, or store_insecure = true",
                         config->store);
            return;
        }
        next = comma ? comma + 1 : NULL;
    }
}

/* What no option can see alone. */
static void check_whole(const struct config *config, const struct option_reader *reader) {
    if (config->frameworks.count == 0)
        problems_add(reader->problems, reader->name, 0,
                     "option 'frameworks': got nothing, expected at least one framework file");
    check_store(config, reader);
    if (config->server_secret[0] == '\0' && needs_secret(config))
        problems_add(reader->problems, reader->name, 0,
                     "option 'server_secret': got nothing, expected the file with the secret key of this daemon, as "
                     "'keys' or the server_key of a feed is set");
    check_endpoints(config, "publish", &config->publish, reader);
    check_endpoints(config, "submit", &config->submit, reader);
    check_endpoints(config, "query", &config->query, reader);
    check_endpoints(config, "http", &config->http, reader);
}

static struct config *read_parsed(const config_t *parsed, struct option_reader *reader) {
    size_t before = problems_count(reader->problems);
    struct config *config = alloc_zero(1, sizeof *config);
    config->lines = alloc_zero(config_options_count, sizeof *config->lines);
    const config_setting_t *root = config_root_setting(parsed);
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);
        const char *file = config_setting_source_file(setting);
        if (!find_option(config_setting_name(setting)))
            problems_add(reader->problems, file ? file : reader->name, config_setting_source_line(setting),
                         "option '%s': is unknown; oversightd.conf(5) lists the options", config_setting_name(setting));
    }
    for (size_t i = 0; i < config_options_count; i++) {
        reader->option = &config_options[i];
        const config_setting_t *setting = config_setting_get_member(root, reader->option->name);
        if (setting && !config_setting_source_file(setting))
            config->lines[i] = config_setting_source_line(setting);
        if (setting)
            reader->option->type->parse(reader, setting, field_of(config, reader->option));
        else
            take_default(config, reader);
    }
    if (problems_count(reader->problems) == before)
        check_whole(config, reader);
    problems_sort(reader->problems);
    if (problems_count(reader->problems) == before)
        return config;
    config_unload(config);
    return NULL;
}

struct config *config_parse(const char *name, const char *folder, const char *text, struct problems *problems) {
    struct option_reader reader = {.name = name, .folder = folder, .problems = problems};
    struct config *config = NULL;
    char *widened = config_text_widen(text);
    config_t parsed;
    config_init(&parsed);
    config_set_include_dir(&parsed, folder);
    if (config_read_string(&parsed, widened)) {
        config = read_parsed(&parsed, &reader);
    } else {
        const char *file = config_error_file(&parsed);
        problems_add(problems, file ? file : name, (unsigned)config_error_line(&parsed), "%s",
                     config_error_text(&parsed));
    }
    config_destroy(&parsed);
    free(widened);
    return config;
}

struct config *config_load(const char *path, struct problems *problems) {
    char *text = config_text_read(path, problems), *folder = text ? realpath(path, NULL) : NULL;
    struct config *config = NULL;
    if (text && !folder) {
        problems_add(problems, path, 0, "cannot be found: %s", strerror(errno));
    } else if (text) {
        char *slash = strrchr(folder, '/');
        slash[slash == folder ? 1 : 0] = '\0';
        config = config_parse(path, folder, text, problems);
    }
    free(folder);
    free(text);
    return config;
}

void config_unload(struct config *config) {
    if (!config)
        return;
    for (size_t i = 0; i < config_options_count; i++)
        if (config_options[i].type->clear)
            config_options[i].type->clear(field_of(config, &config_options[i]));
    free(config->lines);
    free(config);
}

/* ---- Printing ---------------------------------------------------------------- */

void config_print(const struct config *config, FILE *stream) {
    for (size_t i = 0; i < config_options_count; i++) {
        const struct option *option = &config_options[i];
        fprintf(stream, "%s = ", option->name);
        option->type->print((const char *)config + option->offset, stream);
        fputs(";\n", stream);
    }
}
