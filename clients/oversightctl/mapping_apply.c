/* A published file through a mapping: rows to figures. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/oversightctl/csv_reader.h"
#include "clients/oversightctl/figure_table.h"
#include "clients/oversightctl/mapping_columns.h"
#include "clients/oversightctl/mapping_data.h"
#include "clients/oversightctl/period_format.h"
#include "common/buf.h"

struct apply {
    const struct mapping *mapping;
    const char *name;
    const struct mapping_options *options;
    struct problems *problems;
    struct figure_table *table;
    struct mapping_columns columns;
    bool have_columns;
};

/* What a row says before any measure is looked at. */
struct row_name {
    char org[ORG_CODE_MAX + 1];
    ov_day period;
};

#define SHOWN 120 /* bytes of a cell quoted in a message */

static const char *shown(char buf[SHOWN], struct text text) {
    return text_escape(buf, SHOWN, text);
}

static bool listed(const struct string_list *list, struct text cell) {
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(cell, list->strings[i]))
            return true;
    return false;
}

static bool conditions_hold(const struct conditions *conditions, const struct index_list *columns,
                            const struct csv_row *row) {
    for (size_t i = 0; i < conditions->count; i++)
        if (listed(&conditions->list[i].strings, row->cells[columns->indices[i]]) == conditions->list[i].negated)
            return false;
    return true;
}

static bool is_missing(const struct apply *apply, struct text cell) {
    return cell.len == 0 || listed(&apply->mapping->missing, cell);
}

/* ---- Cells -------------------------------------------------------------------------- */

/* Adds up the cells; an empty one makes the figure missing unless it stands for zero. */
static bool sum_cells(struct apply *apply, const struct figure_rule *rule, const struct index_list *columns,
                      const struct csv_row *row, double *sum, bool *missing) {
    size_t empty = 0;
    char buf[SHOWN];

    for (size_t i = 0; i < columns->count; i++) {
        struct text cell = row->cells[columns->indices[i]];
        double number;

        if (is_missing(apply, cell)) {
            empty++;
            continue;
        }
        if (!text_to_double(cell, &number)) {
            problems_add(apply->problems, apply->name, row->line, "%s: \"%s\" in column %zu is not a number",
                         rule->measure, shown(buf, cell), columns->indices[i] + 1);
            return false;
        }
        *sum += number;
    }
    if (empty > 0 && !rule->empty_is_zero)
        *missing = true;
    return true;
}

static bool parse_flag(struct text cell, bool *ret_flag) {
    static const char *const yes[] = {"1", "true", "yes", "y", "1.0"}, *const no[] = {"0", "false", "no", "n", "0.0"};
    char lower[8];

    if (cell.len >= sizeof(lower))
        return false;
    for (size_t i = 0; i < cell.len; i++)
        lower[i] = (char)tolower((unsigned char)cell.s[i]);
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (!text_equal((struct text){lower, cell.len}, yes[i]) && !text_equal((struct text){lower, cell.len}, no[i]))
            continue;
        *ret_flag = text_equal((struct text){lower, cell.len}, yes[i]);
        return true;
    }
    return false;
}

static bool take_word_or_flag(struct apply *apply, const struct figure_rule *rule, struct text cell, unsigned line,
                              struct gathered *figure) {
    char buf[SHOWN];

    if (is_missing(apply, cell)) {
        figure->missing = true;
        return true;
    }
    if (rule->type == FIGURE_FLAG) {
        figure->type = VALUE_BOOLEAN;
        if (parse_flag(cell, &figure->flag))
            return true;
        problems_add(apply->problems, apply->name, line, "%s: \"%s\" is not one of 1, 0, true, false, yes, no",
                     figure->measure, shown(buf, cell));
        return false;
    }
    figure->type = VALUE_WORD;
    if (text_copy(figure->word, sizeof(figure->word), cell))
        return true;
    problems_add(apply->problems, apply->name, line, "%s: a word of more than %d bytes: \"%s\"", figure->measure,
                 WORD_MAX, shown(buf, cell));
    return false;
}

/* ---- Rows --------------------------------------------------------------------------- */

static struct gathered *get_figure(struct apply *apply, const struct row_name *name, const char *measure,
                                   const struct figure_rule *rule, unsigned line) {
    bool is_new;
    struct gathered *figure = figure_table_get(apply->table, name->org, name->period, measure, &is_new);
    char date[OV_DATE_SIZE];

    if (is_new) {
        figure->line = line;
        figure->rule = rule;
        figure->type = VALUE_NUMBER;
        return figure;
    }
    if (apply->mapping->group && figure->rule == rule)
        return figure;
    problems_add(apply->problems, apply->name, line,
                 "%s of %s for %s was given in line %u already; \"group\" adds rows up, \"only\" chooses among them",
                 measure, name->org, date_format(name->period, date), figure->line);
    return NULL;
}

