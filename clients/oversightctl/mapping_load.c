/* Mapping files: libconfig text to struct mapping, or everything that is wrong with it. */
#include <stdlib.h>
#include <string.h>

#include "clients/oversightctl/file.h"
#include "clients/oversightctl/mapping_data.h"
#include "clients/oversightctl/mapping_settings.h"
#include "clients/oversightctl/period_format.h"
#include "common/alloc.h"

/* ---- Parts -------------------------------------------------------------------------- */

static void read_range(const struct entry_reader *load, const config_setting_t *setting, struct column_list *list) {
    struct column_range *range = &list->ranges[list->count];

    range->line = entry_line(setting);
    if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
        range->from = alloc_copy(config_setting_get_string(setting));
    } else if (config_setting_is_group(setting)) {
        entry_known(load, setting, "from to");
        range->from = entry_string(load, setting, "from");
        range->to = entry_string(load, setting, "to");
        if (range->from == NULL || range->to == NULL)
            entry_wrong(load, setting, "a range of columns needs \"from\" and \"to\"");
    } else {
        entry_wrong(load, setting, "%s: expected names of columns or { from = ...; to = ...; }", entry_name(setting));
    }
    if (range->from != NULL)
        list->count++;
    else
        free(range->to);
}

static struct column_list read_columns(const struct entry_reader *load, const config_setting_t *group,
                                       const char *name) {
    struct column_list list = {NULL, 0};
    const config_setting_t *setting = entry_member(group, name);
    bool many = setting != NULL && config_setting_is_aggregate(setting) && !config_setting_is_group(setting);
    int count = many ? config_setting_length(setting) : 1;

    if (setting == NULL)
        return list;
    if (count == 0 || count > FIGURE_COLUMNS_MAX) {
        entry_wrong(load, setting, "%s: expected 1 to %d columns", name, FIGURE_COLUMNS_MAX);
        return list;
    }
    list.ranges = alloc_zero((size_t)count, sizeof(*list.ranges));
    for (int i = 0; i < count; i++)
        read_range(load, many ? config_setting_get_elem(setting, (unsigned)i) : setting, &list);
    return list;
}

static bool read_condition(const struct entry_reader *load, const config_setting_t *setting,
                           struct condition *condition) {
    if (!config_setting_is_group(setting)) {
        entry_wrong(load, setting, "only: expected a list of { column = ...; is = ...; }");
        return false;
    }
    entry_known(load, setting, "column is not");
    condition->line = entry_line(setting);
    condition->column = entry_string(load, setting, "column");
    condition->negated = entry_member(setting, "not") != NULL;
    condition->strings = entry_strings(load, setting, condition->negated ? "not" : "is");
    if (condition->column == NULL || condition->strings.count == 0 ||
        (condition->negated && entry_member(setting, "is") != NULL))
        entry_wrong(load, setting, "only: expected \"column\" and one of \"is\" and \"not\"");
    return true; /* what it holds is freed with the list */
}

static struct conditions read_conditions(const struct entry_reader *load, const config_setting_t *group) {
    struct conditions conditions = {NULL, 0};
    const config_setting_t *setting = entry_member(group, "only");
    int count = setting != NULL ? config_setting_length(setting) : 0;

    if (setting == NULL)
        return conditions;
    if (!config_setting_is_list(setting) || count > MAPPING_LIST_MAX) {
        entry_wrong(load, setting, "only: expected a list ( { column = ...; is = ...; }, ... )");
        return conditions;
    }
    conditions.list = alloc_zero((size_t)count + 1, sizeof(*conditions.list));
    for (int i = 0; i < count; i++)
        if (read_condition(load, config_setting_get_elem(setting, (unsigned)i), &conditions.list[conditions.count]))
            conditions.count++;
    return conditions;
}

