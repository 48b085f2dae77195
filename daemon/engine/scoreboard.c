#include "daemon/engine/scoreboard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"
#include "daemon/engine/org_list.h"
#include "daemon/engine/scored_periods.h"
#include "daemon/engine/signal.h"
#include "daemon/engine/turn.h"

struct row {
    struct scored_period *speaks; /* whose scores count; NULL = it has none */
    double average;
    int unadjusted, adjusted, final; /* 0 = none */
    bool in_league;
    bool deficit, recovery;
};

struct scoreboard {
    const struct assessment *assessment;
    struct scored scored;
    struct scored_periods periods;
    struct scored_period *current; /* the scored period; NULL = none yet */
    bool moved;                    /* in the last turn */
    struct row *rows;              /* by organisation */
    struct ranking *league;
    struct org_list stale; /* whose row must be found again */
};

struct scoreboard *scoreboard_create(const struct assessment *assessment) {
    struct scoreboard *scoreboard = mem_alloc(1, sizeof *scoreboard);

    scoreboard->assessment = assessment;
    scored_init(&scoreboard->scored, assessment->framework);
    scored_periods_init(&scoreboard->periods, assessment, &scoreboard->scored);
    scoreboard->rows = mem_alloc(assessment->org_count, sizeof *scoreboard->rows);
    if (!(scoreboard->league = ranking_create()))
        abort();
    org_list_init(&scoreboard->stale, assessment->org_count);
    return scoreboard;
}

void scoreboard_destroy(struct scoreboard *scoreboard) {
    if (!scoreboard)
        return;
    scored_periods_finish(&scoreboard->periods);
    scored_finish(&scoreboard->scored);
    ranking_destroy(scoreboard->league);
    org_list_finish(&scoreboard->stale);
    free(scoreboard->rows);
    free(scoreboard);
}

/* ---- Steps 4 and 5 ------------------------------------------------------------------ */

/* The organisation's newest figure on a measure the framework names, unless it is too old to speak. */
static bool newest_figure(const struct assessment *assessment, uint32_t org, uint16_t measure, double *ret_value) {
    const struct column *column;

    if (measure == INDEX_NONE)
        return false;
    column = figures_newest(assessment->figures[measure], org, UNTIL_NOW);
    if (!column || signal_expired(assessment, &assessment->framework->measures[measure], column, UNTIL_NOW))
        return false;
    *ret_value = column->values[org];
    return true;
}

static void find_override(struct scoreboard *scoreboard, uint32_t org) {
    const struct assessment *assessment = scoreboard->assessment;
    const struct scoring *scoring = &assessment->framework->scoring;
    struct row *row = &scoreboard->rows[org];
    double number, planned, variance;
    bool has_flag = newest_figure(assessment, org, scoring->deficit_flag, &number), flag = has_flag && number > 0;
    bool has_planned = newest_figure(assessment, org, scoring->deficit_planned, &planned);
    bool has_variance = newest_figure(assessment, org, scoring->deficit_variance, &variance);
    bool deficit =
        score_in_deficit(has_flag ? &flag : NULL, has_planned ? &planned : NULL, has_variance ? &variance : NULL);
    bool recovery = newest_figure(assessment, org, scoring->recovery_flag, &number) && number > 0;

    if (deficit == row->deficit && recovery == row->recovery)
        return;
    row->deficit = deficit;
    row->recovery = recovery;
    org_list_add(&scoreboard->stale, org);
}

/* ---- Rows ---------------------------------------------------------------------------- */

static const struct board *board_of(const struct scoreboard *scoreboard, struct scored_period *period) {
    if (!period->board)
        period->board =
            board_create(scoreboard->assessment, &scoreboard->scored, period->period, period->until, period->present);
    return period->board;
}

/* The newest effective period in which the organisation has an average. */
static struct scored_period *find_period(const struct scoreboard *scoreboard, uint32_t org) {
    for (size_t i = scoreboard->periods.count; i-- > 0;) {
        struct scored_period *period = scoreboard->periods.periods[i];

        if (period->effective && period->present[org] && board_of(scoreboard, period)->unadjusted[org])
            return period;
    }
    return NULL;
}

