#include "daemon/engine/board.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/mem.h"
#include "daemon/engine/signal.h"
#include "daemon/engine/turn.h"

/* ---- Step 1: metric scores -------------------------------------------------------- */

static const struct measure *measure_at(const struct board *board, size_t position) {
    return &board->assessment->framework->measures[board->scored->measures[position]];
}

static const struct figures *figures_at(const struct board *board, size_t position) {
    return board->assessment->figures[board->scored->measures[position]];
}

static bool same(double a, double b) {
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : !(a < b) && !(a > b);
}

static void put_score(struct board *board, uint32_t org, size_t position, double score) {
    double *at = &board->scores[org * board->scored->count + position];

    if (same(*at, score))
        return;
    *at = score;
    org_list_add(&board->changed, org);
}

/* The period on which a peer set is ranked for this board. */
static struct column *choose_column(const struct board *board, size_t position, size_t set) {
    const struct figures *figures = figures_at(board, position);
    struct column *reported = NULL;

    for (size_t i = figures->count; i-- > 0;) {
        struct column *column = figures->columns[i];
        const struct table *table = &column->tables[set];

        if (column->period < board->period)
            break;
        if (column->period >= board->until || !table->count)
            continue;
        if (table->ordinal >= 0)
            return column;
        reported = reported ? reported : column;
    }
    return reported;
}

struct pass {
    const struct measure *measure;
    const struct ranking *ranking;
    double *fresh;     /* by organisation */
    double key, score; /* of the entry before: ties share their score */
};

static void score_entry(void *context, struct ranking_entry entry) {
    struct pass *pass = context;

    if (!same(entry.key, pass->key)) {
        pass->key = entry.key;
        pass->score = (double)NAN;
        score_of_number(&pass->measure->score, pass->measure->direction, pass->ranking,
                        measure_value(pass->measure, entry.key), &pass->score);
    }
    pass->fresh[entry.member] = pass->score;
}

/* One pass over a ranking: the scores of everyone in the peer set. */
static void score_peers(struct board *board, size_t position, size_t set) {
    const struct figures *figures = figures_at(board, position);
    const struct column *column = board->used[board->scored->slots[position] + set];
    uint32_t orgs = board->assessment->org_count;
    const struct table *table = column ? figures_table(figures, column, (uint8_t)set) : NULL;
    struct pass pass = {.measure = figures->measure, .key = (double)NAN, .score = (double)NAN};

    pass.fresh = mem_alloc(orgs, sizeof *pass.fresh);
    for (uint32_t org = 0; org < orgs; org++)
        pass.fresh[org] = (double)NAN;
    if (table && (pass.ranking = table->ranking))
        ranking_between(pass.ranking, -HUGE_VAL, HUGE_VAL, 0, score_entry, &pass);
    for (uint32_t org = 0; org < orgs; org++)
        if (figures_peer_set(figures, org) == set)
            put_score(board, org, position, pass.fresh[org]);
    free(pass.fresh);
}

/* A score that depends on nobody else. */
static double own_score(const struct board *board, uint32_t org, size_t position) {
    const struct figures *figures = figures_at(board, position);
    const struct measure *measure = figures->measure;
    const struct column *column = figures_newest(figures, org, board->until);
    double score = (double)NAN;

    if (!column || column->period < board->period || signal_expired(board->assessment, measure, column, UNTIL_NOW))
        return (double)NAN;
    if (measure->kind == MEASURE_NUMBER)
        score_of_number(&measure->score, measure->direction, NULL, column->values[org], &score);
    else
        score_of_word(&measure->score, (uint8_t)column->values[org], &score);
    return score;
}

static void score_own(struct board *board, uint32_t org) {
    for (size_t i = 0; i < board->scored->count; i++)
        if (!score_by_rank(measure_at(board, i)) && measure_at(board, i)->score.kind != SCORE_COMBINED)
            put_score(board, org, i, own_score(board, org, i));
}

