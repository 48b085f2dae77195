/* One ranking, and one series with its chart. */
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "daemon/render/answer_impl.h"
#include "daemon/render/chart.h"
#include "daemon/render/evidence.h"

/* ---- Ranking ------------------------------------------------------------------ */

struct league_reply {
    const struct answer *answer;
    const struct measure *measure;
    uint8_t peer_set;
    struct league league;
    struct league_row *rows;
    size_t count, capacity;
};

static void put_peers(struct json_writer *json, const struct league_reply *reply) {
    const struct framework *framework = reply->answer->framework;
    json_array(json, "peers");
    for (size_t i = 0; i < framework->type_count; i++) {
        if (reply->measure->peer_set[i] == reply->peer_set && (reply->measure->applies_to >> i & 1))
            json_string(json, NULL, framework->types[i]);
    }
    json_array_end(json);
}

static void league_head(struct json_writer *json, const void *context) {
    static const char *const orders[] = {"0.1", "0.25", "0.5", "0.75", "0.9"};
    const struct league_reply *reply = context;
    json_string(json, "measure", reply->measure->id);
    json_string(json, "unit", reply->measure->unit ? reply->measure->unit : "");
    json_string(json, "direction", direction_name(reply->measure->direction));
    json_date(json, "period", reply->league.period);
    put_peers(json, reply);
    json_uint(json, "n", reply->league.n);
    json_bool(json, "effective", reply->league.effective);
    json_object(json, "quantiles");
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        json_number(json, orders[i], reply->league.quantiles[i]);
    json_object_end(json);
}

static void put_league_row(struct json_writer *json, const struct league_reply *reply, const struct league_row *row) {
    const struct answer *answer = reply->answer;
    uint16_t measure = (uint16_t)(reply->measure - answer->framework->measures);
    const char *variation;
    const struct organisation *organisation = registry_at(engine_registry(reply->answer->engine), row->org);
    json_object(json, NULL);
    json_string(json, "code", organisation->code);
    json_string(json, "name", organisation->name);
    json_number(json, "value", row->value);
    json_uint(json, "rank", row->rank);
    json_array(json, "bands");
    if (row->bottom_decile)
        json_string(json, NULL, signal_kind_name(SIGNAL_BOTTOM_DECILE));
    if (row->bottom_quartile)
        json_string(json, NULL, signal_kind_name(SIGNAL_BOTTOM_QUARTILE));
    if (row->top_quartile)
        json_string(json, NULL, signal_kind_name(SIGNAL_TOP_QUARTILE));
    json_array_end(json);
    if (engine_variation(answer->engine, answer->framework_index, row->org, measure, reply->league.period, &variation))
        json_string(json, "variation", variation);
    if (row->has_score)
        json_number(json, "score", row->score);
    json_object_end(json);
}

static void collect_row(void *context, const struct league_row *row) {
    struct league_reply *reply = context;
    if (reply->count == reply->capacity) {
        reply->capacity = reply->capacity ? reply->capacity * 2 : 256;
        reply->rows = alloc_resize(reply->rows, reply->capacity, sizeof(*reply->rows));
    }
    reply->rows[reply->count++] = *row;
}

/* The peer set that the request names by a type; where a measure has one only,
 * it need not. */
static bool find_peer_set(const struct answer *answer, const struct measure *measure, uint8_t *ret_set) {
    const char *peers = answer->request->peers;
    if (!measure_is_ranked(measure)) {
        answer_error(answer, "not-applicable", "measure \"%s\" is not ranked", measure->id);
        return false;
    }
    if (!peers[0] && measure->peer_set_count == 1) {
        *ret_set = 0;
        return true;
    }
    if (!peers[0]) {
        answer_error(answer, "bad-request",
                     "measure \"%s\" has %zu peer sets: peers is missing, expected an organisation type", measure->id,
                     measure->peer_set_count);
        return false;
    }
    uint16_t type = framework_type(answer->framework, peers);
    if (type == INDEX_NONE || type >= TYPES_MAX || measure->peer_set[type] == PEER_SET_NONE) {
        answer_error(answer, "unknown-peers", "peers \"%s\": no type that measure \"%s\" ranks", peers, measure->id);
        return false;
    }
    *ret_set = measure->peer_set[type];
    return true;
}

