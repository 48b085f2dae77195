/* oversightctl board: every organisation's segment, with reasons. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/board_watch.h"
#include "clients/oversightctl/command.h"
#include "clients/oversightctl/evidence_text.h"
#include "clients/oversightctl/style.h"
#include "clients/oversightctl/systems.h"

#define WORST 5

struct board {
    const struct context *context;
    struct oversight_query *query;
    const char *framework;
    int segment; /* 0: all */
    const char *system, *region, *type;
    const char *by; /* rolled up */
    bool watch;
};

enum { FRAMEWORK = 256, SEGMENT, SYSTEM, REGION, TYPE, BY, WATCH };

static const struct option options[] = {
    {"framework", required_argument, NULL, FRAMEWORK},
    {"segment", required_argument, NULL, SEGMENT},
    {"system", required_argument, NULL, SYSTEM},
    {"region", required_argument, NULL, REGION},
    {"type", required_argument, NULL, TYPE},
    {"by", required_argument, NULL, BY},
    {"watch", no_argument, NULL, WATCH},
    {NULL, 0, NULL, 0},
};

static bool matches(const char *wanted, const cJSON *row, const char *name) {
    return wanted == NULL || strcmp(wanted, json_string_of(row, name, "")) == 0;
}

static bool is_shown(const struct board *board, const cJSON *row) {
    if (cJSON_HasObjectItem(row, "closed"))
        return false;
    if (board->segment != 0 && json_int_of(row, "indicative", 0) != board->segment)
        return false;
    return matches(board->system, row, "system") && matches(board->region, row, "region") &&
           matches(board->type, row, "type");
}

static cJSON *make_request(const struct board *board, const char *get) {
    cJSON *request = cJSON_CreateObject();

    cJSON_AddStringToObject(request, "get", get);
    if (board->framework != NULL)
        cJSON_AddStringToObject(request, "framework", board->framework);
    return request;
}

/* Measures whose newest point is special cause: "ae-4h (L), ...". */
static void append_variation(struct buf *buf, const cJSON *reply, const char *nature) {
    const cJSON *signal;
    int count = 0;

    cJSON_ArrayForEach(signal, cJSON_GetObjectItemCaseSensitive(reply, "signals")) {
        const char *variation = json_string_of(signal, "variation", "");

        if (strncmp(variation, nature, strlen(nature)) != 0)
            continue;
        if (count++ == 0)
            buf_printf(buf, "        special cause %s: ", nature);
        else
            buf_append_string(buf, ", ");
        append_safe(buf, json_string_of(signal, "measure", "?"));
        buf_append_string(buf, strstr(variation, "-high") != NULL ? " (H)" : " (L)");
    }
    if (count > 0)
        buf_append_char(buf, '\n');
}

/* The triggers that are on, with their evidence. */
static int append_reasons(const struct board *board, struct buf *buf, const cJSON *row) {
    cJSON *request, *reply, *on;
    const cJSON *trigger;
    int status;

    if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(row, "on")) == 0)
        return EX_OK;
    request = make_request(board, "organisation");
    cJSON_AddStringToObject(request, "code", json_string_of(row, "code", ""));
    status = ask_open(board->context, board->query, request, &reply);
    if (status != EX_OK)
        return status;
    on = cJSON_CreateArray();
    cJSON_ArrayForEach(trigger, cJSON_GetObjectItemCaseSensitive(reply, "triggers")) {
        if (json_is_true(trigger, "on"))
            cJSON_AddItemReferenceToArray(on, (cJSON *)(uintptr_t)trigger);
    }
    append_triggers(buf, board->context->colour, on, "        ");
    append_variation(buf, reply, "concern");
    append_variation(buf, reply, "improvement");
    cJSON_Delete(on);
    cJSON_Delete(reply);
    return EX_OK;
}

static void append_row(const struct board *board, struct buf *buf, const cJSON *row) {
    const cJSON *score = cJSON_GetObjectItemCaseSensitive(row, "score");
    int indicative = json_int_of(row, "indicative", 0), official = json_int_of(row, "official", 0);
    size_t start = buf->len;

    buf_append_string(buf, "    ");
    style_append(buf, board->context->colour, STYLE_BOLD, json_string_of(row, "code", "?"));
    buf_append_char(buf, ' ');
    append_safe(buf, json_string_of(row, "name", ""));
    if (cJSON_IsObject(score))
        buf_printf(buf, ", score %.2f", json_number_of(score, "average", 0));
    if (official != indicative)
        buf_printf(buf, ", officially %d", official);
    if (indicative >= 3) {
        buf_append_string(buf, ", since ");
        append_safe(buf, json_string_of(row, "since", "?"));
    }
    if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(row, "unknown")) > 0)
        buf_append_string(buf, ", some data missing");
    if (buf->len > start)
        buf_append_char(buf, '\n');
}

