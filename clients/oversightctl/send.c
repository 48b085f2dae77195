/* oversightctl send: figures from files to the daemon. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/dry_run.h"
#include "clients/oversightctl/inputs.h"
#include "clients/oversightctl/position.h"
#include "clients/oversightctl/sending.h"
#include "common/wire.h"

#define BATCH 100
#define TIMEOUT_MS 60000

struct arguments {
    const char *map, *position;
    struct sending sending;
    struct input_options input;
    bool dry_run, resume, keep_going, quiet;
};

enum { MAP = 256, SOURCE, BATCH_SIZE, BASELINE, MSGPACK, AS_ONE, PERIOD, EMPTY, DRY_RUN, RESUME, POSITION, KEEP_GOING };

static const struct option options[] = {
    {"map", required_argument, NULL, MAP},
    {"source", required_argument, NULL, SOURCE},
    {"batch", required_argument, NULL, BATCH_SIZE},
    {"baseline", no_argument, NULL, BASELINE},
    {"msgpack", no_argument, NULL, MSGPACK},
    {"as-one", no_argument, NULL, AS_ONE},
    {"period", required_argument, NULL, PERIOD},
    {"empty", required_argument, NULL, EMPTY},
    {"dry-run", no_argument, NULL, DRY_RUN},
    {"resume", no_argument, NULL, RESUME},
    {"position", required_argument, NULL, POSITION},
    {"keep-going", no_argument, NULL, KEEP_GOING},
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

static int take_value(struct arguments *arguments, int option, const char *value) {
    long count;

    switch (option) {
    case MAP:
        arguments->map = value;
        break;
    case SOURCE:
        if (!text_is_source(text_of(value)))
            return complain_usage(&command_send, "--source \"%s\" is not 1 to %d of A-Z a-z 0-9 . _ -", value,
                                  SOURCE_MAX);
        arguments->sending.source = value;
        break;
    case BATCH_SIZE:
        if (!parse_count(value, 1, WIRE_BATCH_MAX, &count))
            return complain_usage(&command_send, "--batch \"%s\" is not a number from 1 to %d", value, WIRE_BATCH_MAX);
        arguments->sending.batch = (size_t)count;
        break;
    case PERIOD:
        if (!date_parse_period(value, strlen(value), &arguments->input.mapping_options.period))
            return complain_usage(&command_send, "--period \"%s\" is not a date YYYY-MM-DD or YYYY-MM", value);
        break;
    case EMPTY:
        if (strcmp(value, "null") != 0 && strcmp(value, "skip") != 0)
            return complain_usage(&command_send, "--empty \"%s\" is not one of skip, null", value);
        arguments->input.mapping_options.empty_withdraws = value[0] == 'n';
        break;
    default:
        arguments->position = value;
        break;
    }
    return EX_OK;
}

static int parse_arguments(struct arguments *arguments, int argc, char **argv) {
    int option, status = EX_OK;

    optind = 0;
    while (status == EX_OK && (option = getopt_long(argc, argv, ":q", options, NULL)) != -1) {
        switch (option) {
        case '?':
        case ':':
            return complain_option(&command_send, option, argv);
        case 'q':
            arguments->quiet = true;
            break;
        case BASELINE:
            arguments->sending.baseline = true;
            break;
        case MSGPACK:
            arguments->sending.msgpack = true;
            break;
        case AS_ONE:
            arguments->sending.as_one = true;
            break;
        case DRY_RUN:
            arguments->dry_run = true;
            break;
        case RESUME:
            arguments->resume = true;
            break;
        case KEEP_GOING:
            arguments->keep_going = true;
            break;
        default:
            status = take_value(arguments, option, optarg);
        }
    }
    if (status == EX_OK && optind == argc)
        return complain_usage(&command_send, "send: no file given (\"-\" is standard input)");
    if (status == EX_OK && arguments->sending.source == NULL && !arguments->dry_run)
        return complain_usage(&command_send, "send: --source NAME is required");
    return status;
}

/* Reads all files before anything is sent, so that a mistake in the last line is not found half-way. */
static int read_files(struct arguments *arguments, char **files, struct updates *updates) {
    struct problems *problems = problems_create();
    struct mapping *mapping = NULL;
    int status = EX_OK;

    if (arguments->map != NULL) {
        mapping = mapping_load(arguments->map, problems);
        if (mapping == NULL)
            status = EX_CONFIG;
    }
    arguments->input.mapping = mapping;
    for (char **file = files; status == EX_OK && *file != NULL; file++)
        if (strcmp(*file, "-") != 0 && access(*file, R_OK) != 0)
            status = complain(EX_NOINPUT, "%s: %s", *file, strerror(errno));
    for (; status == EX_OK && *files != NULL; files++)
        inputs_read(*files, &arguments->input, updates, problems);
    print_problems(problems);
    if (status == EX_OK && problems_count(problems) > 0) {
        status = EX_DATAERR;
        if (!arguments->keep_going && !arguments->dry_run)
            complain(0, "nothing was sent: %zu problem%s; --keep-going sends the rest", problems_count(problems),
                     problems_count(problems) == 1 ? "" : "s");
    }
    problems_destroy(problems);
    mapping_destroy(mapping);
    return status;
}

/* Decides which seq the first update has and how many the daemon has already.
 * A new run starts after the daemon's last; a resumed one where it started. */
