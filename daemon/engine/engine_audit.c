#include "daemon/engine/engine_audit.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/engine_state.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/scoreboard.h"
#include "daemon/engine/segment.h"
#include "daemon/engine/signal.h"

#define SLICE_FIGURES 5000 /* looked at in a slice */
#define SLICE_ORGANISATIONS 16
#define TEXT_SIZE 320

enum phase { PHASE_FIGURES, PHASE_SCORES, PHASE_VERDICTS };

struct engine_audit {
    const struct engine *engine;
    audit_report report;
    void *context;
    uint16_t framework;
    enum phase phase;
    uint16_t measure;
    size_t column;
    uint32_t org;
    size_t organisations;
    struct ranking_entry *entries; /* room for one of each organisation */
};

struct engine_audit *engine_audit_create(const struct engine *engine, audit_report report, void *context) {
    struct engine_audit *audit = mem_alloc(1, sizeof *audit);

    audit->engine = engine;
    audit->report = report;
    audit->context = context;
    audit->entries = mem_alloc(registry_count(engine->registry), sizeof *audit->entries);
    return audit;
}

void engine_audit_destroy(struct engine_audit *audit) {
    if (!audit)
        return;
    free(audit->entries);
    free(audit);
}

size_t engine_audit_organisations(const struct engine_audit *audit) {
    return audit->organisations;
}

static const struct assessment *assessment_of(const struct engine_audit *audit) {
    return audit->engine->assessments[audit->framework];
}

static __attribute__((format(printf, 3, 4))) void differs(const struct engine_audit *audit, const char *what,
                                                          const char *format, ...) {
    char subject[2 * NAME_MAX_LEN + 2], text[TEXT_SIZE];
    va_list args;

    snprintf(subject, sizeof subject, "%s/%s", assessment_of(audit)->framework->id, what);
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    audit->report(audit->context, subject, text);
}

static bool unequal(double a, double b) {
    return a < b || a > b || isnan(a) != isnan(b);
}

/* ---- 1. Figures ---------------------------------------------------------------- */

/* The entries of a peer set in a period, from the figures. */
static uint32_t collect(const struct engine_audit *audit, const struct figures *figures, const struct column *column,
                        uint8_t set) {
    uint32_t count = 0;

    for (uint32_t org = 0; org < assessment_of(audit)->org_count; org++)
        if (figures_peer_set(figures, org) == set && figures_speaks(figures, column, org))
            audit->entries[count++] = (struct ranking_entry){measure_key(figures->measure, column->values[org]), org};
    return count;
}

struct order {
    const struct ranking_entry *entries; /* in order */
    uint32_t count, at;
    const struct ranking *ranking;
    bool same;
};

/* The ranking has its place for each key, and gives each entry at its own. */
static void compare_entry(void *context, struct ranking_entry entry) {
    struct order *order = context;
    uint32_t i = order->at++;

    if (!order->same)
        return;
    order->same =
        i < order->count && !unequal(order->entries[i].key, entry.key) && order->entries[i].member == entry.member &&
        !unequal(ranking_key_at(order->ranking, i), entry.key) &&
        ((i && !unequal(order->entries[i - 1].key, entry.key)) || ranking_worse(order->ranking, entry.key) == i);
}

static bool same_entries(const struct engine_audit *audit, uint32_t count, const struct ranking *ranking) {
    struct order order = {audit->entries, count, 0, ranking, true};

    ranking_between(ranking, -HUGE_VAL, HUGE_VAL, 0, compare_entry, &order);
    return order.same && order.at == count;
}

