/*
 * The proof, made at start, that keys are asked for: in each domain a client
 * with an unknown key must be refused and one with a known key accepted.
 */
#ifndef OV_NET_ZAP_TEST_H
#define OV_NET_ZAP_TEST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/zcurve.h"

/* Over sockets of its own on loopback, set up as those of the daemon are; waits
 * some milliseconds, or some seconds when nothing answers. known is a key that
 * the handler knows for every domain. False with the reason in error. */
bool zap_test(void *zmq, const struct zkeys *server, const struct zkeys *known, char *error, size_t size);

#endif
