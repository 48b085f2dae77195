/*
 * The types of options that name sockets: the store, endpoints to bind, feeds.
 * The loopback rule is held here.
 */
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/text.h"
#include "daemon/config.h"
#include "daemon/config_option.h"

/* ---- Store ---------------------------------------------------------------------- */

static void parse_unix(const struct option_reader *reader, const config_setting_t *setting, const char *path,
                       char **ret_store) {
    if (path[0] == '\0')
        option_expect(reader, setting, "a path after \"unix:\"");
    else if (path[0] == '/')
        *ret_store = alloc_printf("unix:%s", path);
    else
        *ret_store = alloc_printf("unix:%s/%s", strcmp(reader->folder, "/") == 0 ? "" : reader->folder, path);
}

/* HOST:PORT, the host of IPv6 in brackets. */
static bool is_host_port(const char *address) {
    const char *colon = strrchr(address, ':');
    uint64_t port;
    return colon && colon > address && text_to_uint64(text_of(colon + 1), &port) && port > 0 && port < 65536 &&
           (address[0] == '[') == (colon[-1] == ']') &&
           (address[0] == '[' || !memchr(address, ':', (size_t)(colon - address)));
}

/* NAME@HOST:PORT,HOST:PORT... */
static bool are_sentinels(const char *store) {
    const char *next = strchr(store, '@');
    bool good = next && next > store;
    while (good && next) {
        const char *comma = strchr(++next, ',');
        char *host = alloc_printf("%.*s", (int)(comma ? (size_t)(comma - next) : strlen(next)), next);
        good = is_host_port(host);
        free(host);
        next = comma;
    }
    return good;
}

static void parse_store(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    const char *store = config_setting_get_string(setting);
    if (store && (strcmp(store, "private") == 0 || strcmp(store, "none") == 0))
        *(char **)field = alloc_copy(store);
    else if (store && strncmp(store, "unix:", 5) == 0 && text_is_free(text_of(store), FREE_TEXT_MAX))
        parse_unix(reader, setting, store + 5, field);
    else if (store && strncmp(store, "tcp:", 4) == 0 && text_is_free(text_of(store), FREE_TEXT_MAX) &&
             is_host_port(store + 4))
        *(char **)field = alloc_copy(store);
    else if (store && strncmp(store, "sentinel:", 9) == 0 && text_is_free(text_of(store), FREE_TEXT_MAX) &&
             are_sentinels(store + 9))
        *(char **)field = alloc_copy(store);
    else
        option_expect(reader, setting,
                      "\"private\", \"none\", \"unix:PATH\", \"tcp:HOST:PORT\" or \"sentinel:NAME@HOST:PORT,...\"");
}

static void print_store(const void *field, FILE *stream) {
    option_print_string(stream, *(char *const *)field);
}

static void clear_store(void *field) {
    free(*(char **)field);
}

const struct option_type option_store = {"store", parse_store, print_store, clear_store};

/* ---- Endpoints ------------------------------------------------------------------ */

static void clear_endpoint(struct zendpoint *endpoint) {
    free((char *)endpoint->address);
    endpoint->address = NULL;
}

/* True when the file has a value for keys: then TCP is encrypted, and may go beyond loopback. */
static bool has_keys(const config_setting_t *setting) {
    while (!config_setting_is_root(setting))
        setting = config_setting_parent(setting);
    const config_setting_t *keys = config_setting_get_member(setting, "keys");
    const char *path = keys ? config_setting_get_string(keys) : NULL;
    return path && path[0] != '\0';
}

/* Checks and copies; false after a problem. curve: the connection is encrypted. */
static bool take_endpoint(const struct option_reader *reader, const config_setting_t *setting, const char *address,
                          bool insecure, bool curve, struct zendpoint *ret_endpoint) {
    struct zendpoint endpoint = {address, insecure || (curve && strncmp(address, "tcp://", 6) == 0)};
    char error[ZERROR_SIZE];
    if (!zsock_check(&endpoint, error, sizeof error)) {
        bool may_encrypt = !curve && strncmp(address, "tcp://", 6) == 0;
        option_problem(reader, setting, "%s%s", error, may_encrypt ? "; keys encrypt it" : "");
        return false;
    }
    *ret_endpoint = (struct zendpoint){alloc_copy(address), insecure};
    return true;
}

