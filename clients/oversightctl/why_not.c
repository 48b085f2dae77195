/* oversightctl why-not: what keeps an organisation from a segment. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/explain_text.h"
#include "clients/oversightctl/style.h"

static void append_list(struct buf *buf, bool colour, const cJSON *reply, const char *name, const char *heading) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(reply, name), *ground;

    if (cJSON_GetArraySize(list) == 0)
        return;
    style_append(buf, colour, STYLE_BOLD, heading);
    buf_append_char(buf, '\n');
    cJSON_ArrayForEach(ground, list) append_ground(buf, colour, ground, "  ");
}

static void append_average(struct buf *buf, const cJSON *average) {
    if (!cJSON_IsObject(average))
        return;
    buf_printf(buf, "  the average is %.4f, needed:", json_number_of(average, "now", 0));
    if (cJSON_HasObjectItem(average, "above"))
        buf_printf(buf, " above %.4f", json_number_of(average, "above", 0));
    if (cJSON_HasObjectItem(average, "at_most"))
        buf_printf(buf, " at most %.4f", json_number_of(average, "at_most", 0));
    if (json_is_true(average, "holds"))
        buf_append_string(buf, ": so it is\n");
    else
        buf_printf(buf, ": %.4f away\n", json_number_of(average, "distance", 0));
}

static void append_obstacles(struct buf *buf, const cJSON *reply) {
    const cJSON *obstacle;

    append_average(buf, cJSON_GetObjectItemCaseSensitive(reply, "average"));
    cJSON_ArrayForEach(obstacle, cJSON_GetObjectItemCaseSensitive(reply, "in_the_way")) {
        const char *word = cJSON_IsString(obstacle) ? obstacle->valuestring : "";

        if (word[0] == 'd')
            buf_append_string(buf, "  it is in deficit: never better than 3\n");
        else if (word[0] == 'r')
            buf_append_string(buf, "  it is in the recovery programme: 5\n");
        else
            buf_append_string(buf, "  it is not in the recovery programme\n");
    }
    if (json_is_true(reply, "never"))
        buf_append_string(buf, "  nobody can be: the framework names no conditions for segment 1\n");
    if (cJSON_HasObjectItem(reply, "scored") && !json_is_true(reply, "scored"))
        buf_append_string(buf, "  it has no score in the scored period\n");
}

static void print_reply(const struct context *context, const cJSON *reply) {
    bool colour = context->colour;
    int segment = json_int_of(reply, "segment", 0);
    struct buf buf;

    buf_init(&buf);
    style_append(&buf, colour, STYLE_BOLD, json_string_of(reply, "code", "?"));
    buf_append_char(&buf, ' ');
    append_safe(&buf, json_string_of(reply, "name", ""));
    if (json_is_true(reply, "there"))
        buf_printf(&buf, " is in segment %d by the figures\n", segment);
    else
        buf_printf(&buf, " is in segment %d by the figures, not in %d:\n", json_int_of(reply, "indicative", 0),
                   segment);
    append_list(&buf, colour, reply, "must_end", "All of these must end");
    append_list(&buf, colour, reply, "one_must_begin", "One of these must begin");
    append_list(&buf, colour, reply, "must_be_met", "All of these must be met");
    append_list(&buf, colour, reply, "one_must_be_lost", "One of these must be lost");
    append_obstacles(&buf, reply);
    fputs(buf.data, stdout);
    buf_finish(&buf);
}

static int run(const struct context *context, int argc, char **argv) {
    static const struct option options[] = {{"framework", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
    const char *framework = NULL;
    cJSON *request;
    int option;
    long segment;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option != 'f')
            return complain_option(&command_why_not, option, argv);
        framework = optarg;
    }
    if (argc - optind != 2)
        return complain_usage(&command_why_not, "why-not: expected the code of an organisation and a segment");
    if (!parse_count(argv[optind + 1], 1, 5, &segment))
        return complain_usage(&command_why_not, "why-not: \"%s\" is not a segment from 1 to 5", argv[optind + 1]);
    request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "get", "why-not");
    cJSON_AddStringToObject(request, "code", argv[optind]);
    cJSON_AddNumberToObject(request, "segment", (double)segment);
    if (framework != NULL)
        cJSON_AddStringToObject(request, "framework", framework);
    return ask_and_print(context, request, print_reply);
}

const struct command command_why_not = {
    .name = "why-not",
    .usage = "[--framework ID] ORG SEGMENT",
    .help = "Say what keeps an organisation from a segment",
    .options = "      --framework ID   by these rules instead of the first configured\n",
    .run = run,
};
