#include "daemon/frameworks/organisation_row.h"

#include <string.h>

#define SHOWN_SIZE 80

const char *const COLUMN_NAMES[COLUMN_COUNT] = {"code",  "name",   "type",   "subtype",   "region",      "system",
                                                "group", "opened", "closed", "successor", "predecessors"};

static const size_t LIMITS[COLUMN_COUNT] = {
    ORG_CODE_MAX,     200,          NAME_MAX_LEN, 100, 100, ORG_CODE_MAX, 100, OV_DATE_SIZE - 1,
    OV_DATE_SIZE - 1, ORG_CODE_MAX, 1000};

struct row {
    char *const *fields;
    const char *file;
    unsigned line;
    struct problems *problems;
    bool bad;
};

bool column_is_required(enum column column) {
    return column == COLUMN_CODE || column == COLUMN_NAME || column == COLUMN_TYPE;
}

static void expect(struct row *row, enum column column, const char *expected) {
    char shown[SHOWN_SIZE];
    text_escape(shown, sizeof(shown), text_of(row->fields[column]));
    problems_add(row->problems, row->file, row->line, "%s: got \"%s\", expected %s", COLUMN_NAMES[column], shown,
                 expected);
    row->bad = true;
}

static void check_length(struct row *row, enum column column) {
    size_t len = strlen(row->fields[column]);
    if (len > LIMITS[column]) {
        problems_add(row->problems, row->file, row->line, "%s: got %zu bytes, expected at most %zu",
                     COLUMN_NAMES[column], len, LIMITS[column]);
        row->bad = true;
    }
}

static ov_day read_date(struct row *row, enum column column) {
    const char *field = row->fields[column];
    ov_day day = OV_DAY_NONE;
    if (field[0] != '\0' && !date_parse(field, strlen(field), &day))
        expect(row, column, "a date YYYY-MM-DD or nothing");
    return day;
}

static void read_code(struct row *row, enum column column, bool required, char ret_code[ORG_CODE_MAX + 1]) {
    struct text code = text_of(row->fields[column]);
    ret_code[0] = '\0';
    if (code.len == 0 && !required)
        return;
    if (text_is_org_code(code))
        text_copy(ret_code, ORG_CODE_MAX + 1, code);
    else
        expect(row, column, required ? "a code: 1 to 10 of A-Z 0-9" : "a code, 1 to 10 of A-Z 0-9, or nothing");
}

/* Codes with one space between them. */
static bool are_codes(const char *codes) {
    while (*codes != '\0') {
        size_t len = strcspn(codes, " ");
        if (!text_is_org_code((struct text){codes, len}))
            return false;
        codes += len;
        if (*codes == ' ' && *++codes == '\0')
            return false;
    }
    return true;
}

bool organisation_from_row(char *const fields[COLUMN_COUNT], const char *file, unsigned line, struct problems *problems,
                           struct organisation *ret_organisation) {
    struct row row = {fields, file, line, problems, false};
    struct organisation organisation = {.name = fields[COLUMN_NAME],
                                        .type = fields[COLUMN_TYPE],
                                        .subtype = fields[COLUMN_SUBTYPE],
                                        .region = fields[COLUMN_REGION],
                                        .group = fields[COLUMN_GROUP],
                                        .predecessors = fields[COLUMN_PREDECESSORS]};
    read_code(&row, COLUMN_CODE, true, organisation.code);
    read_code(&row, COLUMN_SYSTEM, false, organisation.system);
    read_code(&row, COLUMN_SUCCESSOR, false, organisation.successor);
    if (fields[COLUMN_NAME][0] == '\0')
        expect(&row, COLUMN_NAME, "a name");
    if (!text_is_name(text_of(fields[COLUMN_TYPE])))
        expect(&row, COLUMN_TYPE, "a type: 1 to 64 of a-z 0-9 _ . -");
    static const enum column FREE[] = {COLUMN_NAME, COLUMN_SUBTYPE, COLUMN_REGION, COLUMN_GROUP, COLUMN_PREDECESSORS};
    for (size_t i = 0; i < sizeof(FREE) / sizeof(FREE[0]); i++)
        check_length(&row, FREE[i]);
    if (!are_codes(fields[COLUMN_PREDECESSORS]))
        expect(&row, COLUMN_PREDECESSORS, "codes with one space between them, or nothing");
    organisation.opened = read_date(&row, COLUMN_OPENED);
    organisation.closed = read_date(&row, COLUMN_CLOSED);
    if (organisation.closed != OV_DAY_NONE && organisation.closed <= organisation.opened)
        expect(&row, COLUMN_CLOSED, "a date after opened");
    if (row.bad)
        return false;
    *ret_organisation = organisation;
    return true;
}