/* The keys of a group must all be among keys. */
static bool check_keys(const struct option_reader *reader, const config_setting_t *group, const char *const *keys,
                       size_t count) {
    bool good = true;
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        size_t k = 0;
        while (k < count && strcmp(config_setting_name(member), keys[k]) != 0)
            k++;
        if (k == count) {
            option_problem(reader, member, "key '%s' is unknown here", config_setting_name(member));
            good = false;
        }
    }
    return good;
}

/* A string member; NULL after a problem, or when it is absent and may be. */
static const char *member_string(const struct option_reader *reader, const config_setting_t *group, const char *key,
                                 bool required, bool *good) {
    const config_setting_t *member = config_setting_get_member(group, key);
    const char *string = member ? config_setting_get_string(member) : NULL;
    if (member && !string)
        option_expect(reader, member, "a string as '%s'", key);
    else if (!member && required)
        option_problem(reader, group, "key '%s' is missing", key);
    else
        return string;
    *good = false;
    return NULL;
}

static bool member_bool(const struct option_reader *reader, const config_setting_t *group, const char *key,
                        bool *good) {
    const config_setting_t *member = config_setting_get_member(group, key);
    if (!member)
        return false;
    if (config_setting_type(member) == CONFIG_TYPE_BOOL)
        return config_setting_get_bool(member);
    option_expect(reader, member, "true or false as '%s'", key);
    *good = false;
    return false;
}

static bool parse_endpoint(const struct option_reader *reader, const config_setting_t *element,
                           struct zendpoint *ret_endpoint) {
    static const char *const keys[] = {"endpoint", "insecure"};
    const char *address = config_setting_get_string(element);
    if (address)
        return take_endpoint(reader, element, address, false, has_keys(element), ret_endpoint);
    if (!config_setting_is_group(element)) {
        option_expect(reader, element, "an endpoint or { endpoint = \"...\"; insecure = true; }");
        return false;
    }
    bool good = check_keys(reader, element, keys, 2);
    address = member_string(reader, element, "endpoint", true, &good);
    bool insecure = member_bool(reader, element, "insecure", &good);
    return good && take_endpoint(reader, element, address, insecure, has_keys(element), ret_endpoint);
}

static bool check_list(const struct option_reader *reader, const config_setting_t *setting, const char *what) {
    const struct option *option = reader->option;
    int count = config_setting_length(setting);
    if (config_setting_is_aggregate(setting) && !config_setting_is_group(setting) && count >= option->min &&
        count <= option->max)
        return true;
    option_expect(reader, setting, "a list of %lld to %lld %s", (long long)option->min, (long long)option->max, what);
    return false;
}

static void parse_endpoints(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    struct config_endpoints *endpoints = field;
    if (!check_list(reader, setting, "endpoints"))
        return;
    int count = config_setting_length(setting);
    endpoints->items = alloc_zero((size_t)count, sizeof *endpoints->items);
    for (int i = 0; i < count; i++) {
        const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
        if (parse_endpoint(reader, element, &endpoints->items[endpoints->count]))
            endpoints->count++;
    }
}

static void print_endpoints(const void *field, FILE *stream) {
    const struct config_endpoints *endpoints = field;
    fputs("( ", stream);
    for (size_t i = 0; i < endpoints->count; i++) {
        const struct zendpoint *endpoint = &endpoints->items[i];
        fputs(i > 0 ? ", " : "", stream);
        fputs(endpoint->insecure ? "{ endpoint = " : "", stream);
        option_print_string(stream, endpoint->address);
        fputs(endpoint->insecure ? "; insecure = true; }" : "", stream);
    }
    fputs(endpoints->count > 0 ? " )" : ")", stream);
}

