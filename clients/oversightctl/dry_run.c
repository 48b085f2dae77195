#include "clients/oversightctl/dry_run.h"

#include <csv.h>
#include <stdio.h>

#include "common/wire.h"

static void print_cell(struct text text) {
    bool plain = text.len > 0;

    for (size_t i = 0; i < text.len && plain; i++)
        plain = text.s[i] != ',' && text.s[i] != '"' && text.s[i] != ' ' && (unsigned char)text.s[i] >= 0x20;
    if (plain || text.len == 0)
        fwrite(text.s, 1, text.len, stdout);
    else
        csv_fwrite(stdout, text.s, text.len);
}

static void print_value(const struct value *value) {
    char number[NUMBER_SIZE];

    if (value->type == VALUE_NUMBER)
        fputs(text_from_double(value->number, number), stdout);
    else if (value->type == VALUE_BOOLEAN)
        fputs(value->boolean ? "true" : "false", stdout);
    else if (value->type == VALUE_WORD)
        print_cell(value->word);
}

static void print_tidy(struct updates *updates, bool revisions) {
    printf("org,measure,period,value%s\n", revisions ? ",revision" : "");
    for (size_t i = 0; i < updates_count(updates); i++) {
        const struct item *item = updates_at(updates, i);
        char date[OV_DATE_SIZE];

        print_cell(item->org);
        putchar(',');
        print_cell(item->figure.measure);
        printf(",%s,", date_format(item->figure.period, date));
        print_value(&item->figure.value);
        if (revisions)
            printf(",%u", item->figure.revision);
        putchar('\n');
    }
}

static void print_lines(struct updates *updates) {
    struct buf line;

    buf_init(&line);
    for (size_t i = 0; i < updates_count(updates); i++) {
        struct item item = *updates_at(updates, i);
        struct message message = {.source = TEXT_OF("file"), .count = 1, .items = &item};

        item.seq = i + 1;
        buf_clear(&line);
        if (wire_encode_json(&message, &line))
            puts(line.data);
    }
    buf_finish(&line);
}

void dry_run_print(struct updates *updates, bool json) {
    bool figures = !json, revisions = false;

    for (size_t i = 0; i < updates_count(updates); i++) {
        const struct item *item = updates_at(updates, i);

        figures = figures && item->kind == ITEM_FIGURE;
        revisions = revisions || (item->kind == ITEM_FIGURE && item->figure.revision > 0);
    }
    if (figures)
        print_tidy(updates, revisions);
    else
        print_lines(updates);
}