static void take_wide(struct apply *apply, const struct row_name *name, const struct csv_row *row) {
    for (size_t i = 0; i < apply->mapping->rule_count; i++) {
        const struct figure_rule *rule = &apply->mapping->rules[i];
        const struct rule_columns *columns = &apply->columns.rules[i];
        double numerator = 0, denominator = 0;
        bool missing = false;
        struct gathered *figure;

        if (!conditions_hold(&rule->only, &columns->only, row))
            continue;
        if (rule->type == FIGURE_NUMBER &&
            (!sum_cells(apply, rule, &columns->numerator, row, &numerator, &missing) ||
             !sum_cells(apply, rule, &columns->denominator, row, &denominator, &missing)))
            missing = true; /* rather no figure than one that leaves a row out */
        figure = get_figure(apply, name, rule->measure, rule, row->line);
        if (figure == NULL)
            continue;
        figure->numerator += numerator;
        figure->denominator += denominator;
        figure->missing = figure->missing || missing;
        if (rule->type != FIGURE_NUMBER &&
            !take_word_or_flag(apply, rule, row->cells[columns->numerator.indices[0]], row->line, figure))
            figure->missing = true;
    }
}

/* The rule for a metric of the long form; other is used when none names it. */
static const struct figure_rule *find_metric(const struct apply *apply, struct text metric,
                                             const struct figure_rule *other, char measure[NAME_MAX_LEN + 1]) {
    for (size_t i = 0; i < apply->mapping->rule_count; i++) {
        const struct figure_rule *rule = &apply->mapping->rules[i];

        if (!text_equal(metric, rule->metric))
            continue;
        memcpy(measure, rule->measure, NAME_MAX_LEN + 1);
        return rule;
    }
    if (apply->mapping->others != OTHERS_LOWER || !text_copy(measure, NAME_MAX_LEN + 1, metric))
        return NULL;
    for (char *p = measure; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    return text_is_name(text_of(measure)) ? other : NULL;
}

static void take_long(struct apply *apply, const struct row_name *name, const struct csv_row *row) {
    static const struct figure_rule plain = {.type = FIGURE_NUMBER, .scale = 1};
    struct text metric = row->cells[apply->columns.metric], cell = row->cells[apply->columns.value];
    char measure[NAME_MAX_LEN + 1], buf[SHOWN];
    const struct figure_rule *rule = find_metric(apply, metric, &plain, measure);
    struct gathered *figure;
    double number = 0;

    if (rule == NULL) {
        if (apply->mapping->others != OTHERS_SKIP)
            problems_add(apply->problems, apply->name, row->line, "metric \"%s\" is not in %s", shown(buf, metric),
                         apply->mapping->name);
        return;
    }
    if (rule->type == FIGURE_NUMBER && !is_missing(apply, cell) && !text_to_double(cell, &number)) {
        problems_add(apply->problems, apply->name, row->line, "%s: \"%s\" is not a number", measure, shown(buf, cell));
        return;
    }
    figure = get_figure(apply, name, measure, rule, row->line);
    if (figure == NULL)
        return;
    figure->numerator = number;
    figure->missing = is_missing(apply, cell);
    if (rule->type != FIGURE_NUMBER && !take_word_or_flag(apply, rule, cell, row->line, figure))
        figure->missing = true;
}

static bool read_period(struct apply *apply, const struct csv_row *row, ov_day *ret_period) {
    const struct mapping *mapping = apply->mapping;
    char buf[SHOWN];
    struct buf text;
    bool good;

    if (apply->options->period != OV_DAY_NONE || mapping->period_fixed != OV_DAY_NONE) {
        *ret_period = apply->options->period != OV_DAY_NONE ? apply->options->period : mapping->period_fixed;
        return true;
    }
    buf_init(&text);
    for (size_t i = 0; i < mapping->period_column_count; i++) {
        if (i > 0)
            buf_append_char(&text, ' ');
        buf_append_text(&text, row->cells[apply->columns.periods[i]]);
    }
    good = period_format_parse(mapping->period_format, (struct text){text.data, text.len}, ret_period);
    if (!good)
        problems_add(apply->problems, apply->name, row->line, "period \"%s\" is not of the form \"%s\"",
                     shown(buf, (struct text){text.data, text.len}), mapping->period_format);
    buf_finish(&text);
    return good;
}

static bool is_blank(const struct csv_row *row) {
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i].len > 0)
            return false;
    return true;
}