static void compare_table(const struct engine_audit *audit, const struct figures *figures, const struct column *column,
                          uint8_t set) {
    const struct table *table = &column->tables[set];
    uint32_t kept = table->ranking ? ranking_count(table->ranking) : table->count,
             count = collect(audit, figures, column, set);
    struct ranking *fresh = ranking_create();
    struct bands bands;
    char date[OV_DATE_SIZE];

    if (!fresh || !ranking_build(fresh, audit->entries, count))
        abort();
    bands = bands_of(fresh, figures->framework->minimum_peers);
    date_format(column->period, date);
    if (kept != count || table->count != count)
        differs(audit, figures->measure->id, "period %s: %" PRIu32 " are ranked in peer set %d, recomputed %" PRIu32,
                date, kept, set, count);
    else if (table->ranking && (!ranking_agrees(table->ranking) || !same_entries(audit, count, table->ranking)))
        differs(audit, figures->measure->id, "period %s: the order in peer set %d is not that of the figures", date,
                set);
    else if (bands.active != table->bands.active || unequal(bands.quartile, table->bands.quartile) ||
             unequal(bands.decile, table->bands.decile) || unequal(bands.top, table->bands.top))
        differs(audit, figures->measure->id,
                "period %s: the bands of peer set %d end at %g, %g and %g, recomputed %g, %g and %g", date, set,
                table->bands.decile, table->bands.quartile, table->bands.top, bands.decile, bands.quartile, bands.top);
    ranking_destroy(fresh);
}

static void compare_column(const struct engine_audit *audit, const struct figures *figures,
                           const struct column *column) {
    uint32_t present = 0;
    char date[OV_DATE_SIZE];

    for (uint32_t org = 0; org < assessment_of(audit)->org_count; org++)
        present += column_has(column, org);
    if (present != column->present)
        differs(audit, figures->measure->id, "period %s: %" PRIu32 " figures are counted, there are %" PRIu32,
                date_format(column->period, date), column->present, present);
    for (size_t set = 0; set < figures->measure->peer_set_count; set++)
        compare_table(audit, figures, column, (uint8_t)set);
}

/* A walk over copies of the columns that share the rankings. */
static void compare_walks(const struct engine_audit *audit, const struct figures *figures) {
    size_t sets = figures->measure->peer_set_count, count = figures->count;
    struct column *columns = mem_alloc(count + 1, sizeof *columns),
                  **list = mem_alloc(count + 1, sizeof(struct column *));
    struct table *tables = mem_alloc(count * sets + 1, sizeof *tables);
    struct walk *walks = mem_alloc(sets + 1, sizeof *walks);
    struct figures shadow = *figures;
    char date[OV_DATE_SIZE];

    for (size_t c = 0; c < count; c++) {
        columns[c] = *figures->columns[c];
        columns[c].tables = tables + c * sets;
        for (size_t set = 0; set < sets; set++) {
            columns[c].tables[set] = figures->columns[c]->tables[set];
            columns[c].tables[set].ordinal = -1;
        }
        list[c] = &columns[c];
    }
    shadow.columns = list;
    shadow.walks = walks;
    for (size_t set = 0; set < sets; set++) {
        figures_walk(&shadow, (uint8_t)set, OV_DAY_NONE);
        if (walks[set].count != figures->walks[set].count)
            differs(audit, figures->measure->id, "%zu periods of peer set %zu are effective, recomputed %zu",
                    figures->walks[set].count, set, walks[set].count);
        for (size_t c = 0; c < count; c++)
            if (columns[c].tables[set].ordinal != figures->columns[c]->tables[set].ordinal)
                differs(audit, figures->measure->id,
                        "period %s is effective period %" PRId32 " of peer set %zu, recomputed %" PRId32,
                        date_format(columns[c].period, date), figures->columns[c]->tables[set].ordinal, set,
                        columns[c].tables[set].ordinal);
        free(walks[set].effective);
    }
    free(walks);
    free(tables);
    free(list);
    free(columns);
}

/* False when the framework has no measure left. */
static bool step_figures(struct engine_audit *audit) {
    const struct assessment *assessment = assessment_of(audit);
    const struct figures *figures;
    size_t seen = 0;

    if (audit->measure == assessment->framework->measure_count)
        return false;
    figures = assessment->figures[audit->measure];
    for (; audit->column < figures->count && seen < SLICE_FIGURES; seen += assessment->org_count + 1)
        compare_column(audit, figures, figures->columns[audit->column++]);
    if (audit->column < figures->count)
        return true;
    compare_walks(audit, figures);
    audit->measure++;
    audit->column = 0;
    return true;
}

