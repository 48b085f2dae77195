#include <stdarg.h>
#include <stdio.h>

#include "daemon/render/answer_impl.h"

void request_emit_error(const char *code, const char *message, request_emit emit, void *context) {
    struct json_writer json;
    struct buf buf;
    buf_init(&buf);
    json_init(&json, &buf);
    json_object(&json, NULL);
    json_object(&json, "error");
    json_string(&json, "code", code);
    json_string(&json, "message", message);
    json_object_end(&json);
    json_object_end(&json);
    emit(context, buf.data, buf.len);
    buf_finish(&buf);
}

void answer_error(const struct answer *answer, const char *code, const char *format, ...) {
    char message[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    request_emit_error(code, message, answer->emit, answer->context);
}

uint32_t answer_organisation(const struct answer *answer) {
    uint32_t org = registry_find(engine_registry(answer->engine), text_of(answer->request->code));
    if (org == ORG_NONE)
        answer_error(answer, "unknown-organisation", "code \"%s\": no such organisation", answer->request->code);
    return org;
}

uint16_t answer_measure(const struct answer *answer) {
    uint16_t measure = framework_measure(answer->framework, text_of(answer->request->measure));
    if (measure == INDEX_NONE)
        answer_error(answer, "unknown-measure", "measure \"%s\": framework %s has no such measure",
                     answer->request->measure, answer->framework->id);
    return measure;
}

struct parts answer_parts(const struct answer *answer, const char *list, parts_frame head, parts_frame tail,
                          const void *context) {
    return (struct parts){.list = list,
                          .head = head,
                          .tail = tail,
                          .context = context,
                          .part_bytes = answer->part_bytes,
                          .emit = answer->emit,
                          .emit_context = answer->context};
}

static void answer_source(const struct answer *answer) {
    struct json_writer json;
    struct buf buf;
    buf_init(&buf);
    json_init(&json, &buf);
    json_object(&json, NULL);
    json_string(&json, "source", answer->request->source);
    json_uint(&json, "last", engine_source_last(answer->engine, text_of(answer->request->source)));
    json_object_end(&json);
    answer->emit(answer->context, buf.data, buf.len);
    buf_finish(&buf);
}

static void answer_status(const struct answer *answer, const struct status_facts *facts) {
    struct buf buf;
    buf_init(&buf);
    render_status(answer->engine, facts, &buf);
    answer->emit(answer->context, buf.data, buf.len);
    buf_finish(&buf);
}

void request_answer(const struct engine *engine, const struct request *request, const struct status_facts *facts,
                    size_t part_bytes, request_emit emit, void *context) {
    struct answer answer = {.engine = engine,
                            .request = request,
                            .last = facts ? facts->last : engine_last_alert_id(engine),
                            .part_bytes = part_bytes,
                            .emit = emit,
                            .context = context};
    answer.framework_index = engine_find_framework(engine, text_of(request->framework));
    if (answer.framework_index == INDEX_NONE) {
        answer_error(&answer, "unknown-framework", "framework \"%s\": not configured", request->framework);
        return;
    }
    answer.framework = engine_framework(engine, answer.framework_index);
    switch (request->kind) {
    case REQUEST_SNAPSHOT:
        answer_snapshot(&answer);
        break;
    case REQUEST_ORGANISATION:
        answer_one_organisation(&answer);
        break;
    case REQUEST_MEASURE:
        answer_league(&answer);
        break;
    case REQUEST_SERIES:
        answer_series(&answer);
        break;
    case REQUEST_SOURCE:
        answer_source(&answer);
        break;
    case REQUEST_STATUS:
        answer_status(&answer, facts);
        break;
    case REQUEST_MISMATCHES:
        answer_mismatches(&answer);
        break;
    case REQUEST_EXPLAIN:
        answer_explain(&answer);
        break;
    case REQUEST_WHY_NOT:
        answer_why_not(&answer);
        break;
    case REQUEST_SYSTEMS:
        answer_systems(&answer);
        break;
    case REQUEST_REGISTRY:
        answer_registry(&answer);
        break;
    case REQUEST_FIGURES:
        answer_figures(&answer);
        break;
    case REQUEST_DECISIONS:
        answer_decisions(&answer);
        break;
    case REQUEST_VERDICTS:
        answer_verdicts(&answer);
        break;
    default:
        answer_error(&answer, "unknown-request", "\"%s\" is not answered here", request_kind_name(request->kind));
        break;
    }
}

struct events_state {
    bool truncated, more;
};

static void events_tail(struct json_writer *json, const void *context) {
    const struct events_state *state = context;
    json_bool(json, "truncated", state->truncated);
    json_bool(json, "more", state->more);
}

void request_emit_events(const struct text *events, size_t count, bool truncated, bool more, size_t part_bytes,
                         request_emit emit, void *context) {
    const struct events_state state = {truncated, more};
    struct parts parts = {.list = "events",
                          .tail = events_tail,
                          .context = &state,
                          .part_bytes = part_bytes,
                          .emit = emit,
                          .emit_context = context};
    parts_begin(&parts);
    for (size_t i = 0; i < count; i++)
        json_raw(parts_next(&parts), NULL, events[i]);
    parts_end(&parts);
}
