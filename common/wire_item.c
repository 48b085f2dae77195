/* One map of an update judged field by field. The first fault in the order of
 * the code refuses the map; the others in the message stand. */
#include <math.h>
#include <string.h>

#include "common/wire_fields.h"

#define EXPECTED_ORG "an organisation code, 1 to 10 of A-Z 0-9"
#define EXPECTED_NAME "a name, 1 to 64 of a-z 0-9 _ . -"
#define EXPECTED_FREE "text of at most 1000 bytes of UTF-8 without control characters"
#define EXPECTED_DATE "a date, YYYY-MM-DD"

struct judge {
    struct wire_fields *fields;
    struct scratch *scratch;
    struct item *item;
};

/* Always false. */
static bool refuse(const struct judge *judge, enum refusal code, enum wire_field field, const char *expected) {
    wire_refuse(judge->item, code, wire_complaint(judge->fields, field, expected, judge->scratch));
    return false;
}

static const struct token *text_token(const struct judge *judge, enum wire_field field) {
    const struct token *token = &judge->fields->tokens[field];
    return wire_has(judge->fields, field) && token->type == TOKEN_TEXT ? token : NULL;
}

static bool take_org(const struct judge *judge) {
    const struct token *token = text_token(judge, FIELD_ORG);
    if (!token || !text_is_org_code(token->text))
        return refuse(judge, REFUSAL_BAD_FIELD, FIELD_ORG, EXPECTED_ORG);
    judge->item->org = token->text;
    return true;
}

/* An optional name that is absent is empty. */
static bool take_name(const struct judge *judge, enum wire_field field, bool required, enum refusal code,
                      struct text *ret_name) {
    const struct token *token = text_token(judge, field);
    *ret_name = (struct text){"", 0};
    if (!required && !wire_has(judge->fields, field))
        return true;
    if (!token || !text_is_name(token->text))
        return refuse(judge, code, field, EXPECTED_NAME);
    *ret_name = token->text;
    return true;
}

static bool take_free(const struct judge *judge, enum wire_field field, bool required, enum refusal code,
                      struct text *ret_text) {
    const struct token *token = text_token(judge, field);
    *ret_text = (struct text){"", 0};
    if (!required && !wire_has(judge->fields, field))
        return true;
    if (!token || !text_is_free(token->text, FREE_TEXT_MAX))
        return refuse(judge, code, field, EXPECTED_FREE);
    *ret_text = token->text;
    return true;
}

static bool take_date(const struct judge *judge, enum wire_field field, bool required, enum refusal code,
                      ov_day *ret_day) {
    const struct token *token = text_token(judge, field);
    *ret_day = OV_DAY_NONE;
    if (!required && !wire_has(judge->fields, field))
        return true;
    if (!token || !date_parse(token->text.s, token->text.len, ret_day))
        return refuse(judge, code, field, EXPECTED_DATE);
    return true;
}

static bool take_value(const struct judge *judge, struct value *ret_value) {
    const struct token *token = &judge->fields->tokens[FIELD_VALUE];
    if (wire_has(judge->fields, FIELD_VALUE)) {
        switch (token->type) {
        case TOKEN_NULL:
            *ret_value = (struct value){.type = VALUE_NULL};
            return true;
        case TOKEN_BOOLEAN:
            *ret_value = (struct value){.type = VALUE_BOOLEAN, .boolean = token->boolean};
            return true;
        case TOKEN_NUMBER:
            *ret_value = (struct value){.type = VALUE_NUMBER, .number = token->number};
            if (isfinite(token->number))
                return true;
            return refuse(judge, REFUSAL_BAD_VALUE, FIELD_VALUE, "a finite number");
        case TOKEN_TEXT:
            *ret_value = (struct value){.type = VALUE_WORD, .word = token->text};
            if (text_is_free(token->text, WORD_MAX))
                return true;
            return refuse(judge, REFUSAL_BAD_VALUE, FIELD_VALUE,
                          "a word of at most 64 bytes of UTF-8 without control characters");
        default:
            break;
        }
    }
    return refuse(judge, REFUSAL_BAD_VALUE, FIELD_VALUE, "a number, a rating word, true, false or null");
}

static bool take_period(const struct judge *judge, ov_day *ret_day) {
    const struct token *token = text_token(judge, FIELD_PERIOD);
    struct wire_period *last = &judge->fields->period;
    if (token && last->len > 0 && token->text.len == last->len && memcmp(token->text.s, last->text, last->len) == 0) {
        *ret_day = last->day;
        return true;
    }
    if (!token || !date_parse_period(token->text.s, token->text.len, ret_day))
        return refuse(judge, REFUSAL_BAD_PERIOD, FIELD_PERIOD, "the first day of a period, YYYY-MM-DD or YYYY-MM");
    last->len = token->text.len; /* 7 or 10: others are no dates */
    last->day = *ret_day;
    memcpy(last->text, token->text.s, last->len);
    return true;
}

static void take_figure(const struct judge *judge) {
    struct figure_item figure;
    uint64_t revision = 0;
    if (!take_org(judge) || !take_name(judge, FIELD_MEASURE, true, REFUSAL_BAD_FIELD, &figure.measure))
        return;
    if (!take_period(judge, &figure.period))
        return;
    if (!take_value(judge, &figure.value))
        return;
    if (wire_has(judge->fields, FIELD_REVISION) &&
        !wire_integer(judge->fields, FIELD_REVISION, 0, UINT32_MAX, &revision)) {
        refuse(judge, REFUSAL_BAD_REVISION, FIELD_REVISION, "an integer from 0 to 4294967295");
        return;
    }
    figure.revision = (uint32_t)revision;
    judge->item->kind = ITEM_FIGURE;
    judge->item->figure = figure;
}

