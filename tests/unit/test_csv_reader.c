#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/oversightctl/csv_reader.h"

/* Rows as "line:cell|cell", one after the other with spaces between. */
struct heard {
    char text[4096];
    size_t rows, stop_after;
};

static bool on_row(void *arg, const struct csv_row *row) {
    struct heard *heard = arg;

    snprintf(heard->text + strlen(heard->text), sizeof(heard->text) - strlen(heard->text),
             "%s%u:", heard->rows > 0 ? " " : "", row->line);
    for (size_t i = 0; i < row->count; i++) {
        assert_int_equal(row->cells[i].s[row->cells[i].len], '\0');
        snprintf(heard->text + strlen(heard->text), sizeof(heard->text) - strlen(heard->text), "%s%.*s",
                 i > 0 ? "|" : "", (int)row->cells[i].len, row->cells[i].s);
    }
    return ++heard->rows != heard->stop_after;
}

static void expect(const char *bytes, char delimiter, const char *rows, const char *problems) {
    struct heard heard = {.stop_after = 0};
    struct problems *found = problems_create();
    bool good = csv_read("x.csv", bytes, strlen(bytes), delimiter, on_row, &heard, found);
    char *text = problems_format(found);

    assert_string_equal(heard.text, rows);
    assert_string_equal(text, problems);
    assert_int_equal(good, problems[0] == '\0');
    free(text);
    problems_destroy(found);
}

static void rows_and_lines(void **unused) {
    (void)unused;
    expect("", ',', "", "");
    expect("a,b\n1,2\n", ',', "1:a|b 2:1|2", "");
    expect("a,b\r\n1,2", ',', "1:a|b 2:1|2", "");
    expect("\xEF\xBB\xBF"
           "a,b\n",
           ',', "1:a|b", "");
    expect("a\n\n\r\nb\n", ',', "1:a 4:b", "");
    expect("a,,c\n,\n", ',', "1:a||c 2:|", "");
    expect("a;b,c\n", ';', "1:a|b,c", "");
    expect(" a , b \n", ',', "1:a|b", "");
}

static void quoted_cells(void **unused) {
    (void)unused;
    expect("\"a,b\",c\n", ',', "1:a,b|c", "");
    expect("\"say \"\"x\"\"\"\n", ',', "1:say \"x\"", "");
    expect("a,\"two\nlines\"\nb,c\n", ',', "1:a|two\nlines 3:b|c", "");
    expect("\"\n\n\",x\ny,z\n", ',', "1:\n\n|x 4:y|z", "");
    expect("\"\"\n", ',', "1:", "");
}

static void broken_files(void **unused) {
    (void)unused;
    expect("a,b\nx\"y,1\n", ',', "1:a|b",
           "x.csv:2: a stray quotation mark: expected it at both ends of a cell, doubled inside\n");
    expect("a,b\n\"x,1\ny,2\n", ',', "1:a|b", "x.csv:2: the file ends inside a quoted cell that starts here\n");
}

static void limits(void **unused) {
    size_t len = CSV_CELL_MAX + 10;
    char *cell = malloc(len + 1), *columns = malloc(CSV_COLUMNS_MAX + 10);

    (void)unused;
    memset(cell, 'x', len);
    cell[len] = '\0';
    expect(cell, ',', "", "x.csv:1: a cell of more than 65536 bytes\n");
    memset(columns, ',', CSV_COLUMNS_MAX + 5);
    columns[CSV_COLUMNS_MAX + 5] = '\0';
    expect(columns, ',', "", "x.csv:1: more than 2048 columns\n");
    free(cell);
    free(columns);
}

static void the_reader_stops_when_told(void **unused) {
    struct heard heard = {.stop_after = 2};
    struct problems *problems = problems_create();

    (void)unused;
    assert_true(csv_read("x.csv", "a\nb\nc\nd\n", 8, ',', on_row, &heard, problems));
    assert_string_equal(heard.text, "1:a 2:b");
    problems_destroy(problems);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_lines),
        cmocka_unit_test(quoted_cells),
        cmocka_unit_test(broken_files),
        cmocka_unit_test(limits),
        cmocka_unit_test(the_reader_stops_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
