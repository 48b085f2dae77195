/* oversightctl mismatches: segments that disagree with each other or with a fresh rating. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"
#include "clients/oversightctl/table.h"

static void print_table(const struct context *context, const cJSON *list) {
    struct table *table = table_create("CODE\n~NAME\n>FIGURES\n>OFFICIAL\nRATING\nSINCE\n~REASONS");
    const cJSON *row, *reason;
    struct buf buf;

    buf_init(&buf);
    cJSON_ArrayForEach(row, list) {
        const cJSON *rating = cJSON_GetObjectItemCaseSensitive(row, "rating");
        int indicative = json_int_of(row, "indicative", 0), official = json_int_of(row, "official", 0);

        table_cell(table, STYLE_BOLD, json_string_of(row, "code", "?"));
        table_cell(table, STYLE_PLAIN, json_string_of(row, "name", ""));
        table_cellf(table, style_of_segment(indicative), "%d", indicative);
        table_cellf(table, style_of_segment(official), "%d", official);
        table_cell(table, STYLE_PLAIN, json_string_of(rating, "value", ""));
        table_cell(table, STYLE_PLAIN, json_string_of(rating, "period", ""));
        buf_clear(&buf);
        cJSON_ArrayForEach(reason, cJSON_GetObjectItemCaseSensitive(row, "reasons"))
            buf_printf(&buf, "%s%s", buf.len > 0 ? "; " : "", json_string_of(reason, "text", "?"));
        table_cell(table, STYLE_PLAIN, buf.data);
    }
    table_print(table, context->colour, context->width);
    table_destroy(table);
    buf_finish(&buf);
}

static void print_list(const struct context *context, const cJSON *reply) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(reply, "mismatches"), *row;

    if (context->json) {
        cJSON_ArrayForEach(row, list) print_json(row);
    } else if (cJSON_GetArraySize(list) == 0) {
        printf("no mismatches: segments by the figures, official segments and fresh ratings agree\n");
    } else {
        print_table(context, list);
    }
}

static int run(const struct context *context, int argc, char **argv) {
    static const struct option options[] = {{"framework", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
    const char *framework = NULL;
    cJSON *request, *reply;
    int option, status;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option != 'f')
            return complain_option(&command_mismatches, option, argv);
        framework = optarg;
    }
    if (argc != optind)
        return complain_usage(&command_mismatches, "mismatches: expected options only");
    request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "get", "mismatches");
    if (framework != NULL)
        cJSON_AddStringToObject(request, "framework", framework);
    status = ask_daemon(context, request, &reply);
    if (status != EX_OK)
        return status;
    print_list(context, reply);
    cJSON_Delete(reply);
    return EX_OK;
}

const struct command command_mismatches = {
    .name = "mismatches",
    .usage = "[--framework ID]",
    .help = "List segments that disagree with each other or with a rating",
    .options = "      --framework ID   by these rules instead of the first configured\n",
    .run = run,
};
