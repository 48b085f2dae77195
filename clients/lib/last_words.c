/*
 * In the shared library alone, the log of common: it has one line to write,
 * that there is no memory left, and no business with the caller's own log.
 */
#include <stdarg.h>
#include <stdio.h>

#include "common/log.h"

void log_write(enum log_level level, const char *subsystem, const char *name, const char *format, ...) {
    va_list args;

    (void)level;
    (void)name;
    fprintf(stderr, "liboversight: %s: ", subsystem);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void log_flush(void) {
    fflush(stderr);
}

void log_stop_queue(void) {
}
