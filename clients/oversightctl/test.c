/* oversightctl test: rule tests as text, oversight-case(5), without a daemon. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/cases/cases.h"
#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"

static const struct option options[] = {
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

struct test {
    const struct context *context;
    bool quiet;
};

static void report_json(const struct case_result *result) {
    cJSON *json = cJSON_CreateObject();

    cJSON_AddStringToObject(json, "file", result->path);
    cJSON_AddNumberToObject(json, "line", result->line);
    cJSON_AddStringToObject(json, "case", result->title);
    cJSON_AddBoolToObject(json, "holds", result->good);
    if (!result->good)
        cJSON_AddStringToObject(json, "differences", result->differences);
    print_json(json);
    cJSON_Delete(json);
}

/* Lines that were expected are red, those that came instead green. */
static void append_differences(struct buf *text, bool colour, const char *differences) {
    while (*differences) {
        size_t len = strcspn(differences, "\n");
        const char *mark = differences + strspn(differences, " ");
        char *line = NULL;

        if (asprintf(&line, "%.*s", (int)len, differences) < 0)
            abort();
        style_append(text, colour, *mark == '-' ? STYLE_RED : *mark == '+' ? STYLE_GREEN : STYLE_PLAIN, line);
        buf_append_char(text, '\n');
        free(line);
        differences += len + (differences[len] == '\n');
    }
}

static void report(void *arg, const struct case_result *result) {
    const struct test *test = arg;
    bool colour = test->context->colour;
    struct buf text;

    if (test->context->json) {
        report_json(result);
        return;
    }
    if (result->good && test->quiet)
        return;
    buf_init(&text);
    style_append(&text, colour, result->good ? STYLE_GREEN : STYLE_RED, result->good ? "ok    " : "FAILED");
    buf_printf(&text, " %s:%u: %s%s\n", result->path, result->line, result->title, result->how);
    append_differences(&text, colour, result->differences);
    fwrite(text.data, 1, text.len, stdout);
    buf_finish(&text);
}

static int run(const struct context *context, int argc, char **argv) {
    struct test test = {.context = context};
    struct cases_count count = {0};
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":q", options, NULL)) != -1) {
        if (option != 'q')
            return complain_option(&command_test, option, argv);
        test.quiet = true;
    }
    if (optind == argc)
        return complain_usage(&command_test, "test needs at least one file");
    for (int i = optind; i < argc; i++)
        cases_play_file(argv[i], report, &test, &count);
    if (!context->json)
        printf("%zu cases, %zu failed\n", count.played, count.failed);
    return count.failed ? EXIT_FAILURE : EX_OK;
}

const struct command command_test = {
    .name = "test",
    .usage = "[-q] FILE...",
    .help = "Play rule tests, oversight-case(5), and show where they fail; no daemon needed",
    .options = "  -q, --quiet           name only the cases that fail\n",
    .run = run,
};