static void put_league(struct scoreboard *scoreboard, uint32_t org, const struct row *before, const struct row *after) {
    if (before->in_league &&
        !ranking_remove(scoreboard->league, score_league_key(before->adjusted, before->average), org))
        abort(); /* rows and league always agree */
    if (after->in_league && !ranking_insert(scoreboard->league, score_league_key(after->adjusted, after->average), org))
        abort();
}

/* True when anything in the row has changed. */
static bool find_row(struct scoreboard *scoreboard, uint32_t org) {
    struct row before = scoreboard->rows[org], after = {.deficit = before.deficit, .recovery = before.recovery};

    after.speaks = find_period(scoreboard, org);
    if (after.speaks) {
        after.average = after.speaks->board->averages[org];
        after.unadjusted = after.speaks->board->unadjusted[org];
        after.adjusted = score_adjusted(after.unadjusted, after.deficit);
        after.final = score_final(after.adjusted, after.recovery);
        after.in_league = after.speaks == scoreboard->current;
        after.speaks->users++;
    }
    if (before.speaks)
        before.speaks->users--;
    put_league(scoreboard, org, &before, &after);
    scoreboard->rows[org] = after;
    return before.speaks != after.speaks || before.in_league != after.in_league || before.average < after.average ||
           before.average > after.average || before.unadjusted != after.unadjusted ||
           before.adjusted != after.adjusted || before.final != after.final;
}

static void add_all(struct scoreboard *scoreboard) {
    for (uint32_t org = 0; org < scoreboard->assessment->org_count; org++)
        org_list_add(&scoreboard->stale, org);
}

/* Boards of periods from which nobody's segment comes. */
static void drop_boards(struct scoreboard *scoreboard) {
    for (size_t i = 0; i < scoreboard->periods.count; i++) {
        struct scored_period *period = scoreboard->periods.periods[i];

        if (period->users || period == scoreboard->current)
            continue;
        board_destroy(period->board);
        period->board = NULL;
    }
}

/* ---- Loading and following -------------------------------------------------------------- */

void scoreboard_load(struct scoreboard *scoreboard) {
    scored_periods_load(&scoreboard->periods);
    scoreboard->current = scored_periods_newest(&scoreboard->periods);
    for (uint32_t org = 0; org < scoreboard->assessment->org_count; org++) {
        find_override(scoreboard, org);
        find_row(scoreboard, org);
    }
    org_list_clear(&scoreboard->stale);
    drop_boards(scoreboard);
}

/* Who reports in which period. Late figures can give, or take away, the score
 * of an older period from which somebody's segment comes. */
static void follow_periods(struct scoreboard *scoreboard, const struct turn *turn) {
    ov_day from = UNTIL_NOW;
    bool late = false, differs = false;

    for (size_t i = 0; i < turn->touch_count; i++) {
        const struct touch *touch = &turn->touches[i];

        if (!scored_has_figures(&scoreboard->scored, scoreboard->assessment->framework, touch->measure))
            continue;
        scored_periods_note(&scoreboard->periods, touch->org, touch->measure, touch->period, &from);
        late |= scoreboard->current && touch->period < scoreboard->current->period;
    }
    if (from != UNTIL_NOW)
        differs = scored_periods_walk(&scoreboard->periods, from);
    scoreboard->moved = scored_periods_newest(&scoreboard->periods) != scoreboard->current;
    scoreboard->current = scored_periods_newest(&scoreboard->periods);
    if (late || differs)
        add_all(scoreboard);
}

void scoreboard_turn(struct scoreboard *scoreboard, struct turn *turn) {
    follow_periods(scoreboard, turn);
    for (size_t i = 0; i < scoreboard->periods.count; i++)
        if (scoreboard->periods.periods[i]->board)
            board_turn(scoreboard->periods.periods[i]->board, turn, &scoreboard->stale);
    for (size_t i = 0; i < turn->dirty_count; i++)
        if (turn->reasons[turn->dirty[i]] & (REASON_FIGURE | REASON_DATE | REASON_RULES))
            find_override(scoreboard, turn->dirty[i]);
    for (size_t i = 0; i < scoreboard->stale.count; i++)
        if (find_row(scoreboard, scoreboard->stale.orgs[i]))
            turn_mark(turn, scoreboard->stale.orgs[i], scoreboard->moved ? REASON_PERIOD : REASON_PEERS);
    org_list_clear(&scoreboard->stale);
    drop_boards(scoreboard);
}

