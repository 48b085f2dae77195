#include "clients/cases/case_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/alloc.h"
#include "common/buf.h"

void case_error(const struct case_file *file, unsigned line, const char *format, ...) {
    va_list args;

    fflush(stdout);
    fprintf(stderr, "%s:%u: ", file->path, line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    exit(EX_DATAERR);
}

/* The next word of the line; single or double quotes may stand anywhere in it. NULL at the end or at a comment. */
static char *next_word(const struct case_file *file, unsigned number, const char **at) {
    struct buf word;
    char quote = '\0';
    const char *p = *at;

    while (*p == ' ' || *p == '\t')
        p++;
    if (!*p || *p == '#')
        return NULL;
    buf_init(&word);
    for (; *p && (quote || (*p != ' ' && *p != '\t')); p++) {
        if (*p == quote)
            quote = '\0';
        else if (!quote && (*p == '"' || *p == '\''))
            quote = *p;
        else
            buf_append_char(&word, *p);
    }
    if (quote)
        case_error(file, number, "a quote is not closed");
    *at = p;
    return buf_take(&word);
}

static struct line split(const struct case_file *file, unsigned number, const char *text) {
    struct line line = {.number = number};
    char *word;

    while ((word = next_word(file, number, &text))) {
        line.words = alloc_resize(line.words, line.count + 1, sizeof *line.words);
        line.words[line.count++] = word;
    }
    return line;
}

static void add_case(struct case_file *file, const char *title, unsigned number) {
    file->cases = alloc_resize(file->cases, file->count + 1, sizeof *file->cases);
    file->cases[file->count++] = (struct test_case){.title = alloc_copy(title), .number = number};
}

static void add_line(struct case_file *file, struct line line, bool new_paragraph) {
    struct test_case *test = &file->cases[file->count - 1];
    struct paragraph *paragraph;

    if (new_paragraph || !test->count) {
        test->paragraphs = alloc_resize(test->paragraphs, test->count + 1, sizeof *test->paragraphs);
        test->paragraphs[test->count++] = (struct paragraph){0};
    }
    paragraph = &test->paragraphs[test->count - 1];
    paragraph->lines = alloc_resize(paragraph->lines, paragraph->count + 1, sizeof *paragraph->lines);
    paragraph->lines[paragraph->count++] = line;
}

static void read_lines(struct case_file *file, FILE *stream) {
    char *text = NULL;
    size_t size = 0;
    ssize_t len;
    unsigned number = 0;
    bool blank = true;

    while ((len = getline(&text, &size, stream)) >= 0) {
        struct line line;

        number++;
        while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
            text[--len] = '\0';
        if (!strncmp(text, "case ", 5)) {
            add_case(file, text + 5, number);
            blank = true;
            continue;
        }
        line = split(file, number, text);
        if (!line.count) {
            blank |= text[strspn(text, " \t")] == '\0'; /* a comment does not end a paragraph */
            continue;
        }
        if (!file->count)
            case_error(file, number, "'%s' stands before the first 'case'", line.words[0]);
        add_line(file, line, blank);
        blank = false;
    }
    free(text);
}

struct case_file *case_file_read(const char *path) {
    struct case_file *file = alloc_zero(1, sizeof *file);
    FILE *stream = fopen(path, "r");
    char *slash;

    file->path = alloc_copy(path);
    file->folder = alloc_copy(path);
    slash = strrchr(file->folder, '/');
    if (slash)
        *slash = '\0';
    else
        strcpy(file->folder, ".");
    if (!stream)
        case_error(file, 0, "cannot be read");
    read_lines(file, stream);
    fclose(stream);
    if (!file->count)
        case_error(file, 0, "no case in it");
    return file;
}

static void free_paragraph(struct paragraph *paragraph) {
    for (size_t i = 0; i < paragraph->count; i++) {
        for (size_t w = 0; w < paragraph->lines[i].count; w++)
            free(paragraph->lines[i].words[w]);
        free(paragraph->lines[i].words);
    }
    free(paragraph->lines);
}

void case_file_destroy(struct case_file *file) {
    for (size_t i = 0; i < file->count; i++) {
        for (size_t p = 0; p < file->cases[i].count; p++)
            free_paragraph(&file->cases[i].paragraphs[p]);
        free(file->cases[i].paragraphs);
        free(file->cases[i].title);
    }
    free(file->cases);
    free(file->folder);
    free(file->path);
    free(file);
}
