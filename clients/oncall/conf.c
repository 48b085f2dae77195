#include "clients/oncall/conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/oncall/conf_part.h"
#include "common/alloc.h"
#include "common/log.h"
#include "daemon/config_text.h"

#define SECRET_MAX 4096
#define ENDPOINTS_MAX 8
#define CREDENTIALS "/run/credentials/"
#define ZONES "/usr/share/zoneinfo"

/* ---- Shared by the parts ---------------------------------------------------------- */

char *conf_path(const struct conf_reader *reader, const char *path) {
    return path[0] == '/' ? alloc_copy(path) : alloc_printf("%s/%s", reader->folder, path);
}

bool conf_take_path(const struct conf_reader *reader, const struct settings *settings, const char *key,
                    enum settings_need need, char **ret_path) {
    const char *path;
    if (!settings_string(settings, key, need, &path))
        return false;
    if (path[0] == '\0' || !text_is_free(text_of(path), FREE_TEXT_MAX)) {
        settings_expect(settings, key, settings_get(settings, key), "a path");
        return false;
    }
    free(*ret_path);
    *ret_path = conf_path(reader, path);
    return true;
}

bool conf_take_words(const struct settings *settings, const char *key, enum settings_need need, size_t max,
                     struct words *ret_words) {
    const config_setting_t *list = settings_list(settings, key, need, 1, max, "texts");
    struct words words = {0};
    bool good = list != NULL;
    if (!list)
        return false;
    words.items = alloc_zero(settings_count(list), sizeof *words.items);
    for (size_t i = 0; i < settings_count(list); i++) {
        const config_setting_t *element = settings_element(list, i);
        const char *word;
        if (!settings_element_string(settings, key, element, &word)) {
            good = false;
        } else if (word[0] == '\0' || !text_is_free(text_of(word), FREE_TEXT_MAX)) {
            settings_expect(settings, key, element, "text without control characters");
            good = false;
        } else {
            words.items[words.count++] = alloc_copy(word);
        }
    }
    if (!good) {
        words_finish(&words);
        return false;
    }
    words_finish(ret_words);
    *ret_words = words;
    return true;
}

void conf_take_seconds(const struct settings *settings, const char *key, double min, double max, int64_t *ret_ms) {
    double seconds;
    if (settings_number(settings, key, SETTINGS_OPTIONAL, min, max, &seconds))
        *ret_ms = (int64_t)(seconds * 1000 + 0.5);
}

/* The service manager's folder is closed to others though its files need not be. */
static bool is_credential(const char *path) {
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    size_t len = folder ? strlen(folder) : 0;
    return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/' && !strchr(path + len + 1, '/');
}

static const char *exposed(const char *path, const struct stat *info) {
    if (!S_ISREG(info->st_mode))
        return "it is no file";
    if (is_credential(path))
        return NULL;
    if (info->st_uid != geteuid() && info->st_uid != 0)
        return "it belongs to another user";
    return (info->st_mode & 077) != 0 ? "others may read or write it, expected mode 0600" : NULL;
}

/* systemd shows the credentials of a service to its main process alone, not to
 * the check before a reload: the reload itself reads them. */
static bool is_hidden(const struct conf_reader *reader, const char *path) {
    if (!reader->checking || strncmp(path, CREDENTIALS, sizeof CREDENTIALS - 1) != 0 || access(path, R_OK) == 0 ||
        errno != EACCES)
        return false;
    log_notice("oncall", "%s: not checked, only the service itself can read it", path);
    return true;
}