static void take_decision(const struct judge *judge) {
    const enum refusal code = REFUSAL_BAD_DECISION;
    struct decision_item decision;
    uint64_t segment;
    if (!take_org(judge))
        return;
    if (!wire_integer(judge->fields, FIELD_DECISION, 1, 5, &segment)) {
        refuse(judge, code, FIELD_DECISION, "a segment, an integer from 1 to 5");
        return;
    }
    decision.segment = (int)segment;
    if (!take_date(judge, FIELD_EFFECTIVE, true, code, &decision.effective) ||
        !take_free(judge, FIELD_DECIDED_BY, true, code, &decision.decided_by) ||
        !take_free(judge, FIELD_REASON, true, code, &decision.reason) ||
        !take_name(judge, FIELD_FRAMEWORK, false, code, &decision.framework) ||
        !take_name(judge, FIELD_TRIGGER, false, code, &decision.trigger))
        return;
    judge->item->kind = ITEM_DECISION;
    judge->item->decision = decision;
}

static bool take_action(const struct judge *judge, enum programme_action *ret_action) {
    const struct token *token = text_token(judge, FIELD_ACTION);
    if (token && text_equal(token->text, "enter"))
        *ret_action = PROGRAMME_ENTER;
    else if (token && text_equal(token->text, "leave"))
        *ret_action = PROGRAMME_LEAVE;
    else if (token && text_equal(token->text, "review"))
        *ret_action = PROGRAMME_REVIEW;
    else
        return refuse(judge, REFUSAL_BAD_PROGRAMME, FIELD_ACTION, "\"enter\", \"leave\" or \"review\"");
    return true;
}

static void take_programme(const struct judge *judge) {
    const enum refusal code = REFUSAL_BAD_PROGRAMME;
    struct programme_item programme;
    if (!take_org(judge) || !take_name(judge, FIELD_PROGRAMME, true, code, &programme.programme) ||
        !take_action(judge, &programme.action) ||
        !take_date(judge, FIELD_EFFECTIVE, true, code, &programme.effective) ||
        !take_free(judge, FIELD_DECIDED_BY, true, code, &programme.decided_by) ||
        !take_free(judge, FIELD_REASON, true, code, &programme.reason) ||
        !take_date(judge, FIELD_REVIEW_BY, false, code, &programme.review_by) ||
        !take_date(judge, FIELD_LIMIT, false, code, &programme.limit) ||
        !take_free(judge, FIELD_EXIT_CRITERIA, false, code, &programme.exit_criteria))
        return;
    judge->item->kind = ITEM_PROGRAMME;
    judge->item->programme = programme;
}

#define BIT(field) (UINT32_C(1) << (field))
#define OF_FIGURE (BIT(FIELD_MEASURE) | BIT(FIELD_PERIOD) | BIT(FIELD_VALUE) | BIT(FIELD_REVISION))
#define OF_DECISION BIT(FIELD_DECISION)
#define OF_PROGRAMME (BIT(FIELD_PROGRAMME) | BIT(FIELD_ACTION))

/* Whether something of other is there beside field: then nobody knows which was meant. */
static bool stands_alone(const struct judge *judge, enum refusal code, enum wire_field field, uint32_t others) {
    for (unsigned other = 0; other < FIELD_COUNT; other++) {
        if (!(judge->fields->present & others & BIT(other)))
            continue;
        wire_refuse(judge->item, code,
                    scratch_printf(judge->scratch, "%s and %s stand in one update, expected one of them",
                                   wire_field_name(field), wire_field_name((enum wire_field)other)));
        return false;
    }
    return true;
}

void wire_item(struct wire_fields *fields, struct scratch *scratch, struct item *ret_item) {
    const struct judge judge = {fields, scratch, ret_item};
    const struct token *skip = &fields->tokens[FIELD_SKIP];
    ret_item->org = (struct text){"", 0};
    if (wire_has(fields, FIELD_SKIP) && skip->type != TOKEN_BOOLEAN) {
        refuse(&judge, REFUSAL_BAD_FIELD, FIELD_SKIP, "true or false");
    } else if (wire_has(fields, FIELD_SKIP) && skip->boolean) {
        if (stands_alone(&judge, REFUSAL_BAD_FIELD, FIELD_SKIP, OF_FIGURE | OF_DECISION | OF_PROGRAMME))
            ret_item->kind = ITEM_SKIP;
    } else if (wire_has(fields, FIELD_DECISION)) {
        if (stands_alone(&judge, REFUSAL_BAD_DECISION, FIELD_DECISION, OF_FIGURE | OF_PROGRAMME))
            take_decision(&judge);
    } else if (fields->present & OF_PROGRAMME) {
        if (stands_alone(&judge, REFUSAL_BAD_PROGRAMME, FIELD_PROGRAMME, OF_FIGURE))
            take_programme(&judge);
    } else {
        take_figure(&judge);
    }
}

void wire_refuse(struct item *item, enum refusal code, struct text message) {
    item->kind = ITEM_REFUSED;
    item->org = (struct text){"", 0};
    item->refused.code = code;
    item->refused.message = message;
}
