#include "clients/oversightctl/inputs.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "clients/lib/parts.h"
#include "clients/oversightctl/csv_reader.h"
#include "clients/oversightctl/file.h"
#include "common/buf.h"
#include "common/wire.h"

#define SHOWN 120 /* bytes of a cell quoted in a message */

/* ---- Tidy CSV --------------------------------------------------------------------- */

enum tidy { TIDY_ORG, TIDY_MEASURE, TIDY_PERIOD, TIDY_VALUE, TIDY_REVISION, TIDY_COUNT };

static const char *const tidy_names[TIDY_COUNT] = {"org", "measure", "period", "value", "revision"};

struct tidy_file {
    const char *name;
    const struct input_options *options;
    struct updates *updates;
    struct problems *problems;
    bool have_header;
    size_t columns[TIDY_COUNT], count;
};

static bool take_header(struct tidy_file *file, const struct csv_row *row) {
    char buf[SHOWN];

    file->have_header = true;
    file->count = row->count;
    for (int i = 0; i < TIDY_COUNT; i++)
        file->columns[i] = SIZE_MAX;
    for (size_t k = 0; k < row->count; k++) {
        int i = 0;

        while (i < TIDY_COUNT && !text_equal(row->cells[k], tidy_names[i]))
            i++;
        if (i == TIDY_COUNT) {
            problems_add(file->problems, file->name, row->line,
                         "column \"%s\": expected org, measure, period, value and perhaps revision; published files "
                         "need a mapping (--map)",
                         text_escape(buf, sizeof(buf), row->cells[k]));
            return false;
        }
        file->columns[i] = k;
    }
    for (int i = 0; i < TIDY_REVISION; i++)
        if (file->columns[i] == SIZE_MAX) {
            problems_add(file->problems, file->name, row->line, "no column \"%s\"", tidy_names[i]);
            return false;
        }
    return true;
}

/* Numbers as numbers, true and false as such, anything else as a rating word. */
static struct value tidy_value(struct text cell) {
    struct value value = {.type = VALUE_NUMBER};

    if (cell.len == 0) {
        value.type = VALUE_NULL;
    } else if (!text_to_double(cell, &value.number)) {
        if (text_equal(cell, "true") || text_equal(cell, "false")) {
            value.type = VALUE_BOOLEAN;
            value.boolean = cell.len == 4;
        } else {
            value.type = VALUE_WORD;
            value.word = cell;
        }
    }
    return value;
}

static bool on_tidy_row(void *arg, const struct csv_row *found) {
    struct tidy_file *file = arg;
    const struct csv_row here = {found->line + file->options->lines_before, found->count, found->cells}, *row = &here;
    struct item item = {.kind = ITEM_FIGURE};
    struct text period;
    uint64_t revision = 0;
    char buf[SHOWN];

    if (!file->have_header)
        return take_header(file, row);
    if (row->count != file->count) {
        problems_add(file->problems, file->name, row->line, "%zu cells; the header has %zu", row->count, file->count);
        return true;
    }
    item.org = row->cells[file->columns[TIDY_ORG]];
    item.figure.measure = row->cells[file->columns[TIDY_MEASURE]];
    period = row->cells[file->columns[TIDY_PERIOD]];
    item.figure.value = tidy_value(row->cells[file->columns[TIDY_VALUE]]);
    if (file->columns[TIDY_REVISION] != SIZE_MAX && row->cells[file->columns[TIDY_REVISION]].len > 0 &&
        (!text_to_uint64(row->cells[file->columns[TIDY_REVISION]], &revision) || revision > UINT32_MAX)) {
        problems_add(file->problems, file->name, row->line, "revision \"%s\" is not a whole number from 0 to %u",
                     text_escape(buf, sizeof(buf), row->cells[file->columns[TIDY_REVISION]]), UINT32_MAX);
        return true;
    }
    item.figure.revision = (uint32_t)revision;
    if (!text_is_org_code(item.org)) {
        problems_add(file->problems, file->name, row->line, "org \"%s\" is not a code of 1 to %d of A-Z 0-9",
                     text_escape(buf, sizeof(buf), item.org), ORG_CODE_MAX);
    } else if (!text_is_name(item.figure.measure)) {
        problems_add(file->problems, file->name, row->line, "measure \"%s\" is not 1 to %d of a-z 0-9 _ . -",
                     text_escape(buf, sizeof(buf), item.figure.measure), NAME_MAX_LEN);
    } else if (!date_parse_period(period.s, period.len, &item.figure.period)) {
        problems_add(file->problems, file->name, row->line, "period \"%s\" is not a date YYYY-MM-DD or YYYY-MM",
                     text_escape(buf, sizeof(buf), period));
    } else if (item.figure.value.type != VALUE_NULL || file->options->mapping_options.empty_withdraws) {
        updates_add(file->updates, &item, file->name, row->line);
    }
    return true;
}

