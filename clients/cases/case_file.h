/*
 * Case files as text: cases, in them paragraphs, in them lines of words. What
 * the words mean is oversight-case(5)'s and play.c's matter.
 */
#ifndef OV_CASES_CASE_FILE_H
#define OV_CASES_CASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct line {
    unsigned number; /* in the file, from 1 */
    size_t count;
    char **words; /* quotes are gone; count of them, never 0 */
};

struct paragraph {
    size_t count;
    struct line *lines;
};

struct test_case {
    char *title;
    unsigned number; /* of its first line */
    size_t count;
    struct paragraph *paragraphs;
};

struct case_file {
    char *path, *folder;
    size_t count;
    struct test_case *cases;
};

/* Ends the program with a message naming file and line when the file cannot be read. */
struct case_file *case_file_read(const char *path);
void case_file_destroy(struct case_file *file);

/* Ends the program: a case file is wrong in itself. */
void case_error(const struct case_file *file, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4), noreturn));

#endif