bool scoreboard_moved(const struct scoreboard *scoreboard) {
    const struct board *board = scoreboard->current ? scoreboard->current->board : NULL;

    return scoreboard->moved || (board && board->switched);
}

/* ---- Answers -------------------------------------------------------------------------------- */

struct finding scoreboard_find(const struct scoreboard *scoreboard, uint32_t org) {
    const struct row *row = &scoreboard->rows[org];
    struct finding finding = {.segment = row->final, .step = 3};

    if (!row->final)
        return (struct finding){.segment = scoreboard->assessment->framework->default_segment, .step = 2};
    if (row->final != row->adjusted)
        finding.step = 5;
    else if (row->adjusted != row->unadjusted)
        finding.step = 4;
    return finding;
}

struct score_verdict scoreboard_verdict(const struct scoreboard *scoreboard, uint32_t org) {
    const struct row *row = &scoreboard->rows[org];
    struct score_verdict verdict = {.scored = row->in_league,
                                    .unknown = row->speaks && !row->in_league,
                                    .average = row->average,
                                    .unadjusted = row->unadjusted,
                                    .adjusted = row->adjusted};

    if (row->in_league) {
        verdict.rank = ranking_rank(scoreboard->league, score_league_key(row->adjusted, row->average));
        verdict.n = ranking_count(scoreboard->league);
    }
    return verdict;
}

const struct score_grounds *scoreboard_grounds(const struct scoreboard *scoreboard, uint32_t org, struct arena *arena) {
    const struct row *row = &scoreboard->rows[org];
    const struct board *board = row->speaks ? row->speaks->board : NULL;
    struct score_grounds *grounds;

    if (!board)
        return NULL;
    grounds = arena_alloc(arena, 1, sizeof *grounds);
    grounds->period = row->speaks->period;
    grounds->has_cuts = board->has_bounds;
    memcpy(grounds->cuts, board->bounds, sizeof grounds->cuts);
    grounds->deficit = row->deficit;
    grounds->recovery = row->recovery;
    grounds->parts = arena_alloc(arena, scoreboard->scored.count, sizeof *grounds->parts);
    for (size_t i = 0; i < scoreboard->scored.count; i++) {
        double score;

        if (board_part(board, org, i, &score))
            grounds->parts[grounds->part_count++] = (struct score_ground){
                &scoreboard->assessment->framework->measures[scoreboard->scored.measures[i]], score};
    }
    return grounds;
}

bool scoreboard_concerns(const struct scoreboard *scoreboard, uint32_t org, uint16_t measure, ov_day period) {
    const struct scoring *scoring = &scoreboard->assessment->framework->scoring;
    const struct scored_period *of[] = {scoreboard->rows[org].speaks, scoreboard->current};

    if (measure == scoring->deficit_flag || measure == scoring->deficit_planned ||
        measure == scoring->deficit_variance || measure == scoring->recovery_flag)
        return true;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (of[i] && period >= of[i]->period && period < of[i]->until &&
            scored_has_figures(&scoreboard->scored, scoreboard->assessment->framework, measure))
            return true;
    return false;
}

ov_day scoreboard_period(const struct scoreboard *scoreboard) {
    return scoreboard->current ? scoreboard->current->period : OV_DAY_NONE;
}

bool scoreboard_metric(const struct scoreboard *scoreboard, uint32_t org, uint16_t measure, double *ret_score,
                       ov_day *ret_period) {
    return scoreboard->current && scoreboard->current->board &&
           board_score(scoreboard->current->board, org, measure, ret_score, ret_period);
}

bool scoreboard_domain(const struct scoreboard *scoreboard, uint32_t org, uint16_t theme, double *ret_score) {
    return scoreboard->current && scoreboard->current->board &&
           board_domain(scoreboard->current->board, org, theme, ret_score);
}
