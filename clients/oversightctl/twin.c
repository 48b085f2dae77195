#include "clients/oversightctl/twin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/lib/parts.h"
#include "clients/oversightctl/style.h"
#include "common/alloc.h"
#include "daemon/render/request.h"

#define TIMEOUT_MS 30000
#define DAY_MS 86400000LL

/* ---- Asking ------------------------------------------------------------------------- */

static int ask(struct twin *twin, const struct context *context, const char *what, cJSON **ret_reply) {
    cJSON *request = cJSON_CreateObject();

    cJSON_AddStringToObject(request, "get", what);
    if (twin->against[0] != '\0')
        cJSON_AddStringToObject(request, "framework", twin->against);
    return ask_open(context, twin->query, request, ret_reply);
}

/* The figures of one measure; NULL in ret_reply when the daemon does not know it. */
static int ask_figures(struct twin *twin, const struct context *context, const char *measure, cJSON **ret_reply) {
    char text[3 * NAME_MAX_LEN], *json = NULL;
    enum oversight_result result;
    cJSON *reply;

    snprintf(text, sizeof(text), "{\"get\":\"figures\",\"measure\":\"%s\",\"framework\":\"%s\"}", measure,
             twin->against);
    result = oversight_query_ask(twin->query, text, context->timeout_ms > 0 ? context->timeout_ms : TIMEOUT_MS, &json);
    reply = json != NULL ? cJSON_Parse(json) : NULL;
    free(json);
    *ret_reply = NULL;
    if (result == OVERSIGHT_REFUSED) {
        const cJSON *error = cJSON_GetObjectItemCaseSensitive(reply, "error");
        bool unknown = strcmp(json_string_of(error, "code", ""), "unknown-measure") == 0;
        int status = unknown ? EX_OK : complain(EX_DATAERR, "%s", json_string_of(error, "message", "refused"));

        cJSON_Delete(reply);
        return status;
    }
    if (result != OVERSIGHT_OK || reply == NULL) {
        cJSON_Delete(reply);
        return complain(EX_UNAVAILABLE, "the figures of %s did not come from %s", measure, context->query.list[0]);
    }
    *ret_reply = reply;
    return EX_OK;
}

/* ---- Putting it together --------------------------------------------------------------- */

static ov_day day_of(const cJSON *object, const char *name) {
    const char *text = json_string_of(object, name, "");
    ov_day day;

    return date_parse(text, strlen(text), &day) ? day : OV_DAY_NONE;
}

/* The register's records have texts that could be written to; nobody does. */
static char *writable(const cJSON *object, const char *name) {
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(text) ? text->valuestring : "";
}

static bool add_organisation(struct registry *registry, const cJSON *row) {
    struct organisation organisation = {.name = writable(row, "name"),
                                        .type = writable(row, "type"),
                                        .subtype = writable(row, "subtype"),
                                        .region = writable(row, "region"),
                                        .group = writable(row, "group"),
                                        .opened = day_of(row, "opened"),
                                        .closed = day_of(row, "closed"),
                                        .predecessors = writable(row, "predecessors")};

    return text_copy(organisation.code, sizeof(organisation.code), text_of(writable(row, "code"))) &&
           text_copy(organisation.system, sizeof(organisation.system), text_of(writable(row, "system"))) &&
           text_copy(organisation.successor, sizeof(organisation.successor), text_of(writable(row, "successor"))) &&
           organisation.code[0] != '\0' && registry_add(registry, &organisation) == REGISTRY_OK;
}

static struct registry *registry_of(const cJSON *reply) {
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(reply, "organisations"), *row;
    struct registry *registry = registry_create();

    cJSON_ArrayForEach(row, rows) {
        if (registry != NULL && !add_organisation(registry, row)) {
            registry_destroy(registry);
            return NULL;
        }
    }
    return registry;
}

static struct value value_of(const cJSON *figure) {
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(figure, "value");
    struct value value = {.type = VALUE_NULL};

