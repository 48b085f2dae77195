/* oversightctl mismatches: segments that disagree with each other or with a fresh rating. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"

/* Its segments, its rating, and below them why it is listed. */
static void append_row(struct buf *buf, bool colour, const cJSON *row) {
    const cJSON *rating = cJSON_GetObjectItemCaseSensitive(row, "rating"), *reason;
    int official = json_int_of(row, "official", 0);
    char segment[40];

    style_append(buf, colour, STYLE_BOLD, json_string_of(row, "code", "?"));
    buf_append_char(buf, ' ');
    append_safe(buf, json_string_of(row, "name", ""));
    snprintf(segment, sizeof(segment), "officially %d", official);
    buf_append_string(buf, ": ");
    style_append(buf, colour, style_of_segment(official), segment);
    buf_printf(buf, ", %d by the figures", json_int_of(row, "indicative", 0));
    if (rating != NULL) {
        buf_append_string(buf, ", rated ");
        append_safe(buf, json_string_of(rating, "value", "?"));
        buf_append_string(buf, " (");
        append_safe(buf, json_string_of(rating, "measure", "?"));
        buf_append_string(buf, ", ");
        append_safe(buf, json_string_of(rating, "period", "?"));
        buf_append_char(buf, ')');
    }
    buf_append_char(buf, '\n');
    cJSON_ArrayForEach(reason, cJSON_GetObjectItemCaseSensitive(row, "reasons")) {
        buf_append_string(buf, "    ");
        append_safe(buf, json_string_of(reason, "text", "?"));
        buf_append_char(buf, '\n');
    }
}

static void print_rows(const struct context *context, const cJSON *list) {
    const cJSON *row;
    struct buf buf;

    buf_init(&buf);
    cJSON_ArrayForEach(row, list) append_row(&buf, context->colour, row);
    fputs(buf.data, stdout);
    buf_finish(&buf);
}

static void print_list(const struct context *context, const cJSON *reply) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(reply, "mismatches"), *row;

    if (context->json) {
        cJSON_ArrayForEach(row, list) print_json(row);
    } else if (cJSON_GetArraySize(list) == 0) {
        printf("no mismatches: segments by the figures, official segments and fresh ratings agree\n");
    } else {
        print_rows(context, list);
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
