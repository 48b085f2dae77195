#include "daemon/frameworks/registry_file.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/buf.h"
#include "daemon/frameworks/nearest.h"
#include "daemon/frameworks/organisation_row.h"
#include "daemon/frameworks/source.h"

#define LINE_BYTES_MAX 8192U
#define FIELDS_MAX (COLUMN_COUNT + 1) /* one more shows that there are too many */
#define COLUMN_NONE (-1)

/* The library is fed one line at a time, so that every problem has its line. */
struct reader {
    const char *file;
    struct problems *problems;
    struct csv_parser parser;
    unsigned line;

    struct buf bytes; /* the fields of the row, each with a NUL */
    size_t starts[FIELDS_MAX];
    size_t field_count;
    bool ended; /* the row is complete */

    int columns[COLUMN_COUNT]; /* position of each column in the row, or COLUMN_NONE */
    size_t width;              /* fields per row; 0 = no header yet */
    bool header_bad;

    struct registry *registry;
    unsigned *lines; /* of each organisation */
    size_t lines_size;
};

static void on_field(void *bytes, size_t len, void *context) {
    struct reader *reader = context;
    if (reader->field_count < FIELDS_MAX) {
        reader->starts[reader->field_count] = reader->bytes.len;
        buf_append(&reader->bytes, bytes ? bytes : "", bytes ? len : 0);
        buf_append_char(&reader->bytes, '\0');
    }
    reader->field_count++;
}

static void on_row(int terminator, void *context) {
    struct reader *reader = context;
    (void)terminator;
    reader->ended = true;
}

static void start_parser(struct reader *reader) {
    if (csv_init(&reader->parser, CSV_STRICT) != 0)
        abort();
}

static void read_header(struct reader *reader) {
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        reader->columns[i] = COLUMN_NONE;
    for (size_t i = 0; i < reader->field_count && i < FIELDS_MAX; i++) {
        const char *name = reader->bytes.data + reader->starts[i];
        size_t column = 0;
        while (column < COLUMN_COUNT && strcmp(COLUMN_NAMES[column], name) != 0)
            column++;
        if (column < COLUMN_COUNT && reader->columns[column] == COLUMN_NONE) {
            reader->columns[column] = (int)i;
            continue;
        }
        char shown[80];
        text_escape(shown, sizeof(shown), text_of(name));
        const char *nearest = column < COLUMN_COUNT ? NULL : nearest_word(name, COLUMN_NAMES, COLUMN_COUNT);
        problems_add(reader->problems, reader->file, reader->line, "header: got \"%s\", expected %s%s%s%s", shown,
                     column < COLUMN_COUNT ? "each column only once" : "the name of a column",
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
        reader->header_bad = true;
    }
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (!column_is_required((enum column)i) || reader->columns[i] != COLUMN_NONE)
            continue;
        problems_add(reader->problems, reader->file, reader->line, "header: got no column \"%s\", expected it",
                     COLUMN_NAMES[i]);
        reader->header_bad = true;
    }
    reader->width = reader->field_count;
}

static void add_organisation(struct reader *reader, const struct organisation *organisation) {
    uint32_t index = registry_count(reader->registry);
    if (index >= REGISTRY_ROWS_MAX) {
        problems_add(reader->problems, reader->file, reader->line, "got more organisations, expected at most %u",
                     REGISTRY_ROWS_MAX);
        reader->header_bad = true; /* read no further */
        return;
    }
    if (index == reader->lines_size) {
        reader->lines_size = reader->lines_size ? 2 * reader->lines_size : 256;
        reader->lines = alloc_resize(reader->lines, reader->lines_size, sizeof(*reader->lines));
    }
    reader->lines[index] = reader->line;
    enum registry_result result = registry_add(reader->registry, organisation);
    if (result == REGISTRY_DUPLICATE)
        problems_add(reader->problems, reader->file, reader->line,
                     "code: got \"%s\" again, expected each code only once (first on line %u)", organisation->code,
                     reader->lines[registry_find(reader->registry, text_of(organisation->code))]);
    else if (result != REGISTRY_OK)
        abort();
}

static void read_row(struct reader *reader) {
    if (reader->field_count != reader->width) {
        problems_add(reader->problems, reader->file, reader->line, "got %zu fields, expected %zu as in the header",
                     reader->field_count, reader->width);
        return;
    }
    char nothing[1] = "";
    char *fields[COLUMN_COUNT];
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        int position = reader->columns[i];
        fields[i] = position == COLUMN_NONE ? nothing : reader->bytes.data + reader->starts[position];
    }
    struct organisation organisation;
    if (organisation_from_row(fields, reader->file, reader->line, reader->problems, &organisation))
        add_organisation(reader, &organisation);
}

