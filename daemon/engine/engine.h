/*
 * The engine: one pure state machine from messages to verdicts and alerts.
 *
 * It knows a registry and one or more frameworks, takes messages, ticks and
 * decisions, and reports what changed. No I/O, clock, random, log or library:
 * same input, same output, same alerts with the same keys on any machine. Each
 * framework has its own assessment (assessment.h) and verdicts; figures are
 * shared by measure id between the frameworks that name the measure.
 *
 * Out of memory ends the process through abort() (mem.c): no caller can go on
 * with half an update.
 */
#ifndef OV_ENGINE_ENGINE_H
#define OV_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/message.h"
#include "daemon/engine/alert.h"
#include "daemon/engine/framework.h"
#include "daemon/engine/registry.h"
#include "daemon/engine/spc.h"

struct engine;

/* Takes ownership of the registry and the frameworks, at least one. */
struct engine *engine_create(struct registry *registry, struct framework **frameworks, size_t framework_count);
void engine_destroy(struct engine *engine);

/* Alerts are numbered <epoch>-<seq> from here: the epoch of the take-over and
 * the last seq given out in it. */
void engine_set_alert_id(struct engine *engine, struct alert_id last);
struct alert_id engine_last_alert_id(const struct engine *engine);

/* ---- What a call changed -------------------------------------------------- */

struct figure_change {
    const char *measure; /* id */
    ov_day period;
    uint32_t org;
    struct value value; /* VALUE_NULL: withdrawn, the revision stays */
    uint32_t revision;
};

struct refusal_report {
    size_t index; /* position in the message, from 0 */
    uint64_t seq;
    enum refusal code;
    const char *message; /* names field, value, what was expected */
};

struct verdict_change {
    uint16_t framework;
    uint32_t org;
    int before, after; /* indicative; often equal: other parts of the record changed */
};

#define REFUSALS_LISTED 100

enum outcome { OUTCOME_ACCEPTED, OUTCOME_DUPLICATE, OUTCOME_SUPERSEDED, OUTCOME_REFUSED };

struct changes {
    /* Counts of the message's updates. */
    uint64_t through; /* seq of the source after the message */
    uint64_t accepted, duplicate, superseded, refused;
    uint8_t *outcomes;               /* enum outcome of each update, in order */
    struct refusal_report *refusals; /* at most REFUSALS_LISTED */
    size_t refusal_count;
    uint64_t refused_by_code[REFUSAL_COUNT];
    enum refusal whole; /* not REFUSAL_NONE: the message was refused whole, nothing changed */
    uint64_t expected;  /* REFUSAL_GAP: the seq it should have started with */

    /* What the store must write, in order: where a figure stands twice, the later holds. */
    struct figure_change *figures;
    size_t figure_count;
    struct verdict_change *verdicts; /* whose stored record changed */
    size_t verdict_count;
    struct decision_change {
        uint32_t org;
        uint16_t framework;
        const struct decision_item *item; /* texts live in the message */
        const char *source;
        uint64_t seq;
    } * decisions;
    size_t decision_count;

    struct programme_change {
        uint32_t org;
        const char *programme; /* id; engine_programme_steps() has what is to be written */
    } * programmes;
    size_t programme_count;

    struct alert **alerts; /* in the order of their ids */
    size_t alert_count;

    struct arena *arena; /* owns all of the above */
};

void changes_init(struct changes *changes);
void changes_finish(struct changes *changes);

/* ---- Inputs ---------------------------------------------------------------- */

/* Applies one message: all its updates together, only the net change is
 * announced. now_ms stamps the alerts. Resets changes first. Refused updates
 * are reported in changes; only a gap refuses the message whole here. */
void engine_apply(struct engine *engine, const struct message *message, int64_t now_ms, struct changes *changes);

/* Sets the engine's date (a day later than the last one, or the first). */
void engine_tick(struct engine *engine, ov_day date, int64_t now_ms, struct changes *changes);
ov_day engine_date(const struct engine *engine); /* OV_DAY_NONE before the first tick */

/* An alert about a source or about the daemon itself; kind is ALERT_FEED_* or
 * ALERT_OPERATIONAL. text becomes the summary, key the alert's key. */
void engine_announce(struct engine *engine, enum alert_kind kind, const char *subject, const char *key,
                     const char *text, int64_t now_ms, struct changes *changes);

