/*
 * One organisation looked at again: drops, missing data, decisions that came
 * into force, then the segment. What differs from before becomes alerts,
 * unless the turn is silent or the organisation has closed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/engine/announce.h"
#include "daemon/engine/evidence.h"
#include "daemon/engine/judge_drops.h"
#include "daemon/engine/judge_programmes.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/score.h"
#include "daemon/engine/scoreboard.h"
#include "daemon/engine/signal.h"
#include "daemon/engine/turn.h"

static bool is_bad(int segment) {
    return segment >= 3;
}

/* ---- Decisions ---- */

static void announce_decision(struct turn *turn, uint32_t org, const struct decision *decision, int before) {
    const struct verdict *verdict = &turn->assessment->verdicts[org];
    bool worse = decision->segment >= 4 && before < decision->segment;
    struct alert *alert = announce(turn, ALERT_DECISION_RECORDED, worse ? SEVERITY_CRITICAL : SEVERITY_NOTICE, org);
    char date[OV_DATE_SIZE];

    alert->attribution = ATTRIBUTION_DECISION;
    alert->cause = decision->cause;
    alert->consequence = turn->assessment->framework->segments[decision->segment].consequence;
    alert->detail =
        arena_printf(turn->changes->arena, "Official segment %d to %d, effective %s, decided by %s: %s%s%s", before,
                     decision->segment, date_format(decision->effective, date), decision->decided_by, decision->reason,
                     verdict->segment == decision->segment ? "" : ". The indicative segment differs",
                     judge_programmes_lacking(turn, org, decision->segment));
    if (verdict->segment == decision->segment)
        announce_say(turn, alert, org, ": official segment now %d", decision->segment);
    else
        announce_say(turn, alert, org, ": official segment now %d, by the figures it is %d", decision->segment,
                     verdict->segment);
    announce_key(alert, "decision.recorded/%s/%s/%s/%s/%" PRIu64, turn->assessment->framework->id,
                 alert->organisation->code, date, decision->cause.source, decision->cause.seq);
}

/* A decision accepted after one with a newer effective date came into force: it
 * never sets the official segment. */
static bool overtaken(const struct verdict *verdict, size_t at) {
    for (size_t i = at + 1; i < verdict->decision_count; i++)
        if (verdict->decisions[i].applied)
            return true;
    return false;
}

/* Latches that a decision coming into force releases: the one it names, and
 * those for segments worse than the one it sets. */
static void release_latches(const struct framework *framework, struct verdict *verdict, size_t at) {
    const struct decision *decision = &verdict->decisions[at];
    bool sets = !overtaken(verdict, at);

    for (size_t i = 0; i < framework->trigger_count; i++)
        if (i == decision->trigger || (sets && decision->segment < framework->triggers[i].segment))
            verdict->latched &= ~(UINT64_C(1) << i);
}

/* Brings the decisions in force up to date; returns the one that sets the
 * official segment, NULL = none yet. */
static const struct decision *apply_decisions(struct turn *turn, uint32_t org) {
    const struct framework *framework = turn->assessment->framework;
    struct verdict *verdict = &turn->assessment->verdicts[org];
    const struct decision *newest = NULL;

    turn->decided = NULL; /* one that waits is no reason */
    if (turn->assessment->date == OV_DAY_NONE)
        return NULL;
    for (size_t i = 0; i < verdict->decision_count && verdict->decisions[i].effective <= turn->assessment->date; i++) {
        newest = &verdict->decisions[i];
        if (newest->applied)
            continue;
        verdict->decisions[i].applied = true;
        verdict->changed = true;
        turn->decided = newest;
        release_latches(framework, verdict, i);
    }
    verdict->official = newest ? newest->segment : framework->default_segment;
    return newest;
}

/* ---- Missing data ---- */

static void announce_missing(struct turn *turn, uint32_t org, uint16_t measure) {
    const struct assessment *assessment = turn->assessment;
    const struct measure *m = &assessment->framework->measures[measure];
    struct alert *alert;
    struct column *column;
    char date[OV_DATE_SIZE];
    int age;

    column = figures_newest_effective(assessment->figures[measure], org, UNTIL_NOW, &age);
    alert = announce(turn, ALERT_DATA_MISSING, SEVERITY_NOTICE, org);
    alert->attribution = ATTRIBUTION_MISSING;
    alert->cause = announce_blame_measure(turn, org, measure).cause;
    alert->has_evidence = true;
    evidence_of_figure(assessment, org, measure, column, &alert->evidence);
    date_format(column->period, date);
    announce_say(turn, alert, org, " has not reported %s since %s", m->id, date);
    announce_key(alert, "data.missing/%s/%s/%s/%s", assessment->framework->id, alert->organisation->code, m->id, date);
}

