/*
 * Memory that is always there: when the system has none left the process ends
 * with a log line, because nothing sensible could go on. Given back by free().
 */
#ifndef OV_COMMON_ALLOC_H
#define OV_COMMON_ALLOC_H

#include <stddef.h>

/* Zeroed; never NULL, also for a size of 0. */
void *alloc_zero(size_t count, size_t size) __attribute__((warn_unused_result));

/* As realloc(3) of count elements; never NULL. */
void *alloc_resize(void *memory, size_t count, size_t size) __attribute__((warn_unused_result));

/* A copy of a string, or of len bytes with a NUL behind them. NULL stays NULL. */
char *alloc_copy(const char *string) __attribute__((warn_unused_result));
char *alloc_copy_bytes(const void *bytes, size_t len) __attribute__((warn_unused_result));

char *alloc_printf(const char *format, ...) __attribute__((format(printf, 1, 2), warn_unused_result));

#endif