static int place(struct arguments *arguments, const char *path, uint64_t fingerprint, size_t count, uint64_t last) {
    struct sending *sending = &arguments->sending;
    struct position position;
    bool known = path != NULL && position_load(path, &position);

    sending->first = last + 1;
    sending->skip = 0;
    if (arguments->resume && !known) {
        complain(0, "no interrupted run of source %s is known: starting at the beginning", sending->source);
    } else if (arguments->resume && position.fingerprint != fingerprint) {
        return complain(EX_DATAERR,
                        "these are not the updates of the interrupted run of source %s; send without --resume",
                        sending->source);
    } else if (arguments->resume && last + 1 >= position.first) {
        uint64_t applied = last + 1 - position.first;

        sending->first = position.first;
        sending->skip = applied < count ? (size_t)applied : count;
    } else if (known && position.fingerprint == fingerprint && !arguments->quiet) {
        complain(0, "an earlier run of the same updates was interrupted; sending all again (--resume would go on)");
    }
    position = (struct position){sending->first, fingerprint};
    /* One message, or all as one, is applied whole or not at all: there is no half-way to go on from. */
    if (count <= sending->batch || sending->as_one)
        return EX_OK;
    if (path != NULL && !position_store(path, &position) && !arguments->quiet)
        complain(0, "%s: %s: this run cannot be resumed", path, strerror(errno));
    return EX_OK;
}

static void print_result(const struct context *context, const struct arguments *arguments,
                         const struct sending_result *result, size_t count) {
    cJSON *json;

    if (context->json) {
        json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "source", arguments->sending.source);
        cJSON_AddNumberToObject(json, "updates", (double)count);
        cJSON_AddNumberToObject(json, "skipped", (double)arguments->sending.skip);
        cJSON_AddNumberToObject(json, "first", (double)arguments->sending.first);
        cJSON_AddNumberToObject(json, "through", (double)result->through);
        cJSON_AddNumberToObject(json, "accepted", (double)result->accepted);
        cJSON_AddNumberToObject(json, "duplicate", (double)result->duplicate);
        cJSON_AddNumberToObject(json, "superseded", (double)result->superseded);
        cJSON_AddNumberToObject(json, "refused", (double)result->refused);
        cJSON_AddStringToObject(json, "durability", result->durability);
        print_json(json);
        cJSON_Delete(json);
        return;
    }
    if (arguments->quiet)
        return;
    printf("%s: %" PRIu64 " accepted", arguments->sending.source, result->accepted);
    if (arguments->sending.skip > 0)
        printf(", %zu applied before", arguments->sending.skip);
    if (result->duplicate > 0)
        printf(", %" PRIu64 " known already", result->duplicate);
    if (result->superseded > 0)
        printf(", %" PRIu64 " superseded", result->superseded);
    if (result->refused > 0)
        printf(", %" PRIu64 " refused", result->refused);
    if (result->messages > 0)
        printf("; seq %" PRIu64 " to %" PRIu64 ", stored: %s", arguments->sending.first, result->through,
               result->durability);
    printf("\n");
}

static int transmit(const struct context *context, struct arguments *arguments, struct updates *updates) {
    struct sending *sending = &arguments->sending;
    size_t count = updates_count(updates);
    char *path = position_path(arguments->position, sending->source);
    struct sending_result result = {0};
    uint64_t last = 0;
    int status = sending_position(context, sending->source, &last);

    sending->timeout_ms = context->timeout_ms > 0 ? context->timeout_ms : TIMEOUT_MS;
    sending->progress = !arguments->quiet && !context->json;
    if (status == EX_OK)
        status = place(arguments, path, updates_fingerprint(updates), count, last);
    if (status == EX_OK) {
        status = sending_run(context, sending, updates, &result);
        print_result(context, arguments, &result, count);
        /* Refusals do not make a run incomplete: all of it was answered. */
        if (path != NULL && (status == EX_OK || (status == EX_DATAERR && result.through + 1 == sending->first + count)))
            position_remove(path);
    }
    free(path);
    return status;
}

static int run(const struct context *context, int argc, char **argv) {
    struct arguments arguments = {.sending = {.batch = BATCH}};
    struct updates *updates;
    int unread, status;

    arguments.input.mapping_options.period = OV_DAY_NONE;
    status = parse_arguments(&arguments, argc, argv);
    if (status != EX_OK)
        return status;
    updates = updates_create();
    unread = read_files(&arguments, argv + optind, updates);
    if (arguments.dry_run) {
        dry_run_print(updates, context->json);
        status = unread;
    } else if (unread == EX_OK || (unread == EX_DATAERR && arguments.keep_going)) {
        status = updates_count(updates) > 0 ? transmit(context, &arguments, updates) : EX_OK;
        if (updates_count(updates) == 0)
            complain(0, "nothing to send");
        if (status == EX_OK)
            status = unread;
    } else {
        status = unread;
    }
    updates_destroy(updates);
    return status;
}

const struct command command_send = {
    .name = "send",
    .usage = "--source NAME [OPTION...] FILE...",
    .help = "Send figures from tidy CSV, JSON Lines or a published file",
    .options = "      --source NAME     the source the updates are numbered for; required\n"
               "      --map FILE        read published files through a mapping, oversight-import(5)\n"
               "      --period DATE     period of every row, for published files that do not say it\n"
               "      --batch N         updates in a message, 1 to 10000 [100]\n"
               "      --as-one          apply all as one: only the net change is announced\n"
               "      --baseline        take the figures over without announcing anything\n"
               "      --empty WHAT      an empty cell: skip it, or null to withdraw the figure [skip]\n"
               "      --msgpack         MessagePack on the wire in place of JSON\n"
               "      --resume          go on with an interrupted run of the same files\n"
               "      --position FILE   where the run's beginning is kept meanwhile\n"
               "      --keep-going      send what can be read even if some lines cannot\n"
               "      --dry-run         print the updates as tidy CSV and send nothing\n"
               "  -q, --quiet           no progress and no summary\n",
    .run = run,
};
