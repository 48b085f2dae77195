#include "common/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/buf.h"

#define TEXT_SIZE 2048

struct entry {
    struct problem problem;
    size_t file_order, order; /* for a stable sort */
};

struct problems {
    struct entry *entries;
    size_t kept, capacity, total;
};

struct problems *problems_create(void) {
    return alloc_zero(1, sizeof(struct problems));
}

void problems_destroy(struct problems *problems) {
    if (!problems)
        return;
    for (size_t i = 0; i < problems->kept; i++) {
        free(problems->entries[i].problem.file);
        free(problems->entries[i].problem.text);
    }
    free(problems->entries);
    free(problems);
}

static size_t file_order(const struct problems *problems, const char *file) {
    for (size_t i = 0; i < problems->kept; i++) {
        if (strcmp(problems->entries[i].problem.file, file) == 0)
            return problems->entries[i].file_order;
    }
    return problems->kept;
}

void problems_add(struct problems *problems, const char *file, unsigned line, const char *format, ...) {
    problems->total++;
    if (problems->kept == PROBLEMS_MAX)
        return;
    if (problems->kept == problems->capacity) {
        problems->capacity = problems->capacity ? 2 * problems->capacity : 16;
        problems->entries = alloc_resize(problems->entries, problems->capacity, sizeof(*problems->entries));
    }
    va_list args;
    va_start(args, format);
    char text[TEXT_SIZE];
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct entry *entry = &problems->entries[problems->kept];
    entry->problem = (struct problem){alloc_copy(file), line, alloc_copy(text)};
    entry->file_order = file_order(problems, file);
    entry->order = problems->kept++;
}

size_t problems_count(const struct problems *problems) {
    return problems->total;
}

static int compare(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    if (x->file_order != y->file_order)
        return x->file_order < y->file_order ? -1 : 1;
    if (x->problem.line != y->problem.line)
        return x->problem.line < y->problem.line ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void problems_sort(struct problems *problems) {
    if (problems->kept > 1)
        qsort(problems->entries, problems->kept, sizeof(*problems->entries), compare);
}

size_t problems_kept(const struct problems *problems) {
    return problems->kept;
}

const struct problem *problems_at(const struct problems *problems, size_t index) {
    return &problems->entries[index].problem;
}

char *problems_format(const struct problems *problems) {
    struct buf out;
    buf_init(&out);
    for (size_t i = 0; i < problems->kept; i++) {
        const struct problem *problem = &problems->entries[i].problem;
        buf_append_string(&out, problem->file);
        if (problem->line > 0)
            buf_printf(&out, ":%u", problem->line);
        buf_printf(&out, ": %s\n", problem->text);
    }
    if (problems->total > problems->kept)
        buf_printf(&out, "and %zu more\n", problems->total - problems->kept);
    return buf_take(&out);
}