/* NAN = none. Combined scores are found from their parts when asked for. */
static double metric_score(const struct board *board, uint32_t org, size_t position) {
    const struct measure *measure = measure_at(board, position);
    const double *scores = board->scores + org * board->scored->count;
    double score = (double)NAN, first, second;

    if (measure->score.kind != SCORE_COMBINED)
        return scores[position];
    if (!assessment_applies(board->assessment, org, measure->applies_to))
        return (double)NAN;
    first = scores[board->scored->positions[measure->score.first]];
    second = scores[board->scored->positions[measure->score.second]];
    if (!isnan(first) && !isnan(second))
        score_combined(&measure->score, first, second, &score);
    return score;
}

/* ---- Step 2: averages ------------------------------------------------------------- */

bool board_part(const struct board *board, uint32_t org, size_t position, double *ret_score) {
    double score = metric_score(board, org, position);

    if (isnan(score) || assessment_applies(board->assessment, org, board->scored->left_out[position]))
        return false;
    *ret_score = score;
    return true;
}

/* The scores that count in the average. The caller frees *ret_parts. */
static size_t parts_of(const struct board *board, uint32_t org, struct score_part **ret_parts) {
    struct score_part *parts = mem_alloc(board->scored->count, sizeof *parts);
    size_t count = 0;

    for (size_t i = 0; i < board->scored->count; i++) {
        const struct measure *measure = measure_at(board, i);
        double score;

        if (board_part(board, org, i, &score))
            parts[count++] = (struct score_part){measure->theme, score, measure->score.weight};
    }
    *ret_parts = parts;
    return count;
}

static double average_of(const struct board *board, uint32_t org) {
    struct score_part *parts;
    double average = (double)NAN;
    size_t count;

    if (!board->present[org])
        return (double)NAN;
    count = parts_of(board, org, &parts);
    score_average(parts, count, &average);
    free(parts);
    return average;
}

/* True when it differs from before. */
static bool put_average(struct board *board, uint32_t org, double average) {
    double before = board->averages[org];

    if (same(before, average))
        return false;
    if (!isnan(before) && !ranking_remove(board->ranking, score_average_key(before), org))
        abort(); /* the averages and their ranking always agree */
    if (!isnan(average) && !ranking_insert(board->ranking, score_average_key(average), org))
        abort();
    board->averages[org] = average;
    return true;
}

/* ---- Step 3: cuts and unadjusted segments ------------------------------------------- */

/* True when the cuts differ from before. */
static bool find_bounds(struct board *board) {
    const struct scoring *scoring = &board->assessment->framework->scoring;
    const struct cut_set *set = scoring->quartiles ? NULL : score_cuts_at(scoring, board->period);
    double bounds[3] = {0}, before[3];
    bool had = board->has_bounds;

    if (set)
        memcpy(bounds, set->bounds, sizeof bounds);
    else if (scoring->quartiles && ranking_count(board->ranking))
        score_cuts_quartiles(board->ranking, bounds);
    memcpy(before, board->bounds, sizeof before);
    memcpy(board->bounds, bounds, sizeof bounds);
    board->has_bounds = set || (scoring->quartiles && ranking_count(board->ranking));
    return had != board->has_bounds || memcmp(before, bounds, sizeof bounds) != 0;
}

static bool put_unadjusted(struct board *board, uint32_t org) {
    uint8_t before = board->unadjusted[org];

    board->unadjusted[org] = 0;
    if (board->has_bounds && !isnan(board->averages[org]))
        board->unadjusted[org] = (uint8_t)score_segment(board->averages[org], board->bounds);
    return board->unadjusted[org] != before;
}

/* Averages of those whose scores changed, then the cuts, then the segments. */
static void settle(struct board *board, struct org_list *stale) {
    bool cuts;

    for (size_t i = 0; i < board->changed.count; i++) {
        uint32_t org = board->changed.orgs[i];

        if (put_average(board, org, average_of(board, org)) && stale)
            org_list_add(stale, org);
    }
    cuts = find_bounds(board);
    for (size_t i = 0; i < board->changed.count; i++)
        if (put_unadjusted(board, board->changed.orgs[i]) && stale)
            org_list_add(stale, board->changed.orgs[i]);
    for (uint32_t org = 0; cuts && org < board->assessment->org_count; org++)
        if (put_unadjusted(board, org) && stale)
            org_list_add(stale, org);
    org_list_clear(&board->changed);
}

/* ---- Making and following ------------------------------------------------------------- */

