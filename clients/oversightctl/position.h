/*
 * Where a run of `send` began, kept in a small file until the run is complete,
 * so that an interrupted run can go on: the daemon knows the last seq it
 * applied, and with the seq of the first update that says how far it came.
 */
#ifndef OV_CTL_POSITION_H
#define OV_CTL_POSITION_H

#include <stdbool.h>
#include <stdint.h>

struct position {
    uint64_t first;       /* seq of the first update of the run */
    uint64_t fingerprint; /* of all its updates */
};

/* given, or $XDG_STATE_HOME/oversightctl/SOURCE.position, or the same under
 * ~/.local/state. NULL when there is no home. The caller frees it. */
char *position_path(const char *given, const char *source);

/* False when there is none or it cannot be read as one. */
bool position_load(const char *path, struct position *ret_position);
/* Replaces the file as a whole, making its folder; false with errno. */
bool position_store(const char *path, const struct position *position);
void position_remove(const char *path);

#endif
