/* oversightctl verify: does the evidence in an alert bear its verdict? */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/file.h"
#include "clients/oversightctl/inputs.h"
#include "clients/oversightctl/rules_files.h"
#include "clients/oversightctl/style.h"
#include "clients/oversightctl/verify.h"
#include "daemon/frameworks/framework_file.h"

static const struct option options[] = {
    {"framework", required_argument, NULL, 'f'},
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

struct run {
    const struct context *context;
    struct framework *frameworks[RULES_FRAMEWORKS_MAX];
    size_t framework_count;
    bool quiet, bad_input;
    size_t held, failed;
};

static const struct framework *find_framework(const struct run *run, const cJSON *data) {
    const char *id = json_string_of(cJSON_GetObjectItemCaseSensitive(data, "framework"), "id", "");

    for (size_t i = 0; i < run->framework_count; i++)
        if (strcmp(run->frameworks[i]->id, id) == 0)
            return run->frameworks[i];
    return NULL;
}

static void report_json(const char *id, const char *contradictions) {
    cJSON *line = cJSON_CreateObject(), *list = NULL;

    cJSON_AddStringToObject(line, "id", id);
    cJSON_AddBoolToObject(line, "holds", contradictions[0] == '\0');
    if (contradictions[0] != '\0')
        list = cJSON_AddArrayToObject(line, "contradictions");
    while (*contradictions != '\0') {
        size_t len = strcspn(contradictions, "\n");
        struct buf text;

        buf_init(&text);
        buf_append(&text, contradictions, len);
        cJSON_AddItemToArray(list, cJSON_CreateString(text.data));
        buf_finish(&text);
        contradictions += len + (contradictions[len] == '\n');
    }
    print_json(line);
    cJSON_Delete(line);
}

static void report(const struct run *run, const cJSON *event, const char *contradictions) {
    const char *id = json_string_of(event, "id", "?");
    const char *summary = json_string_of(cJSON_GetObjectItemCaseSensitive(event, "data"), "summary", "");
    bool holds = contradictions[0] == '\0', colour = run->context->colour;
    struct buf text;

    if (holds && run->quiet)
        return;
    if (run->context->json) {
        report_json(id, contradictions);
        return;
    }
    buf_init(&text);
    style_append(&text, colour, holds ? STYLE_GREEN : STYLE_RED, holds ? "holds " : "FAILS ");
    buf_append_char(&text, ' ');
    append_safe(&text, id);
    buf_append_string(&text, "  ");
    append_safe(&text, summary);
    buf_append_char(&text, '\n');
    while (*contradictions != '\0') {
        size_t len = strcspn(contradictions, "\n");
        struct buf line;

        buf_init(&line);
        buf_append(&line, contradictions, len);
        buf_append_string(&text, "    ");
        append_safe(&text, line.data);
        buf_append_char(&text, '\n');
        buf_finish(&line);
        contradictions += len + (contradictions[len] == '\n');
    }
    fwrite(text.data, 1, text.len, stdout);
    buf_finish(&text);
}

static void verify_one(struct run *run, const cJSON *event) {
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");
    const struct framework *framework = find_framework(run, data);
    struct buf out;

    buf_init(&out);
    if (run->framework_count > 0 && framework == NULL && cJSON_HasObjectItem(data, "framework"))
        buf_append_string(&out, "none of the frameworks given is the one of this alert\n");
    verify_event(event, framework, false, &out);
    report(run, event, out.data);
    if (out.len > 0)
        run->failed++;
    else
        run->held++;
    buf_finish(&out);
}

/* An event; the answer to a question for alerts, with its events; what "watch"
 * and "backtest" print besides events is passed over. */
static void take_json(struct run *run, const char *name, const cJSON *json) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "events"), *event;

    if (cJSON_HasObjectItem(json, "specversion"))
        verify_one(run, json);
    else if (cJSON_IsArray(list))
        cJSON_ArrayForEach(event, list) verify_one(run, event);
    else if (!cJSON_HasObjectItem(json, "snapshot") && !cJSON_HasObjectItem(json, "count")) {
        complain(0, "%s: something that is no event", name);
        run->bad_input = true;
    }
}

static int take_file(struct run *run, const char *path) {
    struct problems *problems = problems_create();
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path, *at, *next;
    size_t len;
    char *bytes = file_read(path, INPUT_FILE_MAX, &len, problems);
    int status = bytes == NULL ? EX_NOINPUT : EX_OK;

    print_problems(problems);
    problems_destroy(problems);
    for (at = bytes; at != NULL; at = next) {
        cJSON *json;

        while (at < bytes + len && isspace((unsigned char)*at))
            at++;
        if (at == bytes + len)
            break;
        json = cJSON_ParseWithLengthOpts(at, (size_t)(bytes + len - at), &next, false);
        if (json == NULL) {
            status = complain(EX_DATAERR, "%s: no JSON at byte %zu", name, (size_t)(at - bytes));
            break;
        }
        take_json(run, name, json);
        cJSON_Delete(json);
    }
    free(bytes);
    return status;
}

static int add_framework(struct run *run, const char *path) {
    struct problems *problems = problems_create();
    struct framework *framework = framework_load(path, problems);

    print_problems(problems);
    problems_destroy(problems);
    if (framework == NULL)
        return EX_CONFIG;
    if (run->framework_count == RULES_FRAMEWORKS_MAX) {
        framework_destroy(framework);
        return complain_usage(&command_verify, "more than %d frameworks", RULES_FRAMEWORKS_MAX);
    }
    run->frameworks[run->framework_count++] = framework;
    return EX_OK;
}

static int verify_all(struct run *run, int argc, char **argv) {
    int status = EX_OK, option;

    optind = 0;
    while (status == EX_OK && (option = getopt_long(argc, argv, ":q", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain_option(&command_verify, option, argv);
        if (option == 'q')
            run->quiet = true;
        else
            status = add_framework(run, optarg);
    }
    if (status == EX_OK && optind == argc)
        status = take_file(run, "-");
    for (int i = optind; status == EX_OK && i < argc; i++)
        status = take_file(run, argv[i]);
    if (status != EX_OK)
        return status;
    if (!run->context->json && !run->quiet)
        printf("%zu alerts, %zu do not hold\n", run->held + run->failed, run->failed);
    if (run->bad_input)
        return EX_DATAERR;
    return run->failed > 0 ? EXIT_FAILURE : EX_OK;
}

static int run(const struct context *context, int argc, char **argv) {
    struct run run = {.context = context};
    int status = verify_all(&run, argc, argv);

    for (size_t i = 0; i < run.framework_count; i++)
        framework_destroy(run.frameworks[i]);
    return status;
}

const struct command command_verify = {
    .name = "verify",
    .usage = "[-q] [--framework FILE]... [EVENT...]",
    .help = "Compute the verdict of alerts again from their own evidence",
    .options = "      --framework FILE  hold them against these rules as well; repeatable\n"
               "  -q, --quiet           name only the alerts that do not hold\n",
    .run = run,
};
