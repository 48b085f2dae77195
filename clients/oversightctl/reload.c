/* oversightctl reload: the daemon reads its files again, or says what that would do. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"

#define WAIT_MS 600000 /* a store that is away keeps the answer back */

static void print_problem(const cJSON *problem) {
    int line = json_int_of(problem, "line", 0);

    if (line > 0)
        complain(0, "%s:%d: %s", json_string_of(problem, "file", "?"), line, json_string_of(problem, "text", "?"));
    else
        complain(0, "%s: %s", json_string_of(problem, "file", "?"), json_string_of(problem, "text", "?"));
}

/* The daemon's mistakes one a line, as oversightctl check prints them. */
static int print_refusal(const cJSON *reply) {
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(reply, "error"), *problem;
    const cJSON *problems = cJSON_GetObjectItemCaseSensitive(error, "problems");
    int listed = cJSON_GetArraySize(problems), total = json_int_of(error, "problems_total", listed);

    if (listed == 0)
        return complain(EX_NOPERM, "%s: %s", json_string_of(error, "code", "error"),
                        json_string_of(error, "message", "the daemon gave no reason"));
    cJSON_ArrayForEach(problem, problems) print_problem(problem);
    if (total > listed)
        complain(0, "and %d more", total - listed);
    return complain(EX_CONFIG, "nothing has changed");
}

static void print_move(const struct context *context, const cJSON *move) {
    int before = json_int_of(move, "before", 0), after = json_int_of(move, "after", 0);
    struct buf text;

    buf_init(&text);
    style_append(&text, context->colour, STYLE_BOLD, json_string_of(move, "code", "?"));
    buf_append_char(&text, ' ');
    append_safe(&text, json_string_of(move, "name", ""));
    buf_append_string(&text, ", ");
    append_safe(&text, json_string_of(move, "framework", "?"));
    if (before > 0 && after > 0)
        buf_printf(&text, ": segment %d to %d", before, after);
    else
        buf_printf(&text, ": %s segment %d", after > 0 ? "none to" : "none, before", after > 0 ? after : before);
    buf_append_string(&text, ": ");
    append_safe(&text, json_string_of(move, "why", "?"));
    puts(text.data);
    buf_finish(&text);
}

static void print_moves(const struct context *context, const cJSON *reply) {
    bool dry_run = json_is_true(reply, "dry_run");
    const cJSON *moves = cJSON_GetObjectItemCaseSensitive(reply, "moves"), *move;
    int unfit = json_int_of(reply, "unfit", 0);

    cJSON_ArrayForEach(move, moves) print_move(context, move);
    printf("%s: %d %s, %d alerts", dry_run ? "nothing has changed; a reload would do this" : "reloaded",
           json_int_of(reply, "moves_total", 0), dry_run ? "organisations would move" : "organisations moved",
           json_int_of(reply, "alerts", 0));
    if (unfit > 0)
        printf("; %d figures and decisions fit the new rules no more and are kept apart", unfit);
    putchar('\n');
}

static int ask(const struct context *context, const char *request, int timeout_ms) {
    struct oversight_query *query = open_query(context);
    char *json = NULL;
    enum oversight_result result;
    cJSON *reply;
    int status = EX_OK;

    if (query == NULL)
        return EX_USAGE;
    result = oversight_query_ask(query, request, timeout_ms, &json);
    reply = json != NULL ? cJSON_Parse(json) : NULL;
    free(json);
    oversight_query_destroy(query);
    if (result == OVERSIGHT_TIMEOUT)
        status = complain(EX_UNAVAILABLE, "no answer from %s within %g s: is oversightd running%s?",
                          context->query.list[0], timeout_ms / 1000.0,
                          context->keys != NULL ? ", and has this key the role admin there"
                                                : ", and does it ask for a --key");
    else if (reply == NULL || (result != OVERSIGHT_OK && result != OVERSIGHT_REFUSED))
        status = complain(EX_PROTOCOL, "an answer from %s that is not understood", context->query.list[0]);
    else if (context->json)
        print_json(reply);
    else if (result == OVERSIGHT_OK)
        print_moves(context, reply);
    if (result == OVERSIGHT_REFUSED && reply != NULL)
        status = print_refusal(reply);
    cJSON_Delete(reply);
    return status;
}

static int run(const struct context *context, int argc, char **argv) {
    static const struct option options[] = {
        {"wait", no_argument, NULL, 'w'}, {"dry-run", no_argument, NULL, 'n'}, {NULL, 0, NULL, 0}};
    bool wait = false, dry_run = false;
    int option, timeout_ms;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":n", options, NULL)) != -1) {
        if (option == 'w')
            wait = true;
        else if (option == 'n')
            dry_run = true;
        else
            return complain_option(&command_reload, option, argv);
    }
    if (optind < argc)
        return complain_usage(&command_reload, "reload: got \"%s\", expected options only", argv[optind]);
    timeout_ms = context->timeout_ms > 0 ? context->timeout_ms : wait ? WAIT_MS : 30000;
    return ask(context, dry_run ? "{\"do\":\"reload\",\"dry_run\":true}" : "{\"do\":\"reload\"}", timeout_ms);
}

const struct command command_reload = {
    .name = "reload",
    .usage = "[--wait] [-n]",
    .help = "Let the daemon read its configuration, rules, registry and keys again",
    .options = "      --wait      wait for as long as it takes (at most 10 minutes)\n"
               "  -n, --dry-run   only say who would move, and why\n",
    .run = run,
};
