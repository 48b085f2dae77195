#include "common/zendpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/zsock.h"

#define ADDRESS_MAX 255
#define PATH_LEN_MAX (sizeof((struct sockaddr_un *)0)->sun_path - 1)

/* The rest of the address when it starts with the scheme, else NULL. */
static const char *after(const char *address, const char *scheme) {
    size_t len = strlen(scheme);
    return strncmp(address, scheme, len) == 0 ? address + len : NULL;
}

/* Splits host:port at the last colon; brackets around IPv6 are removed. */
static bool split(const char *rest, char host[ADDRESS_MAX + 1], const char **ret_port) {
    const char *colon = strrchr(rest, ':');
    if (colon == NULL || colon == rest)
        return false;
    struct text name = {rest, (size_t)(colon - rest)};
    bool bracket = name.s[0] == '[';
    if (bracket) {
        if (name.len < 3 || name.s[name.len - 1] != ']')
            return false;
        name = (struct text){name.s + 1, name.len - 2};
    } else if (memchr(name.s, ':', name.len) != NULL) {
        return false;
    }
    *ret_port = colon + 1;
    return text_copy(host, ADDRESS_MAX + 1, name);
}

static bool host_is_local(const char *host) {
    struct in_addr v4;
    struct in6_addr v6;
    if (strcmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool zsock_is_local(const char *address) {
    if (after(address, "inproc://") != NULL)
        return true;
    const char *rest = after(address, "ipc://");
    if (rest != NULL)
        return rest[0] != '@';
    rest = after(address, "tcp://");
    char host[ADDRESS_MAX + 1];
    const char *port;
    return rest != NULL && strlen(rest) <= ADDRESS_MAX && split(rest, host, &port) && host_is_local(host);
}

/* Why the address is malformed, or NULL. */
static const char *fault(const char *address) {
    if (strlen(address) > ADDRESS_MAX)
        return "is longer than 255 bytes";
    for (const char *p = address; *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p == 0x7f)
            return "holds a space or a control character";
    const char *rest = after(address, "inproc://");
    if (rest != NULL)
        return rest[0] != '\0' ? NULL : "has no name after inproc://";
    rest = after(address, "ipc://");
    if (rest != NULL) {
        if (rest[0] == '\0' || strcmp(rest, "*") == 0)
            return "needs a path after ipc://";
        return strlen(rest) <= PATH_LEN_MAX ? NULL : "has a path longer than 107 bytes, the limit of unix sockets";
    }
    rest = after(address, "tcp://");
    if (rest == NULL)
        return "must start with tcp://, ipc:// or inproc://";
    char host[ADDRESS_MAX + 1];
    const char *port;
    if (!split(rest, host, &port) || strpbrk(rest, ";/@") != NULL)
        return "must have the form tcp://host:port, IPv6 addresses in brackets";
    uint64_t number;
    if (strcmp(port, "*") != 0 && (!text_to_uint64(text_of(port), &number) || number > 65535))
        return "must end in a port from 1 to 65535";
    return NULL;
}

bool zsock_check(const struct zendpoint *endpoint, char *error, size_t size) {
    const char *address = endpoint->address == NULL ? "" : endpoint->address;
    const char *reason = fault(address);
    char shown[ADDRESS_MAX + 1];
    if (reason != NULL) {
        snprintf(error, size, "endpoint \"%s\" %s", text_escape(shown, sizeof shown, text_of(address)), reason);
        return false;
    }
    if (endpoint->insecure || zsock_is_local(address))
        return true;
    const char *rule = after(address, "ipc://") != NULL
                           ? "is an abstract socket, which every user of this machine may open"
                           : "is beyond loopback and not encrypted";
    snprintf(error, size, "endpoint \"%s\" %s: refused unless the configuration says insecure = true for it",
             text_escape(shown, sizeof shown, text_of(address)), rule);
    return false;
}

/* True when somebody accepts connections on the socket file. */
static bool is_served(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (!text_copy(name.sun_path, sizeof name.sun_path, text_of(path)))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    /* EAGAIN: somebody listens and the backlog is full. */
    bool served = connect(fd, (const struct sockaddr *)&name, sizeof name) == 0 || errno == EAGAIN;
    close(fd);
    return served;
}

bool zendpoint_path_is_free(const char *address, char *error, size_t size) {
    const char *path = after(address, "ipc://");
    struct stat status;
    if (path == NULL || path[0] == '@' || lstat(path, &status) != 0)
        return true;
    if (!S_ISSOCK(status.st_mode)) {
        snprintf(error, size, "cannot bind %s: the file exists and is no socket", address);
        return false;
    }
    if (is_served(path)) {
        snprintf(error, size, "cannot bind %s: another process listens there (is another instance running?)", address);
        return false;
    }
    return true;
}
