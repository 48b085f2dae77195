/*
 * Whole files in memory, within a bound.
 */
#ifndef OV_CTL_FILE_H
#define OV_CTL_FILE_H

#include <stddef.h>

#include "common/problems.h"

/* The file's bytes and a NUL behind them, or standard input for "-"; the caller
 * frees them. NULL after a problem was added. */
char *file_read(const char *path, size_t max, size_t *ret_len, struct problems *problems);

#endif
