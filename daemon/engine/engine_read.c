/* Read only: what the engine knows, for queries, pages and tests. */
#include <stdlib.h>

#include "daemon/engine/engine_state.h"
#include "daemon/engine/evidence.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/score.h"
#include "daemon/engine/scoreboard.h"
#include "daemon/engine/signal.h"
#include "daemon/engine/trigger.h"

const struct registry *engine_registry(const struct engine *engine) {
    return engine->registry;
}

size_t engine_framework_count(const struct engine *engine) {
    return engine->framework_count;
}

const struct framework *engine_framework(const struct engine *engine, uint16_t framework) {
    return engine->frameworks[framework];
}

uint16_t engine_find_framework(const struct engine *engine, struct text id) {
    if (!id.len)
        return 0;
    for (size_t i = 0; i < engine->framework_count; i++)
        if (text_equal(id, engine->frameworks[i]->id))
            return (uint16_t)i;
    return INDEX_NONE;
}

void engine_standing(const struct engine *engine, uint16_t framework, uint32_t org, struct standing *ret_standing) {
    const struct assessment *assessment = engine->assessments[framework];
    const struct verdict *verdict = &assessment->verdicts[org];

    *ret_standing = (struct standing){.indicative = verdict->segment,
                                      .official = verdict->official,
                                      .since = verdict->since,
                                      .closed = assessment_closed(assessment, org),
                                      .assessed = assessment->types[org] < TYPES_MAX,
                                      .triggers_on = verdict->on,
                                      .triggers_unknown = verdict->unknown,
                                      .triggers_latched = verdict->latched,
                                      .moves = verdict->moves,
                                      .move_count = verdict->move_count,
                                      .open_alerts = verdict->open,
                                      .open_count = verdict->open_count};
    if (assessment->scoreboard)
        ret_standing->score = scoreboard_verdict(assessment->scoreboard, org);
}

static void add_bands(const struct figures *figures, uint32_t org, const struct column *column,
                      struct signal_row *row) {
    uint8_t set = figures_peer_set(figures, org);
    const struct bands *bands;
    double key = measure_key(figures->measure, column->values[org]);

    if (set == PEER_SET_NONE)
        return;
    bands = &column->tables[set].bands;
    row->bottom_quartile = bands_bottom_quartile(bands, key);
    row->bottom_decile = bands_bottom_decile(bands, key);
    row->top_quartile = bands_top_quartile(bands, key);
}

static void add_point(const struct assessment *assessment, uint32_t org, uint16_t measure, struct signal_row *row) {
    const struct figures *figures = assessment->figures[measure];
    ov_day *periods = mem_alloc(figures->count, sizeof *periods);
    double *values = mem_alloc(figures->count, sizeof *values);
    struct spc_point *points = mem_alloc(figures->count, sizeof *points);
    size_t count = signal_chart(assessment, org, measure, UNTIL_NOW, periods, values, points);

    if (count && points[count - 1].limits.defined) {
        row->has_point = true;
        row->point_type = points[count - 1].type;
        row->rule = points[count - 1].rule;
        row->rule_high = points[count - 1].high;
    }
    free(points);
    free(values);
    free(periods);
}

bool engine_signal(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure,
                   struct signal_row *ret_row) {
    const struct assessment *assessment = engine->assessments[framework];
    const struct figures *figures = assessment->figures[measure];
    struct column *newest = figures_newest(figures, org, UNTIL_NOW), *column = NULL;
    struct signal_row row = {0};
    ov_day period;
    int age;

    if (!newest)
        return false;
    if (measure_is_ranked(figures->measure))
        column = figures_newest_effective(figures, org, UNTIL_NOW, &age);
    evidence_of_figure(assessment, org, measure, column ? column : newest, &row.evidence);
    if (column)
        add_bands(figures, org, column, &row);
    if (figures->measure->kind == MEASURE_NUMBER) {
        add_point(assessment, org, measure, &row);
        row.drop = figures->measure->drop && signal_drop(assessment, org, measure, newest).drop;
    }
    if (assessment->scoreboard && scoreboard_metric(assessment->scoreboard, org, measure, &row.evidence.score, &period))
        row.evidence.has_score = period == row.evidence.period;
    *ret_row = row;
    return true;
}

