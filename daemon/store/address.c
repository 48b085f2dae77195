#include "daemon/store/address.h"

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

static bool resolve(const char *host, struct address *address, char *ret_error, size_t size) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int rc = getaddrinfo(host, NULL, &hints, &found);
    if (rc == 0) {
        rc = getnameinfo(found->ai_addr, found->ai_addrlen, address->host, sizeof(address->host), NULL, 0,
                         NI_NUMERICHOST);
        freeaddrinfo(found);
    }
    if (rc != 0)
        snprintf(ret_error, size, "store: cannot resolve host \"%s\": %s", host, gai_strerror(rc));
    return rc == 0;
}

static bool parse_tcp(const char *text, struct address *address, char *ret_error, size_t size) {
    const char *colon = strrchr(text, ':');
    struct text host = {text, colon ? (size_t)(colon - text) : 0};
    if (host.len > 2 && host.s[0] == '[' && host.s[host.len - 1] == ']')
        host = (struct text){host.s + 1, host.len - 2};
    uint64_t port = 0;
    char name[256];
    if (host.len == 0 || !text_to_uint64(text_of(colon + 1), &port) || port < 1 || port > 65535 ||
        !text_copy(name, sizeof(name), host)) {
        snprintf(ret_error, size, "store = \"tcp:%s\": expected tcp:host:port with a port from 1 to 65535", text);
        return false;
    }
    address->kind = ADDRESS_TCP;
    address->port = (int)port;
    return resolve(name, address, ret_error, size);
}

bool address_parse(const char *where, struct address *ret_address, char *ret_error, size_t size) {
    struct address address = {.kind = ADDRESS_PRIVATE};
    bool good = true;
    if (strcmp(where, "none") == 0) {
        address.kind = ADDRESS_NONE;
    } else if (strncmp(where, "unix:", 5) == 0) {
        good = parse_unix(where + 5, &address, ret_error, size);
    } else if (strncmp(where, "tcp:", 4) == 0) {
        good = parse_tcp(where + 4, &address, ret_error, size);
    } else if (strcmp(where, "private") != 0) {
        snprintf(ret_error, size, "store = \"%s\": expected private, none, unix:/path or tcp:host:port", where);
        good = false;
    }
    if (good)
        *ret_address = address;
    return good;
}
