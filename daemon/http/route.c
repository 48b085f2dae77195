#include "daemon/http/route.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

/* The text up to the next slash or the end. */
static struct text segment(const char *path) {
    return (struct text){path, strcspn(path, "/")};
}

bool route_match(const char *pattern, const char *path, struct text ret_parameters[HTTP_PARAMETERS]) {
    struct text found[HTTP_PARAMETERS] = {{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    size_t count = 0;
    while (*pattern != '\0') {
        if (*pattern != '{' || count == HTTP_PARAMETERS) {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        found[count] = segment(path);
        if (found[count].len == 0)
            return false;
        path += found[count++].len;
        pattern += strcspn(pattern, "/");
    }
    if (*path != '\0')
        return false;
    memcpy(ret_parameters, found, sizeof found);
    return true;
}

/* Splits host[:port]; the brackets of IPv6 are removed. */
static bool split(const char *text, char *ret_host, size_t size, const char **ret_port) {
    bool bracket = text[0] == '[';
    size_t len = strcspn(text + bracket, bracket ? "]" : ":");
    const char *rest = text + bracket + len;
    if (bracket && *rest++ != ']')
        return false;
    if (*rest != '\0' && *rest != ':')
        return false;
    *ret_port = *rest == ':' ? rest + 1 : NULL;
    return len > 0 && text_copy(ret_host, size, (struct text){text + bracket, len});
}

static bool is_number(const char *host) {
    struct in_addr v4;
    struct in6_addr v6;
    return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1;
}

bool route_host(const char *host, const char *const *names, size_t count) {
    char name[256];
    const char *port;
    if (!split(host, name, sizeof name, &port))
        return false;
    if (port != NULL && strspn(port, "0123456789") != strlen(port))
        return false;
    if (is_number(name) || strcasecmp(name, "localhost") == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

bool route_address(const char *address, char *ret_host, size_t size, unsigned *ret_port) {
    const char *port;
    uint64_t number;
    if (!split(address, ret_host, size, &port) || port == NULL || !text_to_uint64(text_of(port), &number) ||
        number == 0 || number > 65535)
        return false;
    if (strcasecmp(ret_host, "localhost") == 0 && !text_copy(ret_host, size, TEXT_OF("127.0.0.1")))
        return false;
    *ret_port = (unsigned)number;
    return is_number(ret_host);
}

bool route_etag(const char *header, const char *etag) {
    size_t len = strlen(etag);
    if (strcmp(header, "*") == 0)
        return true;
    for (const char *p = header; (p = strstr(p, etag)) != NULL; p += len)
        if ((p == header || p[-1] == ' ' || p[-1] == ',' || p[-1] == '/') && strchr(" ,", p[len]) != NULL)
            return true;
    return false;
}