bool engine_held(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure) {
    int age;

    return figures_newest_effective(engine->assessments[framework]->figures[measure], org, UNTIL_NOW, &age) && age > 0;
}

bool engine_metric_score(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure,
                         double *ret_score) {
    const struct assessment *assessment = engine->assessments[framework];
    ov_day period;

    return assessment->scoreboard && scoreboard_metric(assessment->scoreboard, org, measure, ret_score, &period);
}

bool engine_domain_score(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t theme,
                         double *ret_score) {
    const struct assessment *assessment = engine->assessments[framework];

    return assessment->scoreboard && scoreboard_domain(assessment->scoreboard, org, theme, ret_score);
}

void engine_trigger(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t index,
                    struct changes *changes, struct alert_trigger *ret_trigger) {
    const struct assessment *assessment = engine->assessments[framework];
    const struct trigger *trigger = &assessment->framework->triggers[index];
    ov_day until;
    bool unknown;

    trigger_holds(assessment, org, trigger, &until, &unknown);
    evidence_of_trigger(assessment, org, trigger, until, changes->arena, ret_trigger);
}

void engine_condition(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t index,
                      struct changes *changes, struct alert_trigger *ret_trigger, bool *ret_met) {
    const struct assessment *assessment = engine->assessments[framework];
    const struct trigger *condition = &assessment->framework->promotion[index];
    ov_day until;
    bool unknown;

    *ret_met = trigger_holds(assessment, org, condition, &until, &unknown);
    evidence_of_trigger(assessment, org, condition, until, changes->arena, ret_trigger);
}

/* ---- Leagues and series ---- */

static const struct column *league_column(const struct figures *figures, uint8_t set, ov_day period) {
    const struct walk *walk = &figures->walks[set];

    if (period != OV_DAY_NONE)
        return figures_column(figures, period);
    return walk->newest;
}

/* The entries from the worst, gathered so that they can be given from the best. */
struct league_entries {
    struct ranking_entry *entries;
    size_t count, capacity;
};

static void keep_entry(void *context, struct ranking_entry entry) {
    struct league_entries *kept = context;

    MEM_GROW(kept->entries, kept->count, kept->capacity);
    kept->entries[kept->count++] = entry;
}

static void league_rows(const struct figures *figures, const struct table *table, league_visit visit, void *context) {
    struct league_entries kept = {NULL, 0, 0};

    ranking_between(table->ranking, -HUGE_VAL, HUGE_VAL, 0, keep_entry, &kept);
    for (size_t i = kept.count; i-- > 0;) {
        struct ranking_entry entry = kept.entries[i];
        struct league_row row = {.org = entry.member,
                                 .value = measure_value(figures->measure, entry.key),
                                 .rank = ranking_rank(table->ranking, entry.key),
                                 .bottom_quartile = bands_bottom_quartile(&table->bands, entry.key),
                                 .bottom_decile = bands_bottom_decile(&table->bands, entry.key),
                                 .top_quartile = bands_top_quartile(&table->bands, entry.key)};

        if (figures->measure->score.kind != SCORE_NONE)
            row.has_score = score_of_number(&figures->measure->score, figures->measure->direction, table->ranking,
                                            row.value, &row.score);
        visit(context, &row);
    }
    free(kept.entries);
}

bool engine_league(const struct engine *engine, uint16_t framework, uint16_t measure, uint8_t peer_set, ov_day period,
                   struct league *ret_league, league_visit visit, void *context) {
    static const double orders[] = {0.1, 0.25, 0.5, 0.75, 0.9};
    const struct figures *figures = engine->assessments[framework]->figures[measure];
    const struct column *column;
    const struct table *table;

    if (peer_set >= figures->measure->peer_set_count || !(column = league_column(figures, peer_set, period)))
        return false;
    table = figures_table(figures, column, peer_set);
    if (!table)
        return false;
    *ret_league = (struct league){.period = column->period, .effective = table->ordinal >= 0, .n = table->count};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        ret_league->quantiles[i] = measure_value(figures->measure, ranking_quantile(table->ranking, orders[i]));
    if (visit)
        league_rows(figures, table, visit, context);
    return true;
}

