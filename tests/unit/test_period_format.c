#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "clients/oversightctl/period_format.h"

static void periods_as_published(void **unused) {
    static const struct {
        const char *format, *text, *date; /* date NULL: refused */
    } cases[] = {
        {"%Y-%m-%d", "2021-04-01", "2021-04-01"},
        {"%Y-%m-%d", "2021-04-31", NULL},
        {"%Y-%m-%d", "2021-04", NULL},
        {"%Y-%m-%d", "2021-04-01 ", NULL},
        {"%Y-%m", "2021-04", "2021-04-01"},
        {"%Y-%m", "2021-13", NULL},
        {"%Y-%m", "2021-00", NULL},
        {"%Y-%m", "21-04", NULL},
        {"%b-%y", "Jun-25", "2025-06-01"},
        {"%b-%y", "june-25", "2025-06-01"},
        {"%b-%y", "Juni-25", NULL},
        {"%b-%y", "Ju-25", NULL},
        {"%b %Y", "Sept 2023", NULL},
        {"%b %Y", "Sep 2023", "2023-09-01"},
        {"MSitAE-%B-%Y", "MSitAE-JUNE-2023", "2023-06-01"},
        {"MSitAE-%B-%Y", "msitae-May-2023", "2023-05-01"},
        {"MSitAE-%B-%Y", "MSitAE-2023-JUNE", NULL},
        {"RTT-%B-%Y", "RTT-March-2024", "2024-03-01"},
        {"Q%q %f", "Q1 2025/26", "2025-04-01"},
        {"Q%q %f", "Q3 2025/26", "2025-10-01"},
        {"Q%q %f", "Q4 2025/26", "2026-01-01"},
        {"Q%q %f", "Q5 2025/26", NULL},
        {"Q%q %f", "Q1 2025/27", NULL},
        {"Q%q %f", "Q4 2024-25", "2025-01-01"},
        {"Q%q %f", "Q4 1999/00", "2000-01-01"},
        {"Q%q %f", "Q1 2025/2026", "2025-04-01"},
        {"Q%q %f", "Q1 2025/2025", NULL},
        {"%Y Q%q", "2025 Q2", "2025-04-01"},
        {"%f", "2024/25", "2024-04-01"},
        {"%b %f", "MAR 2024/25", "2025-03-01"},
        {"%b %f", "APR 2024/25", "2024-04-01"},
        {"%d/%m/%Y", "1/4/2025", "2025-04-01"},
        {"%d/%m/%Y", "29/2/2024", "2024-02-29"},
        {"%d/%m/%Y", "29/2/2023", NULL},
        {"%Y%%", "2025%", "2025-01-01"},
    };
    char date[OV_DATE_SIZE];

    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ov_day day = 77;
        bool good = period_format_parse(cases[i].format, text_of(cases[i].text), &day);

        if (good != (cases[i].date != NULL) || (good && strcmp(date_format(day, date), cases[i].date) != 0))
            fail_msg("\"%s\" by \"%s\": %s", cases[i].text, cases[i].format, good ? date_format(day, date) : "refused");
        assert_true(good || day == 77);
    }
}

static void formats_that_cannot_be(void **unused) {
    static const char *const bad[] = {"", "%m", "%Y %f", "%Y-%m Q%q", "%H %Y", "%Y %", "%q", "June", "%y %f"};
    static const char *const good[] = {"%Y", "%y", "%f", "%Y-%m-%d", "Q%q %f", "x%%%Y"};

    (void)unused;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (period_format_check(bad[i]) == NULL)
            fail_msg("\"%s\" was taken", bad[i]);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_null(period_format_check(good[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_as_published),
        cmocka_unit_test(formats_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