/* ---- 2. Scores ------------------------------------------------------------------- */

static bool same_scores(const struct score_verdict *a, const struct score_verdict *b) {
    return a->scored == b->scored && a->unknown == b->unknown && !unequal(a->average, b->average) &&
           a->unadjusted == b->unadjusted && a->adjusted == b->adjusted && a->rank == b->rank && a->n == b->n;
}

static void compare_scores(const struct engine_audit *audit) {
    const struct assessment *assessment = assessment_of(audit);
    struct scoreboard *fresh = scoreboard_create(assessment);
    char is[OV_DATE_SIZE], wanted[OV_DATE_SIZE];

    scoreboard_load(fresh);
    if (scoreboard_period(assessment->scoreboard) != scoreboard_period(fresh))
        differs(audit, "scores", "the scored period is %s, recomputed %s",
                date_format(scoreboard_period(assessment->scoreboard), is),
                date_format(scoreboard_period(fresh), wanted));
    for (uint32_t org = 0; org < assessment->org_count; org++) {
        struct score_verdict a = scoreboard_verdict(assessment->scoreboard, org), b = scoreboard_verdict(fresh, org);
        int segment = scoreboard_find(assessment->scoreboard, org).segment, found = scoreboard_find(fresh, org).segment;

        if (!same_scores(&a, &b) || segment != found)
            differs(audit, registry_at(assessment->registry, org)->code,
                    "score %g, unadjusted %d, adjusted %d, place %" PRIu32 " of %" PRIu32
                    ", segment %d, recomputed %g, %d, %d, %" PRIu32 " of %" PRIu32 ", %d",
                    a.average, a.unadjusted, a.adjusted, a.rank, a.n, segment, b.average, b.unadjusted, b.adjusted,
                    b.rank, b.n, found);
    }
    scoreboard_destroy(fresh);
}

/* ---- 3. Verdicts ------------------------------------------------------------------ */

static void compare_masks(const struct engine_audit *audit, const char *code, const char *what, uint64_t is,
                          uint64_t found) {
    const struct framework *framework = assessment_of(audit)->framework;

    for (size_t i = 0; i < framework->trigger_count; i++)
        if ((is ^ found) >> i & 1)
            differs(audit, code, "trigger %s is %s%s, recomputed %s%s", framework->triggers[i].id,
                    is >> i & 1 ? "" : "not ", what, found >> i & 1 ? "" : "not ", what);
}

static void compare_segment(const struct engine_audit *audit, const char *code, uint32_t org) {
    const struct assessment *assessment = assessment_of(audit);
    const struct verdict *verdict = &assessment->verdicts[org];
    struct finding found = segment_find(assessment, org, verdict->latched, verdict->official);

    if (found.segment != verdict->segment)
        differs(audit, code, "segment is %d, recomputed %d", verdict->segment, found.segment);
    compare_masks(audit, code, "on", verdict->on, found.on);
    compare_masks(audit, code, "unknown", verdict->unknown, found.unknown);
    compare_masks(audit, code, "latched", verdict->latched, found.latched);
    if (found.met != verdict->met)
        differs(audit, code, "conditions for segment 1 met are %#" PRIx64 ", recomputed %#" PRIx64, verdict->met,
                found.met);
    if (assessment->scoreboard) {
        struct score_verdict score = scoreboard_verdict(assessment->scoreboard, org);

        if (score.scored != verdict->score.scored || score.unknown != verdict->score.unknown ||
            unequal(score.average, verdict->score.average) || score.adjusted != verdict->score.adjusted)
            differs(audit, code, "score is %g, adjusted %d, recomputed %g and %d", verdict->score.average,
                    verdict->score.adjusted, score.average, score.adjusted);
    }
}