/* ---- JSON Lines ---------------------------------------------------------------------- */

/* One line is an update as the protocol writes it; source and seq come from us,
 * so those in the line are replaced by stand-ins. */
static void take_json_line(struct wire_decoder *decoder, const char *name, unsigned line, struct text text,
                           struct updates *updates, struct problems *problems) {
    cJSON *json = cJSON_ParseWithLengthOpts(text.s, text.len, NULL, false);
    const char *error = "expected one JSON object on the line";
    struct message message;
    char *payload;

    if (!cJSON_IsObject(json)) {
        problems_add(problems, name, line, "%s", error);
        cJSON_Delete(json);
        return;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(json, "source");
    cJSON_DeleteItemFromObjectCaseSensitive(json, "seq");
    cJSON_AddStringToObject(json, "source", "file");
    cJSON_AddNumberToObject(json, "seq", 1);
    payload = parts_text(json);
    cJSON_Delete(json);
    if (payload == NULL)
        problems_add(problems, name, line, "%s", error);
    else if (wire_decode(decoder, payload, strlen(payload), &message, &error) != REFUSAL_NONE)
        problems_add(problems, name, line, "%s", error);
    else if (message.items[0].kind == ITEM_REFUSED)
        problems_add(problems, name, line, "%.*s", (int)message.items[0].refused.message.len,
                     message.items[0].refused.message.s);
    else
        updates_add(updates, &message.items[0], name, line);
    free(payload);
}

static void read_json_lines(const char *name, const char *bytes, size_t len, unsigned line, struct updates *updates,
                            struct problems *problems) {
    struct wire_decoder *decoder = wire_decoder_create(NULL);

    for (size_t at = 0; at < len;) {
        const char *end = memchr(bytes + at, '\n', len - at);
        size_t size = end != NULL ? (size_t)(end - bytes) - at : len - at;
        struct text text = {bytes + at, size};

        line++;
        at += size + 1;
        while (text.len > 0 && isspace((unsigned char)text.s[text.len - 1]))
            text.len--;
        if (text.len > 0)
            take_json_line(decoder, name, line, text, updates, problems);
    }
    wire_decoder_destroy(decoder);
}

/* ---- Either ---------------------------------------------------------------------------- */

void inputs_parse(const char *name, const char *bytes, size_t len, const struct input_options *options,
                  struct updates *updates, struct problems *problems) {
    size_t first = 0;

    while (first < len && isspace((unsigned char)bytes[first]))
        first++;
    if (options->mapping != NULL) {
        mapping_apply(options->mapping, name, bytes, len, &options->mapping_options, updates, problems);
    } else if (options->form == INPUT_JSON_LINES ||
               (options->form == INPUT_ANY && first < len && bytes[first] == '{')) {
        read_json_lines(name, bytes, len, options->lines_before, updates, problems);
    } else {
        struct tidy_file file = {.name = name, .options = options, .updates = updates, .problems = problems};

        csv_read(name, bytes, len, ',', on_tidy_row, &file, problems);
        if (!file.have_header)
            problems_add(problems, name, 0, "is empty: expected a header org,measure,period,value[,revision]");
    }
}

void inputs_read(const char *path, const struct input_options *options, struct updates *updates,
                 struct problems *problems) {
    size_t len;
    char *bytes = file_read(path, INPUT_FILE_MAX, &len, problems);

    if (bytes == NULL)
        return;
    inputs_parse(strcmp(path, "-") == 0 ? "standard input" : path, bytes, len, options, updates, problems);
    free(bytes);
}
