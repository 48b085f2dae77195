/*
 * Reference data for tests: CSV files of the folder OVERSIGHT_SHARED, by
 * default "shared" beside the source tree. They are no part of the project;
 * where they are absent, tests say so and skip.
 */
#ifndef OV_TESTS_UNIT_SHARED_H
#define OV_TESTS_UNIT_SHARED_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHARED_FIELDS_MAX 64
#define SHARED_LINE_MAX 4096

struct shared_csv {
    FILE *file;
    char header[SHARED_LINE_MAX], line[SHARED_LINE_MAX];
    char *names[SHARED_FIELDS_MAX], *fields[SHARED_FIELDS_MAX];
    size_t name_count, field_count;
};

/* Cuts a line at its commas; a quoted field loses its quotes. */
static inline size_t shared_split(char *line, char **fields) {
    size_t count = 0;
    char *p = line;

    p[strcspn(p, "\r\n")] = '\0';
    for (;;) {
        char stop = ',';

        if (count == SHARED_FIELDS_MAX)
            return count;
        if (*p == '"') {
            stop = '"';
            p++;
        }
        fields[count++] = p;
        p += strcspn(p, stop == '"' ? "\"" : ",");
        if (stop == '"' && *p == '"') {
            *p++ = '\0';
        }
        if (*p == '\0')
            return count;
        *p++ = '\0';
    }
}

/* False, having said so, when the folder or the file is not there. */
static inline bool shared_open(struct shared_csv *csv, const char *name) {
    const char *folder = getenv("OVERSIGHT_SHARED"), *source = getenv("srcdir");
    char path[SHARED_LINE_MAX];

    if (folder)
        snprintf(path, sizeof(path), "%s/data/%s", folder, name);
    else
        snprintf(path, sizeof(path), "%s/../shared/data/%s", source ? source : ".", name);
    csv->file = fopen(path, "r");
    if (!csv->file) {
        printf("SKIP: no reference data at %s (OVERSIGHT_SHARED names its folder)\n", path);
        return false;
    }
    if (!fgets(csv->header, sizeof(csv->header), csv->file)) {
        fclose(csv->file);
        return false;
    }
    csv->name_count = shared_split(csv->header, csv->names);
    return true;
}

static inline bool shared_next(struct shared_csv *csv) {
    if (!fgets(csv->line, sizeof(csv->line), csv->file))
        return false;
    csv->field_count = shared_split(csv->line, csv->fields);
    return true;
}

/* The text of a column in the current row; a column that does not exist ends the test program. */
static inline const char *shared_field(const struct shared_csv *csv, const char *name) {
    for (size_t i = 0; i < csv->name_count && i < csv->field_count; i++) {
        if (strcmp(csv->names[i], name) == 0)
            return csv->fields[i];
    }
    fprintf(stderr, "no column %s\n", name);
    abort();
}

static inline void shared_close(struct shared_csv *csv) {
    fclose(csv->file);
}

#endif