/* Records the computed segments of the scored period of a framework as official
 * decisions, effective on the engine's date, of the source FREEZE_SOURCE; they
 * stand in changes->decisions and through is the source's new position. NULL,
 * or why nothing was done (text of the arena of changes). */
#define FREEZE_SOURCE "freeze"
const char *engine_freeze(struct engine *engine, uint16_t framework, ov_day period, int64_t now_ms,
                          struct changes *changes);

/* Position of a source: last seq applied, 0 if unknown. A source is remembered
 * for good, so whoever takes messages from outside refuses new ones when there
 * is no room. */
#define SOURCES_KNOWN_MAX 10000
bool engine_source_room(const struct engine *engine, struct text source); /* it is known, or may become so */
uint64_t engine_source_last(const struct engine *engine, struct text source);
void engine_source_reset(struct engine *engine, struct text source, uint64_t last);
size_t engine_source_count(const struct engine *engine);
const char *engine_source_at(const struct engine *engine, size_t index, uint64_t *ret_last);

/* ---- Loading a stored state ------------------------------------------------- */
/* Between engine_create() and engine_loaded() nothing is evaluated. */

/* The date of the last tick; before verdicts. */
void engine_load_date(struct engine *engine, ov_day date);
void engine_load_source(struct engine *engine, struct text source, uint64_t last);

/* False when the figure fits no framework or organisation (rules changed
 * since). It is then kept apart, and so is whatever else has no place under
 * these rules: it speaks for nothing until engine_renew() finds a place for it. */
bool engine_load_figure(struct engine *engine, struct text measure, ov_day period, struct text org,
                        const struct value *value, uint32_t revision);
/* A hint that figures of the organisation come next but a few. */
void engine_load_soon(const struct engine *engine, struct text org);
bool engine_load_decision(struct engine *engine, struct text org, const struct decision_item *decision,
                          struct text source, uint64_t seq);

/* A step of a programme, in the order it was visited. A programme that no framework names is kept. */
bool engine_load_programme(struct engine *engine, struct text org, const struct programme_item *step,
                           struct text source, uint64_t seq);

/* The steps of this programme come again, all of them. */
void engine_load_programme_anew(struct engine *engine, struct text org, struct text programme);

/* What a verdict holds beyond the figures: announced state, latches, open
 * alerts. Opaque text made by engine_verdict_state(), one line of printable
 * ASCII; false when it does not parse. */
bool engine_load_verdict(struct engine *engine, uint16_t framework, uint32_t org, const char *state);
/* The same by names, kept apart like a figure when there is no such framework or organisation. */
bool engine_load_verdict_of(struct engine *engine, struct text framework, struct text org, const char *state);
/* The state of one verdict; belongs to the arena of changes. */
const char *engine_verdict_state(const struct engine *engine, uint16_t framework, uint32_t org,
                                 struct changes *changes);

/* Rebuilds rankings, evaluates everything and compares with the loaded
 * verdicts. announce: differences are moves caused by new rules and alert as
 * such (attribution rules); otherwise they are only listed in
 * changes->verdicts. */
void engine_loaded(struct engine *engine, bool announce, int64_t now_ms, struct changes *changes);

/* Takes over everything from an engine under other rules: figures, decisions,
 * verdicts, positions, the date and the last alert id. Follow with
 * engine_loaded(). Returns how many figures and decisions fit the new rules no
 * more; they are kept apart. */
size_t engine_renew(const struct engine *from, struct engine *to);
/* Only what the other keeps apart; the last of engine_renew(). */
void engine_load_dormant(const struct engine *from, struct engine *to);

/* ---- Reading ------------------------------------------------------------------ */

const struct registry *engine_registry(const struct engine *engine);
size_t engine_framework_count(const struct engine *engine);
const struct framework *engine_framework(const struct engine *engine, uint16_t framework);
uint16_t engine_find_framework(const struct engine *engine, struct text id); /* INDEX_NONE; empty id = the first */

struct move {
    int64_t time;
    int before, after;
    struct alert_id alert; /* 0-0: announced to nobody: between 1 and 2, history taken over, or closed */
};
#define MOVES_KEPT 64