    if (cJSON_IsNumber(json)) {
        value.type = VALUE_NUMBER;
        value.number = json->valuedouble;
    } else if (cJSON_IsString(json)) {
        value.type = VALUE_WORD;
        value.word = text_of(json->valuestring);
    } else if (cJSON_IsBool(json)) {
        value.type = VALUE_BOOLEAN;
        value.boolean = cJSON_IsTrue(json);
    }
    return value;
}

static int load_figures(struct twin *twin, const struct context *context, const char *measure) {
    const cJSON *figure;
    cJSON *reply;
    int status = ask_figures(twin, context, measure, &reply);

    if (status == EX_OK && reply == NULL)
        twin->unknown_measures++;
    cJSON_ArrayForEach(figure, cJSON_GetObjectItemCaseSensitive(reply, "figures")) {
        struct value value = value_of(figure);
        ov_day period = day_of(figure, "period");

        if (engine_load_figure(twin->engine, text_of(measure), period, text_of(json_string_of(figure, "org", "")),
                               &value, (uint32_t)json_number_of(figure, "revision", 0)))
            twin->figures++;
        else
            twin->unfit++;
    }
    cJSON_Delete(reply);
    return status;
}

static bool load_decision(struct twin *twin, const cJSON *row) {
    struct decision_item item = {.segment = json_int_of(row, "decision", 0),
                                 .effective = day_of(row, "effective"),
                                 .decided_by = text_of(json_string_of(row, "decided_by", "")),
                                 .reason = text_of(json_string_of(row, "reason", "")),
                                 .trigger = text_of(json_string_of(row, "trigger", ""))};
    struct text org = text_of(json_string_of(row, "org", "")), source = text_of(json_string_of(row, "source", ""));
    uint64_t seq = (uint64_t)json_number_of(row, "seq", 0);

    if (engine_load_decision(twin->engine, org, &item, source, seq))
        return true;
    item.trigger = text_of(""); /* one that the candidate does not have: the segment stands */
    return engine_load_decision(twin->engine, org, &item, source, seq);
}

static bool load_step(struct twin *twin, const cJSON *row) {
    const char *action = json_string_of(row, "action", "");
    struct programme_item item = {.programme = text_of(json_string_of(row, "programme", "")),
                                  .action = strcmp(action, "enter") == 0   ? PROGRAMME_ENTER
                                            : strcmp(action, "leave") == 0 ? PROGRAMME_LEAVE
                                                                           : PROGRAMME_REVIEW,
                                  .effective = day_of(row, "effective"),
                                  .decided_by = text_of(json_string_of(row, "decided_by", "")),
                                  .reason = text_of(json_string_of(row, "reason", "")),
                                  .exit_criteria = text_of(json_string_of(row, "exit_criteria", "")),
                                  .review_by = day_of(row, "review_by"),
                                  .limit = day_of(row, "limit")};

    return engine_load_programme(twin->engine, text_of(json_string_of(row, "org", "")), &item,
                                 text_of(json_string_of(row, "source", "")), (uint64_t)json_number_of(row, "seq", 0));
}

static void load_decisions(struct twin *twin, const cJSON *reply) {
    const cJSON *row;

    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(reply, "decisions")) {
        bool step = cJSON_HasObjectItem(row, "programme"), fits;

        if (!step && strcmp(json_string_of(row, "framework", ""), twin->against) != 0)
            continue; /* another framework's */
        fits = step ? load_step(twin, row) : load_decision(twin, row);
        twin->decisions += fits;
        twin->unfit += !fits;
    }
}

static int load_verdicts(struct twin *twin, const cJSON *reply) {
    const struct registry *registry = engine_registry(twin->engine);
    const cJSON *row;

    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(reply, "verdicts")) {
        uint32_t org = registry_find(registry, text_of(json_string_of(row, "code", "")));

        if (org == ORG_NONE || !engine_load_verdict(twin->engine, 0, org, json_string_of(row, "state", "")))
            return complain(EX_PROTOCOL, "the verdict on %s is not understood", json_string_of(row, "code", "?"));
    }
    return EX_OK;
}

