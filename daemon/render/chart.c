#include "daemon/render/chart.h"

#include <stdlib.h>

#include "common/alloc.h"

bool measure_standard(const struct measure *measure, double *ret_standard) {
    if (measure->score.kind != SCORE_STANDARD)
        return false;
    *ret_standard = measure->score.parameter;
    return true;
}

static enum chart_better better_of(const struct measure *measure) {
    static const enum chart_better better[] = {[DIRECTION_HIGHER] = CHART_BETTER_HIGHER,
                                               [DIRECTION_LOWER] = CHART_BETTER_LOWER,
                                               [DIRECTION_NEUTRAL] = CHART_BETTER_NEITHER};
    return better[measure->direction];
}

static enum chart_kind kind_of(enum spc_point_type type) {
    static const enum chart_kind kinds[] = {[SPC_COMMON_CAUSE] = CHART_COMMON,
                                            [SPC_SPECIAL_IMPROVEMENT] = CHART_IMPROVEMENT,
                                            [SPC_SPECIAL_CONCERN] = CHART_CONCERN,
                                            [SPC_SPECIAL_NEUTRAL] = CHART_NEUTRAL};
    return kinds[type];
}

static struct chart_point point_of(const struct series *series, size_t index) {
    struct chart_point point = {.period = series->periods[index], .y = series->values[index]};
    if (!series->points)
        return point;
    const struct spc_point *spc = &series->points[index];
    point.kind = kind_of(spc->type);
    point.high = spc->high;
    point.cause = spc->rule == SPC_RULE_NONE ? NULL : spc_rule_name(spc->rule, spc->high);
    point.has_limits = spc->limits.defined;
    if (point.has_limits) {
        point.mean = spc->limits.mean;
        point.lower = spc->limits.lower;
        point.upper = spc->limits.upper;
    }
    return point;
}

bool org_chart_init(struct org_chart *chart, const struct engine *engine, uint16_t framework, uint32_t org,
                    uint16_t index) {
    const struct measure *measure = &engine_framework(engine, framework)->measures[index];
    const struct organisation *organisation = registry_at(engine_registry(engine), org);
    struct series series = {0};
    struct changes changes;
    if (measure->kind != MEASURE_NUMBER)
        return false;
    changes_init(&changes);
    engine_series(engine, framework, org, index, &changes, &series);
    chart->points = alloc_zero(series.count, sizeof(*chart->points));
    for (size_t i = 0; i < series.count; i++)
        chart->points[i] = point_of(&series, i);
    chart->chart = (struct chart){
        .code = organisation->code,
        .organisation = organisation->name,
        .measure = measure->id,
        .name = measure->name && measure->name[0] ? measure->name : measure->id,
        .unit = measure->unit ? measure->unit : "",
        .better = better_of(measure),
        .points = chart->points,
        .count = series.count,
        .trial = series.points && series.count > 0 && series.points[series.count - 1].limits.trial,
    };
    chart->chart.has_target = measure_standard(measure, &chart->chart.target);
    changes_finish(&changes);
    return true;
}

void org_chart_finish(struct org_chart *chart) {
    free(chart->points);
}

/* ---- Peers --------------------------------------------------------------------- */

static void visit(void *context, const struct league_row *row) {
    struct org_strip *strip = context;
    if (strip->strip.count == strip->capacity) {
        strip->capacity = strip->capacity ? strip->capacity * 2 : 256;
        strip->peers = alloc_resize(strip->peers, strip->capacity, sizeof(*strip->peers));
    }
    bool own = row->org == strip->org;
    strip->peers[strip->strip.count++] = (struct strip_peer){row->value, own};
    if (own) {
        strip->strip.has_own = true;
        strip->strip.own = row->value;
        strip->strip.rank = row->rank;
    }
}

bool org_strip_init(struct org_strip *strip, const struct engine *engine, uint16_t framework, uint32_t org,
                    uint16_t index) {
    const struct framework *rules = engine_framework(engine, framework);
    const struct measure *measure = &rules->measures[index];
    uint16_t type = framework_type(rules, registry_at(engine_registry(engine), org)->type);
    struct league league;
    *strip = (struct org_strip){.org = org};
    if (!measure_is_ranked(measure) || type >= TYPES_MAX || measure->peer_set[type] == PEER_SET_NONE)
        return false;
    if (!engine_league(engine, framework, index, measure->peer_set[type], OV_DAY_NONE, &league, visit, strip)) {
        org_strip_finish(strip);
        return false;
    }
    strip->strip.name = measure->name && measure->name[0] ? measure->name : measure->id;
    strip->strip.unit = measure->unit ? measure->unit : "";
    strip->strip.better = better_of(measure);
    strip->strip.period = league.period;
    strip->strip.peers = strip->peers;
    strip->strip.decile = league.quantiles[0];
    strip->strip.quartile = league.quantiles[1];
    strip->strip.has_cuts = league.n >= rules->minimum_peers;
    return true;
}

void org_strip_finish(struct org_strip *strip) {
    free(strip->peers);
    strip->peers = NULL;
}
