/*
 * The types of options for HTTP: addresses to listen on, names to be asked by.
 * There is no encryption: beyond loopback an address says insecure = true.
 */
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/text.h"
#include "daemon/config.h"
#include "daemon/config_option.h"

#define SCHEME "tcp://"
#define SCHEME_LEN (sizeof SCHEME - 1)
#define HOST_NAME_MAX_LEN 253

static bool is_list(const struct option_reader *reader, const config_setting_t *setting, const char *what) {
    const struct option *option = reader->option;
    if (config_setting_is_aggregate(setting) && !config_setting_is_group(setting) &&
        config_setting_length(setting) <= option->max)
        return true;
    option_expect(reader, setting, "a list of at most %lld %s", (long long)option->max, what);
    return false;
}

/* ---- Addresses ------------------------------------------------------------------ */

/* An element: "ADDRESS:PORT", or { address = "ADDRESS:PORT"; insecure = true; }. */
static const char *read_element(const config_setting_t *element, bool *ret_insecure) {
    const char *address = config_setting_get_string(element);
    *ret_insecure = false;
    if (address || !config_setting_is_group(element))
        return address;
    int known = 0;
    const config_setting_t *member = config_setting_get_member(element, "insecure");
    if (member && config_setting_type(member) == CONFIG_TYPE_BOOL) {
        *ret_insecure = config_setting_get_bool(member);
        known++;
    }
    member = config_setting_get_member(element, "address");
    address = member ? config_setting_get_string(member) : NULL;
    return known + (address != NULL) == config_setting_length(element) ? address : NULL;
}

/* Numbers, or localhost: a name would have to be resolved, and could change. */
static bool is_numeric(const char *address) {
    const char *colon = strrchr(address, ':');
    uint64_t port;
    if (!colon || !text_to_uint64(text_of(colon + 1), &port) || port == 0)
        return false;
    size_t len = (size_t)(colon - address);
    if (address[0] == '[')
        return strspn(address, "[]0123456789abcdefABCDEF:.") >= len;
    return strspn(address, "0123456789.") == len || (len == 9 && strncmp(address, "localhost", 9) == 0);
}

static bool read_address(const struct option_reader *reader, const config_setting_t *element,
                         struct zendpoint *ret_endpoint) {
    char error[ZERROR_SIZE];
    bool insecure;
    const char *address = read_element(element, &insecure);
    if (!address || !is_numeric(address)) {
        option_expect(reader, element, "\"ADDRESS:PORT\" or { address = \"ADDRESS:PORT\"; insecure = true; }");
        return false;
    }
    struct zendpoint endpoint = {alloc_printf(SCHEME "%s", address), insecure};
    if (zsock_check(&endpoint, error, sizeof error)) {
        *ret_endpoint = endpoint;
        return true;
    }
    option_problem(reader, element, "%s", error);
    free((char *)endpoint.address);
    return false;
}

static void parse_addresses(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    struct config_endpoints *addresses = field;
    if (!is_list(reader, setting, "addresses"))
        return;
    int count = config_setting_length(setting);
    addresses->items = alloc_zero((size_t)count, sizeof *addresses->items);
    for (int i = 0; i < count; i++)
        if (read_address(reader, config_setting_get_elem(setting, (unsigned)i), &addresses->items[addresses->count]))
            addresses->count++;
}

static void print_addresses(const void *field, FILE *stream) {
    const struct config_endpoints *addresses = field;
    fputs("(", stream);
    for (size_t i = 0; i < addresses->count; i++) {
        const struct zendpoint *endpoint = &addresses->items[i];
        fputs(i > 0 ? ", " : " ", stream);
        fputs(endpoint->insecure ? "{ address = " : "", stream);
        option_print_string(stream, endpoint->address + SCHEME_LEN);
        fputs(endpoint->insecure ? "; insecure = true; }" : "", stream);
    }
    fputs(" )", stream);
}

static void clear_addresses(void *field) {
    struct config_endpoints *addresses = field;
    for (size_t i = 0; i < addresses->count; i++)
        free((char *)addresses->items[i].address);
    free(addresses->items);
}

const struct option_type option_addresses = {"list of addresses", parse_addresses, print_addresses, clear_addresses};

/* ---- Names of hosts ---------------------------------------------------------------- */

static bool is_host(const char *name) {
    size_t len = strlen(name);
    return len > 0 && len <= HOST_NAME_MAX_LEN &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == len;
}

static void parse_hosts(const struct option_reader *reader, const config_setting_t *setting, void *field) {
    struct config_paths *hosts = field;
    if (!is_list(reader, setting, "names of hosts"))
        return;
    int count = config_setting_length(setting);
    hosts->items = alloc_zero((size_t)count, sizeof *hosts->items);
    for (int i = 0; i < count; i++) {
        const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
        const char *name = config_setting_get_string(element);
        if (name && is_host(name))
            hosts->items[hosts->count++] = alloc_copy(name);
        else
            option_expect(reader, element, "the name of a host, without a port");
    }
}

static void print_hosts(const void *field, FILE *stream) {
    option_paths.print(field, stream);
}

static void clear_hosts(void *field) {
    option_paths.clear(field);
}

const struct option_type option_hosts = {"list of names of hosts", parse_hosts, print_hosts, clear_hosts};
