#include "daemon/render/request.h"

#include <stdio.h>
#include <string.h>

#include "common/reader.h"

enum field {
    FIELD_GET,
    FIELD_DO,
    FIELD_FRAMEWORK,
    FIELD_CODE,
    FIELD_ID,
    FIELD_MEASURE,
    FIELD_PERIOD,
    FIELD_PEERS,
    FIELD_SOURCE,
    FIELD_AFTER,
    FIELD_LIMIT,
    FIELD_LAST,
    FIELD_DRY_RUN,
    FIELD_SEGMENT,
    FIELD_BY,
    FIELD_COUNT
};

#define BIT(field) (1U << (field))

static const struct {
    const char *name, *expected;
} fields[FIELD_COUNT] = {
    [FIELD_GET] = {"get", "the name of a query"},
    [FIELD_DO] = {"do", "the name of an action"},
    [FIELD_FRAMEWORK] = {"framework", "the id of a framework"},
    [FIELD_CODE] = {"code", "an organisation code, 1 to 10 of A-Z 0-9"},
    [FIELD_ID] = {"id", "the id of a measure"},
    [FIELD_MEASURE] = {"measure", "the id of a measure"},
    [FIELD_PERIOD] = {"period", "the first day of a period, YYYY-MM-DD or YYYY-MM"},
    [FIELD_PEERS] = {"peers", "an organisation type"},
    [FIELD_SOURCE] = {"source", "a source, 1 to 64 of A-Z a-z 0-9 . _ -"},
    [FIELD_AFTER] = {"after", "an alert id, <epoch>-<seq>"},
    [FIELD_LIMIT] = {"limit", "an integer from 1 to 10000"},
    [FIELD_LAST] = {"last", "an integer from 0 to 9223372036854775807"},
    [FIELD_DRY_RUN] = {"dry_run", "true or false"},
    [FIELD_SEGMENT] = {"segment", "a segment from 1 to 5"},
    [FIELD_BY] = {"by", "system, region or group"},
};

static const struct {
    const char *name;
    unsigned required;
} kinds[REQUEST_KIND_COUNT] = {
    [REQUEST_SNAPSHOT] = {"snapshot", 0},
    [REQUEST_ORGANISATION] = {"organisation", BIT(FIELD_CODE)},
    [REQUEST_MEASURE] = {"measure", BIT(FIELD_ID)},
    [REQUEST_SERIES] = {"series", BIT(FIELD_CODE) | BIT(FIELD_MEASURE)},
    [REQUEST_SOURCE] = {"source", BIT(FIELD_SOURCE)},
    [REQUEST_STATUS] = {"status", 0},
    [REQUEST_MISMATCHES] = {"mismatches", 0},
    [REQUEST_EXPLAIN] = {"explain", BIT(FIELD_CODE)},
    [REQUEST_WHY_NOT] = {"why-not", BIT(FIELD_CODE) | BIT(FIELD_SEGMENT)},
    [REQUEST_SYSTEMS] = {"systems", 0},
    [REQUEST_REGISTRY] = {"registry", 0},
    [REQUEST_FIGURES] = {"figures", BIT(FIELD_MEASURE)},
    [REQUEST_DECISIONS] = {"decisions", 0},
    [REQUEST_VERDICTS] = {"verdicts", 0},
    [REQUEST_ALERTS] = {"alerts", 0},
    [REQUEST_FREEZE] = {"freeze", BIT(FIELD_PERIOD)},
    [REQUEST_RESET_SOURCE] = {"reset-source", BIT(FIELD_SOURCE) | BIT(FIELD_LAST)},
    [REQUEST_RELOAD] = {"reload", 0},
    [REQUEST_FAILOVER] = {"failover", 0},
    [REQUEST_AUDIT] = {"audit", 0},
};

bool request_is_action(enum request_kind kind) {
    return kind >= REQUEST_FREEZE;
}

const char *request_kind_name(enum request_kind kind) {
    return kinds[kind].name;
}

struct parsed {
    unsigned present;
    struct token tokens[FIELD_COUNT];
};

/* Always false. */
static bool fail(struct request_error *ret_error, const char *code, const char *message) {
    ret_error->code = code;
    snprintf(ret_error->message, sizeof(ret_error->message), "%s", message);
    return false;
}

static bool fail_field(struct request_error *ret_error, enum field field, const char *problem) {
    ret_error->code = "bad-request";
    snprintf(ret_error->message, sizeof(ret_error->message), "%s %s, expected %s", fields[field].name, problem,
             fields[field].expected);
    return false;
}

static enum field find_field(struct text key) {
    unsigned field = 0;
    while (field < FIELD_COUNT && !text_equal(key, fields[field].name))
        field++;
    return (enum field)field;
}

static bool read_fields(struct reader *reader, struct parsed *parsed) {
    struct token token, *into;
    bool more;
    if (!reader_value(reader, &token))
        return false;
    while (reader_more(reader, &more)) {
        struct text key;
        if (!more)
            return reader_end(reader);
        if (!reader_key(reader, &key))
            return false;
        enum field field = find_field(key);
        into = field < FIELD_COUNT ? &parsed->tokens[field] : &token;
        if (!reader_value(reader, into) || !reader_skip(reader, into))
            return false;
        if (field < FIELD_COUNT)
            parsed->present |= BIT(field);
    }
    return false;
}

