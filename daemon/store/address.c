#include "daemon/store/address.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/text.h"

static bool parse_unix(const char *path, struct address *address, char *ret_error, size_t size) {
    if (path[0] != '/') {
        snprintf(ret_error, size, "store = \"unix:%s\": expected an absolute path after unix:", path);
        return false;
    }
    if (strlen(path) > ADDRESS_PATH_MAX) {
        snprintf(ret_error, size, "store = \"unix:%s\": the path has %zu bytes, a unix socket takes %d", path,
                 strlen(path), ADDRESS_PATH_MAX);
        return false;
    }
    address->kind = ADDRESS_UNIX;
    memcpy(address->path, path, strlen(path) + 1);
    return true;
}

static bool resolve(const char *name, char *ret_host, size_t host_size, char *ret_error, size_t size) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int rc = getaddrinfo(name, NULL, &hints, &found);
    if (rc == 0) {
        rc = getnameinfo(found->ai_addr, found->ai_addrlen, ret_host, (socklen_t)host_size, NULL, 0, NI_NUMERICHOST);
        freeaddrinfo(found);
    }
    errno = rc == EAI_AGAIN ? EAGAIN : 0;
    if (rc != 0)
        snprintf(ret_error, size, "store: cannot resolve host \"%s\": %s", name, gai_strerror(rc));
    return rc == 0;
}

/* where: all of the option, for the error. */
static bool parse_host(struct text text, const char *where, struct address_host *ret_host, char *ret_error,
                       size_t size) {
    size_t colon = text.len;
    while (colon > 0 && text.s[colon - 1] != ':')
        colon--;
    struct text host = {text.s, colon > 0 ? colon - 1 : 0}, number = {text.s + colon, text.len - colon};
    if (host.len > 2 && host.s[0] == '[' && host.s[host.len - 1] == ']')
        host = (struct text){host.s + 1, host.len - 2};
    uint64_t port = 0;
    char name[256];
    if (host.len == 0 || !text_to_uint64(number, &port) || port < 1 || port > 65535 ||
        !text_copy(name, sizeof(name), host)) {
        snprintf(ret_error, size, "store = \"%s\": expected host:port with a port from 1 to 65535", where);
        return false;
    }
    ret_host->port = (int)port;
    return resolve(name, ret_host->host, sizeof(ret_host->host), ret_error, size);
}

static bool parse_sentinels(const char *where, const char *text, struct address *address, char *ret_error,
                            size_t size) {
    const char *at = strchr(text, '@');
    struct text name = {text, at ? (size_t)(at - text) : 0};
    if (name.len == 0 || !text_copy(address->master, sizeof(address->master), name)) {
        snprintf(ret_error, size,
                 "store = \"%s\": expected sentinel:name@host:port,host:port... with a name of 1 to %zu bytes", where,
                 sizeof(address->master) - 1);
        return false;
    }
    for (const char *next = at + 1; next;) {
        const char *comma = strchr(next, ',');
        struct text host = {next, comma ? (size_t)(comma - next) : strlen(next)};
        if (address->sentinel_count == ADDRESS_SENTINELS_MAX) {
            snprintf(ret_error, size, "store = \"%s\": expected at most %d sentinels", where, ADDRESS_SENTINELS_MAX);
            return false;
        }
        if (!parse_host(host, where, &address->sentinels[address->sentinel_count], ret_error, size))
            return false;
        address->sentinel_count++;
        next = comma ? comma + 1 : NULL;
    }
    address->kind = ADDRESS_SENTINEL;
    return true;
}

bool address_parse(const char *where, struct address *ret_address, char *ret_error, size_t size) {
    struct address address = {.kind = ADDRESS_PRIVATE};
    bool good = true;
    if (strcmp(where, "none") == 0) {
        address.kind = ADDRESS_NONE;
    } else if (strncmp(where, "unix:", 5) == 0) {
        good = parse_unix(where + 5, &address, ret_error, size);
    } else if (strncmp(where, "tcp:", 4) == 0) {
        address.kind = ADDRESS_TCP;
        good = parse_host(text_of(where + 4), where, &address.tcp, ret_error, size);
    } else if (strncmp(where, "sentinel:", 9) == 0) {
        good = parse_sentinels(where, where + 9, &address, ret_error, size);
    } else if (strcmp(where, "private") != 0) {
        snprintf(ret_error, size,
                 "store = \"%s\": expected private, none, unix:/path, tcp:host:port or sentinel:name@host:port,...",
                 where);
        good = false;
    }
    if (good)
        *ret_address = address;
    return good;
}
