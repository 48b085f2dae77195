#include "clients/oversightctl/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define COLUMNS_MAX 16
#define SHORTEST 12 /* a column is not made narrower than this */

struct cell {
    char *text;
    enum style style;
};

struct table {
    char *headers[COLUMNS_MAX];
    bool right[COLUMNS_MAX], flexible[COLUMNS_MAX];
    size_t columns;
    struct cell *cells;
    size_t count, capacity;
};

struct table *table_create(const char *headers) {
    struct table *table = alloc_zero(1, sizeof(*table));

    while (table->columns < COLUMNS_MAX) {
        size_t len = strcspn(headers, "\n");
        size_t skip = headers[0] == '>' || headers[0] == '~' ? 1 : 0;

        table->right[table->columns] = headers[0] == '>';
        table->flexible[table->columns] = headers[0] == '~';
        table->headers[table->columns++] = alloc_copy_bytes(headers + skip, len - skip);
        if (headers[len] == '\0')
            break;
        headers += len + 1;
    }
    return table;
}

void table_destroy(struct table *table) {
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->columns; i++)
        free(table->headers[i]);
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i].text);
    free(table->cells);
    free(table);
}

void table_cell(struct table *table, enum style style, const char *text) {
    if (table->count == table->capacity) {
        table->capacity = table->capacity > 0 ? table->capacity * 2 : 64;
        table->cells = alloc_resize(table->cells, table->capacity, sizeof(*table->cells));
    }
    table->cells[table->count++] = (struct cell){alloc_copy(text), style};
}

void table_cellf(struct table *table, enum style style, const char *format, ...) {
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    table_cell(table, style, text);
}

/* Characters, not bytes: UTF-8 continuation bytes do not count. */
static int width_of(const char *text) {
    int width = 0;

    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void find_widths(const struct table *table, int limit, int widths[COLUMNS_MAX]) {
    int total = -2;

    for (size_t i = 0; i < table->columns; i++)
        widths[i] = width_of(table->headers[i]);
    for (size_t i = 0; i < table->count; i++) {
        int width = width_of(table->cells[i].text);

        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    for (size_t i = 0; i < table->columns; i++)
        total += widths[i] + 2;
    for (size_t i = 0; limit > 0 && i < table->columns && total > limit; i++) {
        int less = table->flexible[i] ? widths[i] - SHORTEST : 0;

        if (less <= 0)
            continue;
        if (less > total - limit)
            less = total - limit;
        widths[i] -= less;
        total -= less;
    }
}

static void append_spaces(struct buf *buf, int count) {
    for (; count > 0; count--)
        buf_append_char(buf, ' ');
}

static void append_cell(struct buf *buf, bool colour, enum style style, const char *text, int width, bool right,
                        bool last) {
    int length = width_of(text);
    struct buf shown;

    buf_init(&shown);
    if (length > width) {
        int left = width - 1;

        for (; *text != '\0'; text++) {
            if (((unsigned char)*text & 0xc0) != 0x80 && left-- == 0)
                break;
            buf_append_char(&shown, *text);
        }
        buf_append_string(&shown, "…");
        length = width;
    } else {
        buf_append_string(&shown, text);
    }
    if (right)
        append_spaces(buf, width - length);
    style_append(buf, colour, style, shown.data);
    if (!right && !last)
        append_spaces(buf, width - length);
    if (!last)
        append_spaces(buf, 2);
    buf_finish(&shown);
}

void table_print(const struct table *table, bool colour, int width) {
    int widths[COLUMNS_MAX];
    struct buf line;

    find_widths(table, width, widths);
    buf_init(&line);
    for (size_t i = 0; i < table->columns; i++)
        append_cell(&line, colour, STYLE_DIM, table->headers[i], widths[i], table->right[i], i + 1 == table->columns);
    puts(line.data);
    for (size_t row = 0; row + table->columns <= table->count; row += table->columns) {
        buf_clear(&line);
        for (size_t i = 0; i < table->columns; i++)
            append_cell(&line, colour, table->cells[row + i].style, table->cells[row + i].text, widths[i],
                        table->right[i], i + 1 == table->columns);
        puts(line.data);
    }
    buf_finish(&line);
}
