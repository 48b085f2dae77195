/* oversightctl deliveries: what oversight-oncall did with alerts, and why. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"
#include "clients/oversightctl/table.h"
#include "common/alloc.h"

#define DEFAULT_FOLDER "/var/lib/oversight-oncall"

struct arguments {
    const char *folder, *alert, *target, *result;
};

struct listing {
    const struct context *context;
    const struct arguments *arguments;
    struct table *table; /* NULL: JSON Lines */
    size_t shown;
};

enum { STATE_DIR = 256, ALERT, TARGET, RESULT };

static const struct option options[] = {
    {"state-dir", required_argument, NULL, STATE_DIR},
    {"alert", required_argument, NULL, ALERT},
    {"target", required_argument, NULL, TARGET},
    {"result", required_argument, NULL, RESULT},
    {NULL, 0, NULL, 0},
};

static int parse_arguments(struct arguments *arguments, int argc, char **argv) {
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == STATE_DIR)
            arguments->folder = optarg;
        else if (option == ALERT)
            arguments->alert = optarg;
        else if (option == TARGET)
            arguments->target = optarg;
        else if (option == RESULT)
            arguments->result = optarg;
        else
            return complain_option(&command_deliveries, option, argv);
    }
    if (optind < argc)
        return complain_usage(&command_deliveries, "deliveries takes no argument \"%s\"", argv[optind]);
    return EX_OK;
}

static const char *member(const cJSON *line, const char *name) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(line, name);

    return cJSON_IsString(value) ? value->valuestring : "";
}

static bool fits(const cJSON *line, const char *name, const char *wanted) {
    return wanted == NULL || strcmp(member(line, name), wanted) == 0;
}

static enum style style_of(const char *result) {
    if (strcmp(result, "dead letter") == 0 || strcmp(result, "not routed") == 0)
        return STYLE_RED;
    if (strcmp(result, "failed") == 0)
        return STYLE_YELLOW;
    return strcmp(result, "delivered") == 0 ? STYLE_GREEN : STYLE_PLAIN;
}

static void show_line(struct listing *listing, const cJSON *line) {
    const struct arguments *wanted = listing->arguments;
    const char *result = member(line, "result");

    if (!fits(line, "alert", wanted->alert) || !fits(line, "target", wanted->target) ||
        !fits(line, "result", wanted->result))
        return;
    listing->shown++;
    if (listing->table == NULL) {
        print_json(line);
        return;
    }
    table_cell(listing->table, STYLE_PLAIN, member(line, "time"));
    table_cell(listing->table, STYLE_PLAIN, member(line, "alert"));
    table_cell(listing->table, STYLE_PLAIN, member(line, "target"));
    table_cell(listing->table, STYLE_PLAIN, member(line, "route"));
    table_cell(listing->table, style_of(result), result);
    table_cell(listing->table, STYLE_PLAIN, member(line, "reason"));
}

/* A file that is not there: false with errno. */
static bool show_file(struct listing *listing, const char *path) {
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;
    ssize_t len;

    if (file == NULL)
        return false;
    /* A last line without its end is being written. */
    while ((len = getline(&text, &size, file)) > 0 && text[len - 1] == '\n') {
        cJSON *line = cJSON_ParseWithLength(text, (size_t)len);

        if (cJSON_IsObject(line))
            show_line(listing, line);
        cJSON_Delete(line);
    }
    free(text);
    fclose(file);
    return true;
}

static int show(struct listing *listing, const char *folder) {
    char *old = alloc_printf("%s/deliveries.log.1", folder), *path = alloc_printf("%s/deliveries.log", folder);
    int status = EX_OK;

    show_file(listing, old); /* it may never have turned over */
    if (!show_file(listing, path))
        status = complain(EX_NOINPUT, "%s: cannot be read: %s", path, strerror(errno));
    free(path);
    free(old);
    return status;
}

static int run(const struct context *context, int argc, char **argv) {
    struct arguments arguments = {.folder = DEFAULT_FOLDER};
    struct listing listing = {.context = context, .arguments = &arguments};
    int status = parse_arguments(&arguments, argc, argv);

    if (status != EX_OK)
        return status;
    if (!context->json)
        listing.table = table_create("TIME\nALERT\nTARGET\nROUTE\nRESULT\n~REASON");
    status = show(&listing, arguments.folder);
    if (listing.table != NULL && listing.shown > 0)
        table_print(listing.table, context->colour, context->width);
    if (status == EX_OK && listing.shown == 0)
        status = complain(1, "nothing like this in the history of deliveries");
    table_destroy(listing.table);
    return status;
}

const struct command command_deliveries = {
    .name = "deliveries",
    .usage = "[--alert ID] [--target NAME] [--result RESULT] [--state-dir FOLDER]",
    .help = "Print what oversight-oncall did with alerts, and why",
    .options = "      --alert ID          only of this alert, or digest\n"
               "      --target NAME       only at this target\n"
               "      --result RESULT     only: delivered, failed, held, folded, \"dead letter\", \"not routed\"\n"
               "      --state-dir FOLDER  of oversight-oncall [" DEFAULT_FOLDER "]\n",
    .run = run,
};