size_t engine_periods(const struct engine *engine, uint16_t framework, uint16_t measure, struct changes *changes,
                      const ov_day **ret_periods) {
    const struct figures *figures = engine->assessments[framework]->figures[measure];
    ov_day *periods = arena_alloc(changes->arena, figures->count, sizeof *periods);
    size_t count = 0;

    for (size_t i = 0; i < figures->count; i++)
        if (figures->columns[i]->present)
            periods[count++] = figures->columns[i]->period;
    *ret_periods = periods;
    return count;
}

bool engine_variation(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure, ov_day period,
                      const char **ret_name) {
    const struct assessment *assessment = engine->assessments[framework];
    size_t room = assessment->figures[measure]->count, count;
    ov_day *periods = mem_alloc(room, sizeof *periods);
    double *values = mem_alloc(room, sizeof *values);
    struct spc_point *points = mem_alloc(room, sizeof *points);
    bool found;

    count = signal_chart(assessment, org, measure, period + 1, periods, values, points);
    found = count && periods[count - 1] == period && points[count - 1].limits.defined;
    if (found)
        *ret_name = spc_variation_name(points[count - 1].type, points[count - 1].high);
    free(points);
    free(values);
    free(periods);
    return found;
}

void engine_series(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure,
                   struct changes *changes, struct series *ret_series) {
    const struct assessment *assessment = engine->assessments[framework];
    const struct figures *figures = assessment->figures[measure];
    struct series series;
    bool charted = figures->measure->kind == MEASURE_NUMBER;

    series.periods = arena_alloc(changes->arena, figures->count, sizeof *series.periods);
    series.values = arena_alloc(changes->arena, figures->count, sizeof *series.values);
    series.revisions = arena_alloc(changes->arena, figures->count, sizeof *series.revisions);
    series.points = charted ? arena_alloc(changes->arena, figures->count, sizeof *series.points) : NULL;
    if (charted)
        series.count = signal_chart(assessment, org, measure, UNTIL_NOW, series.periods, series.values, series.points);
    else
        series.count = figures_series(figures, org, UNTIL_NOW, series.periods, series.values);
    for (size_t i = 0; i < series.count; i++)
        series.revisions[i] = column_revision(figures_column(figures, series.periods[i]), org);
    *ret_series = series;
}

/* ---- Counts ---- */

static void count_figures(const struct figures *figures, struct engine_counters *counters) {
    uint32_t orgs = registry_count(figures->registry);

    counters->ranking.comparisons += figures->rested.comparisons;
    counters->ranking.nodes += figures->rested.nodes;
    counters->ranking.told += figures->rested.told;
    for (size_t c = 0; c < figures->count; c++) {
        const struct column *column = figures->columns[c];

        counters->figures += column->present;
        counters->memory_bytes += sizeof *column + orgs * (sizeof(double) + (column->revisions ? sizeof(uint32_t) : 0));
        for (size_t s = 0; s < figures->measure->peer_set_count; s++) {
            struct ranking_work work;

            counters->memory_bytes += sizeof(struct table);
            if (!column->tables[s].ranking)
                continue;
            counters->memory_bytes += ranking_memory(column->tables[s].ranking);
            work = ranking_work_done(column->tables[s].ranking);
            counters->ranking.comparisons += work.comparisons;
            counters->ranking.nodes += work.nodes;
            counters->ranking.told += work.told;
        }
    }
}

void engine_counters(const struct engine *engine, struct engine_counters *ret_counters) {
    *ret_counters = engine->counters;
    for (size_t f = 0; f < engine->framework_count; f++) {
        if (engine->assessments[f]->ledger)
            ret_counters->memory_bytes += ledger_memory(engine->assessments[f]->ledger);
        for (size_t m = 0; m < engine->frameworks[f]->measure_count; m++)
            count_figures(engine->assessments[f]->figures[m], ret_counters);
    }
}
