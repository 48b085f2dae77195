#include "clients/oversightctl/csv_reader.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/buf.h"

struct reader {
    const char *name;
    csv_row_fn *row;
    void *arg;
    struct problems *problems;

    struct buf bytes; /* the cells of the row, each with its NUL */
    size_t *ends;     /* where each ends, its NUL not counted */
    struct text *cells;
    size_t count, capacity;
    unsigned line, first_line; /* 0: the row has not begun */
    bool stop, failed;
};

static void on_cell(void *data, size_t len, void *arg) {
    struct reader *reader = arg;

    if (reader->stop)
        return;
    if (len > CSV_CELL_MAX || reader->count == CSV_COLUMNS_MAX) {
        problems_add(reader->problems, reader->name, reader->line,
                     len > CSV_CELL_MAX ? "a cell of more than %u bytes" : "more than %u columns",
                     len > CSV_CELL_MAX ? CSV_CELL_MAX : CSV_COLUMNS_MAX);
        reader->stop = reader->failed = true;
        return;
    }
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity > 0 ? reader->capacity * 2 : 64;
        reader->ends = alloc_resize(reader->ends, reader->capacity, sizeof(*reader->ends));
        reader->cells = alloc_resize(reader->cells, reader->capacity, sizeof(*reader->cells));
    }
    if (len > 0)
        buf_append(&reader->bytes, data, len);
    reader->ends[reader->count++] = reader->bytes.len;
    buf_append_char(&reader->bytes, '\0');
}

static void on_row(int terminator, void *arg) {
    struct reader *reader = arg;
    struct csv_row row = {reader->first_line, reader->count, reader->cells};
    size_t start = 0;

    (void)terminator;
    for (size_t i = 0; i < reader->count; i++) {
        reader->cells[i] = (struct text){reader->bytes.data + start, reader->ends[i] - start};
        start = reader->ends[i] + 1;
    }
    if (!reader->stop && !reader->row(reader->arg, &row))
        reader->stop = true;
    reader->count = 0;
    reader->first_line = 0;
    buf_clear(&reader->bytes);
}

/* One physical line at a time, so that rows know where they start. */
static void read_lines(struct reader *reader, struct csv_parser *parser, const char *bytes, size_t len) {
    size_t at = 0;

    while (at < len && !reader->stop) {
        const char *end = memchr(bytes + at, '\n', len - at);
        size_t size = end != NULL ? (size_t)(end - bytes) + 1 - at : len - at;

        reader->line++;
        if (reader->first_line == 0)
            reader->first_line = reader->line;
        if (csv_parse(parser, bytes + at, size, on_cell, on_row, reader) != size) {
            problems_add(reader->problems, reader->name, reader->line,
                         "a stray quotation mark: expected it at both ends of a cell, doubled inside");
            reader->stop = reader->failed = true;
        }
        if (reader->count == 0 && reader->bytes.len == 0 && parser->pstate == 0)
            reader->first_line = 0; /* a blank line: the next one may begin a row */
        at += size;
    }
}

bool csv_read(const char *name, const char *bytes, size_t len, char delimiter, csv_row_fn *row, void *arg,
              struct problems *problems) {
    struct reader reader = {.name = name, .row = row, .arg = arg, .problems = problems};
    struct csv_parser parser;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        problems_add(problems, name, 0, "the CSV parser could not be made");
        return false;
    }
    csv_set_delim(&parser, (unsigned char)delimiter);
    buf_init(&reader.bytes);
    if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        len -= 3;
    }
    read_lines(&reader, &parser, bytes, len);
    if (!reader.stop && csv_fini(&parser, on_cell, on_row, &reader) != 0) {
        problems_add(problems, name, reader.first_line, "the file ends inside a quoted cell that starts here");
        reader.failed = true;
    }
    csv_free(&parser);
    buf_finish(&reader.bytes);
    free(reader.ends);
    free(reader.cells);
    return !reader.failed;
}
