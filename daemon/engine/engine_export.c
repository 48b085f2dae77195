/* Read only: everything the engine holds, for a store that is written anew and for exports. */
#include <math.h>

#include "daemon/engine/engine_state.h"

/* Does an earlier framework hold the figure, and so speak for it? Frameworks
 * may differ in the types that a measure applies to. */
static bool in_earlier(const struct engine *engine, size_t framework, const char *id, ov_day period, uint32_t org) {
    for (size_t i = 0; i < framework; i++) {
        uint16_t measure = engine_measure(engine->assessments[i], text_of(id));
        const struct column *column =
            measure == INDEX_NONE ? NULL : figures_column(engine->assessments[i]->figures[measure], period);

        if (column && (column_has(column, org) || column_revision(column, org)))
            return true;
    }
    return false;
}

static struct value value_of(const struct measure *measure, double number) {
    if (isnan(number))
        return (struct value){.type = VALUE_NULL};
    if (measure->kind == MEASURE_RATING)
        return (struct value){.type = VALUE_WORD, .word = text_of(measure->words[(size_t)number])};
    if (measure->kind == MEASURE_FLAG)
        return (struct value){.type = VALUE_BOOLEAN, .boolean = number > 0};
    return (struct value){.type = VALUE_NUMBER, .number = number};
}

static void visit_figure(const struct engine *engine, size_t framework, const struct figures *figures,
                         const struct column *column, uint32_t org, figure_visit visit, void *context) {
    struct figure_change figure = {.measure = figures->measure->id,
                                   .period = column->period,
                                   .org = org,
                                   .value = value_of(figures->measure, column->values[org]),
                                   .revision = column_revision(column, org)};

    if ((figure.value.type != VALUE_NULL || figure.revision) &&
        !in_earlier(engine, framework, figure.measure, figure.period, org))
        visit(context, &figure);
}

static void visit_column(const struct engine *engine, size_t framework, const struct figures *figures,
                         const struct column *column, figure_visit visit, void *context) {
    for (uint32_t org = 0; org < registry_count(figures->registry); org++)
        visit_figure(engine, framework, figures, column, org, visit, context);
}

void engine_figures(const struct engine *engine, figure_visit visit, void *context) {
    for (size_t f = 0; f < engine->framework_count; f++) {
        const struct assessment *assessment = engine->assessments[f];

        for (size_t m = 0; m < assessment->framework->measure_count; m++) {
            const struct figures *figures = assessment->figures[m];

            for (size_t c = 0; c < figures->count; c++)
                visit_column(engine, f, figures, figures->columns[c], visit, context);
        }
    }
}

void engine_figures_of(const struct engine *engine, struct text measure, figure_visit visit, void *context) {
    for (size_t f = 0; f < engine->framework_count; f++) {
        uint16_t m = framework_measure(engine->frameworks[f], measure);

        if (m == INDEX_NONE)
            continue;
        for (size_t c = 0; c < engine->assessments[f]->figures[m]->count; c++)
            visit_column(engine, f, engine->assessments[f]->figures[m], engine->assessments[f]->figures[m]->columns[c],
                         visit, context);
    }
}

/* The first column that is not before the cursor, or NULL. */
static const struct column *column_from(const struct figures *figures, struct figure_cursor *cursor) {
    for (size_t c = 0; c < figures->count; c++) {
        const struct column *column = figures->columns[c];

        if (column->period < cursor->period)
            continue;
        if (column->period > cursor->period)
            cursor->org = 0;
        cursor->period = column->period;
        return column;
    }
    return NULL;
}

/* Moves on to the next measure; false: there is none. */
static bool next_measure(const struct engine *engine, struct figure_cursor *cursor) {
    cursor->period = OV_DAY_NONE;
    cursor->org = 0;
    if (++cursor->measure >= engine->frameworks[cursor->framework]->measure_count) {
        cursor->measure = 0;
        cursor->framework++;
    }
    return cursor->framework < engine->framework_count;
}

static bool column_in_earlier(const struct engine *engine, size_t framework, const char *id, ov_day period) {
    for (size_t i = 0; i < framework; i++) {
        uint16_t measure = engine_measure(engine->assessments[i], text_of(id));

        if (measure != INDEX_NONE && figures_column(engine->assessments[i]->figures[measure], period))
            return true;
    }
    return false;
}