static void look_at_reporting(struct turn *turn, uint32_t org, uint16_t measure, bool quiet) {
    const struct assessment *assessment = turn->assessment;
    struct verdict *verdict = &assessment->verdicts[org];
    bool was = verdict_is_missing(verdict, measure), is;

    if (!assessment->figures[measure]->measure->peer_set_count)
        return;
    is = signal_unknown(assessment, org, measure, UNTIL_NOW);
    if (is == was)
        return;
    verdict_set_missing(verdict, measure, is);
    verdict->changed = true;
    if (is && !quiet)
        announce_missing(turn, org, measure);
}

static void look_for_missing(struct turn *turn, uint32_t org, bool quiet) {
    const struct assessment *assessment = turn->assessment;

    for (uint16_t m = 0; m < assessment->framework->measure_count; m++)
        look_at_reporting(turn, org, m, quiet);
}

/* ---- Segments ---- */

static const char *first_title(const struct alert *alert) {
    const struct trigger *worst = NULL;

    for (size_t i = 0; i < alert->trigger_count; i++)
        if (!worst || alert->triggers[i].trigger->segment > worst->segment)
            worst = alert->triggers[i].trigger;
    return worst ? worst->title : "";
}

static void segment_key(struct alert *alert, const struct turn *turn, const struct verdict *verdict,
                        const char *prefix) {
    announce_key(
        alert, "%s%s/%s/%s/%d-%d/%" PRIu32, prefix,
        alert_kind_name(verdict->alert_after > verdict->alert_before ? ALERT_SEGMENT_WORSENED : ALERT_SEGMENT_IMPROVED),
        turn->assessment->framework->id, alert->organisation->code, verdict->alert_before, verdict->alert_after,
        verdict->occurrences);
}

static void announce_move(struct turn *turn, uint32_t org, int before, const struct blame *blame) {
    struct verdict *verdict = &turn->assessment->verdicts[org];
    int after = verdict->segment;
    bool worse = after > before;
    struct alert *alert = announce(turn, worse ? ALERT_SEGMENT_WORSENED : ALERT_SEGMENT_IMPROVED,
                                   worse ? announce_segment_severity(after) : SEVERITY_INFO, org);
    struct move move = {.time = turn->now, .before = before, .after = after, .alert = alert->id};

    announce_segments(turn, alert, org, before, after);
    alert->attribution = blame->attribution;
    alert->cause = blame->cause;
    if (worse && alert->trigger_count)
        announce_say(turn, alert, org, ": worsened from segment %d to %d, %s", before, after, first_title(alert));
    else if (alert->score.scored)
        announce_say(turn, alert, org,
                     ": %s from segment %d to %d, average score %d.%02d, place %" PRIu32 " of %" PRIu32,
                     worse ? "worsened" : "improved", before, after, score_hundredths(alert->score.average) / 100,
                     score_hundredths(alert->score.average) % 100, alert->score.rank, alert->score.n);
    else
        announce_say(turn, alert, org, ": %s from segment %d to %d", worse ? "worsened" : "improved", before, after);
    verdict->alert = alert->id;
    verdict->alert_before = before;
    verdict->alert_after = after;
    verdict->standing = true;
    verdict->occurrences++;
    segment_key(alert, turn, verdict, "");
    verdict_add_move(verdict, &move);
}

/* The newest segment alert, as it stood before this turn. */
struct earlier {
    struct alert_id id;
    int before, after;
    bool standing;
    uint32_t occurrences;
};

/* A correction took the cause of the earlier alert away, or changed its
 * segments or triggers: say so, besides any new move. */
static void amend(struct turn *turn, uint32_t org, const struct earlier *earlier, bool changed,
                  const struct blame *blame) {
    struct verdict *verdict = &turn->assessment->verdicts[org];
    bool worsened = earlier->after > earlier->before;
    bool gone = worsened ? verdict->segment <= earlier->before : verdict->segment >= earlier->before;
    struct verdict named = *verdict;
    struct alert *alert;
    char id[ALERT_ID_SIZE];

    if (!earlier->standing || !changed || blame->attribution != ATTRIBUTION_CORRECTION)
        return;
    alert = announce(turn, gone ? ALERT_WITHDRAWN : ALERT_AMENDED,
                     worsened ? announce_segment_severity(earlier->after) : SEVERITY_INFO, org);
    announce_segments(turn, alert, org, earlier->before, verdict->segment);
    alert->attribution = blame->attribution;
    alert->cause = blame->cause;
    announce_refers(turn, alert, earlier->id);
    announce_say(turn, alert, org, ": alert %s of segment %d to %d %s, now in segment %d",
                 alert_id_format(earlier->id, id), earlier->before, earlier->after, gone ? "withdrawn" : "amended",
                 verdict->segment);
    named.alert_before = earlier->before;
    named.alert_after = earlier->after;
    named.occurrences = earlier->occurrences;
    segment_key(alert, turn, &named, gone ? "alert.withdrawn/" : "alert.amended/");
    if (!gone) {
        size_t len = strlen(alert->key);

        snprintf(alert->key + len, sizeof alert->key - len, "/%s/%" PRIu64, blame->cause.source, blame->cause.seq);
    } else if (alert_id_compare(verdict->alert, earlier->id) == 0) {
        verdict->standing = false;
    }
}

