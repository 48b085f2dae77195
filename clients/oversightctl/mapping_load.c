/* Mapping files: libconfig text to struct mapping, or everything that is wrong with it. */
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/oversightctl/file.h"
#include "clients/oversightctl/mapping_data.h"
#include "clients/oversightctl/period_format.h"
#include "common/alloc.h"

struct load {
    const char *name;
    struct problems *problems;
};

static void wrong(const struct load *load, const config_setting_t *setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void wrong(const struct load *load, const config_setting_t *setting, const char *format, ...) {
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    problems_add(load->problems, load->name, (unsigned)config_setting_source_line(setting), "%s", text);
}

static const char *name_of(const config_setting_t *setting) {
    const char *name = config_setting_name(setting);

    return name != NULL ? name : "entry";
}

static unsigned line_of(const config_setting_t *setting) {
    return (unsigned)config_setting_source_line(setting);
}

/* known: names separated by single spaces. */
static void refuse_unknown(const struct load *load, const config_setting_t *group, const char *known) {
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const char *name = name_of(member), *found = known;
        size_t len = strlen(name);

        while ((found = strstr(found, name)) != NULL) {
            if ((found == known || found[-1] == ' ') && (found[len] == ' ' || found[len] == '\0'))
                break;
            found += len;
        }
        if (found == NULL)
            wrong(load, member, "unknown setting \"%s\"; expected one of: %s", name, known);
    }
}

static config_setting_t *member(const config_setting_t *group, const char *name) {
    return config_setting_get_member(group, name);
}

/* ---- Single values: absent leaves the default ------------------------------------- */

static char *read_string(const struct load *load, const config_setting_t *group, const char *name) {
    const config_setting_t *setting = member(group, name);
    const char *text = setting != NULL ? config_setting_get_string(setting) : NULL;

    if (setting == NULL)
        return NULL;
    if (text == NULL || text[0] == '\0') {
        wrong(load, setting, "%s: expected a string that is not empty", name);
        return NULL;
    }
    return alloc_copy(text);
}

static void read_bool(const struct load *load, const config_setting_t *group, const char *name, bool *ret) {
    const config_setting_t *setting = member(group, name);

    if (setting == NULL)
        return;
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
        wrong(load, setting, "%s: expected true or false", name);
    else
        *ret = config_setting_get_bool(setting) != 0;
}

static void read_number(const struct load *load, const config_setting_t *group, const char *name, double *ret) {
    const config_setting_t *setting = member(group, name);

    if (setting == NULL)
        return;
    if (config_setting_type(setting) == CONFIG_TYPE_FLOAT)
        *ret = config_setting_get_float(setting);
    else if (config_setting_type(setting) == CONFIG_TYPE_INT)
        *ret = config_setting_get_int(setting);
    else
        wrong(load, setting, "%s: expected a number", name);
}

/* Index of the word in the NULL-ended list, or -1 with a problem. */
static int read_choice(const struct load *load, const config_setting_t *group, const char *name,
                       const char *const *words, const char *expected) {
    const config_setting_t *setting = member(group, name);
    const char *text = setting != NULL ? config_setting_get_string(setting) : NULL;

    if (setting == NULL)
        return 0;
    for (int i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    wrong(load, setting, "%s: \"%s\" is not one of %s", name, text != NULL ? text : "(not a string)", expected);
    return -1;
}

/* A string, or an array or list of strings. */
static struct string_list read_strings(const struct load *load, const config_setting_t *group, const char *name) {
    struct string_list list = {NULL, 0};
    const config_setting_t *setting = member(group, name);
    int count;

    if (setting == NULL)
        return list;
    count =
        config_setting_is_aggregate(setting) && !config_setting_is_group(setting) ? config_setting_length(setting) : 1;
    if (count > MAPPING_LIST_MAX) {
        wrong(load, setting, "%s: more than %d entries", name, MAPPING_LIST_MAX);
        return list;
    }
    list.strings = alloc_zero((size_t)count + 1, sizeof(*list.strings));
    for (int i = 0; i < count; i++) {
        const char *text = config_setting_is_aggregate(setting) ? config_setting_get_string_elem(setting, i)
                                                                : config_setting_get_string(setting);

        if (text == NULL)
            wrong(load, setting, "%s: expected a string or an array of strings", name);
        else
            list.strings[list.count++] = alloc_copy(text);
    }
    return list;
}

/* ---- Parts -------------------------------------------------------------------------- */

static void read_range(const struct load *load, const config_setting_t *setting, struct column_list *list) {
    struct column_range *range = &list->ranges[list->count];

    range->line = line_of(setting);
    if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
        range->from = alloc_copy(config_setting_get_string(setting));
    } else if (config_setting_is_group(setting)) {
        refuse_unknown(load, setting, "from to");
        range->from = read_string(load, setting, "from");
        range->to = read_string(load, setting, "to");
        if (range->from == NULL || range->to == NULL)
            wrong(load, setting, "a range of columns needs \"from\" and \"to\"");
    } else {
        wrong(load, setting, "%s: expected names of columns or { from = ...; to = ...; }", name_of(setting));
    }
    if (range->from != NULL)
        list->count++;
    else
        free(range->to);
}

