/*
 * A list of what is wrong with a file: every problem with its place, so that
 * one run of a loader names them all.
 *
 * Out of memory ends the process.
 */
#ifndef OV_COMMON_PROBLEMS_H
#define OV_COMMON_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#define PROBLEMS_MAX 1000 /* kept; further ones are only counted */

struct problem {
    char *file;
    unsigned line; /* from 1; 0 = the file as a whole */
    char *text;
};

struct problems;

struct problems *problems_create(void);
void problems_destroy(struct problems *problems);

/* file and text are copied. line 0: the problem has no line. */
void problems_add(struct problems *problems, const char *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* All problems ever added, kept or not. */
size_t problems_count(const struct problems *problems);

/* Orders the kept problems by file (in the order the files first appeared) and line. */
void problems_sort(struct problems *problems);

/* The kept ones: at most PROBLEMS_MAX. */
size_t problems_kept(const struct problems *problems);
const struct problem *problems_at(const struct problems *problems, size_t index);

/* "file:line: text" for each kept problem, one a line, and a last line with the
 * number of those not kept, if any. The caller frees it. */
char *problems_format(const struct problems *problems);

#endif
