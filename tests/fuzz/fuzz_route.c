/* Paths, hosts and tags of HTTP requests, a zero byte between them: what of a request our own code reads, and not
 * libevent. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/http/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const patterns[] = {"/", "/metrics", "/api/v1/organisations/{}", "/api/v1/series/{}/{}",
                                           "/a/{}/b"};
    static const char *const names[] = {"status.example.org"};
    struct text parameters[HTTP_PARAMETERS];
    char *text = alloc_copy_bytes((const char *)data, size), host[256];
    const char *parts[3] = {text, "", ""};
    unsigned port;
    const char *end = text + strlen(text);
    for (int i = 1; i < 3 && end < text + size; i++) {
        parts[i] = end + 1;
        end = parts[i] + strlen(parts[i]);
    }
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        if (route_match(patterns[i], parts[0], parameters))
            for (size_t k = 0; k < HTTP_PARAMETERS; k++)
                if (parameters[k].len > strlen(parts[0]))
                    abort();
    route_host(parts[1], names, 1);
    if (route_address(parts[1], host, sizeof host, &port) && (strlen(host) >= sizeof host || port > 65535))
        abort();
    route_etag(parts[2], "\"0123456789abcdef\"");
    free(text);
    return 0;
}