static void clear_endpoints(void *field) {
    struct config_endpoints *endpoints = field;
    for (size_t i = 0; i < endpoints->count; i++)
        clear_endpoint(&endpoints->items[i]);
    free(endpoints->items);
}

const struct option_type option_endpoints = {"list of endpoints", parse_endpoints, print_endpoints, clear_endpoints};

/* ---- Feeds ---------------------------------------------------------------------- */

static void clear_feed(struct config_feed *feed) {
    free(feed->source);
    free(feed->server_key);
    feed->source = feed->server_key = NULL;
    clear_endpoint(&feed->connect);
    clear_endpoint(&feed->replay);
}

static bool is_taken(const struct config_feeds *feeds, const char *source) {
    for (size_t i = 0; i < feeds->count; i++)
        if (strcmp(feeds->items[i].source, source) == 0)
            return true;
    return false;
}

static bool parse_feed(const struct option_reader *reader, const config_setting_t *element,
                       const struct config_feeds *feeds, struct config_feed *feed) {
    static const char *const keys[] = {"source", "connect", "replay", "insecure", "server_key"};
    if (!config_setting_is_group(element)) {
        option_expect(reader, element, "{ source = \"...\"; connect = \"...\"; replay = \"...\"; }");
        return false;
    }
    bool good = check_keys(reader, element, keys, 5);
    const char *source = member_string(reader, element, "source", true, &good);
    const char *connect = member_string(reader, element, "connect", true, &good);
    const char *replay = member_string(reader, element, "replay", false, &good);
    bool insecure = member_bool(reader, element, "insecure", &good);
    const char *server_key = member_string(reader, element, "server_key", false, &good);
    const config_setting_t *member = config_setting_get_member(element, "source");
    if (source && !text_is_source(text_of(source))) {
        option_expect(reader, member, "1 to 64 of A-Z a-z 0-9 . _ - as 'source'");
        good = false;
    } else if (source && is_taken(feeds, source)) {
        option_expect(reader, member, "a source that no other feed has");
        good = false;
    }
    if (connect)
        good &= take_endpoint(reader, config_setting_get_member(element, "connect"), connect, insecure, server_key,
                              &feed->connect);
    if (replay)
        good &= take_endpoint(reader, config_setting_get_member(element, "replay"), replay, insecure, server_key,
                              &feed->replay);
    feed->server_key = alloc_copy(server_key);
    if (good)
        feed->source = alloc_copy(source);
    else
        clear_feed(feed);
    return good;
}

static void parse_feeds(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    struct config_feeds *feeds = field;
    if (!check_list(reader, setting, "feeds"))
        return;
    int count = config_setting_length(setting);
    feeds->items = alloc_zero((size_t)count, sizeof *feeds->items);
    for (int i = 0; i < count; i++)
        if (parse_feed(reader, config_setting_get_elem(setting, (unsigned)i), feeds, &feeds->items[feeds->count]))
            feeds->count++;
}

static void print_feeds(const void *field, FILE *stream) {
    const struct config_feeds *feeds = field;
    fputs("(", stream);
    for (size_t i = 0; i < feeds->count; i++) {
        const struct config_feed *feed = &feeds->items[i];
        fputs(i > 0 ? ",\n  { source = " : "\n  { source = ", stream);
        option_print_string(stream, feed->source);
        fputs("; connect = ", stream);
        option_print_string(stream, feed->connect.address);
        if (feed->replay.address) {
            fputs("; replay = ", stream);
            option_print_string(stream, feed->replay.address);
        }
        if (feed->server_key) {
            fputs("; server_key = ", stream);
            option_print_string(stream, feed->server_key);
        }
        fputs(feed->connect.insecure ? "; insecure = true; }" : "; }", stream);
    }
    fputs(")", stream);
}

static void clear_feeds(void *field) {
    struct config_feeds *feeds = field;
    for (size_t i = 0; i < feeds->count; i++)
        clear_feed(&feeds->items[i]);
    free(feeds->items);
}

const struct option_type option_feeds = {"list of feeds", parse_feeds, print_feeds, clear_feeds};
