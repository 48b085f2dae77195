/* oversightctl audit: do verdicts follow from the figures, and do history and alerts agree with them? */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "clients/oversightctl/audit_chain.h"
#include "clients/oversightctl/command.h"
#include "clients/oversightctl/style.h"

#define PAGE 1000
#define MOVES_KEPT 64 /* of a history, by the daemon */
#define LATE_TRIES 25 /* looks for alerts that are not stored yet */
#define LATE_MS 200
#define AUDIT_TIMEOUT_MS 120000

struct audit {
    const struct context *context;
    struct oversight_query *query;
    struct audit_chain *chain;
    cJSON *differences; /* {"subject","text"} */
    size_t total;       /* of them, listed or not */
    int verdicts;
    struct oversight_id known; /* the newest alert before the first history was asked for */
    struct oversight_id first; /* the oldest held */
    struct oversight_id last;  /* the newest read */
    bool truncated;
    struct audit_counts counts;
};

static int ask(const struct audit *audit, const char *verb, const char *what, const char *framework, const char *code,
               cJSON **ret_reply) {
    cJSON *request = cJSON_CreateObject();

    cJSON_AddStringToObject(request, verb, what);
    if (framework != NULL)
        cJSON_AddStringToObject(request, "framework", framework);
    if (code != NULL)
        cJSON_AddStringToObject(request, "code", code);
    return ask_open(audit->context, audit->query, request, ret_reply);
}

static struct oversight_id id_of(const cJSON *object, const char *name) {
    const char *text = json_string_of(object, name, "");
    struct oversight_id id = {0, 0};

    oversight_id_parse(text, strlen(text), &id);
    return id;
}

static void on_difference(void *context, const char *subject, const char *text) {
    struct audit *audit = context;
    cJSON *difference = cJSON_CreateObject();

    cJSON_AddStringToObject(difference, "subject", subject);
    cJSON_AddStringToObject(difference, "text", text);
    cJSON_AddItemToArray(audit->differences, difference);
    audit->total++;
}

/* ---- Verdicts -------------------------------------------------------------------- */

static int audit_verdicts(struct audit *audit) {
    const cJSON *difference;
    cJSON *reply;
    int status, listed = 0;

    status = ask(audit, "do", "audit", NULL, NULL, &reply);
    if (status != EX_OK)
        return status;
    audit->verdicts = json_int_of(reply, "organisations", 0);
    cJSON_ArrayForEach(difference, cJSON_GetObjectItemCaseSensitive(reply, "differences")) {
        on_difference(audit, json_string_of(difference, "subject", "?"), json_string_of(difference, "text", "?"));
        listed++;
    }
    audit->total += (size_t)json_int_of(reply, "differences_total", listed) - (size_t)listed;
    cJSON_Delete(reply);
    return EX_OK;
}

/* ---- Histories -------------------------------------------------------------------- */

static int read_history(struct audit *audit, const char *framework, const char *code) {
    const cJSON *history, *move;
    cJSON *reply;
    int status = ask(audit, "get", "organisation", framework, code, &reply);

    if (status != EX_OK)
        return status;
    history = cJSON_GetObjectItemCaseSensitive(reply, "history");
    audit_chain_subject(audit->chain, framework, code, json_int_of(reply, "indicative", 0),
                        cJSON_GetArraySize(history) < MOVES_KEPT);
    cJSON_ArrayForEach(move, history) audit_chain_move(audit->chain, json_int_of(move, "before", 0),
                                                       json_int_of(move, "after", 0), id_of(move, "alert"));
    cJSON_Delete(reply);
    return EX_OK;
}

static int read_framework(struct audit *audit, const char *framework) {
    const cJSON *row;
    cJSON *snapshot;
    int status = ask(audit, "get", "snapshot", framework, NULL, &snapshot);

    if (status != EX_OK)
        return status;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(snapshot, "organisations")) {
        status = read_history(audit, framework, json_string_of(row, "code", ""));
        if (status != EX_OK)
            break;
    }
    cJSON_Delete(snapshot);
    return status;
}

static int read_histories(struct audit *audit) {
    const cJSON *framework;
    cJSON *status_reply;
    int status = ask(audit, "get", "status", NULL, NULL, &status_reply);

    if (status != EX_OK)
        return status;
    audit->known = id_of(status_reply, "last");
    cJSON_ArrayForEach(framework, cJSON_GetObjectItemCaseSensitive(status_reply, "frameworks")) {
        status = read_framework(audit, json_string_of(framework, "id", ""));
        if (status != EX_OK)
            break;
    }
    cJSON_Delete(status_reply);
    return status;
}

/* ---- Alerts ------------------------------------------------------------------------- */

static void take_event(struct audit *audit, const cJSON *event) {
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(event, "data");
    const cJSON *segment = cJSON_GetObjectItemCaseSensitive(data, "segment");
    const char *kind = json_string_of(data, "kind", "");

    audit->last = id_of(event, "id");
    if (audit->first.epoch == 0 && audit->first.seq == 0)
        audit->first = audit->last;
    if (strcmp(kind, "segment.worsened") != 0 && strcmp(kind, "segment.improved") != 0)
        return;
    audit_chain_alert(audit->chain, json_string_of(cJSON_GetObjectItemCaseSensitive(data, "framework"), "id", ""),
                      json_string_of(event, "subject", ""), audit->last, strcmp(kind, "segment.worsened") == 0,
                      json_int_of(segment, "before", 0), json_int_of(segment, "after", 0),
                      json_string_of(data, "key", ""));
}