static void read_rule(const struct entry_reader *load, const config_setting_t *setting, bool is_long,
                      struct figure_rule *rule) {
    static const char *const types[] = {"number", "word", "flag", NULL}, *const empties[] = {"skip", "zero", NULL};
    const config_setting_t *measure = entry_member(setting, "measure");
    const char *text = measure != NULL ? config_setting_get_string(measure) : NULL;
    int type, empty;

    rule->line = entry_line(setting);
    rule->scale = 1;
    entry_known(load, setting,
                is_long ? "measure metric type scale complement"
                        : "measure column numerator denominator only type scale complement empty");
    if (text == NULL || !text_is_name(text_of(text)))
        entry_wrong(load, setting, "measure: expected an id of 1 to %d of a-z 0-9 _ . -", NAME_MAX_LEN);
    else
        text_copy(rule->measure, sizeof(rule->measure), text_of(text));
    type = entry_choice(load, setting, "type", types, "number, word, flag");
    rule->type = type > 0 ? (enum figure_type)type : FIGURE_NUMBER;
    entry_number(load, setting, "scale", &rule->scale);
    entry_bool(load, setting, "complement", &rule->complement);
    if (rule->type != FIGURE_NUMBER &&
        (entry_member(setting, "scale") != NULL || entry_member(setting, "complement") != NULL))
        entry_wrong(load, setting, "scale and complement are for figures of type \"number\"");
    if (is_long) {
        rule->metric = entry_string(load, setting, "metric");
        if (rule->metric == NULL)
            entry_wrong(load, setting, "expected \"metric\", as written in the metric column");
        return;
    }
    empty = entry_choice(load, setting, "empty", empties, "skip, zero");
    rule->empty_is_zero = empty == 1;
    rule->numerator = read_columns(load, setting, entry_member(setting, "column") != NULL ? "column" : "numerator");
    rule->denominator = read_columns(load, setting, "denominator");
    rule->only = read_conditions(load, setting);
    if ((entry_member(setting, "column") != NULL) == (entry_member(setting, "numerator") != NULL))
        entry_wrong(load, setting, "expected one of \"column\" and \"numerator\"");
    if (rule->type != FIGURE_NUMBER && (rule->denominator.count > 0 || rule->numerator.count > 1))
        entry_wrong(load, setting, "a word or flag comes from one column");
}

static void read_rules(const struct entry_reader *load, const config_setting_t *setting, bool is_long,
                       struct mapping *mapping) {
    int count = setting != NULL ? config_setting_length(setting) : 0;

    if (setting == NULL)
        return;
    if (!config_setting_is_list(setting) || count > MAPPING_MEASURES_MAX) {
        entry_wrong(load, setting, "measures: expected a list of at most %d groups ( { measure = ...; ... }, ... )",
                    MAPPING_MEASURES_MAX);
        return;
    }
    mapping->rules = alloc_zero((size_t)count + 1, sizeof(*mapping->rules));
    for (int i = 0; i < count; i++) {
        const config_setting_t *rule = config_setting_get_elem(setting, (unsigned)i);

        if (config_setting_is_group(rule))
            read_rule(load, rule, is_long, &mapping->rules[mapping->rule_count++]);
        else
            entry_wrong(load, rule, "measures: expected { measure = ...; ... }");
    }
}

static void read_long(const struct entry_reader *load, const config_setting_t *setting, struct mapping *mapping) {
    static const char *const others[] = {"skip", "lower", "refuse", NULL};
    int choice;

    if (!config_setting_is_group(setting)) {
        entry_wrong(load, setting, "long: expected { metric = ...; value = ...; }");
        return;
    }
    entry_known(load, setting, "metric value measures others");
    mapping->long_line = entry_line(setting);
    mapping->metric_column = entry_string(load, setting, "metric");
    mapping->value_column = entry_string(load, setting, "value");
    if (mapping->metric_column == NULL || mapping->value_column == NULL)
        entry_wrong(load, setting, "long: expected the columns \"metric\" and \"value\"");
    choice = entry_choice(load, setting, "others", others, "skip, lower, refuse");
    mapping->others = choice > 0 ? (enum other_metrics)choice : OTHERS_SKIP;
    read_rules(load, entry_member(setting, "measures"), true, mapping);
    if (mapping->rule_count == 0 && mapping->others != OTHERS_LOWER)
        entry_wrong(load, setting, "long: names no measure");
}

static void read_period_text(const struct entry_reader *load, const config_setting_t *setting,
                             struct mapping *mapping) {
    struct string_list columns = entry_strings(load, setting, "column");
    const char *problem;

    if (columns.count == 0 || columns.count > PERIOD_COLUMNS_MAX)
        entry_wrong(load, setting, "period: expected 1 to %d columns", PERIOD_COLUMNS_MAX);
    for (size_t i = 0; i < columns.count; i++) {
        if (i < PERIOD_COLUMNS_MAX)
            mapping->period_columns[mapping->period_column_count++] = columns.strings[i];
        else
            free(columns.strings[i]);
    }
    free(columns.strings);
    mapping->period_format = entry_string(load, setting, "format");
    if (mapping->period_format == NULL)
        mapping->period_format = alloc_copy("%Y-%m-%d");
    problem = period_format_check(mapping->period_format);
    if (problem != NULL)
        entry_wrong(load, setting, "period: format \"%s\" %s", mapping->period_format, problem);
}