/* A name that need not be one we know: it only has to fit. */
static bool take_text(const struct token *token, bool (*is_valid)(struct text), char *dst, size_t size) {
    return token->type == TOKEN_TEXT && is_valid(token->text) && text_copy(dst, size, token->text);
}

static bool take_number(const struct token *token, uint64_t least, uint64_t most, uint64_t *ret_number) {
    if (token->type != TOKEN_NUMBER || !token->integer || (token->negative && token->magnitude > 0) ||
        token->magnitude < least || token->magnitude > most)
        return false;
    *ret_number = token->magnitude;
    return true;
}

static bool is_grouping(struct text text) {
    return text_equal(text, "system") || text_equal(text, "region") || text_equal(text, "group");
}

static bool take_field(const struct token *token, enum field field, struct request *request) {
    uint64_t limit;
    switch (field) {
    case FIELD_FRAMEWORK:
        return take_text(token, text_is_name, request->framework, sizeof(request->framework));
    case FIELD_CODE:
        return take_text(token, text_is_org_code, request->code, sizeof(request->code));
    case FIELD_ID:
    case FIELD_MEASURE:
        return take_text(token, text_is_name, request->measure, sizeof(request->measure));
    case FIELD_PEERS:
        return take_text(token, text_is_name, request->peers, sizeof(request->peers));
    case FIELD_SOURCE:
        return take_text(token, text_is_source, request->source, sizeof(request->source));
    case FIELD_PERIOD:
        return token->type == TOKEN_TEXT && date_parse_period(token->text.s, token->text.len, &request->period);
    case FIELD_AFTER:
        return token->type == TOKEN_TEXT && alert_id_parse(token->text, &request->after);
    case FIELD_LIMIT:
        if (!take_number(token, 1, REQUEST_LIMIT_MAX, &limit))
            return false;
        request->limit = (uint32_t)limit;
        return true;
    case FIELD_LAST:
        return take_number(token, 0, INT64_MAX, &request->last);
    case FIELD_SEGMENT:
        if (!take_number(token, 1, SEGMENTS_MAX, &limit))
            return false;
        request->segment = (int)limit;
        return true;
    case FIELD_BY:
        return take_text(token, is_grouping, request->by, sizeof(request->by));
    case FIELD_DRY_RUN:
        request->dry_run = token->type == TOKEN_BOOLEAN && token->boolean;
        return token->type == TOKEN_BOOLEAN;
    default:
        return true;
    }
}

static bool take_kind(const struct parsed *parsed, struct request *request, struct request_error *ret_error) {
    bool action = (parsed->present & BIT(FIELD_DO)) != 0;
    enum field field = action ? FIELD_DO : FIELD_GET;
    char name[48], message[240];
    if (action == ((parsed->present & BIT(FIELD_GET)) != 0))
        return fail(ret_error, "bad-request", "expected either get, a query, or do, an action");
    const struct token *token = &parsed->tokens[field];
    if (token->type != TOKEN_TEXT)
        return fail_field(ret_error, field, "is not text");
    for (unsigned kind = 0; kind < REQUEST_KIND_COUNT; kind++) {
        if (request_is_action((enum request_kind)kind) == action && text_equal(token->text, kinds[kind].name)) {
            request->kind = (enum request_kind)kind;
            return true;
        }
    }
    snprintf(message, sizeof(message), "%s \"%s\": expected %s", fields[field].name,
             text_escape(name, sizeof(name), token->text),
             action ? "freeze, reset-source, reload, failover or audit"
                    : "snapshot, alerts, organisation, measure, series, source, status, mismatches, explain, why-not, "
                      "systems, registry, figures, decisions or verdicts");
    return fail(ret_error, "unknown-request", message);
}

static bool judge(const struct parsed *parsed, struct request *request, struct request_error *ret_error) {
    if (!take_kind(parsed, request, ret_error))
        return false;
    for (unsigned field = FIELD_FRAMEWORK; field < FIELD_COUNT; field++) {
        bool present = (parsed->present & BIT(field)) != 0;
        if (!present && (kinds[request->kind].required & BIT(field)))
            return fail_field(ret_error, (enum field)field, "is missing");
        if (present && !take_field(&parsed->tokens[field], (enum field)field, request))
            return fail_field(ret_error, (enum field)field, "is wrong");
    }
    return true;
}

bool request_parse(const void *payload, size_t len, struct request *ret_request, struct request_error *ret_error) {
    struct request request = {.period = OV_DAY_NONE, .limit = REQUEST_LIMIT_DEFAULT};
    struct parsed parsed = {.present = 0};
    struct scratch scratch;
    struct reader reader;
    bool good = false;
    if (len > REQUEST_BYTES_MAX)
        return fail(ret_error, "bad-request", "longer than 4096 bytes");
    if (len == 0 || *(const char *)payload != '{')
        return fail(ret_error, "bad-request", "expected a JSON object");
    scratch_init(&scratch);
    if (!reader_init(&reader, payload, len, &scratch) || !read_fields(&reader, &parsed))
        fail(ret_error, "bad-request", reader_error(&reader));
    else
        good = judge(&parsed, &request, ret_error);
    scratch_finish(&scratch);
    if (good)
        *ret_request = request;
    return good;
}
