/* oversightctl systems: organisations by integrated care system, region or group. */
#include "clients/oversightctl/systems.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/style.h"
#include "clients/oversightctl/table.h"

#define WORST 5

bool is_grouping(const char *by) {
    return strcmp(by, "system") == 0 || strcmp(by, "region") == 0 || strcmp(by, "group") == 0;
}

/* "X09 Y12", the rest as a number. */
static void append_codes(struct buf *buf, const cJSON *codes) {
    const cJSON *code;
    int count = 0;

    cJSON_ArrayForEach(code, codes) {
        if (count++ > 0)
            buf_append_char(buf, ' ');
        append_safe(buf, cJSON_IsString(code) ? code->valuestring : "?");
    }
}

static void add_row(struct table *table, const cJSON *row, const char *by, struct buf *buf) {
    const cJSON *segments = cJSON_GetObjectItemCaseSensitive(row, "segments");
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(row, "own");
    int segment = json_int_of(own, "indicative", 0);

    table_cell(table, STYLE_BOLD, json_string_of(row, by, "?"));
    table_cell(table, STYLE_PLAIN, json_string_of(row, "name", ""));
    if (cJSON_IsObject(own))
        table_cellf(table, style_of_segment(segment), "%d", segment);
    else
        table_cell(table, STYLE_PLAIN, "");
    table_cellf(table, STYLE_PLAIN, "%d", json_int_of(row, "members", 0));
    for (int i = 1; i <= WORST; i++) {
        const cJSON *count = cJSON_GetObjectItemCaseSensitive(segments, (char[]){(char)('0' + i), '\0'});

        if (cJSON_IsNumber(count) && count->valueint > 0)
            table_cellf(table, style_of_segment(i), "%d", count->valueint);
        else
            table_cell(table, STYLE_DIM, cJSON_IsNumber(count) ? "0" : "");
    }
    buf_clear(buf);
    append_codes(buf, cJSON_GetObjectItemCaseSensitive(row, "worst"));
    table_cell(table, STYLE_ALARM, buf->data);
}

static void print_table(const struct context *context, const cJSON *reply, const char *by) {
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(reply, "systems"), *row;
    char headers[128];
    struct table *table;
    struct buf buf;

    printf("%s by %s, as of %s\n", json_string_of(reply, "framework", "Segments"), by,
           json_string_of(reply, "date", "?"));
    snprintf(headers, sizeof(headers), "%s\n~NAME\n>ITS OWN\n>MEMBERS\n>IN 1\n>IN 2\n>IN 3\n>IN 4\n>IN 5\nIN 4 AND 5",
             strcmp(by, "system") == 0   ? "SYSTEM"
             : strcmp(by, "region") == 0 ? "REGION"
                                         : "GROUP");
    table = table_create(headers);
    buf_init(&buf);
    cJSON_ArrayForEach(row, rows) add_row(table, row, by, &buf);
    table_print(table, context->colour, context->width);
    table_destroy(table);
    buf_finish(&buf);
}

int print_systems(const struct context *context, const char *by, const char *framework) {
    cJSON *request = cJSON_CreateObject(), *reply;
    const cJSON *row;
    int status;

    cJSON_AddStringToObject(request, "get", "systems");
    cJSON_AddStringToObject(request, "by", by);
    if (framework != NULL)
        cJSON_AddStringToObject(request, "framework", framework);
    status = ask_daemon(context, request, &reply);
    if (status != EX_OK)
        return status;
    if (context->json) {
        cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(reply, "systems")) print_json(row);
    } else {
        print_table(context, reply, by);
    }
    cJSON_Delete(reply);
    return EX_OK;
}

static int run(const struct context *context, int argc, char **argv) {
    static const struct option options[] = {
        {"framework", required_argument, NULL, 'f'}, {"by", required_argument, NULL, 'b'}, {NULL, 0, NULL, 0}};
    const char *framework = NULL, *by = "system";
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 'f')
            framework = optarg;
        else if (option == 'b')
            by = optarg;
        else
            return complain_option(&command_systems, option, argv);
    }
    if (optind < argc)
        return complain_usage(&command_systems, "systems takes no argument \"%s\"", argv[optind]);
    if (!is_grouping(by))
        return complain_usage(&command_systems, "--by \"%s\" is none of system, region and group", by);
    return print_systems(context, by, framework);
}

const struct command command_systems = {
    .name = "systems",
    .usage = "[--by WHAT] [--framework ID]",
    .help = "Show how many organisations of each system are in which segment",
    .options = "      --by WHAT        system, region or group [system]\n"
               "      --framework ID   by these rules instead of the first configured\n",
    .run = run,
};
