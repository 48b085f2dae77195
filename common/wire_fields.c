#include "common/wire_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct text names[FIELD_COUNT] = {
    [FIELD_V] = {"v", sizeof("v") - 1},
    [FIELD_SOURCE] = {"source", sizeof("source") - 1},
    [FIELD_SEQ] = {"seq", sizeof("seq") - 1},
    [FIELD_MORE] = {"more", sizeof("more") - 1},
    [FIELD_BASELINE] = {"baseline", sizeof("baseline") - 1},
    [FIELD_SKIP] = {"skip", sizeof("skip") - 1},
    [FIELD_ORG] = {"org", sizeof("org") - 1},
    [FIELD_MEASURE] = {"measure", sizeof("measure") - 1},
    [FIELD_PERIOD] = {"period", sizeof("period") - 1},
    [FIELD_VALUE] = {"value", sizeof("value") - 1},
    [FIELD_REVISION] = {"revision", sizeof("revision") - 1},
    [FIELD_DECISION] = {"decision", sizeof("decision") - 1},
    [FIELD_EFFECTIVE] = {"effective", sizeof("effective") - 1},
    [FIELD_DECIDED_BY] = {"decided_by", sizeof("decided_by") - 1},
    [FIELD_REASON] = {"reason", sizeof("reason") - 1},
    [FIELD_FRAMEWORK] = {"framework", sizeof("framework") - 1},
    [FIELD_TRIGGER] = {"trigger", sizeof("trigger") - 1},
    [FIELD_PROGRAMME] = {"programme", sizeof("programme") - 1},
    [FIELD_ACTION] = {"action", sizeof("action") - 1},
    [FIELD_REVIEW_BY] = {"review_by", sizeof("review_by") - 1},
    [FIELD_LIMIT] = {"limit", sizeof("limit") - 1},
    [FIELD_EXIT_CRITERIA] = {"exit_criteria", sizeof("exit_criteria") - 1},
};

const char *wire_field_name(enum wire_field field) {
    return names[field].s;
}

bool wire_field_is(enum wire_field field, struct text key) {
    return key.len == names[field].len && memcmp(key.s, names[field].s, key.len) == 0;
}

enum wire_field wire_field_find(struct text name) {
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        if (wire_field_is((enum wire_field)i, name))
            return (enum wire_field)i;
    }
    return FIELD_COUNT;
}

/* The value as a person would write it, cut to a readable length. */
static const char *describe(const struct token *token, char *buf, size_t size) {
    char number[NUMBER_SIZE], escaped[100];
    switch (token->type) {
    case TOKEN_NULL:
        return "null";
    case TOKEN_BOOLEAN:
        return token->boolean ? "true" : "false";
    case TOKEN_NUMBER:
        if (token->integer)
            snprintf(buf, size, "%s%" PRIu64, token->negative ? "-" : "", token->magnitude);
        else
            snprintf(buf, size, "%s", text_from_double(token->number, number));
        return buf;
    case TOKEN_TEXT:
        snprintf(buf, size, "\"%s\"", text_escape(escaped, sizeof(escaped), token->text));
        return buf;
    case TOKEN_ARRAY:
        return "(an array)";
    case TOKEN_MAP:
        return "(a map)";
    case TOKEN_OTHER:
        break;
    }
    return "(binary data)";
}

struct text wire_complaint(const struct wire_fields *fields, enum wire_field field, const char *expected,
                           struct scratch *scratch) {
    char value[128];
    if (!wire_has(fields, field))
        return scratch_printf(scratch, "%s is missing, expected %s", names[field].s, expected);
    return scratch_printf(scratch, "%s %s: expected %s", names[field].s,
                          describe(&fields->tokens[field], value, sizeof(value)), expected);
}

bool wire_integer(const struct wire_fields *fields, enum wire_field field, uint64_t least, uint64_t most,
                  uint64_t *ret_number) {
    const struct token *token = &fields->tokens[field];
    if (!wire_has(fields, field) || token->type != TOKEN_NUMBER || !token->integer ||
        (token->negative && token->magnitude > 0) || token->magnitude < least || token->magnitude > most)
        return false;
    *ret_number = token->magnitude;
    return true;
}