/* Which framework of the daemon the candidate stands against. */
static int choose(struct twin *twin, const struct context *context, const struct framework *candidate,
                  const char *against, cJSON **ret_verdicts) {
    cJSON *status_reply;
    const cJSON *row;
    int status = ask(twin, context, "status", &status_reply);

    if (status != EX_OK)
        return status;
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(
                                status_reply, "frameworks")) if (against == NULL &&
                                                                 strcmp(json_string_of(row, "id", ""), candidate->id) ==
                                                                     0) against = candidate->id;
    if (against != NULL)
        snprintf(twin->against, sizeof(twin->against), "%s", against);
    cJSON_Delete(status_reply);
    status = ask(twin, context, "verdicts", ret_verdicts);
    if (status == EX_OK)
        snprintf(twin->against, sizeof(twin->against), "%s", json_string_of(*ret_verdicts, "framework", ""));
    return status;
}

static int load(struct twin *twin, const struct context *context, const cJSON *verdicts) {
    const struct framework *framework = engine_framework(twin->engine, 0);
    const char *last = json_string_of(verdicts, "last", "");
    ov_day date = day_of(verdicts, "date");
    struct alert_id id;
    cJSON *decisions;
    int status;

    if (alert_id_parse(text_of(last), &id))
        engine_set_alert_id(twin->engine, id);
    if (date != OV_DAY_NONE)
        engine_load_date(twin->engine, date);
    for (size_t m = 0; m < framework->measure_count; m++)
        if ((status = load_figures(twin, context, framework->measures[m].id)) != EX_OK)
            return status;
    status = ask(twin, context, "decisions", &decisions);
    if (status != EX_OK)
        return status;
    load_decisions(twin, decisions);
    cJSON_Delete(decisions);
    status = load_verdicts(twin, verdicts);
    if (status == EX_OK)
        engine_loaded(twin->engine, true, date == OV_DAY_NONE ? 0 : date * DAY_MS, &twin->changes);
    return status;
}

int twin_init(struct twin *twin, const struct context *context, struct framework *candidate, const char *against) {
    cJSON *verdicts = NULL, *rows = NULL;
    struct registry *registry;
    int status;

    *twin = (struct twin){.query = open_query(context)};
    changes_init(&twin->changes);
    status = twin->query == NULL ? EX_USAGE : choose(twin, context, candidate, against, &verdicts);
    if (status == EX_OK)
        status = ask(twin, context, "registry", &rows);
    if (status != EX_OK) {
        cJSON_Delete(verdicts);
        framework_destroy(candidate);
        return status;
    }
    registry = registry_of(rows);
    cJSON_Delete(rows);
    if (registry == NULL) {
        framework_destroy(candidate);
        status = complain(EX_PROTOCOL, "the register of organisations is not understood");
    } else {
        twin->engine = engine_create(registry, &candidate, 1);
        status = load(twin, context, verdicts);
    }
    cJSON_Delete(verdicts);
    return status;
}

void twin_finish(struct twin *twin) {
    changes_finish(&twin->changes);
    engine_destroy(twin->engine);
    oversight_query_destroy(twin->query);
}

/* ---- Answers ------------------------------------------------------------------------------ */

static void take_answer(void *context, const char *json, size_t len) {
    cJSON **reply = context;

    *reply = cJSON_ParseWithLength(json, len);
}

cJSON *twin_answer(const struct twin *twin, enum twin_question what, const char *code) {
    struct request request = {.kind = what == TWIN_SNAPSHOT ? REQUEST_SNAPSHOT : REQUEST_ORGANISATION,
                              .period = OV_DAY_NONE};
    cJSON *reply = NULL;

    if (code != NULL)
        text_copy(request.code, sizeof(request.code), text_of(code));
    request_answer(twin->engine, &request, NULL, 0, take_answer, &reply);
    return reply;
}
