/* oversightctl decide: an official decision. */
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/sending.h"
#include "clients/oversightctl/style.h"
#include "common/alloc.h"

#define TIMEOUT_MS 60000

struct arguments {
    struct item item;
    char source[SOURCE_MAX + 1];
};

enum { EFFECTIVE = 256, BY, REASON, FRAMEWORK, TRIGGER, SOURCE };

static const struct option options[] = {
    {"effective", required_argument, NULL, EFFECTIVE},
    {"by", required_argument, NULL, BY},
    {"reason", required_argument, NULL, REASON},
    {"framework", required_argument, NULL, FRAMEWORK},
    {"trigger", required_argument, NULL, TRIGGER},
    {"source", required_argument, NULL, SOURCE},
    {NULL, 0, NULL, 0},
};

/* decide-USER: decisions of one person are numbered by themselves. */
static void default_source(char source[SOURCE_MAX + 1]) {
    const struct passwd *user = getpwuid(getuid());
    const char *name = user != NULL ? user->pw_name : "";

    snprintf(source, SOURCE_MAX + 1, "decide-%s", name);
    if (name[0] == '\0' || !text_is_source(text_of(source)))
        snprintf(source, SOURCE_MAX + 1, "decide-%lu", (unsigned long)getuid());
}

static int take_option(struct arguments *arguments, int option, const char *value) {
    struct decision_item *decision = &arguments->item.decision;
    struct text text = text_of(value);

    switch (option) {
    case EFFECTIVE:
        if (!date_parse(value, strlen(value), &decision->effective))
            return complain_usage(&command_decide, "--effective \"%s\" is not a date YYYY-MM-DD", value);
        return EX_OK;
    case BY:
        decision->decided_by = text;
        break;
    case REASON:
        decision->reason = text;
        break;
    case FRAMEWORK:
        decision->framework = text;
        break;
    case TRIGGER:
        decision->trigger = text;
        break;
    default:
        if (!text_is_source(text))
            return complain_usage(&command_decide, "--source \"%s\" is not 1 to %d of A-Z a-z 0-9 . _ -", value,
                                  SOURCE_MAX);
        text_copy(arguments->source, sizeof(arguments->source), text);
        return EX_OK;
    }
    if (!text_is_free(text, FREE_TEXT_MAX))
        return complain_usage(&command_decide, "a text of more than %d bytes, not UTF-8, or with control characters",
                              FREE_TEXT_MAX);
    return EX_OK;
}

static int parse_arguments(struct arguments *arguments, int argc, char **argv) {
    struct decision_item *decision = &arguments->item.decision;
    int option, status;
    long segment;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain_option(&command_decide, option, argv);
        status = take_option(arguments, option, optarg);
        if (status != EX_OK)
            return status;
    }
    if (argc - optind != 2)
        return complain_usage(&command_decide, "decide: expected an organisation and a segment");
    arguments->item.org = text_of(argv[optind]);
    if (!text_is_org_code(arguments->item.org))
        return complain_usage(&command_decide, "\"%s\" is not the code of an organisation", argv[optind]);
    if (!parse_count(argv[optind + 1], 1, 5, &segment))
        return complain_usage(&command_decide, "\"%s\" is not a segment from 1 to 5", argv[optind + 1]);
    decision->segment = (int)segment;
    if (decision->decided_by.len == 0 || decision->reason.len == 0)
        return complain_usage(&command_decide, "decide: --by and --reason are required: a decision names both");
    return EX_OK;
}

/* A decision is news, so it comes after everything its source has said. */
static int ask_first(const struct context *context, const char *source, uint64_t *ret_first) {
    cJSON *request = cJSON_CreateObject(), *reply;
    int status;

    cJSON_AddStringToObject(request, "get", "source");
    cJSON_AddStringToObject(request, "source", source);
    status = ask_daemon(context, request, &reply);
    if (status != EX_OK)
        return status;
    *ret_first = (uint64_t)json_number_of(reply, "last", 0) + 1;
    cJSON_Delete(reply);
    return EX_OK;
}

static int run(const struct context *context, int argc, char **argv) {
    struct arguments arguments = {.item = {.kind = ITEM_DECISION}};
    struct sending sending = {.source = arguments.source, .batch = 1};
    struct sending_result result = {0};
    struct updates *updates;
    char date[OV_DATE_SIZE];
    int status;

    default_source(arguments.source);
    arguments.item.decision.effective = date_of_time((int64_t)time(NULL) * 1000);
    status = parse_arguments(&arguments, argc, argv);
    if (status == EX_OK)
        status = ask_first(context, arguments.source, &sending.first);
    if (status != EX_OK)
        return status;
    sending.timeout_ms = context->timeout_ms > 0 ? context->timeout_ms : TIMEOUT_MS;
    updates = updates_create();
    updates_add(updates, &arguments.item, "decision", 1);
    status = sending_run(context, &sending, updates, &result);
    updates_destroy(updates);
    if (status != EX_OK)
        return status;
    if (context->json)
        printf("{\"source\":\"%s\",\"seq\":%llu,\"durability\":\"%s\"}\n", arguments.source,
               (unsigned long long)sending.first, result.durability);
    else
        printf("%.*s is officially in segment %d from %s; recorded as update %llu of %s, stored: %s\n",
               (int)arguments.item.org.len, arguments.item.org.s, arguments.item.decision.segment,
               date_format(arguments.item.decision.effective, date), (unsigned long long)sending.first,
               arguments.source, result.durability);
    return EX_OK;
}

const struct command command_decide = {
    .name = "decide",
    .usage = "--by WHO --reason TEXT [OPTION...] ORG SEGMENT",
    .help = "Record an official decision",
    .options = "      --by WHO           who decided; required\n"
               "      --reason TEXT      why; required\n"
               "      --effective DATE   from when, YYYY-MM-DD [today, UTC]\n"
               "      --trigger ID       releases this trigger where it stays on until released\n"
               "      --framework ID     under these rules instead of the first configured\n"
               "      --source NAME      the source it is numbered for [decide-USER]\n",
    .run = run,
};