struct headroom {
    int segment; /* the next better (in 3, 4) or worse (in 1, 2) segment */
    bool known;
    const struct trigger *ground; /* trigger or condition that turns over; NULL: scores */
    int measures;                 /* how many of its measures must turn over; 0 = it takes a decision or time */
    uint16_t measure;             /* the furthest of them, or INDEX_NONE (scores: the average) */
    bool moves;                   /* it does so by moving: the next three hold */
    double figure;                /* where it turns over, everybody else standing still */
    double distance;              /* units */
    bool has_places;
    uint32_t places; /* change of its rank */
    int periods;     /* and then stay there for so many, where the ground asks for more than one */
};
/* Computed when asked for; costs a look at every measure. */
void engine_headroom(const struct engine *engine, uint16_t framework, uint32_t org, struct headroom *ret_headroom);

struct standing {
    int indicative, official;
    ov_day since;  /* date of the last move of the indicative segment, OV_DAY_NONE = never moved */
    bool closed;   /* on the engine's date */
    bool assessed; /* some measure of the framework applies to its type */
    uint64_t triggers_on, triggers_unknown, triggers_latched; /* masks over framework->triggers */
    struct score_verdict score;
    const struct move *moves; /* oldest first */
    size_t move_count;
    const struct alert_id *open_alerts; /* standing segment alert and drops not yet recovered */
    size_t open_count;
};
/* The texts and arrays belong to the engine until its next change. */
void engine_standing(const struct engine *engine, uint16_t framework, uint32_t org, struct standing *ret_standing);

/* The signal of an organisation on a measure: its newest figure, rank, bands. False: no figure. */
struct signal_row {
    struct evidence evidence; /* the newest effective one for ranked measures, else the newest */
    bool bottom_quartile, bottom_decile, top_quartile;
    bool has_point;
    enum spc_point_type point_type; /* of its newest point */
    enum spc_rule rule;
    bool rule_high;
    bool drop;
};
bool engine_signal(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure,
                   struct signal_row *ret_row);

/* Does an older figure speak for a ranked measure, as the newest effective period has none? */
bool engine_held(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure);

/* Method scores: a metric score, and the average over a theme, in the scored
 * period. False: none. */
bool engine_metric_score(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure,
                         double *ret_score);
bool engine_domain_score(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t theme,
                         double *ret_score);

/* A trigger of an organisation with its evidence, whether on or not; evidence
 * belongs to the arena of changes. index counts framework->triggers. */
void engine_trigger(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t index,
                    struct changes *changes, struct alert_trigger *ret_trigger);
/* Likewise a condition for segment 1; ret_met says whether it holds. */
void engine_condition(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t index,
                      struct changes *changes, struct alert_trigger *ret_trigger, bool *ret_met);

/* One ranking. period OV_DAY_NONE: the newest effective one. False: no such ranking. */
struct league {
    ov_day period;
    bool effective;
    uint32_t n;
    double quantiles[5]; /* 0.1, 0.25, 0.5, 0.75, 0.9 from the worst end, in units of the measure */
};
struct league_row {
    uint32_t org;
    double value;
    uint32_t rank;
    bool bottom_quartile, bottom_decile, top_quartile;
    bool has_score;
    double score;
};
typedef void (*league_visit)(void *context, const struct league_row *row); /* best first */
bool engine_league(const struct engine *engine, uint16_t framework, uint16_t measure, uint8_t peer_set, ov_day period,
                   struct league *ret_league, league_visit visit, void *context);
/* The periods of a measure with figures, ascending; for tests and exports. */
size_t engine_periods(const struct engine *engine, uint16_t framework, uint16_t measure, struct changes *changes,
                      const ov_day **ret_periods);

/* What the chart shows of the point of a period, against the points up to it.
 * False: no point there, or too few for limits. */
bool engine_variation(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure, ov_day period,
                      const char **ret_name);

/* A series of an organisation, ascending; arrays belong to the arena of changes. */
struct series {
    size_t count;
    ov_day *periods;
    double *values;
    uint32_t *revisions;
    struct spc_point *points; /* NULL for measures without a chart */
};
void engine_series(const struct engine *engine, uint16_t framework, uint32_t org, uint16_t measure,
                   struct changes *changes, struct series *ret_series);

/* Visits every decision of an organisation, oldest effective date first. */
typedef void (*decision_visit)(void *context, const struct decision_change *decision);
void engine_decisions(const struct engine *engine, uint32_t org, decision_visit visit, void *context);

/* The stays of an organisation in the programmes that a framework names, up to
 * the engine's date, by programme and entry; false: there is none at that index. */