static void compare_official(const struct engine_audit *audit, const char *code, const struct verdict *verdict) {
    const struct assessment *assessment = assessment_of(audit);
    int official = assessment->framework->default_segment;

    for (size_t i = 0; i < verdict->decision_count; i++) {
        bool in_force = assessment->date != OV_DAY_NONE && verdict->decisions[i].effective <= assessment->date;

        if (in_force)
            official = verdict->decisions[i].segment;
        if (in_force != verdict->decisions[i].applied)
            differs(audit, code, "decision %s/%" PRIu64 " is %sin force, recomputed %sin force",
                    verdict->decisions[i].cause.source, verdict->decisions[i].cause.seq, in_force ? "not " : "",
                    in_force ? "" : "not ");
    }
    if (official != verdict->official)
        differs(audit, code, "official segment is %d, by the decisions %d", verdict->official, official);
}

static void compare_measures(const struct engine_audit *audit, const char *code, uint32_t org) {
    const struct assessment *assessment = assessment_of(audit);
    const struct verdict *verdict = &assessment->verdicts[org];

    for (uint16_t m = 0; m < assessment->framework->measure_count; m++) {
        const struct measure *measure = &assessment->framework->measures[m];
        const struct drop_record *record;
        struct column *newest;
        bool missing;

        if (measure->peer_set_count &&
            (missing = signal_unknown(assessment, org, m, UNTIL_NOW)) != verdict_is_missing(verdict, m))
            differs(audit, code, "%s is %smissing, recomputed %smissing", measure->id, missing ? "not " : "",
                    missing ? "" : "not ");
        if (!measure->drop || !(newest = figures_newest(assessment->figures[m], org, UNTIL_NOW)))
            continue;
        record = verdict_find_drop(verdict, m, newest->period);
        if (signal_drop(assessment, org, m, newest).drop && (!record || record->state == DROP_WITHDRAWN))
            differs(audit, code, "the newest figure of %s is a dramatic drop that is not on record", measure->id);
    }
}

static void compare_drops(const struct engine_audit *audit, const char *code, uint32_t org) {
    const struct assessment *assessment = assessment_of(audit);
    const struct verdict *verdict = &assessment->verdicts[org];
    char date[OV_DATE_SIZE];

    for (size_t i = 0; i < verdict->drop_count; i++) {
        const struct drop_record *record = &verdict->drops[i];
        const struct column *column = figures_column(assessment->figures[record->measure], record->period);

        if (record->state == DROP_OPEN &&
            (!column || !figures_speaks(assessment->figures[record->measure], column, org) ||
             !signal_drop(assessment, org, record->measure, column).drop))
            differs(audit, code, "a dramatic drop in %s, %s, is on record that the figures do not show",
                    assessment->framework->measures[record->measure].id, date_format(record->period, date));
    }
}

static void step_verdicts(struct engine_audit *audit) {
    const struct assessment *assessment = assessment_of(audit);

    for (int i = 0; i < SLICE_ORGANISATIONS && audit->org < assessment->org_count; i++, audit->org++) {
        const char *code = registry_at(assessment->registry, audit->org)->code;

        compare_official(audit, code, &assessment->verdicts[audit->org]);
        compare_measures(audit, code, audit->org);
        compare_drops(audit, code, audit->org);
        compare_segment(audit, code, audit->org);
        audit->organisations++;
    }
}

/* ---- The walk ------------------------------------------------------------------------ */

bool engine_audit_step(struct engine_audit *audit) {
    if (audit->framework == audit->engine->framework_count)
        return false;
    switch (audit->phase) {
    case PHASE_FIGURES:
        if (!step_figures(audit))
            audit->phase = PHASE_SCORES;
        break;
    case PHASE_SCORES:
        if (assessment_of(audit)->scoreboard)
            compare_scores(audit);
        audit->phase = PHASE_VERDICTS;
        break;
    case PHASE_VERDICTS:
        step_verdicts(audit);
        if (audit->org < assessment_of(audit)->org_count)
            break;
        audit->framework++;
        audit->phase = PHASE_FIGURES;
        audit->measure = 0;
        audit->org = 0;
        break;
    }
    return true;
}
