#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/oversightctl/mapping.h"
#include "tests/unit/lsan_libconfig.h"

#define HEAD "organisation = \"org\"; period = { column = \"month\"; format = \"%Y-%m\"; };\n"

/* ---- Mistakes in mapping files ---------------------------------------------------- */

static void mistakes(void **unused) {
    static const struct {
        const char *text, *problems;
    } cases[] = {
        {"organisation = ;", "m.conf:1: syntax error\n"},
        {HEAD "measures = ( { measure = \"a\"; column = \"x\"; colour = \"red\"; } );",
         "m.conf:2: unknown setting \"colour\"; expected one of: measure column numerator denominator only type scale "
         "complement empty\n"},
        {HEAD "mesures = ();",
         "m.conf: measures: names no measure\n"
         "m.conf:2: unknown setting \"mesures\"; expected one of: title header delimiter missing organisation "
         "skip_organisations only group period measures long\n"},
        {"measures = ( { measure = \"a\"; column = \"x\"; } );",
         "m.conf: organisation: expected the column that holds its code\n"},
        {HEAD "measures = ( { measure = \"A&E\"; column = \"x\"; } );",
         "m.conf:2: measure: expected an id of 1 to 64 of a-z 0-9 _ . -\n"},
        {HEAD "measures = ( { measure = \"a\"; } );", "m.conf:2: expected one of \"column\" and \"numerator\"\n"},
        {HEAD "measures = ( { measure = \"a\"; column = \"x\"; type = \"colour\"; } );",
         "m.conf:2: type: \"colour\" is not one of number, word, flag\n"},
        {HEAD "measures = ( { measure = \"a\"; column = \"x\"; type = \"word\"; scale = 2; } );",
         "m.conf:2: scale and complement are for figures of type \"number\"\n"},
        {HEAD "group = 1;\nmeasures = ( { measure = \"a\"; column = \"x\"; } );",
         "m.conf:2: group: expected true or false\n"},
        {HEAD "group = true;\nmeasures = ( { measure = \"a\"; column = \"x\"; type = \"flag\"; } );",
         "m.conf:3: group adds up numbers only\n"},
        {HEAD "header = 0;\nmeasures = ( { measure = \"a\"; column = \"x\"; } );",
         "m.conf:2: header: expected the line of the column names, 1 to 1000\n"},
        {HEAD "delimiter = \",,\";\nmeasures = ( { measure = \"a\"; column = \"x\"; } );",
         "m.conf:2: delimiter: expected one character\n"},
        {"organisation = \"org\";\nperiod = { column = \"m\"; format = \"%H\"; };\nmeasures = ( { measure = \"a\"; "
         "column = \"x\"; } );",
         "m.conf:2: period: format \"%H\" knows only %Y %y %m %d %b %B %f %q %%\n"},
        {"organisation = \"org\";\nperiod = { fixed = \"June\"; };\nmeasures = ( { measure = \"a\"; column = \"x\"; } "
         ");",
         "m.conf:2: period: fixed \"June\" is not a date YYYY-MM-DD or YYYY-MM\n"},
        {HEAD "only = ( { column = \"x\"; } );\nmeasures = ( { measure = \"a\"; column = \"x\"; } );",
         "m.conf:2: only: expected \"column\" and one of \"is\" and \"not\"\n"},
        {HEAD "long = { metric = \"id\"; };", "m.conf:2: long: expected the columns \"metric\" and \"value\"\n"
                                              "m.conf:2: long: names no measure\n"},
        {HEAD "long = { metric = \"id\"; value = \"v\"; others = \"keep\"; };",
         "m.conf:2: others: \"keep\" is not one of skip, lower, refuse\n"
         "m.conf:2: long: names no measure\n"},
        /* Several at once, in order. */
        {HEAD "header = \"x\";\ngroup = \"y\";\nmeasures = ( { measure = \"a\"; column = 3; } );",
         "m.conf:2: header: expected a number\n"
         "m.conf:3: group: expected true or false\n"
         "m.conf:4: column: expected names of columns or { from = ...; to = ...; }\n"},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct problems *problems = problems_create();
        struct mapping *mapping = mapping_parse("m.conf", cases[i].text, strlen(cases[i].text), problems);
        char *text;

        assert_null(mapping);
        problems_sort(problems);
        text = problems_format(problems);
        assert_string_equal(text, cases[i].problems);
        free(text);
        problems_destroy(problems);
    }
}

/* ---- Files through mappings ----------------------------------------------------------- */

static void append_item(char *text, size_t size, struct updates *updates, size_t index) {
    const struct item *item = updates_at(updates, index);
    struct update_origin origin = updates_origin(updates, index);
    char date[OV_DATE_SIZE], number[NUMBER_SIZE];
    const struct value *value = &item->figure.value;
    const char *shown = "null";

    if (value->type == VALUE_NUMBER)
        shown = text_from_double(value->number, number);
    else if (value->type == VALUE_BOOLEAN)
        shown = value->boolean ? "true" : "false";
    else if (value->type == VALUE_WORD)
        shown = value->word.s;
    assert_string_equal(origin.file, "f.csv");
    snprintf(text + strlen(text), size - strlen(text), "%u:%s,%s,%s,%s\n", origin.line, item->org.s,
             item->figure.measure.s, date_format(item->figure.period, date), shown);
}

