/* oversightctl source: how far the updates of a source have come, and setting that anew. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"

/* Numbers in JSON are exact up to here. */
#define LAST_MAX 9007199254740992

static int show(const struct context *context, const char *source) {
    cJSON *request = cJSON_CreateObject(), *reply;
    int status;

    cJSON_AddStringToObject(request, "get", "source");
    cJSON_AddStringToObject(request, "source", source);
    status = ask_daemon(context, request, &reply);
    if (status != EX_OK)
        return status;
    if (context->json)
        print_json(reply);
    else if (json_number_of(reply, "last", 0) <= 0)
        printf("%s: nothing is known of it; its first update will be taken whatever its number\n", source);
    else
        printf("%s: applied to %.0f\n", source, json_number_of(reply, "last", 0));
    cJSON_Delete(reply);
    return EX_OK;
}

static int reset(const struct context *context, const char *source, long last) {
    cJSON *request = cJSON_CreateObject(), *reply;
    int status;

    cJSON_AddStringToObject(request, "do", "reset-source");
    cJSON_AddStringToObject(request, "source", source);
    cJSON_AddNumberToObject(request, "last", (double)last);
    status = ask_daemon(context, request, &reply);
    if (status != EX_OK)
        return status;
    if (context->json)
        print_json(reply);
    else if (last == 0)
        printf("%s is reset: its next update will be taken whatever its number\n", source);
    else
        printf("%s is reset: its next update is %ld\n", source, last + 1);
    cJSON_Delete(reply);
    return EX_OK;
}

static int run(const struct context *context, int argc, char **argv) {
    long last = 0;

    if (argc < 3 || (strcmp(argv[1], "show") != 0 && strcmp(argv[1], "reset") != 0))
        return complain_usage(&command_source, "source: expected show or reset, and a source");
    if (!text_is_source(text_of(argv[2])))
        return complain_usage(&command_source, "\"%s\" is not 1 to %d of A-Z a-z 0-9 . _ -", argv[2], SOURCE_MAX);
    if (argc > (argv[1][0] == 'r' ? 4 : 3))
        return complain_usage(&command_source, "source %s: \"%s\" is too much", argv[1], argv[argc - 1]);
    if (argv[1][0] == 's')
        return show(context, argv[2]);
    if (argc == 4 && !parse_count(argv[3], 0, LAST_MAX, &last))
        return complain_usage(&command_source, "\"%s\" is not a whole number from 0 to %ld", argv[3], (long)LAST_MAX);
    return reset(context, argv[2], last);
}

const struct command command_source = {
    .name = "source",
    .usage = "show SOURCE | reset SOURCE [LAST]",
    .help = "Show how far a source has come, or set it anew",
    .options = "show prints the number of the last update applied.\n"
               "reset makes the daemon forget it, or take it to be LAST: for a source that has\n"
               "started its numbers again.\n",
    .run = run,
};
