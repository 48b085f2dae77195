/*
 * Addresses of ZeroMQ endpoints: form, the loopback rule, and socket files.
 * For zsock.c; others use zsock_check() and zsock_is_local() of zsock.h.
 */
#ifndef OV_COMMON_ZENDPOINT_H
#define OV_COMMON_ZENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

/* True for addresses that are no ipc, whose file does not exist, or is a
 * socket nobody listens on any more (libzmq removes it). libzmq would also
 * remove a plain file and a socket in use: that is refused here. */
bool zendpoint_path_is_free(const char *address, char *error, size_t size);

#endif
