/* Patterns of paths, and hosts: pure, on what came from outside. */
#ifndef OV_HTTP_ROUTE_H
#define OV_HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/text.h"
#include "daemon/http/http.h"

/* Does the path, as it came, match the pattern? Sets the {} of it, not decoded;
 * those beyond the last are empty. */
bool route_match(const char *pattern, const char *path, struct text ret_parameters[HTTP_PARAMETERS]);

/* May a request with this Host header be answered? A page of another site can
 * have its name resolve to our address, but it cannot send another Host than
 * its name. So numbers are fine, and localhost, and what was configured. */
bool route_host(const char *host, const char *const *names, size_t count);

/* "127.0.0.1:7780" or "[::1]:7780" into its parts; false when it is neither. */
bool route_address(const char *address, char *ret_host, size_t size, unsigned *ret_port);

/* Is the tag, with its quotes, in an If-None-Match header? */
bool route_etag(const char *header, const char *etag);

#endif