static bool read_name(struct apply *apply, const struct csv_row *row, struct row_name *name) {
    struct text org = row->cells[apply->columns.organisation];
    char buf[SHOWN];

    if (!text_is_org_code(org)) {
        problems_add(apply->problems, apply->name, row->line, "organisation \"%s\" is not a code of 1 to %d of A-Z 0-9",
                     shown(buf, org), ORG_CODE_MAX);
        return false;
    }
    text_copy(name->org, sizeof(name->org), org);
    if (!read_period(apply, row, &name->period))
        return false;
    if (apply->mapping->period_rounds)
        name->period = period_of(apply->mapping->period_round, name->period);
    return true;
}

static bool on_row(void *arg, const struct csv_row *row) {
    struct apply *apply = arg;
    const struct mapping *mapping = apply->mapping;
    bool need_period = apply->options->period == OV_DAY_NONE && mapping->period_fixed == OV_DAY_NONE;
    struct row_name name;

    if (row->line < mapping->header)
        return true;
    if (!apply->have_columns) {
        apply->have_columns = true;
        return mapping_columns_init(&apply->columns, mapping, row, need_period, apply->name, apply->problems);
    }
    if (is_blank(row))
        return true;
    if (row->count != apply->columns.count) {
        problems_add(apply->problems, apply->name, row->line, "%zu cells; the header has %zu", row->count,
                     apply->columns.count);
        return true;
    }
    if (listed(&mapping->skip_organisations, row->cells[apply->columns.organisation]) ||
        !conditions_hold(&mapping->only, &apply->columns.only, row) || !read_name(apply, row, &name))
        return true;
    if (mapping->metric_column != NULL)
        take_long(apply, &name, row);
    else
        take_wide(apply, &name, row);
    return true;
}

/* ---- Figures ------------------------------------------------------------------------- */

/* False when the rows gave no figure. */
static bool compute(const struct gathered *figure, double *ret_number) {
    const struct figure_rule *rule = figure->rule;
    double whole = rule->denominator.count > 0 ? figure->denominator : 1;
    double part = rule->complement ? whole - figure->numerator : figure->numerator;

    if (whole == 0) /* nobody to count: no performance, good or bad */
        return false;
    /* Multiplied before it is divided: 100 * 4 / 5 is exact where 0.8 * 100 is not. */
    *ret_number = rule->scale * part / whole;
    return isfinite(*ret_number);
}

static void emit(struct apply *apply, struct updates *updates) {
    for (size_t i = 0; i < figure_table_count(apply->table); i++) {
        const struct gathered *figure = figure_table_at(apply->table, i);
        struct item item = {.kind = ITEM_FIGURE, .org = text_of(figure->org)};
        bool given = !figure->missing;

        item.figure.measure = text_of(figure->measure);
        item.figure.period = figure->period;
        item.figure.value.type = figure->type;
        if (figure->type == VALUE_WORD)
            item.figure.value.word = text_of(figure->word);
        else if (figure->type == VALUE_BOOLEAN)
            item.figure.value.boolean = figure->flag;
        else
            given = given && compute(figure, &item.figure.value.number);
        if (!given)
            item.figure.value.type = VALUE_NULL;
        if (given || apply->options->empty_withdraws)
            updates_add(updates, &item, apply->name, figure->line);
    }
}

void mapping_apply(const struct mapping *mapping, const char *name, const char *bytes, size_t len,
                   const struct mapping_options *options, struct updates *updates, struct problems *problems) {
    struct apply apply = {.mapping = mapping, .name = name, .options = options, .problems = problems};

    if (options->period == OV_DAY_NONE && mapping->period_fixed == OV_DAY_NONE && mapping->period_column_count == 0) {
        problems_add(problems, name, 0, "%s does not say the period: give it with --period", mapping->name);
        return;
    }
    apply.table = figure_table_create();
    csv_read(name, bytes, len, mapping->delimiter, on_row, &apply, problems);
    if (!apply.have_columns)
        problems_add(problems, name, 0, "no row of column names in line %u or after", mapping->header);
    emit(&apply, updates);
    if (apply.have_columns)
        mapping_columns_finish(&apply.columns, mapping);
    figure_table_destroy(apply.table);
}