/* Takes over the scores; true when they differ from before. */
static bool take_scores(const struct assessment *assessment, uint32_t org, struct verdict *verdict) {
    struct score_verdict before = verdict->score;

    if (!assessment->scoreboard)
        return false;
    verdict->score = scoreboard_verdict(assessment->scoreboard, org);
    return before.scored != verdict->score.scored || before.unknown != verdict->score.unknown ||
           before.average < verdict->score.average || before.average > verdict->score.average ||
           before.unadjusted != verdict->score.unadjusted || before.adjusted != verdict->score.adjusted;
}

static struct finding find_segment(const struct assessment *assessment, uint32_t org, const struct verdict *verdict) {
    const struct rules_state *state = assessment->ledger ? ledger_state(assessment->ledger, org) : NULL;

    return segment_decide(assessment, org, state, verdict->latched, verdict->official);
}

static void judge_segment(struct turn *turn, uint32_t org, bool quiet) {
    const struct assessment *assessment = turn->assessment;
    struct verdict *verdict = &assessment->verdicts[org], before = *verdict;
    struct finding found = find_segment(assessment, org, verdict);
    bool moved = found.segment != before.segment, changed = moved || found.on != before.on;
    struct blame blame = changed ? announce_blame(turn, org, &before, &found) : (struct blame){0};
    struct earlier earlier = {verdict->alert, verdict->alert_before, verdict->alert_after, verdict->standing,
                              verdict->occurrences};

    verdict->segment = found.segment;
    verdict->on = found.on;
    verdict->unknown = found.unknown;
    verdict->latched = found.latched;
    verdict->met = found.met;
    if (moved)
        verdict->since = assessment->date;
    if (moved && quiet)
        verdict->standing = false;
    if (moved && !quiet && (is_bad(before.segment) || is_bad(found.segment)))
        announce_move(turn, org, before.segment, &blame);
    else if (moved)
        verdict_add_move(verdict, &(struct move){.time = turn->now, .before = before.segment, .after = found.segment});
    if (!quiet)
        amend(turn, org, &earlier, changed, &blame);
    verdict->changed |= take_scores(assessment, org, verdict);
    verdict->changed |=
        changed || found.unknown != before.unknown || found.latched != before.latched || found.met != before.met;
}

/* What changed is in the ledger: now everything that follows from it, in the order of the alerts. */
static void judge_all(struct turn *turn, uint32_t org, bool whole, const struct ledger_news *news) {
    const struct assessment *assessment = turn->assessment;
    struct verdict *verdict = &assessment->verdicts[org];
    struct changes *changes = turn->changes;
    bool quiet = turn->silent || assessment_closed(assessment, org);
    int official = verdict->official, segment = verdict->segment;
    const struct decision *decision = whole ? apply_decisions(turn, org) : NULL;
    size_t first = changes->alert_count, last;

    judge_drops(turn, org, quiet);
    if (news->reporting || turn->reasons[org] & REASON_RULES)
        look_for_missing(turn, org, quiet);
    last = changes->alert_count;
    if (whole || news->rules)
        judge_segment(turn, org, quiet);
    /* The first ones show the segments of the whole turn like the others. */
    for (size_t i = first; i < last; i++)
        changes->alerts[i]->after = verdict->segment;
    if (decision && verdict->official != official && !quiet)
        announce_decision(turn, org, decision, official);
    if (whole)
        judge_programmes(turn, org, quiet);
    if (!verdict->changed)
        return;
    verdict_list_open(verdict);
    verdict->changed = false;
    ARENA_GROW(changes->arena, changes->verdicts, changes->verdict_count);
    changes->verdicts[changes->verdict_count++] =
        (struct verdict_change){turn->framework, org, segment, verdict->segment};
}

/* Decisions, dates, rules and programmes ask for more than the measures that changed. */
#define REASONS_OF_MEASURES (REASON_FIGURE | REASON_PERIOD | REASON_PEERS)

void judge(struct turn *turn, uint32_t org) {
    const struct assessment *assessment = turn->assessment;
    bool whole = !assessment->ledger || turn->reasons[org] & ~REASONS_OF_MEASURES;
    struct ledger_news news = {true, (turn->reasons[org] & (REASON_FIGURE | REASON_PERIOD | REASON_RULES)) != 0};

    assessment->counters->evaluations++;
    turn->decided = NULL;
    if (assessment->ledger)
        news = ledger_refresh(assessment->ledger, org, whole);
    if (!whole && !assessment->drops && !news.rules && !news.reporting)
        return;
    judge_all(turn, org, whole, &news);
}