struct board *board_create(const struct assessment *assessment, const struct scored *scored, ov_day period,
                           ov_day until, const uint8_t *present) {
    struct board *board = mem_alloc(1, sizeof *board);
    uint32_t orgs = assessment->org_count;

    board->assessment = assessment;
    board->scored = scored;
    board->period = period;
    board->until = until;
    board->present = present;
    board->scores = mem_alloc(orgs * scored->count, sizeof *board->scores);
    board->averages = mem_alloc(orgs, sizeof *board->averages);
    board->unadjusted = mem_alloc(orgs, sizeof *board->unadjusted);
    board->used = mem_alloc(scored->slot_count, sizeof(struct column *));
    if (!(board->ranking = ranking_create()))
        abort();
    org_list_init(&board->changed, orgs);
    for (size_t i = 0; i < orgs * scored->count; i++)
        board->scores[i] = (double)NAN;
    for (uint32_t org = 0; org < orgs; org++) {
        board->averages[org] = (double)NAN;
        score_own(board, org);
    }
    for (size_t i = 0; i < scored->count; i++)
        for (size_t set = 0; score_by_rank(measure_at(board, i)) && set < measure_at(board, i)->peer_set_count; set++) {
            board->used[scored->slots[i] + set] = choose_column(board, i, set);
            score_peers(board, i, set);
        }
    settle(board, NULL);
    return board;
}

void board_destroy(struct board *board) {
    if (!board)
        return;
    ranking_destroy(board->ranking);
    org_list_finish(&board->changed);
    free(board->used);
    free(board->unadjusted);
    free(board->averages);
    free(board->scores);
    free(board);
}

static bool was_touched(const struct turn *turn, const struct column *column, uint16_t measure, size_t set) {
    for (size_t i = 0; column && i < turn->table_count; i++)
        if (turn->tables[i].column == column && turn->tables[i].measure == measure && turn->tables[i].set == set)
            return true;
    return false;
}

/* The rankings that have changed, or have given way to those of another period. */
static void follow_rankings(struct board *board, const struct turn *turn) {
    for (size_t i = 0; i < board->scored->count; i++)
        for (size_t set = 0; score_by_rank(measure_at(board, i)) && set < measure_at(board, i)->peer_set_count; set++) {
            struct column **used = &board->used[board->scored->slots[i] + set];
            struct column *column = choose_column(board, i, set);

            if (column == *used && !was_touched(turn, column, board->scored->measures[i], set))
                continue;
            board->switched |= *used && column && column->period > (*used)->period;
            *used = column;
            score_peers(board, i, set);
        }
}

void board_turn(struct board *board, const struct turn *turn, struct org_list *stale) {
    board->switched = false;
    if (turn->table_count)
        follow_rankings(board, turn);
    for (size_t i = 0; i < turn->dirty_count; i++)
        if (turn->reasons[turn->dirty[i]] & (REASON_FIGURE | REASON_DATE | REASON_RULES))
            score_own(board, turn->dirty[i]);
    settle(board, stale);
}

/* The period whose figure is scored; NULL = none. */
static const struct column *scored_column(const struct board *board, uint32_t org, size_t position) {
    const struct figures *figures = figures_at(board, position);
    uint8_t set = figures_peer_set(figures, org);

    if (figures->measure->score.kind == SCORE_COMBINED)
        return NULL;
    if (!score_by_rank(figures->measure))
        return figures_newest(figures, org, board->until);
    return set == PEER_SET_NONE ? NULL : board->used[board->scored->slots[position] + set];
}

bool board_score(const struct board *board, uint32_t org, uint16_t measure, double *ret_score, ov_day *ret_period) {
    uint16_t position = board->scored->positions[measure];
    const struct column *column;
    double score;

    if (position == INDEX_NONE || !board->present[org])
        return false;
    score = metric_score(board, org, position);
    if (isnan(score))
        return false;
    column = scored_column(board, org, position);
    *ret_score = score;
    *ret_period = column ? column->period : OV_DAY_NONE;
    return true;
}

bool board_domain(const struct board *board, uint32_t org, uint16_t theme, double *ret_score) {
    struct score_part *parts;
    size_t count;
    bool any;

    if (!board->present[org])
        return false;
    count = parts_of(board, org, &parts);
    any = score_domain(parts, count, theme, ret_score);
    free(parts);
    return any;
}
