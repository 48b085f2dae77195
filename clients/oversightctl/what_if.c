/* oversightctl what-if: a candidate for the rules against the running daemon. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/evidence_text.h"
#include "clients/oversightctl/rules_files.h"
#include "clients/oversightctl/style.h"
#include "clients/oversightctl/twin.h"
#include "daemon/frameworks/framework_file.h"

#define INDENT "    "

static const struct option options[] = {
    {"framework", required_argument, NULL, 'f'},
    {"against", required_argument, NULL, 'a'},
    {NULL, 0, NULL, 0},
};

struct what_if {
    const struct context *context;
    struct twin twin;
    cJSON *now, *then; /* snapshots of the daemon and of the twin: the same organisations in the same order */
    size_t moved, differ;
};

/* ---- What differs ----------------------------------------------------------------------- */

/* Entries of one list of ids that are not in the other; the caller deletes them. */
static cJSON *ids_only_in(const cJSON *list, const cJSON *other) {
    cJSON *only = cJSON_CreateArray();
    const cJSON *id, *found;

    cJSON_ArrayForEach(id, list) {
        bool there = false;

        cJSON_ArrayForEach(found, other) there = there || cJSON_Compare(id, found, true);
        if (!there)
            cJSON_AddItemToArray(only, cJSON_Duplicate(id, true));
    }
    return only;
}

static bool is_on(const cJSON *triggers, const char *id) {
    const cJSON *trigger;

    cJSON_ArrayForEach(trigger, triggers) if (strcmp(json_string_of(trigger, "id", ""), id) ==
                                              0) return json_is_true(trigger, "on");
    return false;
}

/* Triggers that are on in one answer and not in the other, with their evidence. */
static cJSON *triggers_only_in(const cJSON *answer, const cJSON *other) {
    const cJSON *theirs = cJSON_GetObjectItemCaseSensitive(other, "triggers"), *trigger;
    cJSON *only = cJSON_CreateArray();

    cJSON_ArrayForEach(trigger, cJSON_GetObjectItemCaseSensitive(
                                    answer, "triggers")) if (json_is_true(trigger, "on") &&
                                                             !is_on(theirs, json_string_of(trigger, "id", "")))
        cJSON_AddItemToArray(only, cJSON_Duplicate(trigger, true));
    return only;
}

/* The alerts that the daemon would raise about an organisation. */
static cJSON *events_of(const struct what_if *what_if, const char *code) {
    const struct changes *changes = &what_if->twin.changes;
    cJSON *events = cJSON_CreateArray();

    for (size_t i = 0; i < changes->alert_count; i++)
        if (strcmp(alert_subject(changes->alerts[i]), code) == 0)
            cJSON_AddItemToArray(events, rules_files_event(changes->alerts[i]));
    return events;
}

/* One organisation as an object; NULL in ret_line when nothing differs. now or
 * then is NULL where those rules do not judge it. */
static int compare(struct what_if *what_if, const cJSON *now, const cJSON *then, cJSON **ret_line) {
    const char *code = json_string_of(now != NULL ? now : then, "code", "?");
    int before = json_int_of(now, "indicative", 0), after = json_int_of(then, "indicative", 0);
    cJSON *events = events_of(what_if, code), *line, *request, *theirs, *ours;
    cJSON *ended =
        ids_only_in(cJSON_GetObjectItemCaseSensitive(now, "alerts"), cJSON_GetObjectItemCaseSensitive(then, "alerts"));
    int status;

    *ret_line = NULL;
    if (before == after && cJSON_GetArraySize(events) == 0 && cJSON_GetArraySize(ended) == 0) {
        cJSON_Delete(events);
        cJSON_Delete(ended);
        return EX_OK;
    }
    what_if->differ++;
    what_if->moved += before != after;
    line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "code", code);
    cJSON_AddStringToObject(line, "name", json_string_of(now != NULL ? now : then, "name", ""));
    cJSON_AddNumberToObject(line, "before", before);
    cJSON_AddNumberToObject(line, "after", after);
    request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "get", "organisation");
    cJSON_AddStringToObject(request, "code", code);
    cJSON_AddStringToObject(request, "framework", what_if->twin.against);
    status = ask_open(what_if->context, what_if->twin.query, request, &theirs);
    if (status == EX_OK) {
        ours = twin_answer(&what_if->twin, TWIN_ORGANISATION, code);
        cJSON_AddItemToObject(line, "gone", triggers_only_in(theirs, ours));
        cJSON_AddItemToObject(line, "new", triggers_only_in(ours, theirs));
        cJSON_Delete(theirs);
        cJSON_Delete(ours);
    }
    if (cJSON_HasObjectItem(then, "score"))
        cJSON_AddItemToObject(line, "score", cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(then, "score"), true));
    cJSON_AddItemToObject(line, "ended", ended);
    cJSON_AddItemToObject(line, "alerts", events);
    *ret_line = line;
    return status;
}

