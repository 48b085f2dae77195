#include "clients/oversightctl/mapping_data.h"

#include <stdlib.h>

const char *mapping_title(const struct mapping *mapping) {
    return mapping->title != NULL ? mapping->title : mapping->name;
}

static void free_strings(struct string_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->strings[i]);
    free(list->strings);
}

static void free_columns(struct column_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->ranges[i].from);
        free(list->ranges[i].to);
    }
    free(list->ranges);
}

static void free_conditions(struct conditions *conditions) {
    for (size_t i = 0; i < conditions->count; i++) {
        free(conditions->list[i].column);
        free_strings(&conditions->list[i].strings);
    }
    free(conditions->list);
}

void mapping_destroy(struct mapping *mapping) {
    if (mapping == NULL)
        return;
    for (size_t i = 0; i < mapping->rule_count; i++) {
        free(mapping->rules[i].metric);
        free_columns(&mapping->rules[i].numerator);
        free_columns(&mapping->rules[i].denominator);
        free_conditions(&mapping->rules[i].only);
    }
    free(mapping->rules);
    for (size_t i = 0; i < mapping->period_column_count; i++)
        free(mapping->period_columns[i]);
    free(mapping->period_format);
    free_strings(&mapping->missing);
    free_strings(&mapping->skip_organisations);
    free_conditions(&mapping->only);
    free(mapping->organisation);
    free(mapping->metric_column);
    free(mapping->value_column);
    free(mapping->title);
    free(mapping->name);
    free(mapping);
}