static void expect_with(const char *mapping_text, const char *file, struct mapping_options options,
                        const char *expected, const char *expected_problems) {
    struct problems *problems = problems_create();
    struct mapping *mapping = mapping_parse("m.conf", mapping_text, strlen(mapping_text), problems);
    struct updates *updates = updates_create();
    char text[4096] = "", *found;

    if (mapping == NULL) {
        found = problems_format(problems);
        fail_msg("%s", found);
    }
    mapping_apply(mapping, "f.csv", file, strlen(file), &options, updates, problems);
    for (size_t i = 0; i < updates_count(updates); i++)
        append_item(text, sizeof(text), updates, i);
    assert_string_equal(text, expected);
    found = problems_format(problems);
    assert_string_equal(found, expected_problems);
    free(found);
    updates_destroy(updates);
    mapping_destroy(mapping);
    problems_destroy(problems);
}

static void expect(const char *mapping, const char *file, const char *expected, const char *problems) {
    expect_with(mapping, file, (struct mapping_options){.period = OV_DAY_NONE}, expected, problems);
}

static void plain_columns(void **unused) {
    (void)unused;
    expect(HEAD
           "measures = ( { measure = \"a\"; column = \"x\"; }, { measure = \"b\"; column = \"y\"; type = \"word\"; },"
           " { measure = \"c\"; column = \"z\"; type = \"flag\"; } );",
           "month,org,x,y,z\n2025-04,RX1,1.50,good,Yes\n2025-05,RX1,,,0\n",
           "2:RX1,a,2025-04-01,1.5\n2:RX1,b,2025-04-01,good\n2:RX1,c,2025-04-01,true\n3:RX1,c,2025-05-01,false\n", "");
}

static void empty_is_not_zero(void **unused) {
    (void)unused;
    expect(HEAD "missing = [\"-\", \"NA\"];\nmeasures = ( { measure = \"a\"; column = \"x\"; } );",
           "month,org,x\n2025-04,A,-\n2025-04,B,NA\n2025-04,C,0\n2025-04,D,\n", "4:C,a,2025-04-01,0\n", "");
    expect_with(HEAD "measures = ( { measure = \"a\"; column = \"x\"; } );", "month,org,x\n2025-04,A,\n2025-04,B,2\n",
                (struct mapping_options){.period = OV_DAY_NONE, .empty_withdraws = true},
                "2:A,a,2025-04-01,null\n3:B,a,2025-04-01,2\n", "");
}

static void ratios(void **unused) {
    (void)unused;
    expect(HEAD
           "measures = ( { measure = \"a\"; numerator = \"n\"; denominator = \"d\"; complement = true; scale = 100; },"
           " { measure = \"b\"; numerator = [\"n\", \"m\"]; denominator = \"d\"; },"
           " { measure = \"c\"; column = \"n\"; complement = true; } );",
           "month,org,n,m,d\n2025-04,A,1,3,5\n2025-04,B,0,0,0\n",
           "2:A,a,2025-04-01,80\n2:A,b,2025-04-01,0.8\n2:A,c,2025-04-01,0\n3:B,c,2025-04-01,1\n", "");
}

static void rows_added_up(void **unused) {
    const char *mapping =
        HEAD "group = true;\nskip_organisations = \"TOTAL\";\nonly = ( { column = \"t\"; not = \"x\"; } );\n"
             "measures = ( { measure = \"a\"; numerator = \"n\"; denominator = \"d\"; scale = 100; },"
             " { measure = \"b\"; column = \"n\"; only = ( { column = \"t\"; is = [\"1\"]; } ); } );";

    (void)unused;
    expect(
        mapping,
        "month,org,t,n,d\n2025-04,A,1,1,10\n2025-04,B,1,5,10\n2025-04,A,2,2,20\n2025-04,A,x,9,9\n2025-04,TOTAL,1,8,9\n",
        "2:A,a,2025-04-01,10\n2:A,b,2025-04-01,1\n3:B,a,2025-04-01,50\n3:B,b,2025-04-01,5\n", "");
    /* One empty cell leaves the whole sum open. */
    expect(mapping, "month,org,t,n,d\n2025-04,A,1,1,10\n2025-04,A,2,,20\n", "2:A,b,2025-04-01,1\n", "");
    expect(mapping, "month,org,t,n,d\n2025-04,A,2,1,10\n2025-04,A,2,q,20\n", "",
           "f.csv:3: a: \"q\" in column 4 is not a number\n");
}

static void empty_as_zero_by_range(void **unused) {
    (void)unused;
    expect(HEAD "group = true;\nmeasures = ( { measure = \"a\"; empty = \"zero\"; numerator = ( { from = \"w1\"; to = "
                "\"w3\"; } ); denominator = \"t|Total\"; } );",
           "month,org,w0,w1,w2,w3,Total\n2025-04,A,9,1,,2,6\n2025-04,A,9,,,,\n2025-04,B,,,,,\n",
           "2:A,a,2025-04-01,0.5\n", "");
}