void answer_league(const struct answer *answer) {
    struct league_reply reply = {.answer = answer};
    uint16_t measure = answer_measure(answer);
    if (measure == INDEX_NONE)
        return;
    reply.measure = &answer->framework->measures[measure];
    if (!find_peer_set(answer, reply.measure, &reply.peer_set))
        return;
    if (engine_league(answer->engine, answer->framework_index, measure, reply.peer_set, answer->request->period,
                      &reply.league, collect_row, &reply)) {
        struct parts parts = answer_parts(answer, "rows", league_head, NULL, &reply);
        parts_begin(&parts);
        for (size_t i = 0; i < reply.count; i++)
            put_league_row(parts_next(&parts), &reply, &reply.rows[i]);
        parts_end(&parts);
    } else {
        char date[OV_DATE_SIZE];
        bool named = answer->request->period != OV_DAY_NONE;
        answer_error(answer, "unknown-ranking", "measure \"%s\" has no ranking for %s", reply.measure->id,
                     named ? date_format(answer->request->period, date) : "any effective period");
    }
    free(reply.rows);
}

/* ---- Series --------------------------------------------------------------------- */

struct series_reply {
    const struct answer *answer;
    const struct measure *measure;
    const struct organisation *organisation;
    bool ranked;
    struct series series;
};

static void pass_row(void *context, const struct league_row *row) {
    (void)context;
    (void)row;
}

/* Is there a ranking that it would be in? */
static bool is_ranked(const struct answer *answer, const struct organisation *organisation, uint16_t index) {
    const struct measure *measure = &answer->framework->measures[index];
    uint16_t type = framework_type(answer->framework, organisation->type);
    struct league league;
    return measure_is_ranked(measure) && type < TYPES_MAX && measure->peer_set[type] != PEER_SET_NONE &&
           engine_league(answer->engine, answer->framework_index, index, measure->peer_set[type], OV_DAY_NONE, &league,
                         pass_row, NULL);
}

/* What a chart needs to say for itself stands beside its points. */
static void series_head(struct json_writer *json, const void *context) {
    const struct series_reply *reply = context;
    double standard;
    json_string(json, "code", reply->answer->request->code);
    json_string(json, "organisation", reply->organisation->name);
    json_string(json, "type", reply->organisation->type);
    json_string(json, "measure", reply->measure->id);
    if (reply->measure->name && reply->measure->name[0])
        json_string(json, "name", reply->measure->name);
    json_string(json, "unit", reply->measure->unit ? reply->measure->unit : "");
    json_direction(json, reply->measure);
    if (measure_standard(reply->measure, &standard))
        json_number(json, "standard", standard);
    json_bool(json, "ranked", reply->ranked);
}

static void series_tail(struct json_writer *json, const void *context) {
    const struct series *series = &((const struct series_reply *)context)->series;
    json_bool(json, "trial", series->points && series->count > 0 && series->points[series->count - 1].limits.trial);
}

static void put_point(struct json_writer *json, const struct series_reply *reply, size_t index) {
    const struct series *series = &reply->series;
    json_object(json, NULL);
    json_date(json, "period", series->periods[index]);
    json_figure(json, "y", reply->measure, series->values[index]);
    if (series->points) {
        const struct spc_point *point = &series->points[index];
        if (point->limits.defined) {
            json_number(json, "mean", point->limits.mean);
            json_number(json, "lower", point->limits.lower);
            json_number(json, "upper", point->limits.upper);
        }
        if (point->rule != SPC_RULE_NONE)
            json_string(json, "special_cause", spc_rule_name(point->rule, point->high));
        json_string(json, "point_type", spc_point_type_name(point->type, point->high));
    }
    json_object_end(json);
}

void answer_series(const struct answer *answer) {
    struct series_reply reply = {.answer = answer};
    uint32_t org = answer_organisation(answer);
    uint16_t measure = org == ORG_NONE ? INDEX_NONE : answer_measure(answer);
    struct changes changes;
    if (measure == INDEX_NONE)
        return;
    reply.measure = &answer->framework->measures[measure];
    reply.organisation = registry_at(engine_registry(answer->engine), org);
    reply.ranked = is_ranked(answer, reply.organisation, measure);
    changes_init(&changes);
    engine_series(answer->engine, answer->framework_index, org, measure, &changes, &reply.series);
    struct parts parts = answer_parts(answer, "points", series_head, series_tail, &reply);
    parts_begin(&parts);
    for (size_t i = 0; i < reply.series.count; i++)
        put_point(parts_next(&parts), &reply, i);
    parts_end(&parts);
    changes_finish(&changes);
}
