#include "common/wire_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const names[FIELD_COUNT] = {
    [FIELD_V] = "v",
    [FIELD_SOURCE] = "source",
    [FIELD_SEQ] = "seq",
    [FIELD_MORE] = "more",
    [FIELD_BASELINE] = "baseline",
    [FIELD_SKIP] = "skip",
    [FIELD_ORG] = "org",
    [FIELD_MEASURE] = "measure",
    [FIELD_PERIOD] = "period",
    [FIELD_VALUE] = "value",
    [FIELD_REVISION] = "revision",
    [FIELD_DECISION] = "decision",
    [FIELD_EFFECTIVE] = "effective",
    [FIELD_DECIDED_BY] = "decided_by",
    [FIELD_REASON] = "reason",
    [FIELD_FRAMEWORK] = "framework",
    [FIELD_TRIGGER] = "trigger",
    [FIELD_PROGRAMME] = "programme",
    [FIELD_ACTION] = "action",
    [FIELD_REVIEW_BY] = "review_by",
    [FIELD_LIMIT] = "limit",
    [FIELD_EXIT_CRITERIA] = "exit_criteria",
};

const char *wire_field_name(enum wire_field field) {
    return names[field];
}

enum wire_field wire_field_find(struct text name) {
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        if (name.len > 0 && name.s[0] == names[i][0] && text_equal(name, names[i]))
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
        return scratch_printf(scratch, "%s is missing, expected %s", names[field], expected);
    return scratch_printf(scratch, "%s %s: expected %s", names[field],
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