static void long_form(void **unused) {
    const char *mapping = "organisation = \"org\"; period = { column = \"q\"; format = \"Q%q %f\"; };\n"
                          "long = { metric = \"id\"; value = \"v\"; others = \"%s\"; measures = (\n"
                          " { metric = \"F1\"; measure = \"flagged\"; type = \"flag\"; },\n"
                          " { metric = \"P1\"; measure = \"share\"; scale = 100; } ); };";
    const char *file = "q,org,id,v\nQ1 2025/26,A,F1,1\nQ1 2025/26,A,P1,0.25\nQ1 2025/26,A,OF0005,3\nQ1 2025/26,B,P1,\n";
    char text[1024];

    (void)unused;
    for (int i = 0; i < 3; i++) {
        const char *others = i == 0 ? "skip" : i == 1 ? "lower" : "refuse", *mark = strstr(mapping, "%s");

        snprintf(text, sizeof(text), "%.*s%s%s", (int)(mark - mapping), mapping, others, mark + 2);
        expect(text, file,
               strcmp(others, "lower") == 0
                   ? "2:A,flagged,2025-04-01,true\n3:A,share,2025-04-01,25\n4:A,of0005,2025-04-01,3\n"
                   : "2:A,flagged,2025-04-01,true\n3:A,share,2025-04-01,25\n",
               strcmp(others, "refuse") == 0 ? "f.csv:4: metric \"OF0005\" is not in m.conf\n" : "");
    }
}

static void periods(void **unused) {
    ov_day june;

    (void)unused;
    expect("organisation = \"org\"; period = { column = [\"m\", \"y\"]; format = \"%b %f\"; round = \"quarter\"; };\n"
           "measures = ( { measure = \"a\"; column = \"x\"; } );",
           "m,y,org,x\nMAY,2024/25,A,1\nFEB,2024/25,A,2\n", "2:A,a,2024-04-01,1\n3:A,a,2025-01-01,2\n", "");
    expect("organisation = \"org\"; period = { fixed = \"2025-06\"; };\nmeasures = ( { measure = \"a\"; column = "
           "\"x\"; } );",
           "org,x\nA,1\n", "2:A,a,2025-06-01,1\n", "");
    expect("organisation = \"org\";\nmeasures = ( { measure = \"a\"; column = \"x\"; } );", "org,x\nA,1\n", "",
           "f.csv: m.conf does not say the period: give it with --period\n");
    assert_true(date_from_civil(2025, 6, 1, &june));
    expect_with("organisation = \"org\";\nmeasures = ( { measure = \"a\"; column = \"x\"; } );", "org,x\nA,1\n",
                (struct mapping_options){.period = june}, "2:A,a,2025-06-01,1\n", "");
}

static void preamble_and_delimiter(void **unused) {
    (void)unused;
    expect(HEAD "header = 4;\ndelimiter = \";\";\nmeasures = ( { measure = \"a\"; column = \"x\"; } );",
           "A publication\n\nNotes;and;more\nmonth;org;x\n2025-04;A;1\n", "5:A,a,2025-04-01,1\n", "");
}

static void mistakes_in_files(void **unused) {
    const char *mapping = HEAD "measures = ( { measure = \"a\"; column = \"x\"; } );";

    (void)unused;
    expect(mapping, "", "", "f.csv: no row of column names in line 1 or after\n");
    expect(mapping, "month,code,y\n2025-04,A,1\n", "",
           "f.csv:1: no column \"org\", which m.conf:1 asks for\nf.csv:1: no column \"x\", which m.conf:2 asks for\n");
    expect(mapping,
           "month,org,x\n2025-04,rx1,1\n2025-4x,A,1\n2025-04,A,one\n2025-04,A\n,,\n2025-04,B,2\n2025-04,B,3\n"
           "2025-04,\xff,1\n",
           "7:B,a,2025-04-01,2\n",
           "f.csv:2: organisation \"rx1\" is not a code of 1 to 10 of A-Z 0-9\n"
           "f.csv:3: period \"2025-4x\" is not of the form \"%Y-%m\"\n"
           "f.csv:4: a: \"one\" in column 3 is not a number\n"
           "f.csv:5: 2 cells; the header has 3\n"
           "f.csv:8: a of B for 2025-04-01 was given in line 7 already; \"group\" adds rows up, \"only\" chooses among "
           "them\n"
           "f.csv:9: organisation \"\\xff\" is not a code of 1 to 10 of A-Z 0-9\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes),
        cmocka_unit_test(plain_columns),
        cmocka_unit_test(empty_is_not_zero),
        cmocka_unit_test(ratios),
        cmocka_unit_test(rows_added_up),
        cmocka_unit_test(empty_as_zero_by_range),
        cmocka_unit_test(long_form),
        cmocka_unit_test(periods),
        cmocka_unit_test(preamble_and_delimiter),
        cmocka_unit_test(mistakes_in_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