static struct column_list read_columns(const struct load *load, const config_setting_t *group, const char *name) {
    struct column_list list = {NULL, 0};
    const config_setting_t *setting = member(group, name);
    bool many = setting != NULL && config_setting_is_aggregate(setting) && !config_setting_is_group(setting);
    int count = many ? config_setting_length(setting) : 1;

    if (setting == NULL)
        return list;
    if (count == 0 || count > FIGURE_COLUMNS_MAX) {
        wrong(load, setting, "%s: expected 1 to %d columns", name, FIGURE_COLUMNS_MAX);
        return list;
    }
    list.ranges = alloc_zero((size_t)count, sizeof(*list.ranges));
    for (int i = 0; i < count; i++)
        read_range(load, many ? config_setting_get_elem(setting, (unsigned)i) : setting, &list);
    return list;
}

static bool read_condition(const struct load *load, const config_setting_t *setting, struct condition *condition) {
    if (!config_setting_is_group(setting)) {
        wrong(load, setting, "only: expected a list of { column = ...; is = ...; }");
        return false;
    }
    refuse_unknown(load, setting, "column is not");
    condition->line = line_of(setting);
    condition->column = read_string(load, setting, "column");
    condition->negated = member(setting, "not") != NULL;
    condition->strings = read_strings(load, setting, condition->negated ? "not" : "is");
    if (condition->column == NULL || condition->strings.count == 0 ||
        (condition->negated && member(setting, "is") != NULL))
        wrong(load, setting, "only: expected \"column\" and one of \"is\" and \"not\"");
    return condition->column != NULL;
}

static struct conditions read_conditions(const struct load *load, const config_setting_t *group) {
    struct conditions conditions = {NULL, 0};
    const config_setting_t *setting = member(group, "only");
    int count = setting != NULL ? config_setting_length(setting) : 0;

    if (setting == NULL)
        return conditions;
    if (!config_setting_is_list(setting) || count > MAPPING_LIST_MAX) {
        wrong(load, setting, "only: expected a list ( { column = ...; is = ...; }, ... )");
        return conditions;
    }
    conditions.list = alloc_zero((size_t)count + 1, sizeof(*conditions.list));
    for (int i = 0; i < count; i++)
        if (read_condition(load, config_setting_get_elem(setting, (unsigned)i), &conditions.list[conditions.count]))
            conditions.count++;
    return conditions;
}

