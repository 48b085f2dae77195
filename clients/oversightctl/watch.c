/* oversightctl watch: live alerts without a gap. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/alert_text.h"
#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"

#define FILTER_MAX 64

struct watch {
    const struct context *context;
    struct oversight_client *client;
    long left; /* alerts still to print; -1: no end */
    enum oversight_state state;
};

struct list {
    const char *words[FILTER_MAX + 1];
    size_t count;
};

struct arguments {
    struct oversight_client_config config;
    struct list kinds, organisations;
    long count;
};

enum { AFTER = 256, COUNT, SEVERITY, KIND, ORG };

static const struct option options[] = {
    {"after", required_argument, NULL, AFTER},       {"count", required_argument, NULL, COUNT},
    {"severity", required_argument, NULL, SEVERITY}, {"kind", required_argument, NULL, KIND},
    {"org", required_argument, NULL, ORG},           {NULL, 0, NULL, 0},
};

static void print_event(const struct watch *watch, const struct oversight_event *event) {
    cJSON *json = cJSON_ParseWithLength(event->json, event->len);
    struct buf text;

    if (watch->context->json) {
        print_json(json);
    } else {
        buf_init(&text);
        append_alert(&text, watch->context->colour, json);
        fwrite(text.data, 1, text.len, stdout);
        fflush(stdout);
        buf_finish(&text);
    }
    cJSON_Delete(json);
}

static void on_alert(void *arg, const struct oversight_event *event) {
    struct watch *watch = arg;

    print_event(watch, event);
    if (watch->left > 0 && --watch->left == 0)
        oversight_client_stop(watch->client);
}

/* "12 organisations: segment 1: 2, 2: 7, 3: 3" */
static void print_snapshot(const struct watch *watch, struct oversight_id last, const cJSON *snapshot, bool lost) {
    const cJSON *organisations = cJSON_GetObjectItemCaseSensitive(snapshot, "organisations"), *organisation;
    char id[OVERSIGHT_ID_SIZE];
    int counts[10] = {0};
    struct buf text;

    cJSON_ArrayForEach(organisation, organisations) {
        int segment = json_int_of(organisation, "indicative", 0);

        if (segment > 0 && segment < 10 && !cJSON_HasObjectItem(organisation, "closed"))
            counts[segment]++;
    }
    buf_init(&text);
    if (lost)
        style_append(&text, watch->context->colour, STYLE_YELLOW,
                     "Alerts were missed that the daemon no longer holds; this is how things stand: ");
    buf_append_string(&text, "Watching from alert ");
    buf_append_string(&text, oversight_id_format(last, id));
    buf_printf(&text, ": %d organisations;", cJSON_GetArraySize(organisations));
    for (int i = 1; i < 10; i++)
        if (counts[i] > 0)
            buf_printf(&text, " %d in segment %d", counts[i], i);
    puts(text.data);
    fflush(stdout);
    buf_finish(&text);
}

static void on_snapshot(void *arg, struct oversight_id last, const char *json, size_t len, bool lost) {
    struct watch *watch = arg;
    cJSON *snapshot = cJSON_ParseWithLength(json, len);
    cJSON *line;

    if (watch->context->json) {
        line = cJSON_CreateObject();
        if (lost)
            cJSON_AddBoolToObject(line, "lost", true);
        cJSON_AddItemToObject(line, "snapshot", snapshot);
        print_json(line);
        cJSON_Delete(line);
        return;
    }
    print_snapshot(watch, last, snapshot, lost);
    cJSON_Delete(snapshot);
}

/* On standard error: not part of what is watched. */
static void on_state(void *arg, enum oversight_state state) {
    struct watch *watch = arg;

    if (state == OVERSIGHT_STALE)
        complain(0, "nothing heard from %s for 5 s; still trying", watch->context->publish.list[0]);
    else if (state == OVERSIGHT_LIVE && watch->state == OVERSIGHT_STALE)
        complain(0, "heard again");
    if (state == OVERSIGHT_STALE || state == OVERSIGHT_LIVE)
        watch->state = state;
}

static void on_problem(void *arg, const char *message) {
    (void)arg;
    complain(0, "%s", message);
}

static int add_word(struct list *list, const char *name, const char *word) {
    if (list->count == FILTER_MAX)
        return complain_usage(&command_watch, "more than %d times --%s", FILTER_MAX, name);
    list->words[list->count++] = word;
    return EX_OK;
}

static int take_option(struct arguments *arguments, int option) {
    switch (option) {
    case AFTER:
        arguments->config.resume = true;
        if (!oversight_id_parse(optarg, strlen(optarg), &arguments->config.after))
            return complain_usage(&command_watch, "--after \"%s\" is not the id of an alert, such as 3-127", optarg);
        return EX_OK;
    case COUNT:
        if (!parse_count(optarg, 1, 1000000000, &arguments->count))
            return complain_usage(&command_watch, "--count \"%s\" is not a number from 1", optarg);
        return EX_OK;
    case SEVERITY:
        arguments->config.severity = optarg;
        return EX_OK;
    case KIND:
        return add_word(&arguments->kinds, "kind", optarg);
    default:
        return add_word(&arguments->organisations, "org", optarg);
    }
}

static int parse_arguments(struct arguments *arguments, int argc, char **argv) {
    int option, status;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain_option(&command_watch, option, argv);
        status = take_option(arguments, option);
        if (status != EX_OK)
            return status;
    }
    if (optind < argc)
        return complain_usage(&command_watch, "watch takes no argument \"%s\"", argv[optind]);
    return EX_OK;
}

static int run(const struct context *context, int argc, char **argv) {
    static const struct oversight_handlers handlers = {
        .alert = on_alert, .snapshot = on_snapshot, .state = on_state, .problem = on_problem};
    struct arguments arguments = {.count = -1};
    struct watch watch = {.context = context};
    char error[512] = "";
    int status = parse_arguments(&arguments, argc, argv);

    if (status != EX_OK)
        return status;
    arguments.config.subscribe = (const char *const *)context->publish.list;
    arguments.config.query = (const char *const *)context->query.list;
    arguments.config.keys = context->keys;
    arguments.config.kinds = arguments.kinds.words;
    arguments.config.organisations = arguments.organisations.words;
    watch.left = arguments.count;
    watch.client = oversight_client_create(&arguments.config, &handlers, &watch, error, sizeof(error));
    if (watch.client == NULL)
        return complain_usage(&command_watch, "%s", error);
    /* --timeout ends a watch that does not see its --count of alerts; without it there is no end. */
    if (!oversight_client_run(watch.client, context->timeout_ms > 0 ? context->timeout_ms : -1) && watch.left > 0)
        status = complain(EX_UNAVAILABLE, "%ld of %ld alerts had not come within %g s", watch.left, arguments.count,
                          context->timeout_ms / 1000.0);
    oversight_client_destroy(watch.client);
    return status;
}

const struct command command_watch = {
    .name = "watch",
    .usage = "[OPTION...]",
    .help = "Show alerts as they come, after what was missed",
    .options = "      --after ID        start after this alert instead of now; 0-0 is the beginning\n"
               "      --count N         end after N alerts\n"
               "      --severity LEVEL  this or worse: info, notice, warning, critical\n"
               "      --kind KIND       only this kind or family, e.g. segment or performance.drop; repeatable\n"
               "      --org CODE        only this organisation (or source, for feed alerts); repeatable\n",
    .run = run,
};