/* ---- In words ------------------------------------------------------------------------------ */

static void append_list(struct buf *text, bool colour, const char *title, const cJSON *triggers) {
    if (cJSON_GetArraySize(triggers) == 0)
        return;
    buf_printf(text, INDENT "%s\n", title);
    append_triggers(text, colour, triggers, INDENT INDENT);
}

static void append_line(struct buf *text, bool colour, const cJSON *line) {
    int before = json_int_of(line, "before", 0), after = json_int_of(line, "after", 0);
    const cJSON *score = cJSON_GetObjectItemCaseSensitive(line, "score"), *entry;

    style_append(text, colour, STYLE_BOLD, json_string_of(line, "code", "?"));
    buf_append_char(text, ' ');
    append_safe(text, json_string_of(line, "name", ""));
    if (before == 0 || after == 0)
        buf_printf(text, ": %s\n", before == 0 ? "would be judged" : "would be judged no more");
    else if (before != after)
        buf_printf(text, ": segment %d would be %d\n", before, after);
    else
        buf_printf(text, ": stays in segment %d\n", before);
    append_list(text, colour, "no longer a ground:", cJSON_GetObjectItemCaseSensitive(line, "gone"));
    append_list(text, colour, "a ground then:", cJSON_GetObjectItemCaseSensitive(line, "new"));
    if (score != NULL)
        buf_printf(text, INDENT "score: %.2f on average\n", json_number_of(score, "average", 0));
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(line, "ended")) {
        buf_append_string(text, INDENT "no longer open: alert ");
        append_safe(text, cJSON_IsString(entry) ? entry->valuestring : "?");
        buf_append_char(text, '\n');
    }
    cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(line, "alerts")) {
        const cJSON *data = cJSON_GetObjectItemCaseSensitive(entry, "data");

        buf_append_string(text, INDENT "would be announced: ");
        append_safe(text, json_string_of(data, "kind", "?"));
        buf_append_string(text, ", ");
        append_safe(text, json_string_of(data, "severity", "?"));
        buf_append_char(text, '\n');
    }
}

static void print_line(const struct what_if *what_if, const cJSON *line) {
    struct buf text;

    if (what_if->context->json) {
        print_json(line);
        return;
    }
    buf_init(&text);
    append_line(&text, what_if->context->colour, line);
    fwrite(text.data, 1, text.len, stdout);
    buf_finish(&text);
}

static void print_count(const struct what_if *what_if, size_t organisations) {
    const struct twin *twin = &what_if->twin;
    const struct framework *framework = engine_framework(twin->engine, 0);
    cJSON *line, *count;

    if (what_if->context->json) {
        line = cJSON_CreateObject();
        count = cJSON_AddObjectToObject(line, "count");
        cJSON_AddStringToObject(count, "framework", framework->id);
        cJSON_AddStringToObject(count, "against", twin->against);
        cJSON_AddNumberToObject(count, "organisations", (double)organisations);
        cJSON_AddNumberToObject(count, "differ", (double)what_if->differ);
        cJSON_AddNumberToObject(count, "moved", (double)what_if->moved);
        cJSON_AddNumberToObject(count, "alerts", (double)twin->changes.alert_count);
        cJSON_AddNumberToObject(count, "figures", (double)twin->figures);
        cJSON_AddNumberToObject(count, "unfit", (double)twin->unfit);
        cJSON_AddNumberToObject(count, "unknown_measures", (double)twin->unknown_measures);
        print_json(line);
        cJSON_Delete(line);
        return;
    }
    printf("%s against the running %s: %zu of %zu organisations differ, %zu in their segment; %zu alerts would come\n",
           framework->id, twin->against, what_if->differ, organisations, what_if->moved, twin->changes.alert_count);
    printf("judged from %zu figures and %zu decisions of the daemon", twin->figures, twin->decisions);
    if (twin->unfit > 0)
        printf("; %zu do not fit these rules", twin->unfit);
    if (twin->unknown_measures > 0)
        printf("; of %zu measures the running rules know nothing", twin->unknown_measures);
    putchar('\n');
}