bool engine_figures_next(const struct engine *engine, struct figure_cursor *cursor, size_t looks, column_visit begin,
                         figure_visit visit, void *context) {
    while (cursor->framework < engine->framework_count) {
        const struct assessment *assessment = engine->assessments[cursor->framework];
        const struct figures *figures =
            cursor->measure < assessment->framework->measure_count ? assessment->figures[cursor->measure] : NULL;
        const struct column *column = figures ? column_from(figures, cursor) : NULL;

        if (!column) {
            if (!next_measure(engine, cursor))
                return false;
            continue;
        }
        if (!looks)
            return true;
        if (!cursor->org && !column_in_earlier(engine, cursor->framework, figures->measure->id, column->period))
            begin(context, figures->measure->id, column->period);
        for (; cursor->org < registry_count(figures->registry); cursor->org++) {
            if (!looks)
                return true;
            looks--;
            visit_figure(engine, cursor->framework, figures, column, cursor->org, visit, context);
        }
        cursor->period++;
        cursor->org = 0;
    }
    return false;
}

bool engine_column_next(const struct engine *engine, struct figure_cursor *cursor, const char **ret_measure,
                        ov_day *ret_period) {
    while (cursor->framework < engine->framework_count) {
        const struct assessment *assessment = engine->assessments[cursor->framework];
        const struct figures *figures =
            cursor->measure < assessment->framework->measure_count ? assessment->figures[cursor->measure] : NULL;
        const struct column *column = figures ? column_from(figures, cursor) : NULL;

        if (!column) {
            if (!next_measure(engine, cursor))
                return false;
            continue;
        }
        cursor->period++;
        if (column_in_earlier(engine, cursor->framework, figures->measure->id, column->period))
            continue;
        *ret_measure = figures->measure->id;
        *ret_period = column->period;
        return true;
    }
    return false;
}

bool engine_figure(const struct engine *engine, struct text measure, ov_day period, uint32_t org,
                   struct value *ret_value, uint32_t *ret_revision) {
    for (size_t f = 0; f < engine->framework_count; f++) {
        uint16_t m = engine_measure(engine->assessments[f], measure);
        const struct figures *figures = m == INDEX_NONE ? NULL : engine->assessments[f]->figures[m];
        const struct column *column = figures ? figures_column(figures, period) : NULL;

        if (!column || (!column_has(column, org) && !column_revision(column, org)))
            continue;
        *ret_value = value_of(figures->measure, column->values[org]);
        *ret_revision = column_revision(column, org);
        return true;
    }
    return false;
}

/* ---- What has no place under these rules ---- */

void engine_dormant_figures(const struct engine *engine, dormant_figure_visit visit, void *context) {
    const struct dormant *dormant = engine->dormant;

    for (size_t i = 0; i < dormant->figure_count; i++) {
        const struct dormant_figure *figure = &dormant->figures[i];

        if (!figure->replaced)
            visit(context, figure->measure, figure->period, figure->org, &figure->value, figure->revision);
    }
}

void engine_dormant_decisions(const struct engine *engine, dormant_decision_visit visit, void *context) {
    for (size_t i = 0; i < engine->dormant->decision_count; i++) {
        const struct dormant_decision *decision = &engine->dormant->decisions[i];

        visit(context, decision->org, &decision->item, decision->source, decision->seq);
    }
}

void engine_dormant_steps(const struct engine *engine, dormant_step_visit visit, void *context) {
    for (size_t i = 0; i < engine->dormant->step_count; i++) {
        const struct dormant_step *step = &engine->dormant->steps[i];

        visit(context, step->org, &step->item, step->source, step->seq);
    }
}

void engine_dormant_verdicts(const struct engine *engine, dormant_verdict_visit visit, void *context) {
    for (size_t i = 0; i < engine->dormant->verdict_count; i++)
        visit(context, engine->dormant->verdicts[i].framework, engine->dormant->verdicts[i].org,
              engine->dormant->verdicts[i].state);
}

/* ---- Decisions ---- */

void engine_decisions(const struct engine *engine, uint32_t org, decision_visit visit, void *context) {
    for (uint16_t f = 0; f < engine->framework_count; f++) {
        const struct verdict *verdict = &engine->assessments[f]->verdicts[org];
        const struct framework *framework = engine->frameworks[f];

        for (size_t i = 0; i < verdict->decision_count; i++) {
            const struct decision *decision = &verdict->decisions[i];
            struct decision_item item = {.segment = decision->segment,
                                         .effective = decision->effective,
                                         .decided_by = text_of(decision->decided_by),
                                         .reason = text_of(decision->reason),
                                         .framework = text_of(framework->id)};
            struct decision_change change = {org, f, &item, decision->cause.source, decision->cause.seq};

            if (decision->trigger != INDEX_NONE)
                item.trigger = text_of(framework->triggers[decision->trigger].id);
            visit(context, &change);
        }
    }
}