static void read_period(const struct entry_reader *load, const config_setting_t *setting, struct mapping *mapping) {
    char *fixed, *round;

    if (!config_setting_is_group(setting)) {
        entry_wrong(load, setting, "period: expected { column = ...; format = ...; }");
        return;
    }
    entry_known(load, setting, "column format round fixed");
    mapping->period_line = entry_line(setting);
    round = entry_string(load, setting, "round");
    if (round != NULL && !frequency_parse(round, &mapping->period_round))
        entry_wrong(load, setting, "period: round \"%s\" is not one of day, week, month, quarter, year", round);
    mapping->period_rounds = round != NULL;
    free(round);
    fixed = entry_string(load, setting, "fixed");
    if (fixed != NULL && entry_member(setting, "column") != NULL)
        entry_wrong(load, setting, "period: expected one of \"column\" and \"fixed\"");
    if (fixed != NULL && !date_parse_period(fixed, strlen(fixed), &mapping->period_fixed))
        entry_wrong(load, setting, "period: fixed \"%s\" is not a date YYYY-MM-DD or YYYY-MM", fixed);
    if (fixed == NULL)
        read_period_text(load, setting, mapping);
    free(fixed);
}

/* ---- The whole ------------------------------------------------------------------------ */

static void read_layout(const struct entry_reader *load, const config_setting_t *root, struct mapping *mapping) {
    char *delimiter = entry_string(load, root, "delimiter");
    double header = 1;

    mapping->title = entry_string(load, root, "title");
    entry_number(load, root, "header", &header);
    if (header < 1 || header > 1000 || header != (int)header)
        entry_wrong(load, entry_member(root, "header"), "header: expected the line of the column names, 1 to 1000");
    else
        mapping->header = (unsigned)header;
    if (delimiter != NULL && (strlen(delimiter) != 1 || strchr("\"\r\n", delimiter[0]) != NULL))
        entry_wrong(load, entry_member(root, "delimiter"), "delimiter: expected one character");
    else if (delimiter != NULL)
        mapping->delimiter = delimiter[0];
    free(delimiter);
    mapping->missing = entry_strings(load, root, "missing");
    mapping->skip_organisations = entry_strings(load, root, "skip_organisations");
    mapping->only = read_conditions(load, root);
    entry_bool(load, root, "group", &mapping->group);
    mapping->organisation = entry_string(load, root, "organisation");
    if (mapping->organisation == NULL)
        problems_add(load->problems, load->name, 0, "organisation: expected the column that holds its code");
    else
        mapping->organisation_line = entry_line(entry_member(root, "organisation"));
}

static void read_root(const struct entry_reader *load, const config_setting_t *root, struct mapping *mapping) {
    const config_setting_t *period = entry_member(root, "period"), *rows = entry_member(root, "long");

    entry_known(load, root,
                "title header delimiter missing organisation skip_organisations only group period measures long");
    read_layout(load, root, mapping);
    if (period != NULL)
        read_period(load, period, mapping);
    if (rows != NULL && entry_member(root, "measures") != NULL)
        entry_wrong(load, rows, "expected one of \"measures\" (a column each) and \"long\" (a row each)");
    else if (rows != NULL)
        read_long(load, rows, mapping);
    else
        read_rules(load, entry_member(root, "measures"), false, mapping);
    if (rows == NULL && mapping->rule_count == 0)
        problems_add(load->problems, load->name, 0, "measures: names no measure");
    if (mapping->group && rows != NULL)
        entry_wrong(load, rows, "group is not for the long form");
    for (size_t i = 0; mapping->group && i < mapping->rule_count; i++)
        if (mapping->rules[i].type != FIGURE_NUMBER)
            problems_add(load->problems, load->name, mapping->rules[i].line, "group adds up numbers only");
}

struct mapping *mapping_parse(const char *name, const char *bytes, size_t len, struct problems *problems) {
    struct entry_reader load = {name, problems};
    struct mapping *mapping;
    size_t before = problems_count(problems);
    config_t config;
    char *text;

    if (len > MAPPING_FILE_MAX) {
        problems_add(problems, name, 0, "more than %u bytes", MAPPING_FILE_MAX);
        return NULL;
    }
    if (memchr(bytes, '\0', len) != NULL) {
        problems_add(problems, name, 0, "has a NUL byte");
        return NULL;
    }
    mapping = alloc_zero(1, sizeof(*mapping));
    mapping->name = alloc_copy(name);
    mapping->header = 1;
    mapping->delimiter = ',';
    mapping->period_fixed = OV_DAY_NONE;
    text = alloc_copy_bytes(bytes, len);
    config_init(&config);
    if (config_read_string(&config, text) == CONFIG_TRUE)
        read_root(&load, config_root_setting(&config), mapping);
    else
        problems_add(problems, name, (unsigned)config_error_line(&config), "%s", config_error_text(&config));
    config_destroy(&config);
    free(text);
    if (problems_count(problems) == before)
        return mapping;
    mapping_destroy(mapping);
    return NULL;
}

struct mapping *mapping_load(const char *path, struct problems *problems) {
    struct mapping *mapping = NULL;
    size_t len;
    char *bytes = file_read(path, MAPPING_FILE_MAX, &len, problems);

    if (bytes != NULL)
        mapping = mapping_parse(path, bytes, len, problems);
    free(bytes);
    return mapping;
}