/* ---- The whole --------------------------------------------------------------------------------- */

static uint32_t place_of(const struct what_if *what_if, const cJSON *row) {
    return row != NULL ? registry_find(engine_registry(what_if->twin.engine), text_of(json_string_of(row, "code", "")))
                       : ORG_NONE;
}

/* Both snapshots are in the order of the register, but each leaves out those that its rules do not judge. */
static int compare_all(struct what_if *what_if) {
    const cJSON *now = cJSON_GetObjectItemCaseSensitive(what_if->now, "organisations");
    const cJSON *then = cJSON_GetObjectItemCaseSensitive(what_if->then, "organisations");
    size_t organisations = 0;
    int status = EX_OK;

    now = now != NULL ? now->child : NULL;
    then = then != NULL ? then->child : NULL;
    while (status == EX_OK && (now != NULL || then != NULL)) {
        uint32_t a = place_of(what_if, now), b = place_of(what_if, then);
        cJSON *line;

        if (now != NULL && a == ORG_NONE)
            return complain(EX_TEMPFAIL, "the register changed meanwhile; try again");
        organisations++;
        status = compare(what_if, a <= b ? now : NULL, b <= a ? then : NULL, &line);
        if (line != NULL)
            print_line(what_if, line);
        cJSON_Delete(line);
        now = a <= b && now != NULL ? now->next : now;
        then = b <= a && then != NULL ? then->next : then;
    }
    if (status == EX_OK)
        print_count(what_if, organisations);
    return status;
}

static int run_with(const struct context *context, struct framework *candidate, const char *against) {
    struct what_if what_if = {.context = context};
    cJSON *request;
    int status = twin_init(&what_if.twin, context, candidate, against);

    if (status == EX_OK) {
        request = cJSON_CreateObject();
        cJSON_AddStringToObject(request, "get", "snapshot");
        cJSON_AddStringToObject(request, "framework", what_if.twin.against);
        status = ask_open(context, what_if.twin.query, request, &what_if.now);
    }
    if (status == EX_OK) {
        what_if.then = twin_answer(&what_if.twin, TWIN_SNAPSHOT, NULL);
        status = compare_all(&what_if);
    }
    cJSON_Delete(what_if.now);
    cJSON_Delete(what_if.then);
    twin_finish(&what_if.twin);
    return status;
}

static int run(const struct context *context, int argc, char **argv) {
    const char *path = NULL, *against = NULL;
    struct framework *candidate;
    struct problems *problems;
    int option;

    optind = 0;
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == 'f')
            path = optarg;
        else if (option == 'a')
            against = optarg;
        else
            return complain_option(&command_what_if, option, argv);
    }
    if (path == NULL || optind < argc)
        return complain_usage(&command_what_if, "what-if: --framework FILE is required, and nothing else");
    if (against != NULL && !text_is_name(text_of(against)))
        return complain_usage(&command_what_if, "--against \"%s\" is no id of a framework", against);
    problems = problems_create();
    candidate = framework_load(path, problems);
    print_problems(problems);
    problems_destroy(problems);
    return candidate == NULL ? EX_CONFIG : run_with(context, candidate, against);
}

const struct command command_what_if = {
    .name = "what-if",
    .usage = "--framework FILE [--against ID]",
    .help = "Compare rules with those of the running daemon: who would move, and why",
    .options = "      --framework FILE  the candidate\n"
               "      --against ID      the daemon's framework to compare with [the one with the candidate's id,\n"
               "                        or else the first]\n",
    .run = run,
};
