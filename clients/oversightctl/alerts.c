/* oversightctl alerts: what was announced, from the store. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/alert_text.h"
#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"

#define PAGE 500

struct arguments {
    const char *after;
    long limit; /* -1: all */
};

enum { AFTER = 256, LIMIT };

static const struct option options[] = {
    {"after", required_argument, NULL, AFTER},
    {"limit", required_argument, NULL, LIMIT},
    {NULL, 0, NULL, 0},
};

static int parse_arguments(struct arguments *arguments, int argc, char **argv) {
    struct oversight_id id;
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain_option(&command_alerts, option, argv);
        if (option == AFTER)
            arguments->after = optarg;
        else if (!parse_count(optarg, 1, 1000000000, &arguments->limit))
            return complain_usage(&command_alerts, "--limit \"%s\" is not a number from 1", optarg);
    }
    if (optind < argc)
        return complain_usage(&command_alerts, "alerts takes no argument \"%s\"", argv[optind]);
    if (!oversight_id_parse(arguments->after, strlen(arguments->after), &id))
        return complain_usage(&command_alerts, "--after \"%s\" is not the id of an alert, such as 3-127",
                              arguments->after);
    return EX_OK;
}

static void print_event(const struct context *context, const cJSON *event) {
    struct buf text;

    if (context->json) {
        print_json(event);
        return;
    }
    buf_init(&text);
    append_alert(&text, context->colour, event);
    fputs(text.data, stdout);
    buf_finish(&text);
}

/* One page; false in ret_more when there are no more. */
static int print_page(const struct context *context, struct oversight_query *query, char after[OVERSIGHT_ID_SIZE],
                      long *left, bool *ret_more) {
    cJSON *request = cJSON_CreateObject(), *reply;
    const cJSON *events, *event;
    int status;

    cJSON_AddStringToObject(request, "get", "alerts");
    cJSON_AddStringToObject(request, "after", after);
    cJSON_AddNumberToObject(request, "limit", *left > 0 && *left < PAGE ? (double)*left : PAGE);
    status = ask_open(context, query, request, &reply);
    if (status != EX_OK)
        return status;
    *ret_more = false;
    if (json_is_true(reply, "truncated"))
        complain(0, "the store no longer holds all alerts after %s", after);
    events = cJSON_GetObjectItemCaseSensitive(reply, "events");
    cJSON_ArrayForEach(event, events) {
        print_event(context, event);
        snprintf(after, OVERSIGHT_ID_SIZE, "%s", json_string_of(event, "id", after));
        *ret_more = json_is_true(reply, "more");
        if (*left > 0 && --*left == 0) {
            *ret_more = false;
            break;
        }
    }
    cJSON_Delete(reply);
    return EX_OK;
}

static int run(const struct context *context, int argc, char **argv) {
    struct arguments arguments = {.after = "0-0", .limit = -1};
    char after[OVERSIGHT_ID_SIZE];
    struct oversight_query *query;
    bool more = true;
    int status = parse_arguments(&arguments, argc, argv);

    if (status != EX_OK)
        return status;
    query = open_query(context);
    if (query == NULL)
        return EX_USAGE;
    snprintf(after, sizeof(after), "%s", arguments.after);
    while (status == EX_OK && more)
        status = print_page(context, query, after, &arguments.limit, &more);
    oversight_query_destroy(query);
    return status;
}

const struct command command_alerts = {
    .name = "alerts",
    .usage = "[--after ID] [--limit N]",
    .help = "Print alerts from the store, oldest first",
    .options = "      --after ID   only alerts after this one [0-0: all]\n"
               "      --limit N    at most so many\n",
    .run = run,
};