/* One line without its line feed. */
static void read_line(struct reader *reader, const char *bytes, size_t len) {
    if (len > 0 && bytes[len - 1] == '\r')
        len--;
    if (len == 0)
        return;
    if (!text_is_free((struct text){bytes, len}, LINE_BYTES_MAX)) {
        problems_add(reader->problems, reader->file, reader->line,
                     "got %s, expected at most %u bytes of UTF-8 without control characters",
                     len > LINE_BYTES_MAX ? "a longer line" : "other bytes", LINE_BYTES_MAX);
        return;
    }
    buf_clear(&reader->bytes);
    reader->field_count = 0;
    reader->ended = false;
    bool parsed = csv_parse(&reader->parser, bytes, len, on_field, on_row, reader) == len &&
                  csv_parse(&reader->parser, "\n", 1, on_field, on_row, reader) == 1;
    if (!parsed && csv_error(&reader->parser) == CSV_ENOMEM)
        abort();
    if (!parsed || (!reader->ended && reader->field_count > 0) || (!reader->ended && memchr(bytes, '"', len))) {
        problems_add(reader->problems, reader->file, reader->line,
                     "got a stray or open quote, expected fields quoted as a whole and within their line");
        csv_free(&reader->parser);
        start_parser(reader);
        return;
    }
    if (!reader->ended)
        return; /* nothing but space */
    if (reader->width == 0)
        read_header(reader);
    else
        read_row(reader);
}

static void read_lines(struct reader *reader, const char *bytes, size_t len) {
    static const char MARK[] = "\xEF\xBB\xBF"; /* some spreadsheets start a file with it */
    size_t at = len >= 3 && memcmp(bytes, MARK, 3) == 0 ? 3 : 0;
    while (at < len && !reader->header_bad) {
        const char *end = memchr(bytes + at, '\n', len - at);
        size_t length = end ? (size_t)(end - bytes) - at : len - at;
        reader->line++;
        read_line(reader, bytes + at, length);
        at += length + 1;
    }
    if (reader->width == 0)
        problems_add(reader->problems, reader->file, 1, "got no header row, expected the names of the columns");
}

static bool is_system(const struct organisation *organisation) {
    return strcmp(organisation->type, "icb") == 0 || strcmp(organisation->type, "ccg") == 0;
}

/* What needs the whole file: systems and successors. */
static void check_references(const struct reader *reader) {
    const struct registry *registry = reader->registry;
    for (uint32_t i = 0; i < registry_count(registry); i++) {
        const struct organisation *organisation = registry_at(registry, i);
        uint32_t system = registry_find(registry, text_of(organisation->system));
        uint32_t successor = registry_find(registry, text_of(organisation->successor));
        if (organisation->system[0] != '\0' &&
            (system == ORG_NONE || system == i || !is_system(registry_at(registry, system))))
            problems_add(reader->problems, reader->file, reader->lines[i],
                         "system: got \"%s\", expected the code of another organisation of type icb or ccg",
                         organisation->system);
        if (organisation->successor[0] != '\0' && (successor == ORG_NONE || successor == i))
            problems_add(reader->problems, reader->file, reader->lines[i],
                         "successor: got \"%s\", expected the code of another organisation in this file",
                         organisation->successor);
    }
}

struct registry *registry_parse(const char *name, const char *bytes, size_t len, struct problems *problems) {
    size_t before = problems_count(problems);
    if (len > REGISTRY_FILE_MAX) {
        problems_add(problems, name, 0, "file too large: expected at most %u bytes", REGISTRY_FILE_MAX);
        return NULL;
    }
    struct reader reader = {.file = name, .problems = problems, .registry = registry_create()};
    if (!reader.registry)
        abort();
    buf_init(&reader.bytes);
    start_parser(&reader);
    read_lines(&reader, bytes, len);
    check_references(&reader);
    csv_free(&reader.parser);
    buf_finish(&reader.bytes);
    free(reader.lines);
    problems_sort(problems);
    if (problems_count(problems) > before) {
        registry_destroy(reader.registry);
        return NULL;
    }
    return reader.registry;
}

struct registry *registry_load(const char *path, struct problems *problems) {
    size_t len;
    char *bytes = source_read(path, REGISTRY_FILE_MAX, problems, &len);
    if (!bytes)
        return NULL;
    struct registry *registry = registry_parse(path, bytes, len, problems);
    free(bytes);
    return registry;
}

static bool is_named(const char *type, struct framework *const *frameworks, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (framework_type(frameworks[i], type) != INDEX_NONE)
            return true;
    }
    return false;
}

void registry_check_types(const char *name, const struct registry *registry, struct framework *const *frameworks,
                          size_t framework_count, struct problems *problems) {
    const char *reported[TYPES_MAX];
    size_t reported_count = 0;
    const char *last = NULL; /* files are mostly grouped by type: ask once per run */
    for (uint32_t i = 0; i < registry_count(registry) && reported_count < TYPES_MAX; i++) {
        const struct organisation *organisation = registry_at(registry, i);
        if (last && strcmp(last, organisation->type) == 0)
            continue;
        last = organisation->type;
        bool known = is_named(last, frameworks, framework_count);
        for (size_t k = 0; k < reported_count && !known; k++)
            known = strcmp(reported[k], last) == 0;
        if (known)
            continue;
        problems_add(problems, name, 0, "%s: type: got \"%s\", expected a type that a framework names",
                     organisation->code, last);
        reported[reported_count++] = last;
    }
}
