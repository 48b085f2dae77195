/* oversightctl freeze: the computed segments of a scored period become official. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"
#include "common/date.h"

static int run(const struct context *context, int argc, char **argv) {
    static const struct option options[] = {{"framework", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
    const char *framework = NULL;
    char date[OV_DATE_SIZE];
    cJSON *request, *reply;
    int option, status;
    ov_day period;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option != 'f')
            return complain_option(&command_freeze, option, argv);
        framework = optarg;
    }
    if (argc - optind != 1)
        return complain_usage(&command_freeze, "freeze: expected a period");
    if (!date_parse_period(argv[optind], strlen(argv[optind]), &period))
        return complain_usage(&command_freeze, "\"%s\" is not a date YYYY-MM-DD or YYYY-MM", argv[optind]);
    request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "do", "freeze");
    cJSON_AddStringToObject(request, "period", date_format(period, date));
    if (framework != NULL)
        cJSON_AddStringToObject(request, "framework", framework);
    status = ask_daemon(context, request, &reply);
    if (status != EX_OK)
        return status;
    if (context->json)
        print_json(reply);
    else
        printf("the segments of %d organisations in the period %s are official from today\n",
               json_int_of(reply, "decisions", 0), date);
    cJSON_Delete(reply);
    return EX_OK;
}

const struct command command_freeze = {
    .name = "freeze",
    .usage = "[--framework ID] PERIOD",
    .help = "Make the computed segments of a scored period official",
    .options = "      --framework ID   under these rules instead of the first configured\n",
    .run = run,
};
