/* oversightctl failover: the leader hands over to the daemon that stands by. */
#include <stdio.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"

static int run(const struct context *context, int argc, char **argv) {
    cJSON *request, *reply;
    int status;

    if (argc > 1)
        return complain_usage(&command_failover, "failover takes no argument \"%s\"", argv[1]);
    request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "do", "failover");
    status = ask_daemon(context, request, &reply);
    if (status != EX_OK)
        return status;
    if (context->json)
        print_json(reply);
    else
        printf("handed over; the daemon stands by now\n");
    cJSON_Delete(reply);
    return EX_OK;
}

const struct command command_failover = {
    .name = "failover",
    .usage = "",
    .help = "Make the leading daemon hand over to the one that stands by",
    .options = "What is in flight is finished first. Refused when no other daemon stands by.\n",
    .run = run,
};