static void read_rule(const struct load *load, const config_setting_t *setting, bool is_long,
                      struct figure_rule *rule) {
    static const char *const types[] = {"number", "word", "flag", NULL}, *const empties[] = {"skip", "zero", NULL};
    const config_setting_t *measure = member(setting, "measure");
    const char *text = measure != NULL ? config_setting_get_string(measure) : NULL;
    int type, empty;

    rule->line = line_of(setting);
    rule->scale = 1;
    refuse_unknown(load, setting,
                   is_long ? "measure metric type scale complement"
                           : "measure column numerator denominator only type scale complement empty");
    if (text == NULL || !text_is_name(text_of(text)))
        wrong(load, setting, "measure: expected an id of 1 to %d of a-z 0-9 _ . -", NAME_MAX_LEN);
    else
        text_copy(rule->measure, sizeof(rule->measure), text_of(text));
    type = read_choice(load, setting, "type", types, "number, word, flag");
    rule->type = type > 0 ? (enum figure_type)type : FIGURE_NUMBER;
    read_number(load, setting, "scale", &rule->scale);
    read_bool(load, setting, "complement", &rule->complement);
    if (rule->type != FIGURE_NUMBER && (member(setting, "scale") != NULL || member(setting, "complement") != NULL))
        wrong(load, setting, "scale and complement are for figures of type \"number\"");
    if (is_long) {
        rule->metric = read_string(load, setting, "metric");
        if (rule->metric == NULL)
            wrong(load, setting, "expected \"metric\", as written in the metric column");
        return;
    }
    empty = read_choice(load, setting, "empty", empties, "skip, zero");
    rule->empty_is_zero = empty == 1;
    rule->numerator = read_columns(load, setting, member(setting, "column") != NULL ? "column" : "numerator");
    rule->denominator = read_columns(load, setting, "denominator");
    rule->only = read_conditions(load, setting);
    if ((member(setting, "column") != NULL) == (member(setting, "numerator") != NULL))
        wrong(load, setting, "expected one of \"column\" and \"numerator\"");
    if (rule->type != FIGURE_NUMBER && (rule->denominator.count > 0 || rule->numerator.count > 1))
        wrong(load, setting, "a word or flag comes from one column");
}

static void read_rules(const struct load *load, const config_setting_t *setting, bool is_long,
                       struct mapping *mapping) {
    int count = setting != NULL ? config_setting_length(setting) : 0;

    if (setting == NULL)
        return;
    if (!config_setting_is_list(setting) || count > MAPPING_MEASURES_MAX) {
        wrong(load, setting, "measures: expected a list of at most %d groups ( { measure = ...; ... }, ... )",
              MAPPING_MEASURES_MAX);
        return;
    }
    mapping->rules = alloc_zero((size_t)count + 1, sizeof(*mapping->rules));
    for (int i = 0; i < count; i++) {
        const config_setting_t *rule = config_setting_get_elem(setting, (unsigned)i);

        if (config_setting_is_group(rule))
            read_rule(load, rule, is_long, &mapping->rules[mapping->rule_count++]);
        else
            wrong(load, rule, "measures: expected { measure = ...; ... }");
    }
}

static void read_long(const struct load *load, const config_setting_t *setting, struct mapping *mapping) {
    static const char *const others[] = {"skip", "lower", "refuse", NULL};
    int choice;

    if (!config_setting_is_group(setting)) {
        wrong(load, setting, "long: expected { metric = ...; value = ...; }");
        return;
    }
    refuse_unknown(load, setting, "metric value measures others");
    mapping->long_line = line_of(setting);
    mapping->metric_column = read_string(load, setting, "metric");
    mapping->value_column = read_string(load, setting, "value");
    if (mapping->metric_column == NULL || mapping->value_column == NULL)
        wrong(load, setting, "long: expected the columns \"metric\" and \"value\"");
    choice = read_choice(load, setting, "others", others, "skip, lower, refuse");
    mapping->others = choice > 0 ? (enum other_metrics)choice : OTHERS_SKIP;
    read_rules(load, member(setting, "measures"), true, mapping);
    if (mapping->rule_count == 0 && mapping->others != OTHERS_LOWER)
        wrong(load, setting, "long: names no measure");
}

static void read_period_text(const struct load *load, const config_setting_t *setting, struct mapping *mapping) {
    struct string_list columns = read_strings(load, setting, "column");
    const char *problem;

    if (columns.count == 0 || columns.count > PERIOD_COLUMNS_MAX)
        wrong(load, setting, "period: expected 1 to %d columns", PERIOD_COLUMNS_MAX);
    for (size_t i = 0; i < columns.count; i++) {
        if (i < PERIOD_COLUMNS_MAX)
            mapping->period_columns[mapping->period_column_count++] = columns.strings[i];
        else
            free(columns.strings[i]);
    }
    free(columns.strings);
    mapping->period_format = read_string(load, setting, "format");
    if (mapping->period_format == NULL)
        mapping->period_format = alloc_copy("%Y-%m-%d");
    problem = period_format_check(mapping->period_format);
    if (problem != NULL)
        wrong(load, setting, "period: format \"%s\" %s", mapping->period_format, problem);
}

