/* oversightctl programme: a step of an intervention programme. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "clients/oversightctl/one_update.h"

enum { EFFECTIVE = 256, BY, REASON, REVIEW_BY, LIMIT, EXIT_CRITERIA, SOURCE };

static const struct option options[] = {
    {"effective", required_argument, NULL, EFFECTIVE}, {"by", required_argument, NULL, BY},
    {"reason", required_argument, NULL, REASON},       {"review-by", required_argument, NULL, REVIEW_BY},
    {"limit", required_argument, NULL, LIMIT},         {"exit-criteria", required_argument, NULL, EXIT_CRITERIA},
    {"source", required_argument, NULL, SOURCE},       {NULL, 0, NULL, 0},
};

static const struct {
    const char *word, *done;
} actions[] = {
    [PROGRAMME_ENTER] = {"enter", "enters"},
    [PROGRAMME_LEAVE] = {"leave", "leaves"},
    [PROGRAMME_REVIEW] = {"review", "is reviewed in"},
};

static int take_option(struct one_update *update, int option, const char *value) {
    struct programme_item *step = &update->item.programme;

    switch (option) {
    case EFFECTIVE:
        return one_update_date(&command_programme, "effective", value, &step->effective);
    case REVIEW_BY:
        return one_update_date(&command_programme, "review-by", value, &step->review_by);
    case LIMIT:
        return one_update_date(&command_programme, "limit", value, &step->limit);
    case BY:
        return one_update_text(&command_programme, value, &step->decided_by);
    case REASON:
        return one_update_text(&command_programme, value, &step->reason);
    case EXIT_CRITERIA:
        return one_update_text(&command_programme, value, &step->exit_criteria);
    default:
        return one_update_source(&command_programme, value, update);
    }
}

static bool find_action(const char *word, enum programme_action *ret_action) {
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(word, actions[i].word) == 0) {
            *ret_action = (enum programme_action)i;
            return true;
        }
    return false;
}

static int take_operands(struct one_update *update, char **words) {
    struct programme_item *step = &update->item.programme;

    update->item.org = text_of(words[0]);
    step->programme = text_of(words[1]);
    if (!text_is_org_code(update->item.org))
        return complain_usage(&command_programme, "\"%s\" is not the code of an organisation", words[0]);
    if (!text_is_name(step->programme))
        return complain_usage(&command_programme, "\"%s\" is not the id of a programme", words[1]);
    if (!find_action(words[2], &step->action))
        return complain_usage(&command_programme, "\"%s\" is not enter, review or leave", words[2]);
    if (step->decided_by.len == 0 || step->reason.len == 0)
        return complain_usage(&command_programme, "programme: --by and --reason are required: a decision names both");
    if (step->action == PROGRAMME_LEAVE && (step->review_by != OV_DAY_NONE || step->limit != OV_DAY_NONE))
        return complain_usage(&command_programme, "programme: --review-by and --limit say nothing when it is left");
    return EX_OK;
}

static int parse_arguments(struct one_update *update, int argc, char **argv) {
    int option, status;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain_option(&command_programme, option, argv);
        status = take_option(update, option, optarg);
        if (status != EX_OK)
            return status;
    }
    if (argc - optind != 3)
        return complain_usage(&command_programme,
                              "programme: expected an organisation, a programme, and enter, review or leave");
    return take_operands(update, argv + optind);
}

static int run(const struct context *context, int argc, char **argv) {
    struct one_update update = {.item = {.kind = ITEM_PROGRAMME}};
    struct programme_item *step = &update.item.programme;
    struct sending_result result = {0};
    char date[OV_DATE_SIZE];
    int status;

    one_update_default_source(&update);
    step->effective = date_of_time((int64_t)time(NULL) * 1000);
    step->review_by = step->limit = OV_DAY_NONE;
    status = parse_arguments(&update, argc, argv);
    if (status == EX_OK)
        status = one_update_send(context, &update, "programme", &result);
    if (status != EX_OK)
        return status;
    if (context->json)
        printf("{\"source\":\"%s\",\"seq\":%llu,\"durability\":\"%s\"}\n", update.source,
               (unsigned long long)update.item.seq, result.durability);
    else
        printf("%.*s %s %.*s on %s; recorded as update %llu of %s, stored: %s\n", (int)update.item.org.len,
               update.item.org.s, actions[step->action].done, (int)step->programme.len, step->programme.s,
               date_format(step->effective, date), (unsigned long long)update.item.seq, update.source,
               result.durability);
    return EX_OK;
}

const struct command command_programme = {
    .name = "programme",
    .usage = "--by WHO --reason TEXT [OPTION...] ORG PROGRAMME enter|review|leave",
    .help = "Record a step of an intervention programme",
    .options = "      --by WHO               who decided; required\n"
               "      --reason TEXT          why; required\n"
               "      --effective DATE       when, YYYY-MM-DD [today, UTC]\n"
               "      --review-by DATE       the next review [as the framework says]\n"
               "      --limit DATE           the last day in it [as the framework says]\n"
               "      --exit-criteria TEXT   what it takes to leave [as the framework says]\n"
               "      --source NAME          the source it is numbered for [decide-USER]\n",
    .run = run,
};