char *conf_secret(const struct conf_reader *reader, const struct settings *settings, const char *key,
                  const char *path) {
    const config_setting_t *setting = settings_get(settings, key);
    char secret[SECRET_MAX + 1];
    struct stat info;
    if (is_hidden(reader, path))
        return NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0) {
        settings_problem(settings, key, setting, "%s: cannot be read: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    const char *reason = exposed(path, &info);
    ssize_t len = reason ? 0 : read(fd, secret, SECRET_MAX);
    close(fd);
    secret[len > 0 ? len : 0] = '\0';
    secret[strcspn(secret, "\r\n")] = '\0';
    if (!reason && (secret[0] == '\0' || !text_is_free(text_of(secret), SECRET_MAX)))
        reason = "its first line is empty or holds control characters";
    char *copy = NULL;
    if (reason)
        settings_problem(settings, key, setting, "%s: cannot be used: %s", path, reason);
    else
        copy = alloc_copy(secret);
    explicit_bzero(secret, sizeof secret);
    return copy;
}

/* ---- The top of the file ------------------------------------------------------------ */

static void load_endpoints(const struct conf_reader *reader, const struct settings *top, const char *key,
                           struct words *endpoints) {
    const struct conf *conf = reader->conf;
    char error[ZERROR_SIZE];
    if (!conf_take_words(top, key, SETTINGS_OPTIONAL, ENDPOINTS_MAX, endpoints))
        return;
    for (size_t i = 0; i < endpoints->count; i++) {
        struct zendpoint endpoint = {endpoints->items[i], conf->insecure || conf->server_key[0]};
        if (!zsock_check(&endpoint, error, sizeof error))
            settings_problem(top, key, settings_get(top, key), "%s", error);
    }
}

static void load_keys(const struct conf_reader *reader, const struct settings *top) {
    struct conf *conf = reader->conf;
    const char *server;
    char error[ZERROR_SIZE], *path = NULL;
    bool has_server = settings_string(top, "server_key", SETTINGS_OPTIONAL, &server);
    bool has_key = conf_take_path(reader, top, "key", SETTINGS_OPTIONAL, &path);
    if (has_key && !is_hidden(reader, path) && !zkeys_read(path, &conf->keys, error, sizeof error))
        settings_problem(top, "key", settings_get(top, "key"), "%s", error);
    if (has_server) {
        char *file = zkey_is_valid(text_of(server)) ? alloc_copy(server) : conf_path(reader, server);
        if (!zkey_read_public(file, conf->server_key, error, sizeof error))
            settings_problem(top, "server_key", settings_get(top, "server_key"), "%s", error);
        free(file);
    }
    if (has_server != has_key)
        settings_problem(top, has_server ? "server_key" : "key", NULL, "key and server_key go together");
    free(path);
}

static void load_zone(const struct conf_reader *reader, const struct settings *top) {
    struct conf *conf = reader->conf;
    const char *zone;
    if (!settings_string(top, "timezone", SETTINGS_OPTIONAL, &zone))
        return;
    char *path = alloc_printf(ZONES "/%s", zone);
    struct stat info;
    bool known = strcmp(zone, "UTC") == 0 ||
                 (zone[0] != '/' && !strstr(zone, "..") && stat(path, &info) == 0 && S_ISREG(info.st_mode));
    free(path);
    if (!known) {
        settings_expect(top, "timezone", settings_get(top, "timezone"),
                        "a time zone of " ZONES " (Debian: tzdata), such as Europe/London");
        return;
    }
    free(conf->timezone);
    conf->timezone = alloc_copy(zone);
}

static void load_page(const struct conf_reader *reader, const struct settings *top) {
    const char *page;
    if (!settings_string(top, "status_page", SETTINGS_OPTIONAL, &page))
        return;
    if ((strncmp(page, "http://", 7) != 0 && strncmp(page, "https://", 8) != 0) ||
        !text_is_free(text_of(page), FREE_TEXT_MAX)) {
        settings_expect(top, "status_page", settings_get(top, "status_page"), "an address http://... or https://...");
        return;
    }
    free(reader->conf->status_page);
    reader->conf->status_page = alloc_printf("%s%s", page, page[strlen(page) - 1] == '/' ? "" : "/");
}

static void load_log(struct conf *conf, const struct settings *top) {
    const char *word;
    enum log_level level;
    int facility;
    if (settings_string(top, "log_level", SETTINGS_OPTIONAL, &word)) {
        if (!log_level_parse(word, &level))
            settings_expect(top, "log_level", settings_get(top, "log_level"),
                            "\"error\", \"warning\", \"notice\", \"info\" or \"debug\"");
        free(conf->log_level);
        conf->log_level = alloc_copy(word);
    }
    if (settings_string(top, "log_facility", SETTINGS_OPTIONAL, &word)) {
        if (!log_facility_parse(word, &facility))
            settings_expect(top, "log_facility", settings_get(top, "log_facility"),
                            "\"daemon\", \"user\" or \"local0\" to \"local7\"");
        free(conf->log_facility);
        conf->log_facility = alloc_copy(word);
    }
}

static void add_word(struct words *words, const char *word) {
    words->items = alloc_resize(words->items, words->count + 1, sizeof *words->items);
    words->items[words->count++] = alloc_copy(word);
}

static void take_defaults(struct conf *conf, const struct conf_reader *reader) {
    add_word(&conf->subscribe, "tcp://127.0.0.1:7710");
    add_word(&conf->query, "tcp://127.0.0.1:7712");
    conf->state_dir = alloc_copy("/var/lib/oversight-oncall");
    conf->status_page = alloc_copy("http://127.0.0.1:7780/");
    conf->timezone = alloc_copy("Europe/London");
    conf->sendmail = alloc_copy("/usr/sbin/sendmail");
    conf->templates = conf_path(reader, "oncall");
    conf->log_level = alloc_copy("info");
    conf->log_facility = alloc_copy("daemon");
    conf->history_bytes = 64 * 1024 * 1024;
    /* Where clouds keep the credentials of their machines. */
    add_word(&conf->drop_hosts, "169.254.169.254");
    add_word(&conf->drop_hosts, "metadata.google.internal");
}

static void load(const struct conf_reader *reader, const struct settings *top) {
    static const char *const keys[] = {"subscribe",  "query",    "insecure",  "key",          "server_key",
                                       "state_dir",  "timezone", "sendmail",  "templates",    "status_page",
                                       "drop_hosts", "quiet",    "log_level", "log_facility", "history_bytes",
                                       "targets",    "routes"};
    struct conf *conf = reader->conf;
    take_defaults(conf, reader);
    settings_keys(top, keys, sizeof keys / sizeof keys[0]);
    settings_bool(top, "insecure", &conf->insecure);
    load_keys(reader, top);
    load_endpoints(reader, top, "subscribe", &conf->subscribe);
    load_endpoints(reader, top, "query", &conf->query);
    conf_take_path(reader, top, "state_dir", SETTINGS_OPTIONAL, &conf->state_dir);
    conf_take_path(reader, top, "sendmail", SETTINGS_OPTIONAL, &conf->sendmail);
    conf_take_path(reader, top, "templates", SETTINGS_OPTIONAL, &conf->templates);
    conf_take_words(top, "drop_hosts", SETTINGS_OPTIONAL, 256, &conf->drop_hosts);
    settings_int(top, "history_bytes", SETTINGS_OPTIONAL, 65536, 1 << 30, &conf->history_bytes);
    load_page(reader, top);
    load_zone(reader, top);
    load_log(conf, top);
    conf_load_quiet(reader, top);
    conf_load_targets(reader, top);
    conf_load_routes(reader, top);
}

static struct conf *read_text(const char *path, char *folder, const char *text, bool checking,
                              struct problems *problems) {
    size_t before = problems_count(problems);
    struct conf *conf = alloc_zero(1, sizeof *conf);
    struct conf_reader reader = {conf, folder, checking};
    char *widened = config_text_widen(text);
    config_t parsed;

    conf->refs = 1;
    config_init(&parsed);
    config_set_include_dir(&parsed, folder);
    if (config_read_string(&parsed, widened)) {
        struct settings top = {path, problems, config_root_setting(&parsed), ""};
        load(&reader, &top);
    } else {
        const char *file = config_error_file(&parsed);
        problems_add(problems, file ? file : path, (unsigned)config_error_line(&parsed), "%s",
                     config_error_text(&parsed));
    }
    config_destroy(&parsed);
    free(widened);
    problems_sort(problems);
    if (problems_count(problems) == before)
        return conf;
    conf_unref(conf);
    return NULL;
}

struct conf *conf_load(const char *path, bool checking, struct problems *problems) {
    char *text = config_text_read(path, problems), *folder = text ? realpath(path, NULL) : NULL;
    struct conf *conf = NULL;
    if (text && !folder) {
        problems_add(problems, path, 0, "cannot be found: %s", strerror(errno));
    } else if (text) {
        char *slash = strrchr(folder, '/');
        slash[slash == folder ? 1 : 0] = '\0';
        conf = read_text(path, folder, text, checking, problems);
    }
    free(folder);
    free(text);
    return conf;
}

struct conf *conf_ref(struct conf *conf) {
    conf->refs++;
    return conf;
}

static void free_secret(char *secret) {
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

static void finish_target(struct target *target) {
    free(target->name);
    template_destroy(target->template);
    free_secret(target->url);
    free_secret(target->secret);
    free(target->ca_file);
    words_finish(&target->email);
    free(target->from);
    words_finish(&target->exec);
    free(target->socket);
}

static void finish_route(struct route *route) {
    free(route->name);
    words_finish(&route->kinds);
    words_finish(&route->organisations);
    words_finish(&route->systems);
    words_finish(&route->regions);
    words_finish(&route->types);
    words_finish(&route->targets);
}

void conf_unref(struct conf *conf) {
    if (!conf || --conf->refs > 0)
        return;
    for (size_t i = 0; i < conf->target_count; i++)
        finish_target(&conf->targets[i]);
    for (size_t i = 0; i < conf->route_count; i++)
        finish_route(&conf->routes[i]);
    free(conf->targets);
    free(conf->routes);
    words_finish(&conf->subscribe);
    words_finish(&conf->query);
    words_finish(&conf->drop_hosts);
    explicit_bzero(&conf->keys, sizeof conf->keys);
    free(conf->state_dir);
    free(conf->status_page);
    free(conf->timezone);
    free(conf->sendmail);
    free(conf->templates);
    free(conf->log_level);
    free(conf->log_facility);
    free(conf);
}

/* ---- Questions ------------------------------------------------------------------------ */

const struct target *conf_target(const struct conf *conf, const char *name) {
    for (size_t i = 0; i < conf->target_count; i++)
        if (strcmp(conf->targets[i].name, name) == 0)
            return &conf->targets[i];
    return NULL;
}

const struct route *conf_route(const struct conf *conf, const char *name) {
    for (size_t i = 0; i < conf->route_count; i++)
        if (strcmp(conf->routes[i].name, name) == 0)
            return &conf->routes[i];
    return NULL;
}

bool conf_host_dropped(const struct conf *conf, const char *host) {
    size_t len = strlen(host);
    while (len > 0 && host[len - 1] == '.')
        len--; /* a name may end in the dot of the root */
    for (size_t i = 0; i < conf->drop_hosts.count; i++) {
        const char *dropped = conf->drop_hosts.items[i];
        size_t tail = strlen(dropped) - (dropped[0] == '*');
        const char *end = dropped + (dropped[0] == '*');
        bool long_enough = dropped[0] == '*' ? len > tail : len == tail;
        if (long_enough && strncasecmp(host + len - tail, end, tail) == 0)
            return true;
    }
    return false;
}