static int read_page(struct audit *audit, bool *ret_more) {
    cJSON *request = cJSON_CreateObject(), *reply;
    char after[OVERSIGHT_ID_SIZE];
    const cJSON *event;
    int status;

    cJSON_AddStringToObject(request, "get", "alerts");
    cJSON_AddStringToObject(request, "after", oversight_id_format(audit->last, after));
    cJSON_AddNumberToObject(request, "limit", PAGE);
    status = ask_open(audit->context, audit->query, request, &reply);
    if (status != EX_OK)
        return status;
    audit->truncated = audit->truncated || json_is_true(reply, "truncated");
    *ret_more = json_is_true(reply, "more");
    cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(reply, "events")) take_event(audit, event);
    cJSON_Delete(reply);
    return EX_OK;
}

/* All that are stored, and for a while those that a history names and that are still on their way. */
static int read_alerts(struct audit *audit) {
    const struct timespec pause = {.tv_nsec = LATE_MS * 1000000};
    struct oversight_id newest = audit_chain_newest_move(audit->chain);
    int status = EX_OK;

    for (int tries = 0; status == EX_OK; tries++) {
        bool more = true;

        while (status == EX_OK && more)
            status = read_page(audit, &more);
        if (oversight_id_compare(audit->last, newest) >= 0 || tries == LATE_TRIES)
            break;
        nanosleep(&pause, NULL);
    }
    return status;
}

/* ---- Result ---------------------------------------------------------------------------- */

static void print_result_json(const struct audit *audit) {
    cJSON *json = cJSON_CreateObject();
    char id[OVERSIGHT_ID_SIZE];

    cJSON_AddNumberToObject(json, "organisations", audit->verdicts);
    cJSON_AddNumberToObject(json, "moves", (double)audit->counts.moves);
    cJSON_AddNumberToObject(json, "announced", (double)audit->counts.announced);
    cJSON_AddNumberToObject(json, "silent", (double)audit->counts.silent);
    cJSON_AddNumberToObject(json, "not_kept", (double)audit->counts.not_kept);
    if (audit->truncated)
        cJSON_AddStringToObject(json, "kept_from", oversight_id_format(audit->first, id));
    cJSON_AddNumberToObject(json, "differences_total", (double)audit->total);
    cJSON_AddItemReferenceToObject(json, "differences", audit->differences);
    print_json(json);
    cJSON_Delete(json);
}

static void print_differences(const struct audit *audit) {
    const cJSON *difference;
    struct buf buf;

    buf_init(&buf);
    cJSON_ArrayForEach(difference, audit->differences) {
        style_append(&buf, audit->context->colour, STYLE_BOLD, json_string_of(difference, "subject", "?"));
        buf_append_string(&buf, ": ");
        append_safe(&buf, json_string_of(difference, "text", "?"));
        buf_append_char(&buf, '\n');
    }
    fputs(buf.data, stdout);
    buf_finish(&buf);
}

static void print_result(const struct audit *audit) {
    const struct audit_counts *counts = &audit->counts;
    char id[OVERSIGHT_ID_SIZE];

    if (audit->context->json) {
        print_result_json(audit);
        return;
    }
    print_differences(audit);
    printf("verdicts held against the figures: %d\n", audit->verdicts);
    printf("moves in the histories: %zu; with exactly one alert each %zu, announced to nobody %zu\n", counts->moves,
           counts->announced, counts->silent);
    if (audit->truncated)
        printf("alerts are held from %s only: %zu moves before it could not be checked\n",
               oversight_id_format(audit->first, id), counts->not_kept);
    printf("differences: %zu\n", audit->total);
}

static int run_audit(struct audit *audit) {
    struct oversight_id all = {0, 0};
    int status = audit_verdicts(audit);

    if (status == EX_OK)
        status = read_histories(audit);
    if (status == EX_OK)
        status = read_alerts(audit);
    if (status != EX_OK)
        return status;
    audit_chain_check(audit->chain, audit->truncated ? audit->first : all, audit->known, on_difference, audit,
                      &audit->counts);
    print_result(audit);
    return audit->total > 0 ? 1 : EX_OK;
}

static int run(const struct context *context, int argc, char **argv) {
    struct context patient = *context;
    struct audit audit = {.context = &patient};
    int status;

    if (argc > 1)
        return complain_usage(&command_audit, "audit takes no argument \"%s\"", argv[1]);
    if (patient.timeout_ms == 0)
        patient.timeout_ms = AUDIT_TIMEOUT_MS;
    audit.query = open_query(context);
    if (audit.query == NULL)
        return EX_USAGE;
    audit.chain = audit_chain_create();
    audit.differences = cJSON_CreateArray();
    status = run_audit(&audit);
    cJSON_Delete(audit.differences);
    audit_chain_destroy(audit.chain);
    oversight_query_destroy(audit.query);
    return status;
}

const struct command command_audit = {
    .name = "audit",
    .usage = "",
    .help = "Hold verdicts, history and alerts against each other",
    .options = "The daemon computes every verdict again from the figures and compares. Then the\n"
               "moves of every segment must follow on each other and end where it stands, and\n"
               "each one that was announced must have exactly one alert. 1 when not.\n",
    .run = run,
};
