#include "clients/oversightctl/mapping_columns.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

#define ABSENT SIZE_MAX

struct search {
    const struct mapping *mapping;
    const struct csv_row *header;
    const char *file;
    struct problems *problems;
    bool failed;
};

/* names: one name, or several with "|" between them, of which the first found stands. */
static size_t find(struct search *search, const char *names, unsigned line) {
    const char *name = names;

    for (;;) {
        size_t len = strcspn(name, "|");

        for (size_t i = 0; i < search->header->count; i++)
            if (search->header->cells[i].len == len && memcmp(search->header->cells[i].s, name, len) == 0)
                return i;
        if (name[len] == '\0')
            break;
        name += len + 1;
    }
    problems_add(search->problems, search->file, search->header->line, "no column \"%s\", which %s:%u asks for", names,
                 search->mapping->name, line);
    search->failed = true;
    return ABSENT;
}

static struct index_list find_ranges(struct search *search, const struct column_list *list) {
    struct index_list found = {NULL, 0};

    found.indices = alloc_zero(search->header->count + list->count + 1, sizeof(*found.indices));
    for (size_t i = 0; i < list->count; i++) {
        const struct column_range *range = &list->ranges[i];
        size_t from = find(search, range->from, range->line);
        size_t to = range->to != NULL ? find(search, range->to, range->line) : from;

        if (from == ABSENT || to == ABSENT)
            continue;
        if (to < from || found.count + (to - from) >= search->header->count + list->count) {
            problems_add(search->problems, search->file, search->header->line,
                         "column \"%s\" stands before \"%s\" (%s:%u)", range->to, range->from, search->mapping->name,
                         range->line);
            search->failed = true;
            break;
        }
        while (from <= to)
            found.indices[found.count++] = from++;
    }
    return found;
}

static struct index_list find_conditions(struct search *search, const struct conditions *conditions) {
    struct index_list found = {NULL, 0};

    found.indices = alloc_zero(conditions->count + 1, sizeof(*found.indices));
    for (size_t i = 0; i < conditions->count; i++)
        found.indices[found.count++] = find(search, conditions->list[i].column, conditions->list[i].line);
    return found;
}

bool mapping_columns_init(struct mapping_columns *columns, const struct mapping *mapping, const struct csv_row *header,
                          bool need_period, const char *file, struct problems *problems) {
    struct search search = {mapping, header, file, problems, false};

    memset(columns, 0, sizeof(*columns));
    columns->count = header->count;
    columns->organisation = find(&search, mapping->organisation, mapping->organisation_line);
    for (size_t i = 0; need_period && i < mapping->period_column_count; i++)
        columns->periods[i] = find(&search, mapping->period_columns[i], mapping->period_line);
    columns->only = find_conditions(&search, &mapping->only);
    columns->rules = alloc_zero(mapping->rule_count + 1, sizeof(*columns->rules));
    if (mapping->metric_column != NULL) {
        columns->metric = find(&search, mapping->metric_column, mapping->long_line);
        columns->value = find(&search, mapping->value_column, mapping->long_line);
    }
    for (size_t i = 0; i < mapping->rule_count; i++) {
        columns->rules[i].numerator = find_ranges(&search, &mapping->rules[i].numerator);
        columns->rules[i].denominator = find_ranges(&search, &mapping->rules[i].denominator);
        columns->rules[i].only = find_conditions(&search, &mapping->rules[i].only);
    }
    return !search.failed;
}

void mapping_columns_finish(struct mapping_columns *columns, const struct mapping *mapping) {
    for (size_t i = 0; columns->rules != NULL && i < mapping->rule_count; i++) {
        free(columns->rules[i].numerator.indices);
        free(columns->rules[i].denominator.indices);
        free(columns->rules[i].only.indices);
    }
    free(columns->rules);
    free(columns->only.indices);
    memset(columns, 0, sizeof(*columns));
}
