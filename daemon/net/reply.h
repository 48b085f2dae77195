/*
 * The error reply that submission and queries share.
 */
#ifndef OV_NET_REPLY_H
#define OV_NET_REPLY_H

#include <stddef.h>

/* {"error":{"code":...,"message":...}}; a message too long for buf is cut.
 * size must hold at least 128 bytes, code is one of our own words. Returns the
 * length. */
size_t reply_error(char *buf, size_t size, const char *code, const char *message);

#define REPLY_ERROR_SIZE 2048

#endif
