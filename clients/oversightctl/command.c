#include "clients/oversightctl/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/lib/parts.h"
#include "clients/oversightctl/style.h"

#define TIMEOUT_MS 5000

static __attribute__((format(printf, 1, 0))) void complain_list(const char *format, va_list args) {
    char *text = NULL;
    struct buf line;

    if (vasprintf(&text, format, args) < 0)
        return;
    buf_init(&line);
    buf_append_string(&line, "oversightctl: ");
    append_safe(&line, text); /* it may quote the daemon, or a file */
    buf_append_char(&line, '\n');
    fputs(line.data, stderr);
    buf_finish(&line);
    free(text);
}

int complain(int status, const char *format, ...) {
    va_list args;

    va_start(args, format);
    complain_list(format, args);
    va_end(args);
    return status;
}

int complain_usage(const struct command *command, const char *format, ...) {
    va_list args;

    va_start(args, format);
    complain_list(format, args);
    va_end(args);
    fprintf(stderr, "usage: oversightctl %s %s\n", command->name, command->usage);
    return EX_USAGE;
}

int complain_option(const struct command *command, int result, char **argv) {
    const char *word = optind > 0 ? argv[optind - 1] : "";

    if (result == ':')
        return complain_usage(command, "%s: option %s needs a value", command->name, word);
    if (optopt != 0 && strncmp(word, "--", 2) != 0)
        return complain_usage(command, "%s: unknown option -%c", command->name, optopt);
    return complain_usage(command, "%s: unknown option %s", command->name, word);
}

void print_problems(const struct problems *problems) {
    char *text = problems_format(problems);

    fputs(text, stderr);
    free(text);
}

struct oversight_query *open_query(const struct context *context) {
    char error[512] = "";
    struct oversight_query *query =
        oversight_query_create((const char *const *)context->query.list, context->keys, error, sizeof(error));

    if (query == NULL)
        complain(EX_USAGE, "%s", error);
    return query;
}

static int complain_refusal(const cJSON *reply) {
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(reply, "error");
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(error, "code");
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(error, "message");
    const char *word = cJSON_IsString(code) ? code->valuestring : "error";

    complain(0, "%s: %s", word, cJSON_IsString(message) ? message->valuestring : "the daemon gave no reason");
    if (strcmp(word, "not-allowed") == 0)
        return EX_NOPERM;
    return strcmp(word, "busy") == 0 ? EX_TEMPFAIL : EX_DATAERR;
}

int ask_open(const struct context *context, struct oversight_query *query, cJSON *request, cJSON **ret_reply) {
    int timeout = context->timeout_ms > 0 ? context->timeout_ms : TIMEOUT_MS;
    char *text = cJSON_PrintUnformatted(request), *json = NULL;
    enum oversight_result result = OVERSIGHT_BROKEN;
    cJSON *reply = NULL;
    int status = EX_OK;

    cJSON_Delete(request);
    if (text != NULL)
        result = oversight_query_ask(query, text, timeout, &json);
    if (json != NULL)
        reply = cJSON_Parse(json);
    if (result == OVERSIGHT_TIMEOUT)
        status = complain(EX_UNAVAILABLE, "no answer from %s within %g s: is oversightd running%s?",
                          context->query.list[0], timeout / 1000.0,
                          context->keys != NULL ? ", and has this key the role query there"
                                                : ", and does it ask for a --key");
    else if (result == OVERSIGHT_BROKEN || reply == NULL)
        status = complain(EX_PROTOCOL, "an answer from %s that is not understood", context->query.list[0]);
    else if (result == OVERSIGHT_REFUSED)
        status = complain_refusal(reply);
    free(text);
    free(json);
    if (status == EX_OK)
        *ret_reply = reply;
    else
        cJSON_Delete(reply);
    return status;
}

int ask_daemon(const struct context *context, cJSON *request, cJSON **ret_reply) {
    struct oversight_query *query = open_query(context);
    int status;

    if (query == NULL) {
        cJSON_Delete(request);
        return EX_USAGE;
    }
    status = ask_open(context, query, request, ret_reply);
    oversight_query_destroy(query);
    return status;
}

int ask_and_print(const struct context *context, cJSON *request,
                  void (*print)(const struct context *context, const cJSON *reply)) {
    cJSON *reply;
    int status = ask_daemon(context, request, &reply);

    if (status != EX_OK)
        return status;
    if (context->json)
        print_json(reply);
    else
        print(context, reply);
    cJSON_Delete(reply);
    return EX_OK;
}

void print_json(const cJSON *json) {
    char *text = parts_text(json);

    if (text != NULL)
        puts(text);
    free(text);
    fflush(stdout);
}

bool parse_count(const char *text, long min, long max, long *ret_count) {
    char *end;
    long count;

    errno = 0;
    count = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || count < min || count > max)
        return false;
    *ret_count = count;
    return true;
}