static int print_segment(const struct board *board, const cJSON *organisations, int segment) {
    const cJSON *row;
    struct buf buf;
    char head[64];
    int count = 0, status = EX_OK;

    cJSON_ArrayForEach(row, organisations) count +=
        json_int_of(row, "indicative", 0) == segment && is_shown(board, row);
    if (count == 0)
        return EX_OK;
    buf_init(&buf);
    snprintf(head, sizeof(head), "Segment %d: %d organisation%s", segment, count, count == 1 ? "" : "s");
    style_append(&buf, board->context->colour, style_of_segment(segment), head);
    puts(buf.data);
    cJSON_ArrayForEach(row, organisations) {
        if (json_int_of(row, "indicative", 0) != segment || !is_shown(board, row))
            continue;
        buf_clear(&buf);
        append_row(board, &buf, row);
        if (segment >= 3)
            status = append_reasons(board, &buf, row);
        fputs(buf.data, stdout);
        if (status != EX_OK)
            break;
    }
    buf_finish(&buf);
    return status;
}

static int print_board(const struct board *board, const cJSON *snapshot) {
    const cJSON *organisations = cJSON_GetObjectItemCaseSensitive(snapshot, "organisations"), *row;
    int status = EX_OK;

    if (board->context->json) {
        cJSON_ArrayForEach(row, organisations) {
            if (is_shown(board, row))
                print_json(row);
        }
        return EX_OK;
    }
    printf("%s, as of %s (alert %s)\n", json_string_of(snapshot, "framework", "Segments"),
           json_string_of(snapshot, "date", "?"), json_string_of(snapshot, "last", "?"));
    for (int segment = WORST; segment >= 1 && status == EX_OK; segment--)
        status = print_segment(board, organisations, segment);
    return status;
}

static int parse_arguments(struct board *board, int argc, char **argv) {
    long segment;
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain_option(&command_board, option, argv);
        if (option == FRAMEWORK)
            board->framework = optarg;
        else if (option == SYSTEM)
            board->system = optarg;
        else if (option == REGION)
            board->region = optarg;
        else if (option == TYPE)
            board->type = optarg;
        else if (option == WATCH)
            board->watch = true;
        else if (option == BY && is_grouping(optarg))
            board->by = optarg;
        else if (option == BY)
            return complain_usage(&command_board, "--by \"%s\" is none of system, region and group", optarg);
        else if (!parse_count(optarg, 1, WORST, &segment))
            return complain_usage(&command_board, "--segment \"%s\" is not a segment from 1 to %d", optarg, WORST);
        else
            board->segment = (int)segment;
    }
    if (optind < argc)
        return complain_usage(&command_board, "board takes no argument \"%s\"", argv[optind]);
    return EX_OK;
}

static int watch(const struct board *board) {
    struct board_view view = {.colour = board->context->colour,
                              .system = board->system,
                              .region = board->region,
                              .type = board->type,
                              .segment = board->segment};

    if (board->by != NULL || board->context->json)
        return complain_usage(&command_board, "--watch goes with neither --by nor --json; watch --json has the alerts");
    return board_watch(board->context, &view, board->framework);
}

static int run(const struct context *context, int argc, char **argv) {
    struct board board = {.context = context};
    cJSON *snapshot;
    int status = parse_arguments(&board, argc, argv);

    if (status != EX_OK)
        return status;
    if (board.watch)
        return watch(&board);
    if (board.by != NULL)
        return print_systems(context, board.by, board.framework);
    board.query = open_query(context);
    if (board.query == NULL)
        return EX_USAGE;
    status = ask_open(context, board.query, make_request(&board, "snapshot"), &snapshot);
    if (status == EX_OK) {
        status = print_board(&board, snapshot);
        cJSON_Delete(snapshot);
    }
    oversight_query_destroy(board.query);
    return status;
}

const struct command command_board = {
    .name = "board",
    .usage = "[OPTION...]",
    .help = "Show the segment of every organisation, with reasons",
    .options = "      --segment N      only this segment\n"
               "      --system CODE    only this system\n"
               "      --region NAME    only this region\n"
               "      --type TYPE      only this type of organisation\n"
               "      --by WHAT        counted by system, region or group instead\n"
               "      --framework ID   by these rules instead of the first configured\n"
               "      --watch          live, on the whole terminal\n",
    .run = run,
};