struct programme_row {
    const struct programme *programme;
    ov_day entered;
    ov_day review_by, limit, left; /* OV_DAY_NONE = none; still in it */
    const char *exit_criteria;     /* may be NULL */
    bool due, overdue;             /* on the engine's date */
};
bool engine_programme_at(const struct engine *engine, uint16_t framework, uint32_t org, size_t index,
                         struct programme_row *ret_row);

/* Where segments disagree with each other or with a fresh rating by the
 * inspectors: 1 or 2 with "requires improvement" or "inadequate", 3 or worse
 * with "good" or "outstanding". The rating is the first measure of the
 * framework that has these four words and applies to the organisation. */
struct mismatch {
    bool differ;         /* indicative and official */
    bool official_odd;   /* beside the rating */
    bool indicative_odd; /* likewise */
    uint16_t measure;    /* of the fresh rating, or INDEX_NONE */
    ov_day period;
    const char *word; /* NULL: no fresh rating */
};
/* False: nothing disagrees, or the organisation has closed. */
bool engine_mismatch(const struct engine *engine, uint16_t framework, uint32_t org, struct mismatch *ret_mismatch);

/* The programmes an organisation has steps of, whether a framework names them
 * or not: NULL after the last. Then their steps in order, as they are stored. */
struct programme_step {
    struct programme_item item;
    const char *source;
    uint64_t seq;
};
typedef void (*programme_visit)(void *context, const struct programme_step *step);
const char *engine_programme_name(const struct engine *engine, uint32_t org, size_t index);
void engine_programme_steps(const struct engine *engine, uint32_t org, const char *programme, programme_visit visit,
                            void *context);

/* Visits every stored figure of every framework once, for refilling a store. */
typedef void (*figure_visit)(void *context, const struct figure_change *figure);
void engine_figures(const struct engine *engine, figure_visit visit, void *context);
/* The same a slice at a time, from FIGURE_CURSOR_START on: looks at so many
 * places and goes on after them with the next call; false: that was all. What
 * changes meanwhile may be visited or not. A cursor is void when the engine is
 * replaced. */
struct figure_cursor {
    size_t framework, measure;
    ov_day period;
    uint32_t org;
};
#define FIGURE_CURSOR_START ((struct figure_cursor){.period = OV_DAY_NONE})
/* Called before the first figure of a measure and period, once. */
typedef void (*column_visit)(void *context, const char *measure, ov_day period);
bool engine_figures_next(const struct engine *engine, struct figure_cursor *cursor, size_t looks, column_visit begin,
                         figure_visit visit, void *context);
/* The next measure and period with figures, each once; false: that was all. */
bool engine_column_next(const struct engine *engine, struct figure_cursor *cursor, const char **ret_measure,
                        ov_day *ret_period);
/* One figure as it is stored; false: there is none. */
bool engine_figure(const struct engine *engine, struct text measure, ov_day period, uint32_t org,
                   struct value *ret_value, uint32_t *ret_revision);
/* What is kept apart: see engine_load_figure(). In the order it came. */
typedef void (*dormant_figure_visit)(void *context, struct text measure, ov_day period, struct text org,
                                     const struct value *value, uint32_t revision);
typedef void (*dormant_decision_visit)(void *context, struct text org, const struct decision_item *item,
                                       struct text source, uint64_t seq);
typedef void (*dormant_step_visit)(void *context, struct text org, const struct programme_item *item,
                                   struct text source, uint64_t seq);
typedef void (*dormant_verdict_visit)(void *context, struct text framework, struct text org, const char *state);
void engine_dormant_figures(const struct engine *engine, dormant_figure_visit visit, void *context);
void engine_dormant_decisions(const struct engine *engine, dormant_decision_visit visit, void *context);
void engine_dormant_steps(const struct engine *engine, dormant_step_visit visit, void *context);
void engine_dormant_verdicts(const struct engine *engine, dormant_verdict_visit visit, void *context);
/* The figures of one measure. */
void engine_figures_of(const struct engine *engine, struct text measure, figure_visit visit, void *context);

struct engine_counters {
    uint64_t updates, flips, evaluations, rebuilt_walks;
    uint64_t figures;      /* held now */
    uint64_t memory_bytes; /* of figures, rankings and what signals they show */
    struct ranking_totals {
        uint64_t comparisons, nodes, told;
    } ranking;
};
void engine_counters(const struct engine *engine, struct engine_counters *ret_counters);

#endif
