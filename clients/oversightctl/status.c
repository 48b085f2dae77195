/* oversightctl status: how the daemon stands. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"
#include "clients/oversightctl/table.h"

static void print_line(const struct context *context, const char *label, enum style style, const char *text) {
    struct buf buf;

    buf_init(&buf);
    style_append(&buf, context->colour, STYLE_DIM, label);
    style_append(&buf, context->colour, style, text);
    puts(buf.data);
    buf_finish(&buf);
}

static void print_frameworks(const struct context *context, const cJSON *reply) {
    const cJSON *frameworks = cJSON_GetObjectItemCaseSensitive(reply, "frameworks"), *framework;
    char text[512];

    cJSON_ArrayForEach(framework, frameworks) {
        snprintf(text, sizeof(text), "%s, %s (%d measures, %d triggers, digest %.12s)",
                 json_string_of(framework, "id", "?"), json_string_of(framework, "name", ""),
                 json_int_of(framework, "measures", 0), json_int_of(framework, "triggers", 0),
                 json_string_of(framework, "digest", "?"));
        print_line(context, "framework:   ", STYLE_PLAIN, text);
    }
}

static void print_feeds(const struct context *context, const cJSON *reply) {
    const cJSON *feeds = cJSON_GetObjectItemCaseSensitive(reply, "feeds"), *feed;
    struct table *table;

    if (cJSON_GetArraySize(feeds) == 0)
        return;
    printf("\n");
    table = table_create("FEED\nSTATE\n>LAST\n>SILENT\n~ENDPOINT");
    cJSON_ArrayForEach(feed, feeds) {
        const char *state = json_string_of(feed, "state", "?");

        table_cell(table, STYLE_BOLD, json_string_of(feed, "source", "-"));
        table_cell(table, strcmp(state, "live") == 0 ? STYLE_GREEN : STYLE_YELLOW, state);
        table_cellf(table, STYLE_PLAIN, "%.0f", json_number_of(feed, "last", 0));
        table_cellf(table, STYLE_PLAIN, "%.1f s", json_number_of(feed, "silent", 0));
        table_cell(table, STYLE_PLAIN, json_string_of(feed, "endpoint", "?"));
    }
    table_print(table, context->colour, context->width);
    table_destroy(table);
}

static void print_counters(const struct context *context, const cJSON *reply) {
    const cJSON *counters = cJSON_GetObjectItemCaseSensitive(reply, "counters"), *counter;
    struct table *table;

    if (cJSON_GetArraySize(counters) == 0)
        return;
    printf("\n");
    table = table_create("COUNTER\n>VALUE");
    cJSON_ArrayForEach(counter, counters) {
        table_cell(table, STYLE_PLAIN, counter->string);
        table_cellf(table, STYLE_PLAIN, "%.0f", cJSON_IsNumber(counter) ? counter->valuedouble : 0);
    }
    table_print(table, context->colour, context->width);
    table_destroy(table);
}

static void print_status(const struct context *context, const cJSON *reply) {
    const cJSON *registry = cJSON_GetObjectItemCaseSensitive(reply, "registry");
    const char *durability = json_string_of(reply, "durability", "?"), *store = json_string_of(reply, "store", "");
    char text[512];

    snprintf(text, sizeof(text), "oversightd %s, instance %s, %s in epoch %.0f",
             json_string_of(cJSON_GetObjectItemCaseSensitive(reply, "versions"), "oversightd", "?"),
             json_string_of(reply, "instance", "?"), json_string_of(reply, "role", "?"),
             json_number_of(reply, "epoch", 0));
    print_line(context, "", STYLE_BOLD, text);
    snprintf(text, sizeof(text), "%s%s%s", durability, store[0] != '\0' ? ", store " : "", store);
    print_line(context, "durability:  ", strcmp(durability, "fsync") == 0 ? STYLE_GREEN : STYLE_YELLOW, text);
    print_line(context, "date:        ", STYLE_PLAIN, json_string_of(reply, "date", "?"));
    print_line(context, "started:     ", STYLE_PLAIN, json_string_of(reply, "started", "?"));
    print_line(context, "last alert:  ", STYLE_PLAIN, json_string_of(reply, "last", "?"));
    snprintf(text, sizeof(text), "%.3f s", json_number_of(reply, "lag", 0));
    print_line(context, "lag:         ", STYLE_PLAIN, text);
    snprintf(text, sizeof(text), "%d organisations", json_int_of(registry, "organisations", 0));
    print_line(context, "register:    ", STYLE_PLAIN, text);
    print_frameworks(context, reply);
    print_feeds(context, reply);
    print_counters(context, reply);
}

static int run(const struct context *context, int argc, char **argv) {
    static const struct option none[] = {{NULL, 0, NULL, 0}};
    cJSON *request;
    int option;

    optind = 0;
    option = getopt_long(argc, argv, ":", none, NULL);
    if (option != -1)
        return complain_option(&command_status, option, argv);
    if (optind < argc)
        return complain_usage(&command_status, "status takes no argument \"%s\"", argv[optind]);
    request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "get", "status");
    return ask_and_print(context, request, print_status);
}

const struct command command_status = {
    .name = "status",
    .usage = "",
    .help = "Show the daemon: role, durability, rules, feeds, counters",
    .run = run,
};
