/* oversightctl decide: an official decision. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>

#include "clients/oversightctl/one_update.h"

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

static int take_option(struct one_update *update, int option, const char *value) {
    struct decision_item *decision = &update->item.decision;

    switch (option) {
    case EFFECTIVE:
        return one_update_date(&command_decide, "effective", value, &decision->effective);
    case BY:
        return one_update_text(&command_decide, value, &decision->decided_by);
    case REASON:
        return one_update_text(&command_decide, value, &decision->reason);
    case FRAMEWORK:
        return one_update_text(&command_decide, value, &decision->framework);
    case TRIGGER:
        return one_update_text(&command_decide, value, &decision->trigger);
    default:
        return one_update_source(&command_decide, value, update);
    }
}

static int parse_arguments(struct one_update *update, int argc, char **argv) {
    struct decision_item *decision = &update->item.decision;
    int option, status;
    long segment;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain_option(&command_decide, option, argv);
        status = take_option(update, option, optarg);
        if (status != EX_OK)
            return status;
    }
    if (argc - optind != 2)
        return complain_usage(&command_decide, "decide: expected an organisation and a segment");
    update->item.org = text_of(argv[optind]);
    if (!text_is_org_code(update->item.org))
        return complain_usage(&command_decide, "\"%s\" is not the code of an organisation", argv[optind]);
    if (!parse_count(argv[optind + 1], 1, 5, &segment))
        return complain_usage(&command_decide, "\"%s\" is not a segment from 1 to 5", argv[optind + 1]);
    decision->segment = (int)segment;
    if (decision->decided_by.len == 0 || decision->reason.len == 0)
        return complain_usage(&command_decide, "decide: --by and --reason are required: a decision names both");
    return EX_OK;
}

static int run(const struct context *context, int argc, char **argv) {
    struct one_update update = {.item = {.kind = ITEM_DECISION}};
    struct sending_result result = {0};
    char date[OV_DATE_SIZE];
    int status;

    one_update_default_source(&update);
    update.item.decision.effective = date_of_time((int64_t)time(NULL) * 1000);
    status = parse_arguments(&update, argc, argv);
    if (status == EX_OK)
        status = one_update_send(context, &update, "decision", &result);
    if (status != EX_OK)
        return status;
    if (context->json)
        printf("{\"source\":\"%s\",\"seq\":%llu,\"durability\":\"%s\"}\n", update.source,
               (unsigned long long)update.item.seq, result.durability);
    else
        printf("%.*s is officially in segment %d from %s; recorded as update %llu of %s, stored: %s\n",
               (int)update.item.org.len, update.item.org.s, update.item.decision.segment,
               date_format(update.item.decision.effective, date), (unsigned long long)update.item.seq, update.source,
               result.durability);
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