static void read_period(const struct load *load, const config_setting_t *setting, struct mapping *mapping) {
    char *fixed, *round;

    if (!config_setting_is_group(setting)) {
        wrong(load, setting, "period: expected { column = ...; format = ...; }");
        return;
    }
    refuse_unknown(load, setting, "column format round fixed");
    mapping->period_line = line_of(setting);
    round = read_string(load, setting, "round");
    if (round != NULL && !frequency_parse(round, &mapping->period_round))
        wrong(load, setting, "period: round \"%s\" is not one of day, week, month, quarter, year", round);
    mapping->period_rounds = round != NULL;
    free(round);
    fixed = read_string(load, setting, "fixed");
    if (fixed != NULL && member(setting, "column") != NULL)
        wrong(load, setting, "period: expected one of \"column\" and \"fixed\"");
    if (fixed != NULL && !date_parse_period(fixed, strlen(fixed), &mapping->period_fixed))
        wrong(load, setting, "period: fixed \"%s\" is not a date YYYY-MM-DD or YYYY-MM", fixed);
    if (fixed == NULL)
        read_period_text(load, setting, mapping);
    free(fixed);
}

/* ---- The whole ------------------------------------------------------------------------ */

static void read_layout(const struct load *load, const config_setting_t *root, struct mapping *mapping) {
    char *delimiter = read_string(load, root, "delimiter");
    double header = 1;

    mapping->title = read_string(load, root, "title");
    read_number(load, root, "header", &header);
    if (header < 1 || header > 1000 || header != (int)header)
        wrong(load, member(root, "header"), "header: expected the line of the column names, 1 to 1000");
    else
        mapping->header = (unsigned)header;
    if (delimiter != NULL && (strlen(delimiter) != 1 || strchr("\"\r\n", delimiter[0]) != NULL))
        wrong(load, member(root, "delimiter"), "delimiter: expected one character");
    else if (delimiter != NULL)
        mapping->delimiter = delimiter[0];
    free(delimiter);
    mapping->missing = read_strings(load, root, "missing");
    mapping->skip_organisations = read_strings(load, root, "skip_organisations");
    mapping->only = read_conditions(load, root);
    read_bool(load, root, "group", &mapping->group);
    mapping->organisation = read_string(load, root, "organisation");
    if (mapping->organisation == NULL)
        problems_add(load->problems, load->name, 0, "organisation: expected the column that holds its code");
    else
        mapping->organisation_line = line_of(member(root, "organisation"));
}

static void read_root(const struct load *load, const config_setting_t *root, struct mapping *mapping) {
    const config_setting_t *period = member(root, "period"), *rows = member(root, "long");

    refuse_unknown(load, root,
                   "title header delimiter missing organisation skip_organisations only group period measures long");
    read_layout(load, root, mapping);
    if (period != NULL)
        read_period(load, period, mapping);
    if (rows != NULL && member(root, "measures") != NULL)
        wrong(load, rows, "expected one of \"measures\" (a column each) and \"long\" (a row each)");
    else if (rows != NULL)
        read_long(load, rows, mapping);
    else
        read_rules(load, member(root, "measures"), false, mapping);
    if (rows == NULL && mapping->rule_count == 0)
        problems_add(load->problems, load->name, 0, "measures: names no measure");
    if (mapping->group && rows != NULL)
        wrong(load, rows, "group is not for the long form");
    for (size_t i = 0; mapping->group && i < mapping->rule_count; i++)
        if (mapping->rules[i].type != FIGURE_NUMBER)
            problems_add(load->problems, load->name, mapping->rules[i].line, "group adds up numbers only");
}

struct mapping *mapping_parse(const char *name, const char *bytes, size_t len, struct problems *problems) {
    struct load load = {name, problems};
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
