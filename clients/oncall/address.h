/* Addresses of the internet: which are private. Pure. */
#ifndef OV_ONCALL_ADDRESS_H
#define OV_ONCALL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Loopback, link-local, private, shared, multicast, unspecified and reserved
 * addresses, also those of IPv4 within IPv6; and whatever is neither. */
bool address_is_private(const struct sockaddr *address);

/* "10.0.0.1"; false for other families. */
bool address_text(const struct sockaddr *address, char *buf, size_t size);

#endif
